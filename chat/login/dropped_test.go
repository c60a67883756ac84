package login

import (
	"context"
	"errors"
	"slices"
	"testing"
	"time"

	"visavis/chat/trust"
	"visavis/models"
)

// hangUp is a store whose caller is gone as soon as something has been done for him.
type hangUp struct {
	Store
	gone context.CancelFunc // nil: nobody goes
	when string
}

func (h *hangUp) did(what string) {
	if h.gone != nil && what == h.when {
		h.gone()
	}
}

func (h *hangUp) TakeChallenge(ctx context.Context, a models.AccountID, d models.DeskID) (models.Challenge, error) {
	defer h.did("a challenge is taken")
	return h.Store.TakeChallenge(ctx, a, d)
}

func (h *hangUp) TryCode(ctx context.Context, a models.AccountID, d models.DeskID, now time.Time, right func(models.Code) bool) (models.Code, error) {
	defer h.did("a code is tried")
	return h.Store.TryCode(ctx, a, d, now, right)
}

func (h *hangUp) UserByID(ctx context.Context, a models.AccountID) (models.User, error) {
	defer h.did("an account is read")
	return h.Store.UserByID(ctx, a)
}

// Who is about to be refused drops the connection: what was tried is counted and stands in the audit all the same.
func TestHangingUpHidesNothing(t *testing.T) {
	for what, tt := range map[string]struct {
		when string
		try  func(*world, *person)
		want models.AuditEvent
		left bool // and counts as a failed face
	}{
		"a stranger's face": {"a challenge is taken", func(w *world, p *person) {
			a := w.begin(p).to(challenged)
			a.p = newPerson("mallory")
			_, _ = a.face()
		}, models.AuditEvent{Event: "login.face", Outcome: "denied"}, true},
		"a challenge that was left": {"a challenge is taken", func(w *world, p *person) {
			a := w.begin(p).to(challenged)
			w.clock.move(2 * time.Minute)
			_ = a.ask()
		}, models.AuditEvent{Event: "login.face", Outcome: "denied"}, true},
		"a code": {"a code is tried", func(w *world, p *person) {
			a := w.begin(p).to(proven)
			_, _, _ = w.Code(w.ctx, a.conn, a.login, trust.Secret{1})
		}, models.AuditEvent{Event: "login.code", Outcome: "denied"}, false},
		"an account that waits": {"an account is read", func(w *world, p *person) {
			w.admit(p, false)
			a := w.begin(p)
			w.must(a.start(p.password))
			_ = a.prove()
		}, models.AuditEvent{Event: "login.password", Outcome: "denied"}, false},
	} {
		t.Run(what, func(t *testing.T) {
			h := &hangUp{when: tt.when}
			w := newWorld(t, func(c *Config) { h.Store = c.Store; c.Store = h })
			alice := w.join(newPerson("alice"), true)
			honest := w.ctx
			w.ctx, h.gone = context.WithCancel(honest)
			tt.try(w, alice)
			if !errors.Is(w.ctx.Err(), context.Canceled) {
				t.Fatal("nobody has hung up")
			}
			w.ctx, h.gone = honest, nil
			if !slices.ContainsFunc(w.audits(), func(e models.AuditEvent) bool {
				return e.Event == tt.want.Event && e.Outcome == tt.want.Outcome && e.Account == alice.account
			}) {
				t.Errorf("no %s %s in the audit", tt.want.Event, tt.want.Outcome)
			}
			if seen, err := w.peek(w.ctx, models.AttemptFace, alice.account.String()); err != nil || (seen.Total == 1) != tt.left {
				t.Errorf("%d failed faces, %v", seen.Total, err)
			}
		})
	}
}
