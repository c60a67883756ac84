package kiosk

import (
	"context"

	"visavis/chat/client"
	"visavis/chat/trust"
	"visavis/cmd/visavis/internal/flow"
	"visavis/cmd/visavis/internal/talk"
	"visavis/models"
)

// termsOf is what a session says of a room beside its log.
func termsOf(s *client.Session, id models.RoomID) talk.Terms {
	t := talk.Terms{Waiting: s.Waiting(id), Rules: s.Rules(id), Changed: s.Changed(id), LeftOut: s.LeftOut(id)}
	t.Members, _ = s.Members(id) // none of a room that is not open: nobody may do anything there
	return t
}

// lookAtPerson shows somebody and the safety number.
func (k *Kiosk) lookAtPerson(st *stay, a flow.Action) {
	s := st.session
	if s == nil {
		k.done(a, flow.Done{}, client.ErrClosed)
		return
	}
	p, err := k.peerOf(s, a.Account)
	if err == nil {
		k.apply(flow.PeerIs{Peer: p})
	}
	k.done(a, flow.Done{}, err)
}

// askWhoAsks finds out of each new invitation who asks, where it is to a room of two.
func (k *Kiosk) askWhoAsks(st *stay) {
	s := st.session
	if s == nil {
		return
	}
	for _, id := range st.model.Strange() {
		begin(k, st.live, patiently(k, func(ctx context.Context) (asker models.AccountID, err error) {
			asker, _, err = s.Asker(ctx, id)
			return asker, err
		}), func(asker models.AccountID, err error) {
			if err != nil { // the invitation stands without a name
				k.o.Log.Warn("who asks into a room is not known", "err", err)
				return
			}
			st.model.Asked(id, asker)
			k.touch()
		}, nil)
	}
}

// noteKeys notes in the rooms that somebody has other keys.
func noteKeys(st *stay, u client.Update) {
	if c := u.Directory; c.Type == trust.LabelIdentity && c.Replaced {
		st.model.NewKeys(talk.KeyChange{Seq: c.Seq, Account: c.Account, Followed: c.Followed, At: u.At})
	}
}

// showPeer shows anew who is shown: the directory says other things of him, or his person has.
func (k *Kiosk) showPeer(st *stay) {
	if id := k.state.Peer.Account; !id.IsZero() && st.session != nil {
		if p, err := k.peerOf(st.session, id); err == nil {
			k.apply(flow.PeerIs{Peer: p})
		}
	}
}

func (k *Kiosk) peerOf(s *client.Session, account models.AccountID) (flow.Peer, error) {
	number, err := s.SafetyNumber(account)
	if err != nil {
		return flow.Peer{}, err
	}
	known := s.Knows(account)
	p := flow.Peer{
		Account: account, Name: known.Identity.Name, Admin: s.Directory().IsAdmin(account), Identity: known.Identity.Hash, Number: number, Standing: known.Standing,
	}
	if !known.Verified.IsZero() {
		p.Verified = known.Verified.In(k.o.Location)
	}
	return p, nil
}

// judgements are what is said of somebody's identity.
var judgements = map[flow.Verb]struct {
	verified bool
	note     flow.Note
}{
	flow.AcceptPerson: {},
	flow.VerifyPerson: {true, flow.NoteVerified},
	flow.DoubtPerson:  {false, flow.NoteDoubted},
}

// judgePerson keeps what the person says of somebody's identity, the very one that was shown, and lets go what waited for it.
func (k *Kiosk) judgePerson(st *stay, a flow.Action) {
	s, says := st.session, judgements[a.Verb]
	if s == nil {
		k.done(a, flow.Done{}, client.ErrClosed)
		return
	}
	k.run(st.scope, func(ctx context.Context) error {
		ctx, cancel := context.WithTimeout(ctx, k.patience)
		defer cancel()
		return s.AcceptIdentity(ctx, a.Account, a.Identity, says.verified)
	}, func(err error) {
		st.model.Grew()
		k.release(st)
		k.showPeer(st)
		k.touch()
		k.done(a, flow.Done{Note: says.note}, err)
	})
}

// release sends what was held back, in the rooms where nothing holds it any more.
func (k *Kiosk) release(st *stay) {
	if st.session == nil {
		return
	}
	for _, room := range st.model.Holding() {
		if len(st.session.Changed(room)) > 0 {
			continue
		}
		for _, u := range st.model.Unstored(room) {
			if u.Held {
				st.model.Resent(room, u.Message)
				k.send(st, flow.Action{Room: room}, sending{id: u.Message, text: u.Text})
			}
		}
	}
}

// acceptAudit takes the audit log as it was shown, for who has proven to be still there: what was kept is what a server is held to.
func (k *Kiosk) acceptAudit(st *stay, a flow.Action) {
	if !k.wantsProof(st, a) {
		k.actSlowly(st, a, slowActs[a.Verb])
	}
}

// lookAtAudit looks at the server's audit log anew.
func (k *Kiosk) lookAtAudit(st *stay, a flow.Action) {
	s := st.session
	if s == nil {
		k.done(a, flow.Done{}, client.ErrClosed)
		return
	}
	begin(k, st.scope, patiently(k, s.CheckAudit), func(look client.AuditLog, err error) {
		if err == nil {
			k.apply(flow.AuditIs{Audit: flow.Audit{
				Looked: k.o.Clock.Now().In(k.o.Location), Changed: problemOf(look.Changed, inside).Kind, Kept: look.Kept, Shown: look.Shown,
			}})
		}
		k.done(a, flow.Done{}, err)
	}, nil)
}

var _ talk.Acquaintances = (*client.Session)(nil)
