package kiosk

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"visavis/chat/chattest"
	"visavis/cmd/visavis/internal/flow"
)

// Whatever people press, and whenever, and whatever the network does, every effect comes to its end: the window never waits for something
// that does not come.
func TestNothingIsWaitedForInVain(t *testing.T) {
	been := map[flow.Page]int{}
	for seed := range uint64(5) {
		w := chattest.New(t, nil) // the tries of one seed do not count for the next
		founded(t, w).stop()
		r := rand.New(rand.NewPCG(seed, 5))
		d := newDesk(t, w, "first")
		watchAnswers(t, d)
		d.showFace(1)
		d.until("the log-in", on(flow.LogIn))
		for range 80 {
			s := d.state()
			been[s.Page]++
			w.Clock.Move(5 * time.Second)
			d.k.Post(pressed(r, s))
			switch r.IntN(20) {
			case 0:
				d.cable.pull()
			case 1, 2, 3:
				d.cable.mend()
			}
			if r.IntN(3) > 0 { // often enough, people wait for what they see
				d.patiently(r)
			}
		}
		d.cable.mend()
		s := d.until(fmt.Sprintf("rest, with seed %d", seed), func(s flow.State) bool {
			return s.Busy == flow.Idle && s.Link == flow.LinkUp
		})
		if _ = d.stop(); t.Failed() {
			t.Fatalf("seed %d ended in %s", seed, brief(s))
		}
	}
	for _, p := range []flow.Page{flow.LogIn, flow.Look, flow.Inside, flow.Locked} {
		if been[p] < 10 {
			t.Errorf("only %d presses on page %s", been[p], p)
		}
	}
}

// watchAnswers fails the test when something is answered that was not asked for, or answered twice, or overtaken.
func watchAnswers(t *testing.T, d *desk) {
	open := map[string]int{}
	answered := func(what string) {
		if open[what]--; open[what] < 0 {
			t.Errorf("%s was answered once too often", what)
			open[what] = 0
		}
	}
	d.stopped(func() {
		d.k.world.trace = func(e flow.Event, effects []flow.Effect) {
			switch e := e.(type) {
			case flow.Ready, flow.LoggedIn, flow.SignedUp, flow.Unlocked, flow.Failed:
				answered("a look or a form")
			case flow.LockDone:
				answered("a lock")
			case flow.LoggedOut:
				answered("a log-out")
			case flow.Done:
				answered(fmt.Sprint(e.Action))
			}
			for _, x := range effects {
				switch x := x.(type) {
				case flow.DoProve, flow.DoPrepare, flow.DoLook:
					open["a look or a form"]++
				case flow.DoAbandon:
					open["a look or a form"] = 0
				case flow.DoLock:
					clear(open)
					open["a lock"]++
				case flow.DoLogOut:
					clear(open)
					open["a log-out"]++
				case flow.DoAct:
					open[fmt.Sprint(x.Action)]++
				}
			}
		}
	})
}

// patiently waits until the page rests, or not quite so long.
func (d *desk) patiently(r *rand.Rand) {
	d.settle()
	for range r.IntN(120) {
		if d.state().Busy == flow.Idle {
			return
		}
		select {
		case <-d.news:
		case <-time.After(2 * time.Millisecond):
			d.clock.move(50 * time.Millisecond)
		}
	}
}

// pressed is what somebody might press on a page.
func pressed(r *rand.Rand, s flow.State) flow.Event {
	events := map[flow.Page][]flow.Event{
		flow.LogIn:  {flow.LogInAsked{Name: "ada", Password: password("ada")}},
		flow.Look:   {flow.Pressed{}, flow.Pressed{}, flow.Pressed{}, flow.Pressed{}, flow.Cancelled{}},
		flow.Locked: {flow.Pressed{}, flow.Pressed{}, flow.Pressed{}, flow.LogOutAsked{}},
		flow.Inside: {
			flow.LockAsked{}, flow.LogOutAsked{}, flow.Asked{Action: flow.Action{Verb: flow.ListAdmin}},
			flow.Asked{Action: flow.Action{Verb: flow.CreateRoom, Text: "room"}}, flow.Away{}, flow.Stranger{},
			flow.PanelOpened{Panel: flow.Desks}, flow.Asked{Action: flow.Action{Verb: flow.InviteDesk}},
		},
	}[s.Page]
	if s.Talk != nil && len(s.Talk.Rooms) > 0 {
		id := s.Talk.Rooms[0].ID
		for _, v := range []flow.Verb{flow.OpenRoom, flow.SendText, flow.SendText, flow.LeaveRoom} {
			events = append(events, flow.Asked{Action: flow.Action{Verb: v, Room: id, Text: fmt.Sprint(r.IntN(1000))}})
		}
	}
	if len(events) == 0 || r.IntN(10) == 0 {
		return []flow.Event{flow.Cancelled{}, flow.Pressed{}, flow.LogOutAsked{}, flow.LockAsked{}, flow.Dismissed{}}[r.IntN(5)]
	}
	return events[r.IntN(len(events))]
}
