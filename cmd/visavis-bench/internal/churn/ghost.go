package churn

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"math"

	"visavis/chat/e2e"
	"visavis/chat/pake"
	"visavis/chat/trust"
	"visavis/chat/wire"
	"visavis/models"
)

// knock asks the server, as a client of somebody who is not in a room any more, for everything that he had there and more: to read on, for the newest
// key, and to say once more what he once said.
func (s *seat) knock(ctx context.Context) {
	if s.conn == nil || !s.live() {
		return
	}
	for _, h := range s.w.histories() {
		if h.owned[s.who.account] && h.in(s.who.account) && !h.owns(s.who.account) {
			s.vain(ctx, "makes himself an owner of room "+h.id.Short(), func() error { return s.session.SetRole(ctx, h.id, s.who.account, trust.RoleOwner) })
			s.vain(ctx, "makes rules of room "+h.id.Short(), func() error { return s.session.SetRules(ctx, h.id, trust.DefaultPolicy()) })
		}
		if len(h.members[s.who.account]) == 0 || h.in(s.who.account) || h.invited[s.who.account] != 0 {
			continue
		}
		s.w.counts.add(&s.w.counts.Asked)
		if what, err := s.ask(ctx, h); err != nil && !passing(err) {
			s.w.counts.wrong(s.who, "asks in vain, but not so: %v", err)
		} else if what != "" {
			s.w.counts.add(&s.w.counts.Granted)
			s.w.counts.wrong(s.who, "%s of room %s, in which he is no more", what, h.id.Short())
		}
	}
}

// ask says what was granted; nothing, as it has to be.
func (s *seat) ask(ctx context.Context, h *history) (granted string, err error) {
	err = s.conn.Call(ctx, wire.TypeLogFollow, wire.LogFollow{Room: h.id}, new(wire.LogFollowReply))
	if !errors.Is(err, wire.Refuse(wire.CodeNotFound)) {
		return given("reads the log", err)
	}
	spans := h.members[s.who.account]
	if out := spans[len(spans)-1].until; h.made[h.newest] > out {
		var reply wire.BoxReply
		err = s.conn.Call(ctx, wire.TypeBoxGet, wire.BoxGet{Room: h.id, Generation: h.newest}, &reply)
		if err != nil || len(reply.Boxes) > 0 {
			return given("has a box", err)
		}
	}
	for i := len(h.entries) - 1; i >= 0; i-- {
		l := h.entries[i]
		if l.kind != models.EntryMessage || l.author != s.who.account {
			continue
		}
		e, err := s.w.house.store.EntryOf(ctx, h.id, l.author, l.id)
		if err != nil {
			return "", err
		}
		if e.Kind != models.EntryMessage { // it is gone
			break
		}
		id, err := s.session.NewMessageID()
		if err != nil {
			return "", err
		}
		again := wire.LogAppend{Room: h.id, Kind: e.Kind, Message: id, Body: e.Body, Boxes: []wire.Box{}}
		err = s.conn.Call(ctx, wire.TypeLogAppend, again, new(wire.LogAppendReply))
		if !errors.Is(err, wire.Refuse(wire.CodeNotAllowed)) {
			return given("writes into the log", err)
		}
		break
	}
	return "", nil
}

// given is a request that was not refused as it should have been.
func given(what string, err error) (string, error) {
	if err != nil {
		return "", err
	}
	return what, nil
}

// haunt lets everybody walk every room with everything that there is: the whole logs and all boxes, off the server's disk, and all that they
// have themselves. Whoever opens more than is his, shows.
func (w *world) haunt(ctx context.Context) error {
	w.tell("haunt")
	for _, p := range w.people {
		if err := w.haunts(ctx, p); err != nil {
			return fmt.Errorf("%s: %w", p.name, err)
		}
	}
	return nil
}

// directory reads the directory on, up to the statement before one; zero for all of it.
func (w *world) directory(ctx context.Context, dir *trust.Directory, before uint64) error {
	entries, err := w.house.store.Entries(ctx, models.RoomID{}, dir.Len(), math.MaxInt32)
	if err != nil {
		return err
	}
	for _, e := range entries {
		if before > 0 && e.Seq >= before {
			break
		}
		if _, err := dir.Apply(e.Body); err != nil {
			return fmt.Errorf("entry %d of the directory: %w", e.Seq, err)
		}
	}
	return nil
}

// haunts is a walk of one person. Who was revoked begins it under the directory of the moment before, as one who keeps all that he has.
func (w *world) haunts(ctx context.Context, p *person) error {
	vault, err := w.vault(ctx, p)
	if err != nil {
		return err
	}
	defer vault.Wipe()
	w.counts.Vaults += vault.Version()
	dir := trust.NewDirectory(w.office.bay.Org())
	if err := w.directory(ctx, dir, w.judge.dir.gone[p.account]); err != nil {
		return err
	}
	id, _ := dir.Identity(p.account)
	ghost, err := e2e.NewSession(e2e.Config{Vault: vault, Directory: dir, Desk: w.office.bay.ID(), Random: rand.Reader, Now: w.clock.Now})
	if err != nil {
		return err
	}
	if err := w.directory(ctx, dir, 0); err != nil {
		return err
	}
	for _, h := range w.histories() {
		w.counts.Ghosts++
		room := ghost.Room(h.id)
		for after := uint64(0); after < h.last(); {
			entries, err := w.house.store.Entries(ctx, h.id, after, 1000)
			if err != nil {
				return err
			}
			for _, e := range entries[:min(len(entries), int(h.last()-after))] { // what somebody adds meanwhile is nobody's to judge
				if e.Kind == models.EntryGeneration {
					if e.Boxes, err = w.boxes(ctx, h, e, p.account, id.Boxes[0].ID); err != nil {
						return err
					}
				}
				ev, err := room.Apply(e)
				if err != nil {
					w.counts.wrong(p, "walks room %s to entry %d: %v", h.id.Short(), e.Seq, err)
					break
				}
				w.judge.haunted(h, e.Seq, p, ev)
			}
			after = entries[len(entries)-1].Seq
		}
		room.Wipe()
	}
	return nil
}

// boxes are a generation's, as somebody finds them who has the server's disk: his own, and another's of which he says that it is his.
func (w *world) boxes(ctx context.Context, h *history, e models.Entry, a models.AccountID, key models.Hash) ([]models.Box, error) {
	id := trust.GenerationID(e.Body)
	var stolen []models.Box
	for _, other := range h.here() {
		if other == a {
			continue
		}
		boxes, err := w.house.store.BoxFor(ctx, h.id, id, other)
		if err != nil {
			return nil, err
		}
		if len(boxes) > 0 {
			boxes[0].Account, boxes[0].Key = a, key
			stolen = boxes[:1]
			break
		}
	}
	own, err := w.house.store.BoxFor(ctx, h.id, id, a)
	if j := w.judge; len(own) > 0 && j.dir.without(a, j.dir.places[h.entries[e.Seq-1].dir]) {
		j.counts.leak(w.byAccount[a], h, e.Seq)
	}
	return append(stolen, own...), err
}

// haunted judges what a ghost was shown.
func (j *judge) haunted(h *history, seq uint64, who *person, ev e2e.Event) {
	if ev.Kind != e2e.EventMessage {
		return
	}
	if _, may := j.rights(h, seq, who.account); !may {
		j.counts.leak(who, h, seq)
	}
}

// vault opens the vault that the store holds, by the password and the pepper, as its person's desk does.
func (w *world) vault(ctx context.Context, p *person) (*e2e.Vault, error) {
	desk := p.seats[0].bay.now()
	c, err := desk.Connect(ctx)
	if err != nil {
		return nil, err
	}
	defer c.Close()
	attempt, ke1, err := pake.NewClient(desk.Org(), w.suites()...).Start([]byte(p.password))
	if err != nil {
		return nil, err
	}
	var answer wire.LoginReply
	if err := c.Call(ctx, wire.TypeLoginStart, wire.LoginStart{Name: p.name, KE1: ke1}, &answer); err != nil {
		return nil, err
	}
	var params pake.Params
	if err := trust.Decode(answer.Params, len(answer.Params), &params); err != nil {
		return nil, err
	}
	ke3, _, export, err := attempt.Finish(pake.Answer{Account: answer.Account, Params: params, KE2: answer.KE2})
	if err != nil {
		return nil, err
	}
	defer clear(export[:])
	err = c.Call(ctx, wire.TypeLoginPassword, wire.LoginPassword{Login: answer.Login, KE3: ke3}, new(wire.Empty))
	if err != nil && !(p.ends != nil && banned(err)) { // who is revoked has his password still, and all that the server has on its disk
		return nil, err
	}
	stored, err := w.house.store.VaultOf(ctx, p.account)
	if err != nil {
		return nil, err
	}
	return e2e.OpenVault(stored, e2e.Unlock{Export: export[:], Pepper: w.pepper})
}
