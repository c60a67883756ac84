package churn

import (
	"context"
	"crypto/ed25519"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"visavis/biometrics/template"
	"visavis/chat/pake"
	"visavis/chat/pki"
	"visavis/chat/server"
	"visavis/config"
	"visavis/models"
	"visavis/models/sqlstore"
)

// organisation is what it calls itself.
const organisation = "Churn"

// connectionsADesk is more than the product's default, since a few desks serve many people at once here.
const connectionsADesk = 512

// house is the server: one at a time, on one database and one address. open and close are called by one goroutine at a time.
type house struct {
	clock   *Clock
	options server.Options // but for the store
	path    string         // of the database
	address string
	wrap    func(models.Store) models.Store // what the server gets to see of the store; nil for all

	store *mortal // of the server that runs
	wires *wires  // and its connections
	end   func() error

	mu sync.Mutex
	up chan struct{} // closed while a server runs
}

// newHouse makes what a server is made of, in a folder that is empty or missing, and starts none.
func newHouse(clock *Clock, s Settings) (*house, error) {
	cfg := config.Default()
	cfg.Server.Organisation = organisation
	cfg.Camera.AllowVirtual = true
	cfg.Limits.DeskConnections = connectionsADesk
	authority, err := pki.NewAuthority(nil, organisation, clock.Now())
	if err != nil {
		return nil, err
	}
	key, err := pki.NewKey(nil)
	if err != nil {
		return nil, err
	}
	der, err := authority.IssueServer(nil, []string{"127.0.0.1"}, key.Public().(ed25519.PublicKey), clock.Now())
	if err != nil {
		return nil, err
	}
	cert, err := pki.NewCertificate(key, der, authority.Certificate().Raw)
	if err != nil {
		return nil, err
	}
	secrets, err := pake.NewSecrets(nil)
	if err != nil {
		return nil, err
	}
	ring, err := template.NewRing(nil)
	if err != nil {
		return nil, err
	}
	if err := os.MkdirAll(s.Dir, 0o700); err != nil {
		return nil, err
	}
	log := s.Log
	if log == nil {
		log = slog.New(slog.DiscardHandler)
	}
	return &house{clock: clock, path: filepath.Join(s.Dir, "visavis.db"), address: "127.0.0.1:0", wrap: s.wrap, up: make(chan struct{}), options: server.Options{
		Config: cfg, Authority: authority, Certificate: cert, Secrets: secrets, Ring: &ring, Log: log, Now: clock.Now, CheapPasswords: s.CheapPasswords,
	}}, nil
}

// open starts a server on what the database holds; after the first time, on the same address.
func (h *house) open(ctx context.Context) error {
	store, err := sqlstore.Open(ctx, h.path)
	if errors.Is(err, models.ErrNotFound) {
		store, err = sqlstore.Create(ctx, h.path)
	}
	if err != nil {
		return err
	}
	h.store, h.wires = &mortal{Store: store}, &wires{}
	ln, err := listen(ctx, h.address)
	if err != nil {
		return errors.Join(err, store.Close())
	}
	h.address = ln.Addr().String()
	o := h.options
	o.Config.Server.Addresses = []string{h.address}
	o.Store = h.store
	if h.wrap != nil {
		o.Store = h.wrap(h.store)
	}
	s, err := server.New(ctx, o)
	if err != nil {
		return errors.Join(err, ln.Close(), store.Close())
	}
	serving, cancel := context.WithCancel(context.WithoutCancel(ctx))
	done := make(chan error, 1)
	go func() { done <- s.Serve(serving, listener{ln, h.wires}) }()
	h.end = func() error {
		cancel()
		return errors.Join(<-done, store.Close())
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	close(h.up)
	return nil
}

// close stops the server and closes the database. A server that is killed says goodbye to nobody, and what stood in no log by then stands in
// none.
func (h *house) close(killed bool) error {
	h.mu.Lock()
	h.up = make(chan struct{})
	h.mu.Unlock()
	if killed {
		h.store.dead.Store(true)
		h.wires.end()
	}
	if err := h.end(); err != nil {
		return fmt.Errorf("stop the server: %w", err)
	}
	return nil
}

// wait waits until a server runs.
func (h *house) wait(ctx context.Context) error {
	h.mu.Lock()
	up := h.up
	h.mu.Unlock()
	select {
	case <-up:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// A port that a server had a moment ago may be the own end of somebody else's connection for a while.
const (
	listenEvery = 50 * time.Millisecond
	listenTries = 200
)

func listen(ctx context.Context, address string) (ln net.Listener, err error) {
	tick := time.NewTicker(listenEvery)
	defer tick.Stop()
	for range listenTries {
		if ln, err = new(net.ListenConfig).Listen(ctx, "tcp", address); !errors.Is(err, syscall.EADDRINUSE) {
			break
		}
		<-tick.C
	}
	return ln, err
}

// errDead is what a killed server hears of its store.
var errDead = errors.New("the server was killed")

// mortal is a store to which a server that was killed writes no more logs. For a moment its desks may hear so, as from one whose disk is full.
type mortal struct {
	models.Store
	dead atomic.Bool
}

// Append implements models.Logs.
func (m *mortal) Append(ctx context.Context, entries []models.Entry) ([]models.Appended, error) {
	if m.dead.Load() {
		return nil, errDead
	}
	return m.Store.Append(ctx, entries)
}
