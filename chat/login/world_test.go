package login

import (
	"context"
	"crypto/ed25519"
	"crypto/hpke"
	"crypto/rand"
	"crypto/sha256"
	"math"
	mathrand "math/rand/v2"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"visavis/biometrics"
	"visavis/biometrics/gate"
	"visavis/biometrics/liveness"
	"visavis/biometrics/template"
	"visavis/chat/pake"
	"visavis/chat/trust"
	"visavis/models"
	"visavis/models/canon"
	"visavis/models/sqlstore"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// clock stands until it is moved.
type clock struct {
	mu sync.Mutex
	t  time.Time
}

func (c *clock) now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.t
}

func (c *clock) move(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.t = c.t.Add(d)
}

// registry is a verified directory in which a test admits and revokes by hand.
type registry struct {
	Directory
	mu       sync.Mutex
	admitted map[models.AccountID]bool
	revoked  map[models.DeskID]bool
	more     map[models.DeskID]ed25519.PublicKey
	alter    func(*trust.Bundle) // of every bundle that was opened
}

func (r *registry) Bundle(signed []byte) (trust.Bundle, error) {
	b, err := r.Directory.Bundle(signed)
	if err == nil && r.alter != nil {
		r.alter(&b)
	}
	return b, err
}

func (r *registry) Admitted(a models.AccountID) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.admitted[a]
}

func (r *registry) Desk(id models.DeskID) (ed25519.PublicKey, bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.revoked[id] {
		key, _ := r.Directory.Desk(id) // still known, as a revoked desk's is
		return key, false
	}
	if k, ok := r.more[id]; ok {
		return k, true
	}
	return r.Directory.Desk(id)
}

func (r *registry) Camera(id models.DeskID, c biometrics.CameraInfo) bool {
	r.mu.Lock()
	_, ok := r.more[id]
	r.mu.Unlock()
	return ok || r.Directory.Camera(id, c)
}

// world is an organisation of one desk, with everything that a Service needs.
type world struct {
	t      *testing.T
	ctx    context.Context
	clock  *clock
	store  models.Store
	dir    *registry
	org    models.OrgID
	config Config
	*Service
	desk   models.DeskID
	device ed25519.PrivateKey
	conns  byte
}

var testCamera = biometrics.CameraInfo{Name: "Test Cam", Driver: "uvcvideo", Vendor: "046d", Product: "0825", Serial: "A1", Port: "1-2"}

const testWeights = "weights-1"

func newWorld(t *testing.T, change ...func(*Config)) *world {
	t.Helper()
	w := &world{t: t, ctx: t.Context(), clock: &clock{t: time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)}}
	store, err := sqlstore.Create(w.ctx, filepath.Join(t.TempDir(), "visavis.db"))
	w.must(err)
	t.Cleanup(func() { _ = store.Close() })
	w.store = store
	w.found()
	secrets, err := pake.NewSecrets(nil)
	w.must(err)
	passwords, err := pake.NewServer(w.org, secrets, pake.SuiteTest, pake.AllowTestSuite())
	w.must(err)
	ring, err := template.NewRing(rand.Reader)
	w.must(err)
	w.config = Config{Store: store, Passwords: passwords, Templates: ring, Policy: gate.DefaultPolicy(testWeights), Directory: w.dir,
		Limits: DefaultLimits(), Now: w.clock.now}
	for _, f := range change {
		f(&w.config)
	}
	w.restart()
	return w
}

func (w *world) must(err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatal(err)
	}
}

// restart makes a new Service over the same store, as a new process would.
func (w *world) restart() {
	w.t.Helper()
	s, err := New(w.config)
	w.must(err)
	w.Service = s
}

// found makes the organisation and its first desk.
func (w *world) found() {
	w.t.Helper()
	_, root, err := ed25519.GenerateKey(rand.Reader)
	w.must(err)
	pub, device, err := ed25519.GenerateKey(rand.Reader)
	w.must(err)
	d := trust.NewDirectory(models.OrgID{})
	statement, err := trust.Found("Testers", root, w.clock.now())
	w.must(err)
	_, err = d.Apply(statement)
	w.must(err)
	w.must(models.Draw(&w.desk, nil))
	statement, err = d.SignDesk(models.AccountID{}, root, trust.DeskRequest{Org: d.Org(), Desk: w.desk, Name: "front desk", Device: pub,
		TLSKey: sha256.Sum256([]byte("tls")), Cameras: []biometrics.CameraInfo{testCamera}, Time: w.clock.now()}, w.clock.now())
	w.must(err)
	_, err = d.Apply(statement)
	w.must(err)
	w.device, w.org = device, d.Org()
	w.dir = &registry{Directory: Verified(d), admitted: map[models.AccountID]bool{}, revoked: map[models.DeskID]bool{},
		more: map[models.DeskID]ed25519.PublicKey{}}
}

// connect is a new connection of the desk.
func (w *world) connect() Conn {
	w.conns++
	n := w.conns
	return Conn{Org: w.org, Server: models.Hash{7}, Desk: w.desk, DeviceKey: w.device.Public().(ed25519.PublicKey),
		TLSKeyHash: sha256.Sum256([]byte("tls")),
		Exporter: func(id models.LoginID) ([32]byte, error) {
			return sha256.Sum256(append([]byte{n}, id[:]...)), nil
		}}
}

// elsewhere is a connection of another desk, with its device key.
func (w *world) elsewhere() (Conn, ed25519.PrivateKey) {
	w.t.Helper()
	pub, device, err := ed25519.GenerateKey(rand.Reader)
	w.must(err)
	c := w.connect()
	w.must(models.Draw(&c.Desk, nil))
	c.DeviceKey = pub
	w.dir.mu.Lock()
	w.dir.more[c.Desk] = pub
	w.dir.mu.Unlock()
	return c, device
}

func (w *world) client() *pake.Client { return pake.NewClient(w.org, pake.SuiteTest) }

// person is somebody with a face.
type person struct {
	name, email string
	password    []byte
	face        [128]float64
	account     models.AccountID
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

// descriptor is the face in one frame: a little noise, and a little more when turned.
func (p *person) descriptor(turn float64) (d biometrics.Descriptor) {
	for i := range d {
		d[i] = float32(1.45 * (p.face[i] + 0.004*mathrand.NormFloat64() + 0.06*turn*p.face[(i+1)%len(p.face)]))
	}
	return d
}

// turns is where a head that follows a challenge points after each cue.
var turns = map[liveness.Gesture]float64{liveness.Neutral: 0, liveness.TurnLeft: 0.25, liveness.TurnRight: -0.25}

// play is what an eye sees while p follows c.
func (p *person) play(c liveness.Challenge) biometrics.Evidence {
	e := biometrics.Evidence{Camera: testCamera, Weights: testWeights}
	var shift float64
	for at := time.Duration(0); at < c.Duration(); at += 66 * time.Millisecond {
		i := c.StepAt(at)
		shift += (turns[c.Steps[i].Gesture] - shift) * 0.4
		e.Frames = append(e.Frames, biometrics.Observation{
			Number: uint32(len(e.Frames) + 1), Offset: uint32(at / time.Millisecond), Cue: uint8(i),
			Box:        biometrics.Box{X: 240, Y: 180, W: 160, H: 160},
			Landmarks:  landmarks(shift),
			Descriptor: p.descriptor(shift / 0.25),
		})
	}
	return e
}

func landmarks(shift float64) biometrics.Landmarks {
	jitter := func() float64 { return mathrand.Float64()*0.6 - 0.3 }
	at := func(x, y float64) biometrics.Point {
		return biometrics.Point{X: float32(x + jitter()), Y: float32(y + jitter())}
	}
	return biometrics.Landmarks{at(390, 240), at(350, 240), at(250, 240), at(290, 240), at(320+100*shift, 300)}
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
	var err error
	u.reply, err = u.w.SignupStart(u.w.ctx, u.conn, u.wish())
	return err
}

func (u *enrolment) ask() error {
	var err error
	u.challenge, err = u.w.SignupChallenge(u.w.ctx, u.conn, u.reply.Login)
	u.w.clock.move(u.challenge.Duration() + 2*time.Second)
	return err
}

// made is everything that a sign-up ends with, before it is signed.
type made struct {
	record   []byte
	bundle   trust.Bundle
	signing  ed25519.PrivateKey
	vault    []byte
	evidence trust.Evidence
}

func (u *enrolment) made() made {
	u.w.t.Helper()
	record, _, err := u.registration.Finalize(u.reply.Account, u.reply.Params, u.reply.Response)
	u.w.must(err)
	pub, signing, err := ed25519.GenerateKey(rand.Reader)
	u.w.must(err)
	box, err := hpke.MLKEM768X25519().GenerateKey()
	u.w.must(err)
	exporter, err := u.conn.Exporter(u.reply.Login)
	u.w.must(err)
	name, err := models.CanonicalName(u.p.name)
	u.w.must(err)
	return made{record: record, signing: signing, vault: []byte("sealed"),
		bundle: trust.Bundle{Org: u.w.org, Account: u.reply.Account, Name: name, Signing: pub,
			Boxes: []trust.BoxKey{trust.NewBoxKey(box.PublicKey().Bytes())}, Consent: u.consent, Desk: u.conn.Desk, Time: u.w.clock.now()},
		evidence: trust.Evidence{Purpose: trust.PurposeSignup, Org: u.w.org, Server: u.conn.Server, Login: u.reply.Login,
			Account: u.reply.Account, Desk: u.conn.Desk, TLSKey: u.conn.TLSKeyHash, Exporter: exporter,
			Challenge: trust.ChallengeHash(canon.MustMarshal(u.challenge)),
			Handshake: trust.HandshakeHash(u.request, u.reply.Response, record), Seen: u.p.play(u.challenge)}}
}

func (u *enrolment) finish(m made) error {
	u.w.t.Helper()
	bundle, err := trust.NewBundle(m.bundle, m.signing, u.w.device)
	u.w.must(err)
	evidence, err := trust.NewEvidence(m.evidence, u.w.device)
	u.w.must(err)
	return u.w.SignupFinish(u.w.ctx, u.conn, u.reply.Login, SignupResult{Record: m.record, Bundle: bundle, Vault: m.vault, Evidence: evidence})
}

// join signs p up and, when admit says so, admits it.
func (w *world) join(p *person, admit bool) *person {
	w.t.Helper()
	u := w.enrol(p)
	w.must(u.start())
	w.must(u.ask())
	w.must(u.finish(u.made()))
	p.account = u.reply.Account
	w.dir.mu.Lock()
	w.dir.admitted[p.account] = admit
	w.dir.mu.Unlock()
	return p
}

// wantRefusal fails unless err is exactly this refusal.
func (w *world) wantRefusal(what string, err error, want Refusal) {
	w.t.Helper()
	if got, ok := RefusalOf(err); !ok || got != want {
		w.t.Errorf("%s: %v (%v), want refusal %q", what, err, got, want)
	}
}
