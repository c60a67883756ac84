package server

import (
	"context"
	"crypto/ed25519"
	"errors"
	"fmt"

	"visavis/chat/pki"
	"visavis/chat/trust"
	"visavis/chat/wire"
	"visavis/models"
	"visavis/models/audit"
)

// auditHead shows how far the audit log goes, signed, and proves that it goes on from what the asker has seen of it: to admins alone, since its
// size tells how much happens here.
func (c *conn) auditHead(ctx context.Context, b wire.AuditHead) (any, error) {
	if len(b.Known) > wire.MaxAuditKnown {
		return nil, wire.Refuse(wire.CodeInvalid)
	}
	key, ok := c.srv.Certificate.PrivateKey.(ed25519.PrivateKey)
	if !ok {
		return nil, fmt.Errorf("server key: %w", pki.ErrKeyType)
	}
	head, err := audit.HeadOf(ctx, c.srv.store)
	if err != nil {
		return nil, auditHole(err)
	}
	reply := wire.AuditHeadReply{Pasts: make([]audit.Past, len(b.Known))}
	for i, size := range b.Known {
		if reply.Pasts[i], err = audit.PastOf(ctx, c.srv.store, size, head.Size); err != nil {
			return nil, auditHole(err)
		}
	}
	reply.Signed, err = trust.NewAuditHead(trust.AuditHead{
		Org: c.srv.hub.dir.Org(), Server: c.srv.serverID, Log: head, Time: c.srv.now(),
	}, key)
	return reply, err
}

// auditHole says that a hash which is not there is this server's own fault: the asker has named nothing that could be missing.
func auditHole(err error) error {
	if errors.Is(err, models.ErrNotFound) {
		return fmt.Errorf("the audit log's tree has a hole: %v", err)
	}
	return fmt.Errorf("read the audit log's tree: %w", err)
}
