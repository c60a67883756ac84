package ui

import (
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/test"

	"visavis/cmd/visavis/internal/flow"
)

// keys are what is typed without a letter.
func (w *world) key(names ...fyne.KeyName) {
	for _, name := range names {
		f := w.window.Canvas().Focused()
		if f == nil {
			w.Window.key(&fyne.KeyEvent{Name: name})
			continue
		}
		if name == fyne.KeyTab {
			w.window.Canvas().FocusNext()
			continue
		}
		f.TypedKey(&fyne.KeyEvent{Name: name})
		if name == fyne.KeySpace {
			f.TypedRune(' ')
		}
	}
}

// typed types into whatever has the focus.
func (w *world) typed(text string) {
	test.Type(w.window.Canvas().Focused(), text)
}

// TestLogInByKeys goes through the log-in without a mouse.
func TestLogInByKeys(t *testing.T) {
	w := newWorld(t, screens[0])
	w.Show(desk(flow.LogIn))
	w.key(fyne.KeyReturn, fyne.KeyReturn) // on to the password, and back to the name, which is missing
	if events := w.take(); len(events) != 0 || w.window.Canvas().Focused() != fyne.Focusable(w.page.(*logIn).name) {
		t.Fatalf("an empty form posts %v", events)
	}
	w.typed("alice")
	w.key(fyne.KeyTab)
	w.typed("four words and more")
	w.key(fyne.KeyReturn)
	events := w.take()
	if len(events) != 1 {
		t.Fatalf("posted %v, want the log-in alone", events)
	}
	asked := events[0].(flow.LogInAsked)
	if asked.Name != "alice" || string(asked.Password) != "four words and more" {
		t.Fatalf("posted %q with %d bytes", asked.Name, len(asked.Password))
	}
	busy := desk(flow.LogIn)
	busy.Busy = flow.Checking
	w.Show(busy)
	w.key(fyne.KeyReturn)
	if events := w.take(); len(events) != 0 {
		t.Errorf("a second Enter while it is checked posts %v", events)
	}
	wrong := desk(flow.LogIn)
	wrong.Problem.Kind = flow.WrongPassword
	w.Show(wrong)
	p := w.page.(*logIn)
	if p.name.Text != "alice" || p.password.Text != "" || w.window.Canvas().Focused() != fyne.Focusable(p.password) {
		t.Error("after a wrong password, the name stays, the password goes and is typed anew")
	}
}

// TestSignUpByKeys goes through the sign-up without a mouse, with each mistake that it catches by itself.
func TestSignUpByKeys(t *testing.T) {
	w := newWorld(t, screens[1])
	w.Show(desk(flow.SignUp))
	p := w.page.(*signUp)
	p.submit.OnTapped()
	if !p.wrong.object.Visible() || len(w.take()) != 0 {
		t.Fatal("signed up without consent")
	}
	w.key(fyne.KeySpace) // the focus is on the consent
	if !p.consent.Checked {
		t.Fatal("Space does not tick the consent")
	}
	w.window.Canvas().Focus(p.name)
	w.typed("alice")
	w.key(fyne.KeyReturn)
	w.typed(" alice@example.org")
	w.key(fyne.KeyReturn)
	w.typed("correct horse battery")
	w.key(fyne.KeyReturn)
	w.typed("correct horse batterx")
	w.key(fyne.KeyReturn)
	if p.wrong.text.Text != say("signup.differ") || len(w.take()) != 0 {
		t.Fatal("two passwords that differ are taken")
	}
	w.key(fyne.KeyBackspace)
	w.typed("y")
	w.key(fyne.KeyReturn)
	want := flow.SignUpAsked{
		Name: "alice", Email: "alice@example.org", Password: flow.Password("correct horse battery"), Consent: say("consent.text"),
	}
	if events := w.take(); len(events) != 1 || !reflect.DeepEqual(events[0], want) {
		t.Fatalf("posted %#v", events)
	}
	taken := desk(flow.SignUp)
	taken.Problem.Kind = flow.NameTaken
	w.Show(taken)
	if w.window.Canvas().Focused() != fyne.Focusable(p.name) {
		t.Error("a name that is taken does not get the focus")
	}
}

func TestEnrolByKeys(t *testing.T) {
	w := newWorld(t, screens[0])
	w.Show(desk(flow.Enrol))
	w.key(fyne.KeyReturn)
	if p := w.page.(*enrol); p.wrong.text.Text != say("enrol.empty") {
		t.Error("no invite, and nothing is said")
	}
	w.typed("invite1\n")
	w.key(fyne.KeyTab)
	w.typed("Reception")
	w.key(fyne.KeyReturn)
	events := w.take()
	if len(events) != 1 || events[0].(flow.EnrolAsked).Invite.Reveal() != "invite1" || events[0].(flow.EnrolAsked).Name != "Reception" {
		t.Fatalf("posted %v", events)
	}
}

func TestInviteFromOutside(t *testing.T) {
	w := newWorld(t, screens[0])
	w.kit.invite = flow.NewSecret("invite2")
	w.Show(desk(flow.Enrol))
	if p := w.page.(*enrol); p.invite.Text != "invite2" || w.window.Canvas().Focused() != fyne.Focusable(p.name) {
		t.Error("an invite that came from outside does not stand in its field")
	}
}

// TestOnceOnly holds that what is shown once has to be ticked before one goes on.
func TestOnceOnly(t *testing.T) {
	for page, want := range map[flow.Page]flow.Event{flow.Sheet: flow.SheetKept{}, flow.Phrase: flow.PhraseKept{}} {
		w := newWorld(t, screens[0])
		s := desk(page)
		s.Secret = flow.NewSecret(map[flow.Page]string{flow.Sheet: someSheet, flow.Phrase: somePhrase}[page])
		w.Show(s)
		w.key(fyne.KeyTab, fyne.KeyReturn)
		if slices.Contains(w.take(), want) {
			t.Errorf("%s goes on unticked", page)
		}
		w.window.Canvas().Focus(w.page.focus())
		w.key(fyne.KeySpace, fyne.KeyTab, fyne.KeyReturn)
		if events := w.take(); len(events) != 1 || events[0] != want {
			t.Errorf("%s posts %v", page, events)
		}
	}
}

// TestSheetIsWhole holds that nothing of the sheet or the phrase is lost by the way in which it is laid out.
func TestSheetIsWhole(t *testing.T) {
	squeeze := func(text string) string {
		return strings.NewReplacer("-", "", "\n", "", " ", "", ":", "").Replace(text)
	}
	w := newWorld(t, screens[0])
	s := desk(flow.Sheet)
	s.Secret = flow.NewSecret(someSheet)
	w.Show(s)
	var shown strings.Builder
	for _, l := range w.page.(*once).texts {
		shown.WriteString(l.Text)
	}
	if squeeze(shown.String()) != squeeze(someSheet) {
		t.Errorf("the sheet is shown as %q", shown.String())
	}
	s.Page, s.Secret = flow.Phrase, flow.NewSecret(somePhrase)
	w.Show(s)
	shown.Reset()
	for _, l := range w.page.(*once).texts {
		shown.WriteString(l.Text)
	}
	if squeeze(shown.String()) != squeeze(somePhrase) {
		t.Errorf("the phrase is shown as %q", shown.String())
	}
}

// TestLeavingWipes holds that what was typed or shown on a page is nowhere in its tree once it is left.
func TestLeavingWipes(t *testing.T) {
	const typed = "squeamish ossifrage"
	w := newWorld(t, screens[0])
	for name, s := range entryStates() {
		if s.Busy != flow.Idle || s.Page == flow.Starting {
			continue
		}
		w.Show(s)
		page := w.page
		walk(page.content(), func(o fyne.CanvasObject) bool {
			if f, ok := o.(*field); ok {
				f.SetText(typed)
			}
			return true
		})
		w.Show(desk(flow.Starting))
		left := texts(page.content()) + w.everything()
		for _, secret := range []string{typed, "ABCD-EFGH", "IJKL-EFGH", "abcd", "yz23", "alice"} {
			if strings.Contains(left, secret) {
				t.Errorf("%s: %q is still there after the page was left", name, secret)
			}
		}
	}
}

// TestRevealedIsHiddenAgain holds that a page that comes back hides passwords again.
func TestRevealedIsHiddenAgain(t *testing.T) {
	w := newWorld(t, screens[0])
	w.Show(desk(flow.LogIn))
	p := w.page.(*logIn)
	p.reveal.SetChecked(true)
	if p.password.Password {
		t.Fatal("the tick reveals nothing")
	}
	w.Show(desk(flow.SignUp))
	w.Show(desk(flow.LogIn))
	if !w.page.(*logIn).password.Password {
		t.Error("the password of whoever comes next is shown")
	}
}

func TestLockedByKeys(t *testing.T) {
	w := newWorld(t, screens[0])
	s := desk(flow.Locked)
	s.Busy = flow.Locking
	w.Show(s)
	w.key(fyne.KeyReturn)
	if events := w.take(); len(events) != 0 {
		t.Errorf("Enter before the lock is closed posts %v", events)
	}
	s.Busy = flow.Idle
	w.Show(s)
	w.key(fyne.KeyReturn, fyne.KeyTab, fyne.KeyReturn)
	if events := w.take(); !reflect.DeepEqual(events, []flow.Event{flow.Pressed{}, flow.LogOutAsked{}}) {
		t.Errorf("Enter, Tab, Enter post %v", events)
	}
}

func TestTypedIsTold(t *testing.T) {
	w := newWorld(t, screens[0])
	told := 0
	w.kit.typed = func() { told++ }
	w.Show(desk(flow.LogIn))
	w.typed("abc")
	if told != 3 {
		t.Errorf("3 letters were told of %d times", told)
	}
}

func TestTabLeavesTheInvite(t *testing.T) {
	w := newWorld(t, screens[0])
	w.Show(desk(flow.Enrol))
	if tabs, ok := fyne.CanvasObject(w.page.(*enrol).invite).(fyne.Tabbable); !ok || tabs.AcceptsTab() {
		t.Error("Tab stays in the invite's field")
	}
	w.page.(*enrol).invite.KeyDown(&fyne.KeyEvent{Name: desktop.KeyShiftLeft})
	if !w.page.(*enrol).invite.shifts {
		t.Error("Shift is not seen")
	}
	w.pass(time.Second)
}
