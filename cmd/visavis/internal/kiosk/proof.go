package kiosk

import (
	"context"
	"time"

	"visavis/chat/client"
	"visavis/cmd/visavis/internal/flow"
)

// Proofs that who is inside still is who logged in. The presence watch goes on meanwhile: whoever walks away from one finds the desk locked.

// askProof waits for an answer, and gives up what was asked for when none comes.
func (k *Kiosk) askProof() {
	if st := k.stay; st != nil {
		k.after(k.asks(st), idlePress, func() { k.apply(flow.ProofLeft{Why: flow.NoteUnproven}) })
	}
}

// asks ends what was under way for a proof, and is the scope of what comes next.
func (k *Kiosk) asks(st *stay) *scope {
	st.asked.end()
	st.asked = st.scope.within()
	return st.asked
}

// dropProof leaves nothing of a proof.
func (k *Kiosk) dropProof() {
	if st := k.stay; st != nil {
		st.asked.end()
		st.asked = nil
	}
	k.watch.Posing(false)
}

// proveAgain proves it by the password, and wipes that.
func (k *Kiosk) proveAgain(e flow.DoProveAgain) {
	st := k.stay
	if st == nil {
		clear(e.Password)
		return
	}
	k.proof(st, k.asks(st), k.patience, func(ctx context.Context, s *client.Session) error {
		defer clear(e.Password)
		if s == nil {
			return client.ErrClosed
		}
		return s.ProvePassword(ctx, e.Password)
	}, func(err error) flow.Problem { return problemOf(err, proving) })
}

// proveFace proves it by the face.
func (k *Kiosk) proveFace() {
	st := k.stay
	if st == nil {
		return
	}
	scope, of := k.asks(st), new(memory)
	seen := k.eyeOf(scope, of)
	k.proof(st, scope, k.looks, func(ctx context.Context, s *client.Session) error {
		if s == nil {
			return client.ErrClosed
		}
		return s.ProveFace(ctx, seen)
	}, func(err error) flow.Problem { return of.refused(err, looking) })
}

// proof gives one, and answers. One that was left is told of to nobody.
func (k *Kiosk) proof(st *stay, scope *scope, most time.Duration, give func(context.Context, *client.Session) error, called func(error) flow.Problem) {
	s := st.session
	k.run(scope, func(ctx context.Context) error {
		ctx, cancel := context.WithTimeout(ctx, most)
		defer cancel()
		return give(ctx, s)
	}, func(err error) {
		k.watch.Posing(false)
		if err == nil {
			st.proven = k.o.Clock.Now()
		}
		k.apply(flow.Proven{Problem: called(err)})
	})
}

// tellProof says what is wrong with the picture while a look is offered.
func (k *Kiosk) tellProof(now time.Time, p flow.Progress) {
	if st := k.stay; st != nil && k.state.Proof.ByFace && k.state.Proof.Busy == flow.Idle && now.Sub(st.told) >= progressRate {
		st.told = now
		k.apply(p)
	}
}

// provenFor is how long a proof stands for what this desk does by itself: as long as the server's does.
const provenFor = time.Minute

// wantsProof says whether a deed of which no server hears has to wait for a proof, and asks for one.
func (k *Kiosk) wantsProof(st *stay, a flow.Action) bool {
	if now := k.o.Clock.Now(); !st.proven.IsZero() && now.Sub(st.proven) <= provenFor {
		return false
	}
	k.apply(flow.ProofWanted{Action: a})
	return true
}
