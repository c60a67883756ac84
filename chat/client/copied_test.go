package client_test

import (
	"crypto/ed25519"
	"errors"
	"os"
	"path/filepath"
	"testing"

	"visavis/biometrics/template"
	"visavis/chat/chattest"
	"visavis/chat/client"
	"visavis/chat/pake"
	"visavis/chat/pki"
	"visavis/chat/server"
	"visavis/models/sqlstore"
)

// copied is a server on a copy of another's database, made while that one stood still, to which a thief leads the desk. files says what else he has.
func copied(t *testing.T, w *chattest.World, files func(*server.Options)) *chattest.World {
	t.Helper()
	dir := t.TempDir()
	parts, err := filepath.Glob(filepath.Join(w.Dir, "visavis.db*"))
	must(t, err)
	for _, name := range parts {
		b, err := os.ReadFile(name)
		must(t, err)
		must(t, os.WriteFile(filepath.Join(dir, filepath.Base(name)), b, 0o600))
	}
	store, err := sqlstore.Open(t.Context(), filepath.Join(dir, "visavis.db"))
	must(t, err)
	t.Cleanup(func() { _ = store.Close() })
	stolen := &chattest.World{T: t, Clock: w.Clock, Dir: w.Dir, Log: &chattest.SafeBuffer{}, Store: store, Options: w.Options}
	stolen.Options.Store = store
	files(&stolen.Options)
	stolen.Start(nil)
	t.Cleanup(stolen.Stop)
	return stolen
}

// anew makes everything that stands in files beside the database.
func anew(t *testing.T, o *server.Options) {
	t.Helper()
	authority, err := pki.NewAuthority(nil, "Test", o.Now())
	must(t, err)
	key, err := pki.NewKey(nil)
	must(t, err)
	der, err := authority.IssueServer(nil, []string{"127.0.0.1"}, key.Public().(ed25519.PublicKey), o.Now())
	must(t, err)
	o.Certificate, err = pki.NewCertificate(key, der, authority.Certificate().Raw)
	must(t, err)
	o.Authority = authority
	o.Secrets, err = pake.NewSecrets(nil)
	must(t, err)
	ring, err := template.NewRing(nil)
	must(t, err)
	o.Ring = &ring
}

// A thief has the server's database, and starts a server of his own on it. No desk talks to it; and where one would, nobody's password is right
// there and no face opens, since seed and key ring are files beside it.
func TestStolenDatabase(t *testing.T) {
	w, first, admin, ben := people(t)
	admin.Close()
	w.Stop()
	stolen := copied(t, w, func(o *server.Options) { anew(t, o) })
	first.SetAddresses(stolen.Address)
	if _, err := first.Connect(t.Context()); !errors.Is(err, pki.ErrRefused) {
		t.Fatalf("a desk meets another authority: %v", err)
	}
	// With the authority as well, as if somebody had enrolled a desk under his, and without the rest.
	stolen = copied(t, w, func(o *server.Options) {
		authority, certificate := o.Authority, o.Certificate
		anew(t, o)
		o.Authority, o.Certificate = authority, certificate
	})
	first.SetAddresses(stolen.Address)
	if _, err := stolen.TryLogIn(first, ben.Name, ben.Password, stolen.Eye(ben.Face)); err == nil {
		t.Fatal("a password was right without the seed")
	}
	u, err := stolen.Store.UserByID(t.Context(), ben.Account)
	must(t, err)
	if _, err := template.Open(*stolen.Options.Ring, u.ID, u.Template); err == nil {
		t.Fatal("a face opens without its ring")
	}
}

// Who has the whole folder is the server to a desk that is led to it: people log in there. What was said stays closed, and what he writes into the
// log himself is followed by nobody.
func TestStolenFolder(t *testing.T) {
	w, first, admin, ben := people(t)
	room, err := admin.CreateRoom(t.Context(), "Kitchen")
	must(t, err)
	const said = "meet me at the lighthouse at nine"
	_, err = admin.Send(t.Context(), room, said)
	must(t, err)
	admin.Close()
	w.Stop()
	stolen := copied(t, w, func(*server.Options) {})
	first.SetAddresses(stolen.Address)
	s, err := stolen.TryLogIn(first, ben.Name, ben.Password, stolen.Eye(ben.Face))
	must(t, err)
	if _, listed := s.Directory().Identity(ben.Account); !listed {
		t.Error("the desk follows another directory")
	}
	entries, err := stolen.Store.Entries(t.Context(), room, 0, 100)
	must(t, err)
	for _, e := range entries {
		if string(e.Body) == said || len(e.Body) == 0 {
			t.Error("the folder holds what was said")
		}
	}
	// An older folder than the desk has seen is none: see TestOldDirectory.
	first.SetSeen(1000, w.Options.Authority.Fingerprint())
	if _, err := first.Connect(t.Context()); !errors.Is(err, client.ErrOldDirectory) {
		t.Errorf("an older copy: %v", err)
	}
}
