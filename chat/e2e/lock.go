package e2e

import (
	"fmt"
	"time"

	"visavis/chat/fernet"
	"visavis/chat/trust"
	"visavis/models"
	"visavis/models/canon"
)

// LockKey is what a locked session's token is opened with: drawn for each lock, and held by the server alone while it lasts.
type LockKey = trust.Secret

// Locked names the session that a lock is of.
type Locked struct {
	Org     models.OrgID
	Account models.AccountID
	Session models.SessionID
}

// lockedBody is the token's plaintext.
type lockedBody struct {
	_ struct{} `cbor:",toarray"`
	trust.Header
	Account models.AccountID
	Session models.SessionID
	Export  []byte
	Ext     trust.Ext
}

// key is the Fernet key of a lock's one token.
func (l Locked) key(key LockKey) (fernet.Key, error) {
	if key.IsZero() {
		return fernet.Key{}, fernet.ErrKey
	}
	return fernet.Derive(key[:], string(trust.LabelLock), canon.MustMarshal(struct {
		_       struct{} `cbor:",toarray"`
		Org     models.OrgID
		Account models.AccountID
		Session models.SessionID
	}{Org: l.Org, Account: l.Account, Session: l.Session}))
}

// Seal seals the password's export key, which is all that a session can not get again from the server: with it, and with what the desk
// holds for nobody, the vault opens that the server releases.
func (l Locked) Seal(export []byte, key LockKey, at time.Time) (fernet.Token, error) {
	k, err := l.key(key)
	if err != nil {
		return nil, fmt.Errorf("lock: %w", err)
	}
	defer k.Wipe()
	plain := canon.MustMarshal(lockedBody{Header: trust.NewHeader(trust.LabelLock, l.Org), Account: l.Account, Session: l.Session, Export: export})
	defer clear(plain)
	token, err := fernet.Seal(plain, k, at)
	if err != nil {
		return nil, fmt.Errorf("lock: %w", err)
	}
	return token, nil
}

// Open returns the export key, which is the caller's to wipe. Whatever is wrong, another key included, is ErrLock.
func (l Locked) Open(token fernet.Token, key LockKey) ([]byte, error) {
	fail := func(err error) ([]byte, error) { return nil, fmt.Errorf("%w: %w", ErrLock, err) }
	k, err := l.key(key)
	if err != nil {
		return fail(err)
	}
	defer k.Wipe()
	plain, _, err := fernet.Open(token, k)
	if err != nil {
		return fail(err)
	}
	defer clear(plain)
	var b lockedBody
	if err := trust.Decode(plain, maxLocked, &b); err != nil {
		return fail(err)
	}
	err = b.Header.Check(trust.LabelLock)
	if err == nil {
		err = b.Ext.Check()
	}
	if err == nil && (b.Org != l.Org || b.Account != l.Account || b.Session != l.Session || len(b.Export) == 0) {
		err = fmt.Errorf("of another session: %w", ErrFormat)
	}
	if err != nil {
		clear(b.Export)
		return fail(err)
	}
	return b.Export, nil
}

const maxLocked = 1 << 10 // bytes of a lock's plaintext
