package kiosk

import (
	"context"

	"visavis/chat/client"
	"visavis/chat/wire"
	"visavis/cmd/visavis/internal/flow"
)

// changePassword proves the old password and takes the new one, and wipes both.
func (k *Kiosk) changePassword(e flow.DoChangePassword) {
	wipe := func() {
		clear(e.Old)
		clear(e.New)
	}
	st := k.stay
	if st == nil {
		wipe()
		return
	}
	s, note := st.session, flow.NotePassword
	if e.Action.Verb == flow.MayBeKnown {
		note = flow.NoteKnownPassword
	}
	k.run(st.scope, func(ctx context.Context) error {
		defer wipe()
		if s == nil {
			return client.ErrClosed
		}
		ctx, cancel := context.WithTimeout(ctx, k.patience)
		defer cancel()
		if err := s.ProvePassword(ctx, e.Old); err != nil {
			return err
		}
		if e.Action.Verb == flow.MayBeKnown {
			return s.MayBeKnown(ctx, e.New)
		}
		return s.ChangePassword(ctx, e.New)
	}, func(err error) {
		k.showKeys(st)
		d := flow.Done{Action: e.Action, Problem: problemOf(err, proving)}
		if err == nil {
			d.Note = note
		}
		k.apply(d)
	})
}

// lookAtKeys shows where the person's own keys stand.
func (k *Kiosk) lookAtKeys(st *stay, a flow.Action) {
	k.showKeys(st)
	k.done(a, flow.Done{}, nil)
}

// showKeys shows them anew: the directory says other things of them, or they were asked for.
func (k *Kiosk) showKeys(st *stay) {
	if st.session == nil || k.state.Panel != flow.MyKeys {
		return
	}
	x := st.session.Keys()
	k.apply(flow.OwnKeysAre{Keys: flow.OwnKeys{
		Since: x.Since.In(k.o.Location), Asked: x.Asked, Known: x.Known, Compared: x.Compared, Fingerprint: x.Fingerprint,
	}})
}

// keysShown are the rows of keys that an admin has to compare; the rest his desk signs by itself.
func keysShown(list []client.WaitingKeys, k *Kiosk) (rows []flow.Signup) {
	for _, w := range list {
		row := flow.Signup{Account: w.Account, Name: w.Name, At: w.At.In(k.o.Location)}
		switch {
		case w.Known:
			row.Keys = flow.CompareKnown
		case w.Exposed:
			row.Keys = flow.CompareExposed
		default:
			continue
		}
		if w.Blocked != nil {
			row.Blocked = w.Blocked.Error()
		}
		rows = append(rows, row)
	}
	return rows
}

// judgeKeys signs or drops the very keys that the admin was shown a row of.
func (k *Kiosk) judgeKeys(st *stay, a flow.Action) {
	for _, w := range st.keys {
		switch {
		case w.Account != a.Account:
		case a.Verb == flow.ApproveKeys:
			k.approve(st, a, flow.NoteKeys, func(ctx context.Context, s *client.Session) error { return s.ApproveKeys(ctx, w, a.Text) })
			return
		default:
			k.approve(st, a, flow.NoteKeysRejected, func(ctx context.Context, s *client.Session) error { return s.RejectKeys(ctx, w) })
			return
		}
	}
	k.done(a, flow.Done{}, wire.Refuse(wire.CodeNotFound))
}
