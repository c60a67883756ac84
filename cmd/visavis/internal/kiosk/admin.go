package kiosk

import (
	"context"
	"slices"
	"time"

	"visavis/chat/client"
	"visavis/chat/wire"
	"visavis/cmd/visavis/internal/flow"
	"visavis/models"
)

// lists are an admin's.
type lists struct {
	waiting []client.Waiting
	anew    []client.Waiting // for accounts that there are
	keys    []client.WaitingKeys
	desks   []wire.Desk
}

// listAdmin asks for an admin's lists, and answers an action when there is one.
func (k *Kiosk) listAdmin(a *flow.Action) {
	st := k.stay
	s := st.session
	answer := func(err error) {
		if a != nil {
			k.done(*a, flow.Done{}, err)
		}
	}
	if s == nil {
		answer(client.ErrClosed)
		return
	}
	st.listed = k.o.Clock.Now()
	begin(k, st.scope, func(ctx context.Context) (l lists, err error) {
		ctx, cancel := context.WithTimeout(ctx, k.patience)
		defer cancel()
		if l.waiting, err = s.Signups(ctx); err == nil {
			l.anew, err = renewals(ctx, s)
		}
		if err == nil {
			l.keys, err = s.WaitingKeys(ctx)
		}
		if err == nil {
			l.desks, err = s.Desks(ctx)
		}
		return l, err
	}, func(l lists, err error) {
		if err == nil {
			st.waiting, st.anew, st.keys, st.desks = l.waiting, l.anew, l.keys, l.desks
			k.apply(flow.AdminIs{Admin: k.adminShown(st), Self: st.person.Admin})
		}
		answer(err)
	}, nil)
}

// adminShown is what the panels show of the lists.
func (k *Kiosk) adminShown(st *stay) flow.Admin {
	a := flow.Admin{Signups: make([]flow.Signup, 0, len(st.waiting)), Desks: make([]flow.DeskRow, 0, len(st.desks))}
	for i, w := range slices.Concat(st.waiting, st.anew) {
		row := flow.Signup{Account: w.Account, Name: w.Name, Email: w.Email, At: w.At.In(k.o.Location), Renews: i >= len(st.waiting)}
		if st.session != nil { // by the directory: the server could name another desk
			d, _ := st.session.Directory().Desk(w.Desk)
			row.Desk = d.Name
		}
		if w.Blocked != nil {
			row.Blocked = w.Blocked.Error()
		}
		row.Like, row.Same = likeness(w.Alike)
		a.Signups = append(a.Signups, row)
	}
	a.Signups = append(a.Signups, keysShown(st.keys, k)...)
	for _, d := range st.desks {
		a.Desks = append(a.Desks, flow.DeskRow{
			ID: d.ID, Name: d.Name, At: time.UnixMilli(d.At).In(k.o.Location),
			Pending: d.Status == models.DeskPending, Revoked: d.Status == models.DeskRevoked, Here: d.ID == k.desk.ID(),
		})
	}
	return a
}

// likeMost is how many names of lookalikes are shown: whoever looks like more of them is no better known by the rest.
const likeMost = 3

// likeness is whom a sign-up looks like, in words, and whether it may be the same person.
func likeness(list []client.Lookalike) (names string, same bool) {
	for i, l := range list {
		same = same || l.Grade == client.SameFace
		switch {
		case i == likeMost:
			names += ", …"
		case i > likeMost:
		case i > 0:
			names += ", " + l.Name
		default:
			names = l.Name
		}
	}
	return names, same
}

// approveSignup approves the very bundle that the admin was shown a row of.
func (k *Kiosk) approveSignup(st *stay, a flow.Action) {
	of := func(w client.Waiting) bool { return w.Account == a.Account }
	if i := slices.IndexFunc(st.waiting, of); i >= 0 {
		w := st.waiting[i]
		k.approve(st, a, flow.NoteSignup, func(ctx context.Context, s *client.Session) error { return s.Approve(ctx, w, a.Text) })
		return
	}
	if i := slices.IndexFunc(st.anew, of); i >= 0 {
		w := st.anew[i]
		k.approve(st, a, flow.NoteRenewed, func(ctx context.Context, s *client.Session) error { return s.ApproveRenewal(ctx, w, a.Text) })
		return
	}
	k.done(a, flow.Done{}, wire.Refuse(wire.CodeNotFound))
}

func (k *Kiosk) approveDesk(st *stay, a flow.Action) {
	i := slices.IndexFunc(st.desks, func(d wire.Desk) bool { return d.ID == a.Desk })
	if i < 0 {
		k.done(a, flow.Done{}, wire.Refuse(wire.CodeNotFound))
		return
	}
	d := st.desks[i]
	k.approve(st, a, flow.NoteDesk, func(ctx context.Context, s *client.Session) error { return s.ApproveDesk(ctx, d) })
}

func (k *Kiosk) approve(st *stay, a flow.Action, note flow.Note, do func(context.Context, *client.Session) error) {
	k.actSlowly(st, a, slowAct{
		note: note,
		do: func(ctx context.Context, s *client.Session, _ flow.Action) (models.RoomID, flow.Secret, error) {
			return models.RoomID{}, flow.Secret{}, do(ctx, s)
		},
		after: listsAnew,
	})
}
