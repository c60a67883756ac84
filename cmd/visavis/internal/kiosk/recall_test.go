package kiosk

import (
	"context"
	"testing"
	"time"

	"visavis/chat/chattest"
	"visavis/chat/e2e"
	"visavis/cmd/visavis/internal/flow"
	"visavis/models"
)

// accounts is how many sign-ups wait at the server.
func accounts(t *testing.T, w *chattest.World) int {
	t.Helper()
	list, err := w.Store.UsersByStatus(t.Context(), models.UserWaiting)
	if err != nil {
		t.Fatal(err)
	}
	return len(list)
}

// asked is a sign-up of ben's whose phrase is asked back; it returns the phrase and the state.
func asked(t *testing.T, d *desk) (string, flow.State) {
	t.Helper()
	d.k.Post(flow.Went{To: flow.SignUp})
	d.captured("ben", 2)
	phrase := d.state().Secret.Reveal()
	d.k.Post(flow.PhraseKept{})
	return phrase, d.still("what is asked back", on(flow.Recalled))
}

// Who ticks that the phrase is written down has to show it: what is wrong is said place by place, nothing is made before all are right, and no state holds the
// phrase while it is asked for. Who looks again is asked for other places.
func TestThePhraseIsAskedBack(t *testing.T) {
	w := chattest.New(t, nil)
	d := founded(t, w)
	phrase, s := asked(t, d)
	if !s.Secret.IsZero() {
		t.Error("the phrase stands in the state that asks for it")
	}
	right := s.Recall.Places
	typed := groups(phrase, right)
	typed[1] = flow.Password("zzzz")
	d.k.Post(flow.GroupsTyped{Groups: typed})
	s = d.still("one is wrong", func(s flow.State) bool { return s.Recall.Tries == 1 })
	if s.Page != flow.Recalled || s.Recall.Wrong != [3]bool{false, true, false} || accounts(t, w) != 0 {
		t.Fatalf("%s: %+v, %d accounts", brief(s), s.Recall, accounts(t, w))
	}
	for _, g := range typed {
		wiped(t, "what was typed", g)
	}
	d.k.Post(flow.GroupsTyped{})
	d.still("nothing was typed", func(s flow.State) bool { return s.Recall.Tries == 2 && s.Recall.Wrong == [3]bool{true, true, true} })
	for range 20 { // the same three of 56 every time is no chance
		d.k.Post(flow.Cancelled{})
		if s = d.still("the phrase again", on(flow.Phrase)); s.Secret.Reveal() != phrase {
			t.Fatal("another phrase is shown than was")
		}
		d.k.Post(flow.Cancelled{}) // Esc leaves no phrase that somebody is writing down
		d.k.Post(flow.PhraseKept{})
		if s = d.still("what is asked back", on(flow.Recalled)); s.Recall.Places != right {
			break
		}
	}
	if s.Recall.Places == right || s.Recall.Tries != 0 {
		t.Errorf("asked for %v again", s.Recall)
	}
	if accounts(t, w) != 0 {
		t.Fatal("an account was made before its phrase was noted")
	}
	d.k.Post(flow.GroupsTyped{Groups: groups(phrase, s.Recall.Places)})
	if s = d.until("waiting", on(flow.Waiting)); accounts(t, w) != 1 || s.Applicant.Name != "ben" || s.Recall != (flow.Recall{}) {
		t.Errorf("%+v", s)
	}
	d.settle()
	if d.k.entry.noted != (e2e.Phrase{}) {
		t.Error("the phrase is kept")
	}
}

// The phrase of who has gone is not the next person's, and nothing was made: nobody in view, nobody who goes on, a desk that falls dark. Who bends over the paper
// is not gone.
func TestAPhraseIsNobodyElses(t *testing.T) {
	w := chattest.New(t, nil)
	d := founded(t, w)
	const looks = 250 * time.Millisecond // that the eye looks after
	for what, leave := range map[string]func(){
		"the chair is empty": func() { d.seesNobody(int(bentOver/looks) + 2) },
		"nobody goes on":     func() { d.clock.move(noting) },
	} {
		for _, page := range []flow.Page{flow.Phrase, flow.Recalled} {
			asked(t, d)
			if page == flow.Phrase {
				d.k.Post(flow.PhraseAgain{})
				d.still("the phrase", on(flow.Phrase))
			}
			d.seesNobody(int(leftAfter/looks) + 20)
			if s := d.still("bent over the paper", on(page)); s.Note == flow.NoteLeft {
				t.Fatal("who writes was sent away")
			}
			d.sees(2, 1)
			e := d.k.entry
			leave()
			s := d.still(what, on(flow.SignUp))
			if s.Note != flow.NoteLeft && s.Note != flow.NoteIdle || !s.Secret.IsZero() {
				t.Errorf("%s: %+v", what, s)
			}
			d.settle()
			if d.k.entry != nil || e.noted != (e2e.Phrase{}) {
				t.Errorf("%s: the phrase is kept", what)
			}
			d.k.Post(flow.PhraseAgain{})
			d.k.Post(flow.GroupsTyped{})
			if d.settle(); d.state().Page != flow.SignUp || accounts(t, w) != 0 {
				t.Errorf("%s: the next one goes on with it", what)
			}
			d.k.Post(flow.Went{To: flow.LogIn})
			d.until("the log-in", on(flow.LogIn))
		}
	}
	asked(t, d)
	_ = d.stop()
	if accounts(t, w) != 0 {
		t.Error("a desk that fell dark has left an account whose phrase nobody noted")
	}
}

// Where the connection goes while the phrase is written down, or what of it is typed, that is said at once: nothing was made, and what is on paper opens
// nothing. Where only the last answer is missing, that is said.
func TestThePhrasesLastStepIsLost(t *testing.T) {
	w := chattest.New(t, nil)
	d := founded(t, w)
	for _, page := range []flow.Page{flow.Recalled, flow.Phrase} {
		asked(t, d)
		if page == flow.Phrase {
			d.k.Post(flow.PhraseAgain{})
			d.still("the phrase", on(flow.Phrase))
		}
		d.settle()
		e := d.k.entry
		d.cable.pull()
		s := d.still("nothing was made", func(s flow.State) bool { return s.Page == flow.SignUp && s.Problem.Kind == flow.PhraseVoid })
		d.settle()
		if !s.Secret.IsZero() || e.noted != (e2e.Phrase{}) || d.k.entry != nil {
			t.Error("a phrase that opens nothing is kept")
		}
		d.cable.mend()
		if accounts(t, w) != 0 {
			t.Error("an account was made")
		}
		d.until("the link is up", linked(flow.LinkUp))
		d.k.Post(flow.Went{To: flow.LogIn})
		d.until("the log-in", on(flow.LogIn))
	}
	if p := unfinished(errPhrase, looking); p.Kind != flow.BadPhrase {
		t.Errorf("%+v", p)
	}
	if p := unfinished(context.DeadlineExceeded, looking); p.Kind != flow.PhraseUnsure {
		t.Errorf("no answer: %+v", p)
	}
}
