package client

import (
	"bytes"
	"crypto/ed25519"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"

	"visavis/biometrics/liveness"
	"visavis/chat/trust"
	"visavis/models"
	"visavis/models/canon"
)

// FuzzDeskFile reads what somebody has written over a desk's file: what is taken is written back as it was.
func FuzzDeskFile(f *testing.F) {
	good := deskFields{Version: deskVersion, ID: models.DeskID{1}, Name: "hall", Addresses: []string{"127.0.0.1:1"}, Device: make([]byte, ed25519.SeedSize),
		TLS: make([]byte, ed25519.SeedSize), Pepper: make([]byte, 32), Seen: 2, Head: models.Hash{3}}
	f.Add(encodeDesk(good, peppers{}))
	f.Add(encodeDesk(good, peppers{[]trust.Pepper{{4}}, models.Hash{5}}))
	f.Add(canon.MustMarshal(deskState{}))
	dir := f.TempDir()
	path := filepath.Join(dir, deskFile)
	f.Fuzz(func(t *testing.T, b []byte) {
		if err := os.WriteFile(path, b, 0o600); err != nil {
			t.Fatal(err)
		}
		d, err := LoadDesk(Options{}, dir)
		if err != nil {
			return
		}
		if err := d.save(); err != nil {
			t.Fatal(err)
		}
		if again, err := os.ReadFile(path); err != nil || !bytes.Equal(again, b) {
			t.Fatalf("written back as %x, %v", again, err)
		}
	})
}

// FuzzAuditFile is the same for what the desk has seen of the audit log.
func FuzzAuditFile(f *testing.F) {
	desk := models.DeskID{1}
	f.Add(canon.MustMarshal(auditState{Version: auditVersion, Desk: desk, Size: 3, Root: models.Hash{4}}))
	f.Add(canon.MustMarshal(auditState{Version: auditVersion, Desk: models.DeskID{2}, Size: 3, Root: models.Hash{4}}))
	d := &Desk{dir: f.TempDir(), id: desk}
	path := filepath.Join(d.dir, auditFile)
	f.Fuzz(func(t *testing.T, b []byte) {
		if err := os.WriteFile(path, b, 0o600); err != nil {
			t.Fatal(err)
		}
		h, err := d.audited()
		if err != nil && !h.IsZero() {
			t.Fatal("a head beside an error")
		}
		if h.IsZero() {
			return
		}
		if again := canon.MustMarshal(auditState{Version: auditVersion, Desk: desk, Size: h.Size, Root: h.Root}); !bytes.Equal(again, b) {
			t.Fatalf("%x is read as %x", b, again)
		}
	})
}

// FuzzChallenge reads what a server sends for a challenge, and the parameters of passwords that come with a log-in.
func FuzzChallenge(f *testing.F) {
	drawn, err := liveness.Draw(rand.NewChaCha8([32]byte{1}), liveness.Entry)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(canon.MustMarshal(drawn))
	f.Add(canon.MustMarshal(liveness.Challenge{}))
	f.Fuzz(func(t *testing.T, b []byte) {
		var c liveness.Challenge
		if canon.Unmarshal(b, &c) == nil && c.Validate() == nil && !bytes.Equal(canon.MustMarshal(c), b) {
			t.Fatal("two encodings")
		}
		_, _ = passwordParams(b)
	})
}
