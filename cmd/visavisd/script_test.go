package main

import (
	"context"
	"crypto/ed25519"
	"errors"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"visavis/chat/pki"
	"visavis/chat/trust"
	"visavis/config"
	"visavis/models"
	"visavis/models/sqlstore"
)

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"visavisd": main})
}

// TestScripts drives the program as an operator does.
func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir:                 "testdata/script",
		RequireExplicitExec: true,
		RequireUniqueNames:  true,
		Cmds: map[string]func(ts *testscript.TestScript, neg bool, args []string){
			"mode":   checkFileMode,
			"invite": checkInvite,
			"enrol":  enrol,
			"signup": signUp,
			"faces":  addFacesCmd,
			"events": addEvents,
			"copy":   copyState,
			"sql":    execSQL,
			"forge":  forgeAudit,
			"waitfor": func(ts *testscript.TestScript, _ bool, args []string) {
				waitFor(ts, args[0], args[1])
			},
		},
	})
}

// mode OCTAL PATH... checks permissions.
func checkFileMode(ts *testscript.TestScript, neg bool, args []string) {
	want, err := strconv.ParseUint(args[0], 8, 32)
	ts.Check(err)
	for _, path := range args[1:] {
		fi, err := os.Stat(ts.MkAbs(path))
		ts.Check(err)
		if (uint64(fi.Mode().Perm()) == want) == neg {
			ts.Fatalf("%s has mode %#o", path, fi.Mode().Perm())
		}
	}
}

// findInvite takes the invite out of a text.
func findInvite(ts *testscript.TestScript, text string) trust.Invite {
	for line := range strings.Lines(text) {
		if strings.HasPrefix(line, "visavis-invite-1:") {
			i, err := trust.ParseInvite(line)
			ts.Check(err)
			return i
		}
	}
	ts.Fatalf("no invite in %q", text)
	return trust.Invite{}
}

// invite FILE ADDRESS... checks the server's half of an invite.
func checkInvite(ts *testscript.TestScript, _ bool, args []string) {
	i := findInvite(ts, ts.ReadFile(args[0]))
	if strings.Join(i.Addresses, " ") != strings.Join(args[1:], " ") || i.CA.IsZero() || len(i.Code) < 16 || i.Full() {
		ts.Fatalf("invite for %v, full %v", i.Addresses, i.Full())
	}
}

// enrol STATE INVITE NAME uses an invite up as a server does, and sets $DESK to the desk's id.
func enrol(ts *testscript.TestScript, neg bool, args []string) {
	i := findInvite(ts, ts.ReadFile(args[1]))
	s, err := sqlstore.Open(context.Background(), filepath.Join(ts.MkAbs(args[0]), databaseFile))
	ts.Check(err)
	defer func() { _ = s.Close() }()
	key, err := pki.NewKey(nil)
	ts.Check(err)
	pub := key.Public().(ed25519.PublicKey)
	d := models.Desk{Name: args[2], Status: models.DeskPending, DeviceKey: pub, Invite: i.CodeHash(), CreatedAt: time.Now()}
	copy(d.ID[:], pub)
	d.TLSKeyHash, err = pki.PublicKeyHash(pub)
	ts.Check(err)
	if err := s.EnrolDesk(context.Background(), d, time.Now()); (err != nil) != neg {
		ts.Fatalf("enrol: %v", err)
	}
	if !neg {
		ts.Setenv("DESK", d.ID.String())
	}
}

// signup STATE NAME adds an account that waits, as a server does, and sets $ACCOUNT to its id. What the server seals or can not read
// is marked, so that a script can look for what is left of it.
func signUp(ts *testscript.TestScript, _ bool, args []string) {
	s, err := sqlstore.Open(context.Background(), filepath.Join(ts.MkAbs(args[0]), databaseFile))
	ts.Check(err)
	defer func() { _ = s.Close() }()
	u := models.User{Name: args[1], Email: args[1] + "@example.org", Status: models.UserWaiting, Record: []byte("record"), Suite: 1, Bundle: []byte("bundle"),
		Template: []byte("sealed-template-of-" + args[1]), ConsentAt: time.Now(), CreatedAt: time.Now()}
	copy(u.ID[:], args[1])
	ts.Check(s.AddUser(context.Background(), u, models.Vault{Account: u.ID, Version: 1, Body: []byte("sealed-vault-of-" + args[1])}))
	ts.Setenv("ACCOUNT", u.ID.String())
}

// TestInitAtOnce: several inits of one folder. One makes it, the others say that it is there and take nothing away.
func TestInitAtOnce(t *testing.T) {
	c := config.Default()
	c.Server.Organisation, c.Server.Addresses = "Example", []string{"chat.example.org:7443"}
	for range 5 {
		dir := filepath.Join(t.TempDir(), "state")
		errs := make(chan error)
		const many = 4
		for range many {
			go func() {
				s, err := makeState(t.Context(), dir, c, time.Now())
				if err == nil {
					err = s.close()
				}
				errs <- err
			}()
		}
		var made int
		for range many {
			if err := <-errs; err == nil {
				made++
			} else if !errors.Is(err, errHasState) {
				t.Error(err)
			}
		}
		s, err := openState(t.Context(), dir)
		if made != 1 || err != nil {
			t.Fatalf("%d inits made the state, which opens with %v", made, err)
		}
		_ = s.close()
	}
}

// waitFor NAME TEXT waits until the standard error of a background command, which the script sent to a file, holds the text.
func waitFor(ts *testscript.TestScript, path, text string) {
	deadline := time.Now().Add(20 * time.Second)
	for time.Now().Before(deadline) {
		if b, err := os.ReadFile(ts.MkAbs(path)); err == nil && strings.Contains(string(b), text) {
			return
		}
		time.Sleep(5 * time.Millisecond) // another process: there is nothing to wait on but its file
	}
	ts.Fatalf("%s never had %q", path, text)
}

// TestSlowShutdown: a server that does not end is left behind with an error, not waited for.
func TestSlowShutdown(t *testing.T) {
	log := slog.New(slog.NewTextHandler(io.Discard, nil))
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	release := make(chan struct{})
	defer close(release)
	if err := serve(ctx, time.Millisecond, func() error { <-release; return nil }, log); !errors.Is(err, errSlowShutdown) {
		t.Errorf("error %v, want errSlowShutdown", err)
	}
	broken := errors.New("broken")
	if err := serve(t.Context(), time.Hour, func() error { return broken }, log); !errors.Is(err, broken) {
		t.Errorf("error %v, want the server's own", err)
	}
	if err := serve(ctx, time.Hour, func() error { return nil }, log); err != nil {
		t.Errorf("a server that ends in time: %v", err)
	}
}

// TestFailedInitLeavesNothing: settings that are refused, and a folder that can not be finished.
func TestFailedInitLeavesNothing(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "state")
	c := initCmd{State: dir, Name: "Example", Address: []string{"no port"}, Listen: ":0"}
	if err := c.Run(&env{t.Context(), io.Discard, io.Discard}); err == nil {
		t.Fatal("made")
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	c.Address = []string{"a.example:1"}
	if err := c.Run(&env{ctx, io.Discard, io.Discard}); err == nil {
		t.Fatal("made")
	}
	if _, err := os.Stat(dir); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("something was left: %v", err)
	}
}

// TestRecertify: a server whose hosts changed gets a certificate for the new ones and keeps its key.
func TestRecertify(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "state")
	c := initCmd{State: dir, Name: "Example", Address: []string{"a.example:1"}, Listen: ":0"}
	if err := c.Run(&env{t.Context(), io.Discard, io.Discard}); err != nil {
		t.Fatal(err)
	}
	for i, want := range []bool{false, true, false} {
		s, err := openState(t.Context(), dir)
		if err != nil {
			t.Fatal(err)
		}
		if i > 0 {
			s.config.Server.Addresses = append(s.config.Server.Addresses, "[::1]:2")
		}
		before := s.certificate.PrivateKey.(ed25519.PrivateKey)
		did, err := s.recertify(time.Now())
		if err != nil || did != want || !before.Equal(s.certificate.PrivateKey) {
			t.Errorf("step %d: issued %v, %v", i, did, err)
		}
		for _, host := range s.config.Hosts() {
			if err := s.certificate.Leaf.VerifyHostname(host); err != nil {
				t.Error(err)
			}
		}
		if err := s.close(); err != nil {
			t.Error(err)
		}
	}
}
