package wire

import "visavis/models"

// SignupStatus asks what became of a sign-up. Bundle is the hash of the bundle that was made at it (trust.LabelBundle).
type SignupStatus struct {
	_       struct{} `cbor:",toarray"`
	Account models.AccountID
	Bundle  models.Hash
}

// SignupState is what a desk learns of a sign-up that was made at it. The zero state is none.
type SignupState uint8

// The states of a sign-up.
const (
	SignupWaiting  SignupState = 1
	SignupAdmitted SignupState = 2
	SignupGone     SignupState = 3 // rejected or deleted; or never made at this desk
)

// SignupStatusReply answers it.
type SignupStatusReply struct {
	_     struct{} `cbor:",toarray"`
	State SignupState
}

// SessionResume asks for a session over a new connection. Counter is larger than any before; MAC is of a trust.Resumption.
type SessionResume struct {
	_       struct{} `cbor:",toarray"`
	Session models.SessionID
	Counter uint64
	MAC     models.Hash
}

// ResumeReply gives the session back. A locked one stays locked, and no vault comes with it.
type ResumeReply struct {
	_            struct{} `cbor:",toarray"`
	Locked       bool
	VaultVersion uint64
	VaultPrev    models.Hash
	Vault        []byte
}

// LockKeyReply is what the key of the next session.lock is sealed to, and of no other.
type LockKeyReply struct {
	_       struct{} `cbor:",toarray"`
	Carrier []byte
}

// SessionLock locks the session. Key is what opens the desk's token, sealed (trust.CarryLockKey): the server gives it back once, for a face.
type SessionLock struct {
	_   struct{} `cbor:",toarray"`
	Key []byte
}

// UnlockReply gives lock key, session and vault back.
type UnlockReply struct {
	_            struct{} `cbor:",toarray"`
	Key          []byte
	VaultVersion uint64
	VaultPrev    models.Hash
	Vault        []byte
}
