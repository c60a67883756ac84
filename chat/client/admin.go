package client

import (
	"context"
	"errors"
	"fmt"
	"slices"
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
	ErrSignupDesk  = errors.New("the desk that the person signed up at is not listed any more: reject it and let the person sign up again")
	ErrAlike       = errors.New("somebody was approved meanwhile whom this person looks like: look again before you approve")
	ErrDeskRequest = errors.New("the desk's request does not belong to an invite of yours: do not approve")
)

// Waiting is an account that waits for approval. Blocked is nil, or says why it can not be approved, whoever it is: it waits until somebody
// rejects it.
type Waiting struct {
	Account models.AccountID
	Name    string
	Email   string
	At      time.Time
	Desk    models.DeskID // where the person signed up, as that desk's key signed it
	Blocked error
	Alike   []Lookalike // approved people whom this one looks like, the most alike first; the server says so, and nothing proves it
	bundle  []byte
}

// Grade says how alike two people look to the server. The zero Grade is none.
type Grade uint8

// The grades.
const (
	SameFace Grade = 1 // one would be let in for the other, but for what is done against it: the same person twice, or a twin
	Alike    Grade = 2 // nearer than strangers are
)

// Lookalike is somebody whom the directory lists.
type Lookalike struct {
	Account models.AccountID
	Name    string // by the directory
	Grade   Grade
}

// Fingerprint is what stands on the person's screen. An admin does not copy it from here: it is typed or scanned from there.
func (w Waiting) Fingerprint() trust.Fingerprint { return trust.BundleFingerprint(w.bundle) }

// maxSignups bounds the list that a server gives.
const maxSignups = 10_000

// Signups lists who waits, oldest first. A bundle whose signatures are wrong, or that names another person than the server does, is an
// error for the whole list: the server is at fault. What an honest server may show and nobody can approve is set aside, beside the rest:
// the desk was revoked since, or the directory knows the account or the name.
func (s *Session) Signups(ctx context.Context) ([]Waiting, error) {
	if err := s.readDirectory(ctx); err != nil {
		return nil, err
	}
	var list []Waiting
	var after wire.SignupList
	for {
		var page wire.SignupListReply
		if err := s.call(ctx, wire.TypeSignupList, after, &page); err != nil {
			return nil, err
		}
		from := len(list)
		for _, row := range page.Waiting {
			w, err := waiting(s.dir, row, approvable)
			if err != nil {
				return nil, err
			}
			list = append(list, w)
		}
		if err := s.alike(ctx, list[from:]); err != nil {
			return nil, err
		}
		if !page.More || len(page.Waiting) == 0 || len(list) >= maxSignups {
			return list, nil
		}
		last := page.Waiting[len(page.Waiting)-1]
		after = wire.SignupList{At: last.At, Account: last.Account}
	}
}

// alike asks whom those who wait look like, where the server can say it.
func (s *Session) alike(ctx context.Context, waiting []Waiting) error {
	if !s.conn.speaks(wire.FeatureAlike) {
		return nil
	}
	for some := range slices.Chunk(waiting, wire.MaxAlike) {
		var asked wire.SignupAlike
		for _, w := range some {
			asked.Accounts = append(asked.Accounts, w.Account)
		}
		var reply wire.SignupAlikeReply
		if err := s.call(ctx, wire.TypeSignupAlike, asked, &reply); err != nil {
			return err
		}
		if err := s.takeAlike(some, reply.Alike); err != nil {
			return err
		}
	}
	return nil
}

// takeAlike gives each of some the server's list.
func (s *Session) takeAlike(some []Waiting, rows [][]wire.Lookalike) (err error) {
	if len(rows) != len(some) {
		return fmt.Errorf("%d lists of lookalikes for %d sign-ups: %w", len(rows), len(some), wire.Refuse(wire.CodeInternal))
	}
	for i, row := range rows {
		if some[i].Alike, err = s.lookalikes(row); err != nil {
			return err
		}
	}
	return nil
}

// lookalikes gives the server's list the directory's names. Who was revoked meanwhile is left out.
func (s *Session) lookalikes(row []wire.Lookalike) ([]Lookalike, error) {
	if len(row) > wire.MaxAlike {
		return nil, fmt.Errorf("%d lookalikes: %w", len(row), wire.Refuse(wire.CodeInternal))
	}
	var list []Lookalike
	for _, l := range row {
		if l.Grade != wire.GradeSame && l.Grade != wire.GradeAlike {
			return nil, fmt.Errorf("lookalike of grade %d: %w", l.Grade, wire.Refuse(wire.CodeInternal))
		}
		if id, listed := s.dir.Identity(l.Account); listed {
			list = append(list, Lookalike{Account: l.Account, Name: id.Name, Grade: Grade(l.Grade)})
		}
	}
	return list, nil
}

// waiting checks one row of the server's list by the directory; judge says why what it holds must not be signed.
func waiting(dir *trust.Directory, row wire.Signup, judge func(*trust.Directory, trust.Bundle) error) (Waiting, error) {
	w := Waiting{Account: row.Account, Name: row.Name, Email: row.Email, At: timeOf(row.At), Desk: row.Desk, bundle: row.Bundle}
	b, err := trust.OpenBundle(row.Bundle, dir)
	switch {
	case errors.Is(err, trust.ErrUnknown):
		w.Blocked = fmt.Errorf("%w: %w", ErrSignupDesk, err)
		return w, nil
	case err != nil || b.Account != row.Account || b.Name != row.Name || b.Desk != row.Desk:
		return w, fmt.Errorf("sign-up of %q: %w", row.Name, errors.Join(ErrSignup, err))
	}
	w.Blocked = judge(dir, b)
	return w, nil
}

// approvable says why a bundle must not be signed into the directory. An account that the directory knows, revoked or not, is another
// person's: the server chose the id, and signing it anew would hand that person's place and role to new keys.
func approvable(dir *trust.Directory, b trust.Bundle) error {
	_, unknown := dir.IdentityAt(dir.Head(), b.Account)
	_, named := dir.ByName(b.Name)
	switch {
	case !errors.Is(unknown, trust.ErrUnknown):
		return fmt.Errorf("account %s is in the directory: %w", b.Account.Short(), ErrSignup)
	case named:
		return fmt.Errorf("name %q is in the directory: %w", b.Name, ErrSignup)
	}
	return onePersons(b)
}

// onePersons refuses keys that no honest sign-up has.
func onePersons(b trust.Bundle) error {
	switch {
	case len(b.Boxes) != 1:
		return fmt.Errorf("%d keys instead of one: %w", len(b.Boxes), ErrSignup)
	case len(b.Succession) != 0:
		return fmt.Errorf("keys that follow others: %w", ErrSignup)
	}
	return nil
}

// unseen refuses to approve somebody who looks like a person approved since w was listed: two who look alike may have waited side by side.
func (s *Session) unseen(ctx context.Context, w Waiting) error {
	now := []Waiting{{Account: w.Account}}
	if err := s.alike(ctx, now); err != nil {
		return err
	}
	for _, l := range now[0].Alike {
		if !slices.ContainsFunc(w.Alike, func(seen Lookalike) bool { return seen.Account == l.Account }) {
			return fmt.Errorf("%w (%w)", ErrAlike, wire.Refuse(wire.CodeConflict))
		}
	}
	return nil
}

// Approve signs a waiting person into the directory when typed is the fingerprint that the person's own screen shows, and w says of everybody
// approved by now whom the person looks like.
func (s *Session) Approve(ctx context.Context, w Waiting, typed string) error {
	if !w.Fingerprint().Matches(typed) {
		return ErrFingerprint
	}
	if w.Blocked != nil {
		return w.Blocked
	}
	return s.direct(ctx, func(by trust.Author) ([]byte, error) {
		b, err := trust.OpenBundle(w.bundle, s.dir)
		if err == nil {
			err = approvable(s.dir, b) // by the newest directory: another admin may have been faster
		}
		if err == nil {
			err = s.unseen(ctx, w)
		}
		if err != nil {
			return nil, err
		}
		return s.dir.SignIdentity(by.Account, by.Key, b, by.At)
	})
}

// Reject refuses a waiting person: the server deletes the account, with the face.
func (s *Session) Reject(ctx context.Context, account models.AccountID) error {
	return s.call(ctx, wire.TypeSignupReject, wire.SignupReject{Account: account}, new(wire.Empty))
}

// direct makes a statement of the directory on top of its newest state and sends it, again when another came first.
func (s *Session) direct(ctx context.Context, build func(trust.Author) ([]byte, error)) error {
	var err error
	for range rebases {
		if err = s.readDirectory(ctx); err != nil {
			return err
		}
		var signed []byte
		if signed, err = build(s.keys.Author()); errors.Is(err, trust.ErrSignature) {
			continue // the own keys changed since it was asked for
		} else if err != nil {
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
	if err := s.call(ctx, wire.TypeDeskInvite, wire.Empty{}, &reply); err != nil {
		return "", err
	}
	pepper, err := s.desk.wrapping()
	if err != nil {
		return "", err
	}
	secret, err := trust.NewSecret(s.desk.random())
	if err != nil {
		return "", err
	}
	inv := trust.Invite{
		Addresses: reply.Addresses, CA: s.desk.ca, Code: reply.Code,
		Org: s.desk.org, Root: s.desk.root, Pepper: pepper, Secret: secret,
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

// invited says whether a desk that asked at the time asked came with this invite while it could be used, and not so long ago that the server
// may have kept its request up its sleeve.
func (s *Session) invited(i e2e.PendingInvite, asked time.Time) bool {
	ends := timeOf(i.Until)
	return asked.Before(ends) && s.desk.now().Before(ends.Add(e2e.InviteGrace))
}

// Desks lists the workstations, as the server has them.
func (s *Session) Desks(ctx context.Context) ([]wire.Desk, error) {
	var reply wire.DeskListReply
	err := s.call(ctx, wire.TypeDeskList, wire.Empty{}, &reply)
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
	if err != nil || r.Desk != d.ID || r.Name != d.Name {
		return errors.Join(ErrDeskRequest, err)
	}
	if !s.invited(inv, r.Time) {
		return fmt.Errorf("the invite's time was over: %w", ErrDeskRequest)
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

// SetAdmin makes somebody an admin, or no longer one: himself too.
func (s *Session) SetAdmin(ctx context.Context, id models.AccountID, admin bool) error {
	return s.direct(ctx, func(by trust.Author) ([]byte, error) { return s.dir.SignRole(by.Account, by.Key, id, admin, by.At) })
}

// RevokeAccount ends an account for ever.
func (s *Session) RevokeAccount(ctx context.Context, id models.AccountID) error {
	return s.direct(ctx, func(by trust.Author) ([]byte, error) { return s.dir.SignRevokeAccount(by.Account, by.Key, id, by.At) })
}
