package server

import (
	"context"
	"maps"
	"net"
	"slices"
	"sync/atomic"
	"time"

	"visavis/chat/wire"
	"visavis/models"
)

// SecureConn is what the server needs of a connection behind TLS.
type SecureConn = secureConn

// SetSecure puts wrap around every connection behind its TLS. Before Serve.
func (s *Server) SetSecure(wrap func(SecureConn) SecureConn) {
	secure := s.secure
	s.secure = func(nc net.Conn) secureConn { return wrap(secure(nc)) }
}

// SetBuffers makes the kernel's buffers of every connection small, so that a slow reader shows soon. Before Serve.
func (s *Server) SetBuffers(bytes int) {
	secure := s.secure
	s.secure = func(nc net.Conn) secureConn {
		_ = nc.(*net.TCPConn).SetWriteBuffer(bytes)
		return secure(nc)
	}
}

// SetWriteTimeout says how slow a reader may be. Before Serve.
func (s *Server) SetWriteTimeout(d time.Duration) { s.writeTimeout = d }

// SetPendingTime says how long a desk that is not listed keeps a connection. Before Serve.
func (s *Server) SetPendingTime(d time.Duration) { s.pendingTime = d }

// SetSweep says how often what is over is forgotten. Before Serve.
func (s *Server) SetSweep(every time.Duration) { s.sweepEvery = every }

// Submit gives the writer of the logs an entry, as a connection does, and waits for its answer.
func (s *Server) Submit(ctx context.Context, e models.Entry) error {
	answer := make(chan error, 1)
	if err := s.submit(ctx, pending{entry: e, done: func(_ models.Appended, err error) { answer <- err }}); err != nil {
		return err
	}
	return <-answer
}

// Types are the requests that the server knows, but for hello.
func Types() []string { return slices.Sorted(maps.Keys(handlers())) }

// SetPanic makes a type of request panic while armed, on the reader's goroutine. Before Serve.
func (s *Server) SetPanic(typ string, armed *atomic.Bool) {
	honest := s.handlers[typ]
	s.handlers[typ] = handler{honest.rule, func(c *conn, ctx context.Context, f wire.Frame) (any, error) {
		if armed.Load() {
			panic("injected")
		}
		return honest.serve(c, ctx, f)
	}}
}

// Features says of each type of request under a feature what a logged-in desk is told whose hello named the features or did not.
func Features(named bool) map[string]error {
	all := map[string]error{}
	for typ, h := range handlers() {
		if h.feature != "" {
			c := &conn{session: &session{}, shared: map[string]bool{h.feature: named}}
			all[typ] = c.meets(rule{need: needSession, feature: h.feature})
		}
	}
	return all
}

// Rules says of each type of request who may ask for it.
func Rules() map[string]string {
	names := map[need]string{needEnrol: "who enrols", needDesk: "a desk", needSession: "a person", needAdmin: "an admin", needLocked: "a locked desk",
		needHeld: "an open or locked desk", needRoot: "the root", needLister: "an admin or the root"}
	all := map[string]string{}
	for typ, h := range handlers() {
		who := names[h.need]
		if h.fresh {
			who += ", freshly"
		}
		if h.guest {
			who += ", a guest too"
		}
		if h.feature != "" {
			who += ", under " + h.feature
		}
		all[typ] = who
	}
	return all
}
