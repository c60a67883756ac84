package wire

import (
	"visavis/models"
	"visavis/models/canon"
)

// FeatureKeys says that a desk changes its person's password and keys, and that a server takes the changes.
const FeatureKeys = "keys"

// The types of requests by which a person who is logged in takes another password.
const (
	TypePasswordStart  = "password.start"  // PasswordStart → PasswordReply
	TypePasswordFinish = "password.finish" // PasswordFinish → Empty: all other sessions of the account are over
)

// PasswordStart begins the registration of another password.
type PasswordStart struct {
	_       struct{} `cbor:",toarray"`
	Request []byte   // OPAQUE registration request
}

// PasswordReply answers it.
type PasswordReply struct {
	_        struct{} `cbor:",toarray"`
	Login    models.LoginID
	Params   canon.Raw // pake.Params
	Response []byte    // OPAQUE registration response
}

// PasswordFinish replaces record and vault, both or neither, when Version is the stored vault's plus one. After CodeConflict it may be sent again,
// with a vault that follows the stored one.
type PasswordFinish struct {
	_       struct{} `cbor:",toarray"`
	Login   models.LoginID
	Record  []byte // OPAQUE record
	Version uint64
	Prev    models.Hash
	Vault   []byte
}
