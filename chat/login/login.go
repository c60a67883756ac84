package login

import (
	"context"
	"crypto/ed25519"
	"time"

	"visavis/biometrics/liveness"
	"visavis/chat/pake"
	"visavis/models"
)

// Conn is what the server knows about the connection that a step came on. It is a value: the server makes it once a connection.
type Conn struct {
	Org        models.OrgID
	Server     models.Hash // the server's id, as its signed hello gives it
	Desk       models.DeskID
	DeviceKey  ed25519.PublicKey // that the directory lists for the desk
	TLSKeyHash models.Hash       // of the client key that this connection proved
	// Exporter returns 32 bytes that only this connection has, for one login (label EXPORTER-visavis-v1, context = login id).
	Exporter func(models.LoginID) ([32]byte, error)
}

// Directory is what a log-in needs to know of the organisation. Implementations MUST be safe for concurrent use and answer from
// verified statements alone.
type Directory interface {
	// Desk returns the device key of a desk that is enrolled and not revoked.
	Desk(models.DeskID) (key ed25519.PublicKey, listed bool)
	// Admitted says whether an identity statement names the account and nothing revoked it.
	Admitted(models.AccountID) bool
}

// StartReply answers a KE1, in the same way for every name.
type StartReply struct {
	Login models.LoginID
	pake.Answer
}

// SignupReply answers a registration request.
type SignupReply struct {
	Login    models.LoginID
	Account  models.AccountID
	Params   pake.Params
	Response []byte
}

// SignupRequest begins a sign-up.
type SignupRequest struct {
	Name      string // as typed
	Email     string
	Consent   models.Hash // of the text that was shown
	ConsentAt time.Time   // the desk's clock
	Request   []byte      // OPAQUE registration request
}

// SignupResult ends one. Bundle and Evidence are signed; Vault is sealed.
type SignupResult struct {
	Record   []byte
	Bundle   []byte
	Vault    []byte
	Evidence []byte
}

// Proof says who is at a desk. Only Face makes one, after the last proof.
type Proof struct {
	Account    models.AccountID
	Name       string
	Desk       models.DeskID
	Login      models.LoginID
	SessionKey pake.SessionKey
	At         time.Time
}

// Service runs log-ins and sign-ups. It is safe for concurrent use.
type Service struct{}

// Start answers a KE1 for a name as it was typed. One answered KE1 is one try, until its KE3 takes it back.
func (s *Service) Start(ctx context.Context, c Conn, name string, ke1 []byte) (StartReply, error) {
	return StartReply{}, refuse(NotSignedIn, nil)
}

// Password checks a KE3, once.
func (s *Service) Password(ctx context.Context, c Conn, id models.LoginID, ke3 []byte) error {
	return refuse(NotSignedIn, nil)
}

// Challenge returns the challenge that stands for the account at this desk; asking again returns the same.
func (s *Service) Challenge(ctx context.Context, c Conn, id models.LoginID) (liveness.Challenge, error) {
	return liveness.Challenge{}, refuse(NotSignedIn, nil)
}

// Face judges signed evidence, once, and is the one place where a Proof comes to be.
func (s *Service) Face(ctx context.Context, c Conn, id models.LoginID, evidence []byte) (Proof, error) {
	return Proof{}, refuse(NotSignedIn, nil)
}

// SignupStart records the consent and answers a registration request.
func (s *Service) SignupStart(ctx context.Context, c Conn, r SignupRequest) (SignupReply, error) {
	return SignupReply{}, refuse(NotSignedIn, nil)
}

// SignupChallenge returns the sign-up's challenge; asking again returns the same.
func (s *Service) SignupChallenge(ctx context.Context, c Conn, id models.LoginID) (liveness.Challenge, error) {
	return liveness.Challenge{}, refuse(NotSignedIn, nil)
}

// SignupFinish checks everything and adds the account, which waits for an admin's approval.
func (s *Service) SignupFinish(ctx context.Context, c Conn, id models.LoginID, r SignupResult) error {
	return refuse(NotSignedIn, nil)
}
