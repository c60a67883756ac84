package demo

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// needle is something that must not be found.
type needle struct {
	what string
	word []byte
}

// forms are the ways in which a word may stand in a file: as it is, in hex, and in base64 at each of the three alignments.
func (n needle) forms() [][]byte {
	forms := [][]byte{n.word, []byte(hex.EncodeToString(n.word)), []byte(strings.ToUpper(hex.EncodeToString(n.word)))}
	for shift := range 3 {
		padded := append(make([]byte, shift), n.word...)
		for _, enc := range []*base64.Encoding{base64.StdEncoding, base64.URLEncoding} {
			s := enc.EncodeToString(padded)
			first := (8*shift + 5) / 6 // characters that hold a bit of the shift
			last := len(padded) / 3 * 4
			if first < last {
				forms = append(forms, []byte(s[first:last]))
			}
		}
	}
	return forms
}

func (n needle) in(haystack []byte) bool {
	for _, form := range n.forms() {
		if bytes.Contains(haystack, form) {
			return true
		}
	}
	return false
}

// place is where the story looks, with something that must be found there, so that the search can fail.
type place struct {
	what    string
	paths   []string
	planted needle
}

// searches looks for everything secret in every place where it must not be.
func (s *story) searches(ctx context.Context) error {
	if err := s.ada.LogOut(ctx); err != nil {
		return err
	}
	s.true("ada logged out; her keys were wiped")
	s.quick()
	if err := s.server.Stop(); err != nil {
		return err
	}
	var desks []string
	for _, d := range s.desks {
		desks = append(desks, filepath.Join(s.Keep, "desk-"+d.name))
	}
	state := s.server.State()
	for _, p := range []place{
		{"the database", []string{filepath.Join(state, "visavis.db")}, needle{"an e-mail address", []byte("ben@example.org")}},
		{"its write-ahead log, while the server ran", []string{filepath.Join(s.snapshot, "visavis.db-wal")}, needle{"the newest audit event", []byte("login.password")}},
		{"the server's log", []string{s.server.Log()}, needle{"a line of it", []byte("session begins")}},
		{"the rest of the server's files", []string{state}, needle{"the settings", []byte("allow_virtual")}},
		{"the recorded wire", []string{s.tape.Name()}, needle{"the protocol's name in a TLS hello", []byte("visavis/1")}},
		{"the desks' files", desks, needle{"a desk's name", []byte("counter")}},
	} {
		if err := s.search(p); err != nil {
			return err
		}
	}
	return nil
}

func (s *story) search(p place) error {
	var size int
	found := map[string]string{}
	planted := false
	for _, path := range p.paths {
		err := filepath.WalkDir(path, func(file string, e fs.DirEntry, err error) error {
			if err != nil || !e.Type().IsRegular() {
				return err
			}
			b, err := os.ReadFile(file)
			if err != nil {
				return err
			}
			size += len(b)
			planted = planted || p.planted.in(b)
			for _, n := range s.secret {
				if n.in(b) {
					found[n.what] = file
				}
			}
			return nil
		})
		if err != nil {
			return err
		}
	}
	for what, file := range found {
		return fmt.Errorf("%w: %s was found in %s", ErrUntrue, what, file)
	}
	return s.check(planted, "%s (%d kB): none of %d secrets (words said, passwords, phrases, descriptors; plain, hex, base64); %s, which may be there, was found",
		p.what, size/1000, len(s.secret), p.planted.what)
}

// keepLive copies the database with its write-ahead log while the server runs: at its end the log goes into the database.
func (s *story) keepLive() error {
	s.snapshot = filepath.Join(s.Keep, "live")
	if err := os.MkdirAll(s.snapshot, 0o700); err != nil {
		return err
	}
	for _, name := range []string{"visavis.db", "visavis.db-wal"} {
		b, err := os.ReadFile(filepath.Join(s.server.State(), name))
		if err != nil {
			return err
		}
		if err := os.WriteFile(filepath.Join(s.snapshot, name), b, 0o600); err != nil {
			return err
		}
	}
	return nil
}
