package client_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"

	"visavis/chat/chattest"
	"visavis/chat/client"
	"visavis/chat/e2e"
	"visavis/chat/server"
	"visavis/chat/trust"
	"visavis/chat/wire"
	"visavis/models"
)

// member lets somebody into a room.
func member(t *testing.T, admin, s *client.Session, id models.RoomID) {
	t.Helper()
	must(t, admin.Invite(context.Background(), id, s.Account()))
	must(t, s.Join(context.Background(), id))
}

func follow(s *client.Session, id models.RoomID, after uint64) error {
	return s.Connection().Call(context.Background(), wire.TypeLogFollow, wire.LogFollow{Room: id, After: after}, new(wire.LogFollowReply))
}

func lists(t *testing.T, s *client.Session, id models.RoomID) bool {
	t.Helper()
	rooms, err := s.Rooms(context.Background())
	must(t, err)
	return slices.ContainsFunc(rooms, func(r wire.Room) bool { return r.ID == id })
}

// Somebody of the organisation knows a room's id and is not in it.
func TestStrangerToARoom(t *testing.T) {
	w, first, admin, ben := people(t)
	ctx := t.Context()
	s := w.LogIn(first, ben)
	id, err := admin.CreateRoom(ctx, "Closed")
	must(t, err)
	own, err := s.CreateRoom(ctx, "Mine")
	must(t, err)

	refused(t, follow(s, id, 0), wire.CodeNotFound)
	refused(t, follow(s, models.RoomID{1}, 0), wire.CodeNotFound) // one that is not there looks the same
	if lists(t, s, id) {
		t.Error("the room is listed to a stranger")
	}
	moved, err := s.SealRaw(own, "let me in")
	must(t, err)
	moved.Room = id
	_, err = s.AppendRaw(moved)
	refused(t, err, wire.CodeNotAllowed)
	moved.Room = models.RoomID{1}
	_, err = s.AppendRaw(moved)
	refused(t, err, wire.CodeNotFound)
	var boxes wire.BoxReply
	g := generationOf(t, w, id)
	must(t, s.Connection().Call(ctx, wire.TypeBoxGet, wire.BoxGet{Room: id, Generation: g}, &boxes))
	if len(boxes.Boxes) != 0 {
		t.Error("a stranger was given boxes")
	}

	// Asked in, he may read, and not yet write.
	must(t, admin.Invite(ctx, id, ben.Account))
	must(t, s.Enter(ctx, id))
	moved.Room, moved.Message[0] = id, moved.Message[0]^1
	_, err = s.AppendRaw(moved)
	refused(t, err, wire.CodeNotAllowed)
}

// generationOf is the id of a room's first generation.
func generationOf(t *testing.T, w *chattest.World, id models.RoomID) models.Hash {
	t.Helper()
	es, err := w.Store.Entries(t.Context(), id, 0, 100)
	must(t, err)
	for _, e := range es {
		if e.Kind == models.EntryGeneration {
			return trust.GenerationID(e.Body)
		}
	}
	t.Fatal("the room has no generation")
	return models.Hash{}
}

// Who was put out, or went, keeps the connection open and listens.
func TestGoneMember(t *testing.T) {
	for _, how := range []struct {
		name string
		go_  func(admin, s *client.Session, id models.RoomID) error
	}{
		{"removed", func(admin, s *client.Session, id models.RoomID) error {
			return admin.Remove(context.Background(), id, s.Account())
		}},
		{"left", func(_, s *client.Session, id models.RoomID) error { return s.Leave(context.Background(), id) }},
	} {
		t.Run(how.name, func(t *testing.T) {
			w, first, admin, ben := people(t)
			ctx := t.Context()
			s, beside := w.LogIn(first, ben), w.LogIn(first, ben) // the second one only listens
			id, err := admin.CreateRoom(ctx, "Kitchen")
			must(t, err)
			member(t, admin, s, id)
			must(t, beside.Enter(ctx, id))
			_, err = s.Send(ctx, id, "one")
			must(t, err)
			late, err := s.SealRaw(id, "a last word")
			must(t, err)

			must(t, how.go_(admin, s, id))
			last := lastSeq(t, w, id)
			if how.name == "left" {
				must(t, admin.Enter(ctx, id)) // has read that he left
			}
			_, err = admin.Send(ctx, id, "now that he is gone")
			must(t, err)
			for _, x := range []*client.Session{s, beside} {
				refused(t, follow(x, id, 0), wire.CodeNotFound)
				refused(t, follow(x, id, last), wire.CodeNotFound)
				if lists(t, x, id) {
					t.Error("the room is still listed")
				}
				if got := x.Applied(id); got > last {
					t.Errorf("entry %d was read after the end at %d", got, last)
				}
			}
			_, err = s.AppendRaw(late)
			refused(t, err, wire.CodeNotAllowed)
		})
	}
}

func lastSeq(t *testing.T, w *chattest.World, id models.RoomID) uint64 {
	t.Helper()
	n, err := w.Store.LastSeq(context.Background(), id)
	must(t, err)
	return n
}

// A client that got no answer sends the entry again; one that lies sends another under the same id.
func TestSameMessageTwice(t *testing.T) {
	w, _, admin, _ := people(t)
	id, err := admin.CreateRoom(t.Context(), "Kitchen")
	must(t, err)
	e, err := admin.SealRaw(id, "once")
	must(t, err)
	seq, err := admin.AppendRaw(e)
	must(t, err)
	again, err := admin.AppendRaw(e)
	must(t, err)
	if again != seq || lastSeq(t, w, id) != seq {
		t.Fatalf("sent twice: %d and %d, the log ends at %d", seq, again, lastSeq(t, w, id))
	}
	other, err := admin.SealRaw(id, "another")
	must(t, err)
	other.Message = e.Message
	_, err = admin.AppendRaw(other)
	refused(t, err, wire.CodeConflict)
	other.Kind = models.EntryStatement
	_, err = admin.AppendRaw(other)
	if codeOf(err) == 0 {
		t.Fatal("an id was used for two kinds of entries")
	}
	// A statement sent again is acknowledged too, though the state has moved on since.
	es, err := w.Store.Entries(t.Context(), id, 0, 1)
	must(t, err)
	created, err := admin.AppendRaw(wire.LogAppend{Room: id, Kind: es[0].Kind, Message: es[0].Message, Body: es[0].Body, Boxes: []wire.Box{}})
	must(t, err)
	if created != 1 {
		t.Fatalf("the first statement sent again got place %d", created)
	}
}

// What was acknowledged is there after a restart, and is read from where the reader was.
func TestResume(t *testing.T) {
	w, first, admin, ben := people(t)
	ctx := t.Context()
	s := w.LogIn(first, ben)
	id, err := admin.CreateRoom(ctx, "Kitchen")
	must(t, err)
	member(t, admin, s, id)
	for i := range 5 {
		_, err := admin.Send(ctx, id, fmt.Sprint("before ", i))
		must(t, err)
	}
	w.Stop()
	<-s.Connection().Done()
	refused(t, s.Connection().Err(), wire.CodeGoodbye)
	w.Start(nil)
	ada := &chattest.Person{Name: "ada", Face: 1, Password: "umbrella ada 7 quartz lantern"}
	admin = w.LogIn(first, ada)
	must(t, admin.Enter(ctx, id))
	_, err = admin.Send(ctx, id, "after")
	must(t, err)
	s = w.LogIn(first, ben)
	must(t, s.Enter(ctx, id))
	for i := range 5 {
		if got := readText(t, s, id); got != fmt.Sprint("before ", i) {
			t.Fatalf("read %q", got)
		}
	}
	if got := readText(t, s, id); got != "after" {
		t.Fatalf("read %q", got)
	}
	// A reader who has it all and says so gets what is new, and nothing again.
	must(t, follow(s, id, lastSeq(t, w, id)))
	_, err = admin.Send(ctx, id, "new")
	must(t, err)
	if got := readText(t, s, id); got != "new" {
		t.Fatalf("read %q", got)
	}
	refused(t, follow(s, id, lastSeq(t, w, id)+1), wire.CodeConflict) // a cursor from the future
}

// The disk is full.
func TestNotDurableIsNotAcknowledged(t *testing.T) {
	var faulty *faultyStore
	w, first, admin, ben := people(t, func(o *server.Options) {
		faulty = &faultyStore{Store: o.Store}
		o.Store = faulty
	})
	ctx := t.Context()
	s := w.LogIn(first, ben)
	id, err := admin.CreateRoom(ctx, "Kitchen")
	must(t, err)
	member(t, admin, s, id)
	_, err = admin.Send(ctx, id, "one")
	must(t, err)
	if got := readText(t, s, id); got != "one" {
		t.Fatalf("read %q", got)
	}
	before := lastSeq(t, w, id)
	faulty.appends.Store(true)
	_, err = admin.Send(ctx, id, "two")
	refused(t, err, wire.CodeNotDurable)
	if _, err := s.CreateRoom(ctx, "Another"); codeOf(err) != wire.CodeNotDurable {
		t.Fatalf("create a room: %v", err)
	}
	faulty.appends.Store(false)
	if lastSeq(t, w, id) != before {
		t.Fatal("something was stored")
	}
	_, err = admin.Send(ctx, id, "two") // again, as the person does
	must(t, err)
	u := readEvent(t, s, id)
	if string(u.Message.Content) != "two" || u.Seq != before+1 || u.Warn != 0 {
		t.Fatalf("read %q at %d (%v): published before it was stored?", u.Message.Content, u.Seq, u.Warn)
	}
}

// readEvent reads updates until a message comes.
func readEvent(t *testing.T, s *client.Session, id models.RoomID) *e2e.Event {
	t.Helper()
	for {
		u, err := s.Next(context.Background())
		must(t, err)
		if u.Room == id && u.Event != nil && u.Event.Kind == e2e.EventMessage && u.Event.Message.Kind == e2e.KindText {
			return u.Event
		}
	}
}

// Three people and a second desk write into one room at once, while a fifth comes in: everybody reads everything, once, each author's
// lines in their order.
func TestEverybodyAtOnce(t *testing.T) {
	const lines = 30
	w, first, admin, ben := people(t)
	ctx := t.Context()
	cleo, dora := w.SignUp(first, "cleo", 3), w.SignUp(first, "dora", 4)
	w.Approve(admin, cleo)
	w.Approve(admin, dora)
	second := w.Desk(admin, "second")
	sessions := []*client.Session{admin, w.LogIn(first, ben), w.LogIn(second, ben), w.LogIn(first, cleo)}
	id, err := admin.CreateRoom(ctx, "Kitchen")
	must(t, err)
	member(t, admin, sessions[1], id)
	must(t, sessions[2].Enter(ctx, id))
	member(t, admin, sessions[3], id)
	late := w.LogIn(second, dora)

	var wg sync.WaitGroup
	fail := make(chan error, 8)
	for i, s := range sessions {
		wg.Go(func() {
			for n := range lines {
				if _, err := s.Send(ctx, id, fmt.Sprintf("%d:%03d", i, n)); err != nil {
					fail <- fmt.Errorf("session %d, line %d: %w", i, n, err)
					return
				}
			}
		})
	}
	wg.Go(func() { // meanwhile the generations change
		if err := admin.Invite(ctx, id, dora.Account); err != nil {
			fail <- err
			return
		}
		if err := late.Join(ctx, id); err != nil {
			fail <- err
		}
	})
	wg.Wait()
	close(fail)
	for err := range fail {
		t.Error(err)
	}
	if t.Failed() {
		return
	}
	for i, s := range sessions {
		next := map[string]int{}
		var order []uint64
		for range lines * len(sessions) {
			e := readEvent(t, s, id)
			who, n, _ := strings.Cut(string(e.Message.Content), ":")
			if want := fmt.Sprintf("%03d", next[who]); n != want {
				t.Fatalf("session %d read line %s of %s, want %s", i, n, who, want)
			}
			next[who]++
			order = append(order, e.Seq)
		}
		if !slices.IsSorted(order) {
			t.Errorf("session %d read out of order", i)
		}
	}
}
