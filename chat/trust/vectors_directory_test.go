package trust

import (
	"crypto/ed25519"
	"encoding/hex"
	"encoding/json"
	"errors"
	"os"
	"reflect"
	"testing"

	"visavis/models"
	"visavis/models/canon"
)

const directoryFile = "testdata/v1/directory.json"

// walked is a directory's log, what each statement of it comes to, and how the directory stands at its end.
type walked struct {
	Org        string
	Statements []walkedStatement
	People     []walkedPerson // active, by name
	Desks      []string       // active, by name
	Newer      bool
}

type walkedStatement struct {
	Name    string
	Signed  string
	Refused string `json:",omitempty"` // the reason; it changed nothing then
	Head    string // of the directory after it
}

type walkedPerson struct {
	Name, Account, Signing, Identity string
	Serial                           uint64
	Admin                            bool
}

// reasons are what a vector calls the errors.
var reasons = []struct {
	name string
	err  error
}{
	{"format", ErrFormat}, {"signature", ErrSignature}, {"key", ErrKey}, {"org", ErrOrg}, {"prev", ErrPrev}, {"not allowed", ErrNotAllowed},
	{"unknown", ErrUnknown}, {"taken", ErrTaken}, {"revoked", ErrRevoked}, {"newer", ErrNewer},
}

func reason(t *testing.T, err error) string {
	if err == nil {
		return ""
	}
	for _, r := range reasons {
		if errors.Is(err, r.err) {
			return r.name
		}
	}
	t.Fatalf("no vector knows %v", err)
	return ""
}

// walk applies statements to a new directory.
func walk(t *testing.T, log []walkedStatement) walked {
	d := NewDirectory(models.OrgID{})
	var w walked
	for _, s := range log {
		_, err := d.Apply(check[[]byte](t)(hex.DecodeString(s.Signed)))
		s.Refused, s.Head = reason(t, err), d.Head().String()
		w.Statements = append(w.Statements, s)
	}
	w.Org, w.Newer = d.Org().String(), d.Newer()
	for _, id := range d.Accounts() {
		w.People = append(w.People, walkedPerson{Name: id.Name, Account: id.Account.String(), Signing: hex.EncodeToString(id.Signing), Identity: id.Hash.String(),
			Serial: id.Serial, Admin: d.IsAdmin(id.Account)})
	}
	for _, k := range d.Desks() {
		w.Desks = append(w.Desks, k.ID.String())
	}
	return w
}

// chronicle makes statements from fixed seeds: good ones, and beside each rule one that breaks it.
type chronicle struct {
	*org
	log               []walkedStatement
	alice, bob, carol user
}

func directoryLog(t *testing.T) []walkedStatement {
	c := &chronicle{org: newOrg(t)}
	c.founding()
	c.people()
	c.newKeys()
	c.endings()
	return c.log
}

func (c *chronicle) note(name string, signed []byte) {
	c.log = append(c.log, walkedStatement{Name: name, Signed: hex.EncodeToString(signed)})
}

// good notes and applies what was made.
func (c *chronicle) good(name string) func([]byte, error) {
	return func(b []byte, err error) { c.apply(check[[]byte](c.t)(b, err)); c.note(name, b) }
}

// wrong notes a statement that nobody could have made with the package's own builders.
func (c *chronicle) wrong(name string, l Label, by user, body any) {
	c.note(name, c.sign(l, by.account, by.key, body, nil))
}

func (c *chronicle) withExt(key uint64) func(*Statement) {
	return func(s *Statement) { s.Ext = Ext{key: canon.MustMarshal("later")} }
}

func (c *chronicle) publicKey() []byte { return c.key().Public().(ed25519.PublicKey) }

func identityAfter(b Bundle, serial uint64, prev models.Hash) identityBody {
	body := identityOf(b)
	body.Serial, body.Prev, body.Succession = serial, prev, b.Succession
	return body
}

func (c *chronicle) founding() {
	root := user{key: c.root}
	c.alice, c.bob, c.carol = c.user("alice"), c.user("bob"), c.user("carol")
	c.note("founded", c.org.log[0])
	c.note("founded again", c.org.log[0])
	c.note("the first desk, by the root", c.org.log[1])
	c.good("the root names an admin")(c.dir.SignRole(root.account, root.key, c.alice.account, true, testTime))
	c.good("and enrols her")(c.dir.SignIdentity(root.account, root.key, c.bundle(c.alice), testTime))
	c.wrong("the root enrols no more, once there is an admin", LabelIdentity, root, identityOf(c.bundle(c.bob)))
	c.wrong("the root enrols one desk alone", LabelDesk, root, deskBody{Desk: models.DeskID{1}, Name: "second", Device: c.publicKey(), TLSKey: models.Hash{1}})
}

func (c *chronicle) people() {
	b := identityOf(c.bundle(c.bob))
	stranger := user{account: c.alice.account, key: c.bob.key}
	c.wrong("signed by another key", LabelIdentity, stranger, b)
	c.wrong("by one who is no admin", LabelIdentity, c.bob, b)
	c.wrong("the body of another type", LabelRole, c.alice, b)
	forged, small := b, b
	forged.Proof = ed25519.Sign(c.carol.key, []byte("anything"))
	c.wrong("keys without proof of possession", LabelIdentity, c.alice, forged)
	small.Signing = append([]byte{1}, make([]byte, 31)...)
	c.wrong("a signing key of small order", LabelIdentity, c.alice, small)
	c.wrong("a serial that is not the first", LabelIdentity, c.alice, identityAfter(c.bundle(c.bob), 2, models.Hash{}))
	c.good("a person, by an admin")(c.dir.SignIdentity(c.alice.account, c.alice.key, c.bundle(c.bob), testTime))
	c.note("the same again", c.org.log[len(c.org.log)-1])
	named, keyed := c.carol, c.carol
	named.name, keyed.box = "bob", c.bob.box
	c.wrong("a name that somebody has", LabelIdentity, c.alice, identityOf(c.bundle(named)))
	c.wrong("a key that somebody has", LabelIdentity, c.alice, identityOf(c.bundle(keyed)))
	c.good("an odd ext is kept and ignored")(c.sign(LabelIdentity, c.alice.account, c.alice.key, identityOf(c.bundle(c.carol)), c.withExt(3)), nil)
	at := func(change func(*Statement)) []byte {
		return c.sign(LabelRole, c.alice.account, c.alice.key, roleBody{Account: c.carol.account, Admin: true}, change)
	}
	c.note("on another head", at(func(s *Statement) { s.Prev[0]++ }))
	c.note("with another number", at(func(s *Statement) { s.Seq++ }))
	c.note("of another organisation", at(func(s *Statement) { s.Org[0]++ }))
	c.note("with a room", at(func(s *Statement) { s.Room[0]++ }))
	c.note("with a state", at(func(s *Statement) { s.State[0]++ }))
	c.good("another admin")(c.dir.SignRole(c.alice.account, c.alice.key, c.carol.account, true, testTime))
	c.good("and a third")(c.dir.SignRole(c.alice.account, c.alice.key, c.bob.account, true, testTime))
}

func (c *chronicle) newKeys() {
	was, _ := c.dir.Identity(c.bob.account)
	old := c.bob
	c.bob = c.user("bob")
	c.bob.account = old.account
	b := c.bundle(c.bob)
	b.Succession = ed25519.Sign(c.alice.key, []byte("anything"))
	c.wrong("a succession that the key before did not sign", LabelIdentity, c.alice, identityAfter(b, 2, was.Hash))
	b.Succession = ed25519.Sign(old.key, LabelSuccession.prepend(must(personKeys{Org: b.Org, Account: b.Account, Name: b.Name, Signing: b.Signing, Boxes: b.Boxes})))
	c.good("new keys that the old one signed: an admin still")(c.dir.SignReEnrol(c.alice.account, c.alice.key, b, testTime))
	c.wrong("by a key that was replaced", LabelRole, old, roleBody{Account: c.carol.account})
	c.wrong("the keys before that again", LabelIdentity, c.alice, identityAfter(c.bundle(old), 3, was.Hash))
	carol := c.user("carol")
	carol.account = c.carol.account
	c.carol = carol
	c.good("new keys that the old one did not sign: no admin any more")(c.dir.SignReEnrol(c.alice.account, c.alice.key, c.bundle(c.carol), testTime))
}

func (c *chronicle) endings() {
	lab := c.request(models.DeskID{5}, "lab", c.key())
	c.good("a desk, by an admin")(c.dir.SignDesk(c.bob.account, c.bob.key, lab, testTime))
	c.wrong("its id again", LabelDesk, c.alice, deskBody{Desk: lab.Desk, Name: "lab", Device: c.publicKey(), TLSKey: models.Hash{9}})
	c.good("the desk is revoked")(c.dir.SignRevokeDesk(c.alice.account, c.alice.key, lab.Desk, testTime))
	c.wrong("and can not be once more", LabelRevoke, c.alice, revokeBody{Desk: lab.Desk})
	c.wrong("nothing is revoked", LabelRevoke, c.alice, revokeBody{})
	c.good("no admin any more")(c.dir.SignRole(c.alice.account, c.alice.key, c.bob.account, false, testTime))
	c.wrong("by one who was", LabelRole, c.bob, roleBody{Account: c.bob.account, Admin: true})
	last, _ := c.dir.Identity(c.bob.account)
	next := c.user("bob")
	next.account = c.bob.account
	c.good("a person is revoked")(c.dir.SignRevokeAccount(c.alice.account, c.alice.key, c.bob.account, testTime))
	c.wrong("and does not come back", LabelIdentity, c.alice, identityAfter(c.bundle(next), 3, last.Hash))
	c.good("an even ext that nobody knows: the chain goes on")(c.sign(LabelRole, c.alice.account, c.alice.key, roleBody{Account: c.carol.account, Admin: true}, c.withExt(2)), nil)
	c.good("a type that nobody knows, likewise")(c.sign("visavis/v1/dir/novelty", c.alice.account, c.alice.key, roleBody{}, nil), nil)
}

func TestDirectoryVector(t *testing.T) {
	made := walk(t, directoryLog(t))
	var want walked
	vectorOf(t, directoryFile, made, &want)
	if !reflect.DeepEqual(made, want) {
		for i := range min(len(made.Statements), len(want.Statements)) {
			if made.Statements[i] != want.Statements[i] {
				t.Fatalf("%q is made or judged in another way than before", want.Statements[i].Name)
			}
		}
		t.Fatal("the directory stands in another way than before")
	}
	if again := walk(t, want.Statements); !reflect.DeepEqual(again, want) {
		t.Error("the statements that are kept come to something else")
	}
	accepted := 0
	for _, s := range want.Statements {
		if s.Refused == "" {
			accepted++
		}
	}
	if accepted < 14 || len(want.Statements)-accepted < 15 {
		t.Errorf("%d statements are accepted, %d refused", accepted, len(want.Statements)-accepted)
	}
}

// vectorOf reads a file of vectors into want; in the one run that first writes it, it holds what was made.
func vectorOf(t *testing.T, file string, made, want any) {
	t.Helper()
	b, err := os.ReadFile(file)
	if os.IsNotExist(err) && os.Getenv(writeVectors) != "" {
		if b, err = json.MarshalIndent(made, "", "\t"); err == nil {
			err = os.WriteFile(file, append(b, '\n'), 0o644)
		}
	}
	if err == nil {
		err = json.Unmarshal(b, want)
	}
	if err != nil {
		t.Fatal(err)
	}
}
