package kiosk

import (
	"strings"
	"testing"
	"time"

	"visavis/chat/chattest"
	"visavis/cmd/visavis/internal/flow"
	"visavis/models"
)

// joined is founded with ben, who was approved; nobody is logged in. It returns ben's phrase.
func joined(t *testing.T, w *chattest.World) (*desk, models.AccountID, string) {
	t.Helper()
	d := founded(t, w)
	d.k.Post(flow.Went{To: flow.SignUp})
	d.until("a sign-up", on(flow.SignUp))
	d.captured("ben", 2)
	phrase, s := d.notes()
	print := string(s.Applicant.Fingerprint)
	d.k.Post(flow.Cancelled{})
	d.until("the log-in", on(flow.LogIn))
	d.logIn("ada", 1)
	d.k.Post(flow.PanelOpened{Panel: flow.Approvals})
	row := d.until("ben in the list", func(s flow.State) bool { return len(s.Admin.Signups) == 1 }).Admin.Signups[0]
	d.do(flow.Action{Verb: flow.ApproveSignup, Account: row.Account, Text: print})
	d.until("ben approved", func(s flow.State) bool { return s.Note == flow.NoteSignup })
	return d, row.Account, phrase
}

func (d *desk) logOut() {
	d.t.Helper()
	d.k.Post(flow.LogOutAsked{})
	d.until("logged out", on(flow.LogIn))
}

func wiped(t *testing.T, what string, p flow.Password) {
	t.Helper()
	for _, b := range p {
		if b != 0 {
			t.Errorf("%s was not wiped", what)
			return
		}
	}
}

// ben has forgotten his password: the phrase, his face, another password, another phrase.
func TestForgottenPassword(t *testing.T) {
	w := chattest.New(t, nil)
	d, _, phrase := joined(t, w)
	d.logOut()
	d.showFace(2)
	d.k.Post(flow.Went{To: flow.Recover})
	d.until("the page", on(flow.Recover))
	d.k.Post(flow.RecoverAsked{Name: "ben", Phrase: flow.Password(phrase[:len(phrase)-1])})
	d.until("mistyped", said(flow.BadPhrase))
	d.k.Post(flow.RecoverAsked{Name: "ada", Phrase: flow.Password(phrase)})
	d.until("another's", said(flow.WrongPhrase))
	typed := flow.Password(strings.ToUpper(strings.ReplaceAll(phrase, "-", " ")))
	d.k.Post(flow.RecoverAsked{Name: "ben", Phrase: typed})
	d.until("the look", looksTo(flow.ToRecover))
	d.showFace(9)
	d.k.Post(flow.Pressed{})
	d.until("a stranger's face", func(s flow.State) bool { return looksTo(flow.ToRecover)(s) && s.Problem.Kind == flow.FaceRefused })
	d.showFace(2)
	d.k.Post(flow.Pressed{})
	d.until("a new password", on(flow.Renew))
	wiped(t, "the phrase", typed)
	d.k.Post(flow.PasswordChosen{Password: flow.Password("password")})
	d.until("too easy", func(s flow.State) bool { return s.Page == flow.Renew && s.Problem.Kind == flow.WeakPassword })
	chosen := password("ben again")
	d.k.Post(flow.PasswordChosen{Password: chosen})
	fresh, s := d.notes()
	if fresh == "" || fresh == phrase {
		t.Error("no new phrase is shown")
	}
	wiped(t, "the password", chosen)
	if s.Page != flow.LogIn || s.Note != flow.NoteRecovered || !s.Secret.IsZero() {
		t.Errorf("%+v", s)
	}
	d.k.Post(flow.LogInAsked{Name: "ben", Password: password("ben again")})
	d.until("a look", looksTo(flow.ToLogIn))
	d.k.Post(flow.Pressed{})
	d.until("ben inside", on(flow.Inside))
}

// Who walks away between the proofs and the new password leaves an open vault to nobody.
func TestAHalfMadeRecoveryIsNobodyElses(t *testing.T) {
	for what, leave := range map[string]func(*desk){
		"the chair is empty": func(d *desk) { d.seesNobody(50) },
		"nobody goes on":     func(d *desk) { d.clock.move(choosing) },
		"Esc":                func(d *desk) { d.k.Post(flow.Cancelled{}) },
		"the link is cut":    func(d *desk) { d.cable.pull() },
	} {
		w := chattest.New(t, nil)
		d, _, phrase := joined(t, w)
		d.logOut()
		d.showFace(2)
		d.k.Post(flow.Went{To: flow.Recover})
		d.k.Post(flow.RecoverAsked{Name: "ben", Phrase: flow.Password(phrase)})
		d.until("the look", looksTo(flow.ToRecover))
		d.k.Post(flow.Pressed{})
		d.still("a new password", on(flow.Renew))
		leave(d)
		d.still(what, on(flow.Recover))
		d.settle()
		if d.k.entry != nil {
			t.Errorf("%s: something is kept", what)
		}
		d.k.Post(flow.PasswordChosen{Password: password("somebody else")})
		d.settle()
		if s := d.state(); s.Page != flow.Recover {
			t.Errorf("%s: the next person goes on to %s", what, brief(s))
		}
	}
}

// ada makes ben a code at this desk; his face is not accepted, and he is in, and told by whom.
func TestCodeInTheWindow(t *testing.T) {
	w := chattest.New(t, nil)
	d, ben, _ := joined(t, w)
	d.k.Post(flow.PanelOpened{Panel: flow.Help})
	d.do(flow.Action{Verb: flow.MakeCode, Account: ben, Desk: d.k.desk.ID()})
	s := d.until("a code", func(s flow.State) bool { return !s.Secret.IsZero() })
	if left := s.Until.Sub(w.Clock.Now()); left <= 0 || left > 10*time.Minute {
		t.Errorf("good for %v", left)
	}
	code := s.Secret.Reveal()
	d.k.Post(flow.PanelOpened{})
	if s := d.until("the panel is closed", func(s flow.State) bool { return s.Panel == flow.NoPanel }); !s.Secret.IsZero() {
		t.Error("the code stays")
	}
	d.logOut()

	d.showFace(9)
	d.k.Post(flow.LogInAsked{Name: "ben", Password: password("ben")})
	d.until("a look", looksTo(flow.ToLogIn))
	d.k.Post(flow.Pressed{})
	d.until("refused", said(flow.FaceRefused))
	wrong := flow.Password(strings.Replace(code, code[:1], map[bool]string{true: "b", false: "a"}[code[0] == 'a'], 1))
	d.k.Post(flow.CodeTyped{Code: wrong})
	d.until("mistyped", func(s flow.State) bool { return looksTo(flow.ToLogIn)(s) && s.Problem.Kind == flow.BadCode })
	wiped(t, "the code", wrong)
	d.k.Post(flow.CodeTyped{Code: flow.Password(strings.ToUpper(code))})
	s = d.until("ben inside", on(flow.Inside))
	if s.Person.Name != "ben" || s.Problem.Kind != flow.CameByCode || s.Problem.Detail != "ada" {
		t.Errorf("%+v: %+v", s.Person, s.Problem)
	}
	d.logOut()
	d.k.Post(flow.LogInAsked{Name: "ben", Password: password("ben")})
	d.until("a look", looksTo(flow.ToLogIn))
	d.k.Post(flow.CodeTyped{Code: flow.Password(code)})
	d.until("used", said(flow.WrongCode))
}

// ben has lost everything: ada lets him sign up anew, and compares the fingerprint.
func TestRenewalInTheWindow(t *testing.T) {
	w := chattest.New(t, nil)
	d, ben, _ := joined(t, w)
	form := func() flow.SignUpAsked {
		return flow.SignUpAsked{Name: "ben", Email: "ben@example.org", Password: password("ben anew"), Consent: chattest.Consent, Renews: true}
	}
	d.logOut()
	d.showFace(22)
	d.k.Post(flow.Went{To: flow.SignUp})
	d.k.Post(form())
	d.until("nobody has allowed it", said(flow.NoRenewal))
	d.k.Post(flow.Cancelled{})
	d.logIn("ada", 1)
	d.do(flow.Action{Verb: flow.AllowRenewal, Account: ben})
	d.until("allowed", func(s flow.State) bool { return s.Note == flow.NoteAllowed })
	d.logOut()

	d.showFace(22)
	d.k.Post(flow.Went{To: flow.SignUp})
	d.k.Post(form())
	d.until("the look", looksTo(flow.ToSignUp))
	d.k.Post(flow.Pressed{})
	d.until("the question of glasses", on(flow.Glasses))
	d.k.Post(flow.AgainAsked{})
	d.until("the try", looksTo(flow.ToTry))
	d.k.Post(flow.Pressed{})
	_, up := d.notes()
	print := string(up.Applicant.Fingerprint)
	d.k.Post(flow.Cancelled{})
	d.until("the log-in", on(flow.LogIn))

	d.logIn("ada", 1)
	d.k.Post(flow.PanelOpened{Panel: flow.Approvals})
	row := d.until("ben in the list", func(s flow.State) bool { return len(s.Admin.Signups) == 1 }).Admin.Signups[0]
	if !row.Renews || row.Account != ben || row.Blocked != "" {
		t.Errorf("%+v", row)
	}
	d.do(flow.Action{Verb: flow.ApproveSignup, Account: ben, Text: print})
	d.until("approved", func(s flow.State) bool { return s.Note == flow.NoteRenewed && len(s.Admin.Signups) == 0 })
	d.logOut()
	d.showFace(22)
	d.k.Post(flow.LogInAsked{Name: "ben", Password: password("ben anew")})
	d.until("a look", looksTo(flow.ToLogIn))
	d.k.Post(flow.Pressed{})
	d.until("ben inside", on(flow.Inside))
}
