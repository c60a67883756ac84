package server

import (
	"context"
	"crypto/ed25519"

	"visavis/chat/pki"
	"visavis/chat/trust"
	"visavis/chat/wire"
	"visavis/models"
)

// rootOpen lets the root read what it has to know before it signs. A wrong proof ends the connection: whoever tries keys makes a new one for each.
func (c *conn) rootOpen(_ context.Context, b wire.RootOpen) (any, error) {
	exporter, err := pki.Exporter(c.state, wire.ExporterLabel, nil)
	if err != nil {
		return nil, err
	}
	dir := c.srv.hub.dir
	want := trust.RootProof{Org: dir.Org(), Server: c.srv.serverID, Desk: c.desk.ID, Exporter: [32]byte(exporter)}
	got, err := trust.OpenRootProof(b.Proof, ed25519.PublicKey(dir.Root()))
	if err != nil || got != want || dir.Len() == 0 {
		c.denied("root.open")
		c.log.Warn("no proof of the root", "cause", err)
		c.cancel(wire.Refuse(wire.CodeNotAllowed))
		return nil, wire.Refuse(wire.CodeNotAllowed)
	}
	c.root = true
	c.audit("root.open", "ok")
	return wire.Empty{}, nil
}

const rootPage = 256 // statements that are looked at for one answer

// rootRead gives a page of the directory.
func (c *conn) rootRead(ctx context.Context, b wire.RootRead) (any, error) {
	last, err := c.srv.store.LastSeq(ctx, models.RoomID{})
	if err != nil {
		return nil, err
	}
	entries, err := c.srv.store.Entries(ctx, models.RoomID{}, b.After, rootPage)
	if err != nil {
		return nil, err
	}
	reply, size := wire.RootReadReply{Statements: [][]byte{}, Last: last}, 0
	for _, e := range entries {
		if size += len(e.Body) + listedRow; size > listedBytes {
			break
		}
		reply.Statements = append(reply.Statements, e.Body)
	}
	return reply, nil
}
