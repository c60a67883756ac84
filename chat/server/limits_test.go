package server_test

import (
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"math"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"visavis/biometrics"
	"visavis/chat/chattest"
	"visavis/chat/client"
	"visavis/chat/pake"
	"visavis/chat/pki"
	"visavis/chat/server"
	"visavis/chat/trust"
	"visavis/chat/wire"
	"visavis/models"
)

// audited counts the events of a desk.
func audited(t *testing.T, w *chattest.World, event string, desk models.DeskID) int {
	t.Helper()
	events, err := w.Store.AuditAfter(context.Background(), 0, 100_000)
	must(t, err)
	n := 0
	for _, e := range events {
		if e.Event == event && e.Desk == desk {
			n++
		}
	}
	return n
}

// A stolen desk, or one that nobody has approved yet, opens connections and says hello on each.
func TestOneDeskDoesNotTakeAllConnections(t *testing.T) {
	w, first, admin, _, _ := world(t, nil, func(o *server.Options) {
		o.Config.Limits.Connections, o.Config.Limits.DeskConnections = 16, 8
	})
	second := w.Desk(admin, "second")
	invite, err := admin.InviteDesk(t.Context())
	must(t, err)
	pending := w.Enrol(invite, "pending")
	for _, c := range []struct {
		name string
		desk *client.Desk
		most int
	}{{"a listed desk", second, 8}, {"a pending desk", pending, 4}} {
		t.Run(c.name, func(t *testing.T) {
			var open []*client.Conn
			for range c.most {
				x, err := c.desk.Connect(t.Context())
				must(t, err)
				open = append(open, x)
			}
			for range 5 {
				_, err := c.desk.Connect(t.Context())
				refused(t, err, wire.CodeFull)
			}
			w.Connect(first)
			if n := audited(t, w, "desk.connections", c.desk.ID()); n != 1 {
				t.Errorf("%d audit events", n)
			}
			for _, x := range open {
				must(t, x.Close())
			}
		})
	}
}

// A desk that nobody approves does not keep its connections; one that is approved does.
func TestPendingDeskIsNotServedForEver(t *testing.T) {
	const while = 3 * time.Second // on the network's clock, and long enough to enrol and approve a desk on a machine that has much to do
	w, _, admin, _, _ := world(t, func(s *server.Server) { s.SetPendingTime(while) })
	enrol := func(name string) *client.Desk {
		invite, err := admin.InviteDesk(t.Context())
		must(t, err)
		return w.Enrol(invite, name)
	}
	waits := enrol("waits")
	began := time.Now()
	c := w.Connect(waits)
	<-c.Done()
	refused(t, c.Err(), wire.CodeEnded)
	if time.Since(began) < while {
		t.Error("it got no time")
	}
	approved := enrol("approved")
	c, d := w.Connect(approved), w.Connect(waits)
	desks, err := admin.Desks(t.Context())
	must(t, err)
	i := slices.IndexFunc(desks, func(x wire.Desk) bool { return x.ID == approved.ID() })
	must(t, admin.ApproveDesk(t.Context(), desks[i]))
	<-d.Done() // its time is over, which began later
	if c.Err() != nil {
		t.Errorf("the approved desk's connection ended: %v", c.Err())
	}
}

// junk asks for an enrolment with what is none, over connections of its own, and returns the last answer.
func junk(t *testing.T, w *chattest.World, ca models.Hash, times int, ask wire.DeskEnrol) wire.Code {
	t.Helper()
	var last wire.Code
	for n := 0; n < times; {
		c, err := tls.Dial("tcp", w.Address, pki.DeskTLS(nil, ca, "127.0.0.1"))
		must(t, err)
		must(t, c.SetDeadline(time.Now().Add(10*time.Second)))
		send := func(id uint64, typ string, body any) {
			b, err := wire.NewFrame(wire.Request, id, typ, body).Append(nil)
			must(t, err)
			_, _ = c.Write(b)
		}
		send(1, wire.TypeHello, wire.Hello{Versions: []uint32{wire.Version}, Features: []string{}})
		if _, err := wire.Read(c, wire.MaxFrame); err != nil {
			t.Fatal(err)
		}
		for id := uint64(2); n < times; id++ {
			send(id, wire.TypeDeskEnrol, ask)
			f, err := wire.Read(c, wire.MaxFrame)
			if err != nil || f.ID == 0 || id > 4 { // three tries a connection
				if id == 2 {
					t.Fatalf("not one try on a connection: %v", err)
				}
				break
			}
			var refusal wire.Error
			must(t, f.Decode(&refusal))
			last, n = refusal.Code, n+1
		}
		_ = c.Close()
	}
	return last
}

// An outsider, without any invite, asks for enrolments with garbage and with made-up codes: who has an invite still comes in, and nothing of
// it is stored.
func TestEnrolmentIsNotLockedOut(t *testing.T) {
	var counts countingStore
	w, first, admin, _, _ := world(t, nil, func(o *server.Options) {
		counts.Store = o.Store
		o.Store = &counts
	})
	invite, err := admin.InviteDesk(t.Context())
	must(t, err)
	parsed, err := trust.ParseInvite(invite)
	must(t, err)
	key, err := pki.NewKey(nil)
	must(t, err)
	hash, err := pki.PublicKeyHash(key.Public().(ed25519.PublicKey))
	must(t, err)
	secret, err := trust.NewSecret(rand.Reader)
	must(t, err)
	request, err := trust.NewDeskRequest(trust.DeskRequest{Org: first.Org(), Desk: models.DeskID{7}, Name: "guess", Device: key.Public().(ed25519.PublicKey),
		TLSKey: hash, Cameras: []biometrics.CameraInfo{}, Code: []byte("a made-up code !"), Time: w.Clock.Now()}, secret, key)
	must(t, err)
	spki, err := x509.MarshalPKIXPublicKey(key.Public())
	must(t, err)
	before := counts.n.Load()
	if got := junk(t, w, parsed.CA, 100, wire.DeskEnrol{Request: []byte{1}, TLSKey: []byte{1}}); got != wire.CodeInvalid {
		t.Fatalf("garbage is answered by code %d", got)
	}
	if got := junk(t, w, parsed.CA, 20, wire.DeskEnrol{Request: request, TLSKey: spki}); got != wire.CodeNotFound {
		t.Fatalf("a made-up code is answered by code %d", got)
	}
	if got := junk(t, w, parsed.CA, 1, wire.DeskEnrol{Request: request, TLSKey: spki}); got != wire.CodeWait {
		t.Fatalf("after 120 in an hour: code %d", got)
	}
	if n := counts.n.Load(); n != before {
		t.Errorf("an outsider made the server store %d counters or audit events", n-before)
	}
	if _, err := client.Enrol(t.Context(), w.DeskOptions(), filepath.Join(w.Dir, "desks", "late"), invite, "late", nil); err != nil {
		t.Errorf("a desk with a good invite: %v", err)
	}
}

// More people than the operator allows.
func TestRoomMembersLimit(t *testing.T) {
	w, d, admin, _, room := world(t, nil, func(o *server.Options) { o.Config.Limits.RoomMembers = 3 })
	cleo, dora := w.SignUp(d, "cleo", 3), w.SignUp(d, "dora", 4)
	w.Approve(admin, cleo)
	w.Approve(admin, dora)
	must(t, admin.Invite(t.Context(), room, cleo.Account))
	refused(t, admin.Invite(t.Context(), room, dora.Account), wire.CodeFull)
}

// A desk is revoked at the very moment at which the server has accepted the face of somebody there: no vault goes to it.
func TestDeskRevokedWhileLoggingIn(t *testing.T) {
	var store vaultHook
	w, _, admin, ben, _ := world(t, nil, func(o *server.Options) {
		store.Store = o.Store
		o.Store = &store
	})
	second := w.Desk(admin, "second")
	revoked := make(chan struct{})
	store.before = func(account models.AccountID) {
		if account == ben.Account {
			defer close(revoked)
			if err := admin.RevokeDesk(context.Background(), second.ID()); err != nil {
				t.Error(err)
			}
		}
	}
	s, err := w.TryLogIn(second, ben.Name, ben.Password, w.Eye(ben.Face))
	if err == nil {
		s.Close()
		t.Fatal("logged in at a revoked desk")
	}
	refused(t, err, wire.CodeDesk)
	<-revoked
	w.WaitLog("why=revoked")
	if n := audited(t, w, "session.begin", second.ID()); n != 0 {
		t.Fatal("the session began, and the vault was released")
	}
}

// The largest evidence is handed in within one frame, with the largest record beside it: a sign-up's captures and tries go one by one.
func TestEvidenceFitsAFrame(t *testing.T) {
	for typ, body := range map[string]any{
		wire.TypeSignupFace: wire.SignupFace{Record: make([]byte, pake.MaxRecordSize), Evidence: make([]byte, trust.MaxEvidence)},
		wire.TypeLoginFace:  wire.LoginFace{Evidence: make([]byte, trust.MaxEvidence)},
		wire.TypeLockFace:   wire.LoginFace{Evidence: make([]byte, trust.MaxEvidence)},
	} {
		b, err := wire.NewFrame(wire.Request, math.MaxUint64, typ, body).Append(nil)
		must(t, err)
		if len(b) > wire.MaxFrameNew {
			t.Errorf("%s: %d bytes, at most %d", typ, len(b), wire.MaxFrameNew)
		}
	}
}
