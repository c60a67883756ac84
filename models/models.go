package models

import "time"

// UserStatus is where an account stands. The zero value is not a status: a record without one is refused.
type UserStatus uint8

const (
	UserWaiting  UserStatus = 1 // signed up, not yet in the directory
	UserActive   UserStatus = 2 // an admin's identity statement names it
	UserDisabled UserStatus = 3 // revoked; never active again under the same account
)

// User is an account as the server keeps it. Nothing in it opens a message.
type User struct {
	ID        AccountID
	Name      string // canonical (PRECIS UsernameCaseMapped); unique
	Email     string
	Status    UserStatus
	Record    []byte // OPAQUE registration record; the password is not in it
	Suite     uint8  // which OPAQUE suite and KSF parameters made Record
	Bundle    []byte // signed sign-up bundle (chat/trust)
	Template  []byte // sealed face template (biometrics/template)
	ConsentAt time.Time
	Consent   Hash   // of the consent text that was shown
	Desk      DeskID // where the person signed up
	CreatedAt time.Time
}

// SealedTemplate is an account's face template as it is stored.
type SealedTemplate struct {
	Account AccountID
	Renewal bool   // of who signed up anew for the account, and waits
	Sealed  []byte // biometrics/template
}

// Vault is a person's private keys, sealed so that the server can not open them. Version starts at 1.
type Vault struct {
	Account AccountID
	Version uint64
	Prev    Hash // hash of the version before; zero for version 1
	Body    []byte
}

// Password is what somebody logs in with, as the server keeps it: the registration record and the vault that the password opens.
type Password struct {
	Record []byte
	Suite  uint8
	Vault  Vault
}

// KeyChange is what an account asks to have in place of its keys. It waits until an admin has signed it into the directory.
type KeyChange struct {
	Account AccountID
	Bundle  []byte // signed (chat/trust), with a succession
	Known   bool   // the person says that somebody may have the password: admins compare the fingerprint
	At      time.Time
}

// DeskStatus is where a workstation stands.
type DeskStatus uint8

const (
	DeskPending DeskStatus = 1 // enrolled with an invite; its directory statement is not signed yet
	DeskActive  DeskStatus = 2 // the directory lists it
	DeskRevoked DeskStatus = 3 // final
)

// Desk is an enrolled workstation: two public keys, and what it said of itself.
type Desk struct {
	ID         DeskID
	Name       string
	Status     DeskStatus
	DeviceKey  []byte // Ed25519 public key that signs evidence
	TLSKeyHash Hash   // SHA-256 of the TLS client key's SubjectPublicKeyInfo
	Request    []byte // the enrolment request as received; an admin's client checks it before it signs the statement
	Invite     Hash   // hash of the code of the invite that it used
	CreatedAt  time.Time
	RevokedAt  time.Time // zero unless revoked
	Origin     string    // the address that it was at last, as the server writes one; empty when none is known
}

// Invite is the server's half of an invitation for one desk: the hash of a one-time code.
type Invite struct {
	Code      Hash // SHA-256 of the code
	By        AccountID
	CreatedAt time.Time
	ExpiresAt time.Time
	UsedBy    DeskID // zero until used
}

// EntryKind says what a log entry's Body is.
type EntryKind uint8

const (
	EntryStatement  EntryKind = 1 // a signed statement of the directory or of the room's roster
	EntryGeneration EntryKind = 2 // a signed key generation; its boxes stand in rows of their own
	EntryMessage    EntryKind = 3 // key id and Fernet token; opaque to the server
	EntryExpired    EntryKind = 4 // what is left of a message whose time is over
)

// Entry is one line of a room's log. Seq counts from 1 without gaps, in each room by itself.
type Entry struct {
	Room    RoomID
	Seq     uint64 // set by the store
	Kind    EntryKind
	Author  AccountID
	Message MessageID // made by the author's client; the same id twice is the same entry or an error
	Body    []byte
	At      time.Time // when the server received it, to the millisecond
	Ends    time.Time // messages only: when the server is to forget what it says; zero for never
	Boxes   []Box     // generations only; written with the entry, never returned with it
}

// Box is a generation's secret sealed to one of a recipient's HPKE keys.
type Box struct {
	Room       RoomID
	Generation Hash
	Account    AccountID
	Key        Hash // id of the recipient's HPKE key
	Body       []byte
}

// MaxGivers bounds the members whose boxes for one key are kept beside the first.
const MaxGivers = 64

// Ask is what a member lacks of a room's keys and asks the others for.
type Ask struct {
	Room        RoomID
	Account     AccountID
	Generations []Hash
	Waiting     bool // nobody has sealed anything to him yet
}

// AttemptKind is what an attempt counter counts.
type AttemptKind uint8

const (
	AttemptPassword  AttemptKind = 1 // answered KE1s without a valid KE3
	AttemptFace      AttemptKind = 2 // failed faces after a right password
	AttemptChallenge AttemptKind = 3 // challenges drawn
	AttemptSignup    AttemptKind = 4
	AttemptEnrol     AttemptKind = 5 // invite codes tried
	AttemptRecovery  AttemptKind = 6 // requests for recovery without a phrase's signature
	AttemptCode      AttemptKind = 7 // one-time codes made
)

// Attempts is the durable counter of one subject: an account, a name, a desk, or an account at a desk. The zero value has
// counted nothing. What the numbers mean is decided in chat/login.
type Attempts struct {
	Kind       AttemptKind
	Subject    string // stable key, made by chat/login; never a name or password in clear text
	InRow      uint32 // since the last success
	Window     uint32 // since WindowFrom
	Total      uint32 // since an admin's reset
	WindowFrom time.Time
	Last       time.Time
}

// Challenge is the one outstanding liveness challenge of an account at a desk.
type Challenge struct {
	Account  AccountID
	Desk     DeskID
	Body     []byte // canonical encoding of liveness.Challenge
	IssuedAt time.Time
}

// AuditEvent is one security event; Detail is a short fixed phrase and holds no secret.
type AuditEvent struct {
	Seq     uint64 // set by the store
	At      time.Time
	Event   string // "login.face", "desk.revoke", …
	Outcome string // "ok", "denied", …
	Account AccountID
	Desk    DeskID
	Detail  string
}
