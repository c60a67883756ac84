package kiosk

import (
	"strings"
	"testing"
	"time"

	"visavis/chat/chattest"
	"visavis/cmd/visavis/internal/flow"
)

// A workstation was lost: its admin replaces the pepper, behind a proof, and carries it as a text to the other desk, where who has moved could not log in
// any more. When all have moved the old one is dropped.
func TestALostWorkstation(t *testing.T) {
	w := chattest.New(t, nil)
	d := founded(t, w)
	d.k.Post(flow.Went{To: flow.SignUp})
	d.until("a sign-up", on(flow.SignUp))
	ben := d.signUp("ben", 2).Applicant
	d.k.Post(flow.PhraseKept{})
	d.until("waiting", on(flow.Waiting))
	d.k.Post(flow.Cancelled{})
	d.until("the log-in", on(flow.LogIn))
	d.logIn("ada", 1)
	d.k.Post(flow.PanelOpened{Panel: flow.Approvals})
	s := d.until("ben in the list", func(s flow.State) bool { return len(s.Admin.Signups) == 1 })
	d.do(flow.Action{Verb: flow.ApproveSignup, Account: s.Admin.Signups[0].Account, Text: string(ben.Fingerprint)})
	d.until("ben approved", func(s flow.State) bool { return s.Note == flow.NoteSignup })
	second := enrolledBy(t, w, d)

	d.k.Post(flow.PanelOpened{Panel: flow.VaultPepper})
	d.until("all are under the one", func(s flow.State) bool { return s.Peppers == flow.Peppers{Looked: true, Moved: 2, All: 2} })
	w.Clock.Move(2 * time.Minute)
	for _, v := range []flow.Verb{flow.ReplacePepper, flow.ShowPepper} { // the second is of the desk alone, and no server asks
		d.do(flow.Action{Verb: v})
		d.until("who sits there has to prove it", offered)
		d.k.Post(flow.ProofLeft{})
		if s := d.until("it is left", on(flow.Inside)); !s.Secret.IsZero() || s.Peppers.All-s.Peppers.Moved != 0 {
			t.Fatalf("%s was done without a proof", v)
		}
	}
	d.do(flow.Action{Verb: flow.ReplacePepper})
	d.until("a look", offered)
	d.k.Post(flow.ProofPressed{})
	s = d.until("the pepper, and who has moved", func(s flow.State) bool { return !s.Secret.IsZero() && s.Peppers.Older == 1 && s.Busy == flow.Idle })
	text := s.Secret.Reveal()
	if s.Peppers != (flow.Peppers{Looked: true, Moved: 1, All: 2, Older: 1}) || s.Note != flow.NoteReplaced || !strings.HasPrefix(text, "visavis-pepper-1:") {
		t.Fatalf("%+v", s.Peppers)
	}
	d.do(flow.Action{Verb: flow.DropPeppers})
	d.until("ben's vault needs the old one", func(s flow.State) bool { return s.Busy == flow.Idle && s.Note == flow.NotePeppers })
	if s = d.state(); s.Peppers.Older != 1 {
		t.Errorf("%+v", s.Peppers)
	}
	d.k.Post(flow.LogOutAsked{})
	d.until("the log-in", on(flow.LogIn))

	// ada's vault has moved: the other desk lacks what opens it, until it is brought.
	second.showFace(1)
	second.k.Post(flow.LogInAsked{Name: "ada", Password: password("ada")})
	second.until("a look", on(flow.Look))
	second.k.Post(flow.Pressed{})
	second.until("the pepper is missing", func(s flow.State) bool { return s.Page == flow.LogIn && s.Problem.Kind == flow.NoPepper })
	second.k.Post(flow.Went{To: flow.Bring})
	for wrong, why := range map[string]flow.Kind{"visavis-invite-1:abc": flow.BadPepper, text[:60]: flow.BadPepper} {
		typed := flow.Password(wrong)
		second.k.Post(flow.PepperBrought{Text: typed})
		second.until("it is none", func(s flow.State) bool { return s.Page == flow.Bring && s.Busy == flow.Idle && s.Problem.Kind == why })
		second.k.Post(flow.Dismissed{})
		second.until("it was read", func(s flow.State) bool { return s.Problem.IsZero() })
		if strings.Trim(string(typed), "\x00") != "" {
			t.Error("what was typed is still there")
		}
	}
	typed := flow.Password("\n" + text + "\n")
	second.k.Post(flow.PepperBrought{Text: typed})
	if s := second.until("it is taken", on(flow.LogIn)); s.Note != flow.NotePepper || strings.Trim(string(typed), "\x00") != "" {
		t.Errorf("%+v", s)
	}
	second.logIn("ben", 2) // and so he moves
	second.k.Post(flow.LogOutAsked{})
	second.until("the log-in", on(flow.LogIn))
	second.logIn("ada", 1)
	second.k.Post(flow.PanelOpened{Panel: flow.VaultPepper})
	second.until("all have moved", func(s flow.State) bool { return s.Peppers == flow.Peppers{Looked: true, Moved: 2, All: 2, Older: 1} })
	second.do(flow.Action{Verb: flow.DropPeppers})
	second.until("a look", offered)
	second.k.Post(flow.ProofPressed{})
	second.until("it is dropped", func(s flow.State) bool { return s.Peppers.Looked && s.Peppers.Older == 0 })
}
