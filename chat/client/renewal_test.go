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
)

// signUpAnew is a sign-up for the account that has the name, with another password and, if he likes, another face.
func signUpAnew(t *testing.T, w *chattest.World, d *client.Desk, name string, f chattest.Face) (*chattest.Person, error) {
	t.Helper()
	p := &chattest.Person{Name: name, Face: f, Password: "anew umbrella 3 quartz " + name}
	up, err := d.SignUp(t.Context(), w.Connect(d), client.SignUp{
		Name: name, Email: name + "@example.org", Password: []byte(p.Password), Consent: chattest.Consent, Renews: true,
	}, w.Eye(f))
	p.SignedUp = up
	return p, err
}

func renewal(t *testing.T, admin *client.Session) client.Waiting {
	t.Helper()
	list, err := admin.Renewals(t.Context())
	must(t, err)
	if len(list) != 1 {
		t.Fatalf("%d renewals wait", len(list))
	}
	return list[0]
}

// Password and phrase are lost: an admin lets ben sign up anew. Until the fingerprint was compared everything is as it was; then nothing of before is left, his
// peers are told, and in a room he is whoever comes in.
func TestRenewal(t *testing.T) {
	w, second, ben, k := inKitchen(t)
	first, admin, at, id, before := w.First, k.admin, k.at, k.id, k.vault

	w.Prove(admin)
	must(t, admin.AllowRenewal(t.Context(), ben.Account))
	anew, err := signUpAnew(t, w, second, "ben", 22)
	must(t, err)
	if anew.Account != ben.Account || anew.Fingerprint == ben.Fingerprint {
		t.Fatalf("account %v, fingerprint %s", anew.Account, anew.Fingerprint)
	}
	status := func(want client.Status) {
		t.Helper()
		if got, err := second.SignupStatus(t.Context(), w.Connect(second), anew.SignedUp); err != nil || got != want {
			t.Errorf("status %v, %v; want %v", got, err, want)
		}
	}
	status(client.StatusWaiting)
	if now, err := w.Store.VaultOf(t.Context(), ben.Account); err != nil || now.Version < before.Version {
		t.Errorf("the old vault is gone before anybody approved: %v", err)
	}
	_, err = at.Send(t.Context(), id, "still the old ben")
	must(t, err)
	_, err = w.TryLogIn(second, "ben", anew.Password, w.Eye(anew.Face))
	refused(t, err, wire.CodeNotSignedIn)

	row := renewal(t, admin)
	w.Prove(admin)
	if err := admin.ApproveRenewal(t.Context(), row, string(ben.Fingerprint)); !errors.Is(err, client.ErrFingerprint) {
		t.Errorf("approved with another fingerprint: %v", err)
	}
	must(t, admin.ApproveRenewal(t.Context(), row, string(anew.Fingerprint)))
	select {
	case <-at.Done():
	case <-time.After(time.Minute):
		t.Error("a session of before goes on")
	}
	status(client.StatusAdmitted)
	_, err = w.TryLogIn(first, "ben", ben.Password, w.Eye(ben.Face))
	refused(t, err, wire.CodeNotSignedIn)
	if _, err := first.ProvePhrase(t.Context(), w.Connect(first), "ben", ben.Phrase); !errors.Is(err, client.ErrPhrase) {
		t.Errorf("the phrase of before: %v", err)
	}
	_, err = w.TryLogIn(first, "ben", anew.Password, w.Eye(ben.Face))
	refused(t, err, wire.CodeFace)
	again := w.LogIn(first, anew)

	now, _ := admin.Directory().Identity(ben.Account)
	must(t, admin.AcceptIdentity(t.Context(), ben.Account, now.Hash, true))
	must(t, admin.Invite(t.Context(), id, ben.Account))
	must(t, again.Join(t.Context(), id))
	_, err = admin.Send(t.Context(), id, "to the new ben")
	must(t, err)
	if got := readText(t, again, id); got != "to the new ben" {
		t.Errorf("ben read %q", got)
	}
	_, err = again.Send(t.Context(), id, "thanks")
	must(t, err)
	for {
		if got := readText(t, admin, id); got == "thanks" {
			break
		}
	}
}

// Nobody signs up for a colleague's name whom no admin lets, nor later than an hour, nor twice; and a rejected one leaves no trace.
func TestRenewalRefused(t *testing.T) {
	w, first, admin, ben := people(t)
	try := func(what, name string) {
		t.Helper()
		if _, err := signUpAnew(t, w, first, name, 9); !errors.Is(err, client.ErrNoRenewal) {
			t.Errorf("%s: %v", what, err)
		}
	}
	allow := func() {
		t.Helper()
		w.Prove(admin)
		must(t, admin.AllowRenewal(t.Context(), ben.Account))
	}
	try("without leave", "ben")
	try("for nobody's name", "nobody")
	allow()
	try("for another name", "ada")
	w.Clock.Move(time.Hour)
	try("an hour later", "ben")

	allow()
	squatter, err := signUpAnew(t, w, first, "ben", 9)
	must(t, err)
	try("after another", "ben")
	w.Prove(admin)
	must(t, admin.RejectRenewal(t.Context(), ben.Account))
	try("after it was rejected", "ben")
	if list, err := admin.Renewals(t.Context()); err != nil || len(list) != 0 {
		t.Errorf("%d wait, %v", len(list), err)
	}
	if got, err := first.SignupStatus(t.Context(), w.Connect(first), squatter.SignedUp); err != nil || got != client.StatusGone {
		t.Errorf("status %v, %v", got, err)
	}
	w.LogIn(first, ben)

	at := w.LogIn(first, ben)
	refused(t, at.AllowRenewal(t.Context(), admin.Account()), wire.CodeNotAllowed)
	w.Prove(admin)
	refused(t, admin.AllowRenewal(t.Context(), admin.Account()), wire.CodeNotAllowed)
	refused(t, admin.AllowRenewal(t.Context(), models.AccountID{1}), wire.CodeNotFound)
	w.Clock.Move(2 * time.Minute)
	if err := admin.AllowRenewal(t.Context(), ben.Account); !client.NeedsProof(err) {
		t.Errorf("at an admin's open desk: %v", err)
	}
}

// An admin who signs up anew is an admin no more, whatever the server says of him.
func TestRenewedAdminFalls(t *testing.T) {
	w, first, admin, ben := people(t)
	makeAdmin(t, w, admin, ben.Account)
	must(t, admin.AllowRenewal(t.Context(), ben.Account))
	anew, err := signUpAnew(t, w, first, "ben", 22)
	must(t, err)
	w.Prove(admin)
	must(t, admin.ApproveRenewal(t.Context(), renewal(t, admin), string(anew.Fingerprint)))
	s := w.LogIn(first, anew)
	if s.IsAdmin() {
		t.Error("an admin by a face that an admin has let in")
	}
	_, err = s.Renewals(t.Context())
	refused(t, err, wire.CodeNotAllowed)
}

// A server puts a bundle of its own, or another's, in the place of what somebody made anew: the list says so, or the fingerprint does.
func TestSwappedRenewal(t *testing.T) {
	w, h, first, admin, ben := hostile(t)
	eve := w.SignUp(first, "eve", 3)
	w.Approve(admin, eve)
	w.Prove(admin)
	must(t, admin.AllowRenewal(t.Context(), ben.Account))
	anew, err := signUpAnew(t, w, first, "ben", 22)
	must(t, err)
	swap := func(bundle []byte) {
		t.Helper()
		must(t, w.Store.AllowRenewal(t.Context(), ben.Account, admin.Account(), w.Clock.Now().Add(time.Hour)))
		must(t, w.Store.MakeRenewal(t.Context(), models.Renewal{Account: ben.Account, Vault: []byte{1}, User: models.User{
			ID: ben.Account, Bundle: bundle, Desk: first.ID(), CreatedAt: w.Clock.Now(),
		}}, w.Clock.Now()))
	}
	forged := func(account models.AccountID, name string) []byte {
		t.Helper()
		keys := someKeys(t)
		signing, boxes := keys.Public()
		b, err := trust.NewBundle(trust.Bundle{Org: first.Org(), Account: account, Name: name, Signing: signing, Boxes: boxes,
			Consent: client.ConsentHash(chattest.Consent), Desk: first.ID(), Time: w.Clock.Now()}, keys.Signing(), first.Device())
		must(t, err)
		return b
	}
	for what, bundle := range map[string][]byte{
		"another's account": forged(eve.Account, "ben"), "another's name": forged(ben.Account, "eve"), "somebody else's bundle": eve.Bundle, "rubbish": {1, 2, 3},
	} {
		swap(bundle)
		if _, err := admin.Renewals(t.Context()); !errors.Is(err, client.ErrSignup) {
			t.Errorf("%s: %v", what, err)
		}
	}
	for what, u := range map[string]models.User{
		"the admin's own account": {ID: admin.Account(), Name: "ada"}, "another name": {ID: ben.Account, Name: "eve"}, "a new account": {ID: models.AccountID{9}, Name: "zoe"},
	} {
		u.Desk, u.Bundle = first.ID(), forged(u.ID, u.Name)
		h.lies.Store(&lies{anew: func([]models.Renewal) []models.Renewal { return []models.Renewal{{Account: u.ID, User: u}} }})
		row := renewal(t, admin)
		if !errors.Is(row.Blocked, client.ErrSignup) {
			t.Errorf("%s is listed as if it could be approved: %v", what, row.Blocked)
		}
		row.Blocked = nil // whatever the list said
		if err := admin.ApproveRenewal(t.Context(), row, string(row.Fingerprint())); !errors.Is(err, client.ErrSignup) {
			t.Errorf("%s is approved: %v", what, err)
		}
	}
	h.lies.Store(nil)
	swap(forged(ben.Account, "ben")) // with a stolen desk's help
	w.Prove(admin)
	if err := admin.ApproveRenewal(t.Context(), renewal(t, admin), string(anew.Fingerprint)); !errors.Is(err, client.ErrFingerprint) {
		t.Errorf("keys of the server's: %v", err)
	}
}

// The server stops between the statement and the account: at its next start it finishes what was signed.
func TestRenewalIsFinishedAfterACrash(t *testing.T) {
	w, first, admin, ben := people(t)
	w.Prove(admin)
	must(t, admin.AllowRenewal(t.Context(), ben.Account))
	anew, err := signUpAnew(t, w, first, "ben", 22)
	must(t, err)
	waiting, err := w.Store.RenewalOf(t.Context(), ben.Account)
	must(t, err)
	w.Prove(admin)
	must(t, admin.ApproveRenewal(t.Context(), renewal(t, admin), string(anew.Fingerprint)))
	// As it was a moment ago: the statement stands, the renewal waits.
	must(t, w.Store.AllowRenewal(t.Context(), ben.Account, admin.Account(), w.Clock.Now().Add(time.Hour)))
	waiting.Vault = append(waiting.Vault[:0:0], waiting.Vault...)
	must(t, w.Store.MakeRenewal(t.Context(), waiting, w.Clock.Now()))
	w.Stop()
	w.Start(nil)
	if _, err := w.Store.RenewalOf(t.Context(), ben.Account); !errors.Is(err, models.ErrNotFound) {
		t.Errorf("a renewal that was signed still waits: %v", err)
	}
	w.LogIn(first, anew)
}
