package client_test

import (
	"errors"
	"testing"
	"time"

	"visavis/chat/chattest"
	"visavis/chat/client"
	"visavis/chat/trust"
	"visavis/chat/wire"
	"visavis/models"
	"visavis/models/audit"
)

// carl makes a second admin, who has his own desk and has never logged in.
func (x *audited) carl() (*client.Desk, *chattest.Person) {
	x.T.Helper()
	desk := x.Desk(x.s, "carl's")
	p := x.SignUp(desk, "carl", 3)
	x.Approve(x.s, p)
	if err := x.role(p.Account, true); err != nil {
		x.T.Fatal(err)
	}
	return desk, p
}

// role makes somebody an admin, or takes that away.
func (x *audited) role(account models.AccountID, admin bool) error {
	x.Prove(x.s)
	return x.s.SetAdmin(x.T.Context(), account, admin)
}

// The operator shows another admin, who shares neither desk nor account with the first one, another log: what the first one saw stands in the
// directory, under her signature.
func TestAuditForkAcrossAdmins(t *testing.T) {
	x := auditWorld(t)
	desk, carl := x.carl()
	es := x.events()
	es[1].Detail = "nothing happened"
	x.h.lies.Store(&lies{audits: x.forge(es)})
	s := x.LogIn(desk, carl)
	if told := x.alarm(s); !errors.Is(told.Changed, audit.ErrRewritten) {
		t.Fatalf("told %+v", told)
	}
	if w := s.Directory().Witnessed(); w.By != x.ada.Account {
		t.Errorf("carl has signed what he was shown: %+v", w)
	}
	x.h.lies.Store(&lies{audits: x.forge(es[:3])})
	x.differs(s, audit.ErrCut)

	// An admin who knows that a backup was restored takes it as it is, and is not told again; what he saw then is signed once it has grown.
	look := x.look(s)
	must(t, s.AcceptAudit(look.Shown))
	if again := x.look(s); again.Changed != nil {
		t.Errorf("told again: %v", again.Changed)
	}
}

// What an admin's desk saw is signed at the first log-in, and then when much has happened or an hour has passed, and not each time.
func TestAuditIsWitnessedInMeasure(t *testing.T) {
	x := auditWorld(t)
	first := x.s.Directory().Witnessed()
	if first.By != x.ada.Account || first.Log.IsZero() {
		t.Fatalf("nothing was signed: %+v", first)
	}
	again := func() client.AuditLog {
		t.Helper()
		x.s = x.LogIn(x.desk, x.ada)
		must(t, x.s.WaitAudit(t.Context()))
		look, _ := x.s.Audit()
		return look
	}
	again()
	if got := x.s.Directory().Witnessed(); got != first {
		t.Errorf("signed again after a moment: %+v", got)
	}
	for range 256 {
		must(t, x.Store.AddAudit(t.Context(), models.AuditEvent{At: x.Clock.Now(), Event: "e", Outcome: "ok"}))
	}
	look := again()
	second := x.s.Directory().Witnessed()
	if second.Log != look.Shown || second.Log == first.Log {
		t.Errorf("after many events: %+v, shown %v", second, look.Shown)
	}
	x.Clock.Move(61 * time.Minute)
	if look = again(); x.s.Directory().Witnessed().Log != look.Shown {
		t.Errorf("after an hour: %+v, shown %v", x.s.Directory().Witnessed(), look.Shown)
	}
}

// A member signs a head of his own, to have every admin alarmed; and an admin signs without end.
func TestWitnessRefused(t *testing.T) {
	x := auditWorld(t)
	ben := x.SignUp(x.desk, "ben", 2)
	x.Approve(x.s, ben)
	sign := func(s *client.Session, by trust.Author, size uint64) error {
		must(t, s.ReadDirectory(t.Context()))
		signed, err := s.Directory().SignAudit(by.Account, by.Key, s.Hello().Server, audit.Head{Size: size, Root: models.Hash{7}}, by.At)
		if err != nil {
			return err
		}
		e := wire.LogAppend{Kind: models.EntryStatement, Body: signed, Boxes: []wire.Box{}}
		must(t, models.Draw(&e.Message, nil))
		_, err = s.AppendRaw(e)
		return err
	}
	member := x.LogIn(x.desk, ben)
	if err := sign(member, member.Author(), 10_000); !errors.Is(err, trust.ErrNotAllowed) {
		t.Errorf("as himself: %v", err)
	}
	refused(t, sign(member, x.s.Author(), 10_000), wire.CodeInvalid) // what an admin signed, handed in by another
	x.Clock.Move(10 * time.Minute)                                   // no proof is left, and none is asked for
	was := x.s.Directory().Witnessed().Log.Size
	var err error
	for n := uint64(1); err == nil; n++ {
		if err = sign(x.s, x.s.Author(), was+n); n > 100 {
			t.Fatal("heads without end")
		}
	}
	refused(t, err, wire.CodeWait)
}
