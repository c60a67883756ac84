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
	evidence, err := d.look(ctx, c, eye, wire.TypeSignupChallenge, trust.Evidence{
		Purpose: trust.PurposeSignup, Login: started.Login, Account: started.Account,
		Handshake: trust.HandshakeHash(request, started.Response, record),
	})
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
	p, err := d.provePassword(ctx, c, name, password)
	if err != nil {
		return nil, err
	}
	defer clear(p.export[:])
	evidence, err := d.look(ctx, c, eye, wire.TypeLoginChallenge, trust.Evidence{
		Purpose: trust.PurposeLogin, Login: p.login, Account: p.account, Handshake: p.handshake,
	})
	if err != nil {
		return nil, err
	}
	return d.begin(ctx, c, p, evidence)
}

// proved is a log-in after its password.
type proved struct {
	login     models.LoginID
	account   models.AccountID
	handshake models.Hash
	export    pake.ExportKey
}

func (d *Desk) provePassword(ctx context.Context, c *Conn, name string, password []byte) (*proved, error) {
	attempt, ke1, err := d.passwords().Start(password)
	if err != nil {
		return nil, err
	}
	var answer wire.LoginReply
	if err := c.Call(ctx, wire.TypeLoginStart, wire.LoginStart{Name: name, KE1: ke1}, &answer); err != nil {
		return nil, err
	}
	params, err := passwordParams(answer.Params)
	if err != nil {
		return nil, err
	}
	ke3, session, export, err := attempt.Finish(pake.Answer{Account: answer.Account, Params: params, KE2: answer.KE2})
	clear(session[:])
	if errors.Is(err, pake.ErrPassword) {
		return nil, fmt.Errorf("%w: %w", wire.Refuse(wire.CodeNotSignedIn), err)
	}
	if err != nil {
		return nil, err
	}
	if err := c.Call(ctx, wire.TypeLoginPassword, wire.LoginPassword{Login: answer.Login, KE3: ke3}, new(wire.Empty)); err != nil {
		clear(export[:])
		return nil, err
	}
	return &proved{
		login: answer.Login, account: answer.Account, export: export,
		handshake: trust.HandshakeHash(ke1, answer.KE2, ke3),
	}, nil
}

// look settles, asks for the challenge, plays it and signs what was seen together with everything that it is bound to.
func (d *Desk) look(ctx context.Context, c *Conn, eye Eye, challengeType string, e trust.Evidence) ([]byte, error) {
	if err := eye.Settle(ctx); err != nil {
		return nil, err
	}
	var reply wire.ChallengeReply
	if err := c.Call(ctx, challengeType, wire.ByLogin{Login: e.Login}, &reply); err != nil {
		return nil, err
	}
	var challenge liveness.Challenge
	if err := canon.Unmarshal(reply.Challenge, &challenge); err != nil {
		return nil, err
	}
	if err := challenge.Validate(); err != nil {
		return nil, err
	}
	seen, err := eye.Capture(ctx, challenge)
	if err != nil {
		return nil, err
	}
	return d.sign(c, e, reply.Challenge, seen)
}

func (d *Desk) sign(c *Conn, e trust.Evidence, challenge []byte, seen biometrics.Evidence) ([]byte, error) {
	exporter, err := pki.Exporter(c.state, wire.ExporterLabel, e.Login[:])
	if err != nil {
		return nil, err
	}
	tlsKey, err := pki.PublicKeyHash(d.tlsKey.Public().(ed25519.PublicKey))
	if err != nil {
		return nil, err
	}
	e.Org, e.Server, e.Desk, e.TLSKey = d.org, c.hello.Server, d.id, tlsKey
	e.Exporter, e.Challenge, e.Seen = [32]byte(exporter), trust.ChallengeHash(challenge), seen
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
