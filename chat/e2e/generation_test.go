package e2e

import (
	"bytes"
	"errors"
	"testing"

	"visavis/chat/trust"
	"visavis/models"
)

// forgeGeneration makes a generation after change has had its way with it.
func (p *actor) forgeGeneration(change func(*trust.Generation), secret []byte) models.Entry {
	p.w.t.Helper()
	by := p.s.Author()
	g := p.r.state.NextGeneration(by.Account, p.w.dir)
	g.Stream, g.Time = p.s.stream, by.At
	g.Commitment = must(commitment(bytes.Repeat([]byte{5}, secretSize), g.Room, g.Number))(p.w.t)
	if change != nil {
		change(&g)
	}
	e := must(p.r.entry(models.EntryGeneration, trust.SignGeneration(g, by.Key)))(p.w.t)
	g.Hash = trust.GenerationID(e.Body)
	for _, to := range p.r.state.Recipients(p.w.dir) {
		key := to.Boxes[0]
		sealed := must(seal(key.Key, infoOf(g, to.Account, key.ID), secret))(p.w.t)
		e.Boxes = append(e.Boxes, models.Box{Room: p.r.id, Generation: g.Hash, Account: to.Account, Key: key.ID, Body: sealed})
	}
	return e
}

func TestAttacksOnGenerations(t *testing.T) {
	good := bytes.Repeat([]byte{5}, secretSize)
	for _, tt := range []struct {
		name   string
		attack func(w *world, a, b *actor) models.Entry
		cause  Cause
	}{
		{"honest", func(_ *world, _, b *actor) models.Entry { return b.forgeGeneration(nil, good) }, CauseNone},
		{"injected by one who is no member", func(w *world, a, b *actor) models.Entry {
			ghost := w.enrol("ghost").login()
			ghost.read()
			return ghost.forgeGeneration(nil, good)
		}, CauseNotMember},
		{"injected under a member's name", func(_ *world, a, b *actor) models.Entry {
			e := b.forgeGeneration(func(g *trust.Generation) { g.Maker = a.vault.Account }, good)
			e.Author = a.vault.Account
			return e
		}, CauseForged},
		{"wrong commitment", func(_ *world, _, b *actor) models.Entry {
			return b.forgeGeneration(func(g *trust.Generation) { g.Commitment[0]++ }, good)
		}, CauseCommitment},
		{"another secret in the box", func(_ *world, _, b *actor) models.Entry {
			return b.forgeGeneration(nil, bytes.Repeat([]byte{6}, secretSize))
		}, CauseCommitment},
		{"short secret in the box", func(_ *world, _, b *actor) models.Entry { return b.forgeGeneration(nil, good[:16]) }, CauseCommitment},
		{"box moved from another generation", func(w *world, a, b *actor) models.Entry {
			old := b.forgeGeneration(nil, good)
			e := b.forgeGeneration(func(g *trust.Generation) { g.Stream[0]++; g.Time = g.Time.Add(1e9) }, good)
			for i := range e.Boxes {
				e.Boxes[i].Body = old.Boxes[len(old.Boxes)-1-i].Body
			}
			return e
		}, CauseBox},
		{"no box", func(_ *world, _, b *actor) models.Entry {
			e := b.forgeGeneration(nil, good)
			e.Boxes = nil
			return e
		}, CauseNoKey},
		{"for an old roster", func(w *world, a, b *actor) models.Entry {
			e := b.forgeGeneration(nil, good)
			a.do(a.r.Invite(w.enrol("carol").vault.Account, trust.RoleMember))
			return e
		}, CauseLostRace},
		{"skips a number", func(_ *world, _, b *actor) models.Entry {
			return b.forgeGeneration(func(g *trust.Generation) { g.Number++ }, good)
		}, CauseLostRace},
		{"of another room", func(_ *world, _, b *actor) models.Entry {
			return b.forgeGeneration(func(g *trust.Generation) { g.Room[0]++ }, good)
		}, CauseMoved},
		{"of another organisation", func(_ *world, _, b *actor) models.Entry {
			return b.forgeGeneration(func(g *trust.Generation) { g.Org[0]++ }, good)
		}, CauseMoved},
		{"under an outdated directory head", func(w *world, _, b *actor) models.Entry {
			return b.forgeGeneration(func(g *trust.Generation) { g.Dir = w.dir.Org() }, good)
		}, CauseLostRace},
	} {
		t.Run(tt.name, func(t *testing.T) {
			w := newWorld(t)
			room := w.newRoom(w.enrol("bob"))
			a, b := room[0], room[1]
			w.post(tt.attack(w, a, b))
			before, _ := a.r.state.Current()
			ev := a.last()
			if ev.Cause != tt.cause {
				t.Fatalf("got %v (kind %d), want %v", ev.Cause, ev.Kind, tt.cause)
			}
			if now, _ := a.r.state.Current(); ev.Kind == EventSkipped && now.Hash != before.Hash {
				t.Fatal("a skipped generation became current")
			}
			// Whatever happened, the room is not wedged: the next send makes a generation of its own where it must.
			a.say("still here")
			if ev := b.last(); ev.Kind != EventMessage {
				t.Fatalf("the room is wedged: %v", ev.Cause)
			}
		})
	}
}

func TestGhostMemberCanNotBeAdded(t *testing.T) {
	w := newWorld(t)
	bob := w.enrol("bob")
	room := w.newRoom(bob)
	a := room[0]
	ghost := w.enrol("ghost").login()
	ghost.read()
	if _, err := ghost.r.Join(); !errors.Is(err, trust.ErrNotAllowed) {
		t.Fatalf("joins uninvited: %v", err)
	}
	// The server gives itself a state in which the ghost is invited, and lets it join there.
	before := len(a.r.state.Members())
	invite := must(a.r.Invite(ghost.vault.Account, trust.RoleMember))(t)
	invite.Seq = ghost.r.next
	if _, err := ghost.r.Apply(invite); err != nil {
		t.Fatal(err)
	}
	ghost.do(ghost.r.Join())
	if ev := a.last(); ev.Kind != EventSkipped || len(a.r.state.Members()) != before {
		t.Fatalf("a join without its invitation in the log: %+v", ev)
	}
}

func TestRaceForOneGeneration(t *testing.T) {
	w := newWorld(t)
	room := w.newRoom(w.enrol("bob"), w.enrol("carol"))
	a, b, c := room[0], room[1], room[2]
	w.admin.login()
	c.do(c.r.Leave())
	a.read()
	b.read()
	first, second := must(a.r.Generation())(t), must(b.r.Generation())(t)
	w.post(first)
	w.post(second)
	a.read()
	b.read()
	ga, _ := a.r.state.Current()
	gb, _ := b.r.state.Current()
	if ga.Hash != gb.Hash || ga.Hash != trust.GenerationID(first.Body) {
		t.Fatal("the first of two generations is not everyone's current one")
	}
	b.say("after the race")
	if ev := a.last(); ev.Kind != EventMessage {
		t.Fatalf("after a race: %v", ev.Cause)
	}
}

func TestGenerationsEnd(t *testing.T) {
	w := newWorld(t)
	a := w.newRoom()[0]
	if a.r.NeedsGeneration() {
		t.Fatal("needs a generation at once")
	}
	for range GenerationMessages {
		a.r.since++
	}
	if !a.r.NeedsGeneration() {
		t.Fatal("a generation has no last message")
	}
	a.rekey()
	w.now = w.now.Add(GenerationAge)
	if !a.r.NeedsGeneration() {
		t.Fatal("a generation has no age")
	}
}

func TestBoxesAreComplete(t *testing.T) {
	w := newWorld(t)
	room := w.newRoom(w.enrol("bob"))
	a := room[0]
	e := must(a.r.Generation())(t)
	id := trust.GenerationID(e.Body)
	if err := a.r.state.CheckBoxes(id, e.Boxes, w.dir); err != nil {
		t.Fatal(err)
	}
	twice := append(e.Boxes[:1:1], e.Boxes[0])
	for name, boxes := range map[string][]models.Box{"none": nil, "one missing": e.Boxes[:1], "one twice": twice} {
		if err := a.r.state.CheckBoxes(id, boxes, w.dir); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
}
