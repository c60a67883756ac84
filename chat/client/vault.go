package client

import (
	"context"
	"errors"
	"fmt"
	"time"

	"visavis/chat/e2e"
	"visavis/chat/wire"
	"visavis/models"
)

// keepEvery is how often what was seen goes into the vault while there is something to see.
const keepEvery = 5 * time.Minute

// ErrOldVault says that the server took back a vault that it had: what the person has seen since would be unseen.
var ErrOldVault = errors.New("the server shows an older vault than it has shown before")

// keep saves the vault when work asks for it, so that what was seen outlives a desk that is switched off. It holds nobody up.
func (s *Session) keep() {
	for {
		err := s.until(context.Background(), func() bool { return s.unkept })
		if err != nil {
			return
		}
		s.pin()
		if err := s.saveVault(s.ctx); errors.Is(err, ErrOldVault) { // another is tried again, in its time
			s.fail(err)
			return
		}
	}
}

// seen asks for the vault to be kept, at most every keepEvery; mu is held.
func (s *Session) seen() {
	if s.desk.now().Sub(s.kept) >= keepEvery {
		s.unkept = true
	}
}

// pin moves the vault's pins to what was seen by now.
func (s *Session) pin() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, r := range s.rooms {
		r.keys.Pin()
	}
	s.keys.PinDirectory()
	s.unkept, s.kept = false, s.desk.now()
}

// saveVault stores the vault. When another desk has stored one meanwhile, that one is opened and what was seen here merged into it.
func (s *Session) saveVault(ctx context.Context) error {
	select {
	case s.saving <- struct{}{}:
		defer func() { <-s.saving }()
	case <-ctx.Done(): // the server may never answer whoever saves it now
		return fmt.Errorf("save the vault: %w", ctx.Err())
	}
	for range rebases {
		s.mu.Lock()
		next, err := s.vault.Reseal(s.desk.now())
		s.mu.Unlock()
		if err != nil {
			return err
		}
		err = s.call(ctx, wire.TypeVaultPut, wire.VaultPut{Version: next.Version, Prev: next.Prev, Vault: next.Body}, new(wire.Empty))
		if err == nil {
			s.saved(next)
			return nil
		}
		if !errors.Is(err, wire.Refuse(wire.CodeConflict)) {
			return err
		}
		if err := s.mergeVault(ctx, next); err != nil {
			return err
		}
	}
	return wire.Refuse(wire.CodeConflict)
}

func (s *Session) saved(v models.Vault) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.vault.Saved(v)
}

// mergeVault brings what the stored vault has seen into this one, which then follows it. next is what the server would not take: the
// stored one stands in its place, or further on. Anything older was taken back.
func (s *Session) mergeVault(ctx context.Context, next models.Vault) error {
	var reply wire.VaultReply
	if err := s.call(ctx, wire.TypeVaultGet, wire.Empty{}, &reply); err != nil {
		return err
	}
	if reply.Version < next.Version {
		return ErrOldVault
	}
	other, err := e2e.OpenVault(models.Vault{Account: s.Account(), Version: reply.Version, Prev: reply.Prev, Body: reply.Vault}, s.unlock)
	if err != nil {
		return errors.Join(ErrVault, err)
	}
	defer other.Wipe()
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.vault.Merge(other); errors.Is(err, e2e.ErrFork) {
		return errors.Join(ErrOldVault, err) // it did not grow from what was there
	} else if err != nil {
		return err
	}
	return nil
}
