package trust

import "testing"

// A later version enrols somebody in a form that we can not read, and what follows rests on it: read on, as rooms do, so that a
// revocation after it still counts here.
func TestDirectoryReadsOnAfterWhatItCanNotFollow(t *testing.T) {
	o := newOrg(t)
	alice := o.admin("alice")
	bob := o.member(alice, "bob")
	b := o.bundle(o.user("carol"))
	carol := identityBody{Account: b.Account, Name: b.Name, Signing: b.Signing, Boxes: b.Boxes, Serial: 1, Proof: b.Proof, Bundle: b.Hash}
	o.apply(o.sign(LabelIdentity, alice.account, alice.key, carol, func(s *Statement) { s.Ext = Ext{2: {0}} }))
	role := o.sign(LabelRole, alice.account, alice.key, roleBody{Account: b.Account, Admin: true}, nil)
	if err := o.dir.Check(role); err == nil {
		t.Error("whoever keeps the log takes what it can not judge")
	}
	o.apply(role)
	if o.dir.IsAdmin(b.Account) {
		t.Error("somebody unread is an admin")
	}
	o.apply(o.sign(LabelRevoke, alice.account, alice.key, revokeBody{Account: bob.account}, nil))
	if _, listed := o.dir.Identity(bob.account); listed || !o.dir.Newer() {
		t.Error("a revocation is lost")
	}
	stranger := o.sign(LabelRole, b.Account, alice.key, roleBody{Account: bob.account, Admin: true}, nil)
	if _, err := o.dir.Apply(stranger); err == nil {
		t.Error("whom no readable statement makes an admin advances the chain")
	}
}
