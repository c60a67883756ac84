package models

import (
	"context"
	"errors"
	"time"
)

// The errors of every Store. Implementations wrap them with the operation's name; callers use errors.Is.
var (
	ErrNotFound = errors.New("not found")
	ErrExists   = errors.New("already exists")
	ErrConflict = errors.New("conflicts with what is stored")
	ErrClosed   = errors.New("store is closed")
	ErrInvalid  = errors.New("invalid record")
	ErrFull     = errors.New("no space left to store it: free some on the disk")
	ErrHeld     = errors.New("what was deleted stays in the storage as long as somebody reads it as it was, such as a backup: it goes at the next deletion after that, or when the server stops")
)

// Store keeps everything that the server keeps. All implementations pass models/storetest.
//
// Implementations MUST be safe for concurrent use; MUST have written durably (fsync) before a writing method returns nil;
// MUST leave no part of a failed write behind; MUST return ErrClosed after Close; MUST copy byte slices in and out;
// MUST keep times to the millisecond, in UTC, and the zero time as the zero time; MUST honour a cancelled context; MUST return the zero
// value beside an error, and ErrFull when there is no space. A nil slice and an empty one are the same to a store.
type Store interface {
	Users
	Vaults
	KeyChanges
	Desks
	Logs
	Limits
	Audits
	Recoveries
	// Forget overwrites, in all files of the storage, what was deleted or replaced before. It MUST return ErrHeld, and not wait, when somebody who reads
	// the storage still needs some of that.
	Forget(context.Context) error
	// Held says that the last overwriting, by Forget or by a method that overwrites what it deletes, has not succeeded: Forget is to be called again,
	// and says why. Such a method has done all else, and returns no error.
	Held() bool
	// Close waits for running calls. Closing twice is not an error.
	Close() error
}

// Users keeps accounts.
type Users interface {
	// AddUser MUST return ErrExists when the id or the name is taken, ErrInvalid when ID, Name or Status is zero or the vault is not
	// version 1 of the same account. It stores the first version of the user's vault in the same transaction.
	AddUser(context.Context, User, Vault) error
	// UserByName compares byte for byte. It and UserByID MUST return ErrNotFound when there is none.
	UserByName(ctx context.Context, name string) (User, error)
	UserByID(context.Context, AccountID) (User, error)
	// SetUserStatus MUST return ErrNotFound for an unknown account and ErrConflict when the user is disabled.
	SetUserStatus(context.Context, AccountID, UserStatus) error
	// UsersByStatus returns them oldest first.
	UsersByStatus(context.Context, UserStatus) ([]User, error)
	// Templates returns at most limit templates of all that there are: of accounts, whatever their status, and of their renewals, in the order of
	// the accounts' ids, and after the one given. The zero SealedTemplate comes before the first.
	Templates(ctx context.Context, after SealedTemplate, limit int) ([]SealedTemplate, error)
	// ReplaceTemplate is a compare-and-swap: it MUST return ErrNotFound for an unknown account or renewal, ErrConflict unless t is what is stored,
	// and ErrInvalid when either is empty.
	ReplaceTemplate(ctx context.Context, t SealedTemplate, to []byte) error
	// DeleteUser removes the account, its vault, template, key change, codes, renewal, boxes, challenges and the counters whose subject begins with the account's
	// id in hex; entries stay. The storage MUST be overwritten, not only marked free. It MUST return ErrNotFound for an unknown account.
	DeleteUser(context.Context, AccountID) error
}

// Vaults keeps sealed vaults.
type Vaults interface {
	// Vaults returns at most limit vaults of people who are not disabled, in the order of their ids and after the one given.
	Vaults(ctx context.Context, after AccountID, limit int) ([]Vault, error)
	// VaultOf MUST return ErrNotFound when there is none.
	VaultOf(context.Context, AccountID) (Vault, error)
	// PutVault replaces the vault that the caller has looked at by the next one: a compare-and-swap. It MUST return ErrNotFound for an account
	// without a vault, and ErrConflict unless before's body is the one that is stored and next's version comes after the stored one.
	PutVault(ctx context.Context, before, next Vault) error
	// PutPassword replaces a registration record, which MUST be before's (else ErrConflict), and the vault that its password opens, as PutVault
	// does: both or neither. It MUST return ErrInvalid for an empty record, a zero suite or an empty vault. What was stored MUST be overwritten.
	PutPassword(ctx context.Context, before, next Password) error
}

// KeyChanges keeps the changes of keys that wait for an admin, at most one an account: the newest counts.
type KeyChanges interface {
	// PutKeyChange MUST return ErrNotFound for an unknown account and ErrInvalid for one without a bundle. What waited before is replaced, but
	// for Known, which stays once it was said. The same bundle again keeps its place.
	PutKeyChange(context.Context, KeyChange) error
	// KeyChanges returns at most limit of them, in the order of their accounts, those after an account.
	KeyChanges(ctx context.Context, after AccountID, limit int) ([]KeyChange, error)
	// KeyChangeOf MUST return ErrNotFound when nothing waits for the account.
	KeyChangeOf(context.Context, AccountID) (KeyChange, error)
	// DropKeyChange removes what waits for an account, if anything does.
	DropKeyChange(context.Context, AccountID) error
}

// Desks keeps workstations and their invites.
type Desks interface {
	// AddInvite MUST return ErrExists for a code that is there already, used or not; ErrInvalid for a zero code, one that is used
	// already, or one that does not expire after it was made.
	AddInvite(context.Context, Invite) error
	// EnrolDesk uses the invite up and adds the desk, or does neither. It MUST return ErrNotFound for a code that is
	// unknown, used or expired at now (ExpiresAt itself is too late), ErrExists for a desk id, device key or TLS key that is there
	// already, and ErrInvalid for a desk without id, name, status or keys, or one that is revoked.
	EnrolDesk(ctx context.Context, d Desk, now time.Time) error
	DeskByID(context.Context, DeskID) (Desk, error)
	DeskByTLSKey(context.Context, Hash) (Desk, error)
	// Desks returns them oldest first.
	Desks(context.Context) ([]Desk, error)
	// SetDeskStatus MUST return ErrNotFound for an unknown desk and ErrConflict when the desk is revoked already and the new status is
	// another; revoking it again changes nothing, not even RevokedAt.
	SetDeskStatus(ctx context.Context, id DeskID, s DeskStatus, at time.Time) error
	// SetDeskOrigin MUST return ErrNotFound for an unknown desk, and ErrInvalid for an empty origin or one of more than 64 bytes.
	SetDeskOrigin(ctx context.Context, id DeskID, origin string) error
}

// Appended is the store's answer to one entry.
type Appended struct {
	Seq       uint64
	At        time.Time
	Duplicate bool  // the same entry was there already; Seq and At are the first one's
	Err       error // ErrConflict or ErrInvalid: this entry is not stored; the others of its batch are
}

// Logs keeps the rooms' logs.
type Logs interface {
	// Append writes a batch in one transaction and returns an answer for each entry, in order, with the Seq that it got. An entry whose
	// (Room, Author, Message) is stored already, or stands earlier in the batch, MUST NOT be written again: with the same Kind and Body it is
	// a Duplicate, else ErrConflict. An entry one of whose boxes stands already MUST be refused with ErrConflict, or a member could
	// send another's generation again with boxes of his own. ErrInvalid is for an entry without kind, message id or body, for an end of anything but a message, for boxes of
	// anything but a generation, of another room, of two generations, or twice for one key. The error that Append returns is for the
	// batch as a whole: then nothing is written.
	Append(context.Context, []Entry) ([]Appended, error)
	// Entries returns at most limit entries with Seq > after, in order, without boxes.
	Entries(ctx context.Context, room RoomID, after uint64, limit int) ([]Entry, error)
	// EntryOf returns the entry that author stored under message, ErrNotFound when there is none: how a repeated request is told from a new one.
	EntryOf(ctx context.Context, room RoomID, author AccountID, message MessageID) (Entry, error)
	// LastSeq returns 0 for a room without entries.
	LastSeq(context.Context, RoomID) (uint64, error)
	// Rooms returns every room that has entries, but for the directory, in the order of their ids.
	Rooms(context.Context) ([]RoomID, error)
	// BoxFor returns the boxes of one generation that are sealed to account: those that came with it, and those that were given later.
	BoxFor(ctx context.Context, room RoomID, generation Hash, account AccountID) ([]Box, error)
	// GiveBoxes keeps boxes that a member sealed to others of generations that stand already. A giver's newer box for a key replaces his older one
	// and MUST NOT replace anybody else's, or a member could put a broken one in a good one's place. Beyond MaxGivers others, a box is left
	// out. ErrInvalid is for a box without room, generation, account, key or body, or without giver: then none is kept.
	GiveBoxes(ctx context.Context, giver AccountID, boxes []Box) error
	// PutAsk replaces what an account asks for in a room; nothing asked for, it is forgotten.
	PutAsk(context.Context, Ask) error
	// Asks returns what is asked for in a room, by account.
	Asks(context.Context, RoomID) ([]Ask, error)
	// Ended returns at most limit messages that stand and whose Ends is now or before, the earliest first.
	Ended(ctx context.Context, now time.Time, limit int) ([]Entry, error)
	// Vanish puts what is left of messages in their place: each entry's Body, under its Room and Seq. They are EntryExpired from then on; the same
	// message appended again is a Duplicate, whatever its body. The storage MUST be overwritten, not only marked free. ErrInvalid is for an entry
	// that is not EntryExpired or has no body, ErrNotFound for one that is no message with an end: then nothing is changed.
	Vanish(context.Context, []Entry) error
}

// Limits keeps attempt counters and challenges.
type Limits interface {
	// CountAttempt reads the counter (zero when unknown), lets change alter it and writes it back, in one transaction that no other
	// CountAttempt of the same subject interleaves with. When change returns an error, nothing is written and it is returned as it is.
	// change MUST NOT call the store. A subject that belongs to one account begins with the account's id in hex. ErrInvalid: no kind or subject.
	CountAttempt(ctx context.Context, kind AttemptKind, subject string, change func(*Attempts) error) (Attempts, error)
	// ForgetAttempts removes the counters of a kind whose Last and WindowFrom are both before then.
	ForgetAttempts(ctx context.Context, kind AttemptKind, then time.Time) error
	// PutChallenge stores c unless one is outstanding for its account and desk; it returns the one that then stands.
	PutChallenge(context.Context, Challenge) (Challenge, error)
	// TakeChallenge returns the outstanding challenge and removes it; ErrNotFound when there is none.
	TakeChallenge(context.Context, AccountID, DeskID) (Challenge, error)
}

// Audits keeps security events, in one order without gaps, and the hashes of their tree (models/audit).
type Audits interface {
	// AddAudit sets Seq: 1, 2, 3, … also when several processes add at once, and MUST store the hashes that the event completes in the same
	// transaction. It MUST NOT read more than as many earlier hashes as the tree is deep. ErrInvalid is for what audit.Check refuses.
	AddAudit(context.Context, AuditEvent) error
	AuditAfter(ctx context.Context, seq uint64, limit int) ([]AuditEvent, error)
	// AuditSize returns how many events there are: the last one's Seq.
	AuditSize(context.Context) (uint64, error)
	// AuditHashes returns stored hashes of the tree, in the order of their indexes, which are those of tlog.StoredHashIndex in
	// golang.org/x/mod/sumdb. MUST return ErrNotFound for one that no event has completed yet and ErrInvalid for one that none ever will.
	AuditHashes(ctx context.Context, indexes []int64) ([]Hash, error)
}
