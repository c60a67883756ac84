package flow

import (
	"time"

	"visavis/biometrics"
	"visavis/biometrics/liveness"
	"visavis/chat/e2e"
	"visavis/chat/trust"
	"visavis/cmd/visavis/internal/talk"
	"visavis/models"
	"visavis/models/audit"
)

// Page is what fills the window.
type Page string

// The pages.
const (
	Starting Page = "starting" // the desk's files are being read
	Enrol    Page = "enrol"    // this desk has no keys yet
	Found    Page = "found"    // the first desk of a server without an organisation
	Sheet    Page = "sheet"    // the root sheet, shown once
	LogIn    Page = "login"
	SignUp   Page = "signup"
	Bring    Page = "bring"   // a vault pepper from another desk
	ByRoot   Page = "root"    // what the root sheet can, when all admins are lost
	Recover  Page = "recover" // name and phrase of who forgot the password
	Renew    Page = "renew"   // the new password of a recovery
	Look     Page = "look"    // the camera's picture in its oval
	Glasses  Page = "glasses" // whether a sign-up shows the face once more, with glasses or without
	Phrase   Page = "phrase"  // the recovery phrase, shown to be written down
	Recalled Page = "recall"  // some groups of it are asked back
	Waiting  Page = "waiting" // for an admin's approval
	Inside   Page = "inside"  // rooms, people, a room
	Locked   Page = "locked"
)

// Panel lies over the page; one at a time.
type Panel string

// The panels.
const (
	NoPanel   Panel = ""
	Settings  Panel = "settings" // on every page but Look and Locked
	About     Panel = "about"    // the same
	Approvals Panel = "approvals"
	Desks     Panel = "desks"
	Invite    Panel = "invite" // people into the open room
	NewRoom   Panel = "newroom"
	Members   Panel = "members"
	People    Panel = "people"   // everybody whom the directory lists
	Someone   Panel = "someone"  // one of them: Peer, and the safety number
	RoomRules Panel = "rules"    // of the open room
	MyKeys    Panel = "keys"     // the person's own password and keys
	AuditLog  Panel = "auditlog" // what an admin's desk has found of it
	Help      Panel = "help"     // what an admin can do for people

	VaultPepper Panel = "pepper" // what an admin does when a desk was lost
	TwiceSaid   Panel = "twice"  // proof of two messages under one number
)

// Busy is what is being done and holds the page's form meanwhile.
type Busy string

// What may be under way.
const (
	Idle       Busy = ""
	Enrolling  Busy = "enrolling"
	Founding   Busy = "founding"
	Checking   Busy = "checking"  // a password, or a sign-up's form
	Looking    Busy = "looking"   // the challenge runs
	Finishing  Busy = "finishing" // the evidence is with the server, keys are being made or opened
	Locking    Busy = "locking"
	LoggingOut Busy = "loggingout"
	Acting     Busy = "acting"   // an Action inside
	Renewing   Busy = "renewing" // the window gets a new process, in which nothing of the person ever was
)

// Purpose is what a look is for.
type Purpose string

// The purposes.
const (
	ToLogIn  Purpose = "login"
	ToSignUp Purpose = "signup" // the first pictures of a face
	ToAgain  Purpose = "again"  // the same face with glasses, or without
	ToTry    Purpose = "try"    // whether the pictures are enough to be known by
	ToUnlock Purpose = "unlock"

	ToRecover Purpose = "recover" // the second proof of a recovery
	ToProve   Purpose = "prove"   // that who is inside is still there: over whatever is being done
)

// Capture is how far a look has come.
type Capture struct {
	Purpose  Purpose
	Gesture  liveness.Gesture    // what to do now; zero before the challenge
	Tint     liveness.Tint       // the light to show now; zero before the challenge
	Fraction float64             // of the challenge, 0 to 1
	Left     time.Duration       // of the gesture
	Of       time.Duration       // the gesture's whole time
	Reached  bool                // the gesture is being done
	Poses    Poses               // the gestures that were done in this challenge
	Reasons  []biometrics.Reason // what is wrong with the newest frame, most urgent first; empty when it is good
	Seen     bool                // a frame was judged since the look began
}

// Poses is a set of gestures.
type Poses uint16

// With is the set with a gesture in it.
func (p Poses) With(g liveness.Gesture) Poses { return p | 1<<g }

// Has says whether a gesture is in it.
func (p Poses) Has(g liveness.Gesture) bool { return p&(1<<g) != 0 }

// EyeStage is how the eye is.
type EyeStage string

// The stages.
const (
	EyeStarting EyeStage = ""        // its process starts, or its weights load
	EyeOpening  EyeStage = "opening" // the camera
	EyeOpen     EyeStage = "open"    // a camera gives pictures
	EyeFailed   EyeStage = "failed"  // Problem says why; it is tried again by itself
)

// Eye is the state of the camera and of the process that holds it.
type Eye struct {
	Stage   EyeStage
	Camera  string // its name
	Port    string
	Virtual bool    // no hardware: a puppet, a film
	Back    bool    // it was unplugged, and has just been found again
	Problem Problem // of EyeFailed
}

// Camera is one that can be picked.
type Camera struct {
	Name    string
	Kind    string // vendor and product, or its driver
	Port    string // where it is plugged in
	Source  string // what Prefs.Camera names it by, wherever it is plugged in
	Virtual bool
}

// Link is how the connection to the server is.
type Link string

// The links.
const (
	LinkOpening Link = ""
	LinkUp      Link = "up"
	LinkDown    Link = "down" // tried again by itself
)

// Theme is which of the two sets of colours is used.
type Theme string

// The themes.
const (
	ThemeSystem Theme = "system"
	ThemeLight  Theme = "light"
	ThemeDark   Theme = "dark"
)

// Shield is what happens when a second face looks at the screen.
type Shield string

// The shields.
const (
	ShieldBlur   Shield = "blur"   // the room can not be read until it is gone, or the person says so
	ShieldNotice Shield = "notice" // it is said
)

// Prefs are the desk's settings; nothing in them is a person's.
type Prefs struct {
	Theme    Theme
	TextSize int           // percent: 90, 100, 115, 130
	Camera   string        // the Source of the camera that was picked; empty for the first
	Away     time.Duration // nobody in view for so long locks: one of AwayChoices; only who is logged in may change it
	Calm     bool          // no changing light while somebody looks
	Shield   Shield        // only who is logged in may change it
}

// Desk is what the window shows of where it stands.
type Desk struct {
	Name         string
	Organisation string
	Server       string // address
	Virtual      bool   // the server lets in cameras that are no hardware: every page says so
	Lamp         bool   // the server asks for the changing light: Prefs.Calm does not count
}

// Person is who is logged in or locked.
type Person struct {
	Account models.AccountID
	Name    string
	Admin   bool
}

// Applicant is who has just signed up here.
type Applicant struct {
	Name        string
	Fingerprint trust.Fingerprint
	Admitted    bool
}

// Signup is somebody who waits for this admin: with a sign-up, or with new keys.
type Signup struct {
	Account models.AccountID
	Name    string
	Email   string
	At      time.Time
	Desk    string  // where
	Keys    Compare // why keys are to be compared; CompareNone of a sign-up; else Email and Desk are empty
	Blocked string  // why it can not be approved; empty when it can
	Like    string  // the names of whom the face looks like; empty for nobody
	Same    bool    // so much that it may be the same person
	Renews  bool    // for an account that there is: its keys, its face and what it could read are replaced
}

// DeskRow is a workstation in an admin's list.
type DeskRow struct {
	ID      models.DeskID
	Name    string
	At      time.Time
	Pending bool
	Revoked bool
	Here    bool
}

// Admin is what an admin's panels show.
type Admin struct {
	Signups []Signup
	Desks   []DeskRow
}

// Peer is somebody whose safety number is shown.
type Peer struct {
	Account  models.AccountID
	Name     string
	Admin    bool
	Identity models.Hash        // the identity statement that the number is of
	Number   trust.SafetyNumber // empty while it is not known yet
	Standing e2e.Standing
	Verified time.Time // local; when the number was compared last
}

// Audit is what an admin's desk has found of the server's log of security events.
type Audit struct {
	Looked  time.Time // local; zero while it is being looked at
	Changed Kind      // none when it is what it was, or goes on from there
	Kept    audit.Head
	Shown   audit.Head // zero when the server shows none
}

// Start is the state of a window that was just opened.
func Start() State { return State{Page: Starting, Prefs: DefaultPrefs()} }

// State is everything that the window shows; Start gives the first one.
type State struct {
	Page    Page
	Panel   Panel
	Busy    Busy
	Problem Problem // what went wrong here last; it stays until the next try
	Note    Note    // something good to say, in the same place

	Desk    Desk
	Asks    bool // the server asks for the light, as it said last; Desk.Lamp is what counts, and a look's stays as it was at its press
	Link    Link
	Eye     Eye
	Cameras []Camera
	Prefs   Prefs

	Founder   bool      // the sign-up is the first admin's
	Capture   Capture   // of Look, and of a Proof by the face; on Phrase and Recalled its purpose alone
	Applicant Applicant // of Waiting
	Recall    Recall    // of Phrase and Recalled
	Root      Root      // of ByRoot
	Secret    Secret    // of Sheet, Phrase, the Desks panel's new invite, the Help panel's code and VaultPepper's text: shown while they are
	Until     time.Time // of a code: how long it is good

	Person Person     // of Inside and Locked
	Talk   *talk.View // of Inside
	Admin  Admin      // of Inside
	Doing  Action     // of Busy Acting
	Proof  Proof      // that Doing waits for
	Scans  bool       // Approvals or Someone looks for a QR code
	Peer   Peer       // of Someone
	Keys   OwnKeys    // of MyKeys
	Audit  Audit      // of AuditLog

	Peppers Peppers // of VaultPepper
	Proofs  Proofs  // of TwiceSaid

	Onlooker bool // of Inside: a second face looks at the screen
	Veiled   bool // what the room says can not be read meanwhile
}

// Secret is text for the person's eyes alone. It prints redacted.
type Secret struct{ text string }

// NewSecret wraps a text.
func NewSecret(text string) Secret { return Secret{text} }

// Reveal returns the text, to be put on the screen and nowhere else.
func (s Secret) Reveal() string { return s.text }

// IsZero says that there is none.
func (s Secret) IsZero() bool { return s.text == "" }

func (Secret) String() string { return "(secret)" }

// GoString keeps %#v from printing it.
func (Secret) GoString() string { return "(secret)" }

// MarshalText keeps encoders from writing it.
func (Secret) MarshalText() ([]byte, error) { return []byte("(secret)"), nil }

// Sight is how often the eye has to look, and whether the window wants the pictures.
type Sight struct {
	Rate    int // frames a second; 0 rests
	Preview bool
}

// The rates.
const (
	previewRate = 25
	panelRate   = 12
	watchRate   = 4 // what the presence watch's times are made for
)

// Lit says whether the window shows the challenge's light.
func (s State) Lit() bool { return s.Desk.Lamp || !s.Prefs.Calm }

// Sight is what the state needs of the eye.
func (s State) Sight() Sight {
	switch {
	case s.Page == Look, s.Proof.ByFace:
		return Sight{previewRate, true}
	case s.Panel == Settings, s.Scans:
		return Sight{panelRate, true} // beneath a panel the whole page is painted anew with every picture
	case s.Page == Inside, s.Page == Glasses, s.Page == Renew, s.Noting():
		return Sight{watchRate, false} // for the walk-away lock, and for whoever leaves a sign-up half made
	}
	return Sight{}
}
