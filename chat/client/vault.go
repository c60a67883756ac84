package client

import (
	"bytes"
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

// vaultWrite is a way to store the vault's next version. seal and saved are called under mu.
type vaultWrite struct {
	seal  func() (models.Vault, error)
	put   func(models.Vault) error
	saved func() // with the version that the server has
}

// saveVault stores the vault as it is.
func (s *Session) saveVault(ctx context.Context) error {
	return s.storeVault(ctx, vaultWrite{
		seal: func() (models.Vault, error) { return s.vault.Reseal(s.desk.now()) },
		put: func(next models.Vault) error {
			return s.call(ctx, wire.TypeVaultPut, wire.VaultPut{Version: next.Version, Prev: next.Prev, Vault: next.Body}, new(wire.Empty))
		},
		saved: func() {},
	})
}

// storeVault stores the vault. When another desk has stored one meanwhile, that one is opened and what was seen here merged into it.
func (s *Session) storeVault(ctx context.Context, w vaultWrite) error {
	select {
	case s.saving <- struct{}{}:
		defer func() { <-s.saving }()
	case <-ctx.Done(): // the server may never answer whoever saves it now
		return fmt.Errorf("save the vault: %w", ctx.Err())
	}
	for range rebases {
		s.mu.Lock()
		next, err := w.seal()
		s.mu.Unlock()
		if err != nil {
			return err
		}
		if err = w.put(next); err == nil {
			s.saved(next, w.saved)
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

func (s *Session) saved(v models.Vault, also func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.vault.Saved(v)
	also()
}

// mergeVault brings what the stored vault has seen into this one, which then follows it. next is what the server would not take: the
// stored one stands in its place, or further on. Anything older was taken back.
func (s *Session) mergeVault(ctx context.Context, next models.Vault) error {
	other, err := s.storedVault(ctx)
	if err != nil {
		return err
	}
	defer other.Wipe()
	if other.Version() < next.Version {
		return ErrOldVault
	}
	err = s.merge(other)
	if errors.Is(err, e2e.ErrIdentity) { // other keys, which the directory has listed since this desk read it
		if err := s.readDirectory(ctx); err != nil {
			return err
		}
		if err := s.followKeys(ctx); err != nil {
			return err
		}
		err = s.merge(other)
	}
	if errors.Is(err, e2e.ErrFork) {
		return errors.Join(ErrOldVault, err) // it did not grow from what was there
	}
	return err
}

func (s *Session) merge(other *e2e.Vault) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.vault.Merge(other)
}

// storedVault opens the vault that the server has.
func (s *Session) storedVault(ctx context.Context) (*e2e.Vault, error) {
	var reply wire.VaultReply
	if err := s.call(ctx, wire.TypeVaultGet, wire.Empty{}, &reply); err != nil {
		return nil, err
	}
	stored := models.Vault{Account: s.Account(), Version: reply.Version, Prev: reply.Prev, Body: reply.Vault}
	s.mu.Lock()
	export := bytes.Clone(s.export)
	s.mu.Unlock()
	defer clear(export)
	unlock, err := s.desk.unlockFor(stored, export)
	if err != nil {
		return nil, err
	}
	v, err := e2e.OpenVault(stored, unlock)
	if err != nil {
		return nil, errors.Join(ErrVault, err)
	}
	return v, nil
}
