package kiosk

import (
	"context"
	"errors"
	"io"
	"net"
	"sync"
	"sync/atomic"
	"time"

	"visavis/biometrics"
	"visavis/biometrics/eye"
	"visavis/chat/chattest"
)

// clock moves only when a test moves it.
type clock struct {
	mu     sync.Mutex
	at     time.Time
	timers []timer
}

type timer struct {
	due time.Time
	c   chan time.Time
}

func newClock() *clock { return &clock{at: time.Date(2026, 3, 28, 12, 0, 0, 0, time.UTC)} }

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.at
}

func (c *clock) After(d time.Duration) <-chan time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	t := timer{c.at.Add(d), make(chan time.Time, 1)}
	if d <= 0 {
		t.c <- c.at
	} else {
		c.timers = append(c.timers, t)
	}
	return t.c
}

func (c *clock) move(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.at = c.at.Add(d)
	var left []timer
	for _, t := range c.timers {
		if t.due.After(c.at) {
			left = append(left, t)
			continue
		}
		t.c <- c.at
	}
	c.timers = left
}

// fakeEye is a keeper that shows what a test says.
type fakeEye struct {
	clock  eye.Clock
	events chan eye.Event

	mu      sync.Mutex
	camera  *biometrics.CameraInfo
	broken  error // what Open answers
	opened  []string
	watch   int
	preview bool
	closed  bool
	ready   int // how often the camera was asked to be prepared
}

func (e *fakeEye) Prepare() {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.ready++
}

func (e *fakeEye) Cue(eye.Cue)                           {}
func (e *fakeEye) Weights() string                       { return "made up" }
func (e *fakeEye) Clock() eye.Clock                      { return e.clock }
func (e *fakeEye) Events() <-chan eye.Event              { return e.events }
func (e *fakeEye) Subscribe() (<-chan eye.Event, func()) { return nil, func() {} }

func (e *fakeEye) Cameras(context.Context) ([]biometrics.CameraInfo, error) {
	return []biometrics.CameraInfo{chattest.Camera()}, nil
}

func (e *fakeEye) Camera() (biometrics.CameraInfo, bool) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.camera == nil {
		return biometrics.CameraInfo{}, false
	}
	return *e.camera, true
}

func (e *fakeEye) Open(_ context.Context, source string) (biometrics.CameraInfo, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.opened = append(e.opened, source)
	if e.broken != nil {
		return biometrics.CameraInfo{}, e.broken
	}
	info := chattest.Camera()
	e.camera = &info
	return info, nil
}

func (e *fakeEye) Watch(fps int, preview bool) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.watch, e.preview = fps, preview
}

func (e *fakeEye) Close() error {
	e.mu.Lock()
	defer e.mu.Unlock()
	if !e.closed {
		e.closed = true
		close(e.events)
	}
	return nil
}

func (e *fakeEye) breakWith(err error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.broken = err
	if err != nil {
		e.camera = nil
	}
}

// cable is the desk's network: it can be cut while the server lives on.
type cable struct {
	mu  sync.Mutex
	cut bool

	silent atomic.Bool // the server takes everything and answers nothing
	conns  []net.Conn
}

var errCut = &net.OpError{Op: "dial", Err: errors.New("the cable is cut")}

func (c *cable) dial(ctx context.Context, network, address string) (net.Conn, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.cut {
		return nil, errCut
	}
	conn, err := new(net.Dialer).DialContext(ctx, network, address)
	if err == nil {
		conn = &line{conn, c}
		c.conns = append(c.conns, conn)
	}
	return conn, err
}

// line is a connection on which the server can be made to say nothing any more.
type line struct {
	net.Conn
	of *cable
}

func (l *line) Read(p []byte) (int, error) {
	n, err := l.Conn.Read(p)
	if err == nil && l.of.silent.Load() {
		_, err = io.Copy(io.Discard, l.Conn) // until it is closed
		n, err = 0, errors.Join(err, io.EOF)
	}
	return n, err
}

// pull cuts it, mend makes it whole.
func (c *cable) pull() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.cut = true
	for _, conn := range c.conns {
		_ = conn.Close()
	}
	c.conns = nil
}

func (c *cable) mend() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.cut = false
}
