package client

import (
	"context"
	"errors"
	"fmt"

	"visavis/chat/trust"
	"visavis/chat/wire"
	"visavis/models"
)

// ErrNoRenewal says that no admin has allowed a sign-up for an account that there is, or that its hour is over, or somebody made it already.
var ErrNoRenewal = errors.New("nobody may sign up anew for that name: an admin has to allow it first")

// notRenewed gives a sign-up for an account that there is, which was refused, its reason.
func notRenewed(err error) error {
	if errors.Is(err, wire.Refuse(wire.CodeNotAllowed)) {
		return fmt.Errorf("%w (%w)", ErrNoRenewal, err)
	}
	return err
}

// AllowRenewal lets somebody who lost password and phrase sign up anew for the account that he has, within an hour (SignUp.Renews). Until
// ApproveRenewal nothing changes. What stood for the account before is gone.
func (s *Session) AllowRenewal(ctx context.Context, account models.AccountID) error {
	return s.call(ctx, wire.TypeRenewAllow, wire.ByAccount{Account: account}, new(wire.Empty))
}

// Renewals lists who signed up anew and waits, oldest first; as of Signups.
func (s *Session) Renewals(ctx context.Context) ([]Waiting, error) {
	if err := s.readDirectory(ctx); err != nil {
		return nil, err
	}
	var reply wire.RenewListReply
	if err := s.call(ctx, wire.TypeRenewList, wire.Empty{}, &reply); err != nil {
		return nil, err
	}
	var list []Waiting
	for _, row := range reply.Waiting {
		w, err := waiting(s.dir, row, s.renewable)
		if err != nil {
			return nil, err
		}
		list = append(list, w)
	}
	return list, nil
}

// renewable says why a bundle must not take the place of an account's keys: the server may name whom it likes, and nobody else's name than the one that the
// directory has for the account was read by the admin.
func (s *Session) renewable(dir *trust.Directory, b trust.Bundle) error {
	id, listed := dir.Identity(b.Account)
	switch {
	case !listed:
		return fmt.Errorf("account %s is not in the directory: %w", b.Account.Short(), ErrSignup)
	case id.Name != b.Name:
		return fmt.Errorf("%q signs up as %q: %w", id.Name, b.Name, ErrSignup)
	case b.Account == s.Account():
		return fmt.Errorf("one's own account: %w", ErrSignup)
	}
	return onePersons(b)
}

// ApproveRenewal gives an account the keys of who signed up anew for it, when typed is the fingerprint on the person's own screen. The account keeps its
// name and is no admin any more; its old vault, password and face are gone, its sessions end, and in rooms its place stays empty until somebody invites it.
func (s *Session) ApproveRenewal(ctx context.Context, w Waiting, typed string) error {
	if !w.Fingerprint().Matches(typed) {
		return ErrFingerprint
	}
	if w.Blocked != nil {
		return w.Blocked
	}
	return s.direct(ctx, func(by trust.Author) ([]byte, error) {
		b, err := trust.OpenBundle(w.bundle, s.dir)
		if err == nil {
			err = s.renewable(s.dir, b)
		}
		if err != nil {
			return nil, err
		}
		return s.dir.SignReEnrol(by.Account, by.Key, b, by.At)
	})
}

// RejectRenewal drops what somebody made anew, or the leave to; the account stays what it is.
func (s *Session) RejectRenewal(ctx context.Context, account models.AccountID) error {
	return s.call(ctx, wire.TypeRenewReject, wire.ByAccount{Account: account}, new(wire.Empty))
}
