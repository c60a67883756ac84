package flow

// Proof is the small dialog that asks who sits there, over page and panel: an action waits for it, and goes on once the person has proven. The zero
// value is none.
type Proof struct {
	Wanted  bool
	Busy    bool    // the server is asked
	Problem Problem // why the last one did not do
}

// What a proof begins and ends with.
type (
	// ProofWanted says that the server wants a proof of just now for the action that is under way.
	ProofWanted struct{ Action Action }
	// ProofGiven is the password again.
	ProofGiven struct{ Password Password }
	// ProofLeft gives the action up.
	ProofLeft struct{}
	// Proven ends DoProveAgain: the action goes on. A Problem says that it does not.
	Proven struct{ Problem Problem }
)

func (ProofWanted) event() {}
func (ProofGiven) event()  {}
func (ProofLeft) event()   {}
func (Proven) event()      {}

// DoProveAgain proves by the password that the person is still there, and answers with Proven.
type DoProveAgain struct{ Password Password }

func (DoProveAgain) effect() {}

func (s State) proofWanted(e ProofWanted) (State, []Effect) {
	if s.Doing == e.Action && !s.Proof.Wanted {
		s.Proof = Proof{Wanted: true}
	}
	return s, nil
}

func (s State) proofGiven(e ProofGiven) (State, []Effect) {
	if !s.Proof.Wanted || s.Proof.Busy {
		return s, nil
	}
	s.Proof = Proof{Wanted: true, Busy: true}
	return s, []Effect{DoProveAgain(e)}
}

// proofLeft takes what was begun off; a panel keeps what was typed into it.
func (s State) proofLeft(ProofLeft) (State, []Effect) {
	if s.Proof.Wanted {
		s.Proof, s.Busy, s.Doing = Proof{}, Idle, Action{}
	}
	return s, nil
}

// proven goes on with the action, unless it was left meanwhile.
func (s State) proven(e Proven) (State, []Effect) {
	switch {
	case !s.Proof.Busy:
		return s, nil
	case !e.Problem.IsZero():
		s.Proof = Proof{Wanted: true, Problem: e.Problem}
		return s, nil
	}
	s.Proof = Proof{}
	return s, []Effect{DoAct{s.Doing}}
}
