package client_test

import (
	"bytes"
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"visavis/chat/chattest"
	"visavis/chat/client"
	"visavis/chat/e2e"
	"visavis/chat/trust"
	"visavis/models"
)

// causes is a room of two, whose log a hostile server hands out as it likes: created, invited, joined, a generation, messages.
type causes struct {
	t     *testing.T
	w     *chattest.World
	h     *hostileStore
	first *client.Desk
	ben   *chattest.Person
	room  models.RoomID
	other models.RoomID
	log   []models.Entry
}

func newCauses(t *testing.T, fade uint32) *causes {
	c := &causes{t: t}
	var admin *client.Session
	c.w, c.h, c.first, admin, c.ben = hostile(t)
	s := c.w.LogIn(c.first, c.ben)
	must(t, s.SaveVault(t.Context()))
	s.KeepNothing() // a pin on the one copy makes the other another past, at the next log-in
	for _, id := range []*models.RoomID{&c.other, &c.room} {
		var err error
		*id, err = admin.CreateRoom(t.Context(), "Kitchen")
		must(t, err)
		p := trust.DefaultPolicy()
		if p.MaxAge = fade; fade > 0 {
			must(t, admin.SetRules(t.Context(), *id, p))
		}
		member(t, admin, s, *id)
		for _, text := range []string{"one", "two", "three"} {
			says(t, admin, *id, text)
			must(t, admin.Enter(t.Context(), *id))
		}
	}
	var err error
	c.log, err = c.w.Store.Entries(t.Context(), c.room, 0, 100)
	must(t, err)
	s.Close()
	return c
}

// show has ben read a log that the server has changed, up to its end.
func (c *causes) show(lie func([]models.Entry) []models.Entry) (*client.Session, map[uint64]e2e.Event) {
	c.t.Helper()
	c.w.Clock.Move(10 * time.Minute) // a person has ten challenges an hour
	restart(c.w, c.h, &lies{entries: func(room models.RoomID, es []models.Entry) []models.Entry {
		if room != c.room || len(es) != len(c.log) {
			return es
		}
		es = slices.Clone(es)
		for i := range es {
			es[i].Body = bytes.Clone(es[i].Body)
		}
		return lie(es)
	}})
	s := c.w.LogIn(c.first, c.ben)
	s.SetMending(time.Hour, time.Hour)
	s.KeepNothing()
	must(c.t, s.Enter(c.t.Context(), c.room))
	shown := map[uint64]e2e.Event{}
	for len(shown) < len(c.log) {
		u, err := s.Next(c.t.Context())
		must(c.t, err)
		if u.Room == c.room && u.Event != nil {
			shown[u.Event.Seq] = *u.Event
		}
	}
	return s, shown
}

// What the server hands out wrongly is shown with its cause. It is fetched again by itself, and when the server hands out what it has, everything is read
// that was said, each in its place.
func TestWrongCopiesAreFetchedAgain(t *testing.T) {
	c := newCauses(t, 30*24*3600)
	n := len(c.log)
	at := func(kind models.EntryKind, nth int) int {
		for i, e := range c.log {
			if e.Kind == kind {
				if nth--; nth < 0 {
					return i
				}
			}
		}
		t.Fatalf("no entry %d of kind %d", nth, kind)
		return 0
	}
	foreign, err := c.w.Store.Entries(t.Context(), c.other, 0, 100)
	must(t, err)
	join, generation, two := at(models.EntryStatement, 3), at(models.EntryGeneration, 1), n-2
	for _, x := range []struct {
		cause e2e.Cause
		at    int // index of the entry that is refused
		lie   func(es []models.Entry)
	}{
		{e2e.CauseToken, two, func(es []models.Entry) { es[two].Body[len(es[two].Body)-1] ^= 1 }},
		{e2e.CauseMalformed, two, func(es []models.Entry) { es[two].Body = es[two].Body[:9] }},
		{e2e.CauseMoved, two, func(es []models.Entry) { es[two].Message[0] ^= 1 }},
		{e2e.CauseGeneration, two, func(es []models.Entry) { es[two].Body = foreign[len(foreign)-2].Body }},
		{e2e.CauseNotMember, two, func(es []models.Entry) { es[two].Author[0] ^= 1 }},
		{e2e.CauseReplay, n - 1, func(es []models.Entry) { es[n-1] = es[two]; es[n-1].Seq = uint64(n) }},
		{e2e.CauseOrder, n - 1, func(es []models.Entry) {
			es[two], es[n-1] = es[n-1], es[two]
			es[two].Seq, es[n-1].Seq = es[n-1].Seq, es[two].Seq
		}},
		{e2e.CauseIdentity, join, func(es []models.Entry) { es[join].Author = es[0].Author }},
		{e2e.CauseForged, join, func(es []models.Entry) { b := es[join].Body; b[len(b)-1] ^= 1 }},
		{e2e.CauseForged, generation, func(es []models.Entry) { b := es[generation].Body; b[len(b)-1] ^= 1 }},
		{e2e.CauseTaken, two, func(es []models.Entry) {
			left, err := trust.Expire(es[two])
			must(t, err)
			es[two] = left
		}},
	} {
		t.Run(x.cause.String(), func(t *testing.T) {
			s, shown := c.show(func(es []models.Entry) []models.Entry { x.lie(es); return es })
			if got := shown[uint64(x.at+1)].Cause; got != x.cause {
				t.Fatalf("shown as %q, want %q", got, x.cause)
			}
			if x.cause.Remedy().Repair != e2e.RepairFetch {
				t.Fatalf("is %q", x.cause.Remedy().Repair)
			}
			c.mends(s, shown)
		})
	}
}

// mends lets the server tell the truth, and the session look.
func (c *causes) mends(s *client.Session, shown map[uint64]e2e.Event) {
	c.t.Helper()
	r := c.reads(s, shown)
	if slices.Equal(r.texts(), []string{"one", "two", "three"}) {
		c.t.Fatal("nothing is missing")
	}
	c.h.lies.Store(nil)
	s.Tick()
	r.until("one", "two", "three")
	s.Close() // without a pin: a chain that is another then ends the session
}

func (c *causes) reads(s *client.Session, shown map[uint64]e2e.Event) *reading {
	r := reads(c.t, s, c.room)
	for _, ev := range shown {
		r.take(client.Update{Room: c.room, Event: &ev})
	}
	return r
}

// A stream whose first message the server has put behind its last does not say where it begins, until it is fetched again.
func TestStreamIsFetchedAgain(t *testing.T) {
	c := newCauses(t, 0)
	last := len(c.log) - 1
	one := last - 3 // and then the title
	s, shown := c.show(func(es []models.Entry) []models.Entry {
		es[one], es[last] = es[last], es[one]
		es[one].Seq, es[last].Seq = es[last].Seq, es[one].Seq
		return es
	})
	if got := shown[uint64(one+1)].Cause; got != e2e.CauseStream {
		t.Fatalf("shown as %q", got)
	}
	c.mends(s, shown)
}

// The server hands out another copy in which less is right: what was read stays.
func TestWorseCopyIsNotTaken(t *testing.T) {
	c := newCauses(t, 0)
	n := len(c.log)
	broken := func(which ...int) func([]models.Entry) []models.Entry {
		return func(es []models.Entry) []models.Entry {
			for _, i := range which {
				es[i].Body[len(es[i].Body)-1] ^= 1
			}
			return es
		}
	}
	s, shown := c.show(broken(n - 2))
	r := c.reads(s, shown)
	for name, worse := range map[string]func([]models.Entry) []models.Entry{
		"another one is broken": broken(n - 1),
		"one is shown twice":    func(es []models.Entry) []models.Entry { es[n-1] = es[n-2]; es[n-1].Seq = uint64(n); return es },
	} {
		c.h.lies.Store(&lies{entries: func(room models.RoomID, es []models.Entry) []models.Entry {
			if room != c.room || len(es) != n {
				return es
			}
			es = slices.Clone(es)
			for i := range es {
				es[i].Body = bytes.Clone(es[i].Body)
			}
			return worse(es)
		}})
		if err := s.FetchAgain(t.Context(), c.room); !errors.Is(err, e2e.ErrFork) {
			t.Errorf("%s: %v", name, err)
		}
		if got := r.rest(); !slices.Equal(got, []string{"one", "three"}) {
			t.Errorf("%s: reads %q", name, got)
		}
	}
	c.h.lies.Store(nil)
	must(t, s.FetchAgain(t.Context(), c.room))
	r.until("one", "two", "three")
}

// Who can not open a generation is given it: by the server that did not show his box, or by the others where its maker sealed him something else.
func TestKeysAreAskedForByThemselves(t *testing.T) {
	w, h, first, admin, ben := hostile(t)
	ctx := t.Context()
	id, err := admin.CreateRoom(ctx, "Keys")
	must(t, err)
	s := w.LogIn(first, ben)
	member(t, admin, s, id)
	must(t, s.LogOut(ctx)) // or it asks for the right key sooner than the one that is looked at has seen a wrong one
	must(t, admin.Enter(ctx, id))
	said := []string{}
	for _, x := range []struct {
		name  string
		cause e2e.Cause
		lie   *lies
		make  func(context.Context, models.RoomID) error
	}{
		{"his box is kept back", e2e.CauseNoKey, &lies{boxes: func([]models.Box) []models.Box { return nil }}, admin.RenewGeneration},
		{"his box is broken", e2e.CauseBox, nil, admin.JunkGeneration},
		{"his box has another secret", e2e.CauseCommitment, nil, admin.SplitGeneration},
	} {
		t.Run(x.name, func(t *testing.T) {
			s := w.LogIn(first, ben)
			s.SetMending(time.Hour, time.Hour)
			must(t, s.Enter(ctx, id))
			r := reads(t, s, id)
			r.until(said...)
			h.lies.Store(x.lie)
			must(t, x.make(ctx, id))
			says(t, admin, id, x.name)
			shown := e2e.CauseNone
			for shown == e2e.CauseNone {
				u, err := s.Next(ctx)
				must(t, err)
				if r.take(u); u.Room == id && u.Event != nil && u.Event.Kind == e2e.EventGeneration {
					shown = u.Event.Cause
				}
			}
			if shown != x.cause || shown.Remedy().Repair != e2e.RepairAsk {
				t.Fatalf("shown as %q, want %q", shown, x.cause)
			}
			h.lies.Store(nil)
			said = append(said, x.name)
			s.Tick()
			r.until(said...)
			must(t, s.LogOut(ctx))
		})
	}
}

// A member posts what opens for nobody: nobody reads the log without end for it.
func TestFetchesGrowRare(t *testing.T) {
	if got := client.Fetches(24 * 60); !slices.Equal(got, []int{0, 2, 5, 10, 19, 36, 69, 134, 263, 520, 1033}) {
		t.Errorf("fetched at the ticks %v", got)
	}
}

// What e2e says is done about a cause, a session does.
func TestEveryRepairIsDone(t *testing.T) {
	for c := e2e.CauseNone; !strings.HasPrefix(c.String(), "unknown cause"); c++ {
		switch r := c.Remedy().Repair; {
		case r == e2e.RepairNothing || r == e2e.RepairAuthor:
		case !slices.Contains(client.Repairs(), r):
			t.Errorf("%s: nobody does %q", c, r)
		}
	}
}

// A member signs two messages under one number, with a server that stores both: the first counts, and both are kept as proof for whoever has the directory; again at
// the next log-in, out of the log. A session that has ended has none.
func TestTwoMessagesUnderOneNumber(t *testing.T) {
	w, first, admin, ben := people(t)
	ctx := t.Context()
	id, err := admin.CreateRoom(ctx, "Twice")
	must(t, err)
	evil := w.LogIn(first, ben)
	member(t, admin, evil, id)
	says(t, admin, id, "hello")
	for {
		u, err := evil.Next(ctx)
		must(t, err)
		if u.Room == id && u.Event != nil && u.Event.Kind == e2e.EventMessage && u.Event.Message.Kind == e2e.KindText {
			break
		}
	}
	both, err := evil.SealTwice(id, "I agree.", "I do not agree.")
	must(t, err)
	for _, e := range both {
		_, err := evil.AppendRaw(e)
		must(t, err)
	}
	for i, end := range []func(*client.Session) error{
		func(s *client.Session) error { return s.LogOut(ctx) }, func(s *client.Session) error { return s.Leave(ctx, id) },
	} {
		if i > 0 {
			admin = w.LogIn(first, ada())
			must(t, admin.Enter(ctx, id))
		}
		must(t, admin.WaitProofs(ctx, id, 1))
		proofs := admin.Proofs(id)
		got, err := e2e.OpenTwice(proofs[0], admin.Directory())
		must(t, err)
		if got.Account != ben.Account || got.Room != id || string(got.Said[0].Content) == string(got.Said[1].Content) {
			t.Errorf("%+v", got)
		}
		held := admin.HeldProofs(id) // which somebody may still hold
		must(t, end(admin))
		if len(admin.Proofs(id)) != 0 || len(held) != 1 || bytes.ContainsFunc(held[0], func(c rune) bool { return c != 0 }) {
			t.Error("what was said is left")
		}
	}
}

// The server has handed out two people's messages in each other's place, of which neither can tell. When it hands out the truth, each is shown in its own.
func TestOtherPlacesAreShown(t *testing.T) {
	w, h, first, admin, ben := hostile(t)
	ctx := t.Context()
	id, err := admin.CreateRoom(ctx, "Places")
	must(t, err)
	s := w.LogIn(first, ben)
	member(t, admin, s, id)
	says(t, admin, id, "hello")
	must(t, s.Enter(ctx, id))
	says(t, s, id, "I am here")
	must(t, admin.Enter(ctx, id))
	yes, err := admin.SealRaw(id, "yes")
	must(t, err)
	no, err := s.SealRaw(id, "no") // neither has heard the other
	must(t, err)
	_, err = admin.AppendRaw(yes)
	must(t, err)
	_, err = s.AppendRaw(no)
	must(t, err)
	s.Close()

	n := int(lastSeq(t, w, id))
	restart(w, h, &lies{entries: func(room models.RoomID, es []models.Entry) []models.Entry {
		if room != id || len(es) != n {
			return es
		}
		es = slices.Clone(es)
		es[n-2], es[n-1] = es[n-1], es[n-2]
		es[n-2].Seq, es[n-1].Seq = uint64(n-1), uint64(n)
		return es
	}})
	s = w.LogIn(first, ben)
	must(t, s.Enter(ctx, id))
	r := reads(t, s, id)
	r.until("hello", "I am here", "no", "yes")
	h.lies.Store(nil)
	must(t, s.FetchAgain(ctx, id))
	r.until("hello", "I am here", "yes", "no")
}
