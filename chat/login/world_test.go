package login

import (
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/sha256"
	"errors"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"visavis/biometrics"
	"visavis/biometrics/gate"
	"visavis/biometrics/template"
	"visavis/chat/pake"
	"visavis/chat/trust"
	"visavis/models"
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

// newWorld makes a world that stands alone: its test runs beside others.
func newWorld(t *testing.T, change ...func(*Config)) *world {
	t.Helper()
	t.Parallel()
	w := &world{t: t, ctx: t.Context(), clock: &clock{t: time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)}}
	store, err := sqlstore.Create(w.ctx, filepath.Join(scratch(t), "visavis.db"))
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

// scratch is a folder in memory where the system has one: no test here is about the disk, and on a busy one all would wait for it.
func scratch(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("/dev/shm", "visavis-login-")
	if err != nil {
		return t.TempDir()
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	return dir
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
	s, err := New(w.ctx, w.config)
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

// wantRefusal fails unless err is exactly this refusal.
func (w *world) wantRefusal(what string, err error, want Refusal) {
	w.t.Helper()
	if got, ok := RefusalOf(err); !ok || got != want {
		w.t.Errorf("%s: %v (%v), want refusal %q", what, err, got, want)
	}
}

// why is the reason that a refusal keeps inside.
func why(err error) error {
	if e, refused := errors.AsType[*Error](err); refused {
		return e.why
	}
	return nil
}
