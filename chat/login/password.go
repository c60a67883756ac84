package login

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"time"

	"visavis/chat/pake"
	"visavis/models"
)

// ErrPassword says that a record or vault is not one of a change that began.
var ErrPassword = errors.New("not the record or vault of this change of password")

// passwordLife is how long a change of password may take from its registration on: Argon2id, and a vault that is sealed again and again.
const passwordLife = 5 * time.Minute

// repassword is a change of password between its two steps.
type repassword struct {
	session models.SessionID
	tried   tally // of the name: the answer is one that a password can be tried on
}

// PasswordReply answers a registration request of somebody who is logged in.
type PasswordReply struct {
	Login    models.LoginID
	Params   pake.Params
	Response []byte
}

// PasswordStart answers the registration of another password for whoever has the open session. It counts as a try until the change is done.
func (s *Service) PasswordStart(ctx context.Context, c Conn, of Session, request []byte) (PasswordReply, error) {
	e := entry{event: "password.start", account: of.Account, desk: c.Desk}
	if err := s.checkDesk(ctx, e, c); err != nil {
		return PasswordReply{}, err
	}
	if _, err := s.admitted(ctx, e, of.Account); err != nil {
		return PasswordReply{}, err
	}
	tried, err := s.countPassword(ctx, s.passwords.NameKey(of.Name), c.Desk)
	if err != nil {
		return PasswordReply{}, s.limited(ctx, e, err)
	}
	response, err := s.passwords.Register(of.Name, request)
	if err != nil {
		return PasswordReply{}, fmt.Errorf("%s: %w: %w", e.event, ErrPassword, err)
	}
	var id models.LoginID
	if err := models.Draw(&id, s.random); err != nil {
		return PasswordReply{}, fmt.Errorf("%s: %w", e.event, err)
	}
	now := s.now()
	if err := s.repasswords.begin(c, id, &repassword{of.ID, tried}, now.Add(passwordLife), now); err != nil {
		return PasswordReply{}, s.limited(ctx, e, err)
	}
	return PasswordReply{Login: id, Params: s.passwords.Params(), Response: response}, nil
}

// PasswordFinish replaces record and vault, both or neither, of whoever still has the password that the session began with. With models.ErrConflict, when the vault does not follow the stored one, the change goes
// on. Logins that were answered under the record before come to nothing from then on.
func (s *Service) PasswordFinish(ctx context.Context, c Conn, of Session, id models.LoginID, record []byte, v models.Vault) error {
	return step(ctx, s, s.repasswords, c, id, "password.change", func(e entry, p *repassword, until time.Time) (over time.Time, err error) {
		e.account = of.Account
		if p.session != of.ID || v.Account != of.Account {
			return over, fmt.Errorf("%s: %w", e.event, ErrPassword)
		}
		if err := s.passwords.CheckRecord(record); err != nil {
			return over, fmt.Errorf("%s: %w: %w", e.event, ErrPassword, err)
		}
		user, err := s.admitted(ctx, e, of.Account)
		if err != nil {
			return over, err
		}
		// Of two sessions that change it at once, the second has not proven the password that the first has made.
		if err := s.underRecord(ctx, e, of.Record, user); err != nil {
			return over, err
		}
		stored, err := s.before(ctx, v)
		if err == nil {
			err = s.putPassword(ctx, user, stored, record, v)
		}
		if errors.Is(err, models.ErrConflict) {
			return until, fmt.Errorf("%s: %w", e.event, err)
		}
		if err != nil {
			return over, fmt.Errorf("%s: %w", e.event, err)
		}
		// It is done: what can not be counted or written down now changes nothing of it.
		return over, errors.Join(p.tried.right(ctx), s.audit(ctx, e, "ok", ""))
	})
}

// RecordHash tells two registration records of an account apart.
func RecordHash(record []byte) models.Hash { return sha256.Sum256(record) }

// samePassword refuses a login that was answered under another record than the account has: the password was changed meanwhile.
func (s *Service) samePassword(ctx context.Context, e entry, a *signin, u models.User) error {
	if a.record.IsZero() {
		return nil
	}
	return s.underRecord(ctx, e, a.record, u)
}

// underRecord refuses what was proven under another record than the account has.
func (s *Service) underRecord(ctx context.Context, e entry, record models.Hash, u models.User) error {
	if record == RecordHash(u.Record) {
		return nil
	}
	return s.deny(ctx, e, NotSignedIn, errOldRecord)
}
