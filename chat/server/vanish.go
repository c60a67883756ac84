package server

import (
	"context"
	"errors"
	"time"

	"visavis/chat/trust"
	"visavis/models"
)

// vanishChunk bounds the messages that vanish in one transaction.
const vanishChunk = 256

// ends is when a message is to vanish here: after the maximum age that its generation's policy says; never where it says none. An author's own,
// shorter time stands inside the token, where the server does not see it.
func (h *hub) ends(e models.Entry, at time.Time) time.Time {
	if e.Kind != models.EntryMessage {
		return time.Time{}
	}
	m, err := trust.ParseMessage(e.Body)
	if err != nil {
		return time.Time{}
	}
	h.mu.RLock()
	defer h.mu.RUnlock()
	r := h.rooms[e.Room]
	if r == nil {
		return time.Time{}
	}
	g, ok := r.state.Generation(m.Generation)
	if !ok || g.Policy.MaxAge == 0 {
		return time.Time{}
	}
	return at.Add(time.Duration(g.Policy.MaxAge) * time.Second)
}

// watchEnds lets messages vanish whose time is over, by the server's clock, and overwrites what a reader of the database has held.
func (s *Server) watchEnds(ctx context.Context) {
	tick := time.NewTicker(s.vanishEvery)
	defer tick.Stop()
	told := false
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
			s.vanish(ctx)
			held := s.store.Held()
			if held && !told {
				s.log.Warn("what was deleted is in the database's log as long as another program reads the database")
			}
			if told = held; held {
				s.scrub(ctx)
			}
		}
	}
}

// scrub overwrites what was deleted or replaced. What somebody holds is tried again at the next tick.
func (s *Server) scrub(ctx context.Context) {
	if err := s.store.Forget(ctx); err != nil && !errors.Is(err, models.ErrHeld) && ctx.Err() == nil {
		s.log.Error("what was deleted may still be in the database's log", "cause", err)
	}
}

// vanish forgets what is over: in the store, and then in the memory of the logs, which are read from the store up to there. A server that stops in
// between finds the rest when it starts.
func (s *Server) vanish(ctx context.Context) {
	for ctx.Err() == nil {
		over, err := s.store.Ended(ctx, s.now(), vanishChunk)
		if err != nil || len(over) == 0 {
			s.vanishFailed(ctx, err)
			return
		}
		left := make([]models.Entry, 0, len(over))
		last := map[models.RoomID]uint64{}
		for _, e := range over {
			x, err := trust.Expire(e)
			if err != nil {
				s.vanishFailed(ctx, err)
				return
			}
			left = append(left, x)
			last[e.Room] = max(last[e.Room], e.Seq)
		}
		if err := s.store.Vanish(ctx, left); err != nil {
			s.vanishFailed(ctx, err)
			return
		}
		s.hub.forget(last)
	}
}

func (s *Server) vanishFailed(ctx context.Context, err error) {
	if err != nil && ctx.Err() == nil {
		s.log.Error("messages that are over still stand", "cause", err)
	}
}

// forget drops what the logs hold in memory up to an entry each.
func (h *hub) forget(last map[models.RoomID]uint64) {
	h.mu.RLock()
	defer h.mu.RUnlock()
	for id, seq := range last {
		if r := h.rooms[id]; r != nil {
			r.log.forget(seq)
		}
	}
}

// forget drops entries up to seq from memory; cursors that stand before them read on from the store.
func (l *roomLog) forget(seq uint64) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if seq > l.base {
		l.cut(min(int(seq-l.base), len(l.ends)), 0)
	}
	l.account()
}
