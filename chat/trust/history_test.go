package trust

import (
	"errors"
	"testing"

	"visavis/models"
)

func TestPolicyCheck(t *testing.T) {
	for _, tt := range []struct {
		name string
		p    Policy
		want error
	}{
		{"nothing", Policy{History: HistoryNone, Invite: RoleMember}, nil},
		{"the last one", Policy{History: HistoryLast, Invite: RoleMember, Last: 1}, nil},
		{"as many as there may be", Policy{History: HistoryLast, Invite: RoleOwner, Last: MaxLast}, nil},
		{"all", Policy{History: HistoryAll, Invite: RoleMember, MaxAge: 60}, nil},
		{"the zero policy", Policy{}, ErrFormat},
		{"no history policy", Policy{Invite: RoleMember}, ErrFormat},
		{"nobody invites", Policy{History: HistoryNone}, ErrFormat},
		{"the last ten of nothing", Policy{History: HistoryNone, Invite: RoleMember, Last: 10}, ErrFormat},
		{"the last none", Policy{History: HistoryLast, Invite: RoleMember}, ErrFormat},
		{"one more than there may be", Policy{History: HistoryLast, Invite: RoleMember, Last: MaxLast + 1}, ErrFormat},
		{"the last ten of all", Policy{History: HistoryAll, Invite: RoleMember, Last: 10}, ErrFormat},
		{"a history of later", Policy{History: HistoryAll + 1, Invite: RoleMember, Last: 10}, ErrNewer},
		{"a role of later", Policy{History: HistoryAll, Invite: RoleOwner + 1}, ErrNewer},
	} {
		if err := tt.p.check(); !errors.Is(err, tt.want) {
			t.Errorf("%s: %v, want %v", tt.name, err, tt.want)
		}
	}
}

// The generations before somebody joins, the oldest first, and how many of their end he may open.
func TestReach(t *testing.T) {
	none := func(n uint64) Spoken { return Spoken{Policy{History: HistoryNone}, n} }
	all := func(n uint64) Spoken { return Spoken{Policy{History: HistoryAll}, n} }
	last := func(of uint32, n uint64) Spoken { return Spoken{Policy{History: HistoryLast, Last: of}, n} }
	for _, tt := range []struct {
		name   string
		p      Policy
		before []Spoken
		want   int
	}{
		{"no policy", Policy{}, []Spoken{{Messages: 1}}, 0},
		{"nothing of all", none(0).Policy, []Spoken{all(5), all(5)}, 0},
		{"nothing of nothing", none(0).Policy, []Spoken{none(5)}, 0},
		{"all, and there is none", all(0).Policy, nil, 0},
		{"all", all(0).Policy, []Spoken{all(5), all(0), all(5)}, 3},
		{"all since the policy", all(0).Policy, []Spoken{all(5), none(1), all(5)}, 1},
		{"all, of what others were to open in part", all(0).Policy, []Spoken{last(3, 5)}, 0},
		{"the last 5, exactly", last(5, 0).Policy, []Spoken{last(5, 9), last(5, 3), last(5, 2)}, 2},
		{"the last 5, rounded up", last(5, 0).Policy, []Spoken{last(5, 9), last(5, 9), last(5, 4)}, 2},
		{"the last 5 of one", last(5, 0).Policy, []Spoken{last(5, 9), last(5, 1000)}, 1},
		{"the last 5 of less", last(5, 0).Policy, []Spoken{last(5, 1), last(5, 1)}, 2},
		{"the last 5, over an empty one", last(5, 0).Policy, []Spoken{last(5, 5), last(5, 0), last(5, 1)}, 3},
		{"the last 5, since the policy", last(5, 0).Policy, []Spoken{none(9), last(5, 1)}, 1},
		{"the last 5, of what was said to all who come: its chain leads further back", last(5, 0).Policy, []Spoken{all(9), last(5, 1)}, 1},
		{"the last 100, of what was said under the last 2", last(100, 0).Policy, []Spoken{last(2, 1), last(2, 1), last(2, 1), last(100, 1)}, 2},
		{"the last 2, of what was said under the last 100", last(2, 0).Policy, []Spoken{last(100, 2), last(100, 2)}, 1},
	} {
		if got := tt.p.Reach(tt.before); got != tt.want {
			t.Errorf("%s: %d, want %d", tt.name, got, tt.want)
		}
	}
}

// made puts a generation into the room.
func (h *house) made(u user, past []byte) (Change, error) {
	return h.r.Apply(h.generation(u, func(g *Generation) { g.Past = past }), h.dir)
}

func (h *house) policy(u user, p Policy) {
	h.put(u, check[[]byte](h.t)(h.r.SignPolicy(u.author(), h.dir, p)))
}

// Under a policy that does not give it, or after a change of it, a maker carries the secret of before on, and opens the room's past to whoever comes.
func TestPastStandsWhereThePolicyGivesIt(t *testing.T) {
	h, alice := newHouse(t, admin)
	all, past := Policy{History: HistoryAll, Invite: RoleMember}, make([]byte, PastSize)
	refused := func(what string, want error, past []byte) {
		t.Helper()
		if _, err := h.made(alice, past); !errors.Is(err, want) {
			t.Errorf("%s: %v, want %v", what, err, want)
		}
	}
	refused("the first of all", ErrNotAllowed, past)
	check[Change](t)(h.made(alice, nil))
	refused("under none", ErrNotAllowed, past)
	h.policy(alice, all)
	refused("the first under all", ErrNotAllowed, past)
	if h.r.Carries() {
		t.Error("an honest maker would carry it")
	}
	check[Change](t)(h.made(alice, nil))
	refused("too short", ErrFormat, past[1:])
	refused("too long", ErrFormat, append(past, 0))
	if !h.r.Carries() {
		t.Error("nothing is carried under all")
	}
	check[Change](t)(h.made(alice, past))
	check[Change](t)(h.made(alice, nil)) // whoever lacks the secret goes on without it
	h.policy(alice, Policy{History: HistoryLast, Invite: RoleMember, Last: 5})
	refused("under the last five", ErrNotAllowed, past)
}

func TestOpens(t *testing.T) {
	h, alice := newHouse(t, admin)
	bob := h.member(alice, "bob")
	h.policy(alice, Policy{History: HistoryLast, Invite: RoleMember, Last: 2})
	var made []models.Hash
	for range 4 {
		c := check[Change](t)(h.made(alice, nil))
		made = append(made, c.Generation)
		check[Change](t)(h.r.Apply(h.entry(alice, models.EntryMessage, EncodeMessage(c.Generation, []byte("t"))), h.dir))
	}
	join := func() {
		h.put(alice, check[[]byte](t)(h.r.SignInvite(alice.author(), h.dir, bob.account, RoleMember)))
		h.put(bob, check[[]byte](t)(h.r.SignJoin(bob.author(), h.dir)))
	}
	opens := func(what string, u user, want ...bool) {
		t.Helper()
		for i, g := range made {
			if h.r.Opens(u.account, g) != want[i] {
				t.Errorf("%s: generation %d: %v", what, i, !want[i])
			}
		}
	}
	opens("who made the room", alice, true, true, true, true)
	opens("who is not in it", bob, false, false, false, false)
	join()
	opens("who joined", bob, false, false, true, true)
	if n := len(h.r.Made(bob.account)); n != 2 {
		t.Errorf("%d generations", n)
	}
	h.put(alice, check[[]byte](t)(h.r.SignRemove(alice.author(), h.dir, bob.account, StreamEnds{}, models.Hash{})))
	opens("who was put out", bob, false, false, false, false)
	h.policy(alice, DefaultPolicy())
	join()
	opens("who came back under none", bob, false, false, false, false)
	if h.r.Opens(alice.account, models.Hash{9}) || h.r.Made(models.AccountID{9}) != nil {
		t.Error("what there is not")
	}
}

// What a server leaves of a message stands only where messages disappear, by a member, under a generation that there is.
func TestExpired(t *testing.T) {
	h, alice := newHouse(t, admin)
	bob := h.member(alice, "bob")
	g := check[Change](t)(h.made(alice, nil)).Generation
	left := func(u user, g models.Hash) models.Entry {
		return check[models.Entry](t)(Expire(h.entry(u, models.EntryMessage, EncodeMessage(g, []byte("t")))))
	}
	refused := func(what string, e models.Entry, want error) {
		t.Helper()
		if _, err := h.r.Apply(e, h.dir); !errors.Is(err, want) {
			t.Errorf("%s: %v, want %v", what, err, want)
		}
	}
	refused("where messages stay", left(alice, g), ErrNotAllowed)
	h.policy(alice, Policy{History: HistoryNone, Invite: RoleMember, MaxAge: 60})
	refused("of one from before they disappeared", left(alice, g), ErrNotAllowed)
	g = check[Change](t)(h.made(alice, nil)).Generation
	refused("by a ghost", left(bob, g), ErrNotAllowed)
	refused("under no generation", left(alice, models.Hash{9}), ErrUnknown)
	refused("that is none", models.Entry{Room: h.r.ID(), Kind: models.EntryExpired, Author: alice.account, Body: []byte{0x80}}, ErrFormat)
	e := left(alice, g)
	if err := h.r.Check(e, h.dir); !errors.Is(err, ErrNewer) {
		t.Errorf("a server takes it from a desk: %v", err)
	}
	if c := check[Change](t)(h.r.Apply(e, h.dir)); c.Kind != ChangeExpired || c.Generation != g {
		t.Errorf("%+v", c)
	}
	if _, err := Expire(e); !errors.Is(err, ErrFormat) {
		t.Errorf("expired twice: %v", err)
	}
	x := check[Expired](t)(ParseExpired(e.Body))
	if x.Entry != EntryHash(h.entry(alice, models.EntryMessage, EncodeMessage(g, []byte("t")))) {
		t.Error("another entry's hash")
	}
	x.Version++
	if _, err := ParseExpired(must(x)); !errors.Is(err, ErrNewer) {
		t.Errorf("of a later version: %v", err)
	}
}
