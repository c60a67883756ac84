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
		{bob, func() ([]byte, error) { return h.r.SignLeave(bob.author(), h.dir, StreamEnds{}, models.Hash{}) }, ChangeLeft, 1},
		{alice, func() ([]byte, error) { return h.r.SignInvite(alice.author(), h.dir, bob.account, RoleMember) }, ChangeInvited, 1},
		{bob, func() ([]byte, error) { return h.r.SignJoin(bob.author(), h.dir) }, ChangeJoined, 2},
		{alice, func() ([]byte, error) { return h.r.SignRole(alice.author(), h.dir, bob.account, RoleOwner) }, ChangeRole, 2},
		{bob, func() ([]byte, error) {
			return h.r.SignPolicy(bob.author(), h.dir, Policy{History: HistoryNone, Invite: RoleOwner, MaxAge: 60})
		}, ChangePolicy, 2},
		{bob, func() ([]byte, error) {
			return h.r.SignRemove(bob.author(), h.dir, alice.account, someEnds(), models.Hash{5})
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
		{"no history policy", h.statement(LabelPolicy, alice, policyBody{Policy: Policy{Invite: RoleMember}}, nil), ErrFormat},
		{"nobody invites", h.statement(LabelPolicy, alice, policyBody{Policy: Policy{History: HistoryNone}}, nil), ErrFormat},
		{"the last ten of nothing", h.statement(LabelPolicy, alice, policyBody{Policy: Policy{History: HistoryNone, Invite: RoleMember, Last: 10}}, nil), ErrFormat},
		{"newer policy by one who may not", h.statement(LabelPolicy, bob, policyBody{Policy: Policy{History: 4, Invite: RoleMember}}, nil), ErrNotAllowed},
		{"newer role by one who may not", h.statement(LabelRoomRole, bob, roomRoleBody{Account: carol.account, Role: 3}, nil), ErrNotAllowed},
		{"no role", h.statement(LabelRoomRole, alice, roomRoleBody{Account: carol.account}, nil), ErrNotAllowed},
		{"newer statement by a ghost", h.statement(prefix+"room/novelty", ghost, policyBody{}, nil), ErrNotAllowed},
		{"newer generation signed by another", h.newerGeneration(user{account: bob.account, key: ghost.key}, nil, Ext{2: {0}}), ErrSignature},
		{"newer generation by a ghost", h.newerGeneration(ghost, nil, Ext{2: {0}}), ErrNotAllowed},
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

// Under every accepted generation messages are accepted; only one for the roster and the keys of now is fit to seal under.
func TestWhichGenerationsFit(t *testing.T) {
	h, alice := newHouse(t, admin)
	bob := h.member(alice, "bob")
	h.put(alice, check[[]byte](t)(h.r.SignInvite(alice.author(), h.dir, bob.account, RoleMember)))
	h.put(bob, check[[]byte](t)(h.r.SignJoin(bob.author(), h.dir)))
	rekey := func() models.Hash { return check[Change](t)(h.r.Apply(h.generation(bob, nil), h.dir)).Generation }
	first, second := rekey(), rekey()
	expect := func(when string, generation models.Hash, fits bool) {
		t.Helper()
		if got := h.r.Fits(generation, h.dir); got != fits {
			t.Errorf("%s: fits %v", when, got)
		}
		check[Change](t)(h.r.Apply(h.entry(alice, models.EntryMessage, EncodeMessage(generation, []byte("t"))), h.dir))
	}
	expect("the current one", second, true)
	expect("the one before", first, true)
	carol := h.member(alice, "carol")
	expect("after a stranger's approval", first, true)
	h.put(alice, check[[]byte](t)(h.r.SignInvite(alice.author(), h.dir, carol.account, RoleMember)))
	expect("after an invitation", second, false)
	third := rekey()
	h.apply(check[[]byte](t)(h.dir.SignRevokeAccount(alice.account, alice.key, bob.account, testTime)))
	expect("after a revocation", third, false)
	if h.r.Fits(models.Hash{}, h.dir) {
		t.Error("none at all fits")
	}
}

// newerGeneration is one as a later version may make it.
func (h *house) newerGeneration(u user, past []byte, ext Ext) models.Entry {
	g := h.r.NextGeneration(u.account, h.dir)
	p := generationPayload{Header: NewHeader(LabelGeneration, g.Org), Room: g.Room, Number: g.Number, Prev: g.Prev, Roster: g.Roster, Dir: g.Dir, Maker: g.Maker,
		Stream: models.StreamID{1}, Time: millis(testTime), Commitment: models.Hash{1}, Past: past, Ext: ext}
	return h.entry(u, models.EntryGeneration, Sign(LabelGeneration, must(p), u.key))
}

func someEnds() StreamEnds {
	ends := []StreamEnd{{Stream: models.StreamID{1}, Counter: 3, Hash: models.Hash{4}}}
	return StreamEnds{Last: ends, All: HashStreamEnds(ends)}
}

func TestStreamEndsAreReadBack(t *testing.T) {
	h, alice := newHouse(t, admin)
	leave := check[[]byte](t)(h.r.SignLeave(alice.author(), h.dir, someEnds(), models.Hash{5}))
	ends, seen, ok := StreamEndsOf(leave)
	if !ok || len(ends.Last) != 1 || ends.All != someEnds().All || seen != (models.Hash{5}) {
		t.Fatalf("a leave says %+v, %v", ends, seen)
	}
	if _, _, ok := StreamEndsOf(h.log[0].Body); ok {
		t.Fatal("a create ends streams")
	}
	two := []StreamEnd{{Stream: models.StreamID{2}}, {Stream: models.StreamID{1}}}
	if HashStreamEnds(two) != HashStreamEnds([]StreamEnd{two[1], two[0]}) || HashStreamEnds(nil) == HashStreamEnds(two) {
		t.Fatal("the hash is not over the set")
	}
	many := StreamEnds{Last: make([]StreamEnd, MaxStreamEnds+1)}
	if _, err := h.r.SignLeave(alice.author(), h.dir, many, models.Hash{}); !errors.Is(err, ErrFormat) {
		t.Fatalf("%d streams: %v", len(many.Last), err)
	}
}

// A room whose owner has a later version: what he says that this version does not know must not cut this version off from
// everything that follows. It reads on and sends nothing; a server of this version does not store it.
func TestNewerStatementsDoNotWedge(t *testing.T) {
	for name, novelty := range map[string]func(h *house, alice, bob user) models.Entry{
		"history policy": func(h *house, alice, _ user) models.Entry {
			return h.statement(LabelPolicy, alice, policyBody{Policy: Policy{History: 4, Invite: RoleMember, Last: 10}}, nil)
		},
		"who may invite": func(h *house, alice, _ user) models.Entry {
			return h.statement(LabelPolicy, alice, policyBody{Policy: Policy{History: HistoryNone, Invite: 3}}, nil)
		},
		"role": func(h *house, alice, bob user) models.Entry {
			return h.statement(LabelRoomRole, alice, roomRoleBody{Account: bob.account, Role: 9}, nil)
		},
		"invited to a role": func(h *house, alice, _ user) models.Entry {
			carol := h.member(alice, "carol")
			id, _ := h.dir.Identity(carol.account)
			return h.statement(LabelInvite, alice, inviteBody{Account: carol.account, Identity: id.Hash, Role: 9}, nil)
		},
		"ext": func(h *house, alice, _ user) models.Entry {
			return h.statement(LabelPolicy, alice, policyBody{Policy: DefaultPolicy()}, func(s *Statement) { s.Ext = Ext{2: {0}} })
		},
		"type": func(h *house, alice, _ user) models.Entry {
			return h.statement(prefix+"room/novelty", alice, policyBody{}, nil)
		},
		"ext, by one who is invited": func(h *house, alice, _ user) models.Entry {
			carol := h.member(alice, "carol")
			h.put(alice, check[[]byte](t)(h.r.SignInvite(alice.author(), h.dir, carol.account, RoleMember)))
			id, _ := h.dir.Identity(carol.account)
			return h.statement(LabelJoin, carol, joinBody{Identity: id.Hash}, func(s *Statement) { s.Ext = Ext{2: {0}} })
		},
		"generation with ext": func(h *house, alice, _ user) models.Entry { return h.newerGeneration(alice, nil, Ext{2: {0}}) },
	} {
		t.Run(name, func(t *testing.T) {
			h, alice := newHouse(t, admin)
			bob := h.member(alice, "bob")
			h.put(alice, check[[]byte](t)(h.r.SignInvite(alice.author(), h.dir, bob.account, RoleMember)))
			h.put(bob, check[[]byte](t)(h.r.SignJoin(bob.author(), h.dir)))
			e := novelty(h, alice, bob)
			if err := h.r.Check(e, h.dir); !errors.Is(err, ErrNewer) {
				t.Fatalf("a server of this version stores it: %v", err)
			}
			head := h.r.Head()
			c := check[Change](t)(h.r.Apply(e, h.dir))
			if !c.Newer || !h.r.Newer() || e.Kind == models.EntryStatement && (c.Kind != ChangeUnknown || h.r.Head() == head) {
				t.Fatalf("%+v, newer %v", c, h.r.Newer())
			}
			if _, err := h.r.SignPolicy(alice.author(), h.dir, DefaultPolicy()); !errors.Is(err, ErrNewer) {
				t.Fatalf("signs on top of what it does not know: %v", err)
			}
			// What the later version allows and this one does not is no reason to stop either.
			check[Change](t)(h.r.Apply(h.statement(LabelRemove, bob, removeBody{Account: alice.account}, nil), h.dir))
			check[Change](t)(h.r.Apply(h.statement(LabelPolicy, alice, policyBody{Policy: DefaultPolicy()}, nil), h.dir))
			c = check[Change](t)(h.r.Apply(h.generation(bob, nil), h.dir))
			if !c.Current {
				t.Fatal("the generation after it is not current")
			}
			check[Change](t)(h.r.Apply(h.entry(bob, models.EntryMessage, EncodeMessage(c.Generation, []byte("t"))), h.dir))
		})
	}
}

// A room that a later version founds is a room.
func TestNewerRoomIsRead(t *testing.T) {
	o := newOrg(t)
	alice := o.admin("alice")
	h := &house{org: o, r: NewRoom(o.dir.Org(), models.RoomID{1})}
	id, _ := o.dir.Identity(alice.account)
	e := h.statement(LabelCreate, alice, createBody{Identity: id.Hash, Policy: Policy{History: 4, Invite: RoleMember}}, nil)
	check[Change](t)(h.r.Apply(e, h.dir))
	if m, ok := h.r.Member(alice.account); !ok || m.Role != RoleOwner || !h.r.Newer() {
		t.Fatalf("its owner is %+v, newer %v", m, h.r.Newer())
	}
	check[Change](t)(h.r.Apply(h.generation(alice, nil), h.dir))
}

// Of two ext maps that differ in the order of Go's map alone, both get the same verdict: else members would disagree about the log.
func TestExtVerdictDoesNotDependOnOrder(t *testing.T) {
	for range 100 {
		if err := (Ext{2: {0}, 4: {0}, 1: {0x18, 0}}).Check(); !errors.Is(err, ErrFormat) {
			t.Fatal(err)
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
