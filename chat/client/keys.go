package client

import (
	"context"
	"errors"
	"fmt"
	"time"

	"visavis/chat/e2e"
	"visavis/chat/trust"
	"visavis/chat/wire"
	"visavis/models"
)

// renewAfter is the age at which a desk asks for new keys by itself: a month before others seal to them no more.
const renewAfter = 60 * 24 * time.Hour

// KeyState is where a person's own keys stand.
type KeyState struct {
	Since       time.Time         // by the directory
	Asked       bool              // others wait for an admin
	Known       bool              // since the password may be known
	Compared    bool              // an admin compares the fingerprint with the person, before they count
	Fingerprint trust.Fingerprint // of what is asked for
}

// Keys says where the person's own keys stand.
func (s *Session) Keys() KeyState {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.err != nil {
		return KeyState{}
	}
	id, _ := s.dir.Identity(s.Account())
	k := KeyState{Since: id.NotBefore}
	if asked, ok := s.vault.Keys.Asked(); ok {
		k.Asked, k.Known, k.Fingerprint = true, asked.Known, trust.BundleFingerprint(asked.Bundle)
		k.Compared = asked.Known || len(s.dir.DesksRevokedSince(id.Account)) > 0
	}
	return k
}

// ChangeKeys draws new keys and asks for them. They are in the vault first; until the directory lists them the ones before count, here and for
// everybody. Where nobody has a reason to look, an admin's desk signs them as soon as it is there.
func (s *Session) ChangeKeys(ctx context.Context) error {
	if !s.takesKeys {
		return fmt.Errorf("change keys: %w", wire.Refuse(wire.CodeNotAllowed))
	}
	if err := s.drawKeys(false); err != nil {
		return err
	}
	return s.askKeys(ctx)
}

// drawKeys makes keys that shall come after the present ones. What was said of those before, that the password may be known, holds on.
func (s *Session) drawKeys(known bool) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.err != nil {
		return s.err
	}
	defer s.changed.Broadcast()
	asked, _ := s.vault.Keys.Asked()
	of := trust.Bundle{Org: s.desk.org, Account: s.vault.Account, Name: s.name, Desk: s.desk.id, Time: s.desk.now()}
	return s.vault.Keys.Change(of, s.desk.device, known || asked.Known, s.desk.random())
}

// askKeys saves the vault and asks for the keys that are to come, if any are. It may be called again at any time.
func (s *Session) askKeys(ctx context.Context) error {
	if err := s.saveVault(ctx); err != nil {
		return err
	}
	s.mu.Lock()
	asked, ok := s.vault.Keys.Asked() // another desk may have been faster: then those count
	s.mu.Unlock()
	if !ok {
		return nil
	}
	return s.call(ctx, wire.TypeKeysChange, wire.KeysChange{Bundle: asked.Bundle, Known: asked.Known}, new(wire.Empty))
}

// tend looks after the own keys and, for an admin, after those that wait, whenever there is a reason. It holds nobody up: what does not work is
// tried again at the next reason, or the next log-in.
func (s *Session) tend() {
	for {
		if s.until(context.Background(), func() bool { return s.untended }) != nil {
			return
		}
		s.mu.Lock()
		s.untended = false
		s.mu.Unlock()
		if err := s.followKeys(s.ctx); errors.Is(err, e2e.ErrIdentity) || errors.Is(err, ErrOldVault) {
			s.fail(err)
			return
		}
		if !s.takesKeys {
			continue
		}
		_ = s.tendOwn(s.ctx)
		if s.IsAdmin() {
			_ = s.signUsual(s.ctx)
		}
	}
}

// followKeys takes the keys that the directory lists out of the stored vault, where this desk has not heard of them: another one asked for them.
func (s *Session) followKeys(ctx context.Context) error {
	s.mu.Lock()
	id, listed := s.dir.Identity(s.vault.Account)
	ours := s.vault.Keys.Follow(id)
	s.mu.Unlock()
	if ours {
		return nil
	}
	if !listed {
		return fmt.Errorf("keys of nobody: %w", e2e.ErrIdentity)
	}
	other, err := s.storedVault(ctx)
	if err != nil {
		return err
	}
	defer other.Wipe()
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.vault.Keys.Adopt(other.Keys, id) {
		return fmt.Errorf("the directory lists keys that the vault does not hold: %w", e2e.ErrIdentity)
	}
	s.changed.Broadcast()
	return nil
}

// tendOwn asks for keys where they are too old or were seen by a desk that is revoked, and again for those that were asked for and are not listed.
func (s *Session) tendOwn(ctx context.Context) error {
	s.mu.Lock()
	id, _ := s.dir.Identity(s.vault.Account)
	asked, waits := s.vault.Keys.Asked()
	_, broken := trust.OpenBundle(asked.Bundle, s.dir)
	seen := s.vault.Keys.SeenBy(func(d models.DeskID) bool { _, revoked := s.dir.RevokedAt(d); return revoked })
	old := s.desk.now().Sub(id.NotBefore) >= renewAfter
	s.mu.Unlock()
	switch {
	case seen, !waits && old, waits && broken != nil:
		if err := s.drawKeys(false); err != nil {
			return err
		}
	case !waits:
		return nil
	}
	return s.askKeys(ctx)
}

// LeftOut lists the members of an open room who are sealed to no more until they have new keys.
func (s *Session) LeftOut(id models.RoomID) map[models.AccountID]e2e.LeftOut {
	r, err := s.room(id)
	if err != nil {
		return nil
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	return r.keys.LeftOut()
}
