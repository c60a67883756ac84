package client

import (
	"crypto/ed25519"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"visavis/chat/trust"
	"visavis/models"
	"visavis/models/canon"
)

// deskState is the file's form.
type deskState struct {
	_ struct{} `cbor:",toarray"`
	deskFields
	Others [][]byte    // vault peppers beside Pepper, the newest first
	Named  models.Hash // the pepper that the directory names
}

// deskState1 is the form of version 1: a desk's of before any vault pepper was replaced.
type deskState1 struct {
	_ struct{} `cbor:",toarray"`
	deskFields
}

// deskFields are common to all versions.
type deskFields struct {
	Version   uint8
	ID        models.DeskID
	Name      string
	Addresses []string
	CA        models.Hash
	Device    []byte // Ed25519 seed
	TLS       []byte // Ed25519 seed
	Cert      []byte
	Request   []byte
	Org       models.OrgID
	Root      models.Hash
	Pepper    []byte
	Seen      uint64
	Head      models.Hash
}

// encodeDesk writes the oldest version that can say it.
func encodeDesk(f deskFields, p peppers) []byte {
	if len(p.others) == 0 && p.named.IsZero() {
		f.Version = 1
		return canon.MustMarshal(deskState1{deskFields: f})
	}
	others := make([][]byte, len(p.others))
	for i := range others {
		others[i] = p.others[i][:]
	}
	return canon.MustMarshal(deskState{deskFields: f, Others: others, Named: p.named})
}

// decodeDesk reads what encodeDesk wrote.
func decodeDesk(b []byte) (f deskFields, p peppers, err error) {
	fail := func() (deskFields, peppers, error) { return deskFields{}, peppers{}, ErrDeskFile }
	var now deskState
	var old deskState1
	switch {
	case canon.Unmarshal(b, &now) == nil && now.Version == deskVersion && (len(now.Others) > 0 || !now.Named.IsZero()):
		f, p.named = now.deskFields, now.Named
	case canon.Unmarshal(b, &old) == nil && old.Version == 1:
		f, now.Others = old.deskFields, nil
	default:
		return fail()
	}
	if len(f.Device) != ed25519.SeedSize || len(f.TLS) != ed25519.SeedSize || len(f.Addresses) == 0 || len(f.Pepper) != len(trust.Pepper{}) ||
		len(now.Others) >= maxPeppers {
		return fail()
	}
	for _, other := range now.Others {
		if len(other) != len(trust.Pepper{}) {
			return fail()
		}
		p.others = append(p.others, trust.Pepper(other))
	}
	return f, p, nil
}

// writable makes the folder and a file in it, which it removes.
func writable(dir string) error {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	f, err := os.CreateTemp(dir, deskFile+".*")
	if err != nil {
		return err
	}
	return errors.Join(f.Close(), os.Remove(f.Name()))
}

// writeFile writes durably: the old content or the new one stands there, never a part.
func writeFile(path string, b []byte) error {
	f, err := os.CreateTemp(filepath.Dir(path), filepath.Base(path)+".*") // made with mode 0600
	if err != nil {
		return err
	}
	defer os.Remove(f.Name())
	_, err = f.Write(b)
	if err == nil {
		err = f.Sync()
	}
	if cerr := f.Close(); err == nil {
		err = cerr
	}
	if err == nil {
		err = os.Rename(f.Name(), path)
	}
	if err != nil {
		return fmt.Errorf("write %s: %w", path, err)
	}
	dir, err := os.Open(filepath.Dir(path))
	if err != nil {
		return err
	}
	defer dir.Close()
	return dir.Sync()
}
