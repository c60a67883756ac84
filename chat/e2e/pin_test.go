package e2e

import (
	"errors"
	"slices"
	"testing"

	"visavis/chat/trust"
	"visavis/models"
)

// readAll reads a copy of the room's log from its beginning, in a new log-in, as far as it goes.
func (p *actor) readAll(log []models.Entry) (fresh *actor, warned []uint64, err error) {
	fresh = p.login()
	for _, e := range log {
		e.Boxes = slices.DeleteFunc(slices.Clone(e.Boxes), func(b models.Box) bool { return b.Account != p.vault.Account })
		ev, err := fresh.r.Apply(e)
		if err != nil {
			return fresh, warned, err
		}
		if ev.Warn.Has(WarnLess) {
			warned = append(warned, ev.Seq)
		}
	}
	return fresh, warned, nil
}

// A server hands out a wrong copy of a log, of which somebody's log-in keeps a pin, and comes back to the truth. The room is open to him, and he is told, once;
// and what he has seen since is not taken back.
func TestPinOfAWrongCopy(t *testing.T) {
	for name, spoil := range map[string]func(log []models.Entry, rule int){
		"a statement is changed":       func(log []models.Entry, rule int) { log[rule].Body[60] ^= 1 },
		"a statement comes as another": func(log []models.Entry, rule int) { log[rule].Body = log[rule-1].Body },
		"the room's beginning is":      func(log []models.Entry, _ int) { log[0].Body[60] ^= 1 },
		"a statement and the next one": func(log []models.Entry, rule int) { log[rule], log[rule+1].Body = log[rule+1], log[rule].Body },
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			room := w.newRoom(w.enrol("bob"))
			a, b := room[0], room[1]
			a.say("one")
			a.read()
			rule := len(w.log)
			a.do(a.r.SetPolicy(trust.Policy{History: trust.HistoryAll, Invite: trust.RoleOwner}))
			b.say("two")
			wrong := make([]models.Entry, len(w.log))
			for i, e := range w.log {
				e.Body = slices.Clone(e.Body)
				wrong[i] = e
			}
			spoil(wrong, rule)
			for i := range wrong {
				wrong[i].Seq = uint64(i + 1)
			}
			b, _, err := b.readAll(wrong)
			if err != nil {
				t.Fatalf("the wrong copy, never seen: %v", err)
			}
			b.r.Pin()

			a.say("three")
			a.say("four")
			if _, _, err := b.readAll(wrong); err != nil {
				t.Errorf("the wrong copy again: %v", err)
			}
			fresh, warned, err := b.readAll(w.log)
			if err != nil {
				t.Fatalf("the truth: %v", err)
			}
			if len(warned) != 1 || warned[0] < uint64(len(wrong)) {
				t.Errorf("warned at %v, behind %d", warned, len(wrong))
			}
			fresh.say("it is open")
			fresh.read()
			fresh.r.Pin()
			wrong = append(wrong, w.log[len(wrong):]...)
			if _, _, err := b.readAll(wrong); !errors.Is(err, ErrFork) {
				t.Errorf("what was seen is taken back: %v", err)
			}
			if _, warned, err := b.readAll(w.log); err != nil || len(warned) != 0 {
				t.Errorf("the truth again: %v, warned at %v", err, warned)
			}
		})
	}
}
