package main

import (
	"context"
	"crypto/ed25519"
	"crypto/tls"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"visavis/biometrics/template"
	"visavis/chat/pake"
	"visavis/chat/pki"
	"visavis/config"
	"visavis/models"
	"visavis/models/sqlstore"
)

// The files of a state folder, beside config.FileName.
const (
	authorityFile = "ca.pem"
	serverFile    = "server.pem"
	templateFile  = "templates.key"
	opaqueFile    = "opaque.key"
	databaseFile  = "visavis.db"

	maxStateFile = 1 << 16
)

var (
	errNoState   = errors.New("no state there: run `visavisd init` first, or name another folder")
	errHasState  = errors.New("there is something already, and init overwrites nothing: name an empty or a new folder")
	errOpenToAll = errors.New("others may read it, and it holds keys")
)

// state is an open state folder.
type state struct {
	dir         string
	config      config.Config
	authority   *pki.Authority
	certificate tls.Certificate
	ring        template.Ring
	secrets     pake.Secrets
	store       *sqlstore.Store
}

// makeState fills dir, which must be new or empty. What it began and could not finish is removed.
func makeState(ctx context.Context, dir string, c config.Config, now time.Time) (_ *state, err error) {
	created, err := emptyDir(dir)
	if err != nil {
		return nil, err
	}
	s := &state{dir: dir, config: c}
	var written []string
	defer func() {
		if err == nil {
			return
		}
		if s.store != nil {
			_ = s.store.Close()
		}
		for _, name := range written {
			_ = os.Remove(filepath.Join(dir, name))
		}
		if created {
			_ = os.Remove(dir)
		}
	}()
	files, err := s.draw(now)
	if err != nil {
		return nil, err
	}
	// The database is made first, and only by one: whoever finds it there has lost the race, and nothing of it is his to remove.
	if s.store, err = sqlstore.Create(ctx, filepath.Join(dir, databaseFile)); errors.Is(err, models.ErrExists) {
		return nil, fmt.Errorf("make the state folder %s: %w", dir, errHasState)
	}
	written = []string{databaseFile, databaseFile + "-wal", databaseFile + "-shm"}
	if err != nil {
		return nil, err
	}
	for _, f := range files { // the settings are last: a folder without them is not a state
		written = append(written, f.name)
		if err := writeNew(filepath.Join(dir, f.name), f.content); err != nil {
			return nil, fmt.Errorf("write %s: %w", f.name, err)
		}
	}
	return s, syncDir(dir)
}

type stateFile struct {
	name    string
	content []byte
}

// draw makes every key and returns the files to be.
func (s *state) draw(now time.Time) (files []stateFile, err error) {
	settings, err := s.config.Encode()
	if err != nil {
		return nil, err
	}
	if s.authority, err = pki.NewAuthority(nil, s.config.Server.Organisation, now); err != nil {
		return nil, err
	}
	key, err := pki.NewKey(nil)
	if err != nil {
		return nil, err
	}
	if err := s.certify(key, now); err != nil {
		return nil, err
	}
	if s.ring, err = template.NewRing(nil); err != nil {
		return nil, err
	}
	if s.secrets, err = pake.NewSecrets(nil); err != nil {
		return nil, err
	}
	ca, err := s.authority.Encode()
	if err != nil {
		return nil, err
	}
	server, err := pki.EncodeCertificate(s.certificate)
	if err != nil {
		return nil, err
	}
	return []stateFile{
		{authorityFile, ca},
		{serverFile, server},
		{templateFile, s.ring.Encode()},
		{opaqueFile, s.secrets.Encode()},
		{config.FileName, settings},
	}, nil
}

// certify issues the server's certificate for the hosts of the settings.
func (s *state) certify(key ed25519.PrivateKey, now time.Time) error {
	leaf, err := s.authority.IssueServer(nil, s.config.Hosts(), key.Public().(ed25519.PublicKey), now)
	if err != nil {
		return err
	}
	s.certificate, err = pki.NewCertificate(key, leaf, s.authority.Certificate().Raw)
	return err
}

// openState opens what makeState made. Whoever else may read any of it, it is refused.
func openState(ctx context.Context, dir string) (_ *state, err error) {
	if err := findState(dir); err != nil {
		return nil, err
	}
	for _, name := range []string{config.FileName, authorityFile, serverFile, templateFile, opaqueFile, databaseFile} {
		if err := checkMode(filepath.Join(dir, name)); err != nil {
			return nil, err
		}
	}
	s := &state{dir: dir}
	if s.config, err = config.Load(filepath.Join(dir, config.FileName)); err != nil {
		return nil, err
	}
	for _, f := range []struct {
		name  string
		parse func([]byte) error
	}{
		{authorityFile, func(b []byte) (err error) { s.authority, err = pki.ParseAuthority(b); return err }},
		{serverFile, func(b []byte) (err error) { s.certificate, err = pki.ParseCertificate(b); return err }},
		{templateFile, func(b []byte) (err error) { s.ring, err = template.ParseRing(b); return err }},
		{opaqueFile, func(b []byte) (err error) { s.secrets, err = pake.DecodeSecrets(b); return err }},
	} {
		b, err := readSmall(filepath.Join(dir, f.name))
		if err != nil {
			return nil, err
		}
		if err := f.parse(b); err != nil {
			return nil, fmt.Errorf("read %s: %w: restore it from a backup", filepath.Join(dir, f.name), err)
		}
	}
	if s.store, err = sqlstore.Open(ctx, filepath.Join(dir, databaseFile)); err != nil {
		return nil, err
	}
	return s, nil
}

// findState says whether dir is a state folder that nobody else may read, and touches nothing.
func findState(dir string) error {
	if err := checkMode(dir); err != nil {
		return err
	}
	if _, err := os.Stat(filepath.Join(dir, config.FileName)); errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("open the state folder %s: %w", dir, errNoState)
	}
	return nil
}

func (s *state) close() error { return s.store.Close() }

// recertify issues the server's certificate again, for the same key, when the settings name hosts that it lacks or it is another
// authority's. It reports whether it did.
func (s *state) recertify(now time.Time) (bool, error) {
	good := len(s.certificate.Certificate) == 2 && s.certificate.Leaf.CheckSignatureFrom(s.authority.Certificate()) == nil
	for _, host := range s.config.Hosts() {
		good = good && s.certificate.Leaf.VerifyHostname(host) == nil
	}
	if good {
		return false, nil
	}
	key, ok := s.certificate.PrivateKey.(ed25519.PrivateKey)
	if !ok {
		return false, pki.ErrKeyType
	}
	if err := s.certify(key, now); err != nil {
		return false, err
	}
	b, err := pki.EncodeCertificate(s.certificate)
	if err != nil {
		return false, err
	}
	return true, s.replace(serverFile, b)
}

// replace writes a file of the state anew and durably: the old content or the new one stands there, never a part.
func (s *state) replace(name string, b []byte) error {
	path := filepath.Join(s.dir, name)
	_ = os.Remove(path + ".new") // left by a crash
	err := writeNew(path+".new", b)
	if err == nil {
		err = os.Rename(path+".new", path)
	}
	if err != nil {
		return fmt.Errorf("write %s: %w", name, err)
	}
	return syncDir(s.dir)
}

// emptyDir makes dir, or finds it empty; created says which.
func emptyDir(dir string) (created bool, err error) {
	err = os.Mkdir(dir, 0o700)
	if err == nil {
		return true, nil
	}
	if !errors.Is(err, fs.ErrExist) {
		return false, fmt.Errorf("make the state folder: %w", err)
	}
	names, err := os.ReadDir(dir)
	if err != nil || len(names) > 0 {
		return false, fmt.Errorf("make the state folder %s: %w", dir, errHasState)
	}
	return false, checkMode(dir)
}

func checkMode(path string) error {
	fi, err := os.Stat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return fmt.Errorf("open %s: %w", path, errNoState)
	case err != nil:
		return err
	case fi.Mode().Perm()&0o077 != 0:
		return fmt.Errorf("open %s (mode %#o): %w: chmod go= %[1]s", path, fi.Mode().Perm(), errOpenToAll)
	}
	return nil
}

func writeNew(path string, b []byte) error {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	_, err = f.Write(b)
	return errors.Join(err, f.Sync(), f.Close())
}

func readSmall(path string) ([]byte, error) {
	fi, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	if fi.Size() > maxStateFile {
		return nil, fmt.Errorf("read %s: %d bytes, at most %d expected", path, fi.Size(), maxStateFile)
	}
	return os.ReadFile(path)
}

func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}
