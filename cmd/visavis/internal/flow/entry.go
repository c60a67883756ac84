package flow

// The way in: desk, organisation, sign-up, log-in, look.

func (s State) started(e Started) (State, []Effect) {
	next := s.turn(Starting)
	next.Desk, next.Prefs = e.Desk, e.Prefs
	switch {
	case !e.Problem.IsZero():
		next.Problem = e.Problem
	case !e.Enrolled:
		next.Page = Enrol
	case !e.Founded:
		next.Page = Found
	default:
		next.Page = LogIn
	}
	return next, nil
}

func (s State) enrolAsked(e EnrolAsked) (State, []Effect) {
	return s.begin(Enrolling), []Effect{DoEnrol(e)}
}

func (s State) enrolDone(e EnrolDone) (State, []Effect) {
	next := s.turn(Found)
	next.Desk = e.Desk
	if e.Founded {
		next.Page, next.Note = LogIn, NoteEnrolled
	}
	return next, nil
}

func (s State) foundAsked(e FoundAsked) (State, []Effect) {
	return s.begin(Founding), []Effect{DoFound(e)}
}

func (s State) foundDone(e FoundDone) (State, []Effect) {
	next := s.turn(Sheet)
	next.Desk, next.Secret, next.Founder = e.Desk, e.Sheet, true
	return next, nil
}

func (s State) sheetKept(SheetKept) (State, []Effect) { return s.turn(SignUp), nil }

func (s State) went(e Went) (State, []Effect) {
	if e.To != LogIn && e.To != SignUp && e.To != Recover && e.To != Bring && e.To != ByRoot || s.Founder { // an organisation without an admin has nobody to log in
		return s, nil
	}
	return s.turn(e.To), nil
}

func (s State) typing(Typing) (State, []Effect) { return s, []Effect{DoPrepareEye{}} }

func (s State) logInAsked(e LogInAsked) (State, []Effect) {
	return s.begin(Checking), []Effect{DoProve(e)}
}

func (s State) signUpAsked(e SignUpAsked) (State, []Effect) {
	return s.begin(Checking), []Effect{DoPrepare{e}}
}

// firstLooks are what a form's look is for.
var firstLooks = map[Page]Purpose{LogIn: ToLogIn, SignUp: ToSignUp, Recover: ToRecover}

// ready shows the camera's picture; nothing is taken before the press.
func (s State) ready(Ready) (State, []Effect) {
	next := s.turn(Look)
	next.Capture.Purpose = firstLooks[s.Page]
	return next, []Effect{DoWatch{}}
}

// pressed begins a look. On the lock, the press is at once the one that shows intent.
func (s State) pressed(Pressed) (State, []Effect) {
	next, purpose := s, s.Capture.Purpose
	if s.Page == Locked {
		purpose = ToUnlock
		next = s.turn(Look)
		next.Person = s.Person
	}
	next = next.begin(Looking)
	next.Capture, next.Desk.Lamp = Capture{Purpose: purpose}, s.Asks
	return next, []Effect{DoLook{purpose}}
}

func (s State) progress(e Progress) (State, []Effect) {
	if s.Page == Inside {
		return s.proofSeen(e), nil
	}
	s.Capture = s.Capture.next(e)
	if e.Finish && s.Busy == Looking {
		s.Busy = Finishing
	}
	return s, nil
}

// next is how far it has come with what was told.
func (c Capture) next(e Progress) Capture {
	n := Capture{
		Purpose: c.Purpose, Gesture: e.Gesture, Tint: e.Tint, Fraction: e.Fraction, Left: e.Left, Of: e.Of, Reached: e.Reached,
		Poses: c.Poses, Reasons: e.Reasons, Seen: true,
	}
	if e.Reached && e.Gesture != 0 {
		n.Poses = n.Poses.With(e.Gesture)
	}
	return n
}

// captured asks about glasses after the first pictures, and goes on to the try after the second.
func (s State) captured(Captured) (State, []Effect) {
	switch s.Capture.Purpose {
	case ToSignUp:
		return s.turn(Glasses), []Effect{DoWatch{}} // who does not answer has gone
	case ToAgain:
		return s.lookNext(ToTry, NoteCaptured)
	}
	return s, nil
}

// lookNext is the next look of a sign-up; nothing is taken before the press.
func (s State) lookNext(p Purpose, why Note) (State, []Effect) {
	next := s.turn(Look)
	next.Capture.Purpose, next.Note = p, why
	return next, []Effect{DoWatch{}}
}

func (s State) againAsked(e AgainAsked) (State, []Effect) {
	if e.Yes {
		return s.lookNext(ToAgain, NoNote)
	}
	return s.lookNext(ToTry, NoteCaptured)
}

// tried saves a sign-up whose face was known.
func (s State) tried(Tried) (State, []Effect) {
	if s.Capture.Purpose != ToTry {
		return s, nil
	}
	return s.save(NoteKnown)
}

func (s State) skipped(Skipped) (State, []Effect) {
	switch s.Capture.Purpose {
	case ToAgain:
		return s.lookNext(ToTry, NoteCaptured)
	case ToTry:
		return s.save(NoNote)
	}
	return s, nil
}

func (s State) save(why Note) (State, []Effect) {
	s = s.begin(Finishing)
	s.Note = why
	return s, []Effect{DoSeal{}}
}

// homes are where a look came from.
var homes = map[Purpose]Page{ToLogIn: LogIn, ToSignUp: SignUp, ToAgain: SignUp, ToTry: SignUp, ToUnlock: Locked, ToRecover: Recover}

// home leaves a look.
func (s State) home() State {
	next := s.turn(homes[s.Capture.Purpose])
	if s.Page == Glasses {
		next.Page = SignUp
	}
	if next.Page == Locked {
		next.Person = s.Person
	}
	return next
}

func (s State) cancelled(e Cancelled) (State, []Effect) {
	abandon := []Effect{DoAbandon{}}
	switch {
	case s.Page == Look, s.Page == Glasses:
		next := s.home()
		next.Note = e.Why
		return next, abandon
	case s.Noting():
		return s.unnoted(e)
	case s.Page == ByRoot:
		next := s.turn(LogIn)
		next.Note = e.Why
		return next, abandon
	case s.Busy == Checking:
		return s.begin(Idle), abandon
	case s.Page == Renew:
		next := s.turn(Recover)
		next.Note = e.Why
		return next, abandon
	case (s.Page == Waiting || s.Page == SignUp || s.Page == Recover || s.Page == Bring) && !s.Founder: // the founder's admission is tried until it worked: nobody else could do it
		return s.turn(LogIn), abandon
	}
	return s, nil
}

func (s State) loggedIn(e LoggedIn) (State, []Effect) {
	if s.Capture.Purpose != ToLogIn {
		return s, nil
	}
	next := s.inside(e.Person)
	next.Problem = e.Problem
	return next, nil
}

func (s State) inside(p Person) State {
	next := s.turn(Inside)
	next.Person = p
	return next
}

func (s State) approved(Approved) (State, []Effect) {
	next := s.turn(LogIn)
	next.Note, next.Founder = NoteApproved, false
	return next, nil
}

// failed ends what was under way. A look whose trouble can be mended stays where it is; the others go back to where they came from.
func (s State) failed(e Failed) (State, []Effect) {
	switch {
	case s.Page == Look && s.Busy != Idle:
		if s.Capture.Purpose == ToUnlock || !mendable[e.Problem.Kind] {
			next := s.home()
			next.Problem = e.Problem
			return next, []Effect{DoAbandon{}}
		}
		next := s.begin(Idle)
		next.Problem, next.Capture = e.Problem, Capture{Purpose: s.Capture.Purpose}
		if e.Anew && homes[s.Capture.Purpose] == SignUp {
			next.Capture.Purpose = ToSignUp
		}
		return next, []Effect{DoWatch{}}
	case s.Noting(): // what was noted is void
		next := s.home()
		next.Problem = e.Problem
		return next, []Effect{DoAbandon{}}
	case s.Page == Waiting:
		next := s.turn(LogIn)
		if s.Founder { // nobody can log in yet
			next.Page = SignUp
		}
		next.Problem = e.Problem
		return next, nil
	case s.Page == ByRoot && e.Anew:
		next := s.turn(ByRoot)
		next.Problem = e.Problem
		return next, nil
	case s.Page == Renew && e.Anew:
		next := s.turn(Recover)
		next.Problem = e.Problem
		return next, []Effect{DoAbandon{}}
	case s.Busy == Enrolling, s.Busy == Founding, s.Busy == Checking:
		next := s.begin(Idle)
		next.Problem = e.Problem
		return next, nil
	}
	return s, nil
}
