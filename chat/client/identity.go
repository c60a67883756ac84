package client

import (
	"context"

	"visavis/chat/e2e"
	"visavis/chat/trust"
	"visavis/models"
)

// ErrIdentityChanged says that somebody has an identity that this person has not accepted: nothing was sealed. errors.As finds an *e2e.ChangedError, which
// says who; AcceptIdentity goes on.
var ErrIdentityChanged = e2e.ErrIdentityChanged

// Knows says what the person may think of somebody else's keys.
func (s *Session) Knows(account models.AccountID) e2e.Known {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.err != nil {
		return e2e.Known{}
	}
	return s.keys.Knows(account)
}

// SafetyNumber is what the person and somebody else compare. It fails for who is not listed.
func (s *Session) SafetyNumber(account models.AccountID) (trust.SafetyNumber, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.err != nil {
		return "", s.err
	}
	return s.keys.SafetyNumber(account)
}

// Changed lists the members of an open room for whose sake nothing is sent into it until they were accepted.
func (s *Session) Changed(id models.RoomID) []models.AccountID {
	r, err := s.room(id)
	if err != nil {
		return nil
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	return r.keys.Changed()
}

// AcceptIdentity takes somebody's identity for his: the one that the person was shown, and no newer one. Verified says that the safety number was compared and is
// the same; without it what was verified before is not any more. It is kept in the vault, for the person's next log-in anywhere; an error that is not
// ErrIdentityChanged, trust.ErrUnknown or e2e.ErrTooLong says that it holds here and could not be kept.
func (s *Session) AcceptIdentity(ctx context.Context, account models.AccountID, identity models.Hash, verified bool) error {
	err := func() error {
		s.mu.Lock()
		defer s.mu.Unlock()
		if s.err != nil {
			return s.err
		}
		return s.keys.AcceptIdentity(account, identity, verified)
	}()
	if err != nil {
		return err
	}
	return s.saveVault(ctx)
}
