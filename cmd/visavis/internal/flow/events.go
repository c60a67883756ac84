package flow

import (
	"time"

	"visavis/biometrics"
	"visavis/biometrics/liveness"
	"visavis/chat/trust"
	"visavis/cmd/visavis/internal/talk"
	"visavis/models"
	"visavis/models/audit"
)

// Event is something that the person did or that came to an end. Events of a table (see rules) count only on its pages.
type Event interface{ event() }

// Password is what was typed. It prints redacted; whoever carries out the effect wipes it.
type Password []byte

func (Password) String() string { return "(secret)" }

// GoString keeps %#v from printing it.
func (Password) GoString() string { return "(secret)" }

// MarshalText keeps encoders from writing it.
func (Password) MarshalText() ([]byte, error) { return []byte("(secret)"), nil }

// What a person does before the log-in.
type (
	// EnrolAsked is an invite, as it was pasted, and a name for the desk.
	EnrolAsked struct {
		Invite Secret
		Name   string
	}
	// FoundAsked names the organisation.
	FoundAsked struct{ Organisation string }
	// SheetKept says that the root sheet is on paper.
	SheetKept struct{}
	// LogInAsked is the form of the log-in.
	LogInAsked struct {
		Name     string
		Password Password
	}
	// SignUpAsked is the form of the sign-up.
	SignUpAsked struct {
		Name, Email string
		Password    Password
		Consent     string // the text that was agreed to; empty without
		Renews      bool   // for an account that there is, whose password and phrase are lost
	}
	// AgainAsked answers whether the face is shown once more, with glasses or without.
	AgainAsked struct{ Yes bool }
	// Skipped leaves out a second capture, or the try.
	Skipped struct{}
	// Typing says that somebody begins to fill in a form: a look will follow.
	Typing struct{}
	// Pressed is the button of the look, or of the lock: a face alone shows no intent.
	Pressed struct{}
	// Cancelled leaves a look, a form or a waiting page. Why is none when a person did, NoteIdle or NoteLeft when it came by itself.
	Cancelled struct{ Why Note }
	// Went goes to LogIn, SignUp or Recover.
	Went struct{ To Page }
	// PanelOpened opens a panel, or closes it with NoPanel.
	PanelOpened struct{ Panel Panel }
	// PrefsPicked are new settings.
	PrefsPicked struct{ Prefs Prefs }
	// SomeoneOpened opens the panel Someone.
	SomeoneOpened struct{ Account models.AccountID }
	// ScanAsked begins or ends looking for a QR code in the camera's picture: a fingerprint's in Approvals, a safety number's in Someone.
	ScanAsked struct{ On bool }
	// Dismissed takes problem and note off the page.
	Dismissed struct{}
)

// What a person does inside.
type (
	// Asked is an action inside.
	Asked struct{ Action Action }
	// LockAsked locks now.
	LockAsked struct{}
	// LogOutAsked logs out, also while locked.
	LogOutAsked struct{}
	// ShowAsked takes the veil off the room, whoever looks.
	ShowAsked struct{}
)

// What came to an end, or happened by itself.
type (
	// Started says what the desk's files hold.
	Started struct {
		Enrolled, Founded bool
		Desk              Desk
		Prefs             Prefs
		Problem           Problem
	}
	// EnrolDone ends Enrolling.
	EnrolDone struct {
		Desk    Desk
		Founded bool
	}
	// FoundDone ends Founding with the root sheet.
	FoundDone struct {
		Desk  Desk
		Sheet Secret
	}
	// Ready says that password or form are right: the face is next.
	Ready struct{}
	// Progress tells of a look. Gesture is zero while the face is only being found.
	Progress struct {
		Gesture  liveness.Gesture
		Tint     liveness.Tint
		Fraction float64
		Left, Of time.Duration // of the gesture's time
		Reached  bool          // the gesture is being done
		Reasons  []biometrics.Reason
		Finish   bool // the pictures are taken; the server judges
	}
	// Captured ends the pictures of a sign-up's face: the first, or those with glasses or without.
	Captured struct{}
	// Tried says that a sign-up's face was known by its pictures.
	Tried struct{}
	// LoggedIn ends a log-in.
	LoggedIn struct {
		Person  Person
		Problem Problem // what the person has to know of it
	}
	// SignedUp ends a sign-up.
	SignedUp struct{ Applicant Applicant }
	// Approved says that who waits was admitted.
	Approved struct{}
	// Failed ends whatever is Busy. Anew says that a sign-up's pictures are gone, and the first come again.
	Failed struct {
		Problem Problem
		Anew    bool
	}
	// LockDone ends Locking.
	LockDone struct{}
	// Unlocked ends a look to unlock. Unsent is how many messages were on their way when it was locked.
	Unlocked struct {
		Person Person
		Unsent int
	}
	// Renewal begins Renewing: the page stays, and is held.
	Renewal struct{}
	// Renewed ends Renewing: in the new process, or in the old one when it found no other.
	Renewed struct{}
	// Resumed is where the process before left off: Started of a window that was renewed. It is Renewing until Renewed.
	Resumed struct {
		Desk    Desk
		Prefs   Prefs
		Page    Page // LogIn or Locked
		Person  Person
		Note    Note
		Problem Problem
	}
	// LoggedOut ends LoggingOut.
	LoggedOut struct{}
	// Ended says that the session is over; nothing of it is left.
	Ended struct{ Problem Problem }
	// LinkIs tells of the connection.
	LinkIs struct {
		Link Link
		Desk Desk // as the server's hello has it; used when Link is LinkUp
	}
	// EyeIs tells of the eye.
	EyeIs struct{ Eye Eye }
	// CamerasAre lists what can be picked.
	CamerasAre struct{ Cameras []Camera }
	// Away says that nobody was in view for as long as the settings allow.
	Away struct{}
	// Stranger says that somebody else is before the desk.
	Stranger struct{}
	// OnlookerIs says that a second face looks at the screen, or does not any more.
	OnlookerIs struct{ On bool }
	// TalkIs is a new view of rooms and lines.
	TalkIs struct{ Talk *talk.View }
	// AdminIs is a new view of an admin's lists; Self says whether the person is an admin now.
	AdminIs struct {
		Admin Admin
		Self  bool
	}
	// PeerIs is what there is to show of somebody.
	PeerIs struct{ Peer Peer }
	// AuditIs is what was found of the log of security events.
	AuditIs struct{ Audit Audit }
	// Done ends an action.
	Done struct {
		Action  Action
		Note    Note
		Secret  Secret    // a desk's invite, a code
		Until   time.Time // of a code
		Problem Problem
	}
)

func (EnrolAsked) event()  {}
func (FoundAsked) event()  {}
func (SheetKept) event()   {}
func (LogInAsked) event()  {}
func (SignUpAsked) event() {}
func (AgainAsked) event()  {}
func (Skipped) event()     {}
func (Typing) event()      {}
func (Pressed) event()     {}
func (Cancelled) event()   {}
func (Went) event()        {}
func (PanelOpened) event() {}
func (PrefsPicked) event() {}
func (ScanAsked) event()   {}
func (Dismissed) event()   {}
func (Asked) event()       {}
func (LockAsked) event()   {}
func (LogOutAsked) event() {}
func (ShowAsked) event()   {}
func (Started) event()     {}
func (EnrolDone) event()   {}
func (FoundDone) event()   {}
func (Ready) event()       {}
func (Progress) event()    {}
func (Captured) event()    {}
func (Tried) event()       {}
func (LoggedIn) event()    {}
func (SignedUp) event()    {}
func (Approved) event()    {}
func (Failed) event()      {}
func (LockDone) event()    {}
func (Unlocked) event()    {}
func (Renewal) event()     {}
func (Renewed) event()     {}
func (Resumed) event()     {}
func (LoggedOut) event()   {}
func (Ended) event()       {}
func (LinkIs) event()      {}
func (EyeIs) event()       {}
func (CamerasAre) event()  {}
func (Away) event()        {}
func (Stranger) event()    {}
func (OnlookerIs) event()  {}
func (TalkIs) event()      {}
func (AdminIs) event()     {}
func (Done) event()        {}

// Action is something that a person does inside. Verb says which of the fields are meant.
type Action struct {
	Verb     Verb
	Room     models.RoomID
	Account  models.AccountID
	Desk     models.DeskID
	Message  models.MessageID
	Text     string // a title, a message, a typed fingerprint
	Rules    trust.Policy
	Role     trust.RoomRole
	Identity models.Hash // which one of Account's was shown
	Head     audit.Head  // which one of the log was shown
}

// Verb is what an action does.
type Verb string

// The verbs.
const (
	OpenRoom       Verb = "open-room"       // Room; zero closes
	CreateRoom     Verb = "create-room"     // Text is the title; Rules, zero for the usual ones
	WriteTo        Verb = "write-to"        // Account: the room of two
	SetRole        Verb = "set-role"        // Room, Account, Role
	SetRules       Verb = "set-rules"       // Room, Rules
	LookAtPerson   Verb = "look-at"         // Account; PeerIs comes before Done
	AcceptPerson   Verb = "accept"          // Account, Identity: what waits for it goes out
	VerifyPerson   Verb = "verify"          // the same; its safety number was compared
	DoubtPerson    Verb = "doubt"           // the same; it was not, after all
	LookAtAudit    Verb = "look-at-audit"   // AuditIs comes before Done
	AcceptAudit    Verb = "accept-audit"    // Head: the log is right as it is
	JoinRoom       Verb = "join-room"       // Room
	LeaveRoom      Verb = "leave-room"      // Room; also declines
	InvitePerson   Verb = "invite"          // Room, Account
	RemovePerson   Verb = "remove"          // Room, Account
	SendText       Verb = "send"            // Room, Text
	ResendText     Verb = "resend"          // Room, Message
	DropText       Verb = "drop"            // Room, Message: a message that was not stored
	LookAtKeys     Verb = "look-at-keys"    // OwnKeysAre comes before Done
	ChangePassword Verb = "change-password" // of PasswordAsked
	MayBeKnown     Verb = "may-be-known"    // the same
	ApproveKeys    Verb = "approve-keys"    // Account, Text is the typed fingerprint
	RejectKeys     Verb = "reject-keys"     // Account
	ListAdmin      Verb = "list-admin"      // sign-ups and desks, again
	ApproveSignup  Verb = "approve"         // Account, Text is the typed fingerprint
	RejectSignup   Verb = "reject"          // Account
	InviteDesk     Verb = "invite-desk"     // Done brings the invite
	ApproveDesk    Verb = "approve-desk"    // Desk
	RevokeDesk     Verb = "revoke-desk"     // Desk
	RevokePerson   Verb = "revoke-person"   // Account
	MakeCode       Verb = "make-code"       // Account, Desk; Done brings the code
	ResetFace      Verb = "reset-face"      // Account
	AllowRenewal   Verb = "allow-renewal"   // Account
	LookAtPeppers  Verb = "look-at-peppers" // PeppersAre comes before Done
	ReplacePepper  Verb = "replace-pepper"  // Done brings it as a text
	ShowPepper     Verb = "show-pepper"     // the same, of the newest
	DropPeppers    Verb = "drop-peppers"    // that nobody's vault needs, at this desk
	LookAtTwice    Verb = "look-at-twice"   // ProofsAre comes before Done
	CheckTwice     Verb = "check-twice"     // Text is a proof that was brought; ProofsAre comes before Done
)

// quiet are the verbs during which the page stays usable.
var quiet = map[Verb]bool{
	OpenRoom: true, SendText: true, ResendText: true, DropText: true, ListAdmin: true, LookAtPerson: true, LookAtAudit: true, AcceptPerson: true, LookAtKeys: true,
	LookAtPeppers: true, LookAtTwice: true, CheckTwice: true,
}

// Effect is something that has to be carried out, in order. Whoever carries it out answers with the event that its comment names, or with
// Failed, exactly once; but what DoAbandon, DoLock, DoLogOut or a session's end overtook must not answer any more.
type Effect interface{ effect() }

// The effects.
type (
	// DoEnrol answers with EnrolDone.
	DoEnrol struct {
		Invite Secret
		Name   string
	}
	// DoFound answers with FoundDone, and keeps the root until the first admin was admitted.
	DoFound struct{ Organisation string }
	// DoProve proves name and password and answers with Ready.
	DoProve struct {
		Name     string
		Password Password
	}
	// DoPrepare checks and keeps a sign-up's form and answers with Ready.
	DoPrepare struct{ Form SignUpAsked }
	// DoPrepareEye makes the camera ready for a look that will follow. It has no answer.
	DoPrepareEye struct{}
	// DoWatch tells with Progress what is wrong with the picture, until the look begins or is left; nobody presses for two minutes, or
	// nobody is in view for ten seconds between two looks of a sign-up, and it posts Cancelled: what is kept for the look is not the next person's.
	// Who writes a phrase down has longer.
	DoWatch struct{}
	// DoLook plays the challenge with Progress and answers with LoggedIn, Captured, Tried, Cleared or Unlocked. It may come again after Failed: what
	// it needs (the form, the password, the pictures before) is kept until DoAbandon or its success.
	DoLook struct{ Purpose Purpose }
	// DoFinish makes the account, or the password, of whom has shown that the phrase is on paper, and answers with SignedUp or Recovered.
	DoFinish struct{}
	// DoAbandon leaves the look or the form, and wipes what was kept for it. It has no answer.
	DoAbandon struct{}
	// DoAwait asks until Approved, or Failed when the sign-up is gone.
	DoAwait struct{}
	// DoAct answers with Done, or with ProofWanted.
	DoAct struct{ Action Action }
	// DoLock answers with LockDone, or with Ended when there is nobody to keep the key.
	DoLock struct{}
	// DoLogOut answers with LoggedOut, whatever happens.
	DoLogOut struct{}
	// DoKeep writes the settings and uses them: the camera.
	DoKeep struct{ Prefs Prefs }
	// DoSight tells the eye how often to look.
	DoSight struct{ Sight Sight }
	// DoCameras answers with CamerasAre.
	DoCameras struct{}
)

func (DoEnrol) effect()      {}
func (DoFound) effect()      {}
func (DoProve) effect()      {}
func (DoPrepare) effect()    {}
func (DoPrepareEye) effect() {}
func (DoWatch) effect()      {}
func (DoLook) effect()       {}
func (DoFinish) effect()     {}
func (DoAbandon) effect()    {}
func (DoAwait) effect()      {}
func (DoAct) effect()        {}
func (DoLock) effect()       {}
func (DoLogOut) effect()     {}
func (DoKeep) effect()       {}
func (DoSight) effect()      {}
func (DoCameras) effect()    {}

// AwayChoices are the times after which an empty chair locks. None of them is never: whoever passes by could choose it for others.
func AwayChoices() []time.Duration {
	return []time.Duration{5 * time.Second, 10 * time.Second, 30 * time.Second, time.Minute}
}

// DefaultPrefs are the settings of a new desk.
func DefaultPrefs() Prefs {
	return Prefs{Theme: ThemeSystem, TextSize: 100, Away: AwayChoices()[0], Shield: ShieldBlur}
}
