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

// Types are the requests that the server knows, but for hello.
func Types() []string { return slices.Sorted(maps.Keys(handlers())) }

// SetPanic makes a type of request panic while armed, on the reader's goroutine. Before Serve.
func (s *Server) SetPanic(typ string, armed *atomic.Bool) {
	honest := s.handlers[typ]
	s.handlers[typ] = handler{honest.need, func(c *conn, ctx context.Context, f wire.Frame) (any, error) {
		if armed.Load() {
			panic("injected")
		}
		return honest.serve(c, ctx, f)
	}}
}

// AlikeUnsaid asks for lookalikes as an admin whose desk did not say the feature.
func AlikeUnsaid(ctx context.Context) error {
	_, err := new(conn).signupAlike(ctx, wire.SignupAlike{Accounts: make([]models.AccountID, 1)})
	return err
}

// AuditUnsaid asks for the audit log's head as an admin whose desk did not say the feature.
func AuditUnsaid(ctx context.Context) error {
	_, err := new(conn).auditHead(ctx, wire.AuditHead{})
	return err
}
