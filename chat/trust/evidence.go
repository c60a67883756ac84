package trust

import (
	"crypto/ed25519"
	"fmt"

	"visavis/biometrics"
	"visavis/models"
	"visavis/models/canon"
)

// MaxEvidence bounds signed evidence, in bytes; it fits into one frame of the wire, before the log-in too, beside what is handed in with it.
const MaxEvidence = 368 << 10

// Purpose is what evidence was made for; evidence for one counts for nothing else.
type Purpose uint8

// The purposes.
const (
	PurposeSignup  Purpose = 1
	PurposeLogin   Purpose = 2
	PurposeUnlock  Purpose = 3
	PurposeRecover Purpose = 4
	PurposeProve   Purpose = 5 // that the person of an open session is still there
)

// Evidence is what the eye saw, with everything that it is bound to. The server compares each field with what it knows itself.
type Evidence struct {
	Purpose   Purpose
	Org       models.OrgID
	Server    models.Hash // server id, as in its hello
	Login     models.LoginID
	Account   models.AccountID
	Desk      models.DeskID
	TLSKey    models.Hash // SHA-256 of the TLS client key's SubjectPublicKeyInfo
	Exporter  [32]byte    // of the connection, with the login id as context
	Challenge models.Hash // ChallengeHash
	Handshake models.Hash // HandshakeHash, UnlockHash, ProveHash or RecoveryHash
	Seen      biometrics.Evidence
}

type evidencePayload struct {
	_ struct{} `cbor:",toarray"`
	Header
	Purpose   Purpose
	Server    models.Hash
	Login     models.LoginID
	Account   models.AccountID
	Desk      models.DeskID
	TLSKey    models.Hash
	Exporter  [32]byte
	Challenge models.Hash
	Handshake models.Hash
	Seen      biometrics.Evidence
	Ext       Ext
}

// ChallengeHash is the hash of a challenge's canonical encoding, as it was received.
func ChallengeHash(challenge []byte) models.Hash { return LabelChallenge.Hash(challenge) }

// HandshakeHash is over KE1, KE2 and KE3 of a log-in, or over request, response and record of a sign-up, as they were sent.
func HandshakeHash(messages ...[]byte) models.Hash {
	if messages == nil {
		messages = [][]byte{}
	}
	return LabelHandshake.Hash(canon.MustMarshal(messages))
}

// UnlockHash stands in the place of a handshake when a locked session is unlocked: the face is shown for this session and no other.
func UnlockHash(session models.SessionID) models.Hash { return LabelUnlock.Hash(session[:]) }

// ProveHash stands there when the person of an open session proves anew to be there.
func ProveHash(session models.SessionID) models.Hash { return LabelProve.Hash(session[:]) }

// NewEvidence signs e with the desk's device key.
func NewEvidence(e Evidence, device ed25519.PrivateKey) ([]byte, error) {
	p := evidencePayload{Header: NewHeader(LabelEvidence, e.Org), Purpose: e.Purpose, Server: e.Server, Login: e.Login, Account: e.Account, Desk: e.Desk,
		TLSKey: e.TLSKey, Exporter: e.Exporter, Challenge: e.Challenge, Handshake: e.Handshake, Seen: e.Seen}
	payload, err := canon.Marshal(p)
	if err != nil {
		return nil, fmt.Errorf("make evidence: %w", err)
	}
	signed := Sign(LabelEvidence, payload, device)
	if _, err := OpenEvidence(signed, device.Public().(ed25519.PublicKey)); err != nil {
		return nil, fmt.Errorf("make evidence: %w", err)
	}
	return signed, nil
}

// OpenEvidence checks form, bounds and signature. What the evidence is worth is for biometrics/gate to say, after every
// binding was compared.
func OpenEvidence(signed []byte, device ed25519.PublicKey) (Evidence, error) {
	p, err := open[evidencePayload](LabelEvidence, signed, MaxEvidence, device)
	if err == nil {
		err = p.check()
	}
	if err != nil {
		return Evidence{}, fmt.Errorf("evidence: %w", err)
	}
	return Evidence{Purpose: p.Purpose, Org: p.Org, Server: p.Server, Login: p.Login, Account: p.Account, Desk: p.Desk, TLSKey: p.TLSKey,
		Exporter: p.Exporter, Challenge: p.Challenge, Handshake: p.Handshake, Seen: p.Seen}, nil
}

func (p evidencePayload) check() error {
	if p.Purpose < PurposeSignup || p.Purpose > PurposeProve {
		return fmt.Errorf("%w: purpose %d", ErrFormat, p.Purpose)
	}
	if len(p.Seen.Frames) > biometrics.MaxObservations {
		return fmt.Errorf("%w: %d frames", ErrFormat, len(p.Seen.Frames))
	}
	if p.Seen.Weights != "" {
		if err := checkText("weights", p.Seen.Weights, 128); err != nil {
			return err
		}
	}
	if err := checkCamera(p.Seen.Camera); err != nil {
		return err
	}
	return p.Ext.Check()
}
