package client_test

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"testing"

	"visavis/chat/client"
	"visavis/chat/e2e"
	"visavis/chat/server"
	"visavis/chat/wire"
	"visavis/models"
)

// appendHook is called around each storing of messages.
type appendHook struct {
	models.Store
	before, after atomic.Pointer[func()]
	full          atomic.Bool // the next message is not stored
	appends       atomic.Int32
}

func (s *appendHook) Append(ctx context.Context, es []models.Entry) ([]models.Appended, error) {
	call := func(p *atomic.Pointer[func()]) {
		if f := p.Swap(nil); f != nil {
			(*f)()
		}
	}
	if es[0].Kind == models.EntryMessage {
		s.appends.Add(1)
		call(&s.before)
		defer call(&s.after)
		if s.full.Swap(false) {
			return nil, errors.New("the disk is full")
		}
	}
	return s.Store.Append(ctx, es)
}

// readTexts reads until a text, and says how often each came. None may come with a warning, or be refused.
func readTexts(t *testing.T, s *client.Session, last string) map[string]int {
	t.Helper()
	got := map[string]int{}
	for got[last] == 0 {
		u, err := s.Next(t.Context())
		must(t, err)
		switch {
		case u.Event == nil:
		case u.Event.Kind == e2e.EventRefused:
			t.Errorf("entry %d was refused: %v", u.Event.Seq, u.Event.Cause)
		case u.Event.Kind == e2e.EventMessage:
			if u.Event.Warn != 0 {
				t.Errorf("%q came with %v", u.Event.Message.Content, u.Event.Warn)
			}
			got[string(u.Event.Message.Content)]++
		}
	}
	return got
}

// A text is sent once: whether its connection was cut before it was stored, or before it was acknowledged; and however often it is sent again.
func TestSentOnce(t *testing.T) {
	var hook *appendHook
	_, _, admin, _, s, room := talking(t, func(o *server.Options) {
		hook = &appendHook{Store: o.Store}
		o.Store = hook
	})
	ctx := t.Context()
	refused(t, s.SendAs(ctx, room, models.MessageID{}, "no id"), wire.CodeInvalid)
	for i := range 6 {
		id, err := s.NewMessageID()
		must(t, err)
		lost := s.Connection().Cut
		if i%2 == 0 {
			hook.after.Store(&lost)
		} else {
			lost()
		}
		text := fmt.Sprintf("text %d", i)
		if err := s.SendAs(ctx, room, id, text); err == nil {
			t.Fatal("acknowledged over a cut connection")
		}
		s = resumed(t, sever(t, s))
		must(t, s.Enter(ctx, room))
		for range 3 {
			must(t, s.SendAs(ctx, room, id, text))
		}
	}
	_, err := s.Send(ctx, room, "the end")
	must(t, err)
	got := readTexts(t, admin, "the end")
	for i := range 6 {
		if n := got[fmt.Sprintf("text %d", i)]; n != 1 {
			t.Errorf("text %d came %d times", i, n)
		}
	}
}

// The text is still on its way into the store when its connection is cut, and gets there only after the session was resumed.
func TestSentOnceThoughLate(t *testing.T) {
	var hook *appendHook
	_, _, admin, _, at, room := talking(t, func(o *server.Options) {
		hook = &appendHook{Store: o.Store}
		o.Store = hook
	})
	ctx := t.Context()
	id, err := at.NewMessageID()
	must(t, err)
	stuck, free := make(chan struct{}), make(chan struct{})
	wait := func() { close(stuck); <-free }
	hook.before.Store(&wait)
	lost := make(chan error, 1)
	go func() { lost <- at.SendAs(context.WithoutCancel(ctx), room, id, "late") }()
	<-stuck
	x := sever(t, at)
	if <-lost == nil {
		t.Fatal("acknowledged over a cut connection")
	}
	s := resumed(t, x)
	must(t, s.Enter(ctx, room))
	again := make(chan error, 1)
	go func() { again <- s.SendAs(context.WithoutCancel(ctx), room, id, "late") }()
	close(free)
	must(t, <-again)
	_, err = s.Send(ctx, room, "the end")
	must(t, err)
	if got := readTexts(t, admin, "the end"); got["late"] != 1 {
		t.Errorf("it came %d times", got["late"])
	}
}

// Whoever sends gives up waiting, and sends again: the same entry, and no hole in its stream.
func TestSentOnceThoughGivenUp(t *testing.T) {
	var hook *appendHook
	_, _, admin, _, at, room := talking(t, func(o *server.Options) {
		hook = &appendHook{Store: o.Store}
		o.Store = hook
	})
	id, err := at.NewMessageID()
	must(t, err)
	ctx, giveUp := context.WithCancel(t.Context())
	free := make(chan struct{})
	wait := func() { giveUp(); <-free }
	hook.before.Store(&wait)
	if err := at.SendAs(ctx, room, id, "patience"); !errors.Is(err, context.Canceled) {
		t.Fatalf("given up: %v", err)
	}
	close(free)
	must(t, at.SendAs(t.Context(), room, id, "patience"))
	must(t, at.SendAs(t.Context(), room, id, "patience"))
	_, err = at.Send(t.Context(), room, "the end")
	must(t, err)
	if got := readTexts(t, admin, "the end"); got["patience"] != 1 {
		t.Errorf("it came %d times", got["patience"])
	}
}

// Whoever sends gives up waiting, and the text was not stored: sent again it is the same entry, in the same place. Nobody sees a hole.
func TestGivenUpLeavesNoHole(t *testing.T) {
	var hook *appendHook
	_, _, admin, _, at, room := talking(t, func(o *server.Options) {
		hook = &appendHook{Store: o.Store}
		o.Store = hook
	})
	id, err := at.NewMessageID()
	must(t, err)
	ctx, giveUp := context.WithCancel(t.Context())
	free := make(chan struct{})
	wait := func() { giveUp(); <-free }
	hook.before.Store(&wait)
	hook.full.Store(true)
	if err := at.SendAs(ctx, room, id, "patience"); !errors.Is(err, context.Canceled) {
		t.Fatalf("given up: %v", err)
	}
	close(free)
	must(t, at.SendAs(t.Context(), room, id, "patience"))
	_, err = at.Send(t.Context(), room, "the end")
	must(t, err)
	if got := readTexts(t, admin, "the end"); got["patience"] != 1 {
		t.Errorf("it came %d times", got["patience"])
	}
}

// What was acknowledged is not sent again, though its entry has not come back yet.
func TestAcknowledgedIsNotSentAgain(t *testing.T) {
	var hook *appendHook
	_, _, _, _, at, room := talking(t, func(o *server.Options) {
		hook = &appendHook{Store: o.Store}
		o.Store = hook
	})
	id, err := at.NewMessageID()
	must(t, err)
	at.Deafen()
	must(t, at.SendAs(t.Context(), room, id, "once"))
	stored := hook.appends.Load()
	must(t, at.SendAs(t.Context(), room, id, "once"))
	if n := hook.appends.Load(); n != stored {
		t.Error("it was sent again")
	}
}
