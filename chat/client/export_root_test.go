package client

import (
	"context"
	"crypto/tls"

	"visavis/chat/trust"
	"visavis/models"
)

// Connection is the one that the root is proved on.
func (r *Root) Connection() *Conn { return r.conn }

// TLS is the connection's state.
func (c *Conn) TLS() tls.ConnectionState { return c.state }

// TakeRole signs that somebody is no admin any more.
func (s *Session) TakeRole(ctx context.Context, account models.AccountID) error {
	return s.direct(ctx, func(by trust.Author) ([]byte, error) {
		return s.dir.SignRole(by.Account, by.Key, account, false, by.At)
	})
}
