package kiosk

import (
	"context"
	"math/rand/v2"
	"sync"
	"time"

	"visavis/cmd/visavis/internal/flow"
)

// message is an event, or something that Run's goroutine has to do.
type message struct {
	event flow.Event
	do    func()
}

// mailbox is the way to Run's goroutine. put never blocks; wake has an element when there may be something to take.
type mailbox struct {
	wake chan struct{}

	mu   sync.Mutex
	list []message
}

func newMailbox() mailbox { return mailbox{wake: make(chan struct{}, 1)} }

func (m *mailbox) put(x message) {
	m.mu.Lock()
	m.list = append(m.list, x)
	m.mu.Unlock()
	select {
	case m.wake <- struct{}{}:
	default:
	}
}

// take removes the oldest message; nothing of it stays here.
func (m *mailbox) take() (message, bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if len(m.list) == 0 {
		m.list = nil
		return message{}, false
	}
	x := m.list[0]
	m.list[0] = message{}
	m.list = m.list[1:]
	return x, true
}

// scope is what goroutines belong to. Run's goroutine owns over; what comes back afterwards is dropped.
type scope struct {
	ctx    context.Context
	cancel context.CancelFunc
	up     *scope
	over   bool
}

func newScope(ctx context.Context) *scope {
	s := &scope{}
	s.ctx, s.cancel = context.WithCancel(ctx)
	return s
}

// within makes a scope that is over with this one at the latest.
func (s *scope) within() *scope {
	x := newScope(s.ctx)
	x.up = s
	return x
}

func (s *scope) end() {
	if s != nil {
		s.over = true
		s.cancel()
	}
}

func (s *scope) isOver() bool {
	for ; s != nil; s = s.up {
		if s.over {
			return true
		}
	}
	return false
}

// begin works in a goroutine of a scope, and hands the result to then on Run's goroutine. When the scope is over by that time, what came of it
// goes to drop, in a goroutine; nil drops by forgetting.
func begin[T any](k *Kiosk, s *scope, work func(context.Context) (T, error), then func(T, error), drop func(T)) {
	k.tasks.Go(func() {
		v, err := work(s.ctx)
		k.mail.put(message{do: func() {
			switch {
			case !s.isOver():
				then(v, err)
			case err == nil && drop != nil:
				k.tasks.Go(func() { drop(v) })
			}
		}})
	})
}

// patiently bounds how long an answer is waited for: a server that says nothing is one that is not there.
func patiently[T any](k *Kiosk, work func(context.Context) (T, error)) func(context.Context) (T, error) {
	return func(ctx context.Context) (T, error) {
		ctx, cancel := context.WithTimeout(ctx, k.patience)
		defer cancel()
		return work(ctx)
	}
}

// run is begin for work without a result.
func (k *Kiosk) run(s *scope, work func(context.Context) error, then func(error)) {
	begin(k, s, func(ctx context.Context) (struct{}, error) { return struct{}{}, work(ctx) }, func(_ struct{}, err error) { then(err) }, nil)
}

// tell does something on Run's goroutine, unless the scope is over then.
func (k *Kiosk) tell(s *scope, do func()) {
	k.mail.put(message{do: func() {
		if !s.isOver() {
			do()
		}
	}})
}

// hand is tell for who can go on telling for ever: it returns when it was done, or when the scope is over, so that nothing piles up.
func (k *Kiosk) hand(s *scope, do func()) {
	done := make(chan struct{})
	k.tell(s, func() { do(); close(done) })
	select {
	case <-done:
	case <-s.ctx.Done():
	}
}

// after does something on Run's goroutine in a while.
func (k *Kiosk) after(s *scope, d time.Duration, do func()) {
	due := k.o.Clock.After(d)
	k.tasks.Go(func() {
		select {
		case <-due:
			k.tell(s, do)
		case <-s.ctx.Done():
		}
	})
}

// backoff says how long to wait before the next try: twice as long each time, and never quite the same as the neighbours'.
type backoff struct{ next time.Duration }

const (
	backoffFirst = 500 * time.Millisecond
	backoffMost  = 15 * time.Second
)

func (b *backoff) wait() time.Duration {
	if b.next == 0 {
		b.next = backoffFirst
	}
	d := b.next
	b.next = min(2*d, backoffMost)
	return d - time.Duration(rand.Int64N(int64(d/4)))
}

func (b *backoff) reset() { b.next = 0 }
