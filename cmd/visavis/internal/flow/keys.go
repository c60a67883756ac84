package flow

import (
	"time"

	"visavis/chat/trust"
)

// OwnKeys is where the person's own keys stand.
type OwnKeys struct {
	Since       time.Time         // local; zero while it is not known
	Asked       bool              // others wait
	Known       bool              // since somebody may have the password
	Compared    bool              // for an admin, who compares the fingerprint; else for an admin's desk alone
	Fingerprint trust.Fingerprint // of those that wait
}

// Compare is why somebody's keys wait for an admin; none of a sign-up.
type Compare string

// The reasons.
const (
	CompareNone    Compare = ""
	CompareKnown   Compare = "known"   // the person says that somebody may have the password
	CompareExposed Compare = "exposed" // a desk was revoked since, and may have seen the keys
)

type (
	// PasswordAsked is the form of the panel MyKeys. Known says that somebody may have the old one: the keys change too, and all else of the person ends.
	PasswordAsked struct {
		Old, New Password
		Known    bool
	}
	// OwnKeysAre is what there is to show of the person's own keys.
	OwnKeysAre struct{ Keys OwnKeys }
)

func (PasswordAsked) event() {}
func (OwnKeysAre) event()    {}

// DoChangePassword proves the old password, takes the new one, and answers with Done. Both are wiped.
type DoChangePassword struct {
	Action   Action
	Old, New Password
}

func (DoChangePassword) effect() {}

// passwordAsked keeps neither password.
func (s State) passwordAsked(e PasswordAsked) (State, []Effect) {
	if s.Panel != MyKeys {
		return s, nil
	}
	s = s.begin(Acting)
	s.Doing = Action{Verb: ChangePassword}
	if e.Known {
		s.Doing.Verb = MayBeKnown
	}
	return s, []Effect{DoChangePassword{s.Doing, e.Old, e.New}}
}

func (s State) ownKeysAre(e OwnKeysAre) (State, []Effect) {
	if s.Panel == MyKeys {
		s.Keys = e.Keys
	}
	return s, nil
}
