package client_test

import (
	"context"
	"crypto/ed25519"
	"errors"
	"os"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"visavis/chat/chattest"
	"visavis/chat/client"
	"visavis/chat/pki"
	"visavis/chat/server"
	"visavis/chat/trust"
	"visavis/chat/wire"
	"visavis/models"
	"visavis/models/audit"
	"visavis/models/sqlstore"
)

func (s *hostileStore) audits() models.Audits {
	if l := s.lies.Load(); l != nil && l.audits != nil {
		return l.audits
	}
	return s.Store
}

func (s *hostileStore) AddAudit(ctx context.Context, e models.AuditEvent) error {
	return s.audits().AddAudit(ctx, e)
}

func (s *hostileStore) AuditSize(ctx context.Context) (uint64, error) {
	return s.audits().AuditSize(ctx)
}

func (s *hostileStore) AuditHashes(ctx context.Context, indexes []int64) ([]models.Hash, error) {
	return s.audits().AuditHashes(ctx, indexes)
}

// audited is a world whose operator can show another audit log, and whose admin's desk has kept the log's head.
type audited struct {
	*chattest.World
	h    *hostileStore
	desk *client.Desk
	ada  *chattest.Person
	s    *client.Session
	n    int // forged logs
}

func auditWorld(t *testing.T) *audited {
	t.Helper()
	x := &audited{}
	x.World = chattest.New(t, nil, func(o *server.Options) {
		x.h = &hostileStore{Store: o.Store}
		o.Store = x.h
	})
	x.desk, x.ada = x.Found("ada", 1)
	for range 20 { // more than a log-in writes
		must(t, x.Store.AddAudit(t.Context(), models.AuditEvent{At: x.Clock.Now(), Event: "e", Outcome: "ok"}))
	}
	x.s = x.LogIn(x.desk, x.ada)
	x.agrees(x.s)
	return x
}

// look is what a session finds of the log.
func (x *audited) look(s *client.Session) client.AuditLog {
	x.T.Helper()
	look, err := s.CheckAudit(x.T.Context())
	if err != nil {
		x.T.Fatal(err)
	}
	return look
}

// agrees looks, and wants the log to be what it was, and kept at the desk and in the vault.
func (x *audited) agrees(s *client.Session) audit.Head {
	x.T.Helper()
	if err := s.WaitAudit(x.T.Context()); err != nil {
		x.T.Fatal(err)
	}
	look := x.look(s)
	kept, err := s.Desk().Audited()
	if look.Changed != nil || err != nil || kept != look.Shown || s.VaultAudit() != look.Shown || look.Shown.Size == 0 {
		x.T.Fatalf("%+v; kept %v, %v, in the vault %v", look, kept, err, s.VaultAudit())
	}
	return look.Shown
}

// differs looks, and wants a cause; what was kept stays.
func (x *audited) differs(s *client.Session, want error) client.AuditLog {
	x.T.Helper()
	before, err := s.Desk().Audited()
	own := s.VaultAudit()
	look := x.look(s)
	if !errors.Is(look.Changed, want) {
		x.T.Errorf("found %v, want %v", look.Changed, want)
	}
	if after, aerr := s.Desk().Audited(); after != before || s.VaultAudit() != own || (err == nil) != (aerr == nil) {
		x.T.Errorf("what was kept, %v, was given up for %v, %v", before, after, aerr)
	}
	return look
}

// alarm waits until a log-in has told of a changed log by itself.
func (x *audited) alarm(s *client.Session) client.AuditLog {
	x.T.Helper()
	ctx, cancel := context.WithTimeout(x.T.Context(), time.Minute)
	defer cancel()
	for {
		u, err := s.Next(ctx)
		if err != nil {
			x.T.Fatalf("no alarm: %v", err)
		}
		if u.Audit != nil {
			return *u.Audit
		}
	}
}

func (x *audited) events() []models.AuditEvent {
	x.T.Helper()
	es, err := x.Store.AuditAfter(x.T.Context(), 0, 100_000)
	if err != nil {
		x.T.Fatal(err)
	}
	return es
}

// forge makes a store whose log has these events: rows, hashes and all, as an operator can who knows the program.
func (x *audited) forge(es []models.AuditEvent) models.Audits {
	x.T.Helper()
	x.n++
	forged, err := sqlstore.Create(x.T.Context(), filepath.Join(x.Dir, "forged"+strconv.Itoa(x.n)+".db"))
	if err != nil {
		x.T.Fatal(err)
	}
	x.T.Cleanup(func() { _ = forged.Close() })
	for _, e := range es {
		if err := forged.AddAudit(x.T.Context(), e); err != nil {
			x.T.Fatal(err)
		}
	}
	return forged
}

// TestAuditGoesOn: nothing is wrong with a log that grows: over log-ins, desks, and a restart.
func TestAuditGoesOn(t *testing.T) {
	x := auditWorld(t)
	first := x.agrees(x.s)
	other := x.Desk(x.s, "other")
	must(t, x.s.LogOut(t.Context()))
	elsewhere := x.LogIn(other, x.ada)
	if look := x.look(elsewhere); look.Kept.Size < first.Size {
		t.Errorf("at another desk the log is compared with %v, not with what the vault has", look.Kept)
	}
	second := x.agrees(elsewhere)
	if look, over := elsewhere.Audit(); !over || look.Changed != nil || look.Shown.Size < first.Size {
		t.Errorf("by itself it has found %+v, %v", look, over)
	}
	x.Stop()
	x.Start(nil)
	third := x.agrees(x.LogIn(x.desk, x.ada))
	if first.Size >= second.Size || second.Size >= third.Size {
		t.Errorf("the log was seen at %d, %d and %d events", first.Size, second.Size, third.Size)
	}
	var tree audit.Tree
	for _, e := range x.events()[:third.Size] {
		_, err := tree.Add(e)
		must(t, err)
	}
	if head, err := tree.Head(); err != nil || head != third {
		t.Errorf("the head of what was shown is %v, %v, and of the events %v", third, err, head)
	}
}

// TestAuditChanged: what an operator does to the log, with rows and hashes that fit together. The next log-in of an admin says what it is, and so
// does every one after it, until somebody says that it is known; the admin works on.
func TestAuditChanged(t *testing.T) {
	x := auditWorld(t)
	must(t, x.s.LogOut(t.Context()))
	for _, c := range []struct {
		name  string
		forge func([]models.AuditEvent) []models.AuditEvent
		want  error
	}{
		{"cuts the last events", func(es []models.AuditEvent) []models.AuditEvent { return es[:len(es)-20] }, audit.ErrCut},
		{"cuts the last events, and lets others happen", func(es []models.AuditEvent) []models.AuditEvent {
			return append(es[:len(es)-3:len(es)-3], es[:6]...)
		}, audit.ErrRewritten},
		{"rewrites one in the middle", func(es []models.AuditEvent) []models.AuditEvent {
			es[len(es)/2].Outcome = "denied"
			return es
		}, audit.ErrRewritten},
		{"drops one and numbers the others anew", func(es []models.AuditEvent) []models.AuditEvent {
			return append(es[:2:2], es[3:]...)
		}, audit.ErrRewritten},
		{"makes up a log of another past", func(es []models.AuditEvent) []models.AuditEvent {
			for i := range es {
				es[i].Desk[0] ^= 1
			}
			return es
		}, audit.ErrRewritten},
	} {
		x.Clock.Move(time.Hour) // or there were too many log-ins
		s := x.LogIn(x.desk, x.ada)
		kept := x.agrees(s)
		must(t, s.LogOut(t.Context()))
		x.h.lies.Store(&lies{audits: x.forge(c.forge(x.events()))})
		for range 2 {
			s := x.LogIn(x.desk, x.ada)
			told := x.alarm(s)
			if !errors.Is(told.Changed, c.want) || told.Kept != kept || told.Shown.IsZero() {
				t.Fatalf("%s: told %+v, want %v", c.name, told, c.want)
			}
			_, err := s.Signups(t.Context())
			must(t, err)
			must(t, s.LogOut(t.Context()))
		}
		x.h.lies.Store(nil)
	}
}

// TestAuditAccepted: a backup was restored, and an admin knows of it. He is told once, and not again, here or at another desk.
func TestAuditAccepted(t *testing.T) {
	x := auditWorld(t)
	other := x.Desk(x.s, "other")
	es := x.events()
	must(t, x.s.LogOut(t.Context()))
	x.h.lies.Store(&lies{audits: x.forge(es[:len(es)-20])})
	s := x.LogIn(x.desk, x.ada)
	told := x.alarm(s)
	if err := s.AcceptAudit(audit.Head{}); !errors.Is(err, audit.ErrHead) {
		t.Errorf("no head at all was accepted: %v", err)
	}
	x.differs(s, audit.ErrCut)
	must(t, s.AcceptAudit(told.Shown))
	x.agrees(s)
	must(t, s.LogOut(t.Context()))
	x.agrees(x.LogIn(other, x.ada))
}

// TestAuditForkAcrossDesks: the operator shows a desk that has never seen the log one without the event that matters. The admin's vault knows.
func TestAuditForkAcrossDesks(t *testing.T) {
	x := auditWorld(t)
	other := x.Desk(x.s, "other")
	x.agrees(x.s)
	must(t, x.s.LogOut(t.Context()))
	es := x.events()
	es[1].Detail = "nothing happened"
	truth := x.h.lies.Load()
	x.h.lies.Store(&lies{audits: x.forge(es)})
	s := x.LogIn(other, x.ada)
	if told := x.alarm(s); !errors.Is(told.Changed, audit.ErrRewritten) {
		t.Errorf("told %+v", told)
	}
	if kept, err := other.Audited(); err != nil || !kept.IsZero() {
		t.Errorf("the other desk keeps %v, %v", kept, err)
	}
	x.h.lies.Store(truth)
	x.agrees(s)
}

// TestAuditDeskRemembers: an admin who has never looked before, at a desk where others have.
func TestAuditDeskRemembers(t *testing.T) {
	x := auditWorld(t)
	kept := x.agrees(x.s)
	x.s.ForgetAudit()
	es := x.events()
	es[1].Detail = "nothing happened"
	x.h.lies.Store(&lies{audits: x.forge(es)})
	if look := x.differs(x.s, audit.ErrRewritten); look.Kept != kept {
		t.Errorf("compared with %v, and the desk keeps %v", look.Kept, kept)
	}
}

// doubtful is a log whose answers are changed on their way.
type doubtful struct {
	models.Audits
	size   func(context.Context, uint64) (uint64, error)
	hashes func([]models.Hash)
}

func (d *doubtful) AuditSize(ctx context.Context) (uint64, error) {
	n, err := d.Audits.AuditSize(ctx)
	if err == nil && d.size != nil {
		n, err = d.size(ctx, n)
	}
	return n, err
}

func (d *doubtful) AuditHashes(ctx context.Context, indexes []int64) ([]models.Hash, error) {
	hs, err := d.Audits.AuditHashes(ctx, indexes)
	if err == nil && d.hashes != nil {
		d.hashes(hs)
	}
	return hs, err
}

// TestAuditShownOtherwise: the rows are good, and what is said of them is not.
func TestAuditShownOtherwise(t *testing.T) {
	x := auditWorld(t)
	kept := x.agrees(x.s)
	for range 5 {
		must(t, x.Store.AddAudit(t.Context(), models.AuditEvent{Event: "e", Outcome: "ok"}))
	}
	at := func(n uint64) func(context.Context, uint64) (uint64, error) {
		return func(context.Context, uint64) (uint64, error) { return n, nil }
	}
	for _, c := range []struct {
		name string
		lie  doubtful
		want error
	}{
		{"serves an older head", doubtful{size: at(kept.Size - 1)}, audit.ErrCut},
		{"serves an empty log", doubtful{size: at(0)}, audit.ErrCut},
		{"serves a head that never was", doubtful{size: at(kept.Size), hashes: func(hs []models.Hash) { hs[0][0] ^= 1 }}, audit.ErrRewritten},
		{"has no log to show", doubtful{size: func(context.Context, uint64) (uint64, error) { return 0, errors.New("the disk says no") }}, audit.ErrUnproven},
		{"serves a head of more events than it has", doubtful{size: func(_ context.Context, n uint64) (uint64, error) { return n + 1000, nil }}, audit.ErrUnproven},
		{"serves a head that no log has", doubtful{size: at(1 << 62)}, audit.ErrUnproven},
	} {
		c.lie.Audits = x.Store
		x.h.lies.Store(&lies{audits: &c.lie})
		t.Run(c.name, func(*testing.T) { x.differs(x.s, c.want) })
	}
	// Half of the answer is another's: the proof's hashes are drawn from a log that differs.
	n := 0
	broken := doubtful{Audits: x.Store, hashes: func(hs []models.Hash) {
		if n++; n == 3 { // the head's, the old root's, the proof's
			hs[len(hs)-1][31] ^= 1
		}
	}}
	x.h.lies.Store(&lies{audits: &broken})
	t.Run("serves a proof that proves nothing", func(*testing.T) { x.differs(x.s, audit.ErrUnproven) })
	x.h.lies.Store(nil)
	x.agrees(x.s)
}

// TestAuditAnswersOfOthers: answers that are no server's, or not to the question.
func TestAuditAnswersOfOthers(t *testing.T) {
	key, err := pki.NewKey(nil)
	must(t, err)
	other, err := pki.NewKey(nil)
	must(t, err)
	good := trust.AuditHead{Org: models.OrgID{1}, Server: models.Hash{2}, Log: audit.Head{Size: 3, Root: models.Hash{4}}, Time: time.UnixMilli(1)}
	for _, c := range []struct {
		name   string
		key    ed25519.PrivateKey
		change func(*trust.AuditHead)
		pasts  int
		want   error
	}{
		{"is as it should be", key, func(*trust.AuditHead) {}, 2, nil},
		{"signed by another key", other, func(*trust.AuditHead) {}, 2, trust.ErrSignature},
		{"of another organisation", key, func(h *trust.AuditHead) { h.Org[0]++ }, 2, client.ErrServer},
		{"of another server", key, func(h *trust.AuditHead) { h.Server[0]++ }, 2, client.ErrServer},
		{"a proof is left out", key, func(*trust.AuditHead) {}, 1, client.ErrServer},
		{"a proof too many", key, func(*trust.AuditHead) {}, 3, client.ErrServer},
	} {
		h := good
		c.change(&h)
		signed, err := trust.NewAuditHead(h, c.key)
		must(t, err)
		reply := wire.AuditHeadReply{Signed: signed, Pasts: make([]audit.Past, c.pasts)}
		_, err = client.OpenAudit(reply, 2, key.Public().(ed25519.PublicKey), good.Org, good.Server)
		if !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v", c.name, err, c.want)
		}
	}
}

// TestAuditUnanswered: the server would rather not be asked. A desk that has seen its log before takes that for an answer; one that has not
// works with servers that have none.
func TestAuditUnanswered(t *testing.T) {
	x := auditWorld(t)
	t.Run("it says that it is too old to answer", func(t *testing.T) {
		s := x.LogIn(x.desk, x.ada)
		x.agrees(s)
		s.SetFeatures(wire.FeatureAlike)
		x.differs(s, audit.ErrUnproven)
	})
	t.Run("it never answers", func(t *testing.T) {
		s := x.LogIn(x.desk, x.ada)
		x.agrees(s)
		release := make(chan struct{})
		x.h.lies.Store(&lies{audits: &doubtful{Audits: x.Store, size: func(_ context.Context, n uint64) (uint64, error) {
			<-release
			return n, nil
		}}})
		s.SetAuditAnswer(time.Millisecond)
		x.differs(s, audit.ErrUnproven)
		x.h.lies.Store(nil)
		close(release)
	})
	t.Run("and has never been asked", func(t *testing.T) {
		x := auditWorld(t)
		must(t, os.Remove(x.desk.AuditFile()))
		s := x.s
		s.ForgetAudit()
		s.SetFeatures()
		if look, err := s.CheckAudit(t.Context()); err != nil || look.Changed != nil || !look.Kept.IsZero() {
			t.Errorf("%+v, %v", look, err)
		}
	})
}

// TestAuditIsForAdmins: a member learns nothing of the log, not even its size; and is not made to ask.
func TestAuditIsForAdmins(t *testing.T) {
	w, first, admin, ben := people(t)
	s := w.LogIn(first, ben)
	for _, known := range [][]uint64{{}, {1}} {
		var reply wire.AuditHeadReply
		err := s.Connection().Call(t.Context(), wire.TypeAuditHead, wire.AuditHead{Known: known}, &reply)
		if !errors.Is(err, wire.Refuse(wire.CodeNotAllowed)) || len(reply.Signed) != 0 {
			t.Errorf("a member is answered %v, %d bytes", err, len(reply.Signed))
		}
	}
	if _, err := s.CheckAudit(t.Context()); !errors.Is(err, wire.Refuse(wire.CodeNotAllowed)) {
		t.Errorf("a member's look: %v", err)
	}
	c := w.Connect(first)
	if err := c.Call(t.Context(), wire.TypeAuditHead, wire.AuditHead{}, new(wire.AuditHeadReply)); !errors.Is(err, wire.Refuse(wire.CodeNotAllowed)) {
		t.Errorf("nobody is answered %v", err)
	}
	err := admin.Connection().Call(t.Context(), wire.TypeAuditHead, wire.AuditHead{Known: make([]uint64, wire.MaxAuditKnown+1)}, new(wire.AuditHeadReply))
	if !errors.Is(err, wire.Refuse(wire.CodeInvalid)) {
		t.Errorf("more sizes than are answered: %v", err)
	}
}

// TestAuditFile: what the desk keeps is compared, not trusted blindly: a file that does not read is told, and not silently begun anew.
func TestAuditFile(t *testing.T) {
	x := auditWorld(t)
	kept := x.agrees(x.s)
	path := x.desk.AuditFile()
	good, err := os.ReadFile(path)
	must(t, err)
	if fi, err := os.Stat(path); err != nil || fi.Mode().Perm() != 0o600 {
		t.Errorf("mode %v, %v", fi.Mode(), err)
	}
	for name, b := range map[string][]byte{
		"is empty": {}, "was cut": good[:len(good)-1], "has more": append(append([]byte{}, good...), 0), "is of a later version": append([]byte{good[0], 2}, good[2:]...),
		"is too large": make([]byte, 1<<20),
	} {
		must(t, os.WriteFile(path, b, 0o600))
		t.Run(name, func(t *testing.T) {
			look := x.differs(x.s, audit.ErrUnproven)
			if !errors.Is(look.Changed, client.ErrAuditFile) || look.Shown.Size < kept.Size {
				t.Errorf("%+v", look)
			}
			if again, err := os.ReadFile(path); err != nil || len(again) != len(b) {
				t.Errorf("the file was written over: %d bytes, %v", len(again), err)
			}
		})
	}
	must(t, x.s.AcceptAudit(x.look(x.s).Shown))
	x.agrees(x.s)

	// Another desk's file, left in the folder, is none of this one's.
	other := x.Desk(x.s, "other")
	b, err := os.ReadFile(path)
	must(t, err)
	must(t, os.WriteFile(other.AuditFile(), b, 0o600))
	if h, err := other.Audited(); err != nil || !h.IsZero() {
		t.Errorf("another desk's head: %v, %v", h, err)
	}
}

// TestAuditKeptMeanwhile: two admins look at once at one desk, and a forking server shows each another log that agrees with what was kept. Only one
// of them is kept, and the other shows at the next look.
func TestAuditKeptMeanwhile(t *testing.T) {
	x := auditWorld(t)
	was := x.agrees(x.s)
	es := x.events()
	fork := func(detail string) audit.Head {
		h, err := audit.HeadOf(t.Context(), x.forge(append(es[:was.Size:was.Size], models.AuditEvent{Event: "e", Outcome: "ok", Detail: detail})))
		must(t, err)
		return h
	}
	one, two := fork("one"), fork("two")
	two.Size++
	must(t, x.desk.KeepAudit(was, one))
	must(t, x.desk.KeepAudit(was, two))
	if kept, err := x.desk.Audited(); err != nil || kept != one {
		t.Errorf("kept %v, %v, want %v", kept, err, one)
	}
	must(t, x.desk.KeepAudit(one, was))
	if kept, err := x.desk.Audited(); err != nil || kept != one {
		t.Errorf("an older head was kept: %v, %v", kept, err)
	}
}

// TestAuditGoodbye: a server that goes down, or a network that does, has not refused.
func TestAuditGoodbye(t *testing.T) {
	for name, part := range map[string]func(*audited){
		"the server goes down":  func(x *audited) { x.Stop() },
		"the connection is cut": func(x *audited) { _ = x.s.Connection().Close() },
	} {
		x := auditWorld(t)
		kept := x.agrees(x.s)
		asked := make(chan struct{})
		x.h.lies.Store(&lies{audits: &doubtful{Audits: x.Store, size: func(ctx context.Context, _ uint64) (uint64, error) {
			close(asked)
			<-ctx.Done()
			return 0, ctx.Err()
		}}})
		type found struct {
			look client.AuditLog
			err  error
		}
		looked := make(chan found, 1)
		go func() {
			look, err := x.s.CheckAudit(context.Background())
			looked <- found{look, err}
		}()
		<-asked
		part(x)
		if f := <-looked; f.err == nil || f.look.Changed != nil {
			t.Errorf("%s, and is taken for a server that refuses: %+v, %v", name, f.look, f.err)
		}
		if now, err := x.desk.Audited(); err != nil || now != kept {
			t.Errorf("%s: kept %v, %v", name, now, err)
		}
	}
}
