package flow

import (
	"time"

	"visavis/biometrics"
	"visavis/biometrics/liveness"
)

// Kind is what went wrong, from a closed list; each has its words: what happened, why, what to do.
type Kind string

// The kinds. The zero value is no problem.
const (
	NoProblem      Kind = ""
	NotEnrolled    Kind = "not-enrolled"   // the desk's files are missing
	DeskFile       Kind = "desk-file"      // damaged
	BadInvite      Kind = "bad-invite"     // not an invite, or used, or too old
	DeskRefused    Kind = "desk-refused"   // not listed yet, or revoked
	DeskElsewhere  Kind = "desk-elsewhere" // connected from another address
	WrongServer    Kind = "wrong-server"   // not the one that the desk was enrolled with
	OldServer      Kind = "old-server"     // shows an older directory or vault than before
	Unreachable    Kind = "unreachable"    // nobody answers
	ServerTrouble  Kind = "server-trouble" // its own fault; its text is in Detail
	Restarting     Kind = "restarting"     // the server goes down and comes back
	WrongPassword  Kind = "wrong-password" // or name; nobody says which
	WrongProof     Kind = "wrong-proof"    // the password of who is logged in, typed again
	ProofOld       Kind = "proof-old"      // it was given, and the deed came too late
	NotAdmitted    Kind = "not-admitted"
	FaceRefused    Kind = "face-refused"
	NotCaptured    Kind = "not-captured"   // a sign-up's pictures are no template: movements, or not one face
	NotRecognised  Kind = "not-recognised" // a sign-up's try: nothing is lost by it
	FacesUsed      Kind = "faces-used"     // no more tries in this sign-up
	TooMany        Kind = "too-many"       // Wait says how long
	VirtualCamera  Kind = "virtual-camera"
	WeakPassword   Kind = "weak-password"
	PasswordUnsure Kind = "password-unsure" // whether the new one counts, or the old one
	NameTaken      Kind = "name-taken"
	BadName        Kind = "bad-name"
	BadEmail       Kind = "bad-email"
	NoConsent      Kind = "no-consent"
	NoGoodPicture  Kind = "no-good-picture" // Reason says why; not a failed try
	NothingSeen    Kind = "nothing-seen"    // no frame came at all
	CutOff         Kind = "cut-off"         // the connection went away, and with it what was half done
	Interrupted    Kind = "interrupted"     // the eye or the camera went away amid a challenge
	NoCamera       Kind = "no-camera"
	CameraBusy     Kind = "camera-busy"
	CameraDenied   Kind = "camera-denied"
	CameraDark     Kind = "camera-dark"
	CameraBright   Kind = "camera-bright"
	CameraFrozen   Kind = "camera-frozen"
	CameraSlow     Kind = "camera-slow"
	CameraGone     Kind = "camera-gone" // unplugged: it is waited for
	EyeDied        Kind = "eye-died"
	NoWeights      Kind = "no-weights"
	BadVault       Kind = "bad-vault"
	NoPepper       Kind = "no-pepper"     // the desk lacks the vault pepper that is needed
	BadSheet       Kind = "bad-sheet"     // mistyped
	OtherSheet     Kind = "other-sheet"   // another organisation's, or server's
	BadPepper      Kind = "bad-pepper"    // mistyped, or another organisation's
	SessionEnded   Kind = "session-ended" // by the server: idle, too long, elsewhere
	LockedTooLong  Kind = "locked-too-long"
	LockedOffline  Kind = "locked-offline" // nobody to keep the key: logged out instead
	WrongPrint     Kind = "wrong-fingerprint"
	NotTrustworthy Kind = "not-trustworthy" // the server's list does not agree with what was signed
	NotAllowed     Kind = "not-allowed"
	Gone           Kind = "gone"
	AuditCut       Kind = "audit-cut"       // what an admin is told of the server's log of security events: it is shorter than it was,
	AuditRewritten Kind = "audit-rewritten" // it has another past,
	AuditUnproven  Kind = "audit-unproven"  // or nobody can say
	BadProof       Kind = "bad-proof"       // what somebody has handed on proves nothing
	NewIdentity    Kind = "new-identity"    // somebody has keys that the ones before did not sign
	Forked         Kind = "forked"
	NotStored      Kind = "not-stored"
	TooLong        Kind = "too-long"
	Overtaken      Kind = "overtaken"     // somebody was faster
	Rejected       Kind = "rejected"      // the sign-up
	Unsent         Kind = "unsent"        // Count messages may not have been stored before the lock
	NewerDesk      Kind = "newer-desk"    // this program is too old for what somebody wrote or signed
	WrongPhrase    Kind = "wrong-phrase"  // of this name; or a name that nobody has
	BadPhrase      Kind = "bad-phrase"    // no phrase: mistyped
	PhraseVoid     Kind = "phrase-void"   // the connection went away while it was noted: it opens nothing
	PhraseUnsure   Kind = "phrase-unsure" // whether the one that is on paper counts, or the one before
	WrongCode      Kind = "wrong-code"    // an admin's one-time code
	BadCode        Kind = "bad-code"      // mistyped
	NoRenewal      Kind = "no-renewal"    // no admin has allowed a sign-up for an account that there is
	CameByCode     Kind = "came-by-code"  // what who is inside has to know: Detail is the admin's name
	Unknown        Kind = "unknown"       // Detail has the error's text
)

// Problem is what went wrong. The zero value is none.
type Problem struct {
	Kind   Kind
	Wait   time.Duration     // of TooMany
	Reason biometrics.Reason // of NoGoodPicture
	Flaw   liveness.Reason   // of a face that was refused: what the window has seen of it; none when zero
	Count  int               // of Unsent
	Detail string            // of ServerTrouble and Unknown: a text that is safe to show
}

// mendable are the problems of a look that are put right before the camera, or by waiting: the page stays, and the next press tries again.
var mendable = map[Kind]bool{
	NoGoodPicture: true, NothingSeen: true, Interrupted: true, CutOff: true, NoCamera: true, CameraBusy: true, CameraDenied: true, CameraDark: true,
	CameraBright: true, CameraFrozen: true, CameraSlow: true, CameraGone: true,
	EyeDied: true, NoWeights: true, FaceRefused: true, NotCaptured: true, NotRecognised: true, FacesUsed: true,
	TooMany: true, Unreachable: true, ServerTrouble: true, Restarting: true, WrongCode: true, BadCode: true,
}

// IsZero says that nothing went wrong.
func (p Problem) IsZero() bool { return p.Kind == NoProblem }

// Note is something good to say.
type Note string

// The notes.
const (
	NoNote            Note = ""
	NoteEnrolled      Note = "enrolled"
	NoteApproved      Note = "approved"  // the account; log in now
	NoteFounder       Note = "founder"   // the first admin was admitted; log in now
	NoteLoggedOut     Note = "loggedout" // nothing of the person is left
	NoteCaptured      Note = "captured"  // a sign-up's pictures are good; try them now
	NoteKnown         Note = "known"     // a sign-up's face was recognised
	NoteSignup        Note = "signup-approved"
	NoteIdle          Note = "idle"            // nobody pressed at a look: what was kept for it is gone
	NoteUnproven      Note = "unproven"        // nobody said who sits there: what was asked for is given up
	NoteLeft          Note = "left"            // who signed up has gone from a half-made sign-up: it is ended
	NoteAway          Note = "locked-away"     // nobody was in view
	NoteStranger      Note = "locked-stranger" // somebody else was
	NoteReject        Note = "signup-rejected"
	NoteDesk          Note = "desk-approved"
	NoteRevoked       Note = "revoked"
	NoteInvited       Note = "invited"
	NoteVerified      Note = "verified" // the safety number was compared
	NoteDoubted       Note = "doubted"  // it was taken back
	NoteRole          Note = "role-changed"
	NotePassword      Note = "password-changed"
	NoteKnownPassword Note = "password-known" // and the keys wait for an admin
	NoteKeys          Note = "keys-approved"
	NoteKeysRejected  Note = "keys-rejected"
	NoteRules         Note = "rules-changed"
	NoteAudit         Note = "audit-accepted" // the log is taken as it is
	NoteReset         Note = "face-reset"
	NoteAllowed       Note = "renewal-allowed"
	NoteRenewed       Note = "renewal-approved"
	NoteSheet         Note = "sheet-left" // nobody went on with a root sheet
	NoteNamed         Note = "admin-named"
	NotePepper        Note = "pepper-taken" // a vault pepper that was brought to this desk
	NotePeppers       Note = "peppers-dropped"
	NoteReplaced      Note = "pepper-replaced"
	NoteProven        Note = "proven"    // what somebody has handed on is proof
	NoteRecovered     Note = "recovered" // the password was replaced; log in with it
)
