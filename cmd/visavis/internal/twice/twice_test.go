package twice

import (
	"bufio"
	"encoding/hex"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"visavis/chat/chattest"
	"visavis/chat/client"
	"visavis/chat/e2e"
	"visavis/chat/trust"
	"visavis/models"
)

// kept is a directory and a proof by it, out of the vectors.
func kept(t *testing.T) (dir *trust.Directory, proof []byte) {
	t.Helper()
	b, err := os.ReadFile("../../../../chat/e2e/testdata/v1/twice.json")
	if err != nil {
		t.Fatal(err)
	}
	var v struct {
		Directory []string
		Proof     string
	}
	if err := json.Unmarshal(b, &v); err != nil {
		t.Fatal(err)
	}
	dir = trust.NewDirectory(models.OrgID{})
	for _, s := range v.Directory {
		signed, err := hex.DecodeString(s)
		if err == nil {
			_, err = dir.Apply(signed)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if proof, err = hex.DecodeString(v.Proof); err != nil {
		t.Fatal(err)
	}
	return dir, proof
}

// A proof says who, where, when and what; of what is none, nothing is said, and the command fails.
func TestCheck(t *testing.T) {
	dir, proof := kept(t)
	text := e2e.ProofText(proof)
	spoilt := append([]byte(nil), proof...)
	spoilt[len(spoilt)-1] ^= 1
	nobody := trust.NewDirectory(models.OrgID(dir.Org()))
	for _, c := range []struct {
		name, in string
		dir      *trust.Directory
		err      error
	}{
		{name: "nothing", in: "\n \n", err: ErrNone},
		{name: "a letter", in: "Dear admin, here is proof", err: e2e.ErrFormat},
		{name: "half of one", in: text[:len(text)/2], err: e2e.ErrFormat},
		{name: "far too long", in: strings.Repeat("a", maxLine+1), err: bufio.ErrTooLong},
		{name: "a forged signature", in: e2e.ProofText(spoilt), err: trust.ErrSignature},
		{name: "by a directory that knows nobody", in: text, dir: nobody, err: trust.ErrUnknownHead},
		{name: "a good one and a forged one", in: text + "\n" + e2e.ProofText(spoilt), err: trust.ErrSignature},
		{name: "a good one", in: "\n  " + text + "  \n"},
	} {
		by, out := c.dir, new(strings.Builder)
		if by == nil {
			by = dir
		}
		err := Check(by, strings.NewReader(c.in), out)
		if !errors.Is(err, c.err) {
			t.Errorf("%s: %v", c.name, err)
		}
		if good := strings.Contains(c.name, "a good one"); good != (out.Len() > 0) {
			t.Errorf("%s: said %q", c.name, out)
		} else if good && (!strings.Contains(out.String(), `the keys of "bob"`) || !strings.Contains(out.String(), `"I do not agree."`)) {
			t.Errorf("it does not say who, or what: %s", out)
		}
	}
}

// What somebody wrote is no order to the terminal.
func TestQuoted(t *testing.T) {
	var out strings.Builder
	two := e2e.Twice{Name: "mallory\x1b[2J", Said: [2]e2e.Message{{Kind: e2e.KindText, Content: []byte("\x1b]0;owned\a")}, {Kind: 9, Content: []byte("\x1b[H")}}}
	if err := tell(&out, two); err != nil || strings.ContainsAny(out.String(), "\x1b\a") {
		t.Errorf("%q, %v", out.String(), err)
	}
}

// The desk says whose directory counts, and that it is no older than what it has seen.
func TestRun(t *testing.T) {
	w := chattest.New(t, nil)
	first, ada := w.Found("ada", 1)
	if err := w.LogIn(first, ada).LogOut(t.Context()); err != nil {
		t.Fatal(err)
	}
	log, err := w.Store.Entries(t.Context(), models.RoomID{}, 0, 100) // an admin at work signs: the log is whole when she has gone
	if err != nil {
		t.Fatal(err)
	}
	_, proof := kept(t)
	run := func(n int) error {
		var text strings.Builder
		for _, e := range log[:n] {
			if err := trust.WriteStatement(&text, e.Body); err != nil {
				t.Fatal(err)
			}
		}
		return Run(Options{Dir: filepath.Join(w.Dir, "desks", "first"), Client: w.DeskOptions(), Directory: strings.NewReader(text.String()),
			Proofs: strings.NewReader(e2e.ProofText(proof)), Out: new(strings.Builder)})
	}
	if err := run(len(log)); !errors.Is(err, trust.ErrOrg) {
		t.Errorf("another organisation's proof: %v", err)
	}
	if err := run(1); !errors.Is(err, client.ErrOldDirectory) {
		t.Errorf("an older directory: %v", err)
	}
	if err := run(0); !errors.Is(err, trust.ErrOrg) {
		t.Errorf("no directory: %v", err)
	}
}
