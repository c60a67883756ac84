package e2e

import (
	"bytes"
	"errors"
	"slices"
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
	for _, to := range p.r.state.Recipients(p.w.dir, p.w.now) {
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

// junkGeneration is one whose boxes open for those alone who are named.
func junkGeneration(m *actor, opens ...models.AccountID) models.Entry {
	m.w.t.Helper()
	e := must(m.r.Generation())(m.w.t)
	for i := range e.Boxes {
		if !slices.Contains(opens, e.Boxes[i].Account) {
			e.Boxes[i].Body[1100] ^= 1
		}
	}
	return e
}

// A member posts one generation after the other whose boxes open for himself alone. The others go on under the last good one: none of them
// needs a generation of his own before each message, and with it to win a race each time.
func TestJunkGenerationsStopNobody(t *testing.T) {
	w := newWorld(t)
	room := w.newRoom(w.enrol("bob"), w.enrol("mallory"))
	a, b, m := room[0], room[1], room[2]
	for i := range 20 {
		m.read()
		w.post(junkGeneration(m, m.vault.Account))
		from, to := a, b
		if i%2 == 1 {
			from, to = b, a
		}
		from.read()
		if from.r.NeedsGeneration() || from.r.Waiting() {
			t.Fatalf("after %d broken generations another is needed", i+1)
		}
		from.do(from.r.Seal(Draft{Kind: KindText, Content: []byte("on")}))
		if ev := to.last(); ev.Kind != EventMessage || ev.Warn != 0 {
			t.Fatalf("round %d: %v, %v", i, ev.Cause, ev.Warn)
		}
	}
	if ev := m.last(); ev.Kind != EventMessage {
		t.Fatalf("mallory reads on: %v", ev.Cause)
	}
}

// A generation that opens for some splits the room: who cannot open it makes another after a while, once.
func TestSplittingGenerationIsReplaced(t *testing.T) {
	w := newWorld(t)
	room := w.newRoom(w.enrol("bob"), w.enrol("mallory"))
	a, b, m := room[0], room[1], room[2]
	w.post(junkGeneration(m, m.vault.Account, a.vault.Account))
	a.say("bob does not read this")
	if ev := b.last(); ev.Cause != CauseNoKey || b.r.NeedsGeneration() {
		t.Fatalf("%v, needs a generation %v", ev.Cause, b.r.NeedsGeneration())
	}
	w.now = w.now.Add(GenerationRetry)
	if a.r.NeedsGeneration() || !b.r.NeedsGeneration() {
		t.Fatalf("who makes another: alice %v, bob %v", a.r.NeedsGeneration(), b.r.NeedsGeneration())
	}
	lost := must(b.r.Generation())(t)
	if b.r.NeedsGeneration() {
		t.Fatal("bob, whose generation was not taken, tries without end")
	}
	w.post(lost)
	b.read()
	a.say("now he does")
	if ev := b.last(); ev.Kind != EventMessage || ev.Warn != 0 {
		t.Fatalf("after bob's generation: %v, %v", ev.Cause, ev.Warn)
	}
}

// Older generations serve only as long as the current one would: while roster and keys are what they were made for.
func TestOlderGenerationIsNotUsedAfterAChange(t *testing.T) {
	for name, change := range map[string]func(w *world, a, b, m *actor){
		"roster": func(w *world, a, b, m *actor) { b.do(b.r.Leave()) },
		"revocation": func(w *world, a, b, m *actor) {
			w.apply(must(w.dir.SignRevokeAccount(a.vault.Account, a.vault.Keys.Signing(), b.vault.Account, w.now))(t))
		},
		"age":   func(w *world, a, b, m *actor) { w.now = w.now.Add(GenerationAge) },
		"count": func(w *world, a, b, m *actor) { a.r.uses[a.r.newest] = use{w.now, GenerationMessages} },
	} {
		w := newWorld(t)
		room := w.newRoom(w.enrol("bob"), w.enrol("mallory"))
		a, b, m := room[0], room[1], room[2]
		w.post(junkGeneration(m, m.vault.Account))
		a.read()
		b.read()
		a.r.stuck = w.now.Add(GenerationAge) // not the reason
		if a.r.NeedsGeneration() {
			t.Fatalf("%s: needed before", name)
		}
		change(w, a, b, m)
		a.read()
		if _, err := a.r.Seal(Draft{Kind: KindText}); !errors.Is(err, ErrNeedsGeneration) {
			t.Errorf("%s: seals under an older generation: %v", name, err)
		}
	}
}

// One of two that race for a place opens for nobody: the other, which lost, serves.
func TestLoserOfARaceServes(t *testing.T) {
	w := newWorld(t)
	room := w.newRoom(w.enrol("bob"), w.enrol("mallory"))
	a, b, m := room[0], room[1], room[2]
	a.do(a.r.Invite(w.enrol("carol").vault.Account, trust.RoleMember))
	for _, x := range room {
		x.read()
	}
	junk, good := junkGeneration(m, m.vault.Account), must(b.r.Generation())(t)
	w.post(junk)
	w.post(good)
	a.read()
	b.read()
	if a.r.NeedsGeneration() || b.r.NeedsGeneration() {
		t.Fatal("the generation that came second opens, and is not used")
	}
	a.do(a.r.Seal(Draft{Kind: KindText}))
	if ev := b.last(); ev.Kind != EventMessage {
		t.Fatal(ev.Cause)
	}
}

// A server whose clock runs ahead would keep one generation in use for ever.
func TestGenerationFromTheFutureEnds(t *testing.T) {
	w := newWorld(t)
	a := w.newRoom(w.enrol("bob"))[0]
	w.post(must(a.r.Generation())(t))
	w.log[len(w.log)-1].At = w.now.Add(1000 * GenerationAge)
	a.read()
	if a.r.NeedsGeneration() {
		t.Fatal("needs a generation at once")
	}
	w.now = w.now.Add(GenerationAge)
	if !a.r.NeedsGeneration() {
		t.Fatal("a generation from the future does not end")
	}
}

func TestGenerationsEnd(t *testing.T) {
	w := newWorld(t)
	a := w.newRoom()[0]
	if a.r.NeedsGeneration() {
		t.Fatal("needs a generation at once")
	}
	a.r.uses[a.r.newest] = use{w.now, GenerationMessages}
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
	if err := a.r.state.CheckBoxes(e.Body, e.Boxes, w.dir); err != nil {
		t.Fatal(err)
	}
	twice := append(e.Boxes[:1:1], e.Boxes[0])
	for name, boxes := range map[string][]models.Box{"none": nil, "one missing": e.Boxes[:1], "one twice": twice} {
		if err := a.r.state.CheckBoxes(e.Body, boxes, w.dir); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
}

// The server takes no more generations this hour: what fits goes on though it is used up, and what does not fit does not.
func TestPostponedGeneration(t *testing.T) {
	w := newWorld(t)
	room := w.newRoom(w.enrol("bob"))
	a, b := room[0], room[1]
	a.say("before")
	w.now = w.now.Add(GenerationAge)
	if !a.r.NeedsGeneration() {
		t.Fatal("a day old, and none is needed")
	}
	a.r.Postpone()
	if a.r.NeedsGeneration() {
		t.Fatal("what fits does not go on")
	}
	a.do(a.r.Seal(Draft{Kind: KindText, Content: []byte("on")}))
	w.now = w.now.Add(GenerationRetry)
	if !a.r.NeedsGeneration() {
		t.Fatal("postponed for ever")
	}
	a.r.Postpone()
	b.do(b.r.Leave())
	a.read()
	if !a.r.NeedsGeneration() {
		t.Fatal("who left is sealed to")
	}
}
