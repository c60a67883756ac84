package kiosk

import (
	"testing"

	"visavis/biometrics"
	"visavis/biometrics/eye"
	"visavis/chat/chattest"
	"visavis/cmd/visavis/internal/flow"
)

// Who signed up at one desk is approved, or rejected, at another; whatever the network does meanwhile, the waiting page learns of it.
func TestWaitingEnds(t *testing.T) {
	w := chattest.New(t, nil)
	d := founded(t, w)
	d.logIn("ada", 1)
	second := enrolledBy(t, w, d)
	waits := func(name string, f chattest.Face) flow.State {
		second.k.Post(flow.Went{To: flow.SignUp})
		second.until("a sign-up", on(flow.SignUp))
		s := second.signUp(name, f)
		if s.Page != flow.Waiting || s.Applicant.Admitted || !s.Secret.IsZero() || s.Applicant.Fingerprint == "" {
			t.Fatalf("%+v", s.Applicant)
		}
		d.do(flow.Action{Verb: flow.ListAdmin})
		return d.until(name+" in the list", func(s flow.State) bool { return len(s.Admin.Signups) == 1 && s.Admin.Signups[0].Name == name })
	}
	s := waits("ben", 2)
	print := string(second.state().Applicant.Fingerprint)
	second.cable.pull()
	second.until("the link is down", linked(flow.LinkDown))
	d.do(flow.Action{Verb: flow.ApproveSignup, Account: s.Admin.Signups[0].Account, Text: print})
	d.until("approved", func(s flow.State) bool { return s.Note == flow.NoteSignup })
	second.cable.mend()
	if s := second.until("log in now", on(flow.LogIn)); s.Note != flow.NoteApproved || s.Applicant.Name != "" {
		t.Errorf("%+v", s)
	}
	s = waits("dora", 4)
	d.do(flow.Action{Verb: flow.RejectSignup, Account: s.Admin.Signups[0].Account})
	d.until("rejected", func(s flow.State) bool { return s.Note == flow.NoteReject && len(s.Admin.Signups) == 0 })
	if s := second.until("the log-in", on(flow.LogIn)); s.Problem.Kind != flow.Rejected {
		t.Errorf("%+v", s)
	}
	second.logIn("ben", 2)
}

// A sign-up whose pictures were no good is tried again with the same form.
func TestASignUpIsTriedAgain(t *testing.T) {
	w := chattest.New(t, nil)
	d := founded(t, w)
	d.k.Post(flow.Went{To: flow.SignUp})
	typed := password("ben")
	d.k.Post(flow.SignUpAsked{Name: "ben", Email: "ben@example.org", Password: typed, Consent: chattest.Consent})
	d.until("a look", on(flow.Look))
	for _, err := range []error{&eye.SettleError{Reason: biometrics.TooFar}, eye.ErrInterrupted} {
		d.mu.Lock()
		d.face = w.Eye(2)
		d.face.Err = err
		d.mu.Unlock()
		d.k.Post(flow.Pressed{})
		d.until("trouble", func(s flow.State) bool { return s.Page == flow.Look && s.Busy == flow.Idle && !s.Problem.IsZero() })
	}
	d.showFace(2)
	d.k.Post(flow.Pressed{})
	d.until("the question of glasses", on(flow.Glasses))
	d.k.Post(flow.AgainAsked{})
	d.until("the try", looksTo(flow.ToTry))
	d.k.Post(flow.Skipped{})
	d.until("the phrase", on(flow.Phrase))
	for _, b := range typed {
		if b != 0 {
			t.Fatal("the password is still there")
		}
	}
}
