package e2e

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"visavis/chat/trust"
	"visavis/models"
)

func TestConversation(t *testing.T) {
	w := newWorld(t)
	bob := w.enrol("bob")
	room := w.newRoom(bob)
	a, b := room[0], room[1]
	for i, text := range []string{"hello", "", strings.Repeat("long ", 700), "žluťoučký kůň"} {
		from, to := a, b
		if i%2 == 1 {
			from, to = b, a
		}
		from.say(text)
		ev := to.last()
		if ev.Kind != EventMessage || string(ev.Message.Content) != text || ev.Warn != 0 || ev.Author != from.vault.Account {
			t.Fatalf("%q arrives as %+v", text, ev)
		}
		if ev := from.last(); ev.Kind != EventMessage || ev.Message.Counter != uint64(i/2) {
			t.Fatalf("own message: %+v", ev)
		}
	}
}

func TestNewcomerWaitsAndReadsOn(t *testing.T) {
	w := newWorld(t)
	bob, carol := w.enrol("bob"), w.enrol("carol")
	room := w.newRoom(bob)
	a, b := room[0], room[1]
	a.say("before carol")
	b.read()
	b.do(b.r.Invite(carol.vault.Account, trust.RoleMember))
	c := carol.login()
	c.read()
	c.do(c.r.Join())
	if ev := c.last(); ev.Change.Kind != trust.ChangeJoined || !c.r.Waiting() {
		t.Fatalf("after joining: %+v, waiting %v", ev, c.r.Waiting())
	}
	a.say("welcome")
	events := c.read()
	if ev := events[len(events)-1]; ev.Kind != EventMessage || string(ev.Message.Content) != "welcome" || ev.Warn != 0 || c.r.Waiting() {
		t.Fatalf("newcomer's first message: %+v", ev)
	}
	fresh := carol.login()
	for _, ev := range fresh.read() {
		if ev.Kind == EventMessage && string(ev.Message.Content) == "before carol" {
			t.Fatal("a newcomer reads what was said before")
		}
	}
}

func TestLeaverReadsNoMore(t *testing.T) {
	w := newWorld(t)
	bob := w.enrol("bob")
	room := w.newRoom(bob)
	a, b := room[0], room[1]
	b.say("bye")
	b.read()
	b.do(b.r.Leave())
	a.read()
	if !a.r.NeedsGeneration() {
		t.Fatal("no new generation after a member left")
	}
	if _, err := a.r.Seal(Draft{Kind: KindText, Content: []byte("early")}); !errors.Is(err, ErrNeedsGeneration) {
		t.Fatalf("sealing under the leaver's generation: %v", err)
	}
	a.say("alone")
	if ev := b.last(); ev.Kind == EventMessage {
		t.Fatal("the leaver reads on")
	}
	if _, err := b.r.Seal(Draft{Kind: KindText}); !errors.Is(err, ErrNotMember) {
		t.Fatalf("the leaver sends: %v", err)
	}
}

func TestRevokedMemberGetsNoBox(t *testing.T) {
	w := newWorld(t)
	bob := w.enrol("bob")
	room := w.newRoom(bob)
	a, b := room[0], room[1]
	w.apply(must(w.dir.SignRevokeAccount(w.admin.vault.Account, w.admin.vault.Keys.Signing(), bob.vault.Account, w.now))(t))
	if !a.r.NeedsGeneration() {
		t.Fatal("no new generation after a revocation")
	}
	old := must(b.r.forgeable(Draft{Kind: KindText, Content: []byte("still here")}))(t)
	a.say("without bob")
	if ev := b.last(); ev.Kind == EventMessage {
		t.Fatal("the revoked member reads on")
	}
	w.post(old)
	if a.read(); a.r.next != uint64(len(w.log)+1) {
		t.Fatal("walk stopped")
	}
	if got := lastEvent(w, a); got.Cause != CauseNotMember {
		t.Fatalf("message of a revoked member under an old head: %v", got.Cause)
	}
}

// lastEvent reads the whole log afresh and returns the last event.
func lastEvent(w *world, p *actor) Event {
	fresh := &actor{w: w, name: p.name, vault: p.vault}
	return fresh.login().last()
}

// forgeable seals although a generation is needed.
func (r *Room) forgeable(d Draft) (models.Entry, error) {
	return r.forge(d, nil)
}

// forge seals a message after change has had its way with the body; author and message id of the entry follow the body.
func (r *Room) forge(d Draft, change func(*messageBody)) (models.Entry, error) {
	e, err := r.entry(models.EntryMessage, nil)
	if err != nil {
		return e, err
	}
	g, _ := r.state.Current()
	by := r.s.Author()
	b := r.body(d, e.Message, g, by)
	if change != nil {
		change(&b)
	}
	e.Body, err = sealBody(signBody(b, by.Key), r.secrets[g.Hash], g, by.At)
	return e, err
}

// again is an entry as the server would store it a second time.
func again(e models.Entry) models.Entry {
	e.Seq = 0
	return e
}

func TestAttacksOnMessages(t *testing.T) {
	text := Draft{Kind: KindText, Content: []byte("x")}
	for _, tt := range []struct {
		name   string
		attack func(w *world, a, b, m *actor) models.Entry // the attacker is m, a member, or the server
		cause  Cause
	}{
		{"honest", func(w *world, a, b, m *actor) models.Entry { return must(m.r.forge(text, nil))(t) }, CauseNone},
		{"forged sender: signs as another", func(w *world, a, b, m *actor) models.Entry {
			e := must(m.r.forge(text, func(x *messageBody) { x.Account = b.vault.Account }))(t)
			e.Author = b.vault.Account
			return e
		}, CauseForged},
		{"sender named by the server", func(w *world, a, b, m *actor) models.Entry {
			e := must(m.r.forge(text, nil))(t)
			e.Author = b.vault.Account
			return e
		}, CauseMoved},
		{"message id changed by the server", func(w *world, a, b, m *actor) models.Entry {
			e := must(m.r.forge(text, nil))(t)
			e.Message[0]++
			return e
		}, CauseMoved},
		{"made for another room", func(w *world, a, b, m *actor) models.Entry {
			return must(m.r.forge(text, func(x *messageBody) { x.Room[0]++ }))(t)
		}, CauseMoved},
		{"made for another generation", func(w *world, a, b, m *actor) models.Entry {
			return must(m.r.forge(text, func(x *messageBody) { x.Generation[0]++ }))(t)
		}, CauseMoved},
		{"made for another organisation", func(w *world, a, b, m *actor) models.Entry {
			return must(m.r.forge(text, func(x *messageBody) { x.Org[0]++ }))(t)
		}, CauseMoved},
		{"key id outside changed", func(w *world, a, b, m *actor) models.Entry {
			e := must(m.r.forge(text, nil))(t)
			p := must(trust.ParseMessage(e.Body))(t)
			p.Generation[0]++
			e.Body = trust.EncodeMessage(p.Generation, p.Token)
			return e
		}, CauseGeneration},
		{"token altered", func(w *world, a, b, m *actor) models.Entry {
			e := must(m.r.forge(text, nil))(t)
			p := must(trust.ParseMessage(e.Body))(t)
			p.Token[40]++
			e.Body = trust.EncodeMessage(p.Generation, p.Token)
			return e
		}, CauseToken},
		{"token's time is another", func(w *world, a, b, m *actor) models.Entry {
			return must(m.r.forge(text, func(x *messageBody) { x.Time += 2000 }))(t)
		}, CauseTime},
		{"unknown directory head", func(w *world, a, b, m *actor) models.Entry {
			return must(m.r.forge(text, func(x *messageBody) { x.Dir[0]++ }))(t)
		}, CauseHead},
		{"directory head before the generation's", func(w *world, a, b, m *actor) models.Entry {
			return must(m.r.forge(text, func(x *messageBody) { x.Dir = w.dir.Org() }))(t)
		}, CauseOutdated},
		{"unknown kind", func(w *world, a, b, m *actor) models.Entry {
			return must(m.r.forge(text, func(x *messageBody) { x.Kind = 999 }))(t)
		}, CauseNewer},
		{"unknown even ext", func(w *world, a, b, m *actor) models.Entry {
			return must(m.r.forge(text, func(x *messageBody) { x.Ext = trust.Ext{2: {0}} }))(t)
		}, CauseNewer},
		{"unknown odd ext", func(w *world, a, b, m *actor) models.Entry {
			return must(m.r.forge(text, func(x *messageBody) { x.Ext = trust.Ext{3: {0}} }))(t)
		}, CauseNone},
		{"text that is not UTF-8", func(w *world, a, b, m *actor) models.Entry {
			return must(m.r.forge(text, func(x *messageBody) { x.Content = []byte{0xff} }))(t)
		}, CauseMalformed},
		{"first message without an opening", func(w *world, a, b, m *actor) models.Entry {
			return must(m.r.forge(text, func(x *messageBody) { x.Opening = nil }))(t)
		}, CauseMalformed},
		{"stream begins at an unknown desk", func(w *world, a, b, m *actor) models.Entry {
			return must(m.r.forge(text, func(x *messageBody) { x.Opening[0].Desk[0]++ }))(t)
		}, CauseStream},
		{"another person's stream", func(w *world, a, b, m *actor) models.Entry {
			b.say("mine")
			m.read()
			return must(m.r.forge(text, func(x *messageBody) {
				x.Stream, x.Counter, x.Prev, x.Opening = b.s.stream, 1, models.Hash{1}, nil
			}))(t)
		}, CauseStream},
		{"replay", func(w *world, a, b, m *actor) models.Entry { return again(b.say("once")) }, CauseReplay},
		{"replay under another id", func(w *world, a, b, m *actor) models.Entry {
			e := again(b.say("once"))
			e.Message[0]++
			return e
		}, CauseMoved},
		{"counter used twice", func(w *world, a, b, m *actor) models.Entry {
			e := must(m.r.forge(text, nil))(t)
			w.post(e)
			return must(m.r.forge(Draft{Kind: KindText, Content: []byte("y")}, nil))(t)
		}, CauseReused},
		{"message id used twice", func(w *world, a, b, m *actor) models.Entry {
			e := m.say("one")
			m.read()
			d := text
			next := must(m.r.forge(d, func(x *messageBody) { x.ID = e.Message }))(t)
			next.Message = e.Message
			return next
		}, CauseReused},
		{"does not follow the message before", func(w *world, a, b, m *actor) models.Entry {
			m.say("one")
			return must(m.r.forge(text, func(x *messageBody) { x.Prev[0]++ }))(t)
		}, CauseOrder},
		{"reorder: the server swaps two", func(w *world, a, b, m *actor) models.Entry {
			one := must(m.r.Seal(text))(t)
			two := must(m.r.Seal(text))(t)
			w.post(two)
			return one
		}, CauseOrder},
		{"expired on arrival", func(w *world, a, b, m *actor) models.Entry {
			d := text
			d.Expiry = time.Second
			e := must(m.r.forge(d, nil))(t)
			defer func() { w.now = w.now.Add(time.Minute) }()
			return w.post(e)
		}, CauseExpired},
		{"by one who is no member", func(w *world, a, b, m *actor) models.Entry {
			a.do(a.r.Remove(m.vault.Account))
			return must(m.r.forge(text, nil))(t)
		}, CauseNotMember},
	} {
		t.Run(tt.name, func(t *testing.T) {
			w := newWorld(t)
			room := w.newRoom(w.enrol("bob"), w.enrol("mallory"))
			a, b, m := room[0], room[1], room[2]
			e := tt.attack(w, a, b, m)
			if e.Seq == 0 {
				w.post(e)
			}
			ev := a.last()
			if ev.Cause != tt.cause || (ev.Kind == EventMessage) != (tt.cause == CauseNone) {
				t.Fatalf("got %v (kind %d), want %v", ev.Cause, ev.Kind, tt.cause)
			}
			if ev := a.rereads(); ev.Cause != tt.cause {
				t.Fatalf("read again it is %v", ev.Cause)
			}
		})
	}
}

func TestPaddedLengths(t *testing.T) {
	w := newWorld(t)
	room := w.newRoom(w.enrol("bob"))
	a := room[0]
	lengths := map[int]int{}
	for n := 0; n < 4200; n += 7 {
		e, err := a.r.Seal(Draft{Kind: KindText, Content: bytes.Repeat([]byte("x"), n)})
		if errors.Is(err, ErrTooLong) {
			if n < 4096 {
				t.Fatalf("%d bytes do not fit", n)
			}
			continue
		}
		if err != nil {
			t.Fatal(err)
		}
		lengths[len(e.Body)]++
	}
	if len(lengths) != 4 {
		t.Fatalf("lengths of entries: %v, want four", lengths)
	}
}

func TestPaddingIsCanonical(t *testing.T) {
	for n := range 5000 {
		b := bytes.Repeat([]byte{0x80}, n)
		p, err := pad(b)
		if err != nil {
			if n < overhead+4096-1 {
				t.Fatalf("%d: %v", n, err)
			}
			continue
		}
		if got, ok := unpad(p); !ok || !bytes.Equal(got, b) {
			t.Fatalf("%d bytes do not come back", n)
		}
		if _, ok := unpad(append(p, make([]byte, 256)...)); ok {
			t.Fatalf("%d bytes with too much padding are accepted", n)
		}
	}
	for _, b := range [][]byte{nil, {0}, {0x80}, make([]byte, paddedLengths[0]), bytes.Repeat([]byte{1}, paddedLengths[0])} {
		if _, ok := unpad(b); ok {
			t.Fatalf("%d bytes that pad did not make are accepted", len(b))
		}
	}
}

func TestForksStopTheRoom(t *testing.T) {
	w := newWorld(t)
	room := w.newRoom(w.enrol("bob"))
	a := room[0]
	a.r.Pin()
	log := w.log
	w.newRoom(w.enrol("mallory"))
	other := w.log
	for i := range other {
		other[i].Room = log[0].Room
	}
	fresh := a.login()
	fresh.r = fresh.s.Room(log[0].Room)
	var err error
	for _, e := range other[:min(len(other), len(log))] {
		if _, err = fresh.r.Apply(e); err != nil {
			break
		}
	}
	if !errors.Is(err, ErrFork) {
		t.Fatalf("another past than the pinned: %v", err)
	}
	if _, err := fresh.r.Apply(other[0]); !errors.Is(err, ErrFork) {
		t.Fatalf("a forked room goes on: %v", err)
	}
}

func TestEntriesComeInOrder(t *testing.T) {
	w := newWorld(t)
	room := w.newRoom(w.enrol("bob"))
	a := room[0]
	a.say("x")
	e := w.log[len(w.log)-1]
	for _, seq := range []uint64{0, 1, e.Seq + 1} {
		x := e
		x.Seq = seq
		if _, err := a.r.Apply(x); !errors.Is(err, ErrOrder) {
			t.Fatalf("seq %d: %v", seq, err)
		}
	}
}

func TestDirectoryBehind(t *testing.T) {
	w := newWorld(t)
	room := w.newRoom(w.enrol("bob"))
	a, b := room[0], room[1]
	e := must(b.r.forge(Draft{Kind: KindText}, func(x *messageBody) { x.Dir[3]++ }))(t)
	e = w.post(e)
	before := fmt.Sprint(a.r.next, a.r.uses, len(a.r.authors), len(a.r.ids))
	if _, err := a.r.Apply(e); err != ErrDirectoryBehind || before != fmt.Sprint(a.r.next, a.r.uses, len(a.r.authors), len(a.r.ids)) {
		t.Fatalf("first time: %v", err)
	}
	if ev, err := a.r.Apply(e); err != nil || ev.Cause != CauseHead {
		t.Fatalf("still unknown: %v, %v", ev.Cause, err)
	}
}

func TestCutLogIsNotSentInto(t *testing.T) {
	w := newWorld(t)
	a := w.newRoom(w.enrol("bob"))[0]
	a.say("one")
	a.read()
	a.r.Pin()
	w.log = w.log[:len(w.log)-1]
	fresh := &actor{w: w, name: a.name, vault: a.vault}
	fresh = fresh.login()
	fresh.read()
	if _, err := fresh.r.Seal(Draft{Kind: KindText}); !fresh.r.Behind() || !errors.Is(err, ErrFork) {
		t.Fatalf("sends into a log that ends before the pin: %v", err)
	}
	if _, err := fresh.r.Leave(); !errors.Is(err, ErrFork) {
		t.Fatalf("signs on top of it: %v", err)
	}
}
