package client

import (
	"bytes"
	"errors"
	"fmt"

	"visavis/chat/e2e"
	"visavis/chat/fernet"
	"visavis/chat/trust"
	"visavis/chat/wire"
	"visavis/models"
	"visavis/models/canon"
)

// ErrHanded says that bytes are no locked session that this desk can go on with: another version's, cut, or of nobody.
var ErrHanded = errors.New("not a locked session of this desk")

// handedVersion changes with every change of handed: a program that was replaced meanwhile asks for a log-in.
const handedVersion = 1

// maxHanded bounds what is decoded: a lock's token is a few hundred bytes.
const maxHanded = 4 << 10

// maxCounter is more resumptions than a session has time for.
const maxCounter = 1 << 32

// handed is a locked session on its way from one process of a desk to the next, through memory alone.
type handed struct {
	_       struct{} `cbor:",toarray"`
	Version uint64
	Org     models.OrgID
	Account models.AccountID
	Session models.SessionID
	Name    string
	Key     []byte // of claim
	Counter uint64 // of claim
	Vault   uint64 // e2e.VaultMark
	Prev    models.Hash
	Token   []byte
}

// Handed is what TakeUp goes on with in another process. It opens nothing without the lock's key, but proves the session to the server: it is for
// memory that ends with its reader, and for no disk. Whoever takes it up, close this one first: of two that go on with a session, the server
// ends one. It fails when the lock is over.
func (l *Locked) Handed() ([]byte, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.token == nil {
		return nil, fmt.Errorf("hand on: %w", ErrOver)
	}
	h := handed{
		Version: handedVersion, Org: l.desk.org, Account: l.claim.account, Session: l.claim.session, Name: l.name,
		Key: l.claim.key[:], Counter: l.claim.counter + 1, // a try that is under way may come to the server yet
		Vault: l.vault.Number, Prev: l.vault.Hash, Token: l.token,
	}
	return canon.Marshal(h)
}

// TakeUp goes on with a locked session that another process of this desk handed on. It has no connection: Done is closed, and the next Unlock makes
// one. Whatever is wrong with the bytes is ErrHanded.
func (d *Desk) TakeUp(b []byte) (*Locked, error) {
	fail := func(err error) (*Locked, error) { return nil, fmt.Errorf("take up: %w: %w", ErrHanded, err) }
	if len(b) > maxHanded {
		return fail(fmt.Errorf("%d bytes", len(b)))
	}
	var h handed
	if err := canon.Unmarshal(b, &h); err != nil {
		return fail(err)
	}
	defer clear(h.Key)
	var key trust.Secret
	switch {
	case h.Version != handedVersion:
		return fail(fmt.Errorf("version %d", h.Version))
	case h.Org != d.org:
		return fail(errors.New("another organisation's"))
	case h.Account.IsZero() || h.Session.IsZero():
		return fail(errors.New("nobody's"))
	case h.Counter > maxCounter:
		return fail(errors.New("a counter that can not go on"))
	case copy(key[:], h.Key) != len(key) || len(h.Key) != len(key) || key.IsZero():
		return fail(errors.New("no key"))
	}
	defer clear(key[:])
	token := fernet.Token(bytes.Clone(h.Token))
	if err := token.Check(); err != nil {
		return fail(err)
	}
	return &Locked{
		desk: d, name: h.Name, conn: noConn(), token: token, vault: e2e.VaultMark{Number: h.Vault, Hash: h.Prev},
		claim: claim{account: h.Account, session: h.Session, key: key, counter: h.Counter},
	}, nil
}

// noConn is a connection that has ended before it began.
func noConn() *Conn {
	c := &Conn{err: errors.New("none yet"), events: make(chan wire.Frame), done: make(chan struct{})}
	close(c.events)
	close(c.done)
	return c
}
