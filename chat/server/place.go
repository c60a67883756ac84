package server

import (
	"context"
	"fmt"
	"time"

	"visavis/chat/wire"
)

// A desk is in one place. Its home is the address that somebody last logged in from, or that it was enrolled from. A connection from another address
// than one that stands already is a guest: it may do nothing but resume the desk's session, which proves what only that desk's memory holds, until the
// other one is gone. A stolen key used elsewhere gets no further while the desk is there, and not for long when it was there first: whoever connects
// from home makes guests of the others. A desk that has moved is a guest for as long as its old connection takes to be found dead; with a session it
// is at once what it was.

// A peer that is gone without a word is found dead after 20 seconds, by TCP's own probes; a desk asks after its server in the same way.
const (
	aliveEvery = 5 * time.Second
	aliveTries = 3
)

// atHome says that an address is where the desk of c belongs, as it was when c was made.
func (c *conn) atHome(at origin) bool { return c.desk.Origin == "" || c.desk.Origin == at.String() }

// seat says whether c is a guest, and makes guests of others where it is not. Server.mu is held.
func (s *Server) seat(c *conn) (elsewhere *conn) {
	for o := range s.conns {
		if o == c || o.enrol || c.enrol || o.desk.ID != c.desk.ID || o.origin == c.origin || o.guest.Load() {
			continue
		}
		elsewhere = o
		if s.Config.Desk.Elsewhere == "noted" {
			continue
		}
		if c.atHome(c.origin) && !c.atHome(o.origin) {
			o.guest.Store(true)
		} else {
			c.guest.Store(true)
		}
	}
	return elsewhere
}

// noteSeat writes into the audit that a desk is at two addresses at once, or at another than before. Each desk's, a few times an hour.
func (c *conn) noteSeat(elsewhere *conn) {
	if c.enrol || elsewhere == nil && c.atHome(c.origin) || c.srv.placed.take(c.desk.ID, c.srv.now()) > 0 {
		return
	}
	if elsewhere == nil {
		c.auditOf("desk.address", "noted", fmt.Sprintf("from %s, before from %s", c.origin, c.desk.Origin))
		return
	}
	outcome, who := "noted", c
	switch {
	case c.guest.Load():
		outcome = "denied"
	case elsewhere.guest.Load():
		outcome, who = "denied", elsewhere
	}
	c.auditOf("desk.elsewhere", outcome, fmt.Sprintf("from %s and %s at once; %s %s", elsewhere.origin, c.origin, who.origin, outcome))
}

// isGuest says whether another connection of the desk, from another address, stands before c.
func (c *conn) isGuest() bool {
	if !c.guest.Load() {
		return false
	}
	c.srv.mu.Lock()
	defer c.srv.mu.Unlock()
	for o := range c.srv.conns {
		if o != c && !o.enrol && o.desk.ID == c.desk.ID && o.origin != c.origin && !o.guest.Load() {
			return true
		}
	}
	c.guest.Store(false)
	return false
}

// settle makes this connection's address the desk's home: its person has just proven who it is, or its desk what nobody else has. What still stands
// elsewhere, and has not proven as much as late, ends.
func (c *conn) settle(ctx context.Context) {
	if c.srv.Config.Desk.Elsewhere != "noted" {
		c.guest.Store(false)
		c.srv.each(func(o *conn) {
			if o != c && !o.enrol && o.desk.ID == c.desk.ID && o.origin != c.origin {
				o.log.Warn("cut: its desk is elsewhere", "by", c.id)
				o.cancel(wire.Refuse(wire.CodeElsewhere))
			}
		})
	}
	home := c.origin.String()
	if c.desk.Origin == home {
		return
	}
	if err := c.srv.store.SetDeskOrigin(ctx, c.desk.ID, home); err != nil {
		c.log.Error("desk's address not kept", "cause", err)
		return
	}
	c.desk.Origin = home
}
