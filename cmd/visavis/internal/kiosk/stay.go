package kiosk

import (
	"context"
	"errors"
	"sync/atomic"
	"time"

	"visavis/biometrics/match"
	"visavis/biometrics/presence"
	"visavis/chat/client"
	"visavis/chat/trust"
	"visavis/chat/wire"
	"visavis/cmd/visavis/internal/flow"
	"visavis/cmd/visavis/internal/talk"
	"visavis/models"
)

// stay is a person inside: from log-in or unlock to lock, log-out or the session's end. It may outlive connections.
type stay struct {
	scope  *scope
	person flow.Person
	model  *talk.Model

	session   *client.Session   // nil while there is no connection
	live      *scope            // of the session's connection
	suspended *client.Suspended // what goes on with it
	retry     backoff
	hello     trust.Hello

	loading map[models.RoomID]*loading
	moving  models.RoomID // a room to open once it was read and the person is in it
	outbox  map[models.RoomID]*outbox

	waiting []client.Waiting // an admin's lists, as they were last
	anew    []client.Waiting // who signed up for an account that there is
	keys    []client.WaitingKeys
	desks   []wire.Desk
	listed  time.Time

	proven time.Time // when the person proved last to be still there; zero for never
	asked  *scope    // of a proof that was asked for: the wait for it, or the proof itself; nil for none
	told   time.Time // when it was last said what is wrong with a proof's picture

	dirty bool // the view is not the one that is shown
	shown time.Time
}

// Times of a stay.
const (
	tickEvery   = 250 * time.Millisecond // who is before the desk
	viewEvery   = time.Second / 30
	listEvery   = 10 * time.Second
	callMost    = 30 * time.Second // that an answer is waited for
	suspendMost = 15 * time.Second
)

// enter begins a stay.
func (k *Kiosk) enter(s *client.Session, owner match.Vector, marks talk.Marks) {
	st := &stay{
		scope:  k.life.within(),
		person: flow.Person{Account: s.Account(), Name: s.Name(), Admin: s.IsAdmin()},
		model:  talk.New(s.Account(), s.Directory(), k.o.Location, marks),
		outbox: map[models.RoomID]*outbox{},
	}
	k.stay = st
	if s.ByCode() != nil {
		k.watch.BeginUnknown(k.o.Clock.Now(), time.Duration(k.settings.Away))
	} else {
		k.watch.Begin(k.o.Clock.Now(), owner, time.Duration(k.settings.Away))
	}
	if _, open := k.eye.keeper.Camera(); !open {
		k.watch.Blind(k.o.Clock.Now())
	}
	k.attach(s)
}

// arrived is what follows once the person is shown inside.
func (k *Kiosk) arrived() {
	st := k.stay
	k.nameOrganisation(st.session.Directory().OrgName())
	k.linkUp(st.hello)
	if st.person.Admin {
		k.listAdmin(nil)
	}
	k.touch()
	k.tick()
}

// tick looks every quarter of a second who is before the desk, takes off what has expired, and keeps an admin's open lists fresh.
func (k *Kiosk) tick() {
	st := k.stay
	now := k.o.Clock.Now()
	if p := k.state.Panel; (p == flow.Approvals || p == flow.Desks || p == flow.Help) && now.Sub(st.listed) >= listEvery {
		k.listAdmin(nil)
	}
	k.awaitTwice(st)
	if st.model.Expire(now) {
		k.touch()
	}
	k.after(st.scope, tickEvery, k.tick)
	k.verdict(k.watch.Tick(now))
}

// verdict locks, or says that somebody looks over the person's shoulder.
func (k *Kiosk) verdict(v presence.Verdict) {
	switch v {
	case presence.Away:
		k.apply(flow.Away{})
	case presence.Stranger:
		k.apply(flow.Stranger{})
	default:
		on := k.watch.Onlooker() || k.state.Onlooker && !k.watch.Here(k.o.Clock.Now()) // of one who may sit there now nobody says that he is gone
		if on != k.state.Onlooker && k.state.Page == flow.Inside {
			k.apply(flow.OnlookerIs{On: on})
		}
	}
}

// attach makes s the stay's session.
func (k *Kiosk) attach(s *client.Session) {
	st := k.stay
	st.session, st.suspended = s, nil
	st.hello = s.Hello()
	st.live = st.scope.within()
	st.loading = map[models.RoomID]*loading{}
	st.retry.reset()
	for _, o := range st.outbox {
		o.busy = false
	}
	st.model.Attach(s.Directory(), s)
	k.pump(st, st.live, s)
	k.readRooms(st, s)
}

// updatesKept bounds what a session told and nobody folded yet. Whoever writes faster than the desk reads is held up by the session, and
// then by the server, which cuts.
const updatesKept = 256

// updates are what a session told since they were folded last.
type updates struct {
	list chan client.Update
	told atomic.Bool // somebody was told that there are some
}

func newUpdates() *updates { return &updates{list: make(chan client.Update, updatesKept)} }

// add waits for room, and says whether somebody has to be told.
func (u *updates) add(ctx context.Context, x client.Update) bool {
	select {
	case u.list <- x:
		return u.told.CompareAndSwap(false, true)
	case <-ctx.Done():
		return false
	}
}

// take returns what there is. What comes from now on is told of again.
func (u *updates) take() (list []client.Update) {
	u.told.Store(false)
	for range updatesKept {
		select {
		case x := <-u.list:
			list = append(list, x)
		default:
			return list
		}
	}
	return list
}

// pump brings what the session tells to the model, until its connection ends.
func (k *Kiosk) pump(st *stay, live *scope, s *client.Session) {
	told := newUpdates()
	k.tasks.Go(func() {
		for {
			u, err := s.Next(live.ctx)
			if err != nil {
				k.tell(live, func() { k.lost(st, err) })
				return
			}
			if told.add(live.ctx, u) {
				k.tell(live, func() { k.fold(st, told.take()) })
			}
		}
	})
}

func (k *Kiosk) fold(st *stay, list []client.Update) {
	for _, u := range list {
		switch {
		case u.Event != nil && u.Again:
			st.model.Again(u.Room, *u.Event, u.Was)
		case u.Event != nil:
			st.model.Event(u.Room, *u.Event)
		case u.News:
			st.model.News(u.Room, u.Open)
			k.askWhoAsks(st)
		case u.Directory != nil:
			st.model.Grew()
			noteKeys(st, u)
			k.roles(st)
			k.showPeer(st)
			k.showKeys(st)
		case u.Keys:
			if st.person.Admin {
				k.listAdmin(nil)
			}
		case u.Audit != nil:
			k.apply(flow.Done{Problem: problemOf(u.Audit.Changed, inside)})
		}
	}
	for id := range st.loading {
		k.settle(st, id)
	}
	st.moveIn()
	k.touch()
}

// roles notices that the person became an admin, or is none any more.
func (k *Kiosk) roles(st *stay) {
	if is := st.session.IsAdmin(); is != st.person.Admin {
		st.person.Admin = is
		k.apply(flow.AdminIs{Self: is})
		if is {
			k.listAdmin(nil)
		}
	}
}

// touch shows the view soon: at most thirty times a second.
func (k *Kiosk) touch() {
	st := k.stay
	if st == nil || st.dirty {
		return
	}
	st.dirty = true
	now := k.o.Clock.Now()
	if wait := viewEvery - now.Sub(st.shown); !st.shown.IsZero() && wait > 0 {
		k.after(st.scope, wait, func() { k.showTalk(st) })
		return
	}
	k.showTalk(st)
}

func (k *Kiosk) showTalk(st *stay) {
	st.dirty, st.shown = false, k.o.Clock.Now()
	if id := st.model.Opened(); !id.IsZero() && st.session != nil {
		st.model.Terms(id, termsOf(st.session, id))
	}
	k.apply(flow.TalkIs{Talk: st.model.View()})
}

// lost is a session whose connection has ended.
func (k *Kiosk) lost(st *stay, why error) {
	st.live.end()
	s := st.session
	st.session = nil
	k.cutOutbox(st)
	k.apply(flow.LinkIs{Link: flow.LinkDown})
	type kept struct {
		x  *client.Suspended
		ok bool
	}
	begin(k, st.scope, func(context.Context) (kept, error) {
		x, ok := s.Suspend()
		return kept{x, ok}, nil
	}, func(x kept, _ error) {
		if !x.ok {
			k.ended(sessionEnded(why))
			return
		}
		st.suspended = x.x
		k.resume(st)
	}, func(x kept) {
		if x.ok {
			x.x.Wipe()
		}
	})
}

// resume goes on with the session over a new connection, again and again until the server says that it is over.
func (k *Kiosk) resume(st *stay) {
	x := st.suspended
	begin(k, st.scope, func(ctx context.Context) (*client.Session, error) {
		ctx, cancel := context.WithTimeout(ctx, suspendMost)
		defer cancel()
		return x.Resume(ctx)
	}, func(s *client.Session, err error) {
		switch {
		case errors.Is(err, client.ErrOver):
			k.ended(sessionEnded(err))
		case err != nil:
			k.after(st.scope, st.retry.wait(), func() { k.resume(st) })
		default:
			k.attach(s)
			k.linkUp(st.hello)
			k.roles(st)
			k.touch()
		}
	}, logOutNow)
}

// ended says that the session is over; nothing of it is left.
func (k *Kiosk) ended(p flow.Problem) {
	k.abandon() // a look that was to unlock it
	k.leave()
	k.apply(flow.Ended{Problem: p})
	k.connect()
}

// dropStay forgets what the person read, at once, and returns what is left to be ended.
func (k *Kiosk) dropStay() (*client.Session, *client.Suspended) {
	st := k.stay
	k.stay = nil
	k.watch.Wipe()
	if st == nil {
		return nil, nil
	}
	st.scope.end()
	st.model.Wipe()
	return st.session, st.suspended
}

// leave ends stay and lock without waiting for the server longer than a farewell takes.
func (k *Kiosk) leave() {
	s, x := k.dropStay()
	l := k.lock
	k.lock = nil
	if l != nil {
		l.scope.end()
	}
	k.tasks.Go(func() {
		switch {
		case s != nil:
			logOutNow(s)
		case x != nil:
			x.Wipe()
		case l != nil && l.locked != nil:
			l.leave()
		}
	})
}

// logOutNow ends a session that nobody wants any more.
func logOutNow(s *client.Session) {
	ctx, cancel := context.WithTimeout(context.Background(), farewell)
	defer cancel()
	_ = s.LogOut(ctx) // it is wiped here whatever the server says
}
