package trust

import (
	"reflect"
	"testing"

	"visavis/models"
	"visavis/models/audit"
)

const witnessFile = "testdata/v1/witness.json"

// witnessLog is a directory into which an admin signs heads of the audit log; beside each rule stands a statement that breaks it.
func witnessLog(t *testing.T) []walkedStatement {
	c := &chronicle{org: newOrg(t)}
	root := user{key: c.root}
	c.alice, c.bob = c.user("alice"), c.user("bob")
	c.note("founded", c.org.log[0])
	c.note("the first desk, by the root", c.org.log[1])
	c.good("the root names an admin")(c.dir.SignRole(root.account, root.key, c.alice.account, true, testTime))
	c.good("and enrols her")(c.dir.SignIdentity(root.account, root.key, c.bundle(c.alice), testTime))
	c.good("a person, who is no admin")(c.dir.SignIdentity(c.alice.account, c.alice.key, c.bundle(c.bob), testTime))

	one, two := models.Hash{1}, models.Hash{2}
	head := func(server models.Hash, size uint64, root byte) auditBody {
		return auditBody{Server: server, Size: size, Root: models.Hash{root}}
	}
	c.wrong("by one who is no admin", LabelAudit, c.bob, head(one, 40, 1))
	c.wrong("by the root", LabelAudit, root, head(one, 40, 1))
	c.wrong("of no server", LabelAudit, c.alice, head(models.Hash{}, 40, 1))
	c.wrong("of no events", LabelAudit, c.alice, head(one, 0, 1))
	c.wrong("of more than a log has", LabelAudit, c.alice, head(one, audit.MaxSize+1, 1))
	c.wrong("another body", LabelAudit, c.alice, roleBody{Account: c.bob.account})
	c.good("a head")(c.dir.SignAudit(c.alice.account, c.alice.key, one, audit.Head{Size: 40, Root: models.Hash{1}}, testTime))
	c.wrong("of fewer events", LabelAudit, c.alice, head(one, 39, 1))
	c.wrong("another of as many", LabelAudit, c.alice, head(one, 40, 2))
	c.good("the same again")(c.dir.SignAudit(c.alice.account, c.alice.key, one, audit.Head{Size: 40, Root: models.Hash{1}}, testTime))
	c.good("one of more")(c.dir.SignAudit(c.alice.account, c.alice.key, one, audit.Head{Size: 300, Root: models.Hash{3}}, testTime))
	c.good("of another server, which begins anew")(c.dir.SignAudit(c.alice.account, c.alice.key, two, audit.Head{Size: 7, Root: models.Hash{4}}, testTime))
	return c.log
}

func TestWitnessVector(t *testing.T) {
	made := walk(t, witnessLog(t))
	var want walked
	vectorOf(t, witnessFile, made, &want)
	if !reflect.DeepEqual(made, want) {
		t.Fatal("heads are signed or judged in another way than before")
	}
	if again := walk(t, want.Statements); !reflect.DeepEqual(again, want) {
		t.Error("the statements that are kept come to something else")
	}
}

// What the directory says of the log is what was signed last.
func TestWitnessed(t *testing.T) {
	o := newOrg(t)
	alice := o.user("alice")
	if o.dir.Witnessed() != (Witnessed{}) {
		t.Error("somebody has seen what nobody signed")
	}
	o.apply(check[[]byte](t)(o.dir.SignRole(models.AccountID{}, o.root, alice.account, true, testTime)))
	o.apply(check[[]byte](t)(o.dir.SignIdentity(models.AccountID{}, o.root, o.bundle(alice), testTime)))
	head := audit.Head{Size: 12, Root: models.Hash{5}}
	o.apply(check[[]byte](t)(o.dir.SignAudit(alice.account, alice.key, models.Hash{8}, head, testTime)))
	if want := (Witnessed{Server: models.Hash{8}, Log: head, By: alice.account, At: testTime}); o.dir.Witnessed() != want {
		t.Errorf("witnessed %+v, want %+v", o.dir.Witnessed(), want)
	}
}
