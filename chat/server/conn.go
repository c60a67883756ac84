package server

import (
	"bufio"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"runtime/debug"
	"sync"
	"sync/atomic"
	"time"

	"visavis/chat/pki"
	"visavis/chat/trust"
	"visavis/chat/wire"
	"visavis/models"
)

// Times and sizes of a connection.
const (
	writeTimeout = 20 * time.Second // a reader slower than this is cut; it resumes at its cursor
	frameTimeout = 20 * time.Second // for a frame whose first byte has come
	byeTimeout   = 2 * time.Second
	repliesOwed  = 192 // requests that are not answered yet; the reader waits before it takes more
	newsQueued   = 64  // unasked frames that wait for the writer; more, and the peer is cut
	readBuffer   = 32 << 10
)

// conn is one connection: a reader goroutine that serves requests in order, a writer goroutine that alone writes, and between
// them a bounded queue of replies and the cursors of the followed rooms.
type conn struct {
	srv   *Server
	id    uint64
	net   secureConn
	log   *slog.Logger
	state tls.ConnectionState // set before the reader starts
	enrol bool                // speaks the enrolment protocol
	desk  models.Desk         // zero while enrolling
	began time.Time           // on the real clock, as all deadlines of the network

	origin origin
	guest  atomic.Bool // its desk is elsewhere: see place.go

	ctx    context.Context
	cancel context.CancelCauseFunc // the cause is what the peer is told, when it is a *wire.Error

	replies chan []byte   // never full: owed bounds it
	owed    chan struct{} // one for each request that was taken and whose answer the writer has not taken yet
	news    chan []byte   // what nobody asked for
	wake    chan struct{} // holds one wake-up

	mu      sync.Mutex // tier 3
	follows map[models.RoomID]*follow

	// The reader's own.
	lastID  uint64
	greeted bool
	shared  map[string]bool    // the features that both hellos said
	root    bool               // proved the root's key
	keys    atomic.Bool        // wire.FeatureKeys is one of them, for whoever else asks
	session *session           // nil until the last proof; set only in (*conn).begin
	proof   proof              // of the session's person
	locked  *session           // whose person has to show the face first; never beside session
	ends    time.Time          // of either, on the real clock
	carrier *trust.LockCarrier // of the next lock's key
	staged  staged             // boxes of the generation that comes next
	failed  int                // enrolments

	rooms  atomic.Bool                      // the desk said wire.FeatureRooms
	person atomic.Pointer[models.AccountID] // the session's, for those who announce; nil without one
}

func newConn(ctx context.Context, srv *Server, id uint64, nc secureConn) *conn {
	c := &conn{
		srv: srv, id: id, net: nc,
		log:     srv.log.With("conn", id, "remote", nc.RemoteAddr().String()),
		began:   time.Now(),
		origin:  originOf(nc.RemoteAddr()),
		replies: make(chan []byte, repliesOwed),
		owed:    make(chan struct{}, repliesOwed),
		news:    make(chan []byte, newsQueued),
		wake:    make(chan struct{}, 1),
		follows: map[models.RoomID]*follow{},
	}
	c.ctx, c.cancel = context.WithCancelCause(ctx)
	return c
}

// serve runs the connection and returns when both goroutines are gone.
func (c *conn) serve() {
	defer c.cancel(nil)
	defer c.net.Close()
	defer c.barrier()
	if err := c.handshake(); err != nil {
		c.log.Info("handshake refused", "cause", err)
		return
	}
	if !c.srv.register(c) {
		c.cancel(wire.Refuse(wire.CodeFull))
		c.bye()
		return
	}
	defer c.srv.unregister(c)
	c.log.Info("connected", "desk", c.desk.ID.Short(), "protocol", c.state.NegotiatedProtocol)
	// A writer that waits for a slow peer gets no more time than a goodbye does.
	stop := context.AfterFunc(c.ctx, func() { _ = c.net.SetWriteDeadline(time.Now().Add(byeTimeout)) })
	defer stop()

	var wg sync.WaitGroup
	wg.Go(c.write)
	c.read()
	c.cancel(nil)
	wg.Wait()
	c.unfollowAll()
	c.leave()
	c.log.Info("disconnected", "cause", context.Cause(c.ctx))
}

// barrier keeps a panic from ending more than this connection. It is deferred by each of the connection's goroutines.
func (c *conn) barrier() {
	if p := recover(); p != nil {
		c.log.Error("panic", "panic", p, "stack", string(debug.Stack()))
		c.cancel(wire.Refuse(wire.CodeInternal))
	}
}

func (c *conn) handshake() error {
	ctx, cancel := context.WithDeadline(c.ctx, c.deadline())
	defer cancel()
	if err := c.net.HandshakeContext(ctx); err != nil {
		return err
	}
	c.state = c.net.ConnectionState()
	if c.state.NegotiatedProtocol == pki.ProtoEnrol {
		c.enrol = true
		return nil
	}
	desk, err := c.srv.deskOf(c.ctx, c.state)
	if err != nil {
		return err
	}
	c.desk = desk
	return nil
}

// read serves requests until the connection ends. A panic ends this connection and no other.
func (c *conn) read() {
	defer c.barrier()
	in := bufio.NewReaderSize(c.net, readBuffer)
	for c.ctx.Err() == nil {
		f, err := c.next(in)
		if err != nil {
			c.cancel(c.readError(err))
			return
		}
		if err := c.accept(f); err != nil {
			c.cancel(err)
			return
		}
		select {
		case c.owed <- struct{}{}: // back-pressure: who sends requests and does not read their answers waits
		case <-c.ctx.Done():
			return
		}
		c.dispatch(f)
	}
}

// next waits for a frame as long as the connection's state allows, and for the rest of one that has begun not much longer.
func (c *conn) next(in *bufio.Reader) (wire.Frame, error) {
	until, err := c.await(in)
	if err != nil {
		return wire.Frame{}, err
	}
	whole := time.Now().Add(frameTimeout)
	if !until.IsZero() {
		whole = earlier(whole, until)
	}
	if err := c.net.SetReadDeadline(whole); err != nil {
		return wire.Frame{}, err
	}
	f, err := wire.Read(in, c.limit())
	if err != nil && timedOut(err) && (until.IsZero() || whole.Before(until)) {
		err = fmt.Errorf("%w: %w", wire.Refuse(wire.CodeSlow), err) // the network's fault, not the person's: the session may be resumed
	}
	return f, err
}

func timedOut(err error) bool {
	var timeout net.Error
	return errors.As(err, &timeout) && timeout.Timeout()
}

// await waits for a frame's first byte, and returns when the whole has to be there; zero for no such time.
func (c *conn) await(in *bufio.Reader) (until time.Time, err error) {
	for {
		until = c.deadline()
		if err := c.net.SetReadDeadline(until); err != nil {
			return until, err
		}
		if _, err = in.Peek(1); !timedOut(err) {
			return until, err
		}
		// The time that the connection has may have grown meanwhile: its desk was approved.
		if !c.deadline().IsZero() {
			return until, err
		}
	}
}

// pending says that the desk is enrolled and that the directory does not list it yet.
func (c *conn) pending() bool {
	if c.enrol {
		return false
	}
	_, listed := c.srv.hub.dir.Desk(c.desk.ID)
	return !listed
}

// accept checks what holds for every request.
func (c *conn) accept(f wire.Frame) error {
	if f.Kind != wire.Request || f.ID <= c.lastID {
		c.log.Warn("refused frame", "kind", f.Kind, "id", f.ID, "after", c.lastID)
		return wire.Refuse(wire.CodeProtocol)
	}
	c.lastID = f.ID
	return nil
}

func (c *conn) readError(err error) error {
	var slow *wire.Error
	switch {
	case errors.As(err, &slow):
		return slow
	case errors.Is(err, wire.ErrTooLarge):
		c.log.Warn("refused frame", "cause", err)
		return wire.Refuse(wire.CodeTooLarge)
	case errors.Is(err, wire.ErrMalformed), errors.Is(err, wire.ErrEmpty), errors.Is(err, io.ErrUnexpectedEOF):
		c.log.Warn("refused frame", "cause", err)
		return wire.Refuse(wire.CodeProtocol)
	case timedOut(err):
		return wire.Refuse(wire.CodeEnded)
	}
	return err
}

// limit is the largest frame that the peer may send now.
func (c *conn) limit() int {
	switch {
	case c.enrol:
		return wire.MaxEnroll
	case c.session == nil:
		return wire.MaxFrameNew
	}
	return wire.MaxFrame
}

// reply queues the answer to a request, once for each; there is always room for it.
func (c *conn) reply(f wire.Frame) { c.queue(c.replies, f) }

// send queues a frame that nobody asked for. A peer that lets too many of them wait is cut.
func (c *conn) send(f wire.Frame) { c.queue(c.news, f) }

// queue never blocks: it is also called by the writer of the logs.
func (c *conn) queue(to chan<- []byte, f wire.Frame) {
	b, err := f.Append(nil)
	if err != nil {
		c.log.Error("frame not sent", "type", f.Type, "cause", err)
		c.cancel(wire.Refuse(wire.CodeInternal))
		return
	}
	select {
	case to <- b:
	default:
		c.cancel(wire.Refuse(wire.CodeSlow))
	}
}

// notify wakes the writer; it never blocks.
func (c *conn) notify() {
	select {
	case c.wake <- struct{}{}:
	default:
	}
}

// write is the writer: replies first, then whatever lies between the cursors and the ends of their logs.
func (c *conn) write() {
	defer c.net.Close() // also ends the reader
	defer c.barrier()
	if err := c.writeLoop(); err != nil {
		c.cancel(c.writeError(err))
	}
	c.bye()
}

func (c *conn) writeError(err error) error {
	var network net.Error
	switch {
	case c.ctx.Err() != nil:
		return err
	case errors.As(err, &network) && network.Timeout():
		return wire.Refuse(wire.CodeSlow)
	case errors.As(err, &network):
		return err
	}
	c.log.Error("log not read", "cause", err)
	return wire.Refuse(wire.CodeInternal)
}

func (c *conn) writeLoop() error {
	for {
		var b []byte
		select {
		case <-c.ctx.Done():
			return nil
		case b = <-c.replies:
			<-c.owed
		case b = <-c.news:
		case <-c.wake:
			if err := c.writeFollows(); err != nil {
				return err
			}
			continue
		}
		if err := c.put(c.gather(b)); err != nil {
			return err
		}
	}
}

// gather puts frames that wait already behind b, to send them in one write.
func (c *conn) gather(b []byte) []byte {
	for len(b) < readBuffer {
		select {
		case more := <-c.replies:
			<-c.owed
			b = append(b, more...)
		case more := <-c.news:
			b = append(b, more...)
		default:
			return b
		}
	}
	return b
}

func (c *conn) put(b []byte) error {
	if len(b) == 0 {
		return nil
	}
	if err := c.net.SetWriteDeadline(time.Now().Add(c.srv.writeTimeout)); err != nil {
		return err
	}
	if c.ctx.Err() != nil { // it ended before the deadline was set: see serve
		_ = c.net.SetWriteDeadline(time.Now().Add(byeTimeout))
	}
	_, err := c.net.Write(b)
	return err
}

// bye tells the peer why the connection ends, if there is something to tell.
func (c *conn) bye() {
	var refusal *wire.Error
	if !errors.As(context.Cause(c.ctx), &refusal) {
		return
	}
	out := c.gather(nil)
	out, err := wire.NewFrame(wire.Failure, 0, wire.EventBye, refusal).Append(out)
	if err != nil {
		return
	}
	if c.net.SetWriteDeadline(time.Now().Add(byeTimeout)) == nil {
		_, _ = c.net.Write(out) // the connection ends either way
	}
}
