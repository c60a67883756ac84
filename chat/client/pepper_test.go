package client_test

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"visavis/chat/chattest"
	"visavis/chat/client"
	"visavis/chat/e2e"
	"visavis/chat/trust"
	"visavis/chat/wire"
	"visavis/models"
	"visavis/models/canon"
)

// inFiles says whether a file below a folder holds what.
func inFiles(t *testing.T, dir string, what []byte) (found bool) {
	t.Helper()
	must(t, filepath.WalkDir(dir, func(path string, e os.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		b, err := os.ReadFile(path)
		found = found || bytes.Contains(b, what)
		return err
	}))
	return found
}

// opens says whether a stored vault opens.
func opens(t *testing.T, w *chattest.World, of models.AccountID, u e2e.Unlock) bool {
	t.Helper()
	v, err := w.Store.VaultOf(t.Context(), of)
	must(t, err)
	vault, err := e2e.OpenVault(v, u)
	if err == nil {
		vault.Wipe()
	}
	return err == nil
}

// TestStolenDeskAfterPepper: a desk was stolen, and with it the pepper. An admin replaces it and brings the new one to the other desk; everybody logs in once.
// Then the thief gets the server's whole folder and, what he would have to guess, even the password's key: nothing opens, and no version of a
// vault from before is in any of its files. The old pepper is dropped where it is not needed.
func TestStolenDeskAfterPepper(t *testing.T) {
	w, first, admin, ben := people(t)
	ctx := t.Context()
	second := w.Desk(admin, "second")
	stolen := w.Desk(admin, "stolen")
	s := w.LogIn(stolen, ben)
	known := s.Unlock() // export key, and the pepper of the stolen desk
	before, err := w.Store.VaultOf(ctx, ben.Account)
	must(t, err)
	sealed, err := trust.OpenSealedVault(before, e2e.MaxVault)
	must(t, err)
	must(t, s.LogOut(ctx))
	if !opens(t, w, ben.Account, known) || !inFiles(t, w.Dir, sealed.Clear.Wrapped[40:80]) {
		t.Fatal("the thief has nothing before: this test looks in the wrong place")
	}
	must(t, admin.RevokeDesk(ctx, stolen.ID()))

	text, err := admin.ReplacePepper(ctx)
	must(t, err)
	if uses, err := admin.PepperUses(ctx); err != nil || len(uses) != 2 || !uses[0].Newest || uses[0].Vaults != 1 || uses[1].Vaults != 1 {
		t.Errorf("in use: %+v, %v", uses, err)
	}
	if n, err := admin.DropPeppers(ctx); n != 0 || err != nil || len(first.Held()) != 2 {
		t.Errorf("dropped %d of which one is needed, %v", n, err)
	}
	must(t, second.AddPepper(" "+text+"\n"))
	at := w.LogIn(second, ben) // his vault moves
	after := at.Unlock()
	if opens(t, w, ben.Account, known) || !opens(t, w, ben.Account, after) || after.Pepper == known.Pepper || !bytes.Equal(after.Export, known.Export) {
		t.Error("with the stolen pepper and the password the vault opens")
	}
	must(t, at.LogOut(ctx))
	if inFiles(t, w.Dir, sealed.Clear.Wrapped[40:80]) || inFiles(t, w.Dir, sealed.Body[40:80]) {
		t.Error("a version from before is still on the server's disk")
	}

	if uses, err := admin.PepperUses(ctx); err != nil || len(uses) != 1 || uses[0].Vaults != 2 {
		t.Errorf("in use: %+v, %v", uses, err)
	}
	if n, err := admin.DropPeppers(ctx); n != 1 || err != nil {
		t.Errorf("dropped %d, %v", n, err)
	}
	if inFiles(t, filepath.Join(w.Dir, "desks", "first"), known.Pepper[:]) {
		t.Error("the stolen pepper is still in the desk's file")
	}
	for _, d := range []string{"first", "second"} {
		again, err := client.LoadDesk(w.DeskOptions(), filepath.Join(w.Dir, "desks", d))
		must(t, err)
		w.LogIn(again, ben)
	}
	// A new desk's invite brings the new pepper alone.
	third := w.Desk(admin, "third")
	if held := third.Held(); len(held) != 1 || held[0] != after.Pepper {
		t.Error("the invite brought another pepper")
	}
	w.LogIn(third, ben)
}

// TestDeskWithoutThePepper: who logs in, signs up or invites at a desk that nobody brought the pepper to is told what is wrong and who helps.
func TestDeskWithoutThePepper(t *testing.T) {
	w, first, admin, ben := people(t)
	ctx := t.Context()
	second := w.Desk(admin, "second")
	text, err := admin.ReplacePepper(ctx)
	must(t, err)
	w.LogIn(first, ben)
	if _, err := w.TryLogIn(second, ben.Name, ben.Password, w.Eye(ben.Face)); !errors.Is(err, client.ErrPepper) {
		t.Fatalf("a vault under the new pepper: %v", err)
	}
	// Somebody whose vault is still under the old one comes in, and with him the desk learns that it is behind.
	cleo := w.SignUp(second, "cleo", 3) // nobody told the desk yet: his vault is under the old one
	w.Approve(admin, cleo)
	s := w.LogIn(second, cleo)
	if s.Unlock().Pepper == first.Held()[0] {
		t.Fatal("moved to a pepper that the desk does not have")
	}
	c := w.Connect(second)
	e, err := second.StartSignUp(ctx, c, client.SignUp{Name: "dan", Email: "dan@example.org", Password: []byte("umbrella dan 7 quartz lantern"), Consent: chattest.Consent})
	must(t, err)
	must(t, e.Enrol(ctx, w.Eye(4)))
	if _, err := e.Finish(ctx); !errors.Is(err, client.ErrPepper) {
		t.Errorf("a vault is wrapped under a pepper that was replaced: %v", err)
	}
	must(t, second.AddPepper(text))
	must(t, second.AddPepper(text)) // twice is once
	if again := w.LogIn(second, cleo); again.Unlock().Pepper != first.Held()[0] {
		t.Error("his vault did not move")
	}
	w.SignUp(second, "eve", 5)
	w.LogIn(second, ben)
	// An admin's log-in brings it by itself to a desk where his vault still opens: here at one that has both.
	if got, err := admin.PepperText(); err != nil || got != text {
		t.Errorf("the text again: %v", err)
	}
	if _, err := s.PepperText(); err == nil {
		t.Error("a member gets the text")
	}
	if _, err := s.PepperUses(ctx); codeOf(err) != wire.CodeNotAllowed {
		t.Errorf("a member counts: %v", err)
	}
}

// Somebody at a desk types a pepper of his own, or the server shows an older one as the newest: nothing is wrapped under either.
func TestForeignPepper(t *testing.T) {
	w, h, first, admin, ben := hostile(t)
	ctx := t.Context()
	second := w.Desk(admin, "second")
	original, err := second.Wrapping()
	must(t, err)
	mine := trust.Pepper{0xee}
	must(t, second.AddPepper(trust.PepperText(second.Org(), mine)))
	if p, err := second.Wrapping(); err != nil || p != original {
		t.Fatal("the desk wraps under what somebody typed")
	}
	s := w.LogIn(second, ben)
	if s.Unlock().Pepper != original {
		t.Fatal("a vault moved under what somebody typed")
	}
	must(t, s.LogOut(ctx)) // as long as it is open, it clears away what comes
	if len(second.Held()) != 1 {
		t.Error("the desk keeps a pepper that is none")
	}
	for i := byte(1); i < 8; i++ {
		must(t, second.AddPepper(trust.PepperText(second.Org(), trust.Pepper{i})))
	}
	if err := second.AddPepper(trust.PepperText(second.Org(), trust.Pepper{8})); !errors.Is(err, client.ErrPeppers) {
		t.Errorf("without end: %v", err)
	}
	must(t, w.LogIn(second, ben).LogOut(ctx)) // clears what is none away

	text, err := admin.ReplacePepper(ctx)
	must(t, err)
	must(t, second.AddPepper(text))
	must(t, w.LogIn(second, ben).LogOut(ctx))
	seen, _ := second.Seen()
	// The server shows the directory without the statement that names the new pepper.
	w.Stop()
	h.lies.Store(&lies{entries: func(room models.RoomID, es []models.Entry) []models.Entry {
		if room.IsZero() {
			return es[:min(len(es), int(seen)-1)]
		}
		return es
	}})
	w.Start(nil)
	if _, err := second.Connect(ctx); !errors.Is(err, client.ErrOldDirectory) {
		t.Errorf("the directory from before: %v", err)
	}
	restart(w, h, nil)
	// It gives out the vault from before the move, and one whose clear part names the old pepper.
	restart(w, h, &lies{vault: func(v models.Vault) models.Vault {
		sealed, err := trust.OpenSealedVault(v, e2e.MaxVault)
		must(t, err)
		sealed.Clear.Pepper = trust.PepperID(original)
		v.Body = canon.MustMarshal(sealed)
		return v
	}})
	if _, err := w.TryLogIn(second, ben.Name, ben.Password, w.Eye(ben.Face)); !errors.Is(err, client.ErrVault) {
		t.Errorf("a vault that names the old pepper: %v", err)
	}
	restart(w, h, nil)
	if p, err := first.Wrapping(); err != nil || p == original {
		t.Error("the desk of the admin wraps under the old one")
	}
}

// A pepper is typed, and a letter is wrong.
func TestPepperText(t *testing.T) {
	w, first, _, _ := people(t)
	text := trust.PepperText(first.Org(), trust.Pepper{1, 2, 3})
	for i := range text {
		for _, to := range []byte{'A', 'b', '7'} {
			if text[i] == to {
				continue
			}
			if err := first.AddPepper(text[:i] + string(to) + text[i+1:]); err == nil {
				t.Fatalf("letter %d as %q: taken", i, to)
			}
		}
	}
	other := w.Sheet.Org
	other[0] ^= 1
	for name, c := range map[string]struct {
		text string
		want error
	}{
		"nothing": {"", trust.ErrFormat}, "an invite": {w.Invite(), trust.ErrFormat}, "cut": {text[:len(text)-3], trust.ErrChecksum},
		"another organisation's": {trust.PepperText(other, trust.Pepper{1}), trust.ErrOrg}, "of zeros": {trust.PepperText(first.Org(), trust.Pepper{}), trust.ErrFormat},
		"far too long": {strings.Repeat("a", 1000), trust.ErrFormat},
	} {
		if err := first.AddPepper(c.text); !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v", name, err, c.want)
		}
	}
	if len(first.Held()) != 1 {
		t.Error("something was taken")
	}
}

// TestRenewedSheet: a new sheet is printed after a pepper was replaced, for who has the old one.
func TestRenewedSheet(t *testing.T) {
	w, first, admin, _ := people(t)
	_, err := admin.ReplacePepper(t.Context())
	must(t, err)
	sheet, err := first.RenewSheet(w.Sheet)
	must(t, err)
	if p, _ := first.Wrapping(); sheet.Pepper != p || sheet.Pepper == w.Sheet.Pepper || sheet.Root != w.Sheet.Root {
		t.Error("another sheet")
	}
	w.Sheet.Root[0] ^= 1
	if _, err := first.RenewSheet(w.Sheet); !errors.Is(err, client.ErrSheet) {
		t.Errorf("of another root: %v", err)
	}
}
