package client_test

import (
	"bytes"
	"context"
	"errors"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"visavis/chat/chattest"
	"visavis/chat/client"
	"visavis/chat/trust"
	"visavis/models"
)

// What is kept of a desk is its own, whole, and readable by nobody else; anything else is refused before the network is touched.
func TestDeskFile(t *testing.T) {
	w := chattest.New(t, nil)
	d := w.Enrol(w.Invite(), "kept")
	path := filepath.Join(w.Dir, "desks", "kept", "desk.visavis")
	good, err := os.ReadFile(path)
	must(t, err)
	fi, err := os.Stat(path)
	must(t, err)
	if fi.Mode().Perm() != 0o600 {
		t.Errorf("the file has mode %v", fi.Mode())
	}
	loaded, err := client.LoadDesk(w.DeskOptions(), filepath.Dir(path))
	must(t, err)
	if loaded.ID() != d.ID() || loaded.Name() != d.Name() || loaded.Founded() {
		t.Fatal("the desk came back as another")
	}
	must(t, w.Connect(loaded).Close())

	version := bytes.Clone(good)
	if version[1] != 1 {
		t.Fatalf("the file begins % x: where is the version?", good[:4])
	}
	version[1] = 2
	for name, b := range map[string][]byte{
		"empty":           {},
		"cut":             good[:len(good)-1],
		"longer":          append(bytes.Clone(good), 0),
		"another version": version,
		"text":            []byte("desk = 1\n"),
		"too large":       make([]byte, 65<<10),
		"not canonical":   append([]byte{0x98, good[0] & 0x1f}, good[1:]...),
	} {
		must(t, os.WriteFile(path, b, 0o600))
		if _, err := client.LoadDesk(w.DeskOptions(), filepath.Dir(path)); !errors.Is(err, client.ErrDeskFile) {
			t.Errorf("%s: got %v", name, err)
		}
	}
	must(t, os.WriteFile(path, good, 0o600))
	for _, mode := range []os.FileMode{0o640, 0o604, 0o666} {
		must(t, os.Chmod(path, mode))
		if _, err := client.LoadDesk(w.DeskOptions(), filepath.Dir(path)); err == nil || !strings.Contains(err.Error(), "chmod 600") {
			t.Errorf("mode %v: got %v", mode, err)
		}
	}
	must(t, os.Chmod(path, 0o600))
	if _, err := client.LoadDesk(w.DeskOptions(), t.TempDir()); !errors.Is(err, client.ErrNotEnrolled) {
		t.Errorf("an empty folder: got %v", err)
	}
	left, err := os.ReadDir(filepath.Dir(path))
	must(t, err)
	if len(left) != 1 {
		t.Errorf("%d files in the folder", len(left))
	}
	if _, err := client.Enrol(t.Context(), w.DeskOptions(), filepath.Dir(path), w.Invite(), "again", nil); !errors.Is(err, client.ErrEnrolled) {
		t.Errorf("enrolled twice: got %v", err)
	}
	if now, err := os.ReadFile(path); err != nil || !bytes.Equal(now, good) {
		t.Error("a refused enrolment changed the desk")
	}
}

// A folder that can not be written to shows before the invite is used up.
func TestEnrolBeforeItIsTooLate(t *testing.T) {
	w := chattest.New(t, nil)
	invite := w.Invite()
	file := filepath.Join(t.TempDir(), "a file")
	must(t, os.WriteFile(file, nil, 0o600))
	if _, err := client.Enrol(t.Context(), w.DeskOptions(), filepath.Join(file, "desk"), invite, "first", nil); err == nil {
		t.Fatal("enrolled into a file")
	}
	w.Enrol(invite, "first")
}

// An invite goes from hand to hand, and is typed or cut.
func TestInviteMistyped(t *testing.T) {
	w := chattest.New(t, nil)
	invite := w.Invite()
	for name, text := range map[string]string{
		"empty":            "",
		"cut":              invite[:len(invite)-1],
		"one letter":       strings.Replace(invite, "A", "B", 1),
		"another prefix":   "visavis-invite-2:" + invite[len("visavis-invite-1:"):],
		"two lines":        invite[:40] + "\n" + invite[40:],
		"no invite at all": "hello",
		"too long":         invite + strings.Repeat("A", 5000),
	} {
		_, err := client.Enrol(t.Context(), w.DeskOptions(), t.TempDir(), text, "first", nil)
		if !errors.Is(err, trust.ErrChecksum) && !errors.Is(err, trust.ErrFormat) {
			t.Errorf("%s: got %v", name, err)
		}
	}
	w.Enrol(" "+invite+"\n", "first")
}

// Somebody between desk and server, or a server of another organisation at the address.
func TestServerIsProved(t *testing.T) {
	w, other := chattest.New(t, nil), chattest.New(t, nil)
	invite, err := trust.ParseInvite(w.Invite())
	must(t, err)
	invite.Addresses = []string{other.Address}
	text, err := invite.Text()
	must(t, err)
	if _, err := client.Enrol(t.Context(), w.DeskOptions(), t.TempDir(), text, "lost", nil); err == nil || !strings.Contains(err.Error(), "prove the server") {
		t.Fatalf("enrolled at another organisation's server: %v", err)
	}
	first, _ := w.Found("ada", 1)
	first.SetAddresses(other.Address)
	if _, err := first.Connect(t.Context()); err == nil || !strings.Contains(err.Error(), "prove the server") {
		t.Fatalf("connected to another organisation's server: %v", err)
	}
}

// Addresses are tried in order, and one that does not answer is not the end.
func TestAddressesInOrder(t *testing.T) {
	w, other := chattest.New(t, nil), chattest.New(t, nil)
	var tried []string
	o := w.DeskOptions()
	o.Dial = func(ctx context.Context, network, address string) (net.Conn, error) {
		tried = append(tried, address)
		if address == "down.example.org:1" {
			return nil, errors.New("nobody there")
		}
		return new(net.Dialer).DialContext(ctx, network, address)
	}
	d, err := client.Enrol(t.Context(), o, t.TempDir(), w.Invite(), "first", nil)
	must(t, err)
	addresses := []string{"down.example.org:1", other.Address, w.Address, "never.example.org:1"}
	d.SetAddresses(addresses...)
	tried = nil
	c, err := d.Connect(t.Context())
	must(t, err)
	must(t, c.Close())
	if !slices.Equal(tried, addresses[:3]) {
		t.Fatalf("tried %v", tried)
	}
	d.SetAddresses(addresses[:2]...)
	_, err = d.Connect(t.Context())
	if err == nil || !strings.Contains(err.Error(), "nobody there") || !strings.Contains(err.Error(), "prove the server") {
		t.Fatalf("not every reason is given: %v", err)
	}
}

// What a weak or foreign sign-up is refused for, before and by the server.
func TestSignUpRefused(t *testing.T) {
	w, first, _, _ := people(t)
	for _, c := range []struct {
		name   string
		change func(*client.SignUp)
	}{
		{"name taken", func(s *client.SignUp) { s.Name = "ben" }},
		{"name taken, written otherwise", func(s *client.SignUp) { s.Name = "BEN" }},
		{"no name", func(s *client.SignUp) { s.Name = "" }},
		{"not an address", func(s *client.SignUp) { s.Email = "Ben <ben@example.org>" }},
		{"weak password", func(s *client.SignUp) { s.Password = []byte("password") }},
		{"the name as password", func(s *client.SignUp) { s.Password = []byte("mallory mallory") }},
	} {
		eye := w.Eye(9)
		s := client.SignUp{Name: "mallory", Email: "m@example.org", Password: []byte("umbrella mallory 7 quartz lantern"), Consent: chattest.Consent}
		c.change(&s)
		if _, err := first.SignUp(t.Context(), w.Connect(first), s, eye); err == nil {
			t.Errorf("%s: accepted", c.name)
		}
		if len(eye.Taken) != 0 {
			t.Errorf("%s: a face was captured for nothing", c.name)
		}
	}
	if us, err := w.Store.UsersByStatus(t.Context(), models.UserWaiting); err != nil || len(us) != 0 {
		t.Errorf("%d accounts wait (%v)", len(us), err)
	}
}

// A second organisation is not founded over the first.
func TestFoundedOnce(t *testing.T) {
	w, first, _, _ := people(t)
	if _, err := first.Found(t.Context(), w.Connect(first), "Mine"); err == nil {
		t.Fatal("founded again at the first desk")
	}
	fresh := w.Enrol(w.Invite(), "fresh")
	if _, err := fresh.Found(t.Context(), w.Connect(fresh), "Mine"); err == nil {
		t.Fatal("founded again at a new desk")
	}
}
