package chattest

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"errors"
	"io"
	"log/slog"
	"net"
	"path/filepath"
	"strconv"
	"sync"
	"syscall"
	"testing"
	"time"

	"visavis/biometrics"
	"visavis/biometrics/template"
	"visavis/chat/client"
	"visavis/chat/pake"
	"visavis/chat/pki"
	"visavis/chat/server"
	"visavis/chat/trust"
	"visavis/config"
	"visavis/models"
	"visavis/models/sqlstore"
)

// Clock stands still until it is moved. Safe for concurrent use.
type Clock struct {
	mu sync.Mutex
	at time.Time
}

// NewClock is a clock that stands at a time.
func NewClock(at time.Time) *Clock { return &Clock{at: at} }

// Now is the clock's time.
func (c *Clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.at
}

// Move moves the clock on.
func (c *Clock) Move(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.at = c.at.Add(d)
}

// World is a server and what it is made of. Everything ends with the test.
type World struct {
	T       testing.TB
	Clock   *Clock
	Dir     string
	Address string
	Log     *SafeBuffer // what the server logs
	Store   models.Store
	Server  *server.Server
	Options server.Options
	Sheet   trust.RootSheet // by Found
	First   *client.Desk    // by Found

	stop func()
}

// Settings change the world before its server is made.
type Settings func(*server.Options)

// Tap is called with every server that the world makes, before it serves.
type Tap func(*server.Server)

// New makes a world whose server runs. Virtual cameras are allowed unless a setting says otherwise.
func New(t testing.TB, tap Tap, settings ...Settings) *World {
	t.Helper()
	w := &World{
		T: t, Clock: &Clock{at: time.Now().UTC().Truncate(time.Second)},
		Dir: Dir(t), Log: &SafeBuffer{},
	}
	cfg := config.Default()
	cfg.Server.Organisation = "Test"
	cfg.Camera.AllowVirtual = true
	cfg.Limits.DeskConnections = 64 // tests do much at one desk
	authority, err := pki.NewAuthority(nil, "Test", w.Clock.Now())
	w.must(err)
	key, err := pki.NewKey(nil)
	w.must(err)
	der, err := authority.IssueServer(nil, []string{"127.0.0.1"}, key.Public().(ed25519.PublicKey), w.Clock.Now())
	w.must(err)
	cert, err := pki.NewCertificate(key, der, authority.Certificate().Raw)
	w.must(err)
	secrets, err := pake.NewSecrets(nil)
	w.must(err)
	ring, err := template.NewRing(nil)
	w.must(err)
	w.Store, err = sqlstore.Create(t.Context(), filepath.Join(w.Dir, "visavis.db"))
	w.must(err)
	t.Cleanup(func() { _ = w.Store.Close() })
	w.Options = server.Options{
		Config: cfg, Store: w.Store, Authority: authority, Certificate: cert, Secrets: secrets, Ring: &ring,
		Log: slog.New(slog.NewTextHandler(w.Log, &slog.HandlerOptions{Level: slog.LevelDebug})), Now: w.Clock.Now, CheapPasswords: true,
	}
	for _, s := range settings {
		s(&w.Options)
	}
	w.Start(tap)
	t.Cleanup(w.Stop)
	return w
}

// Start starts a server on what the store holds; after Stop, on the same address.
func (w *World) Start(tap Tap) {
	w.T.Helper()
	address := w.Address
	if address == "" {
		address = "127.0.0.1:0"
	}
	ln, err := listen(address)
	w.must(err)
	w.Address = ln.Addr().String()
	w.Options.Config.Server.Addresses = []string{w.Address}
	w.Server, err = server.New(w.T.Context(), w.Options)
	w.must(err)
	if tap != nil {
		tap(w.Server)
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- w.Server.Serve(ctx, ln) }()
	w.stop = sync.OnceFunc(func() {
		cancel()
		if err := <-done; err != nil {
			w.T.Errorf("serve: %v", err)
		}
	})
}

// listen takes an address that this test had a moment ago. Until then, somebody else's connection may have its port at its own end.
func listen(address string) (ln net.Listener, err error) {
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	for range 100 {
		if ln, err = net.Listen("tcp", address); !errors.Is(err, syscall.EADDRINUSE) {
			break
		}
		<-tick.C
	}
	return ln, err
}

// Stop stops the server and waits for it.
func (w *World) Stop() { w.stop() }

// Invite makes the server's half of an invite, as the operator does.
func (w *World) Invite() string {
	w.T.Helper()
	code := []byte("code " + strconv.FormatInt(time.Now().UnixNano(), 36) + " padded")
	now := w.Clock.Now()
	w.must(w.Store.AddInvite(w.T.Context(), models.Invite{Code: trust.InviteCodeHash(code), CreatedAt: now, ExpiresAt: now.Add(time.Hour)}))
	text, err := trust.Invite{Addresses: []string{w.Address}, CA: w.Options.Authority.Fingerprint(), Code: code}.Text()
	w.must(err)
	return text
}

// DeskOptions are the surroundings of the world's desks.
func (w *World) DeskOptions() client.Options {
	return client.Options{Now: w.Clock.Now, Suites: []pake.Suite{pake.SuiteTest}}
}

// Enrol makes a desk of an invite.
func (w *World) Enrol(invite, name string) *client.Desk {
	w.T.Helper()
	d, err := client.Enrol(w.T.Context(), w.DeskOptions(), filepath.Join(w.Dir, "desks", name), invite, name, []biometrics.CameraInfo{Camera()})
	w.must(err)
	return d
}

// Connect opens a connection that ends with the test.
func (w *World) Connect(d *client.Desk) *client.Conn {
	w.T.Helper()
	c, err := d.Connect(w.T.Context())
	w.must(err)
	w.T.Cleanup(func() { _ = c.Close() })
	return c
}

// Camera is the one that every desk of the world has.
func Camera() biometrics.CameraInfo {
	return biometrics.CameraInfo{Name: "made up", Driver: "puppet", Virtual: true}
}

// Eye is an honest eye that sees a face.
func (w *World) Eye(f Face) *Eye {
	return &Eye{Face: f, Clock: w.Clock, Info: Camera(), Seed: uint64(w.Clock.Now().UnixNano())}
}

func (w *World) must(err error) {
	if err != nil {
		w.T.Helper()
		w.T.Fatal(err)
	}
}

// WaitLog waits until the server has logged text.
func (w *World) WaitLog(text string) {
	w.T.Helper()
	if !w.Log.wait(text, time.Minute) {
		w.T.Fatalf("the server never logged %q", text)
	}
}

// SafeBuffer collects a log.
type SafeBuffer struct {
	mu    sync.Mutex
	b     []byte
	grown chan struct{} // closed and replaced at each write; nil while nobody waits
}

var _ io.Writer = (*SafeBuffer)(nil)

// Write implements io.Writer.
func (b *SafeBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.b = append(b.b, p...)
	if b.grown != nil {
		close(b.grown)
		b.grown = nil
	}
	return len(p), nil
}

func (b *SafeBuffer) wait(text string, most time.Duration) bool {
	late := time.NewTimer(most)
	defer late.Stop()
	for {
		b.mu.Lock()
		found := bytes.Contains(b.b, []byte(text))
		if b.grown == nil {
			b.grown = make(chan struct{})
		}
		grown := b.grown
		b.mu.Unlock()
		if found {
			return true
		}
		select {
		case <-grown:
		case <-late.C:
			return false
		}
	}
}

// String is everything so far.
func (b *SafeBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return string(b.b)
}
