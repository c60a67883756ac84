package ui

import (
	"strings"
	"testing"

	"fyne.io/fyne/v2"

	"visavis/cmd/visavis/internal/flow"
)

const somePepper = "visavis-pepper-1:hgF4HmRpci92YXVsdC1wZXBwZXIBWCAREhMUFRYXGBkaGxwdHh8gISIjJCUmJygpKissLS4vMFggQUJDREVGR0hJSktMTU5PUFFSU1RVVldYWVpbXF1eX2CgAAECAw"

func pepperState(x flow.Peppers, secret string) flow.State {
	s := insideState()
	s.Panel, s.Peppers, s.Secret = flow.VaultPepper, x, flow.NewSecret(secret)
	return s
}

// The pepper is replaced once it was asked whether it is meant, by the keys alone; and nothing of it stays when the panel is left.
func TestPepperPanel(t *testing.T) {
	w, s := opened(t, flow.Desks)
	w.press(say("desks.lost"))
	if got := w.only(); got != (flow.PanelOpened{Panel: flow.VaultPepper}) {
		t.Fatalf("posted %v", got)
	}
	s.Panel = flow.VaultPepper
	w.Show(s)
	p := w.panel.(*pepper)
	if !p.replace.Disabled() || !strings.Contains(w.everything(), say("pepper.looking")) {
		t.Fatal("it may be replaced before anybody knows how it stands")
	}
	s.Peppers = flow.Peppers{Looked: true, Moved: 7, All: 7}
	w.Show(s)
	if p.drop.Visible() {
		t.Error("there is nothing to be forgotten")
	}
	w.press(say("pepper.replace"))
	if len(w.take()) != 0 || !p.asking.Visible() || w.window.Canvas().Focused() != p.no {
		t.Fatal("it is replaced without a question, or the question begins at yes")
	}
	press(p.no, fyne.KeyReturn)
	w.press(say("pepper.replace"))
	press(p.really, fyne.KeyReturn)
	if got := w.action(); got != (flow.Action{Verb: flow.ReplacePepper}) {
		t.Fatalf("it asked for %+v", got)
	}
	s.Peppers, s.Secret = flow.Peppers{Looked: true, Moved: 1, All: 7, Older: 1}, flow.NewSecret(somePepper)
	w.Show(s)
	if p.text.Text != somePepper || w.window.Canvas().Focused() != p.copied || !p.drop.Visible() || !p.drop.Disabled() {
		t.Error("the text is not shown, or the old one can be forgotten while six need it")
	}
	if !strings.Contains(w.everything(), say("pepper.moving", "moved", 1, "all", 7)) || p.part.share < 0.14 || p.part.share > 0.15 {
		t.Errorf("nobody says how many have moved: %q, %.2f", p.state.text.Text, p.part.share)
	}
	press(p.copied, fyne.KeyReturn)
	if w.app.Clipboard().Content() != somePepper {
		t.Error("it is not copied")
	}
	s.Peppers.Moved = 7
	w.Show(s)
	press(p.drop, fyne.KeyReturn)
	if got := w.action(); got != (flow.Action{Verb: flow.DropPeppers}) {
		t.Errorf("it asked for %+v", got)
	}
	s.Panel, s.Secret, s.Peppers = flow.NoPanel, flow.Secret{}, flow.Peppers{}
	w.Show(s)
	if p.text.Text != "" || p.secret.Reveal() != "" {
		t.Error("the pepper stays")
	}
	w.Show(desk(flow.LogIn))
	if w.app.Clipboard().Content() != "" {
		t.Error("the pepper stays in the clipboard when its person has gone")
	}
}

// Where a pepper is missing the log-in leads to the page that takes it: pasted, Enter; and what is none is not sent.
func TestBringByKeys(t *testing.T) {
	w := newWorld(t, screens[1])
	s := desk(flow.LogIn)
	w.Show(s)
	if w.page.(*logIn).bring.Visible() {
		t.Fatal("everybody is asked for a pepper")
	}
	s.Problem = flow.Problem{Kind: flow.NoPepper}
	w.Show(s)
	w.press(say("login.bring"))
	if got := w.only(); got != (flow.Went{To: flow.Bring}) {
		t.Fatalf("posted %v", got)
	}
	w.Show(desk(flow.Bring))
	p := w.page.(*bring)
	w.key(fyne.KeyReturn)
	w.typed("visavis-invite-1:abc")
	w.key(fyne.KeyReturn)
	if len(w.take()) != 0 || !p.wrong.object.Visible() {
		t.Fatal("what is no pepper is sent, or nobody says so")
	}
	p.text.SetText("  " + somePepper + "\n")
	w.key(fyne.KeyReturn)
	if got, ok := w.only().(flow.PepperBrought); !ok || string(got.Text) != somePepper {
		t.Fatalf("posted %v", got)
	}
	busy := desk(flow.Bring)
	busy.Busy = flow.Checking
	w.Show(busy)
	w.key(fyne.KeyReturn)
	if len(w.take()) != 0 {
		t.Error("it was sent twice")
	}
	failed := desk(flow.Bring)
	failed.Problem = flow.Problem{Kind: flow.BadPepper}
	w.Show(failed)
	if p.text.Text == "" || w.window.Canvas().Focused() != fyne.Focusable(p.text) || !strings.Contains(w.everything(), say("problem.bad-pepper.what")) {
		t.Error("what was typed is gone, or nobody says what is wrong with it")
	}
	w.key(fyne.KeyEscape)
	if got := w.only(); got != (flow.Cancelled{}) {
		t.Errorf("Esc posted %v", got)
	}
	w.Show(desk(flow.LogIn))
	if p.text.Text != "" {
		t.Error("the pepper stays")
	}
}
