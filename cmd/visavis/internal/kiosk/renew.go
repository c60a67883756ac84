package kiosk

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"visavis/biometrics"
	"visavis/biometrics/liveness"
	"visavis/cmd/visavis/internal/flow"
	"visavis/cmd/visavis/internal/talk"
	"visavis/models"
	"visavis/models/canon"
)

// A new process. Go's collector moves what it likes and clears nothing, and so does the toolkit with what it has drawn: what a person wrote, and
// keys, stay in the memory of a window that has dropped them. So when a person has gone the window goes on in a process in which they never were, and
// the one in which they were ends. In between lies rest: the lock, and what stands on the page.

// restVersion changes with every change of rest: what another version has left is not used.
const restVersion = 1

// maxRest bounds what is decoded: a mark for each of mostRooms rooms, and a lock.
const maxRest = 256 << 10

// rest is all that outlives a process.
type rest struct {
	_       struct{} `cbor:",toarray"`
	Version uint64
	Page    flow.Page
	Note    flow.Note
	Problem told
	Lock    []lockRest // one, or none
}

// told is a flow.Problem.
type told struct {
	_            struct{} `cbor:",toarray"`
	Kind         flow.Kind
	Wait         time.Duration
	Reason, Flaw uint8
	Count        int
	Detail       string
}

// lockRest is a locked desk.
type lockRest struct {
	_       struct{} `cbor:",toarray"`
	Account models.AccountID
	Name    string
	Admin   bool
	Marks   []markRest // in the order of the rooms' ids
	Open    models.RoomID
	Unsent  int
	Session []byte // client.Locked's
}

// markRest is how far a room was read.
type markRest struct {
	_    struct{} `cbor:",toarray"`
	Room models.RoomID
	Seq  uint64
}

// errRest is what no process of this version has left.
var errRest = errors.New("not what a window has left")

func parseRest(b []byte) (r rest, err error) {
	if len(b) > maxRest {
		return rest{}, fmt.Errorf("%w: %d bytes", errRest, len(b))
	}
	if err := canon.Unmarshal(b, &r); err != nil {
		return rest{}, fmt.Errorf("%w: %w", errRest, err)
	}
	switch {
	case r.Version != restVersion:
		return rest{}, fmt.Errorf("%w: version %d", errRest, r.Version)
	case r.Page == flow.LogIn && len(r.Lock) == 0, r.Page == flow.Locked && len(r.Lock) == 1:
		return r, nil
	}
	return rest{}, fmt.Errorf("%w: %d locks on the page %q", errRest, len(r.Lock), r.Page)
}

// renews says that what is shown next is to be shown by another process.
func (k *Kiosk) renews(next flow.State) bool {
	if k.o.Renew == nil || !k.used || k.renewing != nil || k.founder != nil || !flow.Leaves(k.state, next) {
		return false
	}
	return next.Page == flow.LogIn || k.lock != nil && k.lock.locked != nil
}

// renewLater is renew for who left the page's turn to itself: a look that was left has opened the lock, and it was locked again behind the page.
func (k *Kiosk) renewLater() {
	if k.state.Page == flow.Locked && k.state.Busy == flow.Idle && k.o.Renew != nil && k.renewing == nil {
		k.apply(flow.Renewal{})
		k.renew()
	}
}

// renew gives the window another process. Where that can not be, this one goes on as it is, and tries again when the next person has gone.
func (k *Kiosk) renew() {
	left, err := k.left()
	if err != nil {
		k.stays(err)
		return
	}
	k.renewing = k.life.within()
	if l := k.lock; l != nil { // nobody but the other process asks for it now
		l.scope.end()
		l.scope = k.life.within()
	}
	k.run(k.renewing, func(ctx context.Context) error {
		defer clear(left)
		return k.o.Renew(ctx, left)
	}, func(err error) {
		k.renewing = nil
		if err != nil {
			k.stays(err)
			return
		}
		if k.renewed = true; k.lock != nil {
			k.lock.locked.Close() // the session is the other's
			k.lock = nil
		}
	})
}

// stays goes on in this process.
func (k *Kiosk) stays(why error) {
	k.o.Log.Warn("the window got no new process: what was read and written may still be in the memory of this one", "err", why)
	k.apply(flow.Renewed{})
	if k.lock != nil {
		k.keepLocked(k.lock)
	} else {
		k.connect()
	}
}

// left is what another process needs to go on.
func (k *Kiosk) left() ([]byte, error) {
	p := k.state.Problem
	r := rest{
		Version: restVersion, Page: k.state.Page, Note: k.state.Note,
		Problem: told{Kind: p.Kind, Wait: p.Wait, Reason: uint8(p.Reason), Flaw: uint8(p.Flaw), Count: p.Count, Detail: p.Detail},
	}
	if l := k.lock; l != nil {
		session, err := l.locked.Handed()
		if err != nil {
			return nil, err
		}
		defer clear(session)
		x := lockRest{Account: l.person.Account, Name: l.person.Name, Admin: l.person.Admin, Open: l.open, Unsent: l.unsent, Session: session}
		for _, id := range slices.SortedFunc(maps.Keys(l.marks), func(a, b models.RoomID) int { return bytes.Compare(a[:], b[:]) }) {
			x.Marks = append(x.Marks, markRest{Room: id, Seq: l.marks[id]})
		}
		r.Lock = []lockRest{x}
	}
	return canon.Marshal(r)
}

// takeUp shows the page that the process before has left, and waits until that has ended. It is false when there was none, or nothing that can be
// used: the desk begins as always then.
func (k *Kiosk) takeUp(ctx context.Context) bool {
	if len(k.o.Rest) == 0 {
		return false
	}
	r, err := parseRest(k.o.Rest)
	clear(k.o.Rest)
	var l loaded
	if err == nil {
		l, err = k.o.read()
	}
	if err != nil {
		k.o.Log.Warn("what the window left is not used", "err", err)
	} else {
		k.settings, k.desk = l.settings, l.desk
		k.showRest(r)
	}
	select {
	case <-k.o.Gone:
	case <-ctx.Done(): // the process before goes on, and the lock is its own
		if k.lock != nil {
			k.lock.locked.Close()
			k.lock = nil
		}
	}
	return err == nil
}

func (k *Kiosk) showRest(r rest) {
	p := r.Problem
	e := flow.Resumed{
		Desk: k.deskShown(), Prefs: prefsOf(k.settings), Page: r.Page, Note: r.Note,
		Problem: flow.Problem{
			Kind: p.Kind, Wait: p.Wait, Reason: biometrics.Reason(p.Reason), Flaw: liveness.Reason(p.Flaw), Count: p.Count, Detail: p.Detail,
		},
	}
	for _, x := range r.Lock {
		locked, err := k.desk.TakeUp(x.Session)
		clear(x.Session)
		if err != nil {
			k.o.Log.Warn("a lock can not be gone on with", "err", err)
			e.Page, e.Note, e.Problem = flow.LogIn, flow.NoNote, lockedTooLong(err)
			break
		}
		e.Person = flow.Person{Account: x.Account, Name: x.Name, Admin: x.Admin}
		marks := talk.Marks{}
		for _, m := range x.Marks {
			marks[m.Room] = m.Seq
		}
		k.lock = &lock{scope: k.life.within(), person: e.Person, marks: marks, open: x.Open, unsent: x.Unsent, locked: locked}
	}
	k.apply(e)
}

// goOn begins where the process before has ended.
func (k *Kiosk) goOn() {
	k.openCamera()
	k.apply(flow.Renewed{})
	if k.lock != nil {
		k.relink(k.lock)
	} else {
		k.connect()
	}
}
