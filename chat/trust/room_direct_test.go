package trust

import (
	"errors"
	"testing"

	"visavis/models"
	"visavis/models/canon"
)

func newDirect(t *testing.T) (h *house, alice, bob user) {
	o := newOrg(t)
	alice = o.admin("alice")
	bob = o.member(alice, "bob")
	h = &house{org: o, r: NewRoom(o.dir.Org(), models.RoomID{1})}
	c := h.put(alice, check[[]byte](t)(h.r.SignDirect(alice.author(), o.dir, DefaultPolicy(), bob.account)))
	if c.Kind != ChangeCreated || c.Author != alice.account || c.Account != bob.account {
		t.Fatalf("%+v", c)
	}
	return h, alice, bob
}

// Two people have a room: it is asked into by its first statement, both are owners, and both may come back.
func TestRoomOfTwo(t *testing.T) {
	h, alice, bob := newDirect(t)
	if !h.r.IsPair(alice.account, bob.account) || !h.r.IsPair(bob.account, alice.account) || !h.r.IsInvited(bob.account) {
		t.Fatal("it is not their room")
	}
	h.put(bob, check[[]byte](t)(h.r.SignJoin(bob.author(), h.dir)))
	h.put(alice, check[[]byte](t)(h.r.SignLeave(alice.author(), h.dir, StreamEnds{}, models.Hash{})))
	h.put(bob, check[[]byte](t)(h.r.SignInvite(bob.author(), h.dir, alice.account, RoleOwner)))
	h.put(alice, check[[]byte](t)(h.r.SignJoin(alice.author(), h.dir)))
	for _, u := range []user{alice, bob} {
		if m, ok := h.r.Member(u.account); !ok || m.Role != RoleOwner {
			t.Errorf("%s: %+v", u.name, m)
		}
	}
	plain, _ := newHouse(t, admin)
	if _, _, two := plain.r.Pair(); two || plain.r.IsPair(models.AccountID{}, models.AccountID{}) {
		t.Error("another room is one of two")
	}
}

// One of the two, or somebody else, would make more of it than a room of these two.
func TestRoomOfTwoRefuses(t *testing.T) {
	h, alice, bob := newDirect(t)
	carol := h.member(alice, "carol")
	h.put(bob, check[[]byte](t)(h.r.SignJoin(bob.author(), h.dir)))
	id := func(u user) models.Hash { i, _ := h.dir.Identity(u.account); return i.Hash }
	for _, by := range []user{alice, bob} {
		e := h.statement(LabelInvite, by, inviteBody{Account: carol.account, Identity: id(carol), Role: RoleMember}, nil)
		if _, err := h.r.Apply(e, h.dir); !errors.Is(err, ErrNotAllowed) {
			t.Errorf("%s takes a third one in: %v", by.name, err)
		}
	}
	for _, tt := range []struct {
		name string
		ext  any
		want error
	}{
		{"with himself", peerExt{Account: alice.account, Identity: id(alice)}, ErrNotAllowed},
		{"with one whom nobody knows", peerExt{Account: models.AccountID{9}, Identity: models.Hash{9}}, ErrUnknown},
		{"with one under another's identity", peerExt{Account: bob.account, Identity: id(carol)}, ErrIdentity},
		{"with nobody", []int{}, ErrFormat},
		{"with three", []any{bob.account[:], id(bob), carol.account[:]}, ErrFormat},
	} {
		fresh := &house{org: h.org, r: NewRoom(h.dir.Org(), models.RoomID{2})}
		e := fresh.statement(LabelCreate, alice, createBody{Identity: id(alice), Policy: DefaultPolicy()}, func(s *Statement) {
			s.Ext = Ext{extPeer: canon.MustMarshal(tt.ext)}
		})
		if _, err := fresh.r.Apply(e, h.dir); !errors.Is(err, tt.want) {
			t.Errorf("%s: %v, want %v", tt.name, err, tt.want)
		}
	}
	if _, err := NewRoom(h.dir.Org(), models.RoomID{3}).SignDirect(alice.author(), h.dir, DefaultPolicy(), models.AccountID{9}); !errors.Is(err, ErrUnknown) {
		t.Errorf("signed with one whom nobody knows: %v", err)
	}
}
