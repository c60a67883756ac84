package kiosk

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"visavis/biometrics/eye"
	"visavis/chat/chattest"
	"visavis/cmd/visavis/internal/flow"
	"visavis/models/canon"
)

// hands are between one process of a desk's window and the next, which here are two kiosks.
type hands struct {
	rest   chan []byte
	answer chan error
}

func newHands() *hands { return &hands{make(chan []byte), make(chan error)} }

func (h *hands) renew(ctx context.Context, rest []byte) error {
	select {
	case h.rest <- bytes.Clone(rest):
		return <-h.answer
	case <-ctx.Done():
		return ctx.Err()
	}
}

// first is the first process of a desk that has its first admin.
func (h *hands) first(t *testing.T, w *chattest.World) *desk {
	t.Helper()
	_ = founded(t, w).stop()
	d := newDeskWith(t, w, "first", eye.Options{}, func(o *Options) { o.Renew = h.renew })
	d.until("the log-in", on(flow.LogIn))
	return d
}

// next is the process that follows once d has asked for it; d has ended then.
func (h *hands) next(t *testing.T, d *desk) *desk {
	t.Helper()
	gone := make(chan struct{})
	next := newDeskWith(t, d.w, "first", eye.Options{}, func(o *Options) { o.Renew, o.Rest, o.Gone = h.renew, <-h.rest, gone })
	page := d.state().Page
	s := next.until("the page of before", func(s flow.State) bool { return s.Busy == flow.Renewing })
	if s.Page != page || s.Person.Name != d.state().Person.Name || d.state().Busy != flow.Renewing {
		t.Errorf("the next shows %s, the one before %s", brief(s), brief(d.state()))
	}
	if next.eye.opened != nil || next.state().Link == flow.LinkUp {
		t.Error("the next has camera or connection while the one before lives")
	}
	h.answer <- nil
	if err := d.over(); err != nil {
		t.Errorf("the one before: %v", err)
	}
	close(gone)
	return next
}

// At a lock and at a log-out another process goes on, and the person notices nothing.
func TestRenewed(t *testing.T) {
	w, h := chattest.New(t, nil), newHands()
	d := h.first(t, w)
	d.logIn("ada", 1)
	d.do(flow.Action{Verb: flow.CreateRoom, Text: "Kitchen"})
	room := d.until("the room", func(s flow.State) bool { return s.Talk != nil && s.Talk.Open != nil && s.Busy == flow.Idle }).Talk.Open.ID
	d.do(flow.Action{Verb: flow.SendText, Room: room, Text: "before"})
	d.until("it is stored", func(s flow.State) bool { return deliveries(s) == "before:2" })
	for range 3 {
		d.k.Post(flow.LockAsked{})
		d = h.next(t, d)
		d.until("locked", on(flow.Locked))
		d.until("link and camera", ready)
		d.showFace(1)
		d.k.Post(flow.Pressed{})
		s := d.until("the room again", func(s flow.State) bool { return deliveries(s) == "before:2" })
		if s.Person.Name != "ada" || !s.Person.Admin || s.Talk.Open.ID != room || s.Talk.Rooms[0].Unread != 0 {
			t.Errorf("%+v", s.Person)
		}
	}
	d.k.Post(flow.LogOutAsked{})
	d = h.next(t, d)
	if s := d.until("logged out", on(flow.LogIn)); s.Note != flow.NoteLoggedOut || s.Person.Name != "" {
		t.Errorf("%s", brief(s))
	}
	d.until("link and camera", ready)
	d.logIn("ada", 1)
}

// A session that the server has ended, or could not keep a lock's key of, ends in another process too, and its person reads why.
func TestRenewedAtAnEnd(t *testing.T) {
	w, h := chattest.New(t, nil), newHands()
	d := h.first(t, w)
	d.logIn("ada", 1)
	d.cable.pull()
	d.until("the link is down", linked(flow.LinkDown))
	d.k.Post(flow.LockAsked{})
	d = h.next(t, d)
	if s := d.until("the log-in", on(flow.LogIn)); s.Problem.Kind != flow.LockedOffline {
		t.Errorf("%s", brief(s))
	}
}

// A lock that has ended when the next process asks for it says so.
func TestRenewedTooLate(t *testing.T) {
	w, h := chattest.New(t, nil), newHands()
	d := h.first(t, w)
	d.logIn("ada", 1)
	d.k.Post(flow.LockAsked{})
	d.until("it is handed on", func(s flow.State) bool { return s.Busy == flow.Renewing })
	w.Clock.Move(31 * time.Minute)
	d = h.next(t, d)
	if s := d.until("too late", on(flow.LogIn)); s.Problem.Kind != flow.LockedTooLong || s.Person.Name != "" {
		t.Errorf("%s", brief(s))
	}
}

// Where there is no next process, this one goes on: locked as ever, and it asks again when somebody has gone the next time.
func TestNotRenewed(t *testing.T) {
	w, h := chattest.New(t, nil), newHands()
	d := h.first(t, w)
	d.logIn("ada", 1)
	for range 2 {
		d.k.Post(flow.LockAsked{})
		<-h.rest
		d.k.Post(flow.LogOutAsked{}) // for half a second nobody can say which of two processes would do it
		d.k.Post(flow.Pressed{})
		d.settle()
		h.answer <- errors.New("no memory left")
		d.until("locked", on(flow.Locked))
		d.k.Post(flow.Pressed{})
		d.until("ada is back", on(flow.Inside))
	}
	d.k.Post(flow.LogOutAsked{})
	<-h.rest
	h.answer <- errors.New("no memory left")
	d.until("logged out", on(flow.LogIn))
	d.until("link and camera", ready)
	d.logIn("ada", 1)
	d.k.Post(flow.LogOutAsked{})
	h.next(t, d).until("logged out", on(flow.LogIn))
}

// The next process is told to end before the one before has: the lock stays with that one.
func TestTheNextEndsFirst(t *testing.T) {
	w, h := chattest.New(t, nil), newHands()
	d := h.first(t, w)
	d.logIn("ada", 1)
	d.k.Post(flow.LockAsked{})
	next := newDeskWith(t, w, "first", eye.Options{}, func(o *Options) { o.Rest, o.Gone = <-h.rest, make(chan struct{}) })
	next.until("the page of before", func(s flow.State) bool { return s.Page == flow.Locked })
	if err := next.stop(); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
	h.answer <- errors.New("it has ended")
	d.until("locked", on(flow.Locked))
	d.k.Post(flow.Pressed{})
	d.until("ada is back", on(flow.Inside))
}

// A process in which nobody was is not renewed, nor while somebody tries his password again; one whose form was left is.
func TestWhenToRenew(t *testing.T) {
	w, h := chattest.New(t, nil), newHands()
	d := h.first(t, w)
	for _, to := range []flow.Page{flow.SignUp, flow.LogIn} { // nobody has typed
		d.k.Post(flow.Went{To: to})
		d.until("the form", on(to))
	}
	d.showFace(1)
	d.k.Post(flow.LogInAsked{Name: "ada", Password: password("eve")})
	d.until("it is wrong", said(flow.WrongPassword))
	d.k.Post(flow.LogInAsked{Name: "ada", Password: password("ada")})
	d.until("a look", on(flow.Look))
	d.k.Post(flow.Cancelled{})
	d = h.next(t, d)
	d.until("the log-in", on(flow.LogIn))
	d.k.Post(flow.Went{To: flow.SignUp})
	d.k.Post(flow.Typing{})
	d.k.Post(flow.Went{To: flow.LogIn})
	d = h.next(t, d)
	d.until("the log-in", on(flow.LogIn))
	d.logIn("ada", 1)
	d.k.Post(flow.LockAsked{})
	d = h.next(t, d)
	d.until("locked", on(flow.Locked))
	d.showFace(7)
	d.k.Post(flow.Pressed{})
	d.until("it is another's face", said(flow.FaceRefused))
	if s := d.state(); s.Page != flow.Locked || s.Busy != flow.Idle {
		t.Errorf("a face that was refused leaves nothing to be rid of: %s", brief(s))
	}
}

// What no window of this version has left is not used, and the desk begins as always.
func TestRestRefused(t *testing.T) {
	w, h := chattest.New(t, nil), newHands()
	d := h.first(t, w)
	d.logIn("ada", 1)
	d.k.Post(flow.LockAsked{})
	good := <-h.rest
	h.answer <- errors.New("looked at")
	_ = d.stop()
	r, err := parseRest(good)
	if err != nil || len(r.Lock) != 1 {
		t.Fatalf("%v", err)
	}
	with := func(change func(*rest)) []byte {
		x := r
		x.Lock = append([]lockRest{}, r.Lock...)
		change(&x)
		return canon.MustMarshal(x)
	}
	gone := make(chan struct{})
	close(gone)
	for name, tt := range map[string][]byte{
		"another version":   with(func(r *rest) { r.Version++ }),
		"a page of nobody":  with(func(r *rest) { r.Page = flow.Inside }),
		"a lock too many":   with(func(r *rest) { r.Lock = append(r.Lock, r.Lock[0]) }),
		"locked by nothing": with(func(r *rest) { r.Lock = nil }),
		"a lock at no lock": with(func(r *rest) { r.Page = flow.LogIn }),
		"cut":               good[:len(good)-1],
		"too much":          make([]byte, maxRest+1),
	} {
		if _, err := parseRest(tt); !errors.Is(err, errRest) {
			t.Errorf("%s: %v", name, err)
		}
	}
	for name, tt := range map[string][]byte{
		"rubbish":                  []byte("rubbish"),
		"a lock that is no lock's": with(func(r *rest) { r.Lock[0].Session = []byte("x") }),
	} {
		d := newDeskWith(t, w, "first", eye.Options{}, func(o *Options) { o.Rest, o.Gone = tt, gone })
		if s := d.until(fmt.Sprintf("%s: the log-in", name), on(flow.LogIn)); s.Person.Name != "" {
			t.Errorf("%s: %+v", name, s.Person)
		}
		_ = d.stop()
	}
}

func FuzzRest(f *testing.F) {
	f.Add(canon.MustMarshal(rest{Version: restVersion, Page: flow.LogIn, Note: flow.NoteLoggedOut}))
	f.Add(canon.MustMarshal(rest{Version: restVersion, Page: flow.Locked, Lock: []lockRest{{Name: "ada", Marks: []markRest{{Seq: 7}}, Session: []byte{1}}}}))
	f.Fuzz(func(t *testing.T, b []byte) {
		r, err := parseRest(b)
		if err != nil {
			return
		}
		if again := canon.MustMarshal(r); !bytes.Equal(again, b) {
			t.Fatalf("%x was %x", again, b)
		}
	})
}
