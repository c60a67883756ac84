package flow

// Proof is the question who sits there, over page and panel: an action waits for it, and goes on once the person has proven. The zero value is none.
type Proof struct {
	Wanted  bool
	ByFace  bool    // a look is offered, of which Capture tells; else the password's field
	Busy    Busy    // Idle, Checking a password, Looking while the challenge runs, or Finishing while the server judges it
	Problem Problem // why the last one did not do
}

// What a proof begins and ends with.
type (
	// ProofWanted says that the server wants a proof of just now for the action that is under way.
	ProofWanted struct{ Action Action }
	// ProofTurned goes from one way to prove to the other.
	ProofTurned struct{ ByFace bool }
	// ProofPressed is the look's button.
	ProofPressed struct{}
	// ProofGiven is the password again.
	ProofGiven struct{ Password Password }
	// ProofLeft gives the action up. Why is none when a person did.
	ProofLeft struct{ Why Note }
	// Proven ends DoProveAgain and DoProveFace: the action goes on. A Problem says that it does not.
	Proven struct{ Problem Problem }
)

func (ProofWanted) event()  {}
func (ProofTurned) event()  {}
func (ProofPressed) event() {}
func (ProofGiven) event()   {}
func (ProofLeft) event()    {}
func (Proven) event()       {}

// The effects of a proof.
type (
	// DoAskProof tells with Progress what is wrong with the picture while a look is offered; it posts ProofLeft when nobody answers for two minutes. It
	// comes anew after each try.
	DoAskProof struct{}
	// DoProveAgain proves by the password that the person is still there, and answers with Proven.
	DoProveAgain struct{ Password Password }
	// DoProveFace plays a challenge with Progress and answers with Proven. What the presence watch sees meanwhile counts.
	DoProveFace struct{}
	// DoDropProof ends what DoAskProof, DoProveAgain and DoProveFace have begun. It has no answer.
	DoDropProof struct{}
)

func (DoAskProof) effect()   {}
func (DoProveAgain) effect() {}
func (DoProveFace) effect()  {}
func (DoDropProof) effect()  {}

// MayFace says whether a face can be shown now: there is a camera that gives pictures, and the server takes them.
func (s State) MayFace() bool { return s.Eye.Stage == EyeOpen && (s.Desk.Virtual || !s.Eye.Virtual) }

// askProof asks, anew after a try: for the face where that can be, else for the password.
func (s State) askProof(byFace bool, why Problem) (State, []Effect) {
	s.Proof, s.Capture = Proof{Wanted: true, ByFace: byFace && s.MayFace(), Problem: why}, Capture{}
	if s.Proof.ByFace {
		s.Capture.Purpose = ToProve
	}
	return s, []Effect{DoAskProof{}}
}

func (s State) proofWanted(e ProofWanted) (State, []Effect) {
	if s.Doing != e.Action || s.Proof.Wanted {
		return s, nil
	}
	return s.askProof(true, Problem{})
}

func (s State) proofTurned(e ProofTurned) (State, []Effect) {
	if !s.Proof.Wanted || s.Proof.Busy != Idle || s.Proof.ByFace == e.ByFace || e.ByFace && !s.MayFace() {
		return s, nil
	}
	return s.askProof(e.ByFace, Problem{})
}

func (s State) proofPressed(ProofPressed) (State, []Effect) {
	if !s.Proof.ByFace || s.Proof.Busy != Idle {
		return s, nil
	}
	s.Proof, s.Capture, s.Desk.Lamp = Proof{Wanted: true, ByFace: true, Busy: Looking}, Capture{Purpose: ToProve}, s.Asks
	return s, []Effect{DoProveFace{}}
}

func (s State) proofGiven(e ProofGiven) (State, []Effect) {
	if !s.Proof.Wanted || s.Proof.Busy != Idle {
		return s, nil
	}
	s.Proof, s.Capture = Proof{Wanted: true, Busy: Checking}, Capture{}
	return s, []Effect{DoProveAgain(e)}
}

// proofSeen tells of the picture before the press, and of the challenge after it.
func (s State) proofSeen(e Progress) State {
	if !s.Proof.ByFace || s.Proof.Busy == Finishing {
		return s
	}
	s.Capture = s.Capture.next(e)
	if e.Finish && s.Proof.Busy == Looking {
		s.Proof.Busy = Finishing
	}
	return s
}

// proofSight asks for the password where the camera went away before the press; a look under way has its own end.
func (s State) proofSight() (State, []Effect) {
	if s.Proof.ByFace && s.Proof.Busy == Idle && !s.MayFace() {
		return s.askProof(false, Problem{})
	}
	return s, nil
}

// proofLeft takes what was begun off; a panel keeps what was typed into it.
func (s State) proofLeft(e ProofLeft) (State, []Effect) {
	if !s.Proof.Wanted {
		return s, nil
	}
	s.Proof, s.Capture, s.Busy, s.Doing, s.Note = Proof{}, Capture{}, Idle, Action{}, e.Why
	return s, []Effect{DoDropProof{}}
}

// faced are the problems after which a look is offered again: they are put right before the camera, or by waiting for the server. After all others
// the password is asked for, and says why.
var faced = map[Kind]bool{
	NoGoodPicture: true, NothingSeen: true, Interrupted: true, EyeDied: true, Unreachable: true, ServerTrouble: true, Restarting: true,
}

// proven goes on with the action, unless it was left meanwhile.
func (s State) proven(e Proven) (State, []Effect) {
	switch {
	case s.Proof.Busy == Idle:
		return s, nil
	case !e.Problem.IsZero():
		return s.askProof(s.Proof.ByFace && faced[e.Problem.Kind], e.Problem)
	}
	s.Proof, s.Capture = Proof{}, Capture{}
	return s, []Effect{DoDropProof{}, DoAct{s.Doing}}
}
