package trust

import (
	"bytes"
	"errors"
	"testing"

	"visavis/models"
)

// house is a room under test.
type house struct {
	*org
	r   *Room
	log []models.Entry
}

func newHouse(t testing.TB, owner func(*org) user) (*house, user) {
	o := newOrg(t)
	u := owner(o)
	h := &house{org: o, r: NewRoom(o.dir.Org(), models.RoomID{1})}
	h.put(u, check[[]byte](t)(h.r.SignCreate(u.author(), o.dir, DefaultPolicy())))
	return h, u
}

func (u user) author() Author { return Author{Account: u.account, Key: u.key, At: testTime} }

func (h *house) entry(u user, kind models.EntryKind, body []byte) models.Entry {
	return models.Entry{Room: h.r.ID(), Kind: kind, Author: u.account, Body: body}
}

func (h *house) put(u user, body []byte) Change {
	h.t.Helper()
	e := h.entry(u, models.EntryStatement, body)
	h.log = append(h.log, e)
	return check[Change](h.t)(h.r.Apply(e, h.dir))
}

func (h *house) generation(u user, change func(*Generation)) models.Entry {
	g := h.r.NextGeneration(u.account, h.dir)
	g.Stream, g.Time, g.Commitment = models.StreamID{1}, testTime, models.Hash{1}
	if change != nil {
		change(&g)
	}
	return h.entry(u, models.EntryGeneration, SignGeneration(g, u.key))
}

func admin(o *org) user { return o.admin("alice") }

func TestRoom(t *testing.T) {
	h, alice := newHouse(t, admin)
	bob := h.member(alice, "bob")
	steps := []struct {
		by   user
		sign func() ([]byte, error)
		kind ChangeKind
		in   int
	}{
		{alice, func() ([]byte, error) { return h.r.SignInvite(alice.author(), h.dir, bob.account, RoleMember) }, ChangeInvited, 1},
		{bob, func() ([]byte, error) { return h.r.SignLeave(bob.author(), h.dir, nil) }, ChangeLeft, 1},
		{alice, func() ([]byte, error) { return h.r.SignInvite(alice.author(), h.dir, bob.account, RoleMember) }, ChangeInvited, 1},
		{bob, func() ([]byte, error) { return h.r.SignJoin(bob.author(), h.dir) }, ChangeJoined, 2},
		{alice, func() ([]byte, error) { return h.r.SignRole(alice.author(), h.dir, bob.account, RoleOwner) }, ChangeRole, 2},
		{bob, func() ([]byte, error) {
			return h.r.SignPolicy(bob.author(), h.dir, Policy{History: HistoryNone, Invite: RoleOwner, MaxAge: 60})
		}, ChangePolicy, 2},
		{bob, func() ([]byte, error) {
			return h.r.SignRemove(bob.author(), h.dir, alice.account, []StreamEnd{{Stream: models.StreamID{1}, Counter: 3, Hash: models.Hash{4}}})
		}, ChangeRemoved, 1},
	}
	for i, s := range steps {
		head, state := h.r.Head(), h.r.StateHash()
		c := h.put(s.by, check[[]byte](t)(s.sign()))
		if c.Kind != s.kind || c.Author != s.by.account || len(h.r.Members()) != s.in || h.r.Head() == head || h.r.StateHash() == state {
			t.Fatalf("step %d: %+v, %d members", i, c, len(h.r.Members()))
		}
	}
	again := NewRoom(h.dir.Org(), h.r.ID())
	for _, e := range h.log {
		check[Change](t)(again.Apply(e, h.dir))
	}
	if again.StateHash() != h.r.StateHash() || again.Head() != h.r.Head() {
		t.Fatal("the same log gives another state")
	}
}

// statement makes a room's statement without asking whether the room would take it; state is what the honest rule gives.
func (h *house) statement(l Label, u user, body any, change func(*Statement)) models.Entry {
	s := Statement{Header: NewHeader(l, h.dir.Org()), Room: h.r.ID(), Seq: h.r.seq, Prev: h.r.Head(), Dir: h.dir.Head(), Author: u.account, Body: must(body)}
	id, _ := h.dir.Identity(u.account)
	s.State, _ = h.r.stateAfter(act{s: s, author: id, dir: h.dir})
	if change != nil {
		change(&s)
	}
	return h.entry(u, models.EntryStatement, check[[]byte](h.t)(signStatement(l, s, body, u.key, testTime)))
}

func TestRoomRefuses(t *testing.T) {
	h, alice := newHouse(t, admin)
	bob, carol, ghost := h.member(alice, "bob"), h.member(alice, "carol"), h.member(alice, "ghost")
	for _, u := range []user{bob, carol} {
		h.put(alice, check[[]byte](t)(h.r.SignInvite(alice.author(), h.dir, u.account, RoleMember)))
		h.put(u, check[[]byte](t)(h.r.SignJoin(u.author(), h.dir)))
	}
	ghostID, _ := h.dir.Identity(ghost.account)
	bobID, _ := h.dir.Identity(bob.account)
	invite := inviteBody{Account: ghost.account, Identity: ghostID.Hash, Role: RoleMember}
	as := func(e models.Entry, u user) models.Entry { e.Author = u.account; return e }
	for _, tt := range []struct {
		name string
		e    models.Entry
		want error
	}{
		{"ghost joins uninvited", h.statement(LabelJoin, ghost, joinBody{Identity: ghostID.Hash}, nil), ErrNotAllowed},
		{"ghost invites himself", h.statement(LabelInvite, ghost, invite, nil), ErrNotAllowed},
		{"ghost named by the server as a member", as(h.statement(LabelInvite, ghost, invite, nil), bob), ErrNotAllowed},
		{"signed by another", h.statement(LabelInvite, user{account: bob.account, key: ghost.key}, invite, nil), ErrSignature},
		{"entry under another author", as(h.statement(LabelInvite, bob, invite, nil), carol), ErrIdentity},
		{"invites an owner", h.statement(LabelInvite, bob, inviteBody{Account: ghost.account, Identity: ghostID.Hash, Role: RoleOwner}, nil), ErrNotAllowed},
		{"invites under another's identity", h.statement(LabelInvite, bob, inviteBody{Account: ghost.account, Identity: bobID.Hash, Role: RoleMember}, nil), ErrIdentity},
		{"invites a stranger", h.statement(LabelInvite, bob, inviteBody{Account: models.AccountID{9}, Role: RoleMember}, nil), ErrUnknown},
		{"invites a member", h.statement(LabelInvite, bob, inviteBody{Account: carol.account, Role: RoleMember}, nil), ErrTaken},
		{"member removes", h.statement(LabelRemove, bob, removeBody{Account: carol.account}, nil), ErrNotAllowed},
		{"member makes himself owner", h.statement(LabelRoomRole, bob, roomRoleBody{Account: bob.account, Role: RoleOwner}, nil), ErrNotAllowed},
		{"member changes the policy", h.statement(LabelPolicy, bob, policyBody{Policy: DefaultPolicy()}, nil), ErrNotAllowed},
		{"unknown history policy", h.statement(LabelPolicy, alice, policyBody{Policy: Policy{History: 2, Invite: RoleMember}}, nil), ErrNewer},
		{"created twice", h.statement(LabelCreate, alice, createBody{Policy: DefaultPolicy()}, nil), ErrPrev},
		{"replayed", h.log[1], ErrPrev},
		{"not at the head", h.statement(LabelInvite, bob, invite, func(s *Statement) { s.Prev[0]++ }), ErrPrev},
		{"claims another state", h.statement(LabelInvite, bob, invite, func(s *Statement) { s.State[0]++ }), ErrState},
		{"of another room", h.statement(LabelInvite, bob, invite, func(s *Statement) { s.Room[0]++ }), ErrFormat},
		{"of another organisation", h.statement(LabelInvite, bob, invite, func(s *Statement) { s.Org[0]++ }), ErrOrg},
		{"unknown directory head", h.statement(LabelInvite, bob, invite, func(s *Statement) { s.Dir[0]++ }), ErrUnknownHead},
		{"outdated directory head", h.statement(LabelInvite, bob, invite, func(s *Statement) { s.Dir = h.dir.Org() }), ErrStaleHead},
		{"generation by a ghost", h.generation(ghost, nil), ErrNotAllowed},
		{"generation signed by another", h.generation(user{account: bob.account, key: ghost.key}, nil), ErrSignature},
		{"generation for an old roster", h.generation(bob, func(g *Generation) { g.Roster[0]++ }), ErrStaleHead},
		{"generation after an unknown one", h.generation(bob, func(g *Generation) { g.Prev[0]++ }), ErrPrev},
		{"generation without commitment", h.generation(bob, func(g *Generation) { g.Commitment = models.Hash{} }), ErrFormat},
		{"message under no generation", h.entry(bob, models.EntryMessage, EncodeMessage(models.Hash{1}, []byte("t"))), ErrUnknown},
		{"message by a ghost", h.entry(ghost, models.EntryMessage, EncodeMessage(models.Hash{1}, []byte("t"))), ErrNotAllowed},
		{"unknown kind of entry", h.entry(bob, 9, nil), ErrNewer},
		{"entry of another room", models.Entry{Kind: models.EntryMessage}, ErrFormat},
	} {
		before := *h.r
		if err := h.r.Check(tt.e, h.dir); !errors.Is(err, tt.want) {
			t.Errorf("%s: check says %v, want %v", tt.name, err, tt.want)
		}
		if _, err := h.r.Apply(tt.e, h.dir); !errors.Is(err, tt.want) {
			t.Errorf("%s: %v, want %v", tt.name, err, tt.want)
		}
		if h.r.head != before.head || h.r.state != before.state || h.r.dirSeq != before.dirSeq || h.r.current != before.current || h.r.newer ||
			!bytes.Equal(rows(h.r.roster.members), rows(before.roster.members)) || h.r.StateHash() != h.r.roster.hash(h.dir.Org(), h.r.ID()) {
			t.Fatalf("%s: refused, and changed something", tt.name)
		}
	}
}

func TestRoomIsFullAt2000(t *testing.T) {
	var r roster
	r.policy = DefaultPolicy()
	for i := range MaxMembers {
		r.members = append(r.members, Member{Account: models.AccountID{byte(i >> 8), byte(i)}, Role: RoleMember})
	}
	o := newOrg(t)
	alice := o.admin("alice")
	id, _ := o.dir.Identity(alice.account)
	body := must(inviteBody{Account: alice.account, Identity: id.Hash, Role: RoleMember})
	if _, _, err := r.invite(act{s: Statement{Body: body, Dir: o.dir.Head()}, self: r.members[0], dir: o.dir}); !errors.Is(err, ErrFull) {
		t.Fatalf("member %d: %v", MaxMembers+1, err)
	}
}

func TestUnknownRoomStatement(t *testing.T) {
	h, alice := newHouse(t, admin)
	e := h.statement(prefix+"room/novelty", alice, policyBody{}, nil)
	if err := h.r.Check(e, h.dir); !errors.Is(err, ErrNewer) {
		t.Fatalf("a server would let a member stop the room: %v", err)
	}
	c := check[Change](t)(h.r.Apply(e, h.dir))
	if c.Kind != ChangeUnknown || !h.r.Newer() {
		t.Fatalf("%+v", c)
	}
	if _, err := h.r.SignPolicy(alice.author(), h.dir, DefaultPolicy()); !errors.Is(err, ErrNewer) {
		t.Fatalf("signs on top of what it does not know: %v", err)
	}
}

func BenchmarkStateHashOf2000(b *testing.B) {
	var r roster
	for i := range MaxMembers {
		r.members = append(r.members, Member{Account: models.AccountID{byte(i >> 8), byte(i)}, Role: RoleMember})
	}
	for b.Loop() {
		r.hash(models.OrgID{}, models.RoomID{})
	}
}
