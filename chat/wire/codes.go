package wire

import "fmt"

// Code is why a request was refused, from a closed list. A code and its text are all that a peer ever learns.
type Code uint8

const (
	CodeInternal    Code = 1  // our fault; the cause is in the server's log
	CodeProtocol    Code = 2  // not a frame of this protocol; the connection ends
	CodeTooLarge    Code = 3  // the connection ends
	CodeUnknownType Code = 4  // the connection ends
	CodeUnsupported Code = 5  // no version in common
	CodeInvalid     Code = 6  // well formed, but not acceptable
	CodeNotAllowed  Code = 7  // not now, or not to this person
	CodeNotFound    Code = 8  // or not yours to see
	CodeExists      Code = 9  // taken
	CodeConflict    Code = 10 // not on top of what stands; read on and try again
	CodeNotDurable  Code = 11 // could not be stored; nothing was kept
	CodeSlow        Code = 12 // the reader was too slow and was cut; resume at your cursor
	CodeGoodbye     Code = 13 // the server shuts down; come back
	CodeEnded       Code = 14 // the session is over; log in again

	// The five refusals of a log-in.
	CodeNotSignedIn Code = 20 // one answer for every reason before a right password
	CodeNotAdmitted Code = 21
	CodeFace        Code = 22
	CodeWait        Code = 23
	CodeDesk        Code = 24

	CodeVirtualCamera Code = 25 // hello: this server takes only real cameras
	CodeWeakPassword  Code = 26
	CodeFull          Code = 27 // too many of them
	CodeEmail         Code = 28
	CodeConsent       Code = 29 // none, or of another time than now
	CodeElsewhere     Code = 31 // this desk is connected from another address
	CodeProve         Code = 30 // allowed, to a person who has just shown that it is still he
)

// texts are safe to show; one says what happened and what to do.
var texts = map[Code]string{
	CodeInternal:      "Something went wrong on the server. Nothing was changed; try again, and tell the operator if it stays.",
	CodeProtocol:      "The server did not understand this program. Update it, or check the network between.",
	CodeTooLarge:      "That is larger than the server takes.",
	CodeUnknownType:   "The server does not know this request. The program is newer than the server.",
	CodeUnsupported:   "This program and the server share no protocol version. Update the older one.",
	CodeInvalid:       "The server can not accept that as it is.",
	CodeNotAllowed:    "That is not allowed here and now.",
	CodeNotFound:      "There is no such thing, or it is not yours to see.",
	CodeExists:        "That is taken already. Choose another.",
	CodeConflict:      "Somebody was faster. Read on and try again.",
	CodeNotDurable:    "The server could not store it. Nothing was lost or kept; try again.",
	CodeSlow:          "The connection was too slow and was closed. It resumes where it was.",
	CodeGoodbye:       "The server is going down. It will be back; the desk tries again by itself.",
	CodeEnded:         "The session is over. Log in again.",
	CodeNotSignedIn:   "Not signed in. Check the name and the password.",
	CodeNotAdmitted:   "Your account is not admitted yet. An admin has to approve it.",
	CodeFace:          "The face was not accepted. Look into the camera in good light and try again, or ask an admin.",
	CodeWait:          "Too many tries. Wait, then try again.",
	CodeDesk:          "This desk is not accepted. Ask an admin to enrol it.",
	CodeVirtualCamera: "This server takes real cameras only.",
	CodeWeakPassword:  "That password is too easy to guess. Take a longer one, or several words.",
	CodeFull:          "There is no room for more.",
	CodeEmail:         "That is not an e-mail address.",
	CodeConsent:       "Your consent did not arrive as given just now. Give it again; if this stays, the desk's clock is wrong: set it.",
	CodeElsewhere:     "This desk is connected from somewhere else. If it has just been moved, wait half a minute; if not, its key may be stolen: tell an admin.",
	CodeProve:         "Prove again that it is you: your last proof is more than a minute old.",
}

// Known says whether c is in the list.
func (c Code) Known() bool { return texts[c] != "" }

// Text returns the text that a person may see.
func (c Code) Text() string {
	if t := texts[c]; t != "" {
		return t
	}
	return texts[CodeInternal]
}

// Error is the body of a Failure frame and the Go error of a refused request.
type Error struct {
	_       struct{} `cbor:",toarray"`
	Code    Code
	Seconds uint32 // CodeWait: how long
	Text    string // for people; Code's text, or a more exact one that is as safe
}

// Refuse makes the error of a code with its own text.
func Refuse(c Code) *Error { return &Error{Code: c, Text: c.Text()} }

// Wait makes the error that asks to wait.
func Wait(seconds uint32) *Error {
	return &Error{Code: CodeWait, Seconds: seconds, Text: fmt.Sprintf("Too many tries. Wait %d seconds, then try again.", seconds)}
}

// Shown is the error as a desk may show it: its text is the code's own, whatever the server wrote there, and a code that is not in
// the list is the server's fault.
func (e *Error) Shown() *Error {
	switch {
	case e.Code == CodeWait:
		return Wait(e.Seconds)
	case !e.Code.Known():
		return Refuse(CodeInternal)
	}
	return Refuse(e.Code)
}

func (e *Error) Error() string { return fmt.Sprintf("server: %s (code %d)", e.Text, e.Code) }

// Is makes errors.Is(err, wire.Refuse(code)) compare codes alone.
func (e *Error) Is(target error) bool {
	t, ok := target.(*Error)
	return ok && t.Code == e.Code
}
