package login

import (
	"bytes"
	"crypto/ed25519"
	"crypto/hpke"
	"crypto/rand"
	"crypto/sha256"
	"math"
	mathrand "math/rand/v2"
	"time"

	"visavis/biometrics"
	"visavis/biometrics/actor"
	"visavis/biometrics/liveness"
	"visavis/chat/pake"
	"visavis/chat/trust"
	"visavis/models"
	"visavis/models/canon"
)

// person is somebody with a face.
type person struct {
	name, email string
	password    []byte
	face        [128]float64
	account     models.AccountID
	phrase      ed25519.PrivateKey // what the phrase derives, where there is one
}

func newPerson(name string) *person {
	p := &person{name: name, email: name + "@example.org", password: []byte("correct horse battery " + name)}
	random := mathrand.New(mathrand.NewChaCha8(sha256.Sum256([]byte(name))))
	var sum float64
	for i := range p.face {
		p.face[i] = random.NormFloat64()
		sum += p.face[i] * p.face[i]
	}
	for i := range p.face {
		p.face[i] /= math.Sqrt(sum)
	}
	return p
}

// descriptor is the face in one frame: a little noise, and a little of something else for each gesture.
func (p *person) descriptor(g liveness.Gesture) (d biometrics.Descriptor) {
	gesture := 0.06
	if g == liveness.Neutral {
		gesture = 0
	}
	for i := range d {
		d[i] = float32(1.45 * (p.face[i] + 0.004*mathrand.NormFloat64() + gesture*p.face[(i+int(g))%len(p.face)]))
	}
	return d
}

// play is what an eye sees while p follows c.
func (p *person) play(c liveness.Challenge) biometrics.Evidence {
	random := mathrand.New(mathrand.NewPCG(mathrand.Uint64(), 1))
	return biometrics.Evidence{Camera: testCamera, Weights: testWeights, Frames: actor.Honest().Play(c, random, p.descriptor)}
}

// attempt is a log-in as the desk sees it.
type attempt struct {
	w         *world
	p         *person
	conn      Conn
	device    ed25519.PrivateKey
	login     models.LoginID
	account   models.AccountID
	ke1       []byte
	answer    pake.Answer
	pake      *pake.Attempt
	ke3       []byte
	session   pake.SessionKey
	challenge liveness.Challenge
}

func (w *world) begin(p *person) *attempt {
	return &attempt{w: w, p: p, conn: w.connect(), device: w.device}
}

func (a *attempt) start(password []byte) error {
	a.w.t.Helper()
	tried, ke1, err := a.w.client().Start(password)
	a.w.must(err)
	reply, err := a.w.Start(a.w.ctx, a.conn, a.p.name, ke1)
	if err != nil {
		return err
	}
	a.login, a.account, a.ke1, a.answer, a.pake = reply.Login, reply.Account, ke1, reply.Answer, tried
	return nil
}

// prove sends the KE3, or noise when the password was wrong: a desk that lies.
func (a *attempt) prove() error {
	var err error
	if a.ke3, a.session, _, err = a.pake.Finish(a.answer); err != nil {
		a.ke3 = make([]byte, pake.KE3Size)
		_, _ = rand.Read(a.ke3)
	}
	return a.w.Password(a.w.ctx, a.conn, a.login, a.ke3)
}

func (a *attempt) ask() error {
	c, err := a.w.Challenge(a.w.ctx, a.conn, a.login)
	if err == nil {
		a.challenge = c
	}
	return err
}

// to runs the log-in up to a state: 1 answered, 2 proven, 3 challenged and played.
func (a *attempt) to(s stage) *attempt {
	a.w.t.Helper()
	a.w.must(a.start(a.p.password))
	if s >= proven {
		a.w.must(a.prove())
	}
	if s >= challenged {
		a.w.must(a.ask())
		a.w.clock.move(a.challenge.Duration() + 2*time.Second)
	}
	return a
}

func (a *attempt) evidence() trust.Evidence {
	exporter, err := a.conn.Exporter(a.login)
	a.w.must(err)
	return trust.Evidence{Purpose: trust.PurposeLogin, Org: a.conn.Org, Server: a.conn.Server, Login: a.login, Account: a.account,
		Desk: a.conn.Desk, TLSKey: a.conn.TLSKeyHash, Exporter: exporter,
		Challenge: trust.ChallengeHash(canon.MustMarshal(a.challenge)), Handshake: trust.HandshakeHash(a.ke1, a.answer.KE2, a.ke3),
		Seen: a.p.play(a.challenge)}
}

func (a *attempt) sign(e trust.Evidence) []byte {
	a.w.t.Helper()
	signed, err := trust.NewEvidence(e, a.device)
	a.w.must(err)
	return signed
}

func (a *attempt) face() (Proof, error) {
	a.w.t.Helper()
	return a.w.Face(a.w.ctx, a.conn, a.login, a.sign(a.evidence()))
}

// enrolment is a sign-up as the desk sees it.
type enrolment struct {
	w            *world
	p            *person
	conn         Conn
	reply        SignupReply
	registration *pake.Registration
	request      []byte
	challenge    liveness.Challenge
	consent      models.Hash
	record       []byte
}

func (w *world) enrol(p *person) *enrolment {
	return &enrolment{w: w, p: p, conn: w.connect(), consent: models.Hash{3}}
}

func (u *enrolment) wish() SignupRequest {
	u.w.t.Helper()
	var err error
	u.registration, u.request, err = u.w.client().Register(u.p.password)
	u.w.must(err)
	return SignupRequest{Name: u.p.name, Email: u.p.email, Consent: u.consent, ConsentAt: u.w.clock.now(), Request: u.request}
}

func (u *enrolment) start() error {
	u.w.t.Helper()
	var err error
	if u.reply, err = u.w.SignupStart(u.w.ctx, u.conn, u.wish()); err != nil {
		return err
	}
	u.record, _, err = u.registration.Finalize(u.reply.Account, u.reply.Params, u.reply.Response)
	u.w.must(err)
	return nil
}

func (u *enrolment) ask(kind liveness.Kind) error {
	var err error
	u.challenge, err = u.w.SignupChallenge(u.w.ctx, u.conn, u.reply.Login, kind)
	u.w.clock.move(u.challenge.Duration() + 2*time.Second)
	return err
}

// evidence is what the desk makes of p before the camera.
func (u *enrolment) evidence(p *person) trust.Evidence {
	u.w.t.Helper()
	exporter, err := u.conn.Exporter(u.reply.Login)
	u.w.must(err)
	return trust.Evidence{Purpose: trust.PurposeSignup, Org: u.w.org, Server: u.conn.Server, Login: u.reply.Login,
		Account: u.reply.Account, Desk: u.conn.Desk, TLSKey: u.conn.TLSKeyHash, Exporter: exporter,
		Challenge: trust.ChallengeHash(canon.MustMarshal(u.challenge)),
		Handshake: trust.HandshakeHash(u.request, u.reply.Response, u.record), Seen: p.play(u.challenge)}
}

// hand hands evidence in.
func (u *enrolment) hand(e trust.Evidence) error {
	u.w.t.Helper()
	signed, err := trust.NewEvidence(e, u.w.device)
	u.w.must(err)
	return u.w.SignupFace(u.w.ctx, u.conn, u.reply.Login, u.record, signed)
}

// show asks for a challenge and plays it: p is who stands before the camera.
func (u *enrolment) show(kind liveness.Kind, p *person) error {
	u.w.t.Helper()
	if err := u.ask(kind); err != nil {
		return err
	}
	return u.hand(u.evidence(p))
}

// enrolled runs the sign-up up to its accepted face.
func (u *enrolment) enrolled() *enrolment {
	u.w.t.Helper()
	u.w.must(u.start())
	u.w.must(u.show(liveness.Enrolment, u.p))
	return u
}

// made is everything that a sign-up ends with, before it is signed.
type made struct {
	record  []byte
	bundle  trust.Bundle
	signing ed25519.PrivateKey
	vault   []byte
}

func (u *enrolment) made() made {
	u.w.t.Helper()
	pub, signing, err := ed25519.GenerateKey(rand.Reader)
	u.w.must(err)
	box, err := hpke.MLKEM768X25519().GenerateKey()
	u.w.must(err)
	name, err := models.CanonicalName(u.p.name)
	u.w.must(err)
	return made{record: bytes.Clone(u.record), signing: signing, vault: []byte("sealed"),
		bundle: trust.Bundle{Org: u.w.org, Account: u.reply.Account, Name: name, Signing: pub,
			Boxes: []trust.BoxKey{trust.NewBoxKey(box.PublicKey().Bytes())}, Consent: u.consent, Desk: u.conn.Desk, Time: u.w.clock.now()}}
}

func (u *enrolment) finish(m made) error {
	u.w.t.Helper()
	bundle, err := trust.NewBundle(m.bundle, m.signing, u.w.device)
	u.w.must(err)
	return u.w.SignupFinish(u.w.ctx, u.conn, u.reply.Login, SignupResult{Record: m.record, Bundle: bundle, Vault: m.vault})
}

// join signs p up and, when admit says so, admits it.
func (w *world) join(p *person, admit bool) *person {
	w.t.Helper()
	u := w.enrol(p).enrolled()
	w.must(u.finish(u.made()))
	p.account = u.reply.Account
	if admit {
		w.approve(p)
	}
	return p
}

// admit says what the directory says of p.
func (w *world) admit(p *person, yes bool) {
	w.dir.mu.Lock()
	defer w.dir.mu.Unlock()
	w.dir.admitted[p.account] = yes
}

// approve admits p, and says so.
func (w *world) approve(p *person) {
	w.t.Helper()
	w.admit(p, true)
	w.must(w.Approved(w.ctx, p.account))
}
