package kiosk

import (
	"context"
	"time"

	"visavis/chat/client"
	"visavis/cmd/visavis/internal/flow"
)

// proveAgain proves by the password that who is inside still is who logged in, and wipes it.
func (k *Kiosk) proveAgain(e flow.DoProveAgain) {
	st := k.stay
	if st == nil {
		clear(e.Password)
		return
	}
	s := st.session
	k.run(st.scope, func(ctx context.Context) error {
		defer clear(e.Password)
		if s == nil {
			return client.ErrClosed
		}
		ctx, cancel := context.WithTimeout(ctx, k.patience)
		defer cancel()
		return s.ProvePassword(ctx, e.Password)
	}, func(err error) {
		if err == nil {
			st.proven = k.o.Clock.Now()
		}
		k.apply(flow.Proven{Problem: problemOf(err, proving)})
	})
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
