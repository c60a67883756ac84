package client_test

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"time"

	"visavis/chat/chattest"
	"visavis/chat/client"
	"visavis/chat/e2e"
	"visavis/chat/trust"
	"visavis/chat/wire"
	"visavis/models"
)

// reading folds a session's updates: the texts of a room by their places, as far as they stand.
type reading struct {
	t    testing.TB
	s    *client.Session
	room models.RoomID
	said map[uint64]string
	warn map[uint64]e2e.Warning
}

func reads(t testing.TB, s *client.Session, id models.RoomID) *reading {
	return &reading{t, s, id, map[uint64]string{}, map[uint64]e2e.Warning{}}
}

// until takes updates until what is read is what is wanted.
func (r *reading) until(want ...string) {
	r.t.Helper()
	ctx, cancel := context.WithTimeout(r.t.Context(), 20*time.Second)
	defer cancel()
	for !slices.Equal(r.texts(), want) {
		u, err := r.s.Next(ctx)
		if err != nil {
			r.t.Fatalf("reads %q, want %q: %v", r.texts(), want, err)
		}
		r.take(u)
	}
}

func (r *reading) take(u client.Update) {
	if u.Room != r.room || u.Event == nil {
		return
	}
	delete(r.said, u.Event.Seq)
	delete(r.warn, u.Event.Seq)
	if u.Event.Warn != 0 {
		r.warn[u.Event.Seq] = u.Event.Warn
	}
	if m := u.Event.Message; m != nil && m.Kind == e2e.KindText {
		r.said[u.Event.Seq] = string(m.Content)
	}
}

// rest takes what is there, and returns what is read.
func (r *reading) rest() []string {
	r.t.Helper()
	for {
		ctx, cancel := context.WithTimeout(r.t.Context(), 50*time.Millisecond)
		u, err := r.s.Next(ctx)
		cancel()
		if err != nil {
			return r.texts()
		}
		r.take(u)
	}
}

func (r *reading) texts() []string {
	out := []string{}
	seqs := make([]uint64, 0, len(r.said))
	for seq := range r.said {
		seqs = append(seqs, seq)
	}
	slices.Sort(seqs)
	for _, seq := range seqs {
		out = append(out, r.said[seq])
	}
	return out
}

func says(t testing.TB, s *client.Session, id models.RoomID, texts ...string) {
	t.Helper()
	for _, text := range texts {
		if _, err := s.Send(context.Background(), id, text); err != nil {
			t.Fatal(err)
		}
	}
}

func policy(history uint8, last uint32) trust.Policy {
	p := trust.DefaultPolicy()
	p.History, p.Last = history, last
	return p
}

// numbered are texts from a number on, up to before another.
func numbered(from, to int) (out []string) {
	for n := from; n < to; n++ {
		out = append(out, fmt.Sprint("message ", n))
	}
	return out
}

// Somebody joins a room: what he reads of what was said before is what the policy gives him, and each member who is there gives it.
func TestNewcomerReadsWhatThePolicyGives(t *testing.T) {
	for _, c := range []struct {
		name   string
		policy trust.Policy
		want   []string // of 60 messages: a generation holds as many as the policy says, the title among them
	}{
		{"none", policy(trust.HistoryNone, 0), nil},
		{"the last 20: rounded up to a generation more", policy(trust.HistoryLast, 20), numbered(38, 60)},
		{"the last 21", policy(trust.HistoryLast, 21), numbered(40, 60)},
		{"all", policy(trust.HistoryAll, 0), numbered(0, 60)},
	} {
		t.Run(c.name, func(t *testing.T) {
			w, first, admin, ben := people(t)
			ctx := t.Context()
			id, err := admin.CreateRoom(ctx, "Policy")
			must(t, err)
			admin.SetMending(time.Minute, 0)
			says(t, admin, id, "before the policy")
			if c.policy.History != trust.HistoryNone {
				must(t, admin.SetRules(ctx, id, c.policy))
			}
			for _, text := range numbered(0, 60) {
				says(t, admin, id, text)
				must(t, admin.Enter(ctx, id)) // what is on its way is not counted yet, and a generation would take one more
			}
			s := w.LogIn(first, ben)
			r := reads(t, s, id)
			member(t, admin, s, id)
			r.until(c.want...)
			must(t, s.UntilMended(ctx, id)) // welcomed too
			says(t, admin, id, "welcome")
			r.until(append(slices.Clone(c.want), "welcome")...)
			if s.Title(id) != "Policy" {
				t.Errorf("the room's title is %q", s.Title(id))
			}
			for seq, warn := range r.warn {
				t.Errorf("entry %d: %v", seq, warn)
			}

			// The next log-in reads the same, and asks nobody.
			must(t, admin.LogOut(ctx))
			again := w.LogIn(first, ben)
			r = reads(t, again, id)
			must(t, again.Enter(ctx, id))
			r.until(append(slices.Clone(c.want), "welcome")...)
		})
	}
}

// A policy is changed to one that gives less, and back: each gives what was said under it alone.
func TestWhatWasSaidUnderARuleStaysUnderIt(t *testing.T) {
	w, first, admin, ben := people(t)
	ctx := t.Context()
	id, err := admin.CreateRoom(ctx, "Rules")
	must(t, err)
	admin.SetMending(time.Minute, 0)
	for _, p := range []trust.Policy{policy(trust.HistoryAll, 0), policy(trust.HistoryNone, 0), policy(trust.HistoryAll, 0)} {
		if admin.Rules(id) != p {
			must(t, admin.SetRules(ctx, id, p))
		}
		says(t, admin, id, fmt.Sprint("under ", p.History))
	}
	s := w.LogIn(first, ben)
	r := reads(t, s, id)
	member(t, admin, s, id)
	r.until("under 3")
	must(t, s.UntilMended(ctx, id))

	// He is put out and comes back when nothing is given: of the time between he reads nothing, whatever was given before.
	must(t, admin.Remove(ctx, id, ben.Account))
	says(t, admin, id, "while he is away")
	must(t, admin.SetRules(ctx, id, policy(trust.HistoryNone, 0)))
	says(t, admin, id, "under none, away")
	member(t, admin, s, id)
	must(t, s.UntilMended(ctx, id))
	says(t, admin, id, "back")
	r.until("under 3", "back")
}

// Nobody who could give it is there when somebody joins: it comes when a member does, though the newcomer is away by then.
func TestWaitingForAMember(t *testing.T) {
	w, first, admin, ben := people(t)
	ctx := t.Context()
	id, err := admin.CreateRoom(ctx, "Later")
	must(t, err)
	must(t, admin.SetRules(ctx, id, policy(trust.HistoryAll, 0)))
	says(t, admin, id, "one", "two")
	must(t, admin.Invite(ctx, id, ben.Account))
	must(t, admin.LogOut(ctx))

	s := w.LogIn(first, ben)
	must(t, s.Join(ctx, id))
	if !s.Waiting(id) {
		t.Fatal("it is not shown that he waits for a member")
	}
	r := reads(t, s, id)
	must(t, s.WaitAsked(ctx, id))
	if got := r.rest(); len(got) != 0 {
		t.Fatalf("he reads %q of nobody", got)
	}
	must(t, s.LogOut(ctx))

	again := w.LogIn(first, ada())
	again.SetMending(time.Minute, 0)
	must(t, again.Enter(ctx, id))
	must(t, again.WaitGeneration(ctx, id, 2))
	s = w.LogIn(first, ben)
	r = reads(t, s, id)
	must(t, s.Enter(ctx, id))
	r.until("one", "two")
	must(t, s.UntilMended(ctx, id))
	if s.Waiting(id) {
		t.Error("he waits on")
	}
}

// The server asks in the name of somebody who may not have it, and hands on what it likes: members give by the room's rules as they know them.
func TestServerDoesNotWidenHistory(t *testing.T) {
	w, first, admin, ben := people(t)
	ctx := t.Context()
	id, err := admin.CreateRoom(ctx, "Narrow")
	must(t, err)
	says(t, admin, id, "not for him")
	old := generationOf(t, w, id)
	s := w.LogIn(first, ben)
	member(t, admin, s, id)
	says(t, admin, id, "for him")
	r := reads(t, s, id)
	r.until("for him")
	for name, ask := range map[string]wire.BoxAsked{
		"what was before him":         {Room: id, Account: ben.Account, Generations: []models.Hash{old}},
		"for one who is in no room":   {Room: id, Account: models.AccountID{9}, Generations: []models.Hash{old}, Waiting: true},
		"what there is not":           {Room: id, Account: ben.Account, Generations: []models.Hash{{9}}},
		"more than anybody asks for":  {Room: id, Account: ben.Account, Generations: slices.Repeat([]models.Hash{old}, 1000)},
		"of a room that nobody is in": {Room: models.RoomID{9}, Account: ben.Account, Generations: []models.Hash{old}},
	} {
		admin.GiveRaw(ask)
		boxes, err := w.Store.BoxFor(ctx, id, old, ben.Account)
		must(t, err)
		if len(boxes) != 0 {
			t.Errorf("%s: %d boxes were given", name, len(boxes))
		}
	}
}

// A stranger, one who was put out, or a member asks and gives what is not his.
func TestAskingAndGivingIsForMembers(t *testing.T) {
	w, first, admin, ben := people(t)
	ctx := t.Context()
	s := w.LogIn(first, ben)
	id, err := admin.CreateRoom(ctx, "Closed")
	must(t, err)
	says(t, admin, id, "one")
	g := generationOf(t, w, id)
	call := func(who *client.Session, typ string, body any) error {
		return who.Connection().Call(ctx, typ, body, new(wire.Empty))
	}
	box := func(to models.AccountID, size int) wire.BoxGive {
		identity, _ := admin.Directory().Identity(to)
		return wire.BoxGive{Room: id, Generation: g, Boxes: []wire.Box{{Account: to, Key: identity.Boxes[0].ID, Body: make([]byte, size)}}}
	}
	refused(t, call(s, wire.TypeBoxAsk, wire.BoxAsk{Room: id, Generations: []models.Hash{g}}), wire.CodeNotFound)
	refused(t, call(s, wire.TypeBoxGive, box(admin.Account(), trust.BoxSize)), wire.CodeNotFound)
	refused(t, s.Connection().Call(ctx, wire.TypeLogRead, wire.LogRead{Room: id}, new(wire.LogReadReply)), wire.CodeNotFound)

	refused(t, call(admin, wire.TypeBoxGive, box(ben.Account, trust.BoxSize)), wire.CodeInvalid) // to one who is no member
	refused(t, call(admin, wire.TypeBoxGive, box(admin.Account(), trust.BoxSize)), wire.CodeInvalid)
	member(t, admin, s, id)
	refused(t, call(admin, wire.TypeBoxGive, box(ben.Account, trust.BoxSize-1)), wire.CodeInvalid)
	other := box(ben.Account, trust.BoxSize)
	other.Generation = models.Hash{9}
	refused(t, call(admin, wire.TypeBoxGive, other), wire.CodeNotFound)
	other = box(ben.Account, trust.BoxSize)
	other.Boxes[0].Key = models.Hash{9}
	refused(t, call(admin, wire.TypeBoxGive, other), wire.CodeInvalid)
	refused(t, call(s, wire.TypeBoxAsk, wire.BoxAsk{Room: id, Generations: make([]models.Hash, wire.MaxAsked+1)}), wire.CodeInvalid)
	var wait error
	for range 1000 {
		if wait = call(s, wire.TypeBoxAsk, wire.BoxAsk{Room: id, Generations: []models.Hash{g}}); wait != nil {
			break
		}
	}
	refused(t, wait, wire.CodeWait)
}

// A member gives rubbish before anybody gives the key: it stands beside it, and is not taken for it.
func TestRubbishIsGivenFirst(t *testing.T) {
	w, first, admin, ben := people(t)
	ctx := t.Context()
	cleo := w.SignUp(first, "cleo", 3)
	w.Approve(admin, cleo)
	evil := w.LogIn(first, cleo)
	evil.SetMending(time.Hour, time.Hour)
	id, err := admin.CreateRoom(ctx, "Rubbish")
	must(t, err)
	must(t, admin.SetRules(ctx, id, policy(trust.HistoryLast, 10)))
	member(t, admin, evil, id)
	says(t, admin, id, "one", "two")
	must(t, admin.LogOut(ctx))

	must(t, evil.Invite(ctx, id, ben.Account))
	s := w.LogIn(first, ben)
	s.SetMending(100*time.Millisecond, time.Hour)
	must(t, s.Join(ctx, id))
	identity, _ := s.Directory().Identity(ben.Account)
	for _, g := range s.LacksOf(id).Generations {
		give := wire.BoxGive{Room: id, Generation: g, Boxes: []wire.Box{{Account: ben.Account, Key: identity.Boxes[0].ID, Body: make([]byte, trust.BoxSize)}}}
		must(t, evil.Connection().Call(ctx, wire.TypeBoxGive, give, new(wire.Empty)))
	}
	r := reads(t, s, id)
	if got := r.rest(); len(got) > 0 {
		t.Fatalf("reads %q out of rubbish", got)
	}
	again := w.LogIn(first, ada())
	must(t, again.Enter(ctx, id))
	r.until("one", "two")
}

// ada is the admin of people, to log in again.
func ada() *chattest.Person {
	return &chattest.Person{Name: "ada", Face: 1, Password: "umbrella ada 7 quartz lantern"}
}
