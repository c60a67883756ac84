package client

import (
	"context"
	"fmt"

	"visavis/chat/trust"
	"visavis/chat/wire"
)

// Status is what became of a sign-up. The zero Status is none.
type Status uint8

// The states of a sign-up.
const (
	StatusWaiting  Status = 1 // for an admin
	StatusAdmitted Status = 2 // the person can log in
	StatusGone     Status = 3 // rejected, deleted or revoked; or it was not made at this desk
)

// SignupStatus asks what became of a sign-up that was made at this desk, over a connection on which nobody is logged in. The server tells no
// other desk, and nobody who does not know the bundle. A window asks every few seconds; the answer is a courtesy: what counts is the directory,
// which a log-in checks.
func (d *Desk) SignupStatus(ctx context.Context, c *Conn, up SignedUp) (Status, error) {
	var reply wire.SignupStatusReply
	err := c.Call(ctx, wire.TypeSignupStatus, wire.SignupStatus{Account: up.Account, Bundle: trust.LabelBundle.Hash(up.Bundle)}, &reply)
	if err != nil {
		return 0, err
	}
	if reply.State < wire.SignupWaiting || reply.State > wire.SignupGone {
		return 0, fmt.Errorf("a sign-up in state %d: %w", reply.State, wire.Refuse(wire.CodeInternal))
	}
	return Status(reply.State), nil
}
