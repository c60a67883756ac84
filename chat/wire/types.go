package wire

import (
	"visavis/models"
	"visavis/models/canon"
)

// Version is the protocol's version; hello offers a list of them. In the first a sign-up showed its face once, at the end, and evidence had no
// colours: a desk of that time would have its people's faces refused, and counted, for no reason that anybody could see.
const Version = 2

// ExporterLabel is the TLS exporter's label; the context is given where it is used (trust.md, evidence).
const ExporterLabel = "EXPORTER-visavis-v1"

// The types of requests. The comment gives request body → response body.
const (
	TypeHello = "hello" // Hello → HelloReply

	// On the enrolment protocol (pki.ProtoEnrol).
	TypeDeskEnrol = "desk.enrol" // DeskEnrol → DeskEnrolReply

	// Before the log-in, on an enrolled desk.
	TypeRootAppend      = "root.append"      // RootAppend → Empty: statements signed by the root alone
	TypeSignupStart     = "signup.start"     // SignupStart → SignupReply
	TypeSignupChallenge = "signup.challenge" // SignupChallenge → ChallengeReply
	TypeSignupFace      = "signup.face"      // SignupFace → Empty: an enrolment, a second one, or a try; judged at once
	TypeSignupFinish    = "signup.finish"    // SignupFinish → Empty
	TypeLoginStart      = "login.start"      // LoginStart → LoginReply
	TypeLoginPassword   = "login.password"   // LoginPassword → Empty
	TypeLoginChallenge  = "login.challenge"  // ByLogin → ChallengeReply
	TypeLoginFace       = "login.face"       // LoginFace → SessionReply
	TypeSignupStatus    = "signup.status"    // SignupStatus → SignupStatusReply
	TypeResume          = "session.resume"   // SessionResume → ResumeReply: instead of a log-in, with a session of a connection that was cut

	// After it.
	TypeLogout       = "session.logout" // Empty → Empty; also of a locked session
	TypeLock         = "session.lock"   // SessionLock → Empty: from then on the connection has nobody
	TypeLockKey      = "lock.key"       // Empty → LockKeyReply: before each session.lock
	TypeVaultGet     = "vault.get"      // Empty → VaultReply
	TypeVaultPut     = "vault.put"      // VaultPut → Empty
	TypeSignupList   = "signup.list"    // SignupList → SignupListReply; admins
	TypeSignupAlike  = "signup.alike"   // SignupAlike → SignupAlikeReply; admins, under FeatureAlike
	TypeSignupReject = "signup.reject"  // SignupReject → Empty; admins: the account and everything of it is deleted
	TypeDeskInvite   = "desk.invite"    // Empty → DeskInviteReply; admins
	TypeDeskList     = "desk.list"      // Empty → DeskListReply; admins
	TypeAuditHead    = "audit.head"     // AuditHead → AuditHeadReply; admins, under FeatureAudit
	TypeRoomList     = "room.list"      // RoomList → RoomListReply
	TypeLogAppend    = "log.append"     // LogAppend → LogAppendReply, once durable
	TypeLogFollow    = "log.follow"     // LogFollow → LogFollowReply, then log.entry events
	TypeBoxPut       = "box.put"        // BoxPut → Empty: before the log.append of a generation with more boxes than a frame holds
	TypeBoxGet       = "box.get"        // BoxGet → BoxReply

	// While the session is locked.
	TypeLockStart     = "lock.start"     // Empty → ByLogin
	TypeLockChallenge = "lock.challenge" // ByLogin → ChallengeReply
	TypeLockFace      = "lock.face"      // LoginFace → UnlockReply
)

// The types of events.
const (
	EventEntry = "log.entry" // Entry
	EventRoom  = "room.news" // RoomNews: a room that the person was invited to, or may no longer follow
	EventBye   = "bye"       // the type of the Failure frame with id 0 that ends a connection
)

// Empty is the body of requests and responses that carry nothing.
type Empty struct {
	_ struct{} `cbor:",toarray"`
}

// Hello is the first request on every connection.
type Hello struct {
	_        struct{} `cbor:",toarray"`
	Versions []uint32
	Features []string
	Client   string // program and version, for the log
}

// HelloReply carries the server's signed hello (trust.Hello), whose key is the server certificate's.
type HelloReply struct {
	_       struct{} `cbor:",toarray"`
	Version uint32
	Signed  []byte
}

// DeskEnrol asks for a certificate. Request is a signed trust.DeskRequest; TLSKey is the PKIX form of the key that the
// certificate shall hold, whose possession the connection after this one proves.
type DeskEnrol struct {
	_       struct{} `cbor:",toarray"`
	Request []byte
	TLSKey  []byte
}

// DeskEnrolReply holds DER certificates.
type DeskEnrolReply struct {
	_           struct{} `cbor:",toarray"`
	Certificate []byte
	Authority   []byte
}

// RootAppend appends statements to the directory that the root signed: the first ones, and recovery.
type RootAppend struct {
	_          struct{} `cbor:",toarray"`
	Statements [][]byte
}

// SignupStart begins a sign-up; the consent is recorded before any face is asked for.
type SignupStart struct {
	_         struct{} `cbor:",toarray"`
	Name      string
	Email     string
	Consent   models.Hash // of the text that was shown
	ConsentAt int64       // Unix milliseconds, the desk's clock
	Request   []byte      // OPAQUE registration request
}

// SignupReply answers it.
type SignupReply struct {
	_        struct{} `cbor:",toarray"`
	Login    models.LoginID
	Account  models.AccountID
	Params   canon.Raw // pake.Params
	Response []byte    // OPAQUE registration response
}

// ByLogin names a sign-up or log-in under way.
type ByLogin struct {
	_     struct{} `cbor:",toarray"`
	Login models.LoginID
}

// ChallengeReply carries a liveness.Challenge in its canonical encoding.
type ChallengeReply struct {
	_         struct{} `cbor:",toarray"`
	Challenge []byte
}

// SignupFinish ends a sign-up. Record is the one that its faces were shown with; Bundle is signed (chat/trust), Vault is sealed (chat/e2e).
type SignupFinish struct {
	_      struct{} `cbor:",toarray"`
	Login  models.LoginID
	Record []byte
	Bundle []byte
	Vault  []byte
}

// LoginStart begins a log-in.
type LoginStart struct {
	_    struct{} `cbor:",toarray"`
	Name string
	KE1  []byte
}

// LoginReply answers it, in the same way for known and unknown names.
type LoginReply struct {
	_       struct{} `cbor:",toarray"`
	Login   models.LoginID
	Account models.AccountID
	Params  canon.Raw // pake.Params
	KE2     []byte
}

// LoginPassword proves the password.
type LoginPassword struct {
	_     struct{} `cbor:",toarray"`
	Login models.LoginID
	KE3   []byte
}

// LoginFace hands in the signed evidence.
type LoginFace struct {
	_        struct{} `cbor:",toarray"`
	Login    models.LoginID
	Evidence []byte
}

// SessionReply is the answer to the last proof: the session and the vault.
type SessionReply struct {
	_            struct{} `cbor:",toarray"`
	Session      models.SessionID
	VaultVersion uint64
	VaultPrev    models.Hash
	Vault        []byte
}

// VaultReply is the stored vault.
type VaultReply struct {
	_       struct{} `cbor:",toarray"`
	Version uint64
	Prev    models.Hash
	Vault   []byte
}

// VaultPut replaces the vault when Version is the stored one plus one.
type VaultPut struct {
	_       struct{} `cbor:",toarray"`
	Version uint64
	Prev    models.Hash
	Vault   []byte
}

// Signup is one account that waits for approval.
type Signup struct {
	_       struct{} `cbor:",toarray"`
	Account models.AccountID
	Name    string
	Email   string
	Desk    models.DeskID
	At      int64
	Bundle  []byte
}

// SignupList asks for a page: those that come after a row of the page before. The zero cursor asks for the first.
type SignupList struct {
	_       struct{} `cbor:",toarray"`
	At      int64
	Account models.AccountID
}

// SignupListReply lists them, oldest first, and by account within a millisecond. More says that another page follows.
type SignupListReply struct {
	_       struct{} `cbor:",toarray"`
	Waiting []Signup
	More    bool
}

// SignupReject refuses a waiting account.
type SignupReject struct {
	_       struct{} `cbor:",toarray"`
	Account models.AccountID
}

// DeskInviteReply is the server's half of an invite; the admin's client adds what the server must not know.
type DeskInviteReply struct {
	_         struct{} `cbor:",toarray"`
	Addresses []string
	Code      []byte
	ExpiresAt int64
}

// Desk is a workstation as an admin sees it.
type Desk struct {
	_       struct{} `cbor:",toarray"`
	ID      models.DeskID
	Name    string
	Status  models.DeskStatus
	Request []byte
	Invite  models.Hash // of the code that it used
	At      int64
}

// DeskListReply lists them.
type DeskListReply struct {
	_     struct{} `cbor:",toarray"`
	Desks []Desk
}

// Room is a room that the person is in or invited to.
type Room struct {
	_      struct{} `cbor:",toarray"`
	ID     models.RoomID
	Member bool // otherwise invited
	Last   uint64
}

// RoomList asks for a page: the rooms whose ids come after one. The zero id asks for the first.
type RoomList struct {
	_     struct{} `cbor:",toarray"`
	After models.RoomID
}

// RoomListReply lists them by their ids. More says that another page follows.
type RoomListReply struct {
	_     struct{} `cbor:",toarray"`
	Rooms []Room
	More  bool
}

// Box is a generation's secret for one key of one member.
type Box struct {
	_       struct{} `cbor:",toarray"`
	Account models.AccountID
	Key     models.Hash
	Body    []byte
}

// LogAppend adds one entry to a room's log; the zero Room is the directory. Message is made by the client: sent again, it is stored once.
type LogAppend struct {
	_       struct{} `cbor:",toarray"`
	Room    models.RoomID
	Kind    models.EntryKind
	Message models.MessageID
	Body    []byte
	Boxes   []Box
}

// BoxPut hands in boxes of a generation that this connection will append next, with the rest of them. Boxes of another generation that
// were handed in before are dropped.
type BoxPut struct {
	_          struct{} `cbor:",toarray"`
	Room       models.RoomID
	Generation models.Hash
	Boxes      []Box
}

// LogAppendReply says that the entry is durable.
type LogAppendReply struct {
	_   struct{} `cbor:",toarray"`
	Seq uint64
	At  int64
}

// LogFollow asks for every entry after a cursor, and for all that come.
type LogFollow struct {
	_     struct{} `cbor:",toarray"`
	Room  models.RoomID
	After uint64
}

// LogFollowReply says where the log ends now.
type LogFollowReply struct {
	_    struct{} `cbor:",toarray"`
	Last uint64
}

// Entry is a line of a room's log.
type Entry struct {
	_       struct{} `cbor:",toarray"`
	Room    models.RoomID
	Seq     uint64
	Kind    models.EntryKind
	Author  models.AccountID
	Message models.MessageID
	Body    []byte
	At      int64 // Unix milliseconds, when the server received it
}

// RoomNews tells a person that a room is open to him now, or no longer.
type RoomNews struct {
	_    struct{} `cbor:",toarray"`
	Room models.RoomID
	Open bool
}

// BoxGet asks for the person's own boxes of a generation.
type BoxGet struct {
	_          struct{} `cbor:",toarray"`
	Room       models.RoomID
	Generation models.Hash
}

// BoxReply holds them.
type BoxReply struct {
	_     struct{} `cbor:",toarray"`
	Boxes []Box
}
