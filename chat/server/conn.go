package server

import (
	"bufio"
	"context"
	"crypto/tls"
	"errors"
	"io"
	"log/slog"
	"net"
	"runtime/debug"
	"sync"
	"sync/atomic"
	"time"

	"visavis/chat/pki"
	"visavis/chat/wire"
	"visavis/models"
)

// Times and sizes of a connection.
const (
	handshakeTimeout = 10 * time.Second
	writeTimeout     = 20 * time.Second // a reader slower than this is cut; it resumes at its cursor
	byeTimeout       = 2 * time.Second
	repliesQueued    = 256
	readBuffer       = 32 << 10
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

	ctx    context.Context
	cancel context.CancelCauseFunc // the cause is what the peer is told, when it is a *wire.Error

	replies chan []byte
	wake    chan struct{} // holds one wake-up

	mu      sync.Mutex // tier 3
	follows map[models.RoomID]*follow

	// The reader's own.
	lastID  uint64
	greeted bool
	session *session // nil until the log-in's last proof; set only in (*conn).begin

	person atomic.Pointer[models.AccountID] // the session's, for those who announce; nil without one
}

type follow struct {
	log    *roomLog
	cursor uint64
}

func newConn(srv *Server, id uint64, nc secureConn) *conn {
	c := &conn{
		srv: srv, id: id, net: nc,
		log:     srv.log.With("conn", id, "remote", nc.RemoteAddr().String()),
		replies: make(chan []byte, repliesQueued),
		wake:    make(chan struct{}, 1),
		follows: map[models.RoomID]*follow{},
	}
	return c
}

// serve runs the connection and returns when both goroutines are gone.
func (c *conn) serve(parent context.Context) {
	c.ctx, c.cancel = context.WithCancelCause(parent)
	defer c.cancel(nil)
	defer c.net.Close()
	if err := c.handshake(); err != nil {
		c.log.Info("handshake refused", "cause", err)
		return
	}
	if !c.srv.register(c) {
		return
	}
	defer c.srv.unregister(c)
	c.log.Info("connected", "desk", c.desk.ID.Short(), "protocol", c.state.NegotiatedProtocol)

	var wg sync.WaitGroup
	wg.Go(c.write)
	c.read()
	c.cancel(nil)
	wg.Wait()
	c.unfollowAll()
	c.end("disconnected")
	c.log.Info("disconnected", "cause", context.Cause(c.ctx))
}

func (c *conn) handshake() error {
	ctx, cancel := context.WithTimeout(c.ctx, handshakeTimeout)
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
	defer func() {
		if p := recover(); p != nil {
			c.log.Error("panic in a handler", "panic", p, "stack", string(debug.Stack()))
			c.cancel(wire.Refuse(wire.CodeInternal))
		}
	}()
	in := bufio.NewReaderSize(c.net, readBuffer)
	for c.ctx.Err() == nil {
		if err := c.net.SetReadDeadline(c.deadline()); err != nil {
			c.cancel(err)
			return
		}
		f, err := wire.Read(in, c.limit())
		if err != nil {
			c.cancel(c.readError(err))
			return
		}
		if err := c.accept(f); err != nil {
			c.cancel(err)
			return
		}
		c.dispatch(f)
	}
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
	var timeout net.Error
	switch {
	case errors.Is(err, wire.ErrTooLarge):
		c.log.Warn("refused frame", "cause", err)
		return wire.Refuse(wire.CodeTooLarge)
	case errors.Is(err, wire.ErrMalformed), errors.Is(err, wire.ErrEmpty), errors.Is(err, io.ErrUnexpectedEOF):
		c.log.Warn("refused frame", "cause", err)
		return wire.Refuse(wire.CodeProtocol)
	case errors.As(err, &timeout) && timeout.Timeout():
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

// send queues a frame for the writer. A peer that does not read its replies is cut.
func (c *conn) send(f wire.Frame) {
	b, err := f.Append(nil)
	if err != nil {
		c.log.Error("reply not sent", "type", f.Type, "cause", err)
		c.cancel(wire.Refuse(wire.CodeInternal))
		return
	}
	select {
	case c.replies <- b:
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
	err := c.writeLoop()
	if err != nil && c.ctx.Err() == nil {
		c.cancel(err)
	}
	c.bye()
}

func (c *conn) writeLoop() error {
	for {
		select {
		case <-c.ctx.Done():
			return nil
		case b := <-c.replies:
			if err := c.put(c.gather(b)); err != nil {
				return err
			}
		case <-c.wake:
			if err := c.writeFollows(); err != nil {
				return err
			}
		}
	}
}

// gather puts replies that wait already behind b, to send them in one write.
func (c *conn) gather(b []byte) []byte {
	for len(b) < readBuffer {
		select {
		case more := <-c.replies:
			b = append(b, more...)
		default:
			return b
		}
	}
	return b
}

func (c *conn) put(b []byte) error {
	if err := c.net.SetWriteDeadline(time.Now().Add(writeTimeout)); err != nil {
		return err
	}
	_, err := c.net.Write(b)
	return err
}

func (c *conn) writeFollows() error {
	for _, f := range c.followed() {
		b, next, err := f.log.after(c.ctx, f.cursor)
		if err != nil {
			return err
		}
		if len(b) == 0 {
			continue
		}
		// The room may have been closed to this person since: then nothing more goes out.
		if !c.advance(f, next) {
			continue
		}
		if err := c.put(b); err != nil {
			return err
		}
		c.notify() // until every cursor is at its end; replies get their turn in between
	}
	return nil
}

func (c *conn) followed() []*follow {
	c.mu.Lock()
	defer c.mu.Unlock()
	fs := make([]*follow, 0, len(c.follows))
	for _, f := range c.follows {
		fs = append(fs, f)
	}
	return fs
}

func (c *conn) advance(f *follow, next uint64) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.follows[f.log.id] != f {
		return false
	}
	f.cursor = next
	return true
}

// follow replaces the cursor of a room.
func (c *conn) follow(l *roomLog, after uint64) {
	c.mu.Lock()
	c.follows[l.id] = &follow{log: l, cursor: after}
	c.mu.Unlock()
	l.follow(c)
	c.notify()
}

func (c *conn) unfollow(id models.RoomID) {
	c.mu.Lock()
	f := c.follows[id]
	delete(c.follows, id)
	c.mu.Unlock()
	if f != nil {
		f.log.unfollow(c)
	}
}

func (c *conn) unfollowAll() {
	for _, f := range c.followed() {
		c.unfollow(f.log.id)
	}
}

// bye tells the peer why the connection ends, if there is something to tell.
func (c *conn) bye() {
	var refusal *wire.Error
	if !errors.As(context.Cause(c.ctx), &refusal) {
		return
	}
	var out []byte
	for {
		select {
		case b := <-c.replies:
			out = append(out, b...)
			continue
		default:
		}
		break
	}
	out, err := wire.NewFrame(wire.Failure, 0, wire.EventBye, refusal).Append(out)
	if err != nil {
		return
	}
	if c.net.SetWriteDeadline(time.Now().Add(byeTimeout)) == nil {
		_, _ = c.net.Write(out) // the connection ends either way
	}
}
