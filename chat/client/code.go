package client

import (
	"context"
	"errors"
	"fmt"
	"time"

	"visavis/chat/trust"
	"visavis/chat/wire"
	"visavis/models"
)

// The errors of a one-time code.
var (
	ErrCode        = errors.New("the code is not accepted: it is for another person or desk, wrong, used already, or its ten minutes are over")
	ErrCodeUnasked = errors.New("the server let somebody in by a code that no admin has made")
)

// CodeUse says that a session began with an admin's one-time code in the place of the face.
type CodeUse struct {
	By     models.AccountID // the admin, whose signature was checked
	ByName string
	At     time.Time // when the code was made
}

func (d *Desk) codePlace(account models.AccountID) trust.CodePlace {
	return trust.CodePlace{Org: d.org, Account: account, Desk: d.id}
}

// notTheCode gives a code that was refused its name.
func notTheCode(err error) error {
	if errors.Is(err, wire.Refuse(wire.CodeFace)) {
		return fmt.Errorf("%w (%w)", ErrCode, err)
	}
	return err
}

// FinishByCode hands in an admin's one-time code in the place of the face, and begins the session. After ErrCode another may be typed while the code has
// tries; then the password is asked for anew. It takes a fifth of a second before anything is sent.
func (a *Attempt) FinishByCode(ctx context.Context, code trust.Code) (*Session, error) {
	d, account := a.desk, a.look.evidence.Account
	place := d.codePlace(account)
	stretched := code.Stretch(place)
	defer clear(stretched[:])
	var reply wire.LoginCodeReply
	err := a.conn.Call(ctx, wire.TypeLoginCode, wire.LoginCode{Login: a.look.evidence.Login, Code: models.Hash(stretched)}, &reply)
	if err != nil {
		return nil, notTheCode(err)
	}
	of := claim{account: account, session: reply.Session}
	if of.key, err = trust.ResumeKey(a.shared[:], d.org, account, d.id, reply.Session); err != nil {
		return nil, err
	}
	defer of.wipe()
	stored := models.Vault{Account: account, Version: reply.VaultVersion, Prev: reply.VaultPrev, Body: reply.Vault}
	s, err := d.open(ctx, a.conn, of, a.export[:], stored, pins{})
	if err != nil {
		return nil, err
	}
	if err := s.granted(reply.Grant, stretched); err != nil {
		s.Close()
		return nil, err
	}
	return s, nil
}

// granted holds what the server says of a code against the directory: an admin signed it, for this person, this desk and this very code.
func (s *Session) granted(signed []byte, stretched trust.Secret) error {
	g, err := trust.OpenCodeGrant(signed, s.dir)
	if err != nil || !g.Good(stretched, s.desk.codePlace(s.Account()), g.Made) {
		return errors.Join(ErrCodeUnasked, err)
	}
	s.byCode = &CodeUse{By: g.By, ByName: s.NameOf(g.By), At: g.Made}
	return nil
}

// ByCode says that the session began with an admin's one-time code; nil when a face was shown.
func (s *Session) ByCode() *CodeUse { return s.byCode }

// MakeCode makes a one-time code that stands for somebody else's face, once, at one desk. It is for the person alone, and neither kept nor sent: the server
// learns a hash of it, and who made it. The one before it, for the same person and desk, is gone.
func (s *Session) MakeCode(ctx context.Context, account models.AccountID, desk models.DeskID) (trust.Code, time.Time, error) {
	fail := func(err error) (trust.Code, time.Time, error) {
		return trust.Code{}, time.Time{}, fmt.Errorf("make a code: %w", err)
	}
	if err := s.readDirectory(ctx); err != nil {
		return fail(err)
	}
	code, err := trust.NewCode(s.desk.random())
	if err != nil {
		return fail(err)
	}
	place := trust.CodePlace{Org: s.desk.org, Account: account, Desk: desk}
	by, stretched := s.keys.Author(), code.Stretch(place)
	defer clear(stretched[:])
	until := by.At.Add(trust.CodeLife)
	signed := trust.NewCodeGrant(trust.CodeGrant{
		CodePlace: place, By: by.Account, Made: by.At, Until: until, Verifier: trust.CodeVerifier(stretched),
	}, by.Key)
	if _, err := trust.OpenCodeGrant(signed, s.dir); err != nil {
		return fail(err)
	}
	if err := s.call(ctx, wire.TypeCodeMake, wire.CodeMake{Grant: signed}, new(wire.Empty)); err != nil {
		return fail(err)
	}
	return code, until, nil
}

// ResetFace forgives somebody else's failed faces.
func (s *Session) ResetFace(ctx context.Context, account models.AccountID) error {
	return s.call(ctx, wire.TypeFaceReset, wire.ByAccount{Account: account}, new(wire.Empty))
}
