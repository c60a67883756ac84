package e2e

import (
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"time"

	"visavis/chat/trust"
	"visavis/models"
)

// sortedKeys returns the ids of m in the order of their bytes, which is the order of their hex.
func sortedKeys[K interface {
	comparable
	String() string
}, V any](m map[K]V) []K {
	return slices.SortedFunc(maps.Keys(m), func(a, b K) int { return strings.Compare(a.String(), b.String()) })
}

// Config is what a session is made of. All fields are needed.
type Config struct {
	Vault     *Vault
	Directory *trust.Directory // applied to the end that the server has shown
	Desk      models.DeskID
	Random    io.Reader
	Now       func() time.Time
}

// Session is one log-in of one person at one desk: one stream of messages in each room, and another after each time out of it. It is immutable; the directory in it may grow.
type Session struct {
	cfg     Config
	stream  models.StreamID
	began   time.Time
	version uint64 // of the vault, as it was opened
}

// NewSession refuses to work for an organisation, or under an identity, that is not exactly the vault's: ErrFork when the root
// is another or the directory lacks what was seen before, ErrIdentity when it lists exactly neither the vault's keys nor those to come.
func NewSession(c Config) (*Session, error) {
	fail := func(err error) (*Session, error) { return nil, fmt.Errorf("begin a session: %w", err) }
	v, d := c.Vault, c.Directory
	if d.Org() != v.Org || trust.RootFingerprint(d.Root()) != v.Root {
		return fail(ErrFork)
	}
	if !v.Head.IsZero() {
		if seq, ok := d.SeqOf(v.Head); !ok || seq != v.HeadSeq {
			return fail(ErrFork)
		}
	}
	id, ok := d.Identity(v.Account)
	if !ok || !v.Keys.Follow(id) {
		return fail(ErrIdentity)
	}
	if _, ok := d.Desk(c.Desk); !ok {
		return fail(fmt.Errorf("desk %s: %w", c.Desk.Short(), trust.ErrUnknown))
	}
	s := &Session{cfg: c, began: c.Now(), version: v.Version()}
	if err := models.Draw(&s.stream, c.Random); err != nil {
		return fail(err)
	}
	return s, nil
}

// Account returns whose session it is.
func (s *Session) Account() models.AccountID { return s.cfg.Vault.Account }

// Stream returns the stream that the session begins each room with.
func (s *Session) Stream() models.StreamID { return s.stream }

// Author is the session's person as the author of statements made now.
func (s *Session) Author() trust.Author {
	return trust.Author{Account: s.Account(), Key: s.cfg.Vault.Keys.Signing(), At: s.cfg.Now()}
}

// PinDirectory moves the vault's pin to the directory's head.
func (s *Session) PinDirectory() {
	if n := s.cfg.Directory.Len(); n > 0 {
		s.cfg.Vault.Head, s.cfg.Vault.HeadSeq = s.cfg.Directory.Head(), n-1
	}
}

// NewRoom makes the first entry of a new room, whose owner is the session's person.
func (s *Session) NewRoom(p trust.Policy) (models.Entry, error) {
	return s.newRoom(func(r *trust.Room) ([]byte, error) { return r.SignCreate(s.Author(), s.cfg.Directory, p) })
}

// NewDirect makes the first entry of a room of two: the session's person and peer, who is asked in by it.
func (s *Session) NewDirect(p trust.Policy, peer models.AccountID) (models.Entry, error) {
	return s.newRoom(func(r *trust.Room) ([]byte, error) { return r.SignDirect(s.Author(), s.cfg.Directory, p, peer) })
}

func (s *Session) newRoom(sign func(*trust.Room) ([]byte, error)) (models.Entry, error) {
	var id models.RoomID
	if err := models.Draw(&id, s.cfg.Random); err != nil {
		return models.Entry{}, err
	}
	r := s.Room(id)
	signed, err := sign(r.state)
	if err != nil {
		return models.Entry{}, err
	}
	return r.entry(models.EntryStatement, signed)
}
