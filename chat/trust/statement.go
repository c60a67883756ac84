package trust

import (
	"bytes"
	"crypto/ed25519"
	"fmt"
	"strings"
	"time"

	"visavis/models"
	"visavis/models/canon"
)

// MaxStatement bounds a signed statement, in bytes.
const MaxStatement = 16 << 10

// Statement is the common form of everything in a roster's chain: the directory's, whose Room is zero, and a room's.
// The root's Author is zero.
type Statement struct {
	_ struct{} `cbor:",toarray"`
	Header
	Room   models.RoomID
	Seq    uint64      // place in the chain, from 0
	Prev   models.Hash // of the statement before; zero for the first
	Dir    models.Hash // rooms: the directory head under which the author's key counts; zero in the directory
	Author models.AccountID
	Time   int64       // the author's clock, Unix milliseconds
	Body   canon.Raw   // by type
	State  models.Hash // rooms: hash of the state that results; zero in the directory
	Ext    Ext
}

// StatementHash is a statement's name, and the head of its chain when it is the last.
func StatementHash(signed []byte) models.Hash { return LabelStatement.Hash(signed) }

// ParseStatement decodes a statement without believing it: neither signature nor place in the chain are checked.
func ParseStatement(signed []byte) (Statement, error) {
	s, _, err := parseStatement(signed)
	return s, err
}

func parseStatement(signed []byte) (Statement, envelope, error) {
	if len(signed) > MaxStatement {
		return Statement{}, envelope{}, fmt.Errorf("%w: statement of %d bytes", ErrFormat, len(signed))
	}
	e, err := split(signed)
	if err != nil {
		return Statement{}, envelope{}, err
	}
	var s Statement
	if err := Decode(e.Payload, MaxStatement, &s); err != nil {
		return Statement{}, envelope{}, err
	}
	if err := s.checkVersion(); err != nil {
		return Statement{}, envelope{}, err
	}
	kind := "room/"
	if s.Room.IsZero() {
		kind = "dir/"
	}
	if name, ok := strings.CutPrefix(s.Type, kind); !ok || !plainName(name) {
		return Statement{}, envelope{}, fmt.Errorf("%w: type %q", ErrFormat, s.Type)
	}
	return s, e, nil
}

// plainName keeps types that we do not know from being taken for another label.
func plainName(s string) bool {
	for _, r := range s {
		if r < 'a' || r > 'z' {
			return false
		}
	}
	return s != "" && len(s) <= 24
}

// Invites returns whom an invitation asks, without believing it.
func (s Statement) Invites() (models.AccountID, error) {
	var b inviteBody
	if s.label() != LabelInvite {
		return models.AccountID{}, fmt.Errorf("%w: type %q is no invitation", ErrFormat, s.Type)
	}
	err := Decode(s.Body, MaxStatement, &b)
	return b.Account, err
}

// Succeeds returns whose keys an identity statement says to come after others, without believing it; false for every other statement.
func (s Statement) Succeeds() (models.AccountID, bool) {
	var b identityBody
	if s.label() != LabelIdentity || Decode(s.Body, MaxStatement, &b) != nil || len(b.Succession) == 0 {
		return models.AccountID{}, false
	}
	return b.Account, true
}

// Lists says whether an identity statement lists the keys that a bundle asks for: the succession is signed over account, name and keys, which the
// directory checks.
func (s Statement) Lists(b Bundle) bool {
	var id identityBody
	return s.label() == LabelIdentity && Decode(s.Body, MaxStatement, &id) == nil && bytes.Equal(id.Succession, b.Succession)
}

// checkExt knows what this version may find in a statement.
func (s Statement) checkExt() error {
	if s.label() == LabelCreate {
		return s.Ext.Check(extPeer)
	}
	return s.Ext.Check()
}

func (s Statement) label() Label { return Label(prefix + s.Type) }

func (s Statement) at() time.Time { return fromMillis(s.Time) }

// signStatement completes s and signs it.
func signStatement(l Label, s Statement, body any, key ed25519.PrivateKey, at time.Time) ([]byte, error) {
	if len(key) != ed25519.PrivateKeySize {
		return nil, fmt.Errorf("%w: signing key of %d bytes", ErrKey, len(key))
	}
	s.Header = NewHeader(l, s.Org)
	s.Time = millis(at)
	s.Body = canon.MustMarshal(body)
	return Sign(l, canon.MustMarshal(s), key), nil
}
