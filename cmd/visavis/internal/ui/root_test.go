package ui

import (
	"strings"
	"testing"

	"fyne.io/fyne/v2"

	"visavis/chat/trust"
	"visavis/cmd/visavis/internal/flow"
	"visavis/models"
)

var castSheet = trust.RootSheet{Org: models.OrgID{1}, CA: models.Hash{2}, Root: trust.Secret{3}, Pepper: trust.Pepper{4}}

func rootState(busy flow.Busy, p flow.Problem) flow.State {
	s := desk(flow.ByRoot)
	s.Busy, s.Problem = busy, p
	s.Root = flow.Root{Opened: true, Organisation: "Riverside Clinic", Desks: 3, People: []flow.RootPerson{
		{Account: account(50), Name: "Priya Raman", Waits: true}, {Account: account(52), Name: "Mallory", Waits: true, Blocked: "The workstation it came from has been revoked since."},
		{Account: account(1), Name: lena, Admin: true}, {Account: account(2), Name: jose}, {Account: account(4), Name: long},
	}}
	return s
}

// The sheet is typed line by line with Enter, each checked as it is whole; what is not right is not sent, and nothing of it stays when it was.
func TestRootByKeys(t *testing.T) {
	w := newWorld(t, screens[1])
	w.Show(desk(flow.Recover))
	w.press(say("recover.root"))
	if got := w.only(); got != (flow.Went{To: flow.ByRoot}) {
		t.Fatalf("posted %v", got)
	}
	w.Show(desk(flow.ByRoot))
	p := w.page.(*rootPage)
	var values []string
	for line := range strings.Lines(castSheet.Text()) {
		if _, value, ok := strings.Cut(line, ": "); ok {
			values = append(values, strings.TrimSpace(value))
		}
	}
	for i, value := range values[:3] {
		if w.window.Canvas().Focused() != fyne.Focusable(p.lines[i]) {
			t.Fatalf("line %d has not the focus", i)
		}
		w.typed(strings.ToUpper(value))
		w.key(fyne.KeyReturn)
	}
	w.typed(values[2]) // the line before once more
	if !p.wrong.object.Visible() || p.wrong.text.Text != say("root.letter", "line", "vault pepper") {
		t.Errorf("nobody says that the line is wrong: %q", p.wrong.text.Text)
	}
	w.key(fyne.KeyReturn)
	p.lines[3].SetText(values[3][:30])
	w.key(fyne.KeyReturn)
	if len(w.take()) != 0 || p.wrong.text.Text != say("root.short", "line", "vault pepper") {
		t.Fatalf("what is not right is sent, or nobody says why: %q", p.wrong.text.Text)
	}
	p.lines[3].SetText(values[3])
	w.key(fyne.KeyReturn)
	typed, ok := w.only().(flow.SheetTyped)
	if !ok {
		t.Fatal("it is not sent")
	}
	if sheet, err := trust.ParseRootSheet(string(typed.Text)); err != nil || sheet != castSheet {
		t.Errorf("another sheet was sent: %v", err)
	}
	w.Show(rootState(flow.Idle, flow.Problem{}))
	w.photograph("root-opened")
	for _, f := range p.lines {
		if f.Text != "" {
			t.Error("a line of the sheet stays")
		}
	}
	if p.form.Visible() || !strings.Contains(w.everything(), jose) || !strings.Contains(p.state.Text, "Riverside Clinic") {
		t.Error("the organisation is not shown")
	}
}

// A member is made an admin once it was asked whether it is meant; who waits is let in with the fingerprint that was typed, and not without.
func TestRootNames(t *testing.T) {
	w := newWorld(t, screens[1])
	w.Show(rootState(flow.Idle, flow.Problem{}))
	p := w.page.(*rootPage)
	at := func(id models.AccountID) { p.book.roll.current = shortID(id) }
	at(account(2))
	press(p.book.roll, fyne.KeyReturn)
	if len(w.take()) != 0 {
		t.Fatal("named without a question")
	}
	w.press(say("root.really"))
	if got := w.only(); got != (flow.AdminNamed{Account: account(2)}) {
		t.Errorf("posted %v", got)
	}
	at(account(50))
	press(p.book.roll, fyne.KeyReturn)
	if len(w.take()) != 0 || w.window.Canvas().Focused() != fyne.Focusable(p.print) {
		t.Fatal("let in without a fingerprint")
	}
	w.typed(print4)
	at(account(50))
	press(p.book.roll, fyne.KeyReturn)
	if got := w.only(); got != (flow.AdminNamed{Account: account(50), Print: print4}) {
		t.Errorf("posted %v", got)
	}
	for _, id := range []models.AccountID{account(1), account(52)} {
		at(id)
		press(p.book.roll, fyne.KeyReturn)
		if got := w.take(); len(got) != 0 {
			t.Errorf("posted %v", got)
		}
	}
	w.Show(desk(flow.LogIn))
	if p.print.Text != "" || p.state.Text != "" || len(p.book.rows) != 0 {
		t.Error("something stays")
	}
}
