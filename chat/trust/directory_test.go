package trust

import (
	"crypto/ed25519"
	"errors"
	"reflect"
	"testing"

	"visavis/models"
)

// sign makes a statement without asking whether the directory would take it.
func (o *org) sign(l Label, by models.AccountID, key ed25519.PrivateKey, body any, change func(*Statement)) []byte {
	o.t.Helper()
	s := Statement{Header: Header{Org: o.dir.Org()}, Seq: o.dir.Len(), Prev: o.dir.Head(), Author: by}
	if change != nil {
		change(&s)
	}
	return check[[]byte](o.t)(signStatement(l, s, body, key, testTime))
}

func identityOf(b Bundle) identityBody {
	return identityBody{Account: b.Account, Name: b.Name, Signing: b.Signing, Boxes: b.Boxes, Serial: 1, NotBefore: millis(testTime), Proof: b.Proof, Bundle: b.Hash}
}

func TestDirectory(t *testing.T) {
	o := newOrg(t)
	alice := o.admin("alice")
	before := o.dir.Head()
	bob := o.member(alice, "bob")
	if id, ok := o.dir.Identity(bob.account); !ok || id.Name != "bob" || id.Serial != 1 || !id.Signing.Equal(bob.key.Public()) {
		t.Fatalf("bob is %+v", id)
	}
	if _, err := o.dir.IdentityAt(before, bob.account); !errors.Is(err, ErrUnknown) {
		t.Fatalf("bob before his approval: %v", err)
	}
	with := o.dir.Head()
	o.apply(check[[]byte](t)(o.dir.SignRevokeAccount(alice.account, alice.key, bob.account, testTime)))
	if _, ok := o.dir.Identity(bob.account); ok {
		t.Fatal("a revoked account is active")
	}
	if _, err := o.dir.IdentityAt(with, bob.account); err != nil {
		t.Fatalf("what was signed before the revocation: %v", err)
	}
	if _, err := o.dir.IdentityAt(o.dir.Head(), bob.account); !errors.Is(err, ErrRevoked) {
		t.Fatalf("after it: %v", err)
	}
	if len(o.dir.Accounts()) != 1 || !o.dir.IsAdmin(alice.account) || o.dir.OrgName() != "Acme" {
		t.Fatal("accounts, admins or name")
	}
	again := NewDirectory(o.dir.Org())
	for _, signed := range o.log {
		check[DirectoryChange](t)(again.Apply(signed))
	}
	if again.Head() != o.dir.Head() || !reflect.DeepEqual(again.people, o.dir.people) || !reflect.DeepEqual(again.taken, o.dir.taken) {
		t.Fatal("the same log gives another state")
	}
}

func TestDirectoryRefuses(t *testing.T) {
	o := newOrg(t)
	alice := o.admin("alice")
	bob := o.member(alice, "bob")
	carol := o.user("carol")
	mallory := o.key()
	good := identityOf(o.bundle(carol))
	with := func(change func(*identityBody)) identityBody { b := good; change(&b); return b }
	evil := o.user("evil")
	for _, tt := range []struct {
		name   string
		signed []byte
		want   error
	}{
		{"signed by nobody", o.sign(LabelIdentity, alice.account, mallory, good, nil), ErrSignature},
		{"signed by a member", o.sign(LabelIdentity, bob.account, bob.key, good, nil), ErrNotAllowed},
		{"member makes himself admin", o.sign(LabelRole, bob.account, bob.key, roleBody{Account: bob.account, Admin: true}, nil), ErrNotAllowed},
		{"root enrols a plain member", o.sign(LabelIdentity, models.AccountID{}, o.root, good, nil), ErrNotAllowed},
		{"root lists a second desk", o.sign(LabelDesk, models.AccountID{}, o.root, deskBody{Desk: models.DeskID{1}, Name: "x",
			Device: mallory.Public().(ed25519.PublicKey), TLSKey: models.Hash{1}}, nil), ErrNotAllowed},
		{"not at the head", o.sign(LabelIdentity, alice.account, alice.key, good, func(s *Statement) { s.Prev = o.dir.Org() }), ErrPrev},
		{"wrong place", o.sign(LabelIdentity, alice.account, alice.key, good, func(s *Statement) { s.Seq++ }), ErrPrev},
		{"another organisation", o.sign(LabelIdentity, alice.account, alice.key, good, func(s *Statement) { s.Org[0]++ }), ErrOrg},
		{"a room's", o.sign(LabelIdentity, alice.account, alice.key, good, func(s *Statement) { s.Room[0]++ }), ErrFormat},
		{"founded twice", o.sign(LabelFound, models.AccountID{}, o.root, foundBody{Name: "x", Root: o.root.Public().(ed25519.PublicKey)}, nil), ErrPrev},
		{"signing key swapped at approval", o.sign(LabelIdentity, alice.account, alice.key,
			with(func(b *identityBody) { b.Signing = mallory.Public().(ed25519.PublicKey) }), nil), ErrSignature},
		{"box key swapped at approval", o.sign(LabelIdentity, alice.account, alice.key, with(func(b *identityBody) { b.Boxes = []BoxKey{evil.box} }), nil), ErrSignature},
		{"name changed at approval", o.sign(LabelIdentity, alice.account, alice.key, with(func(b *identityBody) { b.Name = "carola" }), nil), ErrSignature},
		{"box key under a wrong id", o.sign(LabelIdentity, alice.account, alice.key,
			with(func(b *identityBody) { b.Boxes = []BoxKey{{ID: models.Hash{1}, Key: carol.box.Key}} }), nil), ErrKey},
		{"name taken", o.sign(LabelIdentity, alice.account, alice.key, with(func(b *identityBody) { b.Name = "bob" }), nil), ErrTaken},
		{"name not canonical", o.sign(LabelIdentity, alice.account, alice.key, with(func(b *identityBody) { b.Name = "Carol" }), nil), ErrFormat},
		{"serial skipped", o.sign(LabelIdentity, alice.account, alice.key, with(func(b *identityBody) { b.Serial = 2 }), nil), ErrPrev},
		{"succession of nothing", o.sign(LabelIdentity, alice.account, alice.key, with(func(b *identityBody) { b.Succession = b.Proof }), nil), ErrSignature},
		{"revokes someone unknown", o.sign(LabelRevoke, alice.account, alice.key, revokeBody{Account: carol.account}, nil), ErrUnknown},
		{"revokes nothing", o.sign(LabelRevoke, alice.account, alice.key, revokeBody{}, nil), ErrFormat},
		{"device key of another desk", o.sign(LabelDesk, alice.account, alice.key, deskBody{Desk: models.DeskID{1}, Name: "x",
			Device: o.device.Public().(ed25519.PublicKey), TLSKey: models.Hash{1}}, nil), ErrTaken},
		{"role of someone unknown", o.sign(LabelRole, alice.account, alice.key, roleBody{Account: carol.account, Admin: true}, nil), ErrUnknown},
		{"newer version", versioned(o, alice), ErrNewer},
		{"empty", nil, ErrFormat},
	} {
		head, people := o.dir.Head(), len(o.dir.people)
		if _, err := o.dir.Apply(tt.signed); !errors.Is(err, tt.want) {
			t.Errorf("%s: %v, want %v", tt.name, err, tt.want)
		}
		if o.dir.Head() != head || len(o.dir.people) != people || o.dir.Newer() {
			t.Fatalf("%s: refused, and changed something", tt.name)
		}
	}
	o.apply(o.sign(LabelIdentity, alice.account, alice.key, good, nil))
}

// versioned is a statement of another version, well signed.
func versioned(o *org, by user) []byte {
	s, _, err := parseStatement(o.sign(LabelRevoke, by.account, by.key, revokeBody{Account: by.account}, nil))
	if err != nil {
		o.t.Fatal(err)
	}
	s.Version = 2
	return Sign(LabelRevoke, must(s), by.key)
}

func TestUnknownStatementAdvancesAndStopsSigning(t *testing.T) {
	o := newOrg(t)
	alice := o.admin("alice")
	bob := o.member(alice, "bob")
	if _, err := o.dir.Apply(o.sign(prefix+"dir/novelty", bob.account, bob.key, revokeBody{}, nil)); !errors.Is(err, ErrNotAllowed) {
		t.Fatalf("an unknown statement by a member: %v", err)
	}
	for _, l := range []Label{prefix + "message", prefix + "dir/x/y", prefix + "dir/", prefix + "room/create"} {
		if _, err := o.dir.Apply(o.sign(l, alice.account, alice.key, revokeBody{}, nil)); !errors.Is(err, ErrFormat) {
			t.Fatalf("type %s: %v", l.Type(), err)
		}
	}
	novelty := o.sign(prefix+"dir/novelty", alice.account, alice.key, revokeBody{}, nil)
	if err := o.dir.Check(novelty); !errors.Is(err, ErrNewer) {
		t.Fatalf("a server would take it: %v", err)
	}
	o.apply(novelty)
	if !o.dir.Newer() {
		t.Fatal("an unknown statement is not noticed")
	}
	if _, err := o.dir.SignRole(alice.account, alice.key, bob.account, true, testTime); !errors.Is(err, ErrNewer) {
		t.Fatalf("signs on top of what it does not know: %v", err)
	}
	o.apply(o.sign(LabelRevoke, alice.account, alice.key, revokeBody{Account: bob.account}, nil))
}

func TestSuccessionIsFollowed(t *testing.T) {
	o := newOrg(t)
	alice := o.admin("alice")
	bob := o.member(alice, "bob")
	first, _ := o.dir.Identity(bob.account)
	renew := func(succession bool) Identity {
		next := o.user("bob")
		next.account = bob.account
		b := o.bundle(next)
		if succession {
			k := personKeys{Org: b.Org, Account: b.Account, Name: b.Name, Signing: b.Signing, Boxes: b.Boxes}
			b.Succession = ed25519.Sign(bob.key, LabelSuccession.prepend(must(k)))
		}
		o.apply(check[[]byte](t)(o.dir.SignReEnrol(alice.account, alice.key, b, testTime)))
		bob = next
		id, _ := o.dir.Identity(bob.account)
		return id
	}
	second := renew(true)
	if !o.dir.Follows(second, first.Hash) || !o.dir.Follows(second, second.Hash) || o.dir.Follows(first, second.Hash) {
		t.Fatal("a key that the old one signed is not followed")
	}
	third := renew(false)
	if o.dir.Follows(third, first.Hash) || o.dir.Follows(third, second.Hash) || !o.dir.Follows(third, third.Hash) {
		t.Fatal("a re-enrolment is followed as if the old key had signed it")
	}
}

// The server answers a newcomer's sign-up with an admin's account id. The newcomer's bundle is her own and so is its fingerprint: an
// honest admin who compares it and approves must not hand her the account, its name or its role.
func TestSignupUnderAnAdminsAccount(t *testing.T) {
	for _, name := range []string{"mallory", "ada"} {
		o := newOrg(t)
		ada, ben := o.admin("ada"), o.admin("ben")
		mallory := o.user(name)
		mallory.account = ada.account
		b := o.bundle(mallory)
		if _, err := o.dir.SignIdentity(ben.account, ben.key, b, testTime); !errors.Is(err, ErrTaken) {
			t.Fatalf("%s: approved as a sign-up: %v", name, err)
		}
		old, _ := o.dir.Identity(ada.account)
		body := identityOf(b)
		body.Serial, body.Prev = old.Serial+1, old.Hash
		_, err := o.dir.Apply(o.sign(LabelIdentity, ben.account, ben.key, body, nil)) // by a client without that check
		if name != "ada" && !errors.Is(err, ErrTaken) {
			t.Fatalf("%s takes the account: %v", name, err)
		}
		if id, _ := o.dir.Identity(ada.account); o.dir.IsAdmin(ada.account) && id.Signing.Equal(mallory.key.Public()) {
			t.Fatalf("%s: a newcomer's key is an admin's", name)
		}
		if _, err := o.dir.SignDesk(ada.account, mallory.key, o.request(models.DeskID{9}, "lab", o.key()), testTime); err == nil {
			t.Fatalf("%s signs as an admin", name)
		}
	}
}

// The root has named an account an admin and not yet enrolled it; the server gives the id to a newcomer whom another admin approves.
func TestSignupUnderAPromisedAccount(t *testing.T) {
	o := newOrg(t)
	ben, mallory := o.admin("ben"), o.user("mallory")
	o.apply(check[[]byte](t)(o.dir.SignRole(models.AccountID{}, o.root, mallory.account, true, testTime)))
	o.apply(check[[]byte](t)(o.dir.SignIdentity(ben.account, ben.key, o.bundle(mallory), testTime)))
	if o.dir.IsAdmin(mallory.account) {
		t.Fatal("the role was for whom the root enrols")
	}
}

func TestReEnrolment(t *testing.T) {
	for _, tt := range []struct {
		name            string
		byRoot, follows bool
		admin           bool // afterwards
	}{
		{"an admin's, by an admin", false, false, false},
		{"an admin's, by the root", true, false, true},
		{"an admin's own key change", false, true, true},
	} {
		o := newOrg(t)
		ada, ben := o.admin("ada"), o.admin("ben")
		by, key := ben.account, ben.key
		if tt.byRoot {
			by, key = models.AccountID{}, o.root
		}
		next := o.user("ada")
		next.account = ada.account
		b := o.bundle(next)
		if tt.follows {
			k := personKeys{Org: b.Org, Account: b.Account, Name: b.Name, Signing: b.Signing, Boxes: b.Boxes}
			b.Succession = ed25519.Sign(ada.key, LabelSuccession.prepend(must(k)))
		}
		head := o.dir.Head()
		o.apply(check[[]byte](t)(o.dir.SignReEnrol(by, key, b, testTime)))
		id, _ := o.dir.Identity(ada.account)
		if o.dir.IsAdmin(ada.account) != tt.admin || id.Serial != 2 || id.Followed != tt.follows {
			t.Errorf("%s: admin %v, %+v", tt.name, o.dir.IsAdmin(ada.account), id)
		}
		if _, err := o.dir.IdentityAt(head, ada.account); err != nil {
			t.Errorf("%s: the past has changed: %v", tt.name, err)
		}
	}
	o := newOrg(t)
	ben := o.admin("ben")
	if _, err := o.dir.SignReEnrol(ben.account, ben.key, o.bundle(o.user("carol")), testTime); !errors.Is(err, ErrUnknown) {
		t.Errorf("of someone unknown: %v", err)
	}
}

func TestPinnedOrganisation(t *testing.T) {
	o := newOrg(t)
	mallory := o.key()
	fake := check[[]byte](t)(Found("Acme", mallory, testTime))
	d := NewDirectory(o.dir.Org())
	if _, err := d.Apply(fake); !errors.Is(err, ErrOrg) {
		t.Fatalf("another organisation's founding: %v", err)
	}
	check[DirectoryChange](t)(d.Apply(o.log[0]))
	if _, err := d.Apply(o.log[0]); err == nil {
		t.Fatal("founded twice")
	}
}

func TestRecoveryByTheRoot(t *testing.T) {
	o := newOrg(t)
	alice := o.admin("alice")
	o.apply(check[[]byte](t)(o.dir.SignRevokeAccount(models.AccountID{}, o.root, alice.account, testTime)))
	o.apply(check[[]byte](t)(o.dir.SignRevokeDesk(models.AccountID{}, o.root, o.desk, testTime)))
	o.device = o.key()
	o.fill(o.desk[:])
	o.apply(check[[]byte](t)(o.dir.SignDesk(models.AccountID{}, o.root, o.request(o.desk, "new", o.device), testTime)))
	if zoe := o.admin("alice"); !o.dir.IsAdmin(zoe.account) || o.dir.IsAdmin(alice.account) {
		t.Fatal("the root does not recover")
	}
}
