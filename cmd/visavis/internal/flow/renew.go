package flow

// A new process: where somebody's keys and words were, and who has gone, the window goes on without that memory.

// IsPersonal says that something of a person comes into the process with an event, or stands on the page that follows from it: from then on the
// process is one to be left. A look that is to unlock brings nothing before it has.
func IsPersonal(e Event, s State) bool {
	if _, typed := e.(Typing); typed {
		return true
	}
	switch s.Page {
	case Starting, Enrol, Found, LogIn, SignUp, Locked:
		return false
	case Look:
		return s.Capture.Purpose != ToUnlock
	}
	return true
}

// Leaves says that a person has just gone: a window whose process held something of him may get a new one now. It never says so while something
// is under way, or while there is a text that is shown once.
func Leaves(old, s State) bool {
	if s.Busy != Idle || s.Founder {
		return false
	}
	switch s.Page {
	case LogIn:
		return old.Page != LogIn || old.Busy == LoggingOut
	case Locked:
		return old.Page != Locked || old.Busy == Locking
	}
	return false
}

func (s State) renewal(Renewal) (State, []Effect) {
	s.Busy, s.Panel = Renewing, NoPanel
	return s, nil
}

func (s State) renewed(Renewed) (State, []Effect) {
	s.Busy = Idle
	return s, nil
}

// resumed shows a page that another process has shown; of any other it makes the log-in's.
func (s State) resumed(e Resumed) (State, []Effect) {
	next := s.turn(LogIn)
	next.Desk, next.Prefs, next.Note, next.Problem, next.Busy = e.Desk, e.Prefs, e.Note, e.Problem, Renewing
	if e.Page == Locked {
		next.Page, next.Person = Locked, e.Person
	}
	return next, nil
}
