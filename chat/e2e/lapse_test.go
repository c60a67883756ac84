package e2e

import (
	"testing"
	"time"

	"visavis/chat/trust"
)

// What somebody had under way when he was put out is refused. Should he go on behind it when he comes back, everybody would be told that
// the server keeps something back.
func TestStreamEndsWithMembership(t *testing.T) {
	for _, tt := range []struct {
		name string
		out  func(a, b *actor)
	}{
		{"removed", func(a, b *actor) { a.do(a.r.Remove(b.vault.Account)) }},
		{"left at another desk", func(_, b *actor) {
			other := b.login()
			other.read()
			other.do(other.r.Leave())
		}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			w := newWorld(t)
			room := w.newRoom(w.enrol("bob"))
			a, b := room[0], room[1]
			b.say("one")
			b.read()
			a.read()
			must(b.r.Seal(Draft{Kind: KindText, Content: []byte("refused")}))(t)
			tt.out(a, b)
			a.read()
			a.do(a.r.Invite(b.vault.Account, 1))
			b.read()
			b.do(b.r.Join())
			b.say("back")
			b.say("again")
			for _, reader := range []*actor{a, b, a.login()} {
				for _, ev := range reader.read() {
					if ev.Cause != CauseNone || ev.Warn != 0 {
						t.Errorf("%s reads entry %d: %v, %v", reader.name, ev.Seq, ev.Cause, ev.Warn)
					}
				}
			}
			if b.r.mine == b.s.stream || b.r.own.counter != 2 {
				t.Errorf("the stream went on, up to number %d", b.r.own.counter)
			}
		})
	}
}

// Nobody else can say that a stream has begun that its writer has not drawn yet: its first message would not say where it comes from.
func TestNobodyBeginsAnothersStream(t *testing.T) {
	w := newWorld(t)
	room := w.newRoom(w.enrol("bob"))
	a, b := room[0], room[1]
	a.do(a.r.Remove(b.vault.Account))
	a.read()
	a.do(a.r.Invite(b.vault.Account, 1))
	b.read()
	b.do(b.r.Join())
	a.rekey()
	b.read()
	w.post(must(a.r.forge(Draft{Kind: KindText}, func(x *messageBody) {
		x.Stream, x.Counter = b.r.mine, 0
		x.Opening = []opening{{Desk: w.desk}}
	}))(t))
	b.read()
	if !b.r.opened.IsZero() {
		t.Fatal("another member's message counts as this one's beginning")
	}
}

// A log-in's first message, which says where its stream comes from, disappears before those after it. Who reads the room from then on, and has never seen the first,
// would refuse them all: so each says it.
func TestBeginningDisappearsFirst(t *testing.T) {
	w := newWorld(t)
	bob := w.enrol("bob")
	room := w.newRoom(bob)
	a := room[0]
	p := trust.DefaultPolicy()
	p.MaxAge = 3600
	a.read()
	a.do(a.r.SetPolicy(p))
	a.rekey()
	b := bob.login()
	b.read()
	first := b.say("first")
	b.read() // it stands in the log, so that nothing but the disappearing has it said again
	w.now = w.now.Add(30 * time.Minute)
	b.say("second")
	b.read()
	b.say("third")
	w.now = w.now.Add(31 * time.Minute)
	first.Boxes = nil
	w.log[first.Seq-1] = must(trust.Expire(first))(t)
	var read []string
	for _, ev := range a.login().read() {
		if ev.Kind == EventMessage {
			read = append(read, string(ev.Message.Content))
		}
		if ev.Warn != 0 || ev.Kind == EventRefused && ev.Cause != CauseExpired {
			t.Errorf("entry %d: %v, %v", ev.Seq, ev.Cause, ev.Warn)
		}
	}
	if len(read) != 2 || read[0] != "second" || read[1] != "third" {
		t.Errorf("reads %q", read)
	}
}
