package churn

import (
	"context"
	"errors"

	"visavis/chat/client"
	"visavis/chat/e2e"
	"visavis/chat/trust"
	"visavis/chat/wire"
	"visavis/models"
)

// banned says that an error is what somebody hears whose account is revoked.
func banned(err error) bool {
	return errors.Is(err, wire.Refuse(wire.CodeNotAdmitted)) || errors.Is(err, e2e.ErrIdentity) || errors.Is(err, trust.ErrRevoked)
}

// banish revokes an account while its person is at work.
func (w *world) banish(ctx context.Context) error {
	p := w.victim()
	if p == nil {
		return nil
	}
	p.ending.Store(true)
	err := w.official(ctx, func(admin *client.Session) error {
		return w.freshly(ctx, admin, func() error { return admin.RevokeAccount(ctx, p.account) })
	})
	if err != nil {
		return err
	}
	w.counts.add(&w.counts.Banished)
	if err := w.readLogs(ctx); err != nil {
		return err
	}
	p.ends, p.silent = map[models.RoomID]uint64{}, map[models.RoomID]uint64{}
	for _, h := range w.histories() {
		p.ends[h.id] = h.last()
	}
	return nil
}

// victim draws somebody whose account can be revoked: others are left, in each room an owner among them. It is nil for nobody.
func (w *world) victim() *person {
	var left, out []*person
	for _, p := range w.people {
		if !p.ending.Load() {
			left = append(left, p)
		}
	}
	for _, p := range left {
		if !w.alone(p) {
			out = append(out, p)
		}
	}
	if len(left) <= leastMembers || len(out) == 0 {
		return nil
	}
	return out[w.random.IntN(len(out))]
}

// alone says whether somebody is the last owner of a room.
func (w *world) alone(p *person) bool {
	for _, h := range w.histories() {
		others := 0
		for _, a := range h.owners() {
			if a != p.account && !w.byAccount[a].ending.Load() {
				others++
			}
		}
		if h.owns(p.account) && others == 0 {
			return true
		}
	}
	return false
}

// depart looks that a revoked person is out: his session has ended by itself, and nothing brings it or another one back.
func (s *seat) depart(ctx context.Context) {
	if s.who.ends == nil || s.empty {
		return
	}
	ctx, cancel := s.w.patiently(ctx)
	defer cancel()
	s.empty = true
	for range s.outbox {
		s.w.counts.add(&s.w.counts.Given)
	}
	s.outbox = nil
	if s.session != nil {
		s.expelled(ctx)
	}
	s.vain(ctx, "logs in", func() error {
		err := s.logIn(ctx)
		if err == nil {
			s.session.Close()
			s.leave()
		}
		return err
	})
}

// expelled looks that a revoked person's session is over.
func (s *seat) expelled(ctx context.Context) {
	select {
	case <-s.session.Done():
	case <-ctx.Done():
		s.w.counts.add(&s.w.counts.Granted)
		s.w.counts.wrong(s.who, "was revoked, and still sits at %s", s.bay.Name())
	}
	x, goesOn := s.session.Suspend()
	s.leave()
	if !goesOn {
		return
	}
	defer x.Wipe()
	s.vain(ctx, "resumes his session", func() error {
		session, err := x.Resume(ctx)
		if err == nil {
			session.Close()
		}
		return err
	})
}

// vain counts an attempt at what is not the person's any more, and is to be refused.
func (s *seat) vain(ctx context.Context, what string, attempt func() error) {
	s.w.counts.add(&s.w.counts.Asked)
	err := attempt()
	switch {
	case err == nil:
		s.w.counts.add(&s.w.counts.Granted)
		s.w.counts.wrong(s.who, "%s, which is not his any more", what)
	case banned(err), refused(err), errors.Is(err, client.ErrOver), ctx.Err() == nil && passing(err):
	default:
		s.w.counts.wrong(s.who, "%s in vain, but not so: %v", what, err)
	}
}
