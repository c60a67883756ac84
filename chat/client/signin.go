package client

import (
	"context"
	"crypto/ed25519"
	"errors"
	"fmt"
	"io"

	"visavis/biometrics"
	"visavis/biometrics/liveness"
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

// Attempt is a log-in whose password was right: what is left to prove is the face. One goroutine owns it. It prints redacted.
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

func (*Attempt) String() string   { return "log-in(redacted)" }
func (*Attempt) GoString() string { return "log-in(redacted)" }

// Format keeps every verb from printing the keys.
func (*Attempt) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, "log-in(redacted)") }

// look is a face to be shown: what the evidence is bound to, and the challenge once it was asked for.
type look struct {
	evidence  trust.Evidence
	kind      liveness.Kind // of a sign-up's challenge; all others are of one kind
	challenge []byte
}

func (l *look) ask(ctx context.Context, c *Conn, typ string) (liveness.Challenge, error) {
	var request any = wire.ByLogin{Login: l.evidence.Login}
	if l.kind != 0 {
		request = wire.SignupChallenge{Login: l.evidence.Login, Kind: uint8(l.kind)}
	}
	var reply wire.ChallengeReply
	if err := c.Call(ctx, typ, request, &reply); err != nil {
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
		return errUnfounded()
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

func errUnfounded() error {
	return fmt.Errorf("no organisation yet: %w", wire.Refuse(wire.CodeNotAllowed))
}

func (d *Desk) passwords() *pake.Client { return pake.NewClient(d.org, d.Suites...) }

func passwordParams(raw canon.Raw) (pake.Params, error) {
	var p pake.Params
	return p, canon.Unmarshal(raw, &p)
}

// ConsentHash names a consent text.
func ConsentHash(text string) models.Hash { return trust.LabelConsent.Hash([]byte(text)) }
