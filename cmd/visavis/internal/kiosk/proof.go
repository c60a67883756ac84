package kiosk

import (
	"context"

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
	}, func(err error) { k.apply(flow.Proven{Problem: problemOf(err, proving)}) })
}
