package wire

import "visavis/models"

// The types of requests by which a person's keys change, under FeatureKeys.
const (
	TypeKeysChange = "keys.change" // KeysChange → Empty: waits for an admin; the newest of an account counts
	TypeKeysList   = "keys.list"   // KeysList → KeysListReply; admins
	TypeKeysReject = "keys.reject" // KeysReject → Empty; admins
)

// EventKeys says that somebody's keys wait for an admin. Admins' connections get it, under FeatureKeys.
const EventKeys = "keys.news" // Empty

// KeysChange asks for other keys. Bundle is signed (chat/trust) and has a succession.
type KeysChange struct {
	_      struct{} `cbor:",toarray"`
	Bundle []byte
	Known  bool // somebody may have the password: admins are to compare the fingerprint
}

// KeysList asks for a page: the changes of accounts that come after one. The zero id asks for the first.
type KeysList struct {
	_     struct{} `cbor:",toarray"`
	After models.AccountID
}

// KeysListReply lists them. More says that another page follows.
type KeysListReply struct {
	_       struct{} `cbor:",toarray"`
	Waiting []KeysWaiting
	More    bool
}

// KeysWaiting is one change that waits.
type KeysWaiting struct {
	_       struct{} `cbor:",toarray"`
	Account models.AccountID
	Bundle  []byte
	Known   bool
	At      int64
}

// KeysReject drops what waits for an account, if it is still this bundle.
type KeysReject struct {
	_       struct{} `cbor:",toarray"`
	Account models.AccountID
	Bundle  models.Hash // trust.LabelBundle
}
