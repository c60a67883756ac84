package client

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"visavis/chat/trust"
	"visavis/chat/wire"
	"visavis/models"
)

// ErrKeys says that what waits is no change of keys of the person that the server names.
var ErrKeys = errors.New("the server's list does not agree with what the person signed: do not sign it")

// WaitingKeys are somebody's keys that wait for an admin.
type WaitingKeys struct {
	Account models.AccountID
	Name    string // by the directory
	At      time.Time
	Known   bool  // the person says that somebody may have the password
	Exposed bool  // a desk was revoked since the present keys were listed, and may have seen them
	Blocked error // nil, or why they can not be signed: the person's desk asks anew by itself
	bundle  []byte
}

// Fingerprint is what stands on the person's screen. An admin does not copy it from here: it is typed or scanned from there.
func (w WaitingKeys) Fingerprint() trust.Fingerprint { return trust.BundleFingerprint(w.bundle) }

// usual says that nobody has a reason to compare.
func (w WaitingKeys) usual() bool { return !w.Known && !w.Exposed && w.Blocked == nil }

// maxKeys bounds the list that a server gives.
const maxKeys = 10_000

// WaitingKeys lists the changes of keys that wait, by account.
func (s *Session) WaitingKeys(ctx context.Context) ([]WaitingKeys, error) {
	if !s.takesKeys {
		return nil, nil
	}
	if err := s.readDirectory(ctx); err != nil {
		return nil, err
	}
	var list []WaitingKeys
	var after wire.KeysList
	for {
		var page wire.KeysListReply
		if err := s.call(ctx, wire.TypeKeysList, after, &page); err != nil {
			return nil, err
		}
		for _, row := range page.Waiting {
			id, ok := s.dir.Identity(row.Account)
			if !ok {
				continue // revoked meanwhile
			}
			w := WaitingKeys{Account: row.Account, Name: id.Name, At: timeOf(row.At), Known: row.Known, bundle: row.Bundle,
				Exposed: len(s.dir.DesksRevokedSince(row.Account)) > 0}
			_, w.Blocked = s.nextKeys(w)
			list = append(list, w)
		}
		if !page.More || len(page.Waiting) == 0 || len(list) >= maxKeys {
			return list, nil
		}
		after.After = page.Waiting[len(page.Waiting)-1].Account
	}
}

// nextKeys opens a bundle that may be signed by the directory as it is: the account's present key has signed it.
func (s *Session) nextKeys(w WaitingKeys) (trust.Bundle, error) {
	b, err := trust.OpenBundle(w.bundle, s.dir)
	if err != nil {
		return b, errors.Join(ErrKeys, err)
	}
	id, ok := s.dir.Identity(w.Account)
	if !ok || b.Account != w.Account || len(b.Boxes) != 1 || !b.Succeeds(id) {
		return b, fmt.Errorf("keys of %s: %w", w.Name, ErrKeys)
	}
	return b, nil
}

// ApproveKeys signs somebody's keys when typed is the fingerprint that the person's own screen shows. It needs a proof of just now.
func (s *Session) ApproveKeys(ctx context.Context, w WaitingKeys, typed string) error {
	if !w.Fingerprint().Matches(typed) {
		return ErrFingerprint
	}
	return s.signKeys(ctx, w, func() bool { return true })
}

// RejectKeys drops what waits; the keys before go on to count. The person's desk asks again at the next log-in. It needs a proof of just now.
func (s *Session) RejectKeys(ctx context.Context, w WaitingKeys) error {
	return s.call(ctx, wire.TypeKeysReject, wire.KeysReject{Account: w.Account, Bundle: trust.LabelBundle.Hash(w.bundle)}, new(wire.Empty))
}

// errCompare says that somebody has to compare after all.
var errCompare = errors.New("keys that are to be compared")

func (s *Session) signKeys(ctx context.Context, w WaitingKeys, still func() bool) error {
	return s.direct(ctx, func(by trust.Author) ([]byte, error) {
		b, err := s.nextKeys(w) // by the newest directory
		if err == nil && !still() {
			err = errCompare
		}
		if err != nil {
			return nil, err
		}
		return s.dir.SignReEnrol(by.Account, by.Key, b, by.At)
	})
}

// signUsual signs what nobody has a reason to compare. The own keys of an admin are among them; where no other admin is, all of the own are: whoever has
// the old ones could sign for himself.
func (s *Session) signUsual(ctx context.Context) error {
	list, err := s.WaitingKeys(ctx)
	if err != nil {
		return err
	}
	for _, w := range list {
		own := func() bool { return w.Account == s.Account() && !s.otherAdmins() }
		if w.Blocked != nil || !w.usual() && !own() {
			continue
		}
		err = errors.Join(err, s.signKeys(ctx, w, func() bool {
			return own() || !w.Known && len(s.dir.DesksRevokedSince(w.Account)) == 0
		}))
	}
	return err
}

func (s *Session) otherAdmins() bool {
	return slices.ContainsFunc(s.dir.Accounts(), func(id trust.Identity) bool { return id.Account != s.Account() && s.dir.IsAdmin(id.Account) })
}
