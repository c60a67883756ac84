package ui

import (
	"strings"
	"testing"

	"fyne.io/fyne/v2"

	"visavis/cmd/visavis/internal/flow"
	"visavis/models"
)

// Name, phrase and Enter, as people type from paper; what is not whole is not sent, and nothing of it stays.
func TestRecoverByKeys(t *testing.T) {
	w := newWorld(t, screens[1])
	w.Show(desk(flow.LogIn))
	w.press(say("login.forgot"))
	if got := w.only(); got != (flow.Went{To: flow.Recover}) {
		t.Fatalf("posted %v", got)
	}
	w.Show(desk(flow.Recover))
	p := w.page.(*recoverPage)
	w.typed("ben")
	w.key(fyne.KeyReturn)
	if w.window.Canvas().Focused() != fyne.Focusable(p.phrase) {
		t.Fatal("Enter does not go on to the phrase")
	}
	letters := strings.ReplaceAll(somePhrase, "-", "")
	w.typed(strings.ToUpper(letters[:10]))
	w.key(fyne.KeyReturn)
	if len(w.take()) != 0 || !p.left.object.Visible() {
		t.Fatal("a part of a phrase is sent, or nobody says how much is missing")
	}
	w.typed(letters[10:])
	if got := strings.ToLower(p.phrase.Text); got != somePhrase {
		t.Errorf("it was grouped as %q", got)
	}
	w.key(fyne.KeyReturn)
	asked, ok := w.only().(flow.RecoverAsked)
	if !ok || asked.Name != "ben" || phraseText(string(asked.Phrase)) != letters {
		t.Fatalf("posted %v", asked)
	}
	w.Show(desk(flow.LogIn))
	if p.name.Text != "" || p.phrase.Text != "" {
		t.Error("something of it stays")
	}
}

func TestRenewByKeys(t *testing.T) {
	w := newWorld(t, screens[1])
	w.Show(desk(flow.Renew))
	p := w.page.(*renewPage)
	w.typed("four words and more")
	w.key(fyne.KeyReturn)
	w.typed("four words and mere")
	w.key(fyne.KeyReturn)
	if len(w.take()) != 0 || !p.wrong.object.Visible() {
		t.Fatal("two passwords that differ")
	}
	p.again.SetText("")
	w.typed("four words and more")
	w.key(fyne.KeyReturn)
	if got, ok := w.only().(flow.PasswordChosen); !ok || string(got.Password) != "four words and more" {
		t.Fatalf("posted %v", got)
	}
	w.Show(desk(flow.LogIn))
	if p.password.Text != "" || p.again.Text != "" {
		t.Error("something of it stays")
	}
}

// A code is typed in the place of a look to log in or to recover, and of no other.
func TestCodeByKeys(t *testing.T) {
	w := newWorld(t, screens[1])
	look := func(p flow.Purpose) flow.State {
		s := desk(flow.Look)
		s.Capture.Purpose = p
		return s
	}
	for _, purpose := range []flow.Purpose{flow.ToSignUp, flow.ToAgain, flow.ToTry, flow.ToUnlock} {
		w.Show(look(purpose))
		if w.page.(*lookPage).code.object.Visible() {
			t.Errorf("a code may stand for a look to %s", purpose)
		}
	}
	w.Show(desk(flow.LogIn))
	w.Show(look(flow.ToLogIn))
	p := w.page.(*lookPage)
	w.press(say("code.ask"))
	if w.window.Canvas().Focused() != fyne.Focusable(p.code.field) {
		t.Fatal("the field has not the focus")
	}
	w.typed("abcdefghij")
	w.key(fyne.KeyReturn)
	if len(w.take()) != 0 {
		t.Fatal("half a code was sent")
	}
	w.typed("23")
	w.key(fyne.KeyReturn)
	if got, ok := w.only().(flow.CodeTyped); !ok || string(got.Code) != "abcd-efgh-ij23" {
		t.Fatalf("posted %v", got)
	}
	w.Show(desk(flow.LogIn))
	if p.code.field.Text != "" {
		t.Error("the code stays")
	}
}

func TestHelp(t *testing.T) {
	w, s := opened(t, flow.Help)
	p := w.panel.(*help)
	row := func(id models.AccountID) { p.book.roll.current = shortID(id) }
	row(s.Person.Account)
	press(p.book.roll, fyne.KeyReturn)
	if len(w.take()) != 0 || !p.whom.ID.IsZero() {
		t.Fatal("an admin helps himself")
	}
	row(account(2))
	press(p.book.roll, fyne.KeyReturn)
	if p.whom.ID != account(2) || !p.book.roll.hasCurrent() {
		t.Fatal("no desk is asked for, or the keys are at none")
	}
	w.press(say("help.make"))
	a := w.action()
	if a.Verb != flow.MakeCode || a.Account != account(2) || a.Desk.IsZero() {
		t.Errorf("it asked for %+v", a)
	}
	s.Secret, s.Until = flow.NewSecret("abcd-efgh-ij23"), w.now
	w.Show(s)
	if p.code.Text != "abcd-efgh-ij23" || !p.slip.Visible() || !p.whom.ID.IsZero() || !strings.Contains(p.about.Text, "09:30") {
		t.Errorf("shown: %q, %q", p.code.Text, p.about.Text)
	}
	w.press(say("help.reset"))
	if len(w.take()) != 0 {
		t.Fatal("forgiven without a question")
	}
	w.press(say("help.reset.really"))
	if got := w.action(); got.Verb != flow.ResetFace || got.Account == s.Person.Account {
		t.Errorf("it asked for %+v", got)
	}
	s.Panel, s.Secret = flow.NoPanel, flow.Secret{}
	w.Show(s)
	if p.code.Text != "" || p.about.Text != "" {
		t.Error("the code stays")
	}
}
