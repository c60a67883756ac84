package server

import (
	"net"
	"net/netip"
	"sync"
	"time"

	"visavis/chat/trust"
	"visavis/chat/wire"
	"visavis/models"
)

// What one account may change in a window. Honest people come nowhere near; what is bounded is how far one member can push the others.
const (
	generationsHour = 12  // generations that the room did not need, per account and room: each one costs every member a fetch
	changesHour     = 10  // invitations, roles and policies, per account and room
	asksHour        = 240 // times that somebody says what he lacks, per account and room
	giftsHour       = 600 // generations given, likewise
	roomsDay        = 100 // rooms created, per account
	roomsPerAccount = 1000

	deniedHour    = 60   // resumptions and proofs of the root, of one desk, whose denial is audited
	askedStatuses = 2400 // an hour, of one desk: a few screens that wait for approval

	keyChangesHour = 20 // of one account
	headsHour      = 12 // of the audit log, signed into the directory by one account

	placesHour = 10 // times that a desk is at two addresses, or at a new one, that are audited

	ratesKept = 1 << 16 // keys of one counter; more, and any of them is forgotten
)

// rates counts what happened per key in windows that begin with a key's first event. It is bounded in memory, and a restart forgets it:
// it slows people down, and nothing that has to be remembered rests on it. Safe for concurrent use.
type rates[K comparable] struct {
	most   int
	window time.Duration

	mu    sync.Mutex // no other lock is taken while it is held
	keys  map[K]tally
	swept time.Time
}

type tally struct {
	from time.Time
	n    int
}

func newRates[K comparable](most int, window time.Duration) *rates[K] {
	return &rates[K]{most: most, window: window, keys: map[K]tally{}}
}

// take counts one event, or says how long to wait until one is allowed again.
func (r *rates[K]) take(key K, now time.Time) (wait time.Duration) {
	r.mu.Lock()
	defer r.mu.Unlock()
	t := r.keys[key]
	age := now.Sub(t.from)
	if age < 0 || age >= r.window { // a clock that was set back does not lock anybody out
		t, age = tally{from: now}, 0
	}
	if t.n >= r.most {
		return r.window - age
	}
	t.n++
	if t.n == 1 {
		r.makeRoom(now)
	}
	r.keys[key] = t
	return 0
}

// makeRoom keeps the map within its bound: what is over goes first, then anything. It looks through the whole map once a window at most.
func (r *rates[K]) makeRoom(now time.Time) {
	if len(r.keys) < ratesKept {
		return
	}
	if age := now.Sub(r.swept); age < 0 || age >= r.window {
		r.swept = now
		for k, t := range r.keys {
			if now.Sub(t.from) >= r.window {
				delete(r.keys, k)
			}
		}
	}
	for k := range r.keys {
		if len(r.keys) < ratesKept {
			return
		}
		delete(r.keys, k)
	}
}

// waitFor is the refusal that asks to wait; nil for no wait.
func waitFor(d time.Duration) error {
	if d <= 0 {
		return nil
	}
	return wire.Wait(uint32((d + time.Second - 1) / time.Second))
}

// allowDirectory bounds what an admin's desk signs by itself: the rest wants a proof of who is there.
func (p pace) allowDirectory(e models.Entry, now time.Time) error {
	if st, err := trust.ParseStatement(e.Body); err == nil && st.Type == trust.LabelAudit.Type() {
		return waitFor(p.heads.take(e.Author, now))
	}
	return nil
}

// inRoom is an account in a room.
type inRoom struct {
	account models.AccountID
	room    models.RoomID
}

// pace is what the writer of the logs allows one account.
type pace struct {
	generations *rates[inRoom]
	changes     *rates[inRoom]
	asks        *rates[inRoom]
	gifts       *rates[inRoom]
	rooms       *rates[models.AccountID]
	heads       *rates[models.AccountID]
}

func newPace() pace {
	return pace{
		generations: newRates[inRoom](generationsHour, time.Hour),
		changes:     newRates[inRoom](changesHour, time.Hour),
		asks:        newRates[inRoom](asksHour, time.Hour),
		gifts:       newRates[inRoom](giftsHour, time.Hour),
		rooms:       newRates[models.AccountID](roomsDay, 24*time.Hour),
		heads:       newRates[models.AccountID](headsHour, time.Hour),
	}
}

// allow counts an entry that the room's state has accepted, or refuses it until its time has come.
func (p pace) allow(e models.Entry, now time.Time) error {
	if e.Room.IsZero() {
		return p.allowDirectory(e, now)
	}
	at := inRoom{e.Author, e.Room}
	switch e.Kind {
	case models.EntryGeneration:
		return waitFor(p.generations.take(at, now))
	case models.EntryStatement:
		st, err := trust.ParseStatement(e.Body)
		if err != nil {
			return wire.Refuse(wire.CodeInvalid)
		}
		switch st.Type {
		case trust.LabelJoin.Type(), trust.LabelLeave.Type(), trust.LabelRemove.Type():
			return nil // bounded by the invitations before them; and nobody waits who puts a thief out
		case trust.LabelCreate.Type():
			return waitFor(p.rooms.take(e.Author, now))
		}
		return waitFor(p.changes.take(at, now))
	}
	return nil
}

// origin is where a connection comes from, as far as one party is likely to hold all of it: an IPv4 address, or 64 bits of an IPv6 one.
// The zero origin is of connections without such an address.
type origin struct{ netip.Prefix }

func originOf(a net.Addr) origin {
	t, ok := a.(*net.TCPAddr)
	if !ok {
		return origin{}
	}
	ip := t.AddrPort().Addr().Unmap().WithZone("")
	bits := ip.BitLen()
	if ip.Is6() {
		bits = 64
	}
	p, err := ip.Prefix(bits)
	if err != nil {
		return origin{}
	}
	return origin{p}
}
