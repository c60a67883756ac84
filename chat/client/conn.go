package client

import (
	"bufio"
	"context"
	"crypto/ed25519"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"visavis/chat/trust"
	"visavis/chat/wire"
)

// Bounds of a connection.
const (
	writeTimeout  = 20 * time.Second
	reasonTimeout = time.Second // for the reason of an end that shows at a write
	eventsQueued  = 1024
)

// ErrClosed says that the connection has ended; it is wrapped with the reason where one was given.
var ErrClosed = errors.New("connection is closed")

// Conn is one connection to the server. Its methods may be called from any goroutine; Close ends it.
type Conn struct {
	net   *tls.Conn
	state tls.ConnectionState
	hello trust.Hello // what the server said of itself

	wmu    sync.Mutex // one writer at a time, and ids in the order of the writes
	lastID uint64

	mu      sync.Mutex
	waiting map[uint64]chan wire.Frame
	err     error // why it ended; set once

	events chan wire.Frame
	deaf   atomic.Bool   // events are dropped: nobody is there whom they are for
	done   chan struct{} // closed when the reader has ended
}

// Dialer makes the TCP connection; net.Dialer's DialContext is one.
type Dialer func(ctx context.Context, network, address string) (net.Conn, error)

// dial connects, proves both ends and starts the reader.
func dial(ctx context.Context, dialer Dialer, address string, cfg *tls.Config) (*Conn, error) {
	if dialer == nil {
		dialer = new(net.Dialer).DialContext
	}
	nc, err := dialer(ctx, "tcp", address)
	if err != nil {
		return nil, fmt.Errorf("reach the server at %s: %w", address, err)
	}
	tc := tls.Client(nc, cfg)
	if err := tc.HandshakeContext(ctx); err != nil {
		_ = nc.Close()
		return nil, fmt.Errorf("prove the server at %s: %w", address, err)
	}
	c := &Conn{
		net: tc, state: tc.ConnectionState(),
		waiting: map[uint64]chan wire.Frame{},
		events:  make(chan wire.Frame, eventsQueued),
		done:    make(chan struct{}),
	}
	go c.read()
	return c, nil
}

// read hands replies to their callers and events to Events, until the connection ends.
func (c *Conn) read() {
	defer close(c.done)
	defer close(c.events)
	in := bufio.NewReaderSize(c.net, 64<<10)
	for {
		f, err := wire.Read(in, wire.MaxFrame)
		if err != nil {
			c.fail(err)
			return
		}
		switch {
		case f.Kind == wire.Event && c.deaf.Load():
		case f.Kind == wire.Event:
			c.events <- f // a receiver that does not read holds up TCP, and the server cuts it
		case f.Kind == wire.Failure && f.ID == 0:
			var bye wire.Error
			if err := f.Decode(&bye); err != nil {
				c.fail(err)
			} else {
				c.fail(bye.Shown())
			}
			return
		case f.Kind == wire.Response || f.Kind == wire.Failure:
			c.deliver(f)
		default:
			c.fail(fmt.Errorf("server sent a frame of kind %d", f.Kind))
			return
		}
	}
}

func (c *Conn) deliver(f wire.Frame) {
	c.mu.Lock()
	ch := c.waiting[f.ID]
	delete(c.waiting, f.ID)
	c.mu.Unlock()
	if ch != nil {
		ch <- f
	}
}

// fail ends the connection with its first error and releases every waiting caller.
func (c *Conn) fail(err error) {
	if c.net != nil {
		_ = c.net.Close()
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.err == nil {
		c.err = err
		if errors.Is(err, io.EOF) {
			c.err = errors.New("the server closed it")
		}
	}
	for id, ch := range c.waiting {
		close(ch)
		delete(c.waiting, id)
	}
}

// Hello returns what the server said of itself, checked.
func (c *Conn) Hello() trust.Hello { return c.hello }

// speaks says whether the server named a feature; this desk names them all.
func (c *Conn) speaks(feature string) bool { return slices.Contains(c.hello.Features, feature) }

// LampRequired says that the server lets nobody in on whose face the window's light is not seen: no window can leave the light out.
func (c *Conn) LampRequired() bool { return c.hello.Lamp }

// Err returns why the connection ended: nil while it lives.
func (c *Conn) Err() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.err == nil {
		return nil
	}
	return fmt.Errorf("%w: %w", ErrClosed, c.err)
}

// Done is closed when the connection has ended.
func (c *Conn) Done() <-chan struct{} { return c.done }

// Events gives what the server sends unasked, in order; it is closed when the connection ends. It must be read.
func (c *Conn) Events() <-chan wire.Frame { return c.events }

// deafen drops events from now on, and those that wait.
func (c *Conn) deafen() {
	c.deaf.Store(true)
	for {
		select {
		case _, more := <-c.events:
			if !more {
				return
			}
		default:
			return
		}
	}
}

// Close ends the connection and waits for its reader, which drops events that nobody read.
func (c *Conn) Close() error {
	c.fail(errors.New("closed here"))
	for range c.events {
		continue
	}
	<-c.done
	return nil
}

// Call sends a request and waits for its answer, which is decoded into reply. A refusal is a *wire.Error.
func (c *Conn) Call(ctx context.Context, typ string, request, reply any) error {
	if err := ctx.Err(); err != nil { // who gave up before asks nothing
		return fmt.Errorf("%s: %w", typ, err)
	}
	ch := make(chan wire.Frame, 1)
	id, err := c.request(typ, request, ch)
	if err != nil {
		return err
	}
	select {
	case f, ok := <-ch:
		if !ok {
			return fmt.Errorf("%s: %w", typ, c.Err())
		}
		return answer(f, reply)
	case <-ctx.Done():
		c.mu.Lock()
		delete(c.waiting, id)
		c.mu.Unlock()
		return fmt.Errorf("%s: %w", typ, ctx.Err())
	}
}

func answer(f wire.Frame, reply any) error {
	if f.Kind == wire.Failure {
		var refusal wire.Error
		if err := f.Decode(&refusal); err != nil {
			return err
		}
		return fmt.Errorf("%s: %w", f.Type, refusal.Shown())
	}
	return f.Decode(reply)
}

func (c *Conn) request(typ string, body any, ch chan wire.Frame) (uint64, error) {
	c.wmu.Lock()
	defer c.wmu.Unlock()
	c.lastID++
	id := c.lastID
	f := wire.NewFrame(wire.Request, id, typ, body)
	defer clear(f.Body) // a lock's key may stand there
	b, err := f.Append(nil)
	if err != nil {
		return 0, err
	}
	defer clear(b)
	c.mu.Lock()
	if c.err != nil {
		c.mu.Unlock()
		return 0, fmt.Errorf("%s: %w", typ, c.Err())
	}
	c.waiting[id] = ch
	c.mu.Unlock()
	err = c.net.SetWriteDeadline(time.Now().Add(writeTimeout))
	if err == nil {
		_, err = c.net.Write(b)
	}
	if err != nil {
		// The server may have said why before it closed: the reader gets to see it first.
		select {
		case <-c.done:
		case <-time.After(reasonTimeout):
		}
		c.fail(err)
		return 0, fmt.Errorf("%s: %w", typ, c.Err())
	}
	return id, nil
}

// serverKey is the key that signs the server's hello: its certificate's.
func (c *Conn) serverKey() (ed25519.PublicKey, error) {
	key, ok := c.state.PeerCertificates[0].PublicKey.(ed25519.PublicKey)
	if !ok {
		return nil, errors.New("the server's certificate has no Ed25519 key")
	}
	return key, nil
}
