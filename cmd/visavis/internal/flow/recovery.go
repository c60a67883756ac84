package flow

// The ways back: a lost password, with the phrase; and an admin's one-time code in the place of a face.

// What a person does.
type (
	// RecoverAsked is the form of a recovery: a name, and the phrase as it was typed.
	RecoverAsked struct {
		Name   string
		Phrase Password
	}
	// CodeTyped is an admin's one-time code, at a look to log in or to recover.
	CodeTyped struct{ Code Password }
	// PasswordChosen is the new password of a recovery.
	PasswordChosen struct{ Password Password }
)

// What comes of it.
type (
	// Cleared says that both proofs of a recovery were given: a new password is next.
	Cleared struct{}
	// Recovered ends a recovery whose new phrase is on paper.
	Recovered struct{}
)

func (RecoverAsked) event()   {}
func (CodeTyped) event()      {}
func (PasswordChosen) event() {}
func (Cleared) event()        {}
func (Recovered) event()      {}

// The effects of a recovery.
type (
	// DoRecover proves the phrase and answers with Ready.
	DoRecover struct {
		Name   string
		Phrase Password
	}
	// DoCode shows a one-time code in the place of a face, and answers as the look would. It may come again after Failed.
	DoCode struct {
		Purpose Purpose
		Code    Password
	}
	// DoRepassword takes the new password and answers with PhraseIs; Failed with Anew says that the recovery is over.
	DoRepassword struct{ Password Password }
)

func (DoRecover) effect()    {}
func (DoCode) effect()       {}
func (DoRepassword) effect() {}

func (s State) recoverAsked(e RecoverAsked) (State, []Effect) {
	return s.begin(Checking), []Effect{DoRecover(e)}
}

// coded are the looks that a code may stand for.
var coded = map[Purpose]bool{ToLogIn: true, ToRecover: true}

// MayCode says whether a one-time code may be typed in the place of this look.
func (s State) MayCode() bool { return s.Page == Look && coded[s.Capture.Purpose] }

func (s State) codeTyped(e CodeTyped) (State, []Effect) {
	if !s.MayCode() {
		return s, nil
	}
	return s.begin(Finishing), []Effect{DoCode{Purpose: s.Capture.Purpose, Code: e.Code}}
}

func (s State) cleared(Cleared) (State, []Effect) {
	if s.Capture.Purpose != ToRecover {
		return s, nil
	}
	return s.turn(Renew), []Effect{DoWatch{}} // who does not go on has gone
}

func (s State) passwordChosen(e PasswordChosen) (State, []Effect) {
	return s.begin(Checking), []Effect{DoRepassword(e)}
}
