package client

import (
	"context"

	"visavis/chat/trust"
	"visavis/chat/wire"
	"visavis/models"
)

// Login is the recovery's.
func (r *Recovery) Login() models.LoginID { return r.look.evidence.Login }

// Sealed is what Finish would hand in.
func (r *Recovery) Sealed(ctx context.Context, password []byte) (wire.RecoverFinish, error) {
	f, _, err := r.seal(ctx, password)
	return f, err
}

// Connection is the connection below a recovery.
func (r *Recovery) Connection() *Conn { return r.conn }

// Connection is the connection below an attempt.
func (a *Attempt) Connection() *Conn { return a.conn }

// Granted is what a session makes of a code's grant.
func (s *Session) Granted(signed []byte, stretched trust.Secret) error {
	return s.granted(signed, stretched)
}

// CodePlace is where a code of this desk counts.
func (d *Desk) CodePlace(account models.AccountID) trust.CodePlace { return d.codePlace(account) }
