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

// code makes a one-time code as the admin.
func code(t *testing.T, w *chattest.World, admin *client.Session, p *chattest.Person, d *client.Desk) trust.Code {
	t.Helper()
	w.Prove(admin)
	c, until, err := admin.MakeCode(t.Context(), p.Account, d.ID())
	must(t, err)
	if left := until.Sub(w.Clock.Now()); left <= 0 || left > trust.CodeLife {
		t.Errorf("a code of %v", left)
	}
	return c
}

// byCode logs somebody in with a code.
func byCode(t *testing.T, w *chattest.World, d *client.Desk, p *chattest.Person, c trust.Code) (*client.Session, error) {
	t.Helper()
	a, err := d.ProvePassword(t.Context(), w.Connect(d), p.Name, []byte(p.Password))
	must(t, err)
	defer a.Wipe()
	s, err := a.FinishByCode(t.Context(), c)
	if err == nil {
		t.Cleanup(s.Close)
	}
	return s, err
}

func notTheCode(t *testing.T, what string, err error) {
	t.Helper()
	if !errors.Is(err, client.ErrCode) {
		t.Errorf("%s: %v", what, err)
	}
}

// Somebody's face is not accepted any more: an admin's code stands for it, once, and says whose it was. Failed faces do not count for it.
func TestCode(t *testing.T) {
	w, first, admin, ben := people(t)
	_, err := w.Store.CountAttempt(t.Context(), models.AttemptFace, ben.Account.String(), func(a *models.Attempts) error {
		a.Total = 50
		return nil
	})
	must(t, err)
	_, err = w.TryLogIn(first, ben.Name, ben.Password, w.Eye(ben.Face))
	refused(t, err, wire.CodeFace)

	c := code(t, w, admin, ben, first)
	s, err := byCode(t, w, first, ben, c)
	must(t, err)
	if use := s.ByCode(); use == nil || use.By != admin.Account() || use.ByName != "ada" || use.At.After(w.Clock.Now()) {
		t.Errorf("the person is told %+v", use)
	}
	if s.Account() != ben.Account || admin.ByCode() != nil {
		t.Error("somebody else came in")
	}
	_, err = byCode(t, w, first, ben, c)
	notTheCode(t, "a second time", err)
	if made, used := w.Audited("code.make ok", admin.Account()), w.Audited("login.code ok", ben.Account); made != 1 || used != 1 {
		t.Errorf("audited: %d made, %d used", made, used)
	}

	w.Prove(admin)
	must(t, admin.ResetFace(t.Context(), ben.Account))
	w.LogIn(first, ben)
	if n := w.Audited("login.reset ok", ben.Account); n != 1 {
		t.Errorf("%d resets in the audit", n)
	}
}

// What a code is not: for another, elsewhere, later, guessed, without a password.
func TestCodeRefused(t *testing.T) {
	w, first, admin, ben := people(t)
	second := w.Desk(admin, "second")
	eve := w.SignUp(first, "eve", 3)
	w.Approve(admin, eve)
	c := code(t, w, admin, ben, first)
	_, err := byCode(t, w, second, ben, c)
	notTheCode(t, "at another desk", err)
	_, err = byCode(t, w, first, eve, c)
	notTheCode(t, "for somebody else", err)
	wrong := c
	wrong[0] ^= 1
	a, err := first.ProvePassword(t.Context(), w.Connect(first), ben.Name, []byte(ben.Password))
	must(t, err)
	for range trust.CodeTries {
		_, err = a.FinishByCode(t.Context(), wrong)
		notTheCode(t, "a guess", err)
	}
	_, err = byCode(t, w, first, ben, c)
	notTheCode(t, "after three guesses", err)

	c = code(t, w, admin, ben, first)
	w.Clock.Move(trust.CodeLife)
	_, err = byCode(t, w, first, ben, c)
	notTheCode(t, "after ten minutes", err)

	old := code(t, w, admin, ben, first)
	code(t, w, admin, ben, first)
	_, err = byCode(t, w, first, ben, old)
	notTheCode(t, "one that another took the place of", err)

	conn := w.Connect(first)
	err = conn.Call(t.Context(), wire.TypeLoginCode, wire.LoginCode{Login: models.LoginID{1}}, new(wire.LoginCodeReply))
	refused(t, err, wire.CodeNotSignedIn)
	ke1 := firstKE1(t, first)
	var started wire.LoginReply
	must(t, conn.Call(t.Context(), wire.TypeLoginStart, wire.LoginStart{Name: ben.Name, KE1: ke1}, &started))
	err = conn.Call(t.Context(), wire.TypeLoginCode, wire.LoginCode{Login: started.Login}, new(wire.LoginCodeReply))
	refused(t, err, wire.CodeNotSignedIn)
}

// A code that is used, or guessed at, is used up before the answer leaves: a server that is started again does not know it better.
func TestCodeSurvivesARestart(t *testing.T) {
	w, first, admin, ben := people(t)
	c := code(t, w, admin, ben, first)
	wrong := c
	wrong[0] ^= 1
	for range trust.CodeTries - 1 {
		_, err := byCode(t, w, first, ben, wrong)
		notTheCode(t, "a guess", err)
	}
	w.Stop()
	w.Start(nil)
	s, err := byCode(t, w, first, ben, c)
	must(t, err)
	s.Close()
	w.Stop()
	w.Start(nil)
	_, err = byCode(t, w, first, ben, c)
	notTheCode(t, "used, and the server started again", err)
}

// Codes are made by admins, freshly proven, for others, as the directory is; one that stands ends with its admin.
func TestCodeMadeRefused(t *testing.T) {
	w, first, admin, ben := people(t)
	eve := w.SignUp(first, "eve", 3)
	w.Approve(admin, eve)
	grant := func(by *client.Session, how func(*trust.CodeGrant)) error {
		w.Prove(by)
		author := by.Author()
		g := trust.CodeGrant{CodePlace: first.CodePlace(eve.Account), By: author.Account, Made: w.Clock.Now(), Until: w.Clock.Now().Add(trust.CodeLife)}
		if how != nil {
			how(&g)
		}
		return by.Connection().Call(t.Context(), wire.TypeCodeMake, wire.CodeMake{Grant: trust.NewCodeGrant(g, author.Key)}, new(wire.Empty))
	}
	at := w.LogIn(first, ben)
	refused(t, grant(at, nil), wire.CodeNotAllowed)
	must(t, grant(admin, nil))
	for what, how := range map[string]func(*trust.CodeGrant){
		"for himself":               func(g *trust.CodeGrant) { g.Account = g.By },
		"for longer":                func(g *trust.CodeGrant) { g.Until = g.Until.Add(time.Minute) },
		"for later":                 func(g *trust.CodeGrant) { g.Made, g.Until = g.Made.Add(time.Hour), g.Until.Add(time.Hour) },
		"in somebody else's name":   func(g *trust.CodeGrant) { g.By = ben.Account },
		"for nobody":                func(g *trust.CodeGrant) { g.Account = models.AccountID{1} },
		"at no desk of this house":  func(g *trust.CodeGrant) { g.Desk = models.DeskID{1} },
		"of another organisation":   func(g *trust.CodeGrant) { g.Org = models.OrgID{1} },
		"for an hour that has been": func(g *trust.CodeGrant) { g.Made, g.Until = g.Made.Add(-time.Hour), g.Until.Add(-time.Hour) },
	} {
		if err := grant(admin, how); codeOf(err) != wire.CodeInvalid {
			t.Errorf("%s: %v", what, err)
		}
	}
	makeAdmin(t, w, admin, ben.Account)
	theirs := at.Author()
	g := trust.CodeGrant{CodePlace: first.CodePlace(eve.Account), By: theirs.Account, Made: w.Clock.Now(), Until: w.Clock.Now().Add(time.Minute)}
	err := admin.Connection().Call(t.Context(), wire.TypeCodeMake, wire.CodeMake{Grant: trust.NewCodeGrant(g, theirs.Key)}, new(wire.Empty))
	refused(t, err, wire.CodeInvalid) // what another admin has signed, handed in by this one
	if _, _, err := admin.MakeCode(t.Context(), admin.Account(), first.ID()); !errors.Is(err, trust.ErrCode) {
		t.Errorf("an honest desk makes its admin a code: %v", err)
	}
	w.Clock.Move(2 * time.Minute)
	_, _, err = admin.MakeCode(t.Context(), ben.Account, first.ID())
	if !client.NeedsProof(err) {
		t.Errorf("an admin's open desk makes a code for who sits down: %v", err)
	}
	var last error
	for range 12 {
		last = grant(admin, nil)
	}
	refused(t, last, wire.CodeWait)
}

// makeAdmin makes somebody an admin.
func makeAdmin(t *testing.T, w *chattest.World, admin *client.Session, account models.AccountID) {
	t.Helper()
	w.Prove(admin)
	by := admin.Author()
	signed, err := admin.Directory().SignRole(by.Account, by.Key, account, true, by.At)
	must(t, err)
	_, err = admin.AppendRaw(wire.LogAppend{Kind: models.EntryStatement, Message: models.MessageID{9}, Body: signed, Boxes: []wire.Box{}})
	must(t, err)
}

// A server lets somebody in by a code of its own: the desk does not take part, since no admin of the directory has signed for this very code.
func TestCodeThatNoAdminMade(t *testing.T) {
	w, first, admin, ben := people(t)
	s := w.LogIn(first, ben)
	place := first.CodePlace(ben.Account)
	stretched := trust.Secret{1}
	good := trust.CodeGrant{CodePlace: place, By: admin.Account(), Made: w.Clock.Now(), Until: w.Clock.Now().Add(time.Minute), Verifier: trust.CodeVerifier(stretched)}
	sign := func(by *client.Session, how func(*trust.CodeGrant)) []byte {
		g := good
		if how != nil {
			how(&g)
		}
		return trust.NewCodeGrant(g, by.Author().Key)
	}
	must(t, s.Granted(sign(admin, nil), stretched))
	for what, grant := range map[string][]byte{
		"nothing":                nil,
		"signed by the person":   sign(s, nil),
		"by one who is no admin": sign(s, func(g *trust.CodeGrant) { g.By = ben.Account }),
		"of another code":        sign(admin, func(g *trust.CodeGrant) { g.Verifier = models.Hash{} }),
		"for another desk":       sign(admin, func(g *trust.CodeGrant) { g.Desk = models.DeskID{9} }),
	} {
		if err := s.Granted(grant, stretched); !errors.Is(err, client.ErrCodeUnasked) {
			t.Errorf("%s: %v", what, err)
		}
	}
}

// With phrase and code a person is back whose face is not accepted; the code is used up.
func TestRecoveryByCode(t *testing.T) {
	w, first, admin, ben := people(t)
	c := code(t, w, admin, ben, first)
	r, err := first.ProvePhrase(t.Context(), w.Connect(first), ben.Name, ben.Phrase)
	must(t, err)
	wrong := c
	wrong[0] ^= 1
	notTheCode(t, "a guess", r.UseCode(t.Context(), wrong))
	must(t, r.UseCode(t.Context(), c))
	_, err = finished(t, r, []byte(otherPassword))
	must(t, err)
	ben.Password = otherPassword
	_, err = byCode(t, w, first, ben, c)
	notTheCode(t, "used in the recovery", err)
	w.LogIn(first, ben)
}

// A reset is an admin's, for somebody else, freshly proven.
func TestFaceResetRefused(t *testing.T) {
	w, first, admin, ben := people(t)
	at := w.LogIn(first, ben)
	refused(t, at.ResetFace(t.Context(), admin.Account()), wire.CodeNotAllowed)
	w.Prove(admin)
	refused(t, admin.ResetFace(t.Context(), admin.Account()), wire.CodeNotAllowed)
	refused(t, admin.ResetFace(t.Context(), models.AccountID{1}), wire.CodeNotFound)
	w.Clock.Move(2 * time.Minute)
	if err := admin.ResetFace(t.Context(), ben.Account); !client.NeedsProof(err) {
		t.Errorf("at an admin's open desk: %v", err)
	}
}
