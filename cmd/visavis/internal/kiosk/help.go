package kiosk

import (
	"context"
	"slices"
	"time"

	"visavis/chat/client"
	"visavis/chat/wire"
	"visavis/cmd/visavis/internal/flow"
)

// renewals are who signed up anew; of a server that knows nothing of it, nobody.
func renewals(ctx context.Context, s *client.Session) ([]client.Waiting, error) {
	if !slices.Contains(s.Hello().Features, wire.FeatureRecovery) {
		return nil, nil
	}
	return s.Renewals(ctx)
}

// makeCode makes a one-time code for somebody at a desk.
func (k *Kiosk) makeCode(st *stay, a flow.Action) {
	s := st.session
	if s == nil {
		k.done(a, flow.Done{}, client.ErrClosed)
		return
	}
	type made struct {
		code  flow.Secret
		until time.Time
	}
	begin(k, st.live, patiently(k, func(ctx context.Context) (made, error) {
		c, until, err := s.MakeCode(ctx, a.Account, a.Desk)
		defer clear(c[:])
		if err != nil {
			return made{}, err
		}
		return made{flow.NewSecret(c.Text()), until}, nil
	}), func(m made, err error) {
		if client.NeedsProof(err) {
			k.apply(flow.ProofWanted{Action: a})
			return
		}
		k.done(a, flow.Done{Secret: m.code, Until: m.until.In(k.o.Location)}, err)
	}, nil)
}

// reject refuses somebody who waits: a newcomer, or who signed up for an account that there is, which stays what it is.
func reject(s *client.Session, ctx context.Context, a flow.Action) error {
	if _, listed := s.Directory().Identity(a.Account); listed {
		return s.RejectRenewal(ctx, a.Account)
	}
	return s.Reject(ctx, a.Account)
}
