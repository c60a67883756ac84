package login

import (
	"errors"
	"fmt"
	"time"
)

// Refusal is all that a desk learns of why a log-in failed: a closed list of five. The zero Refusal is none of them.
type Refusal uint8

const (
	NotSignedIn     Refusal = 1 // the one answer for every reason before a right password
	NotAdmitted     Refusal = 2 // right password, but the directory does not list the account
	FaceNotAccepted Refusal = 3
	Wait            Refusal = 4 // too many tries; Error.After says how long
	DeskNotAccepted Refusal = 5
)

var refusalTexts = [...]string{
	NotSignedIn:     "Not signed in. Check the name and the password.",
	NotAdmitted:     "Your account is not admitted yet. An admin has to approve it.",
	FaceNotAccepted: "The face was not accepted. Try again in good light, or ask an admin.",
	Wait:            "Too many tries. Wait, then try again.",
	DeskNotAccepted: "This desk is not accepted. Ask an admin to enrol it.",
}

// String returns a text that is safe to show.
func (r Refusal) String() string {
	if r == 0 || int(r) >= len(refusalTexts) {
		return fmt.Sprintf("unknown refusal %d", uint8(r))
	}
	return refusalTexts[r]
}

// Error is a refused step. Its text is safe to show; the cause inside is for the log and the audit alone. An error of this package
// that is neither an *Error nor one of the sign-up's errors is the server's own trouble.
type Error struct {
	Refusal Refusal
	After   time.Duration // Wait: how long
	why     error         // from the fixed list
	cause   error         // may be nil
}

// Error returns the safe text.
func (e *Error) Error() string {
	if e.Refusal == Wait {
		return fmt.Sprintf("Too many tries. Wait %d seconds, then try again.", e.Seconds())
	}
	return e.Refusal.String()
}

// Seconds is After as a desk is told, rounded up.
func (e *Error) Seconds() uint32 { return uint32((e.After + time.Second - 1) / time.Second) }

// Unwrap returns the causes: never to be shown.
func (e *Error) Unwrap() []error { return []error{e.why, e.cause} }

// RefusalOf returns the refusal in err, and false when err holds none.
func RefusalOf(err error) (Refusal, bool) {
	if e, ok := errors.AsType[*Error](err); ok {
		return e.Refusal, true
	}
	return 0, false
}

func refuse(r Refusal, why error, causes ...error) error {
	return &Error{Refusal: r, why: why, cause: errors.Join(causes...)}
}

// The errors of a sign-up that its person can do something about.
var (
	ErrNameTaken = errors.New("that name is taken: choose another")
	ErrEmail     = errors.New("not an e-mail address")
	ErrConsent   = errors.New("no consent to the use of the face")
	ErrSignup    = errors.New("the sign-up can not be accepted as it is")
	ErrNoRenewal = errors.New("nobody may sign up anew for that name: an admin has to allow it first")
	ErrFaces     = errors.New("no more faces in this sign-up: finish it, or begin anew")
)

// signupError prints as one of the errors above; what is inside is for the log.
type signupError struct{ outside, inside error }

func (e *signupError) Error() string   { return e.outside.Error() }
func (e *signupError) Unwrap() []error { return []error{e.outside, e.inside} }
