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

// The reasons for not signing something into the directory.
var (
	ErrFingerprint = errors.New("the fingerprint is not the one on the person's screen: do not approve")
	ErrSignup      = errors.New("the server's list does not agree with what the person signed: do not approve")
	ErrDeskRequest = errors.New("the desk's request does not belong to an invite of yours: do not approve")
)

// Waiting is an account that waits for approval, with its bundle checked.
type Waiting struct {
	Account models.AccountID
	Name    string
	Email   string
	At      time.Time
	bundle  []byte
}

// Fingerprint is what stands on the person's screen. An admin does not copy it from here: it is typed or scanned from there.
func (w Waiting) Fingerprint() trust.Fingerprint { return trust.BundleFingerprint(w.bundle) }

// Signups lists who waits. A bundle that was not signed by the desk that it names, or names another person than the
// server does, is an error for the whole list: the server is at fault.
func (s *Session) Signups(ctx context.Context) ([]Waiting, error) {
	if err := s.readDirectory(ctx); err != nil {
		return nil, err
	}
	var reply wire.SignupListReply
	if err := s.conn.Call(ctx, wire.TypeSignupList, wire.Empty{}, &reply); err != nil {
		return nil, err
	}
	var list []Waiting
	for _, w := range reply.Waiting {
		b, err := trust.OpenBundle(w.Bundle, s.dir)
		if err != nil || b.Account != w.Account || b.Name != w.Name || b.Desk != w.Desk {
			return nil, fmt.Errorf("sign-up of %q: %w", w.Name, errors.Join(ErrSignup, err))
		}
		list = append(list, Waiting{Account: w.Account, Name: w.Name, Email: w.Email, At: timeOf(w.At), bundle: w.Bundle})
	}
	return list, nil
}

// Approve signs a waiting person into the directory when typed is the fingerprint that the person's own screen shows.
func (s *Session) Approve(ctx context.Context, w Waiting, typed string) error {
	if !w.Fingerprint().Matches(typed) {
		return ErrFingerprint
	}
	b, err := trust.OpenBundle(w.bundle, s.dir)
	if err != nil {
		return err
	}
	return s.direct(ctx, func(by trust.Author) ([]byte, error) { return s.dir.SignIdentity(by.Account, by.Key, b, by.At) })
}

// direct makes a statement of the directory on top of its newest state and sends it, again when another came first.
func (s *Session) direct(ctx context.Context, build func(trust.Author) ([]byte, error)) error {
	var err error
	for range rebases {
		if err = s.readDirectory(ctx); err != nil {
			return err
		}
		var signed []byte
		if signed, err = build(s.keys.Author()); err != nil {
			return err
		}
		e := models.Entry{Kind: models.EntryStatement, Body: signed}
		if err = models.Draw(&e.Message, s.desk.random()); err != nil {
			return err
		}
		var seq uint64
		if seq, err = s.append(ctx, e); err == nil {
			return s.until(ctx, func() bool { return s.dirSeq >= seq })
		}
		if !errors.Is(err, wire.Refuse(wire.CodeConflict)) {
			return err
		}
	}
	return err
}

// InviteDesk makes an invite for one new desk, as a line of text that is handled as a password. It holds what the server must
// not know, so it goes by hand.
func (s *Session) InviteDesk(ctx context.Context) (string, error) {
	var reply wire.DeskInviteReply
	if err := s.conn.Call(ctx, wire.TypeDeskInvite, wire.Empty{}, &reply); err != nil {
		return "", err
	}
	secret, err := trust.NewSecret(s.desk.random())
	if err != nil {
		return "", err
	}
	inv := trust.Invite{
		Addresses: reply.Addresses, CA: s.desk.ca, Code: reply.Code,
		Org: s.desk.org, Root: s.desk.root, Pepper: s.desk.pepper, Secret: secret,
	}
	text, err := inv.Text()
	if err != nil {
		return "", err
	}
	s.mu.Lock()
	s.vault.Invites[inv.CodeHash()] = e2e.PendingInvite{Secret: secret, Until: reply.ExpiresAt}
	s.mu.Unlock()
	return text, s.saveVault(ctx)
}

// Desks lists the workstations, as the server has them.
func (s *Session) Desks(ctx context.Context) ([]wire.Desk, error) {
	var reply wire.DeskListReply
	err := s.conn.Call(ctx, wire.TypeDeskList, wire.Empty{}, &reply)
	return reply.Desks, err
}

// ApproveDesk signs a pending desk into the directory when its request was made with the secret of an invite of this admin's: then
// its keys are the desk's own and not ones that the server put in their place.
func (s *Session) ApproveDesk(ctx context.Context, d wire.Desk) error {
	s.mu.Lock()
	inv, ok := s.vault.Invites[d.Invite]
	s.mu.Unlock()
	if !ok {
		return ErrDeskRequest
	}
	r, err := trust.OpenDeskRequestFor(d.Request, inv.Secret)
	if err != nil || r.Desk != d.ID {
		return errors.Join(ErrDeskRequest, err)
	}
	if err := s.direct(ctx, func(by trust.Author) ([]byte, error) { return s.dir.SignDesk(by.Account, by.Key, r, by.At) }); err != nil {
		return err
	}
	s.mu.Lock()
	delete(s.vault.Invites, d.Invite)
	s.mu.Unlock()
	return s.saveVault(ctx)
}

// RevokeDesk ends a desk for ever; the server cuts its live connections.
func (s *Session) RevokeDesk(ctx context.Context, id models.DeskID) error {
	return s.direct(ctx, func(by trust.Author) ([]byte, error) { return s.dir.SignRevokeDesk(by.Account, by.Key, id, by.At) })
}

// RevokeAccount ends an account for ever.
func (s *Session) RevokeAccount(ctx context.Context, id models.AccountID) error {
	return s.direct(ctx, func(by trust.Author) ([]byte, error) { return s.dir.SignRevokeAccount(by.Account, by.Key, id, by.At) })
}

// saveVault stores the vault. When another desk has stored one meanwhile, that one is opened and what was seen here merged into it.
func (s *Session) saveVault(ctx context.Context) error {
	for range rebases {
		s.mu.Lock()
		next, err := s.vault.Reseal(s.desk.now())
		s.mu.Unlock()
		if err != nil {
			return err
		}
		err = s.conn.Call(ctx, wire.TypeVaultPut, wire.VaultPut{Version: next.Version, Prev: next.Prev, Vault: next.Body}, new(wire.Empty))
		if err == nil {
			s.mu.Lock()
			s.vault.Saved(next)
			s.mu.Unlock()
			return nil
		}
		if !errors.Is(err, wire.Refuse(wire.CodeConflict)) {
			return err
		}
		if err := s.mergeVault(ctx); err != nil {
			return err
		}
	}
	return wire.Refuse(wire.CodeConflict)
}

// mergeVault brings what the stored vault has seen into this one, which then follows it.
func (s *Session) mergeVault(ctx context.Context) error {
	var reply wire.VaultReply
	if err := s.conn.Call(ctx, wire.TypeVaultGet, wire.Empty{}, &reply); err != nil {
		return err
	}
	stored := models.Vault{Account: s.Account(), Version: reply.Version, Prev: reply.Prev, Body: reply.Vault}
	other, err := e2e.OpenVault(stored, s.unlock)
	if err != nil {
		return err
	}
	defer other.Wipe()
	s.mu.Lock()
	defer s.mu.Unlock()
	s.vault.Merge(other)
	s.vault.Saved(stored)
	return nil
}
