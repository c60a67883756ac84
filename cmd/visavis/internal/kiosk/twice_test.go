package kiosk

import (
	"encoding/hex"
	"encoding/json"
	"os"
	"testing"
	"time"

	"visavis/chat/chattest"
	"visavis/chat/e2e"
	"visavis/chat/trust"
	"visavis/cmd/visavis/internal/flow"
	"visavis/models"
)

// aProof is one of the vectors, and the directory that bears it out.
func aProof(t *testing.T) (proof []byte, dir *trust.Directory) {
	t.Helper()
	var v struct {
		Directory []string
		Proof     string
	}
	if err := json.Unmarshal(ok[[]byte](t)(os.ReadFile("../../../../chat/e2e/testdata/v1/twice.json")), &v); err != nil {
		t.Fatal(err)
	}
	dir = trust.NewDirectory(models.OrgID{})
	for _, s := range v.Directory {
		ok[trust.DirectoryChange](t)(dir.Apply(ok[[]byte](t)(hex.DecodeString(s))))
	}
	return ok[[]byte](t)(hex.DecodeString(v.Proof)), dir
}

// What the directory bears out is shown with who and what; what it does not is not.
func TestTwiceIsShown(t *testing.T) {
	proof, dir := aProof(t)
	text := e2e.ProofText(proof)
	forged := append([]byte(nil), proof...)
	forged[len(forged)-1] ^= 1
	list := twicesShown([][]byte{proof, forged}, dir, time.UTC)
	if len(list) != 1 || list[0].Name != "bob" || list[0].Text.Reveal() != text {
		t.Fatalf("%d shown: %+v", len(list), list)
	}
	if said := []string{list[0].Said[0].Text, list[0].Said[1].Text}; said[0] == said[1] || said[0] == "" || said[1] == "" {
		t.Errorf("%q", said)
	}
	if proof[0] != 0 {
		t.Error("what was said is left in memory")
	}
}

// Somebody accuses another in the window with what proves nothing: another organisation's proof, half of one, a story. Nobody is named.
func TestAnAccusationIsChecked(t *testing.T) {
	w := chattest.New(t, nil)
	d, _ := inKitchen(t, w)
	d.k.Post(flow.PanelOpened{Panel: flow.TwiceSaid})
	d.until("it was looked for", func(s flow.State) bool { return s.Proofs.Looked && !s.Proofs.Brought })
	proof, _ := aProof(t)
	text := e2e.ProofText(proof)
	for _, in := range []string{text, text[:99], "ada has said two things"} {
		d.k.Post(flow.Dismissed{})
		d.do(flow.Action{Verb: flow.CheckTwice, Text: in})
		s := d.until("it is no proof", func(s flow.State) bool { return s.Problem.Kind == flow.BadProof && s.Proofs.Brought })
		if len(s.Proofs.List) != 0 || s.Note == flow.NoteProven {
			t.Fatalf("%.20q is proof: %+v", in, s.Proofs)
		}
		d.k.Post(flow.Dismissed{})
		d.until("read", func(s flow.State) bool { return s.Problem.IsZero() })
	}
	d.k.Post(flow.LockAsked{})
	if s := d.until("locked", on(flow.Locked)); s.Proofs.Brought {
		t.Error("a proof stays on the lock")
	}
}
