package client

import (
	"context"
	"crypto/ed25519"
	"errors"
	"fmt"

	"visavis/biometrics"
	"visavis/biometrics/liveness"
	"visavis/chat/e2e"
	"visavis/chat/pake"
	"visavis/chat/pki"
	"visavis/chat/trust"
	"visavis/chat/wire"
	"visavis/models"
	"visavis/models/canon"
)

// Eye is what a sign-up or log-in needs of the camera: eye.Keeper behind an adapter, or a test's double.
type Eye interface {
	// Camera says which camera is open.
	Camera() (biometrics.CameraInfo, error)
	// Settle waits until light and pose are right, before a challenge is asked for; its errors carry a cure.
	Settle(context.Context) error
	// Capture plays a challenge and returns everything that was seen meanwhile.
	Capture(context.Context, liveness.Challenge) (biometrics.Evidence, error)
}

// ErrVault says that password and face were right, but what the server gave is not this person's vault.
var ErrVault = errors.New("the vault from the server does not open at this desk")

// SignUp is what a person types to sign up.
type SignUp struct {
	Name     string
	Email    string
	Password []byte
	Consent  string // the text that the person agreed to
}

// SignedUp is an account that waits for an admin. Phrase is shown once and kept by the person alone.
type SignedUp struct {
	Account     models.AccountID
	Name        string
	Fingerprint trust.Fingerprint
	Bundle      []byte
	Phrase      e2e.Phrase
}

// SignUp makes an account: password, consent, face, keys. The account waits until an admin has approved it.
func (d *Desk) SignUp(ctx context.Context, c *Conn, s SignUp, eye Eye) (SignedUp, error) {
	name, err := models.CanonicalName(s.Name)
	if err != nil {
		return SignedUp{}, err
	}
	if err := pake.CheckStrength(s.Password, name, s.Email); err != nil {
		return SignedUp{}, err
	}
	if err := d.allowed(c, eye); err != nil {
		return SignedUp{}, err
	}
	reg, request, err := d.passwords().Register(s.Password)
	if err != nil {
		return SignedUp{}, err
	}
	consent := ConsentHash(s.Consent)
	var started wire.SignupReply
	err = c.Call(ctx, wire.TypeSignupStart, wire.SignupStart{
		Name: name, Email: s.Email, Consent: consent, ConsentAt: d.now().UnixMilli(), Request: request,
	}, &started)
	if err != nil {
		return SignedUp{}, err
	}
	params, err := passwordParams(started.Params)
	if err != nil {
		return SignedUp{}, err
	}
	record, export, err := reg.Finalize(started.Account, params, started.Response)
	if err != nil {
		return SignedUp{}, err
	}
	defer clear(export[:])
	l := look{evidence: trust.Evidence{
		Purpose: trust.PurposeSignup, Login: started.Login, Account: started.Account,
		Handshake: trust.HandshakeHash(request, started.Response, record),
	}}
	evidence, err := d.enrolFace(ctx, c, eye, &l)
	if err != nil {
		return SignedUp{}, err
	}
	done, vault, err := d.newPerson(started.Account, name, consent, e2e.Unlock{Export: export[:], Pepper: d.pepper})
	if err != nil {
		return SignedUp{}, err
	}
	return done, c.Call(ctx, wire.TypeSignupFinish, wire.SignupFinish{
		Login: started.Login, Record: record, Bundle: done.Bundle, Vault: vault.Body, Evidence: evidence,
	}, new(wire.Empty))
}

// enrolFace settles before it asks for the challenge: trouble with the light is nobody's failed try.
func (d *Desk) enrolFace(ctx context.Context, c *Conn, eye Eye, l *look) ([]byte, error) {
	if err := eye.Settle(ctx); err != nil {
		return nil, err
	}
	return l.play(ctx, d, c, eye, wire.TypeSignupChallenge)
}

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

// LogIn proves desk, password and face, in that order, and begins a session. The caller wipes the password.
func (d *Desk) LogIn(ctx context.Context, c *Conn, name string, password []byte, eye Eye) (*Session, error) {
	if err := d.allowed(c, eye); err != nil {
		return nil, err
	}
	a, err := d.ProvePassword(ctx, c, name, password)
	if err != nil {
		return nil, err
	}
	defer a.Wipe()
	if err := eye.Settle(ctx); err != nil {
		return nil, err
	}
	evidence, err := a.look.play(ctx, d, c, eye, wire.TypeLoginChallenge)
	if err != nil {
		return nil, err
	}
	return a.Finish(ctx, evidence)
}

// Attempt is a log-in whose password was right: what is left to prove is the face. One goroutine owns it.
type Attempt struct {
	desk   *Desk
	conn   *Conn
	look   look
	export pake.ExportKey
	shared pake.SessionKey
}

// ProvePassword is the first half of LogIn, for a window that shows the halves apart.
func (d *Desk) ProvePassword(ctx context.Context, c *Conn, name string, password []byte) (*Attempt, error) {
	attempt, ke1, err := d.passwords().Start(password)
	if err != nil {
		return nil, notSignedIn(err)
	}
	var answer wire.LoginReply
	if err := c.Call(ctx, wire.TypeLoginStart, wire.LoginStart{Name: name, KE1: ke1}, &answer); err != nil {
		return nil, err
	}
	params, err := passwordParams(answer.Params)
	if err != nil {
		return nil, err
	}
	ke3, shared, export, err := attempt.Finish(pake.Answer{Account: answer.Account, Params: params, KE2: answer.KE2})
	if err != nil {
		return nil, notSignedIn(err)
	}
	a := &Attempt{desk: d, conn: c, export: export, shared: shared, look: look{evidence: trust.Evidence{
		Purpose: trust.PurposeLogin, Login: answer.Login, Account: answer.Account, Handshake: trust.HandshakeHash(ke1, answer.KE2, ke3),
	}}}
	clear(export[:])
	clear(shared[:])
	if err := c.Call(ctx, wire.TypeLoginPassword, wire.LoginPassword{Login: answer.Login, KE3: ke3}, new(wire.Empty)); err != nil {
		a.Wipe()
		return nil, err
	}
	return a, nil
}

// notSignedIn makes a wrong password that shows here the same refusal as one that shows at the server.
func notSignedIn(err error) error {
	if errors.Is(err, pake.ErrPassword) {
		return fmt.Errorf("%w: %w", wire.Refuse(wire.CodeNotSignedIn), err)
	}
	return err
}

// Challenge asks for the challenge, which starts its time; asking again returns the same. Settle the eye before.
func (a *Attempt) Challenge(ctx context.Context) (liveness.Challenge, error) {
	return a.look.ask(ctx, a.conn, wire.TypeLoginChallenge)
}

// Sign binds what was seen to this very attempt.
func (a *Attempt) Sign(seen biometrics.Evidence) ([]byte, error) {
	return a.look.sign(a.desk, a.conn, seen)
}

// Finish hands in signed evidence, which can be done once, and begins the session.
func (a *Attempt) Finish(ctx context.Context, evidence []byte) (*Session, error) {
	d, account := a.desk, a.look.evidence.Account
	var reply wire.SessionReply
	err := a.conn.Call(ctx, wire.TypeLoginFace, wire.LoginFace{Login: a.look.evidence.Login, Evidence: evidence}, &reply)
	if err != nil {
		return nil, err
	}
	of := claim{account: account, session: reply.Session}
	if of.key, err = trust.ResumeKey(a.shared[:], d.org, account, d.id, reply.Session); err != nil {
		return nil, err
	}
	defer of.wipe()
	stored := models.Vault{Account: account, Version: reply.VaultVersion, Prev: reply.VaultPrev, Body: reply.Vault}
	return d.open(ctx, a.conn, of, a.export[:], stored, pins{})
}

// Wipe overwrites the keys that the password gave.
func (a *Attempt) Wipe() {
	clear(a.export[:])
	clear(a.shared[:])
}

// look is a face to be shown: what the evidence is bound to, and the challenge once it was asked for.
type look struct {
	evidence  trust.Evidence
	challenge []byte
}

func (l *look) ask(ctx context.Context, c *Conn, typ string) (liveness.Challenge, error) {
	var reply wire.ChallengeReply
	if err := c.Call(ctx, typ, wire.ByLogin{Login: l.evidence.Login}, &reply); err != nil {
		return liveness.Challenge{}, err
	}
	var challenge liveness.Challenge
	if err := canon.Unmarshal(reply.Challenge, &challenge); err != nil {
		return liveness.Challenge{}, err
	}
	l.challenge = reply.Challenge
	return challenge, challenge.Validate()
}

// play asks for the challenge, captures it and signs what was seen.
func (l *look) play(ctx context.Context, d *Desk, c *Conn, eye Eye, typ string) ([]byte, error) {
	challenge, err := l.ask(ctx, c, typ)
	if err != nil {
		return nil, err
	}
	seen, err := eye.Capture(ctx, challenge)
	if err != nil {
		return nil, err
	}
	return l.sign(d, c, seen)
}

func (l *look) sign(d *Desk, c *Conn, seen biometrics.Evidence) ([]byte, error) {
	e := l.evidence
	exporter, err := pki.Exporter(c.state, wire.ExporterLabel, e.Login[:])
	if err != nil {
		return nil, err
	}
	tlsKey, err := pki.PublicKeyHash(d.tlsKey.Public().(ed25519.PublicKey))
	if err != nil {
		return nil, err
	}
	e.Org, e.Server, e.Desk, e.TLSKey = d.org, c.hello.Server, d.id, tlsKey
	e.Exporter, e.Challenge, e.Seen = [32]byte(exporter), trust.ChallengeHash(l.challenge), seen
	return trust.NewEvidence(e, d.device)
}

// allowed is the honest desk's own word on cameras: where the server takes hardware only, nothing else is shown to it.
func (d *Desk) allowed(c *Conn, eye Eye) error {
	if !d.Founded() {
		return fmt.Errorf("no organisation yet: %w", wire.Refuse(wire.CodeNotAllowed))
	}
	info, err := eye.Camera()
	if err != nil {
		return err
	}
	if info.Virtual && !c.hello.Virtual {
		return fmt.Errorf("camera %q: %w", info.Name, wire.Refuse(wire.CodeVirtualCamera))
	}
	return nil
}

func (d *Desk) passwords() *pake.Client { return pake.NewClient(d.org, d.Suites...) }

func passwordParams(raw canon.Raw) (pake.Params, error) {
	var p pake.Params
	return p, canon.Unmarshal(raw, &p)
}

// ConsentHash names a consent text.
func ConsentHash(text string) models.Hash { return trust.LabelConsent.Hash([]byte(text)) }
