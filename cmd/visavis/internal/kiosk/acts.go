package kiosk

import (
	"cmp"
	"context"
	"crypto/rand"
	"errors"
	"io"

	"visavis/chat/client"
	"visavis/chat/trust"
	"visavis/chat/wire"
	"visavis/cmd/visavis/internal/flow"
	"visavis/models"
)

// act carries out what a person does inside. Every branch answers with Done, once.
func (k *Kiosk) act(a flow.Action) {
	st := k.stay
	if st == nil {
		return
	}
	switch a.Verb {
	case flow.OpenRoom:
		k.openRoom(st, a)
	case flow.SendText:
		k.sendText(st, a)
	case flow.ResendText:
		k.resendText(st, a)
	case flow.DropText:
		k.dropText(st, a)
	case flow.ListAdmin:
		k.listAdmin(&a)
	case flow.LookAtPerson:
		k.lookAtPerson(st, a)
	case flow.AcceptPerson, flow.VerifyPerson, flow.DoubtPerson:
		k.judgePerson(st, a)
	case flow.AcceptAudit:
		k.acceptAudit(st, a)
	case flow.LookAtAudit:
		k.lookAtAudit(st, a)
	case flow.LookAtPeppers:
		k.lookAtPeppers(st, a)
	case flow.ReplacePepper, flow.ShowPepper, flow.DropPeppers:
		k.workWithPepper(st, a)
	case flow.LookAtTwice:
		k.lookAtTwice(st, a)
	case flow.CheckTwice:
		k.checkTwice(st, a)
	case flow.LookAtKeys:
		k.lookAtKeys(st, a)
	case flow.ApproveKeys, flow.RejectKeys:
		k.judgeKeys(st, a)
	case flow.ApproveSignup:
		k.approveSignup(st, a)
	case flow.ApproveDesk:
		k.approveDesk(st, a)
	case flow.MakeCode:
		k.makeCode(st, a)
	default:
		k.actSlowly(st, a, slowActs[a.Verb])
	}
}

// done answers.
func (k *Kiosk) done(a flow.Action, d flow.Done, err error) {
	d.Action = a
	if err != nil {
		d = flow.Done{Action: a, Problem: problemOf(err, inside)}
	}
	k.apply(d)
}

func (k *Kiosk) openRoom(st *stay, a flow.Action) {
	st.moving = models.RoomID{}
	st.model.Open(a.Room)
	k.touch()
	k.done(a, flow.Done{}, nil)
}

// slowAct is an action that asks the server; do runs outside Run's goroutine. The zero one is no action.
type slowAct struct {
	note  flow.Note
	do    func(context.Context, *client.Session, flow.Action) (models.RoomID, flow.Secret, error)
	after consequence
}

// consequence is what follows from an action that was done.
type consequence uint8

const (
	nothing   consequence = 0
	movesIn   consequence = 1 // the room is opened
	movesOut  consequence = 2 // it is gone
	listsAnew consequence = 3 // an admin's lists
	looksAnew consequence = 4 // at the audit log
	counts    consequence = 5 // who is under which pepper
)

// onRoom is an action on a room that brings nothing.
func onRoom(do func(*client.Session, context.Context, flow.Action) error) func(context.Context, *client.Session, flow.Action) (models.RoomID, flow.Secret, error) {
	return func(ctx context.Context, s *client.Session, a flow.Action) (models.RoomID, flow.Secret, error) {
		return a.Room, flow.Secret{}, do(s, ctx, a)
	}
}

var slowActs = map[flow.Verb]slowAct{
	flow.CreateRoom: {
		do: func(ctx context.Context, s *client.Session, a flow.Action) (models.RoomID, flow.Secret, error) {
			id, err := s.CreateRoomUnder(ctx, a.Text, cmp.Or(a.Rules, trust.DefaultPolicy()))
			return id, flow.Secret{}, err
		},
		after: movesIn,
	},
	flow.WriteTo: {
		do: func(ctx context.Context, s *client.Session, a flow.Action) (models.RoomID, flow.Secret, error) {
			id, err := s.Direct(ctx, a.Account)
			return id, flow.Secret{}, err
		},
		after: movesIn,
	},
	flow.SetRole: {
		note: flow.NoteRole,
		do: onRoom(func(s *client.Session, ctx context.Context, a flow.Action) error {
			return s.SetRole(ctx, a.Room, a.Account, a.Role)
		}),
	},
	flow.SetRules: {
		note: flow.NoteRules,
		do: onRoom(func(s *client.Session, ctx context.Context, a flow.Action) error {
			return s.SetRules(ctx, a.Room, a.Rules)
		}),
	},
	flow.AcceptAudit: {
		note:  flow.NoteAudit,
		do:    onRoom(func(s *client.Session, _ context.Context, a flow.Action) error { return s.AcceptAudit(a.Head) }),
		after: looksAnew,
	},
	flow.JoinRoom: {
		do:    onRoom(func(s *client.Session, ctx context.Context, a flow.Action) error { return s.Join(ctx, a.Room) }),
		after: movesIn,
	},
	flow.LeaveRoom: {
		do: onRoom(func(s *client.Session, ctx context.Context, a flow.Action) error {
			err := s.Leave(ctx, a.Room)
			if errors.Is(err, client.ErrRoom) { // an invitation is declined
				if err = s.Enter(ctx, a.Room); err == nil {
					err = s.Leave(ctx, a.Room)
				}
			}
			return err
		}),
		after: movesOut,
	},
	flow.InvitePerson: {
		note: flow.NoteInvited,
		do: onRoom(func(s *client.Session, ctx context.Context, a flow.Action) error {
			return s.Invite(ctx, a.Room, a.Account)
		}),
	},
	flow.RemovePerson: {
		do: onRoom(func(s *client.Session, ctx context.Context, a flow.Action) error {
			return s.Remove(ctx, a.Room, a.Account)
		}),
	},
	flow.RejectSignup: {
		note:  flow.NoteReject,
		do:    onRoom(reject),
		after: listsAnew,
	},
	flow.ResetFace: {
		note: flow.NoteReset,
		do:   onRoom(func(s *client.Session, ctx context.Context, a flow.Action) error { return s.ResetFace(ctx, a.Account) }),
	},
	flow.AllowRenewal: {
		note: flow.NoteAllowed,
		do: onRoom(func(s *client.Session, ctx context.Context, a flow.Action) error {
			return s.AllowRenewal(ctx, a.Account)
		}),
	},
	flow.InviteDesk: {
		do: func(ctx context.Context, s *client.Session, _ flow.Action) (models.RoomID, flow.Secret, error) {
			text, err := s.InviteDesk(ctx)
			return models.RoomID{}, flow.NewSecret(text), err
		},
	},
	flow.ReplacePepper: {note: flow.NoteReplaced, do: replacePepper, after: counts},
	flow.ShowPepper:    {do: showPepper},
	flow.DropPeppers:   {note: flow.NotePeppers, do: onRoom(dropPeppers), after: counts},
	flow.RevokeDesk: {
		note:  flow.NoteRevoked,
		do:    onRoom(func(s *client.Session, ctx context.Context, a flow.Action) error { return s.RevokeDesk(ctx, a.Desk) }),
		after: listsAnew,
	},
	flow.RevokePerson: {
		note: flow.NoteRevoked,
		do: onRoom(func(s *client.Session, ctx context.Context, a flow.Action) error {
			return s.RevokeAccount(ctx, a.Account)
		}),
		after: listsAnew,
	},
}

func (k *Kiosk) actSlowly(st *stay, a flow.Action, act slowAct) {
	s := st.session
	switch {
	case act.do == nil:
		k.done(a, flow.Done{}, wire.Refuse(wire.CodeUnknownType))
		return
	case s == nil:
		k.done(a, flow.Done{}, client.ErrClosed)
		return
	}
	type result struct {
		room   models.RoomID
		secret flow.Secret
	}
	begin(k, st.scope, func(ctx context.Context) (result, error) {
		ctx, cancel := context.WithTimeout(ctx, k.patience)
		defer cancel()
		id, secret, err := act.do(ctx, s, a)
		return result{id, secret}, err
	}, func(r result, err error) {
		if err == nil {
			k.follow(st, act.after, r.room)
		}
		k.touch()
		if client.NeedsProof(err) { // the dialog asks, and the action comes again
			k.apply(flow.ProofWanted{Action: a})
			return
		}
		k.done(a, flow.Done{Note: act.note, Secret: r.secret}, err)
	}, nil)
}

func (k *Kiosk) follow(st *stay, c consequence, id models.RoomID) {
	switch c {
	case movesIn:
		k.moveIn(st, id)
	case movesOut:
		delete(st.outbox, id)
		st.model.News(id, false)
	case listsAnew:
		k.listAdmin(nil)
	case counts:
		k.lookAtPeppers(st, flow.Action{Verb: flow.LookAtPeppers})
	case looksAnew:
		k.lookAtAudit(st, flow.Action{Verb: flow.LookAtAudit})
	}
}

// moveIn opens a room that was made or joined.
func (k *Kiosk) moveIn(st *stay, id models.RoomID) {
	st.moving = id
	st.model.Joined(id)
	st.moveIn()
}

// moveIn opens the room that is to be opened, as soon as its log was read and says that the person is in it.
func (st *stay) moveIn() {
	if id := st.moving; !id.IsZero() && st.loading[id] == nil && st.model.Member(id) {
		st.model.Open(st.moving)
		st.moving = models.RoomID{}
	}
}

// outbox is what goes into one room, one after the other.
type outbox struct {
	busy bool
	list []sending
}

type sending struct {
	id     models.MessageID
	text   string
	answer *flow.Action // nil when it was answered
}

func (k *Kiosk) random() io.Reader {
	if r := k.o.Client.Random; r != nil {
		return r
	}
	return rand.Reader
}

func (k *Kiosk) sendText(st *stay, a flow.Action) {
	var id models.MessageID
	if err := models.Draw(&id, k.random()); err != nil {
		k.done(a, flow.Done{}, err)
		return
	}
	st.model.Sending(a.Room, id, a.Text, k.o.Clock.Now())
	k.send(st, a, sending{id: id, text: a.Text, answer: &a})
}

func (k *Kiosk) resendText(st *stay, a flow.Action) {
	for _, p := range st.model.Unstored(a.Room) {
		if p.Message == a.Message && p.Failed {
			st.model.Resent(a.Room, a.Message)
			k.send(st, a, sending{id: p.Message, text: p.Text, answer: &a})
			return
		}
	}
	k.done(a, flow.Done{}, nil) // it was stored, or dropped
}

// dropText takes a message off the room that was not stored. One that is just being sent stays.
func (k *Kiosk) dropText(st *stay, a flow.Action) {
	for _, p := range st.model.Unstored(a.Room) {
		if p.Message == a.Message && p.Failed {
			st.model.Drop(a.Room, a.Message)
			k.touch()
		}
	}
	k.done(a, flow.Done{}, nil)
}

func (k *Kiosk) send(st *stay, a flow.Action, x sending) {
	o := st.outbox[a.Room]
	if o == nil {
		o = new(outbox)
		st.outbox[a.Room] = o
	}
	o.list = append(o.list, x)
	k.touch()
	if st.session == nil {
		k.cutOutbox(st)
		return
	}
	k.sendNext(st, a.Room)
}

// sendNext sends what is next in a room, unless something is under way or the room is still being read.
func (k *Kiosk) sendNext(st *stay, id models.RoomID) {
	o, s := st.outbox[id], st.session
	if o == nil || o.busy || len(o.list) == 0 || s == nil || st.loading[id] != nil {
		return
	}
	o.busy = true
	x := o.list[0]
	k.run(st.live, func(ctx context.Context) error {
		ctx, cancel := context.WithTimeout(ctx, k.patience)
		defer cancel()
		return s.SendAs(ctx, id, x.id, x.text)
	}, func(err error) {
		o.busy = false
		x = o.list[0]
		if !linkLost(err) { // with a lost link it waits for the next session
			o.list = o.list[1:]
		}
		if errors.Is(err, client.ErrIdentityChanged) {
			st.model.Held(id, x.id)
			k.touch()
		} else if err != nil && !linkLost(err) {
			st.model.Failed(id, x.id)
			k.touch()
		}
		if x.answer != nil {
			if linkLost(err) {
				o.list[0].answer, err = nil, nil
			}
			k.done(*x.answer, flow.Done{}, err)
		}
		if err == nil || !linkLost(err) {
			k.sendNext(st, id)
		}
	})
}

// linkLost says that an error is the connection's end: what was being sent may be stored or not, and is sent again.
func linkLost(err error) bool {
	return errors.Is(err, client.ErrClosed) || errors.Is(err, client.ErrEnded)
}

// cutOutbox answers what waits for a link: its lines show that it is not stored yet.
func (k *Kiosk) cutOutbox(st *stay) {
	for _, o := range st.outbox {
		for i, x := range o.list {
			if x.answer != nil {
				o.list[i].answer = nil
				k.done(*x.answer, flow.Done{}, nil)
			}
		}
	}
}
