package recovery

import (
	"errors"
	"path/filepath"
	"strings"
	"testing"

	"go.uber.org/goleak"

	"visavis/chat/chattest"
	"visavis/chat/client"
	"visavis/chat/trust"
	"visavis/chat/wire"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// run is the command at a desk of the world, with the sheet as it was typed.
func run(t *testing.T, w *chattest.World, desk, sheet string, d Deeds) (string, error) {
	t.Helper()
	var out strings.Builder
	err := Run(t.Context(), Options{Dir: filepath.Join(w.Dir, "desks", desk), Sheet: strings.NewReader(sheet), Out: &out, Client: w.DeskOptions(), Deeds: d})
	return out.String(), err
}

func TestRecovery(t *testing.T) {
	w := chattest.New(t, nil)
	first, _ := w.Found("ada", 1)
	ben, dora := w.SignUp(first, "ben", 2), w.SignUp(first, "dora", 3)
	sheet := strings.ToUpper(w.Sheet.Text())
	sheet = strings.NewReplacer("VISAVIS ROOT SHEET", "visavis root sheet", "ORGANISATION:", "organisation:", "AUTHORITY:", "authority:",
		"ROOT KEY:", "root key:", "VAULT PEPPER:", "vault pepper:").Replace(sheet) // as a person types it
	for _, c := range []struct {
		name string
		Deeds
		want string
		err  error
	}{
		{name: "what there is", want: `"Test": 1 desks.`},
		{name: "a stranger", Deeds: Deeds{Name: "nobody"}, err: ErrNobody},
		{name: "one who waits is not listed", Deeds: Deeds{Name: "ben"}, err: ErrNobody},
		{name: "nobody waits", Deeds: Deeds{Admit: "ada", Fingerprint: string(ben.Fingerprint)}, err: ErrNobody},
		{name: "another's fingerprint", Deeds: Deeds{Admit: "ben", Fingerprint: string(dora.Fingerprint)}, err: client.ErrFingerprint},
		{name: "admit", Deeds: Deeds{Admit: "Ben", Fingerprint: string(ben.Fingerprint)}, want: "is an admin"},
		{name: "listed now", want: `"ben"   admin`},
		{name: "a desk that is listed", Deeds: Deeds{ReplaceDesks: true}, err: client.ErrDeskListed},
		{name: "revoke and name", Deeds: Deeds{Revoke: "ada", Name: "ben"}, want: "Revoked \"ada\".\n\"ben\" is an admin.\n"},
	} {
		t.Run(c.name, func(t *testing.T) {
			out, err := run(t, w, "first", sheet, c.Deeds)
			if !errors.Is(err, c.err) || err == nil && !strings.Contains(out, c.want) {
				t.Errorf("%q, %v", out, err)
			}
		})
	}
	out, err := run(t, w, "first", sheet, Deeds{Pepper: true})
	if err != nil {
		t.Fatal(err)
	}
	_, printed, _ := strings.Cut(out, "old root sheet:\n")
	renewed, err := trust.ParseRootSheet(printed)
	if err != nil || renewed.Pepper == w.Sheet.Pepper || renewed.Root != w.Sheet.Root || !strings.Contains(out, trust.PepperText(renewed.Org, renewed.Pepper)) {
		t.Errorf("a new pepper: %q, %v", out, err)
	}
	if out, err = run(t, w, "first", sheet, Deeds{Renew: true}); err != nil || !strings.HasSuffix(out, renewed.Text()+"\n") {
		t.Errorf("the sheet again: %q, %v", out, err)
	}
	if first, err = client.LoadDesk(w.DeskOptions(), filepath.Join(w.Dir, "desks", "first")); err != nil {
		t.Fatal(err)
	}
	second := w.Desk(w.LogIn(first, ben), "second") // by an invite, with the new one; as if it had been there before:
	text := trust.PepperText(renewed.Org, renewed.Pepper)
	for text, want := range map[string]error{text: nil, text[:60]: trust.ErrChecksum} {
		if err := AddPepper(w.DeskOptions(), filepath.Join(w.Dir, "desks", "second"), strings.NewReader(text), &strings.Builder{}); !errors.Is(err, want) {
			t.Errorf("brought to the second desk: %v, want %v", err, want)
		}
	}
	w.LogIn(second, ben)
	sheet = renewed.Text()
	w.Enrol(w.Invite(), "third")
	if out, err := run(t, w, "third", sheet, Deeds{ReplaceDesks: true}); err != nil || !strings.HasPrefix(out, "Revoked 2 desks and listed this one.") {
		t.Errorf("%q, %v", out, err)
	}
	again, err := client.LoadDesk(w.DeskOptions(), filepath.Join(w.Dir, "desks", "third"))
	if err != nil {
		t.Fatal(err)
	}
	if s := w.LogIn(again, ben); !s.IsAdmin() {
		t.Error("no admin")
	}
}

func TestRecoveryRefuses(t *testing.T) {
	w := chattest.New(t, nil)
	w.Found("ada", 1)
	for _, c := range []struct {
		name, desk, sheet string
		want              error
	}{
		{"no sheet", "first", "", trust.ErrFormat},
		{"no end", "first", strings.Repeat("a", maxSheet+1), ErrLong},
		{"no desk", "nowhere", w.Sheet.Text(), client.ErrNotEnrolled},
		{"another root", "first", func() string { s := w.Sheet; s.Root[0] ^= 1; return s.Text() }(), client.ErrSheet},
	} {
		if out, err := run(t, w, c.desk, c.sheet, Deeds{}); !errors.Is(err, c.want) || out != "" {
			t.Errorf("%s: %q, %v", c.name, out, err)
		}
	}
	w.Stop()
	if _, err := run(t, w, "first", w.Sheet.Text(), Deeds{}); err == nil || errors.Is(err, wire.Refuse(wire.CodeInternal)) {
		t.Errorf("no server: %v", err)
	}
}
