package trust

import (
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/sha256"
	"fmt"

	"visavis/models"
	"visavis/models/canon"
)

// Resumption is what a desk shows to go on with a session over a new connection. Desk and server each make one out of what they know
// themselves, and compare MACs: nothing of it is a secret, and nothing of it can be used on another connection or a second time.
type Resumption struct {
	_        struct{} `cbor:",toarray"`
	Org      models.OrgID
	Session  models.SessionID
	Desk     models.DeskID
	Counter  uint64   // grows with each try
	Exporter [32]byte // of the new connection, with the session id as context
}

// ResumeKey is the key under which a session's resumptions are proven, derived from what a log-in's password gave both sides.
func ResumeKey(shared []byte, org models.OrgID, account models.AccountID, desk models.DeskID, session models.SessionID) (Secret, error) {
	if len(shared) < 32 {
		return Secret{}, fmt.Errorf("derive a resumption key: a secret of %d bytes", len(shared))
	}
	context := canon.MustMarshal(struct {
		_       struct{} `cbor:",toarray"`
		Org     models.OrgID
		Account models.AccountID
		Desk    models.DeskID
		Session models.SessionID
	}{Org: org, Account: account, Desk: desk, Session: session})
	b, err := hkdf.Key(sha256.New, shared, nil, string(LabelResumeKey.prepend(context)), len(Secret{}))
	if err != nil {
		return Secret{}, fmt.Errorf("derive a resumption key: %w", err)
	}
	defer clear(b)
	return Secret(b), nil
}

// MAC proves the resumption under a session's key.
func (r Resumption) MAC(key Secret) models.Hash {
	m := hmac.New(sha256.New, key[:])
	m.Write(LabelResumeMAC.prepend(canon.MustMarshal(r)))
	return models.Hash(m.Sum(nil))
}

// Proven says whether mac is the resumption's own. The zero key proves nothing.
func (r Resumption) Proven(key Secret, mac models.Hash) bool {
	want := r.MAC(key)
	return !key.IsZero() && hmac.Equal(want[:], mac[:])
}
