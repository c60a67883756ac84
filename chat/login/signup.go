package login

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/mail"
	"strings"
	"time"
	"unicode"

	"visavis/biometrics/template"
	"visavis/chat/pake"
	"visavis/models"
)

// Bounds of a sign-up.
const (
	MaxVault = 256 << 10 // bytes of a sealed vault, whenever it is stored
	maxEmail = 254       // RFC 5321

	// consentSlack is how far the desk's clock may be from the server's when it says when consent was given.
	consentSlack = 10 * time.Minute
)

// signup is a sign-up between two steps.
type signup struct {
	account   models.AccountID
	name      string
	email     string
	consent   models.Hash
	consentAt time.Time
	request   []byte
	response  []byte
	tried     tally // of the name
	renews    bool  // an account that there is
	enrolling
}

// SignupRequest begins a sign-up.
type SignupRequest struct {
	Name      string // as typed
	Email     string
	Consent   models.Hash // of the text that was shown
	ConsentAt time.Time   // the desk's clock
	Request   []byte      // OPAQUE registration request
}

// SignupReply answers a registration request.
type SignupReply struct {
	Login    models.LoginID
	Account  models.AccountID
	Params   pake.Params
	Response []byte
}

// SignupStart records the consent and answers a registration request. Its errors are refusals, models.ErrName, and this package's
// sign-up errors.
func (s *Service) SignupStart(ctx context.Context, c Conn, r SignupRequest) (SignupReply, error) {
	return s.startSignup(ctx, c, r, s.newcomer)
}

// RenewStart is SignupStart for an account that there is, where an admin has allowed it; else ErrNoRenewal, for every name alike. The account stays
// what it is until an admin has signed what was made anew.
func (s *Service) RenewStart(ctx context.Context, c Conn, r SignupRequest) (SignupReply, error) {
	return s.startSignup(ctx, c, r, s.returning)
}

// newcomer draws an account for a name that nobody has.
func (s *Service) newcomer(ctx context.Context, u *signup) error {
	taken, err := s.userByName(ctx, u.name)
	if err != nil {
		return err
	}
	if taken != nil {
		return fmt.Errorf("sign-up: %w", ErrNameTaken)
	}
	return models.Draw(&u.account, s.random)
}

// returning finds the account of a name.
func (s *Service) returning(ctx context.Context, u *signup) error {
	user, err := s.userByName(ctx, u.name)
	if err != nil {
		return err
	}
	if user == nil {
		return ErrNoRenewal
	}
	r, err := s.store.RenewalOf(ctx, user.ID)
	switch {
	case errors.Is(err, models.ErrNotFound):
		return ErrNoRenewal
	case err != nil:
		return err
	case !s.now().Before(r.Until), len(r.User.Bundle) > 0:
		return ErrNoRenewal
	}
	u.account, u.renews = user.ID, true
	return nil
}

func (s *Service) startSignup(ctx context.Context, c Conn, r SignupRequest, whose func(context.Context, *signup) error) (SignupReply, error) {
	e := entry{event: "signup.start", desk: c.Desk}
	if err := s.checkDesk(ctx, e, c); err != nil {
		return SignupReply{}, err
	}
	u, err := s.checkRequest(r)
	if err != nil {
		return SignupReply{}, fmt.Errorf("sign-up: %w", err)
	}
	// Counted before the name is looked up: who asks for names gets few answers.
	var t tally
	if err := s.window(ctx, &t, models.AttemptSignup, deskSubject(c.Desk), s.limits.DeskSignups, s.limits.DeskWindow); err != nil {
		return SignupReply{}, s.limited(ctx, e, err)
	}
	if err := whose(ctx, u); err != nil {
		return SignupReply{}, fmt.Errorf("%s: %w", e.event, err)
	}
	// An answer made for a name now can be held against its record later: it counts as a guess, until the sign-up is finished.
	if err := s.countGuess(ctx, &u.tried, s.passwords.NameKey(u.name), c.Desk); err != nil {
		return SignupReply{}, s.limited(ctx, e, u.tried.untried(ctx, err))
	}
	if u.response, err = s.passwords.Register(u.name, r.Request); err != nil {
		return SignupReply{}, &signupError{ErrSignup, err}
	}
	var id models.LoginID
	if err := models.Draw(&id, s.random); err != nil {
		return SignupReply{}, fmt.Errorf("%s: %w", e.event, err)
	}
	e.event, e.account = "signup.consent", u.account
	if err := s.audit(ctx, e, "ok", "text "+u.consent.String()); err != nil {
		return SignupReply{}, err
	}
	now := s.now()
	if err := s.signups.begin(c, id, u, now.Add(signupLife), now); err != nil {
		return SignupReply{}, s.limited(ctx, e, err)
	}
	return SignupReply{Login: id, Account: u.account, Params: s.passwords.Params(), Response: u.response}, nil
}

func (s *Service) checkRequest(r SignupRequest) (*signup, error) {
	name, err := models.CanonicalName(r.Name)
	if err != nil {
		return nil, err
	}
	if err := checkEmail(r.Email); err != nil {
		return nil, err
	}
	if off := s.now().Sub(r.ConsentAt); r.Consent.IsZero() || off.Abs() > consentSlack {
		return nil, ErrConsent
	}
	return &signup{name: name, email: r.Email, consent: r.Consent, consentAt: r.ConsentAt.UTC(), request: append([]byte(nil), r.Request...)}, nil
}

// checkEmail accepts a bare address, without a display name, comments or anything that a terminal or a header would read otherwise.
func checkEmail(text string) error {
	if len(text) > maxEmail || strings.ContainsFunc(text, func(r rune) bool { return !unicode.IsPrint(r) || unicode.IsSpace(r) }) {
		return ErrEmail
	}
	a, err := mail.ParseAddress(text)
	if err != nil || a.Address != text {
		return ErrEmail
	}
	return nil
}

// SignupResult ends a sign-up. Record is the one that its faces were shown with; Bundle is signed, Vault is sealed.
type SignupResult struct {
	Record []byte
	Bundle []byte
	Vault  []byte
}

// SignupFinish checks everything and adds the account with the face that was accepted; it waits for an admin's approval. The sign-up is over
// before anything is looked at.
func (s *Service) SignupFinish(ctx context.Context, c Conn, id models.LoginID, r SignupResult) error {
	return step(ctx, s, s.signups, c, id, "signup.finish", func(e entry, u *signup, _ time.Time) (over time.Time, err error) {
		if u.captures == 0 {
			return over, refuse(NotSignedIn, errOrder)
		}
		e.account = u.account
		if err := s.checkResult(c, u, r); err != nil {
			return over, &signupError{ErrSignup, errors.Join(err, s.audit(ctx, e, "denied", errResult.Error()))}
		}
		sealed, err := template.Seal(s.templates, u.account, u.face, s.now())
		if err != nil {
			return over, s.faceError(ctx, e, err)
		}
		return over, s.add(ctx, e, c, u, r, sealed)
	})
}

// checkResult holds the record and the bundle against what the sign-up began with, and against what its faces were shown with.
func (s *Service) checkResult(c Conn, u *signup, r SignupResult) error {
	if len(r.Vault) == 0 || len(r.Vault) > MaxVault {
		return fmt.Errorf("vault of %d bytes", len(r.Vault))
	}
	if !bytes.Equal(r.Record, u.record) {
		return errOtherRecord
	}
	b, err := s.directory.Bundle(r.Bundle)
	if err != nil {
		return err
	}
	if b.Org != c.Org || b.Account != u.account || b.Name != u.name || b.Consent != u.consent || b.Desk != c.Desk || len(b.Succession) != 0 {
		return errors.New("bundle of another sign-up")
	}
	return nil
}

func (s *Service) add(ctx context.Context, e entry, c Conn, u *signup, r SignupResult, sealed []byte) error {
	made := models.User{
		ID: u.account, Name: u.name, Email: u.email, Status: models.UserWaiting,
		Record: r.Record, Suite: uint8(s.passwords.Params().Suite), Bundle: r.Bundle, Template: sealed,
		ConsentAt: u.consentAt, Consent: u.consent, Desk: c.Desk, CreatedAt: s.now(),
	}
	var err error
	if u.renews {
		err = s.store.MakeRenewal(ctx, models.Renewal{Account: u.account, User: made, Vault: r.Vault}, s.now())
	} else {
		err = s.store.AddUser(ctx, made, models.Vault{Account: u.account, Version: 1, Body: r.Vault})
	}
	switch {
	case errors.Is(err, models.ErrExists):
		return fmt.Errorf("sign-up: %w", ErrNameTaken)
	case u.renews && errors.Is(err, models.ErrNotFound):
		return ErrNoRenewal
	case err != nil:
		return fmt.Errorf("%s: %w", e.event, err)
	}
	return errors.Join(u.tried.right(ctx), s.audit(ctx, e, "ok", fmt.Sprintf("captures %d", u.captures)))
}
