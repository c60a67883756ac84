package client_test

import (
	"crypto/rand"
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"visavis/chat/chattest"
	"visavis/chat/client"
	"visavis/chat/e2e"
	"visavis/chat/trust"
	"visavis/chat/wire"
	"visavis/models"
)

// find is the row of an account in an admin's list.
func find(t *testing.T, admin *client.Session, id models.AccountID) client.Waiting {
	t.Helper()
	list, err := admin.Signups(t.Context())
	must(t, err)
	i := slices.IndexFunc(list, func(w client.Waiting) bool { return w.Account == id })
	if i < 0 {
		t.Fatalf("account %s is not listed", id.Short())
	}
	return list[i]
}

// A hostile server gives eve, who signs up, the account id of an admin, or the name of somebody: an admin who approves what is on eve's
// screen would hand her that person's place.
func TestApprovalOfAnAccountThatIsThere(t *testing.T) {
	w, h, first, admin, ben := hostile(t)
	gone := w.SignUp(first, "gone", 5)
	w.Approve(admin, gone)
	must(t, admin.RevokeAccount(t.Context(), gone.Account))
	fresh := w.SignUp(first, "fresh", 4)
	for name, u := range map[string]models.User{
		"the admin's id":       {ID: admin.Account(), Name: "eve"},
		"a member's id":        {ID: ben.Account, Name: "eve"},
		"a revoked person's":   {ID: gone.Account, Name: "eve"},
		"a member's name":      {ID: models.AccountID{9}, Name: "ben"},
		"the admin's all over": {ID: admin.Account(), Name: "ada"},
	} {
		t.Run(name, func(t *testing.T) {
			keys, err := e2e.NewKeys(rand.Reader)
			must(t, err)
			signing, boxes := keys.Public()
			u.Desk, u.Status, u.CreatedAt = first.ID(), models.UserWaiting, w.Clock.Now()
			u.Bundle, err = trust.NewBundle(trust.Bundle{Org: first.Org(), Account: u.ID, Name: u.Name, Signing: signing, Boxes: boxes,
				Consent: client.ConsentHash(chattest.Consent), Desk: first.ID(), Time: w.Clock.Now()}, keys.Signing(), first.Device())
			must(t, err)
			h.lies.Store(&lies{users: func(us []models.User) []models.User { return append(us, u) }})
			defer h.lies.Store(nil)
			eve := find(t, admin, u.ID)
			if !errors.Is(eve.Blocked, client.ErrSignup) {
				t.Errorf("listed as if it could be approved: %v", eve.Blocked)
			}
			eve.Blocked = nil // whatever the list said
			if err := admin.Approve(t.Context(), eve, string(trust.BundleFingerprint(u.Bundle))); !errors.Is(err, client.ErrSignup) {
				t.Errorf("approved: %v", err)
			}
			if x := find(t, admin, fresh.Account); x.Blocked != nil {
				t.Errorf("somebody else can not be approved: %v", x.Blocked)
			}
		})
	}
}

// A stolen desk signs junk up and is revoked: everybody else can be approved, and the junk goes.
func TestRevokedDeskDoesNotBlockApprovals(t *testing.T) {
	w, first, admin, _ := people(t)
	second := w.Desk(admin, "second")
	junk, cleo := w.SignUp(second, "junk", 9), w.SignUp(first, "cleo", 3)
	must(t, admin.RevokeDesk(t.Context(), second.ID()))
	blocked := find(t, admin, junk.Account)
	if !errors.Is(blocked.Blocked, client.ErrSignupDesk) {
		t.Fatalf("a sign-up of a revoked desk: %v", blocked.Blocked)
	}
	if err := admin.Approve(t.Context(), blocked, string(junk.Fingerprint)); !errors.Is(err, client.ErrSignupDesk) {
		t.Fatalf("approved: %v", err)
	}
	w.Approve(admin, cleo)
	must(t, admin.Reject(t.Context(), junk.Account))
	list, err := admin.Signups(t.Context())
	must(t, err)
	if len(list) != 0 {
		t.Fatalf("%d still wait", len(list))
	}
}

// Who may reject, and whom: never somebody who was approved.
func TestReject(t *testing.T) {
	w, first, admin, ben := people(t)
	cleo := w.SignUp(first, "cleo", 3)
	s := w.LogIn(first, ben)
	refused(t, s.Reject(t.Context(), cleo.Account), wire.CodeNotAllowed)
	refused(t, admin.Reject(t.Context(), ben.Account), wire.CodeNotAllowed)
	refused(t, admin.Reject(t.Context(), admin.Account()), wire.CodeNotAllowed)
	refused(t, admin.Reject(t.Context(), models.AccountID{1}), wire.CodeNotFound)
	must(t, admin.Reject(t.Context(), cleo.Account))
	if _, err := w.Store.UserByID(t.Context(), cleo.Account); !errors.Is(err, models.ErrNotFound) {
		t.Fatalf("the account is still stored: %v", err)
	}
	events, err := w.Store.AuditAfter(t.Context(), 0, 1000)
	must(t, err)
	if !slices.ContainsFunc(events, func(e models.AuditEvent) bool {
		return e.Event == "signup.reject" && e.Account == admin.Account() && e.Detail == "account "+cleo.Account.String()
	}) {
		t.Error("the audit does not say who rejected whom")
	}
	w.Approve(admin, w.SignUp(first, "cleo", 3)) // the name is free again
}

// Somebody has so many sign up that one page is full: who comes after them is still seen.
func TestNewcomersBehindAFullPage(t *testing.T) {
	w, h, first, admin, _ := hostile(t)
	crowd := w.SignUp(first, "crowd", 3)
	w.Clock.Move(time.Second)
	last := w.SignUp(first, "last", 4)
	h.lies.Store(&lies{users: func(us []models.User) []models.User {
		var all []models.User
		for _, u := range us {
			if u.ID != crowd.Account {
				all = append(all, u)
				continue
			}
			for i := range 1500 {
				u.Email = fmt.Sprintf("%d@example.org", i)
				u.CreatedAt = u.CreatedAt.Add(-time.Millisecond)
				all = append(all, u)
			}
		}
		return all
	}})
	list, err := admin.Signups(t.Context())
	must(t, err)
	if len(list) != 1501 || list[1500].Account != last.Account {
		t.Fatalf("%d of 1501 are listed", len(list))
	}
}

// A desk's sign-up names two keys: rooms would seal to one of them, and the server could be blamed for the other.
func TestSignupWithTwoKeys(t *testing.T) {
	w, h, first, admin, _ := hostile(t)
	keys, err := e2e.NewKeys(rand.Reader)
	must(t, err)
	more, err := e2e.NewKeys(rand.Reader)
	must(t, err)
	signing, boxes := keys.Public()
	_, others := more.Public()
	u := models.User{ID: models.AccountID{9}, Name: "eve", Desk: first.ID(), CreatedAt: w.Clock.Now()}
	u.Bundle, err = trust.NewBundle(trust.Bundle{Org: first.Org(), Account: u.ID, Name: u.Name, Signing: signing, Boxes: append(boxes, others...),
		Consent: client.ConsentHash(chattest.Consent), Desk: first.ID(), Time: w.Clock.Now()}, keys.Signing(), first.Device())
	must(t, err)
	refused(t, w.Connect(first).Call(t.Context(), wire.TypeSignupFinish, wire.SignupFinish{Bundle: u.Bundle}, new(wire.Empty)), wire.CodeInvalid)
	h.lies.Store(&lies{users: func(us []models.User) []models.User { return append(us, u) }})
	if x := find(t, admin, u.ID); !errors.Is(x.Blocked, client.ErrSignup) {
		t.Fatalf("two keys can be approved: %v", x.Blocked)
	}
}

// A desk asks to be approved under a name that its request does not hold; the server kept a request up its sleeve.
func TestDeskApprovalOfAnOldInvite(t *testing.T) {
	w, _, admin, _ := people(t)
	pending := func(name string) wire.Desk {
		w.Prove(admin)
		invite, err := admin.InviteDesk(t.Context())
		must(t, err)
		d := w.Enrol(invite, name)
		desks, err := admin.Desks(t.Context())
		must(t, err)
		return desks[slices.IndexFunc(desks, func(x wire.Desk) bool { return x.ID == d.ID() })]
	}
	renamed := pending("cellar")
	renamed.Name = "counter"
	if err := admin.ApproveDesk(t.Context(), renamed); !errors.Is(err, client.ErrDeskRequest) {
		t.Errorf("under another name: %v", err)
	}
	late := pending("landing") // enrolled in time, approved when the admin has time
	w.Clock.Move(w.Options.Config.Limits.Invite.Std())
	w.Prove(admin)
	must(t, admin.ApproveDesk(t.Context(), late))
	old := pending("attic")
	w.Clock.Move(w.Options.Config.Limits.Invite.Std() + e2e.InviteGrace)
	if err := admin.ApproveDesk(t.Context(), old); !errors.Is(err, client.ErrDeskRequest) {
		t.Errorf("after the invite's time: %v", err)
	}
	must(t, admin.ApproveDesk(t.Context(), pending("hall")))
}

// The server has a text of its own for a refusal: the person reads the code's.
func TestRefusalsAreInOurWords(t *testing.T) {
	w, first, _, _ := people(t)
	_, err := first.SignUp(t.Context(), w.Connect(first), client.SignUp{
		Name: "ben", Email: "b@example.org", Password: []byte("umbrella mallory 7 quartz lantern"), Consent: chattest.Consent,
	}, w.Eye(9))
	var refusal *wire.Error
	if !errors.As(err, &refusal) || refusal.Code != wire.CodeExists || refusal.Text != wire.CodeExists.Text() {
		t.Fatalf("got %v", err)
	}
}

// More wait than one frame holds: an admin gets as many as fit, and keeps the connection.
func TestLongLists(t *testing.T) {
	w, h, first, admin, _ := hostile(t)
	eve := w.SignUp(first, "eve", 3)
	h.lies.Store(&lies{
		users: func(us []models.User) []models.User { return slices.Repeat(us, 3000) },
		desks: func(ds []models.Desk) []models.Desk { return slices.Repeat(ds, 5000) },
	})
	list, err := admin.Signups(t.Context())
	must(t, err)
	if len(list) < 100 || list[0].Account != eve.Account {
		t.Fatalf("%d sign-ups listed", len(list))
	}
	desks, err := admin.Desks(t.Context())
	must(t, err)
	if len(desks) < 100 {
		t.Fatalf("%d desks listed", len(desks))
	}
}
