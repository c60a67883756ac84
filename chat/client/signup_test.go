package client_test

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"

	"visavis/biometrics"
	"visavis/biometrics/liveness"
	"visavis/chat/chattest"
	"visavis/chat/client"
	"visavis/chat/e2e"
	"visavis/chat/trust"
	"visavis/chat/wire"
	"visavis/models"
)

// signUp begins somebody's sign-up.
func signUp(t *testing.T, c *client.Conn, d *client.Desk, name string) *client.Enrolment {
	t.Helper()
	e, err := d.StartSignUp(t.Context(), c, client.SignUp{
		Name: name, Email: name + "@example.org", Password: []byte("umbrella " + name + " 7 quartz lantern"), Consent: chattest.Consent,
	})
	must(t, err)
	t.Cleanup(e.Wipe)
	return e
}

// The whole of it: a first capture that is refused and one that is not, with and without glasses, tries of the right person and of another.
func TestSignUpInSteps(t *testing.T) {
	w, first, admin, _ := people(t)
	e := signUp(t, w.Connect(first), first, "cleo")
	flat := w.Eye(3)
	flat.Turn = -1
	refused(t, e.Enrol(t.Context(), flat), wire.CodeFace)
	must(t, e.Enrol(t.Context(), w.Eye(3)))
	refused(t, e.Again(t.Context(), w.Eye(4)), wire.CodeFace)
	must(t, e.Again(t.Context(), w.Eye(3)))
	refused(t, e.Try(t.Context(), w.Eye(4)), wire.CodeFace)
	must(t, e.Try(t.Context(), w.Eye(3)))
	err := e.Try(t.Context(), w.Eye(3))
	refused(t, err, wire.CodeFull)
	if !errors.Is(err, client.ErrFacesUsed) {
		t.Errorf("the seventh face: %v, want %v", err, client.ErrFacesUsed)
	}
	up, err := e.Finish(t.Context())
	must(t, err)
	cleo := &chattest.Person{Name: "cleo", Face: 3, Password: "umbrella cleo 7 quartz lantern", SignedUp: up}
	w.Approve(admin, cleo)
	w.LogIn(first, cleo)
}

// A step out of order is refused before anything is sent or captured.
func TestSignUpStepsInOrder(t *testing.T) {
	w, first, _, _ := people(t)
	e := signUp(t, w.Connect(first), first, "cleo")
	eye := w.Eye(3)
	wrong := func(what string, err error) {
		t.Helper()
		if !errors.Is(err, client.ErrStep) {
			t.Errorf("%s: %v, want %v", what, err, client.ErrStep)
		}
	}
	finish := func() error { _, err := e.Finish(t.Context()); return err }
	wrong("finish without a face", finish())
	wrong("a try before the capture", e.Try(t.Context(), eye))
	wrong("a second capture before the first", e.Again(t.Context(), eye))
	if len(eye.Taken) != 0 {
		t.Error("a face was captured for nothing")
	}
	must(t, e.Enrol(t.Context(), eye))
	wrong("enrolled twice", e.Enrol(t.Context(), eye))
	must(t, e.Again(t.Context(), eye))
	wrong("a third capture", e.Again(t.Context(), eye))
	must(t, finish())
	wrong("finished twice", finish())
	e = signUp(t, w.Connect(first), first, "dora")
	must(t, e.Enrol(t.Context(), eye))
	e.Wipe()
	wrong("finished after it was wiped", func() error { _, err := e.Finish(t.Context()); return err }())
}

// badEye fails as eyes do.
type badEye struct {
	*chattest.Eye
	err error
}

func (b badEye) Capture(context.Context, liveness.Challenge) (biometrics.Evidence, error) {
	return biometrics.Evidence{}, b.err
}

// An eye that fails costs nothing: the same challenge is played again.
func TestEyeFailsInSignUp(t *testing.T) {
	w, first, _, _ := people(t)
	e := signUp(t, w.Connect(first), first, "cleo")
	dark := w.Eye(3)
	dark.Err = biometrics.ErrCameraDark
	broken := badEye{w.Eye(3), biometrics.ErrCameraMissing}
	for range 10 {
		if err := e.Enrol(t.Context(), dark); !errors.Is(err, biometrics.ErrCameraDark) {
			t.Fatalf("%v, want the eye's own error", err)
		}
		if err := e.Enrol(t.Context(), broken); !errors.Is(err, biometrics.ErrCameraMissing) {
			t.Fatalf("%v, want the eye's own error", err)
		}
	}
	must(t, e.Enrol(t.Context(), w.Eye(3)))
	_, err := e.Finish(t.Context())
	must(t, err)
}

// While the phrase is being noted there is no account: whoever leaves then has signed up for nothing, and nobody has an account whose phrase was never noted.
func TestNobodyIsSignedUpUnnoted(t *testing.T) {
	w, first, _, _ := people(t)
	waiting := func() int {
		us, err := w.Store.UsersByStatus(t.Context(), models.UserWaiting)
		must(t, err)
		return len(us)
	}
	e := signUp(t, w.Connect(first), first, "cleo")
	must(t, e.Enrol(t.Context(), w.Eye(3)))
	up, err := e.Seal()
	must(t, err)
	if n := waiting(); n != 0 {
		t.Fatalf("%d accounts wait while the phrase is being noted", n)
	}
	if _, err := e.Seal(); !errors.Is(err, client.ErrStep) {
		t.Errorf("sealed twice: %v", err)
	}
	if err := e.Try(t.Context(), w.Eye(3)); !errors.Is(err, client.ErrStep) {
		t.Errorf("a face after it was sealed: %v", err)
	}
	made, err := e.Finish(t.Context())
	must(t, err)
	if made.Phrase != up.Phrase || made.Fingerprint != up.Fingerprint || waiting() != 1 {
		t.Error("another account was made than was sealed")
	}
	e = signUp(t, w.Connect(first), first, "dora")
	must(t, e.Enrol(t.Context(), w.Eye(4)))
	_, err = e.Seal()
	must(t, err)
	e.Wipe()
	if _, err := e.Finish(t.Context()); !errors.Is(err, client.ErrStep) {
		t.Errorf("finished after it was wiped: %v", err)
	}
}

// A sign-up ends with its connection, whose views nobody else gets to use.
func TestSignUpHalfWay(t *testing.T) {
	w, first, _, _ := people(t)
	c := w.Connect(first)
	e := signUp(t, c, first, "cleo")
	must(t, e.Enrol(t.Context(), w.Eye(3)))
	must(t, c.Close())
	if _, err := e.Finish(t.Context()); !errors.Is(err, client.ErrClosed) {
		t.Errorf("finished over a connection that has ended: %v", err)
	}
	if us, err := w.Store.UsersByStatus(t.Context(), models.UserWaiting); err != nil || len(us) != 0 {
		t.Errorf("%d accounts wait (%v)", len(us), err)
	}
	w.SignUp(first, "cleo", 3) // the name is free
}

// Whom a waiting person looks like stands in an admin's list, by the directory's names, and nowhere else.
func TestLookalikesAreListed(t *testing.T) {
	w, first, admin, ben := people(t)
	again, cleo := w.SignUp(first, "again", ben.Face), w.SignUp(first, "cleo", 3)
	var both sync.WaitGroup
	for range 2 { // two admins
		both.Go(func() {
			list, err := admin.Signups(t.Context())
			if err != nil {
				t.Error(err)
				return
			}
			for _, x := range list {
				switch want := (client.Lookalike{Account: ben.Account, Name: "ben", Grade: client.SameFace}); x.Account {
				case again.Account:
					if len(x.Alike) != 1 || x.Alike[0] != want || x.Blocked != nil {
						t.Errorf("%s looks like %v (%v)", x.Name, x.Alike, x.Blocked)
					}
				case cleo.Account:
					if len(x.Alike) != 0 {
						t.Errorf("%s looks like %v", x.Name, x.Alike)
					}
				}
			}
		})
	}
	both.Wait()
	must(t, admin.RevokeAccount(t.Context(), ben.Account))
	if x := find(t, admin, again.Account); len(x.Alike) != 0 {
		t.Errorf("looks like somebody who was revoked: %v", x.Alike)
	}
}

// What is typed, and what is half-way, prints nothing of itself, wherever it stands.
func TestHalfWayPrintsRedacted(t *testing.T) {
	w, first, _, ben := people(t)
	typed := client.SignUp{Name: "cleo", Email: "cleo@example.org", Password: []byte("umbrella cleo 7 quartz lantern")}
	e := signUp(t, w.Connect(first), first, "cleo")
	a, err := first.ProvePassword(t.Context(), w.Connect(first), ben.Name, []byte(ben.Password))
	must(t, err)
	defer a.Wipe()
	for _, x := range []any{typed, &typed, struct{ S client.SignUp }{typed}, e, struct{ E *client.Enrolment }{e}, a, struct{ A *client.Attempt }{a}} {
		for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%x", "%d"} {
			text := fmt.Sprintf(verb, x)
			if bare := strings.NewReplacer("sign-up(redacted)", "", "enrolment(redacted)", "", "log-in(redacted)", "").Replace(text); bare == text || len(bare) > 64 {
				t.Errorf("%s prints %.80q", verb, text)
			}
		}
	}
}

// Two who look alike wait side by side, and nobody is approved whom they look like: the second is not approved by the list of before.
func TestTwinsWaitTogether(t *testing.T) {
	w, first, admin, _ := people(t)
	one, two := w.SignUp(first, "one", 3), w.SignUp(first, "two", 3)
	stale := find(t, admin, two.Account)
	if len(stale.Alike) != 0 {
		t.Fatalf("looks like %v, of whom nobody is approved", stale.Alike)
	}
	w.Approve(admin, one)
	err := admin.Approve(t.Context(), stale, string(two.Fingerprint))
	refused(t, err, wire.CodeConflict)
	if !errors.Is(err, client.ErrAlike) {
		t.Errorf("%v, want %v", err, client.ErrAlike)
	}
	seen := find(t, admin, two.Account)
	if len(seen.Alike) != 1 || seen.Alike[0].Account != one.Account {
		t.Fatalf("looks like %v, want one", seen.Alike)
	}
	must(t, admin.Approve(t.Context(), seen, string(two.Fingerprint)))
}

// More wait than one question may name.
func TestLookalikesOfMany(t *testing.T) {
	w, first, admin, ben := people(t)
	up := w.SignUp(first, "again", ben.Face)
	u, err := w.Store.UserByID(t.Context(), up.Account)
	must(t, err)
	keys, err := e2e.NewKeys(rand.Reader)
	must(t, err)
	signing, boxes := keys.Public()
	for i := range wire.MaxAlike + 3 {
		u := u
		u.ID, u.Name, u.Template = models.AccountID{1, byte(i)}, "many"+string(rune('a'+i%26))+string(rune('a'+i/26)), []byte("does not open")
		u.Bundle, err = trust.NewBundle(trust.Bundle{Org: first.Org(), Account: u.ID, Name: u.Name, Signing: signing, Boxes: boxes,
			Consent: client.ConsentHash(chattest.Consent), Desk: first.ID(), Time: w.Clock.Now()}, keys.Signing(), first.Device())
		must(t, err)
		must(t, w.Store.AddUser(t.Context(), u, models.Vault{Account: u.ID, Version: 1, Body: []byte("sealed")}))
	}
	list, err := admin.Signups(t.Context())
	must(t, err)
	if len(list) != wire.MaxAlike+4 {
		t.Fatalf("%d are listed, want %d", len(list), wire.MaxAlike+4)
	}
	for _, x := range list {
		if want := x.Account == up.Account; (len(x.Alike) == 1) != want {
			t.Errorf("%s looks like %v", x.Name, x.Alike)
		}
	}
}

// A server that says what no server says is refused, and a revoked or unknown lookalike is left out.
func TestHostileLookalikes(t *testing.T) {
	_, _, admin, ben := people(t)
	one := []client.Waiting{{}}
	for what, rows := range map[string][][]wire.Lookalike{
		"no list":       {},
		"a list more":   {{}, {}},
		"no grade":      {{{Account: ben.Account}}},
		"unknown grade": {{{Account: ben.Account, Grade: 3}}},
		"too many":      {make([]wire.Lookalike, wire.MaxAlike+1)},
	} {
		if err := admin.TakeAlike(one, rows); !errors.Is(err, wire.Refuse(wire.CodeInternal)) {
			t.Errorf("%s: %v, want the server's fault", what, err)
		}
	}
	must(t, admin.TakeAlike(one, [][]wire.Lookalike{{{Account: models.AccountID{9}, Grade: wire.GradeSame}, {Account: ben.Account, Grade: wire.GradeAlike}}}))
	if len(one[0].Alike) != 1 || one[0].Alike[0] != (client.Lookalike{Account: ben.Account, Name: "ben", Grade: client.Alike}) {
		t.Errorf("taken as %v", one[0].Alike)
	}
}

// A member who is no admin, and a desk without anybody, learn nothing of lookalikes.
func TestAlikeIsForAdmins(t *testing.T) {
	w, first, admin, ben := people(t)
	again := w.SignUp(first, "again", ben.Face)
	asked := wire.SignupAlike{Accounts: []models.AccountID{again.Account}}
	for what, c := range map[string]*client.Conn{"a member": w.LogIn(first, ben).Connection(), "a desk": w.Connect(first)} {
		var reply wire.SignupAlikeReply
		if err := c.Call(t.Context(), wire.TypeSignupAlike, asked, &reply); !errors.Is(err, wire.Refuse(wire.CodeNotAllowed)) || reply.Alike != nil {
			t.Errorf("%s: %v, %v, want code %d", what, reply.Alike, err, wire.CodeNotAllowed)
		}
	}
	must(t, admin.Connection().Call(t.Context(), wire.TypeSignupAlike, asked, new(wire.SignupAlikeReply)))
}

// Nobody, or more than one question may name, is no question.
func TestAlikeBounds(t *testing.T) {
	_, _, admin, _ := people(t)
	bounds := map[string]wire.SignupAlike{"nobody": {Accounts: []models.AccountID{}}, "too many": {Accounts: make([]models.AccountID, wire.MaxAlike+1)}}
	for what, asked := range bounds {
		if err := admin.Connection().Call(t.Context(), wire.TypeSignupAlike, asked, new(wire.SignupAlikeReply)); !errors.Is(err, wire.Refuse(wire.CodeInvalid)) {
			t.Errorf("%s: %v, want code %d", what, err, wire.CodeInvalid)
		}
	}
}
