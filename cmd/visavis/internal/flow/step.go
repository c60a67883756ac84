package flow

import (
	"reflect"
	"slices"
)

// Step is what an event does to a state. An event that does not count there (see rules) changes nothing.
func Step(s State, e Event) (State, []Effect) {
	r, ok := rules[reflect.TypeOf(e)]
	if !ok || !r.counts(s) {
		return s, nil
	}
	next, effects := r.do(s, e)
	if sight := next.Sight(); sight != s.Sight() {
		effects = append(effects, DoSight{sight})
	}
	return next, effects
}

// rule says where an event counts, and what it does there.
type rule struct {
	pages []Page // none: everywhere
	busy  []Busy // none: whatever is under way
	do    func(State, Event) (State, []Effect)
}

func (r rule) counts(s State) bool {
	return (len(r.pages) == 0 || slices.Contains(r.pages, s.Page)) && (len(r.busy) == 0 || slices.Contains(r.busy, s.Busy))
}

func on[E Event](pages []Page, busy []Busy, do func(State, E) (State, []Effect)) (reflect.Type, rule) {
	return reflect.TypeFor[E](), rule{pages, busy, func(s State, e Event) (State, []Effect) { return do(s, e.(E)) }}
}

// rules is the whole machine.
var rules = func() map[reflect.Type]rule {
	m := map[reflect.Type]rule{}
	add := func(t reflect.Type, r rule) { m[t] = r }
	at := func(pages ...Page) []Page { return pages }
	when := func(busy ...Busy) []Busy { return busy }
	idle := when(Idle)

	// What a person does.
	add(on(at(Enrol), idle, State.enrolAsked))
	add(on(at(Found), idle, State.foundAsked))
	add(on(at(Sheet), idle, State.sheetKept))
	add(on(at(LogIn, SignUp, Recover), idle, State.typing))
	add(on(at(Recover), idle, State.recoverAsked))
	add(on(at(Look), idle, State.codeTyped))
	add(on(at(Renew), idle, State.passwordChosen))
	add(on(at(LogIn), idle, State.logInAsked))
	add(on(at(SignUp), idle, State.signUpAsked))
	add(on(at(Glasses), idle, State.againAsked))
	add(on(at(Look), idle, State.skipped))
	add(on(at(Phrase), idle, State.phraseKept))
	add(on(at(Recalled), idle, State.phraseAgain))
	add(on(at(Recalled), idle, State.groupsTyped))
	add(on(at(Look, Locked), idle, State.pressed))
	add(on(at(LogIn, SignUp, Recover, Bring, ByRoot, Renew, Look, Glasses, Phrase, Recalled, Waiting), when(Idle, Checking, Looking), State.cancelled))
	add(on(at(LogIn, SignUp, Recover, Bring, ByRoot), idle, State.went))
	add(on(at(ByRoot), idle, State.sheetTyped))
	add(on(at(ByRoot), idle, State.adminNamed))
	add(on(at(ByRoot), when(Checking), State.rootIs))
	add(on(at(Bring), idle, State.pepperBrought))
	add(on(at(Bring), when(Checking), State.pepperTaken))
	add(on(at(Inside), nil, State.peppersAre))
	add(on(at(Inside), nil, State.proofsAre))
	add(on(nil, nil, State.panelOpened))
	add(on(at(Enrol, Found, Sheet, LogIn, SignUp, Recover, Bring, ByRoot, Renew, Look, Glasses, Phrase, Recalled, Waiting, Inside, Locked), nil, State.prefsPicked))
	add(on(at(Inside), nil, State.someoneOpened))
	add(on(at(Inside), nil, State.scanAsked))
	add(on(nil, nil, State.dismissed))
	add(on(at(Inside), nil, State.asked))
	add(on(at(Inside), idle, State.passwordAsked))
	add(on(at(Inside), when(Acting), State.proofTurned))
	add(on(at(Inside), when(Acting), State.proofPressed))
	add(on(at(Inside), when(Acting), State.proofGiven))
	add(on(at(Inside), when(Acting), State.proofLeft))
	add(on(at(Inside), nil, State.lockAsked))
	add(on(at(Inside), nil, State.showAsked))
	add(on(at(Inside, Locked), nil, State.logOutAsked))

	// What came to an end.
	add(on(at(Starting), nil, State.started))
	add(on(at(Starting), nil, State.resumed))
	add(on(at(Enrol), when(Enrolling), State.enrolDone))
	add(on(at(Found), when(Founding), State.foundDone))
	add(on(at(LogIn, SignUp, Recover), when(Checking), State.ready))
	add(on(at(Look), when(Looking, Finishing), State.cleared))
	add(on(at(Look, Renew, Recalled), nil, State.phraseIs))
	add(on(at(Recalled), idle, State.groupsAre))
	add(on(at(Recalled), when(Finishing), State.recovered))
	add(on(at(Look, Inside), when(Idle, Looking, Acting), State.progress))
	add(on(at(Look), when(Looking, Finishing), State.captured))
	add(on(at(Look), when(Looking, Finishing), State.tried))
	add(on(at(Look), when(Looking, Finishing), State.loggedIn))
	add(on(at(Recalled), when(Finishing), State.signedUp))
	add(on(at(Look), when(Looking, Finishing), State.unlocked))
	add(on(at(Waiting), nil, State.approved))
	add(on(nil, nil, State.failed))
	add(on(at(Inside), when(Acting), State.proofWanted))
	add(on(at(Inside), when(Acting), State.proven))
	add(on(at(Locked), when(Locking), State.lockDone))
	add(on(at(LogIn, Locked), idle, State.renewal))
	add(on(at(LogIn, Locked), when(Renewing), State.renewed))
	add(on(at(LogIn), when(LoggingOut), State.loggedOut))
	add(on(at(Inside, Locked, Look), nil, State.ended))

	// What happens by itself.
	add(on(nil, nil, State.linkIs))
	add(on(nil, nil, State.eyeIs))
	add(on(nil, nil, State.camerasAre))
	add(on(at(Inside), nil, State.away))
	add(on(at(Inside), nil, State.stranger))
	add(on(at(Inside), nil, State.onlookerIs))
	add(on(at(Inside), nil, State.talkIs))
	add(on(at(Inside), nil, State.adminIs))
	add(on(at(Inside), nil, State.ownKeysAre))
	add(on(at(Inside), nil, State.peerIs))
	add(on(at(Inside), nil, State.auditIs))
	add(on(at(Inside), nil, State.done))
	return m
}()

// turn goes to a page with a clean slate: only what the desk is stays, and what the new page is about is put in by the caller.
func (s State) turn(to Page) State {
	s.Desk.Lamp = s.Asks
	return State{
		Page: to, Desk: s.Desk, Asks: s.Asks, Link: s.Link, Eye: s.Eye, Cameras: s.Cameras, Prefs: s.Prefs,
		Founder: s.Founder, // until the first admin was admitted
	}
}

// begin is the state while something is under way; what was said of the last try goes.
func (s State) begin(b Busy) State {
	s.Busy, s.Problem, s.Note = b, Problem{}, NoNote
	return s
}
