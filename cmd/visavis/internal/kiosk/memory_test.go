package kiosk

import (
	"context"
	"errors"
	"testing"

	"visavis/chat/chattest"
	"visavis/cmd/visavis/internal/flow"
)

// What was planted: a title, a message that was stored, one that was never sent, another person's name, and the person's own.
const (
	plantedTitle  = "Heron Kitchen"
	plantedSaid   = "the copper lantern is on the quay"
	plantedUnsent = "nobody tells the harbour master"
	plantedName   = "cleopatra"
)

// stopped runs f on Run's goroutine.
func (d *desk) stopped(f func()) {
	done := make(chan struct{})
	d.k.mail.put(message{do: func() { f(); close(done) }})
	<-done
}

// finds are which of texts can be reached from the kiosk.
func (d *desk) finds(texts ...string) (found map[string]string) {
	found = map[string]string{}
	d.stopped(func() {
		for _, text := range texts {
			if at := holds(d.k, text); at != "" {
				found[text] = at
			}
		}
	})
	return found
}

// TestNothingIsLeft walks everything that the kiosk can reach. While somebody is inside, the walk finds what was planted; after a lock and a
// log-out it does not.
func TestNothingIsLeft(t *testing.T) {
	if raceDetector {
		t.Skip("the walk reads what belongs to goroutines that rest just then, which the race detector can not know")
	}
	w := chattest.New(t, nil)
	d := founded(t, w)
	d.k.Post(flow.Went{To: flow.SignUp})
	d.until("a sign-up", on(flow.SignUp))
	d.signUp(plantedName, 2)
	d.k.Post(flow.Cancelled{})
	d.until("the log-in", on(flow.LogIn))

	inside := func() {
		d.until("the list", func(s flow.State) bool { return len(s.Admin.Signups) == 1 })
	}
	d.logIn("ada", 1)
	inside()
	d.do(flow.Action{Verb: flow.CreateRoom, Text: plantedTitle})
	room := d.until("the room", func(s flow.State) bool {
		return s.Busy == flow.Idle && s.Talk != nil && s.Talk.Open != nil && s.Talk.Open.Title == plantedTitle
	}).Talk.Open.ID
	d.do(flow.Action{Verb: flow.SendText, Room: room, Text: plantedSaid})
	d.until("it is stored", func(s flow.State) bool { return deliveries(s) == plantedSaid+":2" })
	planted := []string{plantedTitle, plantedSaid, plantedName, "umbrella"}
	if found := d.finds(planted...); len(found) != 3 {
		t.Fatalf("while somebody is inside, the walk finds only %v", found)
	}
	d.k.Post(flow.LockAsked{})
	d.until("locked", on(flow.Locked))
	if found := d.finds(planted...); len(found) > 0 {
		t.Errorf("locked, and there is still %v", found)
	}
	if found := d.finds("ada"); len(found) == 0 {
		t.Error("the lock does not know whose it is")
	}
	d.k.Post(flow.Pressed{})
	d.until("ada is back", on(flow.Inside))
	inside()
	d.until("the room is read", func(s flow.State) bool {
		return s.Talk != nil && len(s.Talk.Rooms) == 1 && s.Talk.Rooms[0].Title == plantedTitle
	})
	if found := d.finds(planted...); len(found) < 2 {
		t.Errorf("after the unlock, only %v", found)
	}
	d.cable.pull()
	d.until("the link is down", linked(flow.LinkDown))
	d.do(flow.Action{Verb: flow.SendText, Room: room, Text: plantedUnsent})
	if found := d.finds(plantedUnsent); len(found) != 1 {
		t.Fatal("the control was not planted")
	}
	d.cable.mend()
	d.until("the link is up", linked(flow.LinkUp))
	if found := d.finds(plantedTitle); len(found) != 1 {
		t.Fatal("nothing was there to be left")
	}
	d.k.Post(flow.LogOutAsked{})
	d.until("logged out", on(flow.LogIn))
	if found := d.finds(append(planted, plantedUnsent, "ada@", "\"ada\"")...); len(found) > 0 {
		t.Errorf("logged out, and there is still %v", found)
	}
	d.stopped(func() {
		if d.k.stay != nil || d.k.lock != nil || d.k.entry != nil || d.k.watch.On() || d.k.state.Person != (flow.Person{}) {
			t.Error("the kiosk still knows a person")
		}
	})
}

// Ended at any moment, nothing is left running and nobody logged in: Run's own test is TestMain's search for goroutines.
func TestEndedAtAnyMoment(t *testing.T) {
	w := chattest.New(t, nil)
	founded(t, w).stop()
	for i, moment := range []func(*desk){
		func(*desk) {},
		func(d *desk) { d.k.Post(flow.LogInAsked{Name: "ada", Password: password("ada")}) },
		func(d *desk) { d.look(flow.LogInAsked{Name: "ada", Password: password("ada")}) },
		func(d *desk) { d.logIn("ada", 1) },
		func(d *desk) { d.logIn("ada", 1); d.k.Post(flow.LockAsked{}) },
		func(d *desk) { d.logIn("ada", 1); d.k.Post(flow.LockAsked{}); d.until("locked", on(flow.Locked)) },
		func(d *desk) { d.logIn("ada", 1); d.k.Post(flow.LogOutAsked{}) },
		func(d *desk) { d.logIn("ada", 1); d.k.Post(flow.LockAsked{}); d.k.Post(flow.LogOutAsked{}) },
		func(d *desk) { d.logIn("ada", 1); d.cable.pull() },
		func(d *desk) { d.logIn("ada", 1); d.cable.pull(); d.until("down", linked(flow.LinkDown)) },
	} {
		d := newDesk(t, w, "first")
		d.until("the log-in", on(flow.LogIn))
		moment(d)
		if err := d.stop(); !errors.Is(err, context.Canceled) {
			t.Errorf("moment %d: %v", i, err)
		}
		if s, l := d.k.stay, d.k.lock; s != nil || l != nil {
			t.Errorf("moment %d: somebody is still there", i)
		}
	}
}

// look goes as far as a challenge that is being played.
func (d *desk) look(form flow.LogInAsked) {
	d.t.Helper()
	d.mu.Lock()
	d.hold = make(chan struct{})
	d.mu.Unlock()
	d.k.Post(form)
	d.until("a look", on(flow.Look))
	d.k.Post(flow.Pressed{})
	d.until("the challenge", func(s flow.State) bool { return s.Capture.Fraction > 0 })
}
