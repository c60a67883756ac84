package e2e

import (
	"strings"
	"testing"
	"time"

	"visavis/chat/trust"
	"visavis/models"
)

// A stream that does not say where it begins: whoever skips its first number would name neither desk nor vault.
func TestStreamWithoutABeginning(t *testing.T) {
	for _, tt := range []struct {
		name   string
		change func(*messageBody)
		cause  Cause
		warn   Warning
	}{
		{"begins at one", func(b *messageBody) { b.Counter, b.Prev, b.Opening = 1, models.Hash{1}, nil }, CauseStream, 0},
		{"begins at one, with an opening", func(b *messageBody) { b.Counter, b.Prev = 1, models.Hash{1} }, CauseNone, WarnGap},
		{"begins at one, at a desk that is not listed", func(b *messageBody) {
			b.Counter, b.Prev, b.Opening[0].Desk = 1, models.Hash{1}, models.DeskID{99}
		}, CauseStream, 0},
		{"two openings", func(b *messageBody) { b.Opening = append(b.Opening, b.Opening[0]) }, CauseMalformed, 0},
		{"too many streams", func(b *messageBody) { b.Opening[0].Ends.Last = make([]trust.StreamEnd, trust.MaxStreamEnds+1) }, CauseMalformed, 0},
	} {
		w := newWorld(t)
		room := w.newRoom(w.enrol("bob"))
		a, b := room[0], room[1]
		w.post(must(b.r.forge(Draft{Kind: KindText}, tt.change))(t))
		if ev := a.last(); ev.Cause != tt.cause || ev.Warn != tt.warn {
			t.Errorf("%s: %v, %v", tt.name, ev.Cause, ev.Warn)
		}
	}
}

// A stream that goes on at another desk is not one log-in.
func TestStreamDoesNotMove(t *testing.T) {
	w := newWorld(t)
	room := w.newRoom(w.enrol("bob"))
	a, b := room[0], room[1]
	b.say("here")
	b.read()
	w.post(must(b.r.forge(Draft{Kind: KindText}, func(x *messageBody) {
		x.Opening = []opening{{Desk: models.DeskID{9}}}
	}))(t))
	if ev := a.last(); ev.Cause != CauseStream {
		t.Fatalf("moved to another desk: %v", ev.Cause)
	}
}

// Each message of a log-in whose first one was never stored would be refused for ever, if only number 0 could say where it begins.
func TestLostBeginningIsSaidAgain(t *testing.T) {
	w := newWorld(t)
	room := w.newRoom(w.enrol("bob"))
	a, b := room[0], room[1]
	must(b.r.Seal(Draft{Kind: KindText, Content: []byte("lost")}))(t)
	b.say("one")
	b.say("two")
	fresh := &actor{w: w, name: a.name, vault: a.vault}
	var warns []Warning
	for _, ev := range fresh.login().read() {
		if ev.Kind == EventMessage {
			warns = append(warns, ev.Warn)
		}
	}
	if len(warns) != 2 || warns[0] != WarnGap || warns[1] != 0 {
		t.Fatalf("read afresh: %v", warns)
	}
}

// A newcomer cannot open what was said before, so a stream that he sees from its middle says under the new generation where it began.
func TestNewcomerSeesWhereStreamsBegin(t *testing.T) {
	w := newWorld(t)
	bob, carol := w.enrol("bob"), w.enrol("carol")
	room := w.newRoom(bob)
	a, b := room[0], room[1]
	b.say("before")
	b.say("before")
	a.read()
	a.do(a.r.Invite(carol.vault.Account, trust.RoleMember))
	c := carol.login()
	c.read()
	c.do(c.r.Join())
	b.say("after")
	if ev := c.last(); ev.Cause != CauseNone || ev.Warn != 0 {
		t.Fatalf("newcomer reads %v, %v", ev.Cause, ev.Warn)
	}
	b.say("again")
	if ev := c.last(); ev.Cause != CauseNone || ev.Warn != 0 {
		t.Fatalf("and then %v, %v", ev.Cause, ev.Warn)
	}
}

// Of a person's many log-ins the latest is the one whose tail a server would keep back: it is the first that the next one names.
func TestOpeningNamesTheLatestStreams(t *testing.T) {
	w := newWorld(t)
	bob := w.enrol("bob")
	w.newRoom(bob)
	for range 12 {
		b := bob.login()
		b.read()
		b.say("hi")
		next := bob.login()
		next.read()
		if ends := next.r.ends(bob.vault.Account); ends.Last[0].Stream != b.s.stream {
			t.Fatal("a log-in does not name the one before it first")
		}
	}
}

// A person with more log-ins than a statement can name is put out, and the server keeps back the tail of one that is not named: the hash
// is over all of them.
func TestEveryStreamHasAnEnd(t *testing.T) {
	w := newWorld(t)
	bob := w.enrol("bob")
	room := w.newRoom(bob, w.enrol("carol"))
	a, c := room[0], room[2]
	var first models.StreamID
	for i := range trust.MaxStreamEnds + 6 {
		b := bob.login()
		b.read()
		b.say("hi")
		if i == 0 {
			first = b.s.stream
		}
	}
	a.read()
	e := must(a.r.Remove(bob.vault.Account))(t)
	ends, _, _ := trust.StreamEndsOf(e.Body)
	for _, end := range ends.Last {
		if end.Stream == first {
			t.Fatal("the oldest stream is named, the latest are not")
		}
	}
	c.read()
	w.post(e)
	if ev := c.last(); ev.Change.Kind != trust.ChangeRemoved || ev.Warn != 0 {
		t.Fatalf("honest: %v, %v", ev.Change.Kind, ev.Warn)
	}
	// Dora is shown another end of bob's first stream.
	d := &actor{w: w, name: "alice", vault: a.vault}
	d = d.login()
	var last Event
	for _, e := range w.log {
		last = must(d.r.Apply(e))(t)
		if st := d.r.streams[first]; st != nil && st.next == 1 {
			st.last = models.Hash{1}
			if len(st.recent) > 0 {
				st.recent[0].hash = st.last
			}
		}
	}
	if last.Warn != WarnGap {
		t.Fatalf("another end of a stream that is not named: %v", last.Warn)
	}
}

// A message that crosses the statement is no reason to warn, and hides nothing: the hash is of what its author had seen. What is too long
// ago to compare is not made up.
func TestEndsAreOfWhatWasSeen(t *testing.T) {
	for _, tt := range []struct {
		name   string
		before func(st *stream) // what the reader has of bob's stream
		warn   Warning
	}{
		{"honest", func(*stream) {}, 0},
		{"another end then", func(st *stream) { st.recent[0].hash = models.Hash{1} }, WarnGap},
		{"folded away since", func(st *stream) { st.recent = nil }, 0},
	} {
		w := newWorld(t)
		room := w.newRoom(w.enrol("bob"), w.enrol("carol"))
		a, b, c := room[0], room[1], room[2]
		b.say("one")
		a.read()
		c.read()
		e := must(a.r.Remove(b.vault.Account))(t)
		b.say("two, on its way")
		c.read()
		st := c.r.streams[b.s.stream]
		tt.before(st)
		w.post(e)
		if ev := c.last(); ev.Change.Kind != trust.ChangeRemoved || ev.Warn != tt.warn {
			t.Errorf("%s: %v, warns %q", tt.name, ev.Change.Kind, ev.Warn)
		}
	}
}

// Four other streams and 4,096 bytes do not fit into one message: the hash stands for those that are not named.
func TestOpeningMakesRoomForTheContent(t *testing.T) {
	w := newWorld(t)
	bob := w.enrol("bob")
	room := w.newRoom(bob)
	for range maxOpeningStreams + 1 {
		b := bob.login()
		b.read()
		b.say("hi")
	}
	b := bob.login()
	b.say(strings.Repeat("x", 4096))
	if ev := room[0].last(); ev.Kind != EventMessage || ev.Warn != 0 || len(ev.Message.Content) != 4096 {
		t.Fatalf("%v, %v", ev.Cause, ev.Warn)
	}
}

// A new log-in's opening shows that the server keeps back a message of an older one that it does not name.
func TestOpeningHashShowsWhatIsKeptBack(t *testing.T) {
	w := newWorld(t)
	bob := w.enrol("bob")
	room := w.newRoom(bob)
	a := room[0]
	for range maxOpeningStreams + 2 {
		b := bob.login()
		b.read()
		b.say("hi")
	}
	b := bob.login()
	b.rekey()
	w.post(must(b.r.forge(Draft{Kind: KindText}, func(x *messageBody) { x.Opening[0].Ends.All[0]++ }))(t))
	if ev := a.last(); ev.Warn != WarnGap {
		t.Fatalf("another set of streams: %v", ev.Warn)
	}
}

// The server keeps back a message of bob's and covers the hole with an entry of noise that nobody can open: it names a generation by a
// member who helps, whose boxes open for himself alone.
func TestNoiseDoesNotHideAGap(t *testing.T) {
	for _, tt := range []struct {
		name         string
		noise        int
		author, kept int // index of the noise's author; how many messages are kept back
		warn         Warning
	}{
		{"no noise", 0, 1, 1, WarnGap},
		{"noise of another member", 3, 2, 1, WarnGap},
		{"less noise than messages", 1, 1, 2, WarnGap},
		{"as much, in bob's name: it is shown in their place", 2, 1, 2, 0},
	} {
		w := newWorld(t)
		room := w.newRoom(w.enrol("bob"), w.enrol("mallory"))
		a, b, m := room[0], room[1], room[2]
		b.say("one")
		a.read()
		b.read()
		m.read()
		junk := junkGeneration(m, m.vault.Account)
		w.post(junk)
		for range tt.kept {
			b.read()
			must(b.r.Seal(Draft{Kind: KindText, Content: []byte("kept back")}))(t)
		}
		for i := range tt.noise {
			w.post(models.Entry{Room: w.room, Kind: models.EntryMessage, Author: room[tt.author].vault.Account, Message: models.MessageID{7, byte(i)},
				Body: trust.EncodeMessage(trust.GenerationID(junk.Body), make([]byte, 89))})
		}
		b.say("next")
		if ev := a.last(); ev.Cause != CauseNone || ev.Warn != tt.warn {
			t.Errorf("%s: %v, warns %q", tt.name, ev.Cause, ev.Warn)
		}
	}
}

// A member who logs in ever again must not fill the memory of everyone else.
func TestOldStreamsFoldAway(t *testing.T) {
	w := newWorld(t)
	bob := w.enrol("bob")
	room := w.newRoom(bob)
	a := room[0]
	var logins []*actor
	for range detailedStreams + 4 {
		b := bob.login()
		b.read()
		b.say("hi")
		logins = append(logins, b)
	}
	a.read()
	detailed := 0
	for _, st := range a.r.streams {
		if st.recent != nil {
			detailed++
		}
	}
	if who := a.r.author(bob.vault.Account); detailed != detailedStreams || len(who.streams) != len(logins) {
		t.Fatalf("%d of %d streams with details", detailed, len(who.streams))
	}
	if cap(a.r.streams[logins[len(logins)-1].s.stream].recent) > 4 {
		t.Fatal("one message takes the room of many")
	}
	// A folded stream goes on, and a replay in it is still none.
	old := logins[0]
	replay := again(w.log[3])
	old.say("still here")
	if ev := a.last(); ev.Cause != CauseNone || ev.Warn != 0 {
		t.Fatalf("a folded stream: %v, %v", ev.Cause, ev.Warn)
	}
	replay.Message[0]++
	w.post(replay)
	if ev := a.last(); ev.Cause == CauseNone {
		t.Fatal("a replay is accepted")
	}
	for range recentMessages + 5 {
		old.say("more")
	}
	a.read()
	if st := a.r.streams[old.s.stream]; len(st.recent) != recentMessages || st.next != recentMessages+7 {
		t.Fatalf("%d recent of %d", len(st.recent), st.next)
	}
}

// The server gives out an old vault, with the pins and keys of then; what the same person said from a later one tells.
func TestVaultTakenBack(t *testing.T) {
	w := newWorld(t)
	bob := w.enrol("bob")
	w.newRoom(bob)
	bob.vault.number = 4
	b := bob.login()
	b.rekey()
	b.vault.number = 5 // stored during the log-in
	b.say("from version five")
	b.read()
	w.now = w.now.Add(time.Hour)
	for _, tt := range []struct {
		version uint64
		warn    Warning
	}{{4, WarnVault}, {5, 0}, {6, 0}} {
		bob.vault.number = tt.version
		fresh := bob.login()
		fresh.s.began = w.now
		if ev := fresh.last(); ev.Cause != CauseNone || ev.Warn != tt.warn {
			t.Errorf("opened version %d: %v, warns %q", tt.version, ev.Cause, ev.Warn)
		}
	}
	// Another desk may store a version while this log-in lasts.
	bob.vault.number = 5
	here := bob.login()
	w.now = w.now.Add(time.Minute)
	bob.vault.number = 6
	there := bob.login()
	there.rekey()
	there.say("hello")
	for _, ev := range here.read() {
		if ev.Warn != 0 {
			t.Errorf("two desks at once: %q", ev.Warn)
		}
	}
}

func TestWarnings(t *testing.T) {
	w := newWorld(t)
	room := w.newRoom(w.enrol("bob"))
	a, b := room[0], room[1]
	b.say("zero")
	if ev := a.last(); ev.Warn != 0 {
		t.Fatalf("warns: %v", ev.Warn)
	}
	must(b.r.Seal(Draft{Kind: KindText, Content: []byte("withheld")}))(t)
	b.say("two")
	if ev := a.last(); ev.Warn != WarnGap {
		t.Fatalf("after a withheld message: %v", ev.Warn)
	}
	b.w.post(must(b.r.forge(Draft{Kind: KindText}, func(x *messageBody) { x.Seen[0]++ }))(t))
	if ev := a.last(); ev.Warn != WarnFork {
		t.Fatalf("its author saw another log: %v", ev.Warn)
	}
	b = &actor{w: w, name: "bob", vault: b.vault}
	b = b.login()
	b.rekey()
	e := must(b.r.forge(Draft{Kind: KindText}, nil))(t)
	w.now = w.now.Add(6 * time.Minute)
	w.post(e)
	if ev := a.last(); ev.Warn != WarnClock {
		t.Fatalf("late by six minutes: %v", ev.Warn)
	}
}

func TestTwoDesksAtOnce(t *testing.T) {
	w := newWorld(t)
	bob := w.enrol("bob")
	room := w.newRoom(bob)
	a, b1 := room[0], room[1]
	b2 := bob.login()
	b1.say("from one")
	b2.say("from two")
	b1.say("again")
	for _, ev := range a.read() {
		if ev.Kind == EventMessage && ev.Warn != 0 || ev.Kind == EventRefused {
			t.Fatalf("two streams of one person: %+v", ev)
		}
	}
	b3 := bob.login()
	b3.rekey()
	b3.w.post(must(b3.r.forge(Draft{Kind: KindText}, func(x *messageBody) { x.Opening[0].Ends.Last[0].Counter += 5 }))(t))
	if ev := a.last(); ev.Warn != WarnGap {
		t.Fatalf("a new stream names messages that were kept back: %v", ev.Warn)
	}
}
