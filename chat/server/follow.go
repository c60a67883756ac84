package server

import "visavis/models"

// follow is a room that a connection reads, and how far it has.
type follow struct {
	log    *roomLog
	cursor uint64
}

// writeFollows gives every followed room one turn. What is answered already goes out first: so the reply to a follow comes before
// its first entry.
func (c *conn) writeFollows() error {
	follows := c.followed()
	if err := c.put(c.gather(nil)); err != nil {
		return err
	}
	for _, f := range follows {
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
	if c.follows[f.log.id] != f || c.ctx.Err() != nil { // or it ends: who is revoked is given nothing of what comes after
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

// reads says whether the connection follows a room.
func (c *conn) reads(id models.RoomID) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.follows[id] != nil
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
