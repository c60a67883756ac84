package e2e

import "testing"

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
