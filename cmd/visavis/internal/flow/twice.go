package flow

import (
	"time"

	"visavis/chat/e2e"
)

// Two messages that somebody's keys have signed under one number: the proof, to be handed on, and the check of one that was.

// Twice is one proof.
type Twice struct {
	Name string   // whose keys have signed both
	Said [2]Quote // in no order
	Text Secret   // to be handed on: whoever has it reads both
}

// Quote is one message of a proof.
type Quote struct {
	At   time.Time // local
	Kind e2e.Kind
	Text string // of a kind that this desk knows
}

// Proofs are what the panel TwiceSaid shows: those of the open room, or the one that was brought.
type Proofs struct {
	Looked  bool
	Brought bool
	List    []Twice
}

// ProofsAre is what there is to show of them.
type ProofsAre struct{ Proofs Proofs }

func (ProofsAre) event() {}

func (s State) proofsAre(e ProofsAre) (State, []Effect) {
	if s.Panel == TwiceSaid {
		s.Proofs = e.Proofs
	}
	return s, nil
}
