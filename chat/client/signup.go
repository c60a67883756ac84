package client

import (
	"context"
	"errors"
	"fmt"
	"io"

	"visavis/biometrics/liveness"
	"visavis/chat/e2e"
	"visavis/chat/pake"
	"visavis/chat/trust"
	"visavis/chat/wire"
	"visavis/models"
)

// The errors of an Enrolment's steps, beside the eye's own and the server's refusals.
var (
	ErrFacesUsed = errors.New("no more faces in this sign-up: finish it, or begin anew")
	ErrStep      = errors.New("not a step of the sign-up as it stands")
)

// SignUp is what a person types to sign up. It prints redacted.
type SignUp struct {
	Name     string
	Email    string
	Password []byte
	Consent  string // the text that the person agreed to
	Renews   bool   // for the account that has the name, whose password and phrase are lost: an admin has allowed it
}

// SignedUp is an account that waits for an admin. Phrase is shown once and kept by the person alone.
type SignedUp struct {
	Account     models.AccountID
	Name        string
	Fingerprint trust.Fingerprint
	Bundle      []byte
	Phrase      e2e.Phrase
}

// SignUp makes an account in one go: password, consent, one enrolment of the face, keys. The account waits until an admin has approved it.
func (d *Desk) SignUp(ctx context.Context, c *Conn, s SignUp, eye Eye) (SignedUp, error) {
	if err := d.allowed(c, eye); err != nil {
		return SignedUp{}, err
	}
	e, err := d.StartSignUp(ctx, c, s)
	if err != nil {
		return SignedUp{}, err
	}
	defer e.Wipe()
	if err := e.Enrol(ctx, eye); err != nil {
		return SignedUp{}, err
	}
	return e.Finish(ctx)
}

// Enrolment is a sign-up under way: the server knows name, password and consent, and what is left is the face. Its steps are Enrol; then, as
// the person likes, Again and any number of Try; then Finish. One goroutine owns it, and wipes it in the end; it lives as long as its
// connection, 20 minutes at most. It prints redacted.
//
// Seal, between the face and Finish, is for who shows the phrase and has it asked back: until Finish no account is made, so that nobody has one whose
// phrase was never noted.
//
// A step that was refused (wire.CodeFace), or whose eye failed, may be done again and takes nothing away of what went well before. All
// captures and tries together are six, the failed ones too: then ErrFacesUsed, which leaves Finish where Enrol went well.
type Enrolment struct {
	desk     *Desk
	conn     *Conn
	look     look
	name     string
	consent  models.Hash
	record   []byte
	export   pake.ExportKey
	enrolled bool
	again    bool // the second capture went well too
	sealed   *sealedPerson
}

// sealedPerson is what Finish gives to the server.
type sealedPerson struct {
	of    SignedUp
	vault []byte
}

// StartSignUp registers the password and the consent. The caller wipes the password.
func (d *Desk) StartSignUp(ctx context.Context, c *Conn, s SignUp) (*Enrolment, error) {
	name, err := models.CanonicalName(s.Name)
	if err != nil {
		return nil, err
	}
	if err := pake.CheckStrength(s.Password, name, s.Email); err != nil {
		return nil, err
	}
	if !d.Founded() {
		return nil, errUnfounded()
	}
	reg, request, err := d.passwords().Register(s.Password)
	if err != nil {
		return nil, err
	}
	consent := ConsentHash(s.Consent)
	var started wire.SignupReply
	typ := wire.TypeSignupStart
	if s.Renews {
		typ = wire.TypeRenewStart
	}
	err = c.Call(ctx, typ, wire.SignupStart{
		Name: name, Email: s.Email, Consent: consent, ConsentAt: d.now().UnixMilli(), Request: request,
	}, &started)
	if s.Renews {
		err = notRenewed(err)
	}
	if err != nil {
		return nil, err
	}
	params, err := passwordParams(started.Params)
	if err != nil {
		return nil, err
	}
	record, export, err := reg.Finalize(started.Account, params, started.Response)
	if err != nil {
		return nil, err
	}
	e := &Enrolment{desk: d, conn: c, name: name, consent: consent, record: record, export: export, look: look{evidence: trust.Evidence{
		Purpose: trust.PurposeSignup, Login: started.Login, Account: started.Account,
		Handshake: trust.HandshakeHash(request, started.Response, record),
	}}}
	clear(export[:])
	return e, nil
}

// Enrol captures the face: front, left, right, up and down, in the order that the server draws. The server judges it at once.
func (e *Enrolment) Enrol(ctx context.Context, eye Eye) error {
	if e.enrolled {
		return fmt.Errorf("enrol twice: %w", ErrStep)
	}
	err := e.show(ctx, eye, liveness.Enrolment)
	e.enrolled = err == nil
	return err
}

// Again captures the person once more, with or without glasses: both then count as the person. It can go well once.
func (e *Enrolment) Again(ctx context.Context, eye Eye) error {
	if !e.enrolled || e.again {
		return fmt.Errorf("a second capture is after the first one, and once: %w", ErrStep)
	}
	err := e.show(ctx, eye, liveness.Enrolment)
	e.again = err == nil
	return err
}

// Try shows the face as a log-in does, against what was captured. It changes nothing.
func (e *Enrolment) Try(ctx context.Context, eye Eye) error {
	if !e.enrolled {
		return fmt.Errorf("a try before the capture: %w", ErrStep)
	}
	return e.show(ctx, eye, liveness.Entry)
}

// show settles before it asks for the challenge: trouble with the light is nobody's failed try.
func (e *Enrolment) show(ctx context.Context, eye Eye, kind liveness.Kind) error {
	if err := e.desk.allowed(e.conn, eye); err != nil {
		return err
	}
	if err := eye.Settle(ctx); err != nil {
		return err
	}
	e.look.kind = kind
	evidence, err := e.look.play(ctx, e.desk, e.conn, eye, wire.TypeSignupChallenge)
	if errors.Is(err, wire.Refuse(wire.CodeFull)) {
		return fmt.Errorf("%w (%w)", ErrFacesUsed, err)
	}
	if err != nil {
		return err
	}
	return e.conn.Call(ctx, wire.TypeSignupFace, wire.SignupFace{Login: e.look.evidence.Login, Record: e.record, Evidence: evidence}, new(wire.Empty))
}

// Seal draws the person's keys and phrase, and seals them. It can be done once, and no face is shown after it. The caller wipes the phrase.
func (e *Enrolment) Seal() (SignedUp, error) {
	if !e.enrolled {
		return SignedUp{}, fmt.Errorf("finish without a face: %w", ErrStep)
	}
	e.enrolled = false
	defer clear(e.export[:])
	pepper, err := e.desk.wrapping()
	if err != nil {
		return SignedUp{}, err
	}
	up, vault, err := e.desk.newPerson(e.look.evidence.Account, e.name, e.consent, e2e.Unlock{Export: e.export[:], Pepper: pepper})
	if err != nil {
		return SignedUp{}, err
	}
	e.sealed = &sealedPerson{up, vault.Body}
	return up, nil
}

// Finish makes the account of what Seal has drawn; where that was not done, it is done first. It can be done once.
func (e *Enrolment) Finish(ctx context.Context) (SignedUp, error) {
	if e.sealed == nil {
		if _, err := e.Seal(); err != nil {
			return SignedUp{}, err
		}
	}
	done := *e.sealed
	e.sealed = nil
	err := e.conn.Call(ctx, wire.TypeSignupFinish, wire.SignupFinish{
		Login: e.look.evidence.Login, Record: e.record, Bundle: done.of.Bundle, Vault: done.vault,
	}, new(wire.Empty))
	return done.of, err
}

// Wipe overwrites the key that the password gave, and the phrase; no step goes on after it.
func (e *Enrolment) Wipe() {
	clear(e.export[:])
	if e.sealed != nil {
		clear(e.sealed.of.Phrase[:])
	}
	e.enrolled, e.sealed = false, nil
}

func (SignUp) String() string     { return "sign-up(redacted)" }
func (s SignUp) GoString() string { return s.String() }

// Format keeps every verb from printing the password.
func (s SignUp) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, s.String()) }

func (*Enrolment) String() string   { return "enrolment(redacted)" }
func (*Enrolment) GoString() string { return "enrolment(redacted)" }

// Format keeps every verb from printing the key.
func (*Enrolment) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, "enrolment(redacted)") }

// newPerson draws a person's keys and phrase; they leave this function only sealed, but for the phrase.
func (d *Desk) newPerson(account models.AccountID, name string, consent models.Hash, u e2e.Unlock) (SignedUp, models.Vault, error) {
	fail := func(err error) (SignedUp, models.Vault, error) { return SignedUp{}, models.Vault{}, err }
	keys, err := e2e.NewKeys(d.random())
	if err != nil {
		return fail(err)
	}
	defer keys.Wipe()
	phrase, err := e2e.NewPhrase(d.random())
	if err != nil {
		return fail(err)
	}
	signing, boxes := keys.Public()
	bundle, err := trust.NewBundle(trust.Bundle{
		Org: d.org, Account: account, Name: name, Signing: signing, Boxes: boxes, Consent: consent, Desk: d.id, Time: d.now(),
	}, keys.Signing(), d.device)
	if err != nil {
		return fail(err)
	}
	vault, err := e2e.SealVault(e2e.NewVault(keys, d.org, account, d.root), u, phrase, d.random(), d.now())
	if err != nil {
		return fail(err)
	}
	return SignedUp{Account: account, Name: name, Fingerprint: trust.BundleFingerprint(bundle), Bundle: bundle, Phrase: phrase}, vault, nil
}
