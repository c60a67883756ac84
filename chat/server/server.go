package server

import (
	"context"
	"crypto/ed25519"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"sync"
	"time"

	"visavis/biometrics/gate"
	"visavis/biometrics/template"
	"visavis/chat/pake"
	"visavis/chat/pki"
	"visavis/chat/wire"
	"visavis/config"
	"visavis/models"
)

// Times of the accept loop and the watch on revocations.
const (
	acceptBackoff    = 50 * time.Millisecond
	acceptBackoffMax = time.Second
	revokedEvery     = time.Second
	vanishEvery      = time.Second      // for messages whose time is over
	sweepEvery       = time.Minute      // for faces of accounts that were deleted beside the server
	deskTimeout      = 10 * time.Second // for the store to find a desk
)

// What a desk may hold that the directory does not list yet: enough to be the first one, and for a while.
const (
	pendingConnections = 4
	pendingTime        = 10 * time.Minute
)

// Options are what a Server is made of. Store stays the caller's to close, after Serve has returned.
type Options struct {
	Config      config.Config
	Store       models.Store
	Authority   *pki.Authority
	Certificate tls.Certificate // the server's, its chain ending in the authority's
	Secrets     pake.Secrets
	Ring        *template.Ring
	Log         *slog.Logger
	Now         func() time.Time // time.Now when nil
	Random      io.Reader        // crypto/rand.Reader when nil

	// CheapPasswords lets the test suite of password parameters in. `visavisd serve` never sets it.
	CheapPasswords bool
}

// Server routes and keeps what it can not read.
type Server struct {
	Options
	log   *slog.Logger
	now   func() time.Time
	store models.Store
	hub   *hub
	tls   *tls.Config

	lamp     bool        // the light on the face is required
	serverID models.Hash // of the certificate's key: what evidence is bound to
	handlers map[string]handler
	// secure puts TLS on an accepted connection; the tests' tap on the frames behind TLS replaces it.
	secure func(net.Conn) secureConn

	appends chan pending
	stopped chan struct{} // closed when the writer of the logs has stopped

	writeTimeout time.Duration // of one write to a connection
	pendingTime  time.Duration // of a connection of a desk that is not listed
	sweepEvery   time.Duration
	vanishEvery  time.Duration
	asks         *asks
	strangers    *strangers
	pace         pace                  // of accounts, in their rooms
	enrolments   *rates[origin]        // that failed
	crowded      *rates[models.DeskID] // refusals that were audited
	placed       *rates[models.DeskID] // addresses that were
	denials      *rates[models.DeskID] // that were audited
	statuses     *rates[models.DeskID] // of sign-ups that were asked for
	keyChanges   *rates[models.AccountID]
	sessions     *sessions

	mu     sync.Mutex // tier 1: may be held while hub, conn or roomLog are locked, never the other way
	conns  map[*conn]struct{}
	nextID uint64
}

// secureConn is what a connection needs of *tls.Conn.
type secureConn interface {
	net.Conn
	HandshakeContext(context.Context) error
	ConnectionState() tls.ConnectionState
}

// New loads the directory and the rooms' states from the store.
func New(ctx context.Context, o Options) (*Server, error) {
	if o.Store == nil || o.Authority == nil || o.Ring == nil || o.Log == nil || len(o.Certificate.Certificate) == 0 {
		return nil, errors.New("server: store, authority, certificate, ring and log are all needed")
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	s := &Server{
		Options: o, log: o.Log, now: o.Now, store: o.Store,
		appends: make(chan pending, appendsQueued),
		conns:   map[*conn]struct{}{},

		writeTimeout: writeTimeout,
		pendingTime:  pendingTime,
		sweepEvery:   sweepEvery,
		vanishEvery:  vanishEvery,
		asks:         newAsks(),
		strangers:    newStrangers(o.Config.Limits.Handshakes),
		pace:         newPace(),
		enrolments:   newRates[origin](failedEnrolments, time.Hour),
		crowded:      newRates[models.DeskID](1, time.Hour),
		placed:       newRates[models.DeskID](placesHour, time.Hour),
		denials:      newRates[models.DeskID](deniedHour, time.Hour),
		statuses:     newRates[models.DeskID](askedStatuses, time.Hour),
		keyChanges:   newRates[models.AccountID](keyChangesHour, time.Hour),
		sessions:     newSessions(o.Config.Limits.Connections),
	}
	key, ok := o.Certificate.PrivateKey.(ed25519.PrivateKey)
	if !ok {
		return nil, fmt.Errorf("server key: %w", pki.ErrKeyType)
	}
	id, err := pki.PublicKeyHash(key.Public().(ed25519.PublicKey))
	if err != nil {
		return nil, err
	}
	s.serverID = id
	policy, err := s.policy()
	if err != nil {
		return nil, fmt.Errorf("server: %w", err)
	}
	s.lamp = policy.Lamp == gate.LampRequired
	s.handlers = handlers()
	s.tls = pki.ServerTLS(o.Certificate, o.Authority.Certificate(), s.decide)
	s.secure = func(nc net.Conn) secureConn { return tls.Server(nc, s.tls) }
	h, err := loadHub(ctx, s)
	if err != nil {
		return nil, fmt.Errorf("load the rooms: %w", err)
	}
	s.hub = h
	return s, nil
}

// Serve accepts connections until ctx ends, then says goodbye to each, waits for them and returns nil. It closes ln. It may be
// called once.
func (s *Server) Serve(ctx context.Context, ln net.Listener) error {
	s.stopped = make(chan struct{})
	writerCtx, stopWriter := context.WithCancel(context.WithoutCancel(ctx))
	connCtx, endConns := context.WithCancelCause(context.WithoutCancel(ctx))
	var conns, background sync.WaitGroup
	s.vanish(writerCtx)
	s.auditSettings(ctx)
	background.Go(func() { s.commit(writerCtx) })
	background.Go(func() { s.watchRevocations(writerCtx) })
	background.Go(func() { s.sweep(writerCtx) })
	background.Go(func() { s.watchEnds(writerCtx) })
	stopAccept := context.AfterFunc(ctx, func() { _ = ln.Close() })

	err := s.accept(ctx, ln, func(nc net.Conn) {
		c := s.newConn(connCtx, nc)
		if !s.strangers.admit(ctx, c) {
			_ = nc.Close()
			return
		}
		conns.Go(func() {
			defer s.strangers.settled(c)
			c.serve()
		})
	})

	// Connections first: an entry that is under way is stored then, though its connection may be gone before it is acknowledged. Its
	// client sends it again, and it is stored once.
	stopAccept()
	_ = ln.Close()
	endConns(wire.Refuse(wire.CodeGoodbye))
	conns.Wait()
	stopWriter()
	background.Wait()
	if svc, _, none := s.hub.logins(); none == nil {
		svc.Close()
	}
	return err
}

func (s *Server) accept(ctx context.Context, ln net.Listener, serve func(net.Conn)) error {
	wait := acceptBackoff
	for {
		nc, err := ln.Accept()
		switch {
		case ctx.Err() != nil:
			if err == nil {
				_ = nc.Close()
			}
			return nil
		case errors.Is(err, net.ErrClosed):
			return fmt.Errorf("accept: %w", err)
		case err != nil: // out of files, or a peer that left: neither ends the server
			s.log.Warn("accept", "cause", err, "again in", wait)
			select {
			case <-time.After(wait):
			case <-ctx.Done():
			}
			wait = min(2*wait, acceptBackoffMax)
		default:
			wait = acceptBackoff
			serve(nc)
		}
	}
}

func (s *Server) newConn(ctx context.Context, nc net.Conn) *conn {
	if t, ok := nc.(*net.TCPConn); ok {
		_ = t.SetKeepAliveConfig(net.KeepAliveConfig{Enable: true, Idle: aliveEvery, Interval: aliveEvery, Count: aliveTries})
	}
	s.mu.Lock()
	s.nextID++
	id := s.nextID
	s.mu.Unlock()
	return newConn(ctx, s, id, s.secure(nc))
}

// register makes c known to those who cut and tell connections; false when there are too many, of all desks or of this one: a desk that
// was stolen, or that nobody has approved yet, does not keep the others out.
func (s *Server) register(c *conn) bool {
	ofDesk := s.Config.Limits.DeskConnections
	if c.pending() {
		ofDesk = min(ofDesk, pendingConnections)
	}
	s.mu.Lock()
	all, same := len(s.conns), 0
	for o := range s.conns {
		// Whoever comes from the desk's home is not kept out by what stands elsewhere.
		if !c.enrol && !o.enrol && o.desk.ID == c.desk.ID && (o.origin == c.origin || !c.atHome(c.origin)) {
			same++
		}
	}
	fits := all < s.Config.Limits.Connections && (c.enrol || same < ofDesk)
	var elsewhere *conn
	if fits {
		elsewhere = s.seat(c)
		s.conns[c] = struct{}{}
	}
	s.mu.Unlock()
	if fits {
		c.noteSeat(elsewhere)
		return true
	}
	c.log.Warn("connection refused: there are too many", "all", all, "desk", c.desk.ID.Short(), "of the desk", same)
	if !c.enrol && same >= ofDesk && s.crowded.take(c.desk.ID, s.now()) == 0 {
		c.audit("desk.connections", "denied")
	}
	return false
}

func (s *Server) unregister(c *conn) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.conns, c)
}

// each calls f for every connection that has been registered.
func (s *Server) each(f func(*conn)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for c := range s.conns {
		f(c)
	}
}

// decide judges a desk's certificate in every handshake: only a desk that was enrolled and not revoked gets in.
func (s *Server) decide(state tls.ConnectionState) error {
	if state.NegotiatedProtocol == pki.ProtoEnrol {
		return nil
	}
	ctx, cancel := context.WithTimeout(context.Background(), deskTimeout)
	defer cancel()
	_, err := s.deskOf(ctx, state)
	return err
}

// deskOf finds the desk whose key and certificate a connection has proved.
func (s *Server) deskOf(ctx context.Context, state tls.ConnectionState) (models.Desk, error) {
	hash, err := pki.PeerKeyHash(state)
	if err != nil {
		return models.Desk{}, err
	}
	desk, err := s.store.DeskByTLSKey(ctx, hash)
	if err != nil {
		return models.Desk{}, fmt.Errorf("desk of the certificate: %w", err)
	}
	id, err := pki.PeerDesk(state)
	if err != nil {
		return models.Desk{}, err
	}
	if id != desk.ID || (desk.Status != models.DeskActive && desk.Status != models.DeskPending) || s.hub.revokedDesk(id) {
		return models.Desk{}, fmt.Errorf("desk %s: %w", desk.ID.Short(), pki.ErrRefused)
	}
	return desk, nil
}

// watchRevocations cuts the live connections of desks that were revoked in the store, by the operator or another server. It also forgets
// the sessions whose time is over, and with them what they were locked with.
func (s *Server) watchRevocations(ctx context.Context) {
	tick := time.NewTicker(revokedEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
			s.dropSessions(ctx, "", func(*session) bool { return false })
			s.cutRevoked(ctx)
		}
	}
}

// sweep forgets logins that were left, and faces of accounts that were deleted beside the server. It asks the store for everybody, and keeps
// no revocation waiting meanwhile.
func (s *Server) sweep(ctx context.Context) {
	tick := time.NewTicker(s.sweepEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
			if svc, _, err := s.hub.logins(); err == nil {
				svc.Sweep(ctx)
			}
		}
	}
}

func (s *Server) cutRevoked(ctx context.Context) {
	desks, err := s.store.Desks(ctx)
	if err != nil {
		if ctx.Err() == nil {
			s.log.Error("revocations not read", "cause", err)
		}
		return
	}
	revoked := map[models.DeskID]bool{}
	for _, d := range desks {
		if d.Status == models.DeskRevoked {
			revoked[d.ID] = true
		}
	}
	s.cutDesks(ctx, func(id models.DeskID) bool { return revoked[id] || s.hub.revokedDesk(id) })
}

// cutDesks ends the live connections of desks that are no more, and their sessions.
func (s *Server) cutDesks(ctx context.Context, gone func(models.DeskID) bool) {
	s.each(func(c *conn) {
		if !c.enrol && gone(c.desk.ID) {
			c.log.Warn("cut: the desk was revoked", "desk", c.desk.ID.Short())
			c.cancel(wire.Refuse(wire.CodeDesk))
		}
	})
	s.dropSessions(ctx, "revoked", func(x *session) bool { return gone(x.desk) })
}
