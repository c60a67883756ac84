package kiosk

import (
	"context"
	"errors"

	"visavis/biometrics"
	"visavis/biometrics/liveness"
	"visavis/chat/client"
	"visavis/cmd/visavis/internal/flow"
	"visavis/cmd/visavis/internal/talk"
	"visavis/models"
)

// lock is a locked desk: no keys, no talk, no names of rooms.
type lock struct {
	scope   *scope
	person  flow.Person
	marks   talk.Marks    // numbers alone
	open    models.RoomID // the room that was read, to be opened again
	unsent  int           // messages that the server may not have
	locked  *client.Locked
	leaving bool // a log-out waits for the lock to be made
	retry   backoff
}

// leave ends the session at the server, and what is left of it here.
func (l *lock) leave() {
	ctx, cancel := context.WithTimeout(context.Background(), farewell)
	defer cancel()
	_ = l.locked.LogOut(ctx)
}

// lockUp drops everything first, and then locks the session. Without a server there is nobody to keep the key: it is a log-out then.
func (k *Kiosk) lockUp() {
	st := k.stay
	if st == nil {
		return
	}
	l := &lock{scope: k.life.within(), person: st.person, marks: st.model.Marks(), open: st.model.Opened(), unsent: st.model.Pending()}
	s, x := k.dropStay()
	if s == nil {
		if x != nil {
			k.tasks.Go(x.Wipe) // it waits for a try to resume, which ends now
		}
		k.ended(flow.Problem{Kind: flow.LockedOffline})
		return
	}
	k.lock = l
	k.makeLock(l, s)
}

// makeLock locks a session: for the first time, or again when it was unlocked for somebody who had left the look.
func (k *Kiosk) makeLock(l *lock, s *client.Session) {
	begin(k, l.scope, func(ctx context.Context) (*client.Locked, error) {
		ctx, cancel := context.WithTimeout(ctx, farewell)
		defer cancel()
		return s.Lock(ctx)
	}, func(x *client.Locked, err error) {
		l.locked = x
		switch {
		case l.leaving:
			k.sayGoodbye(l)
		case err != nil:
			k.o.Log.Info("the session could not be locked", "err", err)
			k.ended(lockedOffline(err))
		default:
			k.keepLocked(l)
			if k.state.Busy == flow.Locking {
				k.apply(flow.LockDone{})
			} else { // made again: the page said locked all the time
				k.renewLater()
			}
		}
	}, func(x *client.Locked) { (&lock{locked: x}).leave() })
}

// errProbe stops an unlock before anything is shown.
var errProbe = errors.New("nobody has pressed")

// probe is an eye that shows nothing: with it, an unlock only goes on over a new connection.
type probe struct{}

func (probe) Camera() (biometrics.CameraInfo, error) { return biometrics.CameraInfo{}, nil }
func (probe) Settle(context.Context) error           { return errProbe }
func (probe) Capture(context.Context, liveness.Challenge) (biometrics.Evidence, error) {
	return biometrics.Evidence{}, errProbe
}

// keepLocked waits for the lock's connection to end, and gets it a new one: without one, the server ends the session.
func (k *Kiosk) keepLocked(l *lock) {
	x := l.locked
	k.run(l.scope, func(ctx context.Context) error {
		select {
		case <-x.Done():
			return x.Err()
		case <-ctx.Done():
			return ctx.Err()
		}
	}, func(err error) {
		if l.locked != x { // it was unlocked meanwhile
			return
		}
		if errors.Is(err, client.ErrOver) {
			k.ended(lockedTooLong(err))
			return
		}
		k.apply(flow.LinkIs{Link: flow.LinkDown})
		k.relink(l)
	})
}

func (k *Kiosk) relink(l *lock) {
	x := l.locked
	if x == nil {
		return
	}
	k.run(l.scope, func(ctx context.Context) error {
		ctx, cancel := context.WithTimeout(ctx, suspendMost)
		defer cancel()
		_, err := x.Unlock(ctx, probe{})
		return err
	}, func(err error) {
		switch {
		case l.locked != x:
		case errors.Is(err, errProbe):
			l.retry.reset()
			k.linkUp(x.Hello())
			k.keepLocked(l)
		case errors.Is(err, client.ErrOver):
			k.ended(lockedTooLong(err))
		default:
			k.apply(flow.LinkIs{Link: flow.LinkDown})
			k.after(l.scope, l.retry.wait(), func() { k.relink(l) })
		}
	})
}

// lookToUnlock shows the face for the lock's key. A look that was left may still succeed: then it is locked again.
func (k *Kiosk) lookToUnlock() {
	l := k.lock
	if l == nil {
		return
	}
	e := k.newEntry()
	// A look that was left has just opened it, and it is being locked again; or the eye of a new process opens its camera.
	if l.locked == nil || k.eye.camera == nil && k.eye.failed == nil && k.eye.opening != nil {
		k.after(e.scope, tickEvery, k.lookToUnlock)
		return
	}
	x, of := l.locked, new(memory)
	seen := k.eyeOf(e.scope, of)
	begin(k, l.scope, func(context.Context) (*look, error) {
		ctx, cancel := context.WithTimeout(e.scope.ctx, k.looks)
		defer cancel()
		s, err := x.Unlock(ctx, seen)
		return &look{session: s, owner: of.owner}, err
	}, func(v *look, err error) {
		left := e.scope.isOver()
		switch {
		case errors.Is(err, client.ErrOver):
			k.abandon()
			k.ended(lockedTooLong(err))
		case err != nil && !left:
			k.apply(flow.Failed{Problem: of.refused(err, looking)})
		case err != nil:
		case left:
			l.locked, k.used = nil, true
			k.makeLock(l, v.session)
		default:
			k.abandon()
			l.scope.end()
			k.lock = nil
			k.enter(v.session, v.owner, l.marks)
			k.stay.moving = l.open
			k.apply(flow.Unlocked{Person: k.stay.person, Unsent: l.unsent})
			k.arrived()
		}
	}, func(v *look) { logOutNow(v.session) })
}

// logOut leaves nothing here at once, tells the server, and answers.
func (k *Kiosk) logOut() {
	k.abandon()
	l := k.lock
	if l != nil && l.locked == nil { // it is being made: that comes to its end first
		l.leaving = true
		return
	}
	if l != nil {
		k.sayGoodbye(l)
		return
	}
	s, x := k.dropStay()
	k.run(k.life, func(context.Context) error {
		switch {
		case s != nil:
			logOutNow(s)
		case x != nil:
			x.Wipe()
		}
		return nil
	}, k.loggedOut)
}

// sayGoodbye ends a lock.
func (k *Kiosk) sayGoodbye(l *lock) {
	l.scope.end()
	k.lock = nil
	k.run(k.life, func(context.Context) error {
		if l.locked != nil {
			l.leave()
		}
		return nil
	}, k.loggedOut)
}

func (k *Kiosk) loggedOut(error) {
	k.apply(flow.LoggedOut{})
	k.connect()
}
