package wire

import (
	"visavis/models"
	"visavis/models/canon"
)

// FeatureRecovery says that a desk knows the ways back for who lost a password, a face or both, and that a server does.
const FeatureRecovery = "recovery"

// The types of requests of the ways back, all under FeatureRecovery.
const (
	// Before the log-in: a lost password, with the phrase.
	TypeRecoverStart     = "recover.start"     // RecoverStart → RecoverReply
	TypeRecoverPhrase    = "recover.phrase"    // RecoverPhrase → Empty
	TypeRecoverChallenge = "recover.challenge" // ByLogin → ChallengeReply
	TypeRecoverFace      = "recover.face"      // LoginFace → VaultReply
	TypeRecoverCode      = "recover.code"      // LoginCode → RecoverCodeReply: instead of the face
	TypeRecoverRegister  = "recover.register"  // RecoverRegister → RecoverRegisterReply
	TypeRecoverFinish    = "recover.finish"    // RecoverFinish → Empty

	// Before the log-in: a face that is not accepted, with an admin's one-time code; and everything lost.
	TypeLoginCode  = "login.code"  // LoginCode → LoginCodeReply: instead of login.face
	TypeRenewStart = "renew.start" // SignupStart → SignupReply: for an account that there is, where an admin allowed it; the rest is a sign-up's

	// After it: for admins.
	TypeCodeMake    = "code.make"    // CodeMake → Empty
	TypeFaceReset   = "face.reset"   // ByAccount → Empty
	TypeRenewAllow  = "renew.allow"  // ByAccount → Empty
	TypeRenewList   = "renew.list"   // Empty → RenewListReply
	TypeRenewReject = "renew.reject" // ByAccount → Empty
)

// RecoverStart begins a recovery.
type RecoverStart struct {
	_    struct{} `cbor:",toarray"`
	Name string
}

// RecoverReply answers it, in the same way for known and unknown names.
type RecoverReply struct {
	_       struct{} `cbor:",toarray"`
	Login   models.LoginID
	Account models.AccountID
}

// RecoverPhrase proves the phrase. Signed is a trust.Recovery.
type RecoverPhrase struct {
	_      struct{} `cbor:",toarray"`
	Login  models.LoginID
	Signed []byte
}

// RecoverRegister registers the new password.
type RecoverRegister struct {
	_       struct{} `cbor:",toarray"`
	Login   models.LoginID
	Request []byte
}

// RecoverRegisterReply answers it.
type RecoverRegisterReply struct {
	_        struct{}  `cbor:",toarray"`
	Params   canon.Raw // pake.Params
	Response []byte
}

// RecoverFinish puts the new password and the vault that it opens in the place of the old ones.
type RecoverFinish struct {
	_       struct{} `cbor:",toarray"`
	Login   models.LoginID
	Record  []byte
	Version uint64
	Prev    models.Hash
	Vault   []byte
}

// LoginCode hands in a one-time code, stretched (trust.Code).
type LoginCode struct {
	_     struct{} `cbor:",toarray"`
	Login models.LoginID
	Code  models.Hash
}

// LoginCodeReply is a SessionReply, with what the admin signed of the code.
type LoginCodeReply struct {
	_            struct{} `cbor:",toarray"`
	Grant        []byte
	Session      models.SessionID
	VaultVersion uint64
	VaultPrev    models.Hash
	Vault        []byte
}

// RecoverCodeReply is a VaultReply, with what the admin signed of the code.
type RecoverCodeReply struct {
	_       struct{} `cbor:",toarray"`
	Grant   []byte
	Version uint64
	Prev    models.Hash
	Vault   []byte
}

// CodeMake hands in what an admin signed of a one-time code (trust.CodeGrant); the code itself stays with the admin.
type CodeMake struct {
	_     struct{} `cbor:",toarray"`
	Grant []byte
}

// ByAccount is about an account.
type ByAccount struct {
	_       struct{} `cbor:",toarray"`
	Account models.AccountID
}

// RenewListReply lists who signed up anew for an account that there is, oldest first.
type RenewListReply struct {
	_       struct{} `cbor:",toarray"`
	Waiting []Signup
}
