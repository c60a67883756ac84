package ui

import (
	"strings"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/driver/desktop"

	"visavis/cmd/visavis/internal/flow"
	"visavis/cmd/visavis/internal/talk"
	"visavis/models"
)

func typed(f fyne.Focusable, text string) {
	for _, r := range text {
		f.TypedRune(r)
	}
}

func press(f fyne.Focusable, names ...fyne.KeyName) {
	for _, n := range names {
		f.TypedKey(&fyne.KeyEvent{Name: n})
	}
}

// press finds a visible button by its text and presses it by the keys.
func (w *world) press(text string) {
	w.t.Helper()
	var found *button
	look := func(o fyne.CanvasObject) bool {
		if b, ok := o.(*button); ok && b.Text == text {
			found = b
		}
		return o.Visible()
	}
	walk(w.window.Content(), look)
	for _, o := range w.window.Canvas().Overlays().List() {
		walk(o, look)
	}
	if found == nil {
		w.t.Fatalf("there is no button %q", text)
	}
	press(found, fyne.KeyReturn)
}

// only holds that exactly one event was posted, and returns it.
func (w *world) only() flow.Event {
	w.t.Helper()
	events := w.take()
	if len(events) != 1 {
		w.t.Fatalf("%d events were posted: %v", len(events), events)
	}
	return events[0]
}

func (w *world) action() flow.Action {
	w.t.Helper()
	e, ok := w.only().(flow.Asked)
	if !ok {
		w.t.Fatal("no action was asked for")
	}
	return e.Action
}

func TestComposer(t *testing.T) {
	w, p := lined(t, castLines())
	text := p.composer.text
	if w.window.Canvas().Focused() != text {
		t.Fatal("an open room does not begin where one writes")
	}
	typed(text, "  one")
	text.KeyDown(&fyne.KeyEvent{Name: desktop.KeyShiftLeft})
	press(text, fyne.KeyReturn)
	text.KeyUp(&fyne.KeyEvent{Name: desktop.KeyShiftLeft})
	typed(text, "two ")
	if len(w.take()) != 0 || text.Text != "  one\ntwo " {
		t.Fatalf("Shift+Enter made %q", text.Text)
	}
	press(text, fyne.KeyReturn)
	if got := w.action(); got != (flow.Action{Verb: flow.SendText, Room: roomID(1), Text: "one\ntwo"}) {
		t.Errorf("Enter asked for %+v", got)
	}
	if text.Text != "" {
		t.Errorf("%q stayed", text.Text)
	}
	typed(text, " ")
	press(text, fyne.KeyReturn)
	if len(w.take()) != 0 {
		t.Error("nothing was sent as a message")
	}
}

// Neither the text nor what could bring it back stays after it was sent or wiped.
func TestComposerForgets(t *testing.T) {
	_, p := lined(t, castLines())
	text := p.composer.text
	typed(text, secret)
	press(text, fyne.KeyReturn)
	text.Undo()
	if text.Text != "" {
		t.Errorf("undo brings %q back after it was sent", text.Text)
	}
	typed(text, secret)
	text.TypedShortcut(&fyne.ShortcutSelectAll{})
	p.wipe()
	text.Undo()
	text.Redo()
	if text.Text != "" || text.SelectedText() != "" || len(p.drafts) != 0 {
		t.Errorf("%q and %q are left", text.Text, text.SelectedText())
	}
}

// Who looked at a message and types goes on writing.
func TestTypingLeadsToComposer(t *testing.T) {
	w, p := lined(t, castLines())
	p.lines.roll.live[17].(*messageRow).Tapped(nil)
	if w.window.Canvas().Focused() != p.lines.roll || p.lines.roll.current != 17 {
		t.Fatal("a tap on a message does not put the keys there")
	}
	typed(w.window.Canvas().Focused(), "a")
	typed(w.window.Canvas().Focused(), "b")
	if p.composer.text.Text != "ab" || w.window.Canvas().Focused() != p.composer.text {
		t.Errorf("%q was written", p.composer.text.Text)
	}
}

func TestComposerLimit(t *testing.T) {
	w, p := lined(t, castLines())
	c := p.composer
	c.text.SetText(strings.Repeat("x", nearMaxText-1))
	if c.left.Visible() {
		t.Error("the limit shows too early")
	}
	c.text.SetText(strings.Repeat("ü", maxText/2)) // bytes count, not letters
	if !c.left.Visible() || c.button.Disabled() {
		t.Error("the last byte does not fit, or the limit does not show")
	}
	c.text.SetText(strings.Repeat("ü", maxText/2) + "x")
	press(c.text, fyne.KeyReturn)
	if len(w.take()) != 0 || !c.button.Disabled() || c.text.Text == "" {
		t.Error("a text that is too long was sent")
	}
	w.photograph("inside-limit")
}

func TestDrafts(t *testing.T) {
	w, p := lined(t, castLines())
	in := func(id models.RoomID) {
		s := insideState()
		s.Talk.Open.Room = talk.Room{ID: id, Title: "x", Member: true}
		w.Show(s)
	}
	typed(p.composer.text, secret)
	w.pass(handsRest)
	in(roomID(2))
	if got := p.composer.text.Text; got != "" {
		t.Fatalf("the other room's draft is %q", got)
	}
	if w.window.Canvas().Focused() != p.composer.text {
		t.Error("another room does not begin where one writes")
	}
	typed(p.composer.text, "second")
	w.pass(handsRest)
	in(roomID(1))
	if got := p.composer.text.Text; got != secret {
		t.Errorf("the draft is %q", got)
	}
	typed(p.composer.text, "!")
	if got := p.composer.text.Text; got != secret+"!" {
		t.Errorf("the cursor was not at the draft's end: %q", got)
	}
	w.Show(desk(flow.LogIn))
	w.Show(insideState())
	if got := w.page.(*inside).room.composer.text.Text; got != "" {
		t.Errorf("a draft outlived the session: %q", got)
	}
}

// Whatever a person was shown or wrote is gone from the tree that was left, and from the clipboard.
func TestLeaveWipes(t *testing.T) {
	for name, s := range insideStates() {
		if s.Page != flow.Inside {
			continue
		}
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, screens[0])
			w.Show(s)
			page, panel := w.page, w.panel
			w.app.Clipboard().SetContent(secret)
			walk(w.window.Content(), func(o fyne.CanvasObject) bool {
				if f, ok := o.(*field); ok {
					f.SetText(secret)
				}
				return true
			})
			if panel != nil {
				walk(panel.content(), func(o fyne.CanvasObject) bool {
					if f, ok := o.(*field); ok {
						f.SetText(secret)
					}
					return true
				})
			}
			w.Show(desk(flow.Locked))
			left := w.everything() + texts(page.content()) + w.app.Clipboard().Content()
			if panel != nil {
				left += texts(panel.content())
			}
			words := append([]string{secret, "pump", "Rota", "visavis-invite", "priya", "Ward 4", "Adele", "line 9"}, names...)
			for _, word := range words {
				if strings.Contains(left, word) && word != "Bo" {
					t.Errorf("%q is left", word)
				}
			}
			if page.(*inside).room.lines.all != nil || page.(*inside).rooms.all != nil {
				t.Error("lines or rooms are left")
			}
			for _, l := range []*roll{page.(*inside).room.lines.roll, page.(*inside).rooms.roll} {
				if len(l.live)+len(l.exact)+len(l.index) != 0 {
					t.Error("rows are left")
				}
			}
		})
	}
}

func TestRooms(t *testing.T) {
	w := newWorld(t, screens[0])
	w.Show(insideState())
	list := w.page.(*inside).rooms
	w.take()
	w.press(say("rooms.join"))
	if got := w.action(); got.Verb != flow.JoinRoom || got.Room.IsZero() {
		t.Errorf("Join asked for %+v", got)
	}
	w.press(say("rooms.decline"))
	if got := w.action(); got.Verb != flow.LeaveRoom {
		t.Errorf("Decline asked for %+v", got)
	}
	w.window.Canvas().Focus(list.roll)
	press(list.roll, fyne.KeyDown, fyne.KeyReturn)
	if got := w.action(); got != (flow.Action{Verb: flow.OpenRoom, Room: roomID(2)}) {
		t.Errorf("Enter on a room asked for %+v", got)
	}
	list.roll.live[shortID(roomID(3))].(*pickRow).Tapped(nil)
	if got := w.action(); got != (flow.Action{Verb: flow.OpenRoom, Room: roomID(3)}) {
		t.Errorf("a tap on a room asked for %+v", got)
	}
	press(list.roll, fyne.KeyEnd)
	for range 10 {
		press(list.roll, fyne.KeyDown)
	}
	press(list.roll, fyne.KeyReturn)
	if got := w.action(); got != (flow.Action{Verb: flow.JoinRoom, Room: roomID(7)}) {
		t.Errorf("Enter on an invitation asked for %+v", got)
	}
	s := insideState()
	s.Busy = flow.Acting
	w.Show(s)
	w.press(say("rooms.join"))
	press(list.roll, fyne.KeyReturn)
	if got := w.take(); len(got) != 0 {
		t.Errorf("while something is done, %v was asked for", got)
	}
}

func TestLeaveRoomAsks(t *testing.T) {
	w, _ := lined(t, castLines())
	w.press(say("room.leave"))
	if len(w.take()) != 0 {
		t.Fatal("it left without a question")
	}
	w.photograph("inside-leave")
	w.press(say("room.leave.stay"))
	w.press(say("room.leave"))
	w.press(say("room.leave.really"))
	if got := w.action(); got != (flow.Action{Verb: flow.LeaveRoom, Room: roomID(1)}) {
		t.Errorf("it asked for %+v", got)
	}
}

func TestFailedMessage(t *testing.T) {
	w, p := lined(t, castLines())
	want := p.lines.all[16].Message
	w.press(say("line.retry"))
	if got := w.action(); got != (flow.Action{Verb: flow.ResendText, Room: roomID(1), Message: want}) {
		t.Errorf("it asked for %+v", got)
	}
	w.press(say("line.drop"))
	if got := w.action(); got != (flow.Action{Verb: flow.DropText, Room: roomID(1), Message: want}) {
		t.Errorf("it asked for %+v", got)
	}
}

// What is wrong with a room or a message is said in words.
func TestRoomSaysWhatIsWrong(t *testing.T) {
	w := newWorld(t, screens[0])
	for name, want := range map[string][]string{
		"inside": {say("warn.gap"), say("warn.clock"), say("line.failed"), say("line.unread")}, "inside-forked": {say("room.forked")},
		"inside-waiting": {say("room.waiting"), say("closed.nokey", "count", 3)}, "inside-loading": {say("room.loading")}, "inside-empty": {say("room.empty")},
	} {
		w.Show(insideStates()[name])
		all := w.everything()
		for _, words := range want {
			if !strings.Contains(all, words) {
				t.Errorf("%s does not say %q", name, words)
			}
		}
		if c := w.page.(*inside).room.composer; c.text.Disabled() != (name == "inside-forked" || name == "inside-loading") {
			t.Errorf("%s: one may write: %v", name, !c.text.Disabled())
		}
	}
}

func TestPanelsOpen(t *testing.T) {
	w := newWorld(t, screens[0])
	w.Show(insideState())
	w.take()
	for text, want := range map[string]flow.Panel{
		say("inside.create"): flow.NewRoom, say("inside.desks"): flow.Desks, say("inside.help"): flow.Help, say("room.invite"): flow.Invite,
		say("inside.signups", "count", 3): flow.Approvals, say("room.members", "count", 5): flow.Members,
	} {
		w.press(text)
		if got := w.only(); got != (flow.PanelOpened{Panel: want}) {
			t.Errorf("%q posted %v", text, got)
		}
	}
	w.press(say("inside.lock"))
	if got := w.only(); got != (flow.LockAsked{}) {
		t.Errorf("got %v", got)
	}
	w.press(say("inside.logout"))
	if got := w.only(); got != (flow.LogOutAsked{}) {
		t.Errorf("got %v", got)
	}
}
