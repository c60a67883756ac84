package ui

import (
	"slices"
	"strings"
	"testing"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/driver/desktop"

	"visavis/chat/trust"
	"visavis/cmd/visavis/internal/flow"
	"visavis/cmd/visavis/internal/talk"
	"visavis/models"
)

// opened is a window with a panel over the page.
func opened(t *testing.T, p flow.Panel) (*world, flow.State) {
	w := newWorld(t, screens[1])
	s := insideState()
	s.Panel = p
	w.Show(s)
	w.take()
	return w, s
}

const (
	letters = "abcdefghij234567klmn"
	print4  = "abcd-efgh-ij23-4567-klmn"
)

func TestApprove(t *testing.T) {
	w, s := opened(t, flow.Approvals)
	p := w.panel.(*approvals)
	if w.window.Canvas().Focused() != p.print {
		t.Fatal("it does not begin at the fingerprint")
	}
	typed(p.print, strings.ToUpper(letters[:19]))
	press(p.print, fyne.KeyReturn)
	if !p.approve.Disabled() || len(w.take()) != 0 {
		t.Fatal("half a fingerprint may be sent")
	}
	typed(p.print, letters[19:])
	if got := strings.ToLower(p.print.Text); got != print4 {
		t.Errorf("it was grouped as %q", got)
	}
	w.photograph("approvals-typed")
	press(p.print, fyne.KeyReturn)
	if got := w.action(); got != (flow.Action{Verb: flow.ApproveSignup, Account: account(50), Text: print4}) {
		t.Errorf("it asked for %+v", got)
	}
	s.Busy = flow.Acting
	w.Show(s)
	press(p.print, fyne.KeyReturn)
	if len(w.take()) != 0 {
		t.Error("it was sent twice")
	}
	s.Busy, s.Problem = flow.Idle, flow.Problem{Kind: flow.WrongPrint}
	w.Show(s)
	if p.print.Text == "" {
		t.Error("what was typed wrong can not be compared")
	}
	s.Problem, s.Admin.Signups = flow.Problem{}, s.Admin.Signups[1:]
	w.Show(s)
	if p.print.Text != "" || p.open != account(51) {
		t.Errorf("the next one begins with %q", p.print.Text)
	}
}

// A fingerprint is typed for one person; it must not be there for the next.
func TestApproveAnotherBeginsEmpty(t *testing.T) {
	w, _ := opened(t, flow.Approvals)
	p := w.panel.(*approvals)
	typed(p.print, letters)
	w.window.Canvas().Focus(p.list.roll)
	press(p.list.roll, fyne.KeyDown, fyne.KeyReturn)
	if p.open != account(51) || p.print.Text != "" || !p.approve.Disabled() {
		t.Errorf("%v is open with %q", p.open, p.print.Text)
	}
}

func TestApproveBlocked(t *testing.T) {
	w, _ := opened(t, flow.Approvals)
	p := w.panel.(*approvals)
	p.turn(account(52))
	if p.form.Visible() || !strings.Contains(w.everything(), "has been revoked") {
		t.Error("it may be approved, or does not say why not")
	}
	w.photograph("approvals-blocked")
	p.print.SetText(print4)
	p.send()
	w.press(say("approvals.reject"))
	if len(w.take()) != 0 {
		t.Fatal("approved, or rejected without a question")
	}
	w.photograph("approvals-reject")
	w.press(say("people.no"))
	w.press(say("approvals.reject"))
	w.press(say("approvals.reject.really"))
	if got := w.action(); got != (flow.Action{Verb: flow.RejectSignup, Account: account(52)}) {
		t.Errorf("it asked for %+v", got)
	}
}

func TestApproveScans(t *testing.T) {
	w, s := opened(t, flow.Approvals)
	p := w.panel.(*approvals)
	w.press(say("approvals.scan"))
	if got := w.only(); got != (flow.ScanAsked{On: true}) {
		t.Fatalf("got %v", got)
	}
	s.Scans = true
	w.Show(s)
	done, ran := p.sight.scanner.done, make(chan func(), 1)
	p.kit.do = func(f func()) { ran <- f }
	w.Frame(codePicture(t, print4, 4, 320, 240))
	select {
	case f := <-ran:
		f()
	case <-time.After(30 * time.Second):
		t.Fatal("nothing was found")
	}
	if p.print.Text != print4 || p.approve.Disabled() {
		t.Errorf("it put %q into the field", p.print.Text)
	}
	if got := w.only(); got != (flow.ScanAsked{On: false}) {
		t.Errorf("got %v", got)
	}
	w.press(say("approvals.approve"))
	if got := w.action(); got.Text != print4 {
		t.Errorf("it asked for %+v", got)
	}
	w.Show(desk(flow.Locked))
	<-done
	p.found("late") // what was still under way
	if p.print.Text != "" {
		t.Errorf("%q came after the panel was left", p.print.Text)
	}
}

func TestDesks(t *testing.T) {
	w, s := opened(t, flow.Desks)
	w.press(say("desks.invite"))
	if got := w.action(); got.Verb != flow.InviteDesk {
		t.Errorf("it asked for %+v", got)
	}
	w.press(say("desks.approve"))
	if got := w.action(); got != (flow.Action{Verb: flow.ApproveDesk, Desk: models.DeskID{2, 1}}) {
		t.Errorf("it asked for %+v", got)
	}
	w.press(say("desks.refuse"))
	if len(w.take()) != 0 {
		t.Fatal("refused without a question")
	}
	w.photograph("desks-refuse")
	w.press(say("people.no"))
	list := w.panel.(*desks).book
	list.roll.current = shortID(models.DeskID{3, 1})
	press(list.roll, fyne.KeyReturn)
	w.press(say("desks.revoke.really"))
	if got := w.action(); got.Verb == flow.ApproveDesk || got.Desk.IsZero() {
		t.Errorf("it asked for %+v", got)
	}

	s.Secret = flow.NewSecret("visavis-invite-of-a-desk")
	w.Show(s)
	p := w.panel.(*desks)
	if w.window.Canvas().Focused() != p.copied {
		t.Error("the invite does not put the keys at Copy")
	}
	press(p.copied, fyne.KeyReturn)
	if got := w.app.Clipboard().Content(); got != "visavis-invite-of-a-desk" {
		t.Errorf("copied %q", got)
	}
	s.Panel, s.Secret = flow.NoPanel, flow.Secret{}
	w.Show(s)
	if strings.Contains(texts(p.content()), "visavis-invite") || strings.Contains(w.everything(), "visavis-invite") {
		t.Error("the invite is still there")
	}
}

func TestMembers(t *testing.T) {
	w, _ := opened(t, flow.Members)
	book := w.panel.(*members).book
	if n := len(book.rows); n != 6 || len(book.rows[0].deeds) != 0 {
		t.Fatalf("%d members, and one may remove oneself: %v", n, book.rows[0].deeds)
	}
	w.photograph("members-owner")
	press(book.roll, fyne.KeyDown, fyne.KeyReturn)
	if got := w.take(); len(got) != 1 || got[0] != (flow.SomeoneOpened{Account: account(2)}) {
		t.Errorf("Enter asked for %v", got)
	}
	remove := book.rows[1].deeds[2]
	book.begin(book.rows[1], remove)
	if len(w.take()) != 0 {
		t.Fatal("removed without a question")
	}
	if f, ok := w.window.Canvas().Focused().(*button); !ok || f.Text != say("people.no") {
		t.Errorf("the keys are at %T, not at No", w.window.Canvas().Focused())
	}
	w.photograph("members-remove")
	w.press(say("members.remove.really"))
	if got := w.action(); got != (flow.Action{Verb: flow.RemovePerson, Room: roomID(1), Account: account(2)}) {
		t.Errorf("it asked for %+v", got)
	}
	s := insideState()
	s.Panel, s.Talk.Open.Owner = flow.Members, false
	w.Show(s)
	for _, e := range book.rows {
		if len(e.deeds) > 1 {
			t.Errorf("%s may be removed by who may not", e.name)
		}
	}
}

func TestInvitePerson(t *testing.T) {
	w, _ := opened(t, flow.Invite)
	p := w.panel.(*people)
	shows := func() (all []string) {
		for _, e := range p.book.rows {
			all = append(all, e.name)
		}
		return all
	}
	if got := shows(); !slices.Equal(got, []string{"Adele Winter", "Zoë Mørk"}) {
		t.Fatalf("it lists %q", got)
	}
	typed(p.search, "MØ")
	if got := shows(); !slices.Equal(got, []string{"Zoë Mørk"}) {
		t.Errorf("a search lists %q", got)
	}
	press(p.search, fyne.KeyReturn)
	if got := w.action(); got != (flow.Action{Verb: flow.InvitePerson, Room: roomID(1), Account: account(41)}) {
		t.Errorf("it asked for %+v", got)
	}
	p.search.SetText("")
	press(p.search, fyne.KeyDown, fyne.KeyReturn)
	press(p.book.roll, fyne.KeyReturn)
	if got := w.action(); got.Account != account(40) && got.Account != account(41) {
		t.Errorf("it asked for %+v", got)
	}
	typed(p.search, "nobody at all")
	if !strings.Contains(w.everything(), say("invite.none")) {
		t.Error("it does not say that there is nobody of that name")
	}
}

func TestNewRoom(t *testing.T) {
	w, _ := opened(t, flow.NewRoom)
	p := w.panel.(*newRoomPanel)
	press(p.title, fyne.KeyReturn)
	typed(p.title, "   ")
	press(p.title, fyne.KeyReturn)
	if len(w.take()) != 0 {
		t.Fatal("a room without a title was made")
	}
	typed(p.title, " Night  shift ")
	press(p.title, fyne.KeyReturn)
	if got := w.action(); got != (flow.Action{Verb: flow.CreateRoom, Text: "Night shift", Rules: trust.DefaultPolicy()}) {
		t.Errorf("it asked for %+v", got)
	}
	p.title.SetText(strings.Repeat("x", maxTitle+1))
	if !p.create.Disabled() {
		t.Error("a title may be as long as one likes")
	}
}

// The largest text must not push anything out of the page or a panel on the smaller screen.
func TestLargeText(t *testing.T) {
	oneGoroutine(t)
	for name, s := range insideStates() {
		w := newWorld(t, screens[1])
		s.Prefs.TextSize = 130
		w.Show(s)
		w.photograph(name + "-large")
		if got := w.window.Content().MinSize(); got.Width > screens[1].Width || got.Height > screens[1].Height {
			t.Errorf("%s: the page needs %v", name, got)
		}
		if w.panel == nil {
			continue
		}
		if got, room := w.panel.content().MinSize(), screens[1].SubtractWidthHeight(2*gapL+2*gapXL, 2*gapL+2*gapXL); got.Width > room.Width || got.Height > room.Height {
			t.Errorf("%s needs %v of %v", name, got, room)
		}
	}
}

func TestAbout(t *testing.T) {
	w, _ := opened(t, flow.About)
	p := w.panel.(*about)
	press(p.roll, fyne.KeyEnd)
	if got := p.roll.box.Objects[len(p.roll.box.Objects)-1]; got != p.roll.live[uint64(len(p.rows))] {
		t.Error("the keys do not reach its end")
	}
	if versionText(nil) != say("about.unknown") {
		t.Error("without a build's facts it names a version")
	}
}

// What is done elsewhere meanwhile, a camera's or the link's state, must not take a question away or the keys elsewhere.
func TestPanelsStayCalm(t *testing.T) {
	w, s := opened(t, flow.Members)
	book := w.panel.(*members).book
	book.begin(book.rows[1], book.rows[1].deeds[2])
	was := book.asking
	s.Link = flow.LinkDown
	s.Talk = &talk.View{Me: s.Talk.Me, Rooms: s.Talk.Rooms, People: s.Talk.People, Open: s.Talk.Open}
	w.Show(s)
	if book.asking != was || was == 0 {
		t.Error("the question went away")
	}
}

// Ctrl+Shift+A opens a panel over what somebody writes, and its Shift is let go there: back in the room, Enter sends, and does not break the line.
func TestShiftDoesNotStickBeneathAPanel(t *testing.T) {
	w := newWorld(t, screens[1])
	s := insideState()
	w.Show(s)
	text := w.page.(*inside).room.composer.text
	w.window.Canvas().Focus(text)
	text.KeyDown(&fyne.KeyEvent{Name: desktop.KeyShiftLeft})
	s.Panel = flow.Approvals
	w.Show(s)
	s.Panel = flow.NoPanel
	w.Show(s)
	w.take()
	typed(text, "one line")
	press(text, fyne.KeyReturn)
	if got := w.action(); got.Verb != flow.SendText || got.Text != "one line" {
		t.Errorf("Enter asked for %+v", got)
	}
}
