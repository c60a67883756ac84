package flow

import "visavis/chat/e2e"

// The recovery phrase: shown, and some of its groups asked back. Account and password come to be when they were answered and not before, so that who is
// cut off or leaves has lost nothing, and nobody has a phrase that is on no paper. The phrase itself stands in the state only while it is shown.

// Recall is what the page Recall asks for.
type Recall struct {
	Places e2e.Recall
	Wrong  [e2e.RecallGroups]bool // what was answered last
	Tries  int                    // answers that were wrong
}

type (
	// PhraseIs shows a phrase, and says which places will be asked for: others each time that it is shown.
	PhraseIs struct {
		Phrase Secret
		Places e2e.Recall
	}
	// PhraseKept says that the recovery phrase is written down.
	PhraseKept struct{}
	// PhraseAgain looks at it once more.
	PhraseAgain struct{}
	// GroupsTyped is what was typed from paper.
	GroupsTyped struct{ Groups [e2e.RecallGroups]Password }
	// GroupsAre says which of it is wrong.
	GroupsAre struct{ Wrong [e2e.RecallGroups]bool }
)

func (PhraseIs) event()    {}
func (PhraseKept) event()  {}
func (PhraseAgain) event() {}
func (GroupsTyped) event() {}
func (GroupsAre) event()   {}

type (
	// DoSeal draws the keys and the phrase of a sign-up whose face was captured, and answers with PhraseIs. The password is wiped.
	DoSeal struct{}
	// DoShowPhrase answers with PhraseIs.
	DoShowPhrase struct{}
	// DoCompare answers with GroupsAre, and wipes what was typed.
	DoCompare struct{ Groups [e2e.RecallGroups]Password }
)

func (DoSeal) effect()       {}
func (DoShowPhrase) effect() {}
func (DoCompare) effect()    {}

// phraseIs goes to the page of the phrase, from wherever it was made, or back from the questions. It keeps what it is for, and what was good to hear.
func (s State) phraseIs(e PhraseIs) (State, []Effect) {
	purpose := s.Capture.Purpose
	switch {
	case s.Page == Renew && s.Busy == Checking:
		purpose = ToRecover
	case s.Page == Look && s.Busy == Finishing && purpose == ToTry:
	case s.Page == Recalled && s.Busy == Idle:
	default:
		return s, nil
	}
	next := s.turn(Phrase)
	next.Capture.Purpose, next.Secret, next.Recall.Places, next.Note = purpose, e.Phrase, e.Places, s.Note
	return next, []Effect{DoWatch{}} // who does not go on has gone
}

func (s State) phraseKept(PhraseKept) (State, []Effect) {
	next := s.turn(Recalled)
	next.Capture.Purpose, next.Recall.Places = s.Capture.Purpose, s.Recall.Places
	return next, []Effect{DoWatch{}}
}

func (s State) phraseAgain(PhraseAgain) (State, []Effect) { return s, []Effect{DoShowPhrase{}} }

func (s State) groupsTyped(e GroupsTyped) (State, []Effect) { return s, []Effect{DoCompare(e)} }

// groupsAre goes on when all are right: now it counts.
func (s State) groupsAre(e GroupsAre) (State, []Effect) {
	if e.Wrong == [e2e.RecallGroups]bool{} {
		s.Recall.Wrong = e.Wrong
		return s.begin(Finishing), []Effect{DoFinish{}}
	}
	s.Recall.Wrong = e.Wrong
	s.Recall.Tries++
	return s, nil
}

// Noting says that somebody writes a phrase down, or types some of it.
func (s State) Noting() bool { return s.Page == Phrase || s.Page == Recalled }

// recovers says that the phrase is a recovery's; else it is a sign-up's.
func (s State) recovers() bool { return s.Capture.Purpose == ToRecover }

func (s State) signedUp(e SignedUp) (State, []Effect) {
	switch {
	case s.recovers():
		return s, nil
	case e.Applicant.Admitted:
		next := s.turn(LogIn)
		next.Note, next.Founder = NoteFounder, false
		return next, nil
	}
	next := s.turn(Waiting)
	next.Applicant = e.Applicant
	return next, []Effect{DoAwait{}}
}

func (s State) recovered(Recovered) (State, []Effect) {
	if !s.recovers() {
		return s, nil
	}
	next := s.turn(LogIn)
	next.Note = NoteRecovered
	return next, nil
}

// unnoted leaves a phrase that counts for nothing then. Who looks down at the paper can not be sent away by a key: Esc looks at the phrase again.
func (s State) unnoted(e Cancelled) (State, []Effect) {
	switch {
	case e.Why == NoNote && s.Page == Recalled:
		return s.phraseAgain(PhraseAgain{})
	case e.Why == NoNote:
		return s, nil
	}
	next := s.home()
	next.Note = e.Why
	return next, []Effect{DoAbandon{}}
}
