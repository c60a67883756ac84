package login

import (
	"context"
	"crypto/ed25519"
	"crypto/subtle"
	"errors"
	"fmt"
	"io"
	"time"

	"visavis/biometrics/liveness"
	"visavis/chat/pake"
	"visavis/chat/trust"
	"visavis/models"
	"visavis/models/canon"
)

// The bounds of a recovery beside a log-in's.
const (
	clearedLife = 15 * time.Minute // CLEARED and REGISTERED: a person chooses a password, and notes a phrase
)

// The errors of a recovery's end, for the audit.
var (
	errPhrase    = errors.New("phrase not proven")
	errSameVault = errors.New("vault that keeps what the phrase before opens")
)

// RecoverReply answers a name, in the same way for every name.
type RecoverReply struct {
	Login   models.LoginID
	Account models.AccountID
}

// RecoverStart begins a recovery for a name as it was typed. It is one try until the phrase's signature takes it back. The tries are counted apart
// from passwords: a phrase has 128 bits and can not be guessed, and who fails at one shall not slow the person's password down.
func (s *Service) RecoverStart(ctx context.Context, c Conn, name string) (RecoverReply, error) {
	e := entry{event: "recover.start", desk: c.Desk}
	if err := s.checkDesk(ctx, e, c); err != nil {
		return RecoverReply{}, err
	}
	canonical, err := models.CanonicalName(name)
	if err != nil {
		return RecoverReply{}, refuse(NotSignedIn, errName)
	}
	a := &signin{stage: answered, purpose: trust.PurposeRecover, name: canonical, nameKey: s.passwords.NameKey(canonical)}
	if a.tried, err = s.countRecovery(ctx, a.nameKey, c.Desk); err != nil {
		return RecoverReply{}, s.limited(ctx, e, err)
	}
	user, err := s.userByName(ctx, canonical)
	if err != nil {
		return RecoverReply{}, fmt.Errorf("%s: %w", e.event, err)
	}
	a.account = s.passwords.Unknown(canonical)
	if user != nil {
		a.account, e.account = user.ID, user.ID
	}
	id, err := s.answered(ctx, c, e, a, user != nil)
	if err != nil {
		return RecoverReply{}, err
	}
	return RecoverReply{Login: id, Account: a.account}, nil
}

// countRecovery counts one try: for its name at its desk, and for the number of accounts that fail there.
func (s *Service) countRecovery(ctx context.Context, key [16]byte, desk models.DeskID) (tally, error) {
	now := s.now()
	var t tally
	err := s.inRow(ctx, &t, models.AttemptRecovery, pairSubject(key, desk), func(a models.Attempts) error { return s.limits.pairState(a, now) })
	if err == nil {
		err = s.window(ctx, &t, models.AttemptRecovery, deskSubject(desk), s.limits.DeskPasswords, s.limits.DeskWindow)
	}
	if err == nil {
		err = s.countPair(ctx, &t, key, desk)
	}
	if err != nil {
		return tally{}, t.untried(ctx, err)
	}
	return t, nil
}

// RecoverPhrase checks a request that the phrase's key signed (trust.NewRecovery), once. The key is the stored vault's: who puts his own there
// gets a vault that he can not open. Only after it the account's standing is looked at.
func (s *Service) RecoverPhrase(ctx context.Context, c Conn, id models.LoginID, signed []byte) error {
	return s.recovering(ctx, c, id, "recover.phrase", answered, func(e entry, a *signin) (over time.Time, err error) {
		key, err := s.recoverer(ctx, a.account)
		if err != nil {
			return over, fmt.Errorf("%s: %w", e.event, err)
		}
		if err := s.provesPhrase(c, id, a.account, signed, key); err != nil {
			return over, s.deny(ctx, e, NotSignedIn, errPhrase, err)
		}
		e.account = a.account
		if err := a.tried.right(ctx); err != nil {
			return over, fmt.Errorf("%s: %w", e.event, err)
		}
		if _, err := s.admitted(ctx, e, a.account); err != nil {
			return over, err
		}
		if err := s.audit(ctx, e, "ok", ""); err != nil {
			return over, err
		}
		a.stage, a.handshake, a.phrase = proven, trust.RecoveryHash(signed), key
		return s.now().Add(provenLife), nil
	})
}

// recovering is step for a recovery that stands in a stage.
func (s *Service) recovering(ctx context.Context, c Conn, id models.LoginID, event string, at stage, do func(entry, *signin) (time.Time, error)) error {
	return step(ctx, s, s.logins, c, id, event, func(e entry, a *signin, _ time.Time) (over time.Time, err error) {
		if a.purpose != trust.PurposeRecover || a.stage != at {
			return over, refuse(NotSignedIn, errOrder)
		}
		return do(e, a)
	})
}

// recoverer is the key that an account's phrase derives. An account that there is none of has one too, which nobody has the half of.
func (s *Service) recoverer(ctx context.Context, account models.AccountID) (ed25519.PublicKey, error) {
	stored, err := s.store.VaultOf(ctx, account)
	if errors.Is(err, models.ErrNotFound) {
		stored, err = s.decoy, nil
	}
	if err != nil {
		return nil, err
	}
	v, err := trust.OpenSealedVault(stored, MaxVault)
	if err != nil {
		return s.decoyKey, nil // a vault that is none: its person is told what everybody is told
	}
	return v.Clear.RecoverySign, nil
}

// sameSecret refuses to go on by a password or phrase that was replaced since it was proven: by a recovery at another desk, or a change.
func (s *Service) sameSecret(ctx context.Context, e entry, a *signin, u models.User) error {
	if a.purpose != trust.PurposeRecover {
		return s.samePassword(ctx, e, a, u)
	}
	key, err := s.recoverer(ctx, a.account)
	switch {
	case err != nil:
		return fmt.Errorf("%s: %w", e.event, err)
	case !key.Equal(a.phrase):
		return s.deny(ctx, e, NotSignedIn, errPhrase)
	}
	return nil
}

func (s *Service) provesPhrase(c Conn, id models.LoginID, account models.AccountID, signed []byte, key ed25519.PublicKey) error {
	r, err := trust.OpenRecovery(signed, key)
	if err != nil {
		return err
	}
	exporter, err := c.Exporter(id)
	if err != nil {
		return err
	}
	if r != (trust.Recovery{Org: c.Org, Server: c.Server, Login: id, Account: account, Desk: c.Desk, Exporter: exporter}) {
		return errBinding
	}
	return nil
}

// makeDecoy makes what stands for the vaults of accounts that there are none of, of the size that they have.
func (s *Service) makeDecoy() error {
	seed := make([]byte, ed25519.SeedSize)
	if _, err := io.ReadFull(s.random, seed); err != nil {
		return err
	}
	s.decoyKey = ed25519.NewKeyFromSeed(seed).Public().(ed25519.PublicKey)
	s.decoy = models.Vault{Version: 1, Body: canon.MustMarshal(trust.SealedVault{
		Header: trust.NewHeader(trust.LabelVault, models.OrgID{}), Number: 1, Body: make([]byte, 1<<10),
		Clear: trust.VaultClear{Wrapped: make([]byte, 256), RecoveryKey: make([]byte, trust.BoxKeySize), RecoverySign: s.decoyKey, RecoveryBox: make([]byte, 1<<10+256)},
	})}
	return nil
}

// RecoverChallenge is Challenge of a recovery: the one that stands for the account at this desk.
func (s *Service) RecoverChallenge(ctx context.Context, c Conn, id models.LoginID) (liveness.Challenge, error) {
	return s.challenge(ctx, c, id, "recover.challenge", trust.PurposeRecover)
}

// RecoverFace judges signed evidence, once, as Face does. After it, or RecoverCode, the vault may be released, whose person is returned.
func (s *Service) RecoverFace(ctx context.Context, c Conn, id models.LoginID, evidence []byte) (account models.AccountID, err error) {
	err = s.recovering(ctx, c, id, "recover.face", challenged, func(e entry, a *signin) (over time.Time, err error) {
		e.account = a.account
		if _, err := s.face(ctx, e, c, id, a, evidence); err != nil {
			return over, err
		}
		account, a.stage = a.account, cleared
		return s.now().Add(clearedLife), nil
	})
	return account, err
}

// RecoverRegister answers a registration request for the new password, once.
func (s *Service) RecoverRegister(ctx context.Context, c Conn, id models.LoginID, request []byte) (params pake.Params, response []byte, err error) {
	err = s.recovering(ctx, c, id, "recover.register", cleared, func(e entry, a *signin) (over time.Time, err error) {
		if response, err = s.passwords.Register(a.name, request); err != nil {
			return over, &signupError{ErrSignup, err}
		}
		params, a.stage = s.passwords.Params(), registered
		return s.now().Add(clearedLife), nil
	})
	return params, response, err
}

// RecoverFinish puts the new password and the vault that it opens in the place of the old ones, and says whose they are. The recovery is over
// before anything is looked at. A vault that the phrase before still opens, or could still ask for, is refused: a phrase is used once.
func (s *Service) RecoverFinish(ctx context.Context, c Conn, id models.LoginID, record []byte, next models.Vault) (account models.AccountID, err error) {
	err = s.recovering(ctx, c, id, "recover.finish", registered, func(e entry, a *signin) (over time.Time, err error) {
		e.account, next.Account = a.account, a.account
		user, err := s.admitted(ctx, e, a.account)
		if err == nil {
			err = s.sameSecret(ctx, e, a, user)
		}
		if err != nil {
			return over, err
		}
		stored, err := s.store.VaultOf(ctx, a.account)
		if err != nil {
			return over, fmt.Errorf("%s: %w", e.event, err)
		}
		if err := errors.Join(s.passwords.CheckRecord(record), sealedAnew(stored, next)); err != nil {
			return over, &signupError{ErrSignup, errors.Join(err, s.audit(ctx, e, "denied", errResult.Error()))}
		}
		if err := s.putPassword(ctx, user, stored, record, next); err != nil {
			return over, fmt.Errorf("%s: %w", e.event, err)
		}
		account = a.account
		return over, errors.Join(s.forgivePassword(ctx, a.nameKey, c.Desk), s.audit(ctx, e, "ok", ""))
	})
	return account, err
}

// sealedAnew says that a vault follows the stored one and that nothing outside of it is as it was: neither wrap nor recovery key.
func sealedAnew(stored, next models.Vault) error {
	before, err := trust.OpenSealedVault(stored, MaxVault)
	if err != nil {
		return err
	}
	after, err := trust.OpenSealedVault(next, MaxVault)
	if err != nil {
		return err
	}
	if _, err := after.Clear.Recoverer(); err != nil {
		return err
	}
	old, now := before.Clear, after.Clear
	same := func(a, b []byte) bool { return subtle.ConstantTimeCompare(a, b) == 1 }
	if after.Org != before.Org || !follows(stored, next) ||
		same(old.RecoverySign, now.RecoverySign) || same(old.RecoveryKey, now.RecoveryKey) || same(old.RecoveryBox, now.RecoveryBox) || same(old.Wrapped, now.Wrapped) {
		return errSameVault
	}
	return nil
}

// forgivePassword ends the row of wrong passwords at a desk: what was typed there was meant for a password that is no more.
func (s *Service) forgivePassword(ctx context.Context, key [16]byte, desk models.DeskID) error {
	return s.count(ctx, models.AttemptPassword, pairSubject(key, desk), func(a *models.Attempts) error {
		a.InRow = 0
		return nil
	})
}
