package trust

import (
	"crypto/ed25519"
	"errors"
	"testing"

	"visavis/models"
)

// Whom an admin lets in anew, with keys that the old ones have not signed, has no place in a room: not by the old keys, not by the new ones, until a member who
// may invite has invited him. Whose old key signed keeps his place, and is not invited again.
func TestReadmission(t *testing.T) {
	for _, follows := range []bool{false, true} {
		h, alice := newHouse(t, admin)
		bob := h.member(alice, "bob")
		h.put(alice, check[[]byte](t)(h.r.SignInvite(alice.author(), h.dir, bob.account, RoleMember)))
		h.put(bob, check[[]byte](t)(h.r.SignJoin(bob.author(), h.dir)))
		next := h.user("bob")
		next.account = bob.account
		b := h.bundle(next)
		if follows {
			k := personKeys{Org: b.Org, Account: b.Account, Name: b.Name, Signing: b.Signing, Boxes: b.Boxes}
			b.Succession = ed25519.Sign(bob.key, LabelSuccession.prepend(must(k)))
		}
		h.apply(check[[]byte](t)(h.dir.SignReEnrol(alice.account, alice.key, b, testTime)))
		id, _ := h.dir.Identity(bob.account)
		again := h.statement(LabelInvite, alice, inviteBody{Account: bob.account, Identity: id.Hash, Role: RoleMember}, nil)
		if follows {
			if err := h.r.Check(again, h.dir); !errors.Is(err, ErrTaken) {
				t.Errorf("one whose keys follow is invited again: %v", err)
			}
			h.put(next, check[[]byte](t)(h.r.SignLeave(next.author(), h.dir, StreamEnds{}, models.Hash{})))
			continue
		}
		for name, u := range map[string]user{"the new keys": next, "the old keys": bob} {
			if err := h.r.Check(h.statement(LabelLeave, u, leaveBody{}, nil), h.dir); err == nil {
				t.Errorf("%s act in the old place", name)
			}
		}
		if _, err := h.r.SignJoin(next.author(), h.dir); err == nil {
			t.Error("the new keys join by themselves")
		}
		h.put(alice, check[[]byte](t)(h.r.SignInvite(alice.author(), h.dir, bob.account, RoleMember)))
		if _, member := h.r.Member(bob.account); member || !h.r.IsInvited(bob.account) {
			t.Error("the old place stands beside the invitation")
		}
		h.put(next, check[[]byte](t)(h.r.SignJoin(next.author(), h.dir)))
		if m, _ := h.r.Member(bob.account); m != (Member{bob.account, id.Hash, RoleMember}) {
			t.Errorf("he is in the room as %+v", m)
		}
	}
}
