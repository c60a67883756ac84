package flow

// The vault pepper, which is replaced after a desk was lost: an admin's panel, and the page that takes it at the other desks, where nobody may be able to
// log in before it is there.

// Peppers is how far people have moved under the newest vault pepper, as the server counts.
type Peppers struct {
	Looked     bool
	Moved, All int // people
	Older      int // peppers that this desk holds beside the newest
}

type (
	// PeppersAre is what there is to show of them.
	PeppersAre struct{ Peppers Peppers }
	// PepperBrought is a pepper as a text, from another desk.
	PepperBrought struct{ Text Password }
	// PepperTaken says that the desk has it.
	PepperTaken struct{}
)

func (PeppersAre) event()    {}
func (PepperBrought) event() {}
func (PepperTaken) event()   {}

// DoTakePepper gives the desk a pepper that was brought, wipes the text and answers with PepperTaken or Failed.
type DoTakePepper struct{ Text Password }

func (DoTakePepper) effect() {}

func (s State) peppersAre(e PeppersAre) (State, []Effect) {
	if s.Panel == VaultPepper {
		s.Peppers = e.Peppers
	}
	return s, nil
}

func (s State) pepperBrought(e PepperBrought) (State, []Effect) {
	return s.begin(Checking), []Effect{DoTakePepper(e)}
}

func (s State) pepperTaken(PepperTaken) (State, []Effect) {
	next := s.turn(LogIn)
	next.Note = NotePepper
	return next, nil
}
