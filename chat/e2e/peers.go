package e2e

import (
	"encoding/hex"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"visavis/chat/trust"
	"visavis/models"
)

// Peer is what a person has decided about somebody else. The zero Peer is nothing.
type Peer struct {
	Identity models.Hash // the identity statement that was accepted
	Verified time.Time   // when the safety number was compared under it; zero for never
}

// Standing is what a session's person may think of somebody's keys. The zero Standing is nothing.
type Standing uint8

// The standings.
const (
	StandingNone     Standing = 0 // the directory does not list him
	StandingChanged  Standing = 1 // keys that the ones before did not sign, and nobody has accepted them: nothing is sealed to him
	StandingOpen     Standing = 2 // nobody has compared the safety number
	StandingHandedOn Standing = 3 // it was compared; since then keys changed, each signed by the one before
	StandingVerified Standing = 4 // it was compared, and nothing has changed
)

// Known is somebody else as a session's person knows him.
type Known struct {
	Standing Standing
	Identity trust.Identity // by the directory, now
	Verified time.Time      // when the safety number was compared last; kept beside StandingChanged, to say that it holds no more
}

// ErrIdentityChanged says that somebody in the room has an identity that its person has not accepted. It comes in a *ChangedError.
var ErrIdentityChanged = errors.New("somebody has a new identity that was not accepted")

// ChangedError says whose identity it is: Session.AcceptIdentity first.
type ChangedError struct{ Who []models.AccountID }

func (e *ChangedError) Error() string {
	return fmt.Sprintf("%v: %d people", ErrIdentityChanged, len(e.Who))
}

// Unwrap is ErrIdentityChanged.
func (e *ChangedError) Unwrap() error { return ErrIdentityChanged }

// MaxPeers bounds the people whom a vault calls verified.
const MaxPeers = 1000

const peerPrefix = "peer."

// Peer is what the vault says of somebody; zero for nothing, and for what is not understood.
func (v *Vault) Peer(account models.AccountID) Peer {
	identity, at, _ := strings.Cut(v.Settings[peerPrefix+account.String()], " ")
	raw, err := hex.DecodeString(identity)
	ms, bad := strconv.ParseInt(at, 10, 64)
	if err != nil || bad != nil || ms < 0 || len(raw) != len(models.Hash{}) {
		return Peer{}
	}
	p := Peer{Identity: models.Hash(raw)}
	if ms > 0 {
		p.Verified = time.UnixMilli(ms).UTC()
	}
	return p
}

func (v *Vault) setPeer(account models.AccountID, p Peer) {
	ms := int64(0)
	if !p.Verified.IsZero() {
		ms = max(p.Verified.UnixMilli(), 1)
	}
	v.Settings[peerPrefix+account.String()] = fmt.Sprintf("%s %d", p.Identity, ms)
}

// verified counts the people whom the vault calls so.
func (v *Vault) verified() (n int) {
	for key := range v.Settings {
		var id models.AccountID
		if of, ok := strings.CutPrefix(key, peerPrefix); ok && id.Parse(of) == nil && !v.Peer(id).Verified.IsZero() {
			n++
		}
	}
	return n
}

// accepted is the identity as which the session's person knows somebody: the one that he has accepted, else the one that was listed when he came.
func (s *Session) accepted(account models.AccountID) models.Hash {
	if p := s.cfg.Vault.Peer(account); !p.Identity.IsZero() {
		return p.Identity
	}
	id, _ := s.cfg.Directory.MetAs(account, s.Account())
	return id.Hash
}

// Knows says what the session's person may think of somebody else.
func (s *Session) Knows(account models.AccountID) Known {
	id, ok := s.cfg.Directory.Identity(account)
	if !ok || account == s.Account() {
		return Known{}
	}
	p := s.cfg.Vault.Peer(account)
	k := Known{Standing: StandingOpen, Identity: id, Verified: p.Verified}
	switch {
	case !s.cfg.Directory.Follows(id, s.accepted(account)):
		k.Standing = StandingChanged
	case p.Verified.IsZero():
	case p.Identity == id.Hash:
		k.Standing = StandingVerified
	default:
		k.Standing = StandingHandedOn
	}
	return k
}

// SafetyNumber is what the session's person and somebody else compare.
func (s *Session) SafetyNumber(account models.AccountID) (trust.SafetyNumber, error) {
	me, _ := s.cfg.Directory.Identity(s.Account())
	other, _ := s.cfg.Directory.Identity(account)
	return trust.NewSafetyNumber(s.cfg.Vault.Org, me, other)
}

// AcceptIdentity takes somebody's identity for his, as the person was shown it. Verified says that the safety number was compared and is the same; without it, what
// was verified before is not any more. It fails with a *ChangedError when the directory lists another identity by now, and with ErrTooLong beyond MaxPeers. Save the
// vault after it.
func (s *Session) AcceptIdentity(account models.AccountID, identity models.Hash, verified bool) error {
	id, ok := s.cfg.Directory.Identity(account)
	switch {
	case !ok || account == s.Account():
		return fmt.Errorf("accept the identity of %s: %w", account.Short(), trust.ErrUnknown)
	case id.Hash != identity:
		return &ChangedError{[]models.AccountID{account}}
	case verified && s.cfg.Vault.verified() >= MaxPeers:
		return fmt.Errorf("verify more than %d people: %w", MaxPeers, ErrTooLong)
	}
	p := Peer{Identity: identity}
	if verified {
		p.Verified = s.cfg.Now()
	}
	s.cfg.Vault.setPeer(account, p)
	return nil
}

// Changed lists the members of whom nobody here has accepted that they are still themselves. While there is one, nothing is sealed for the room.
func (r *Room) Changed() []models.AccountID {
	var who []models.AccountID
	for _, account := range r.s.cfg.Directory.Renewed() {
		if _, member := r.state.Member(account); member && r.s.changed(account) {
			who = append(who, account)
		}
	}
	return who
}

func (s *Session) changed(account models.AccountID) bool {
	return account != s.Account() && !s.cfg.Directory.Continues(account, s.accepted(account))
}

// unchanged fails with a *ChangedError.
func (r *Room) unchanged() error {
	if who := r.Changed(); len(who) > 0 {
		return &ChangedError{who}
	}
	return nil
}
