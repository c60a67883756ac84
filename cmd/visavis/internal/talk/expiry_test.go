package talk

import (
	"strings"
	"testing"
	"time"

	"visavis/chat/e2e"
	"visavis/models"
)

func brief(text string, by models.AccountID, until time.Time) e2e.Event {
	ev := said(by, text)
	ev.Message.Expires = until
	return ev
}

// A message whose time is over disappears from a room that is open, and from the list of rooms; what is left is what a new reading would show.
func TestMessagesExpireBeforeOnesEyes(t *testing.T) {
	m, x := home(t)
	soon, late := noon.Add(time.Hour), noon.Add(2*time.Hour)
	x.tell(said(ben, "stays"))
	x.tell(brief("goes first", ben, soon))
	x.tell(brief("goes too", ada, soon))
	x.tell(said(ada, "between"))
	m.Open(kitchen)
	x.tell(brief("goes later", ben, late))
	old := m.View()
	if m.Expire(soon.Add(-time.Second)) {
		t.Error("before its time")
	}
	if !m.Expire(soon) || m.Expire(soon) {
		t.Error("not told once")
	}
	v := m.View()
	if got := shape(v); strings.Contains(got, "goes first") || strings.Contains(got, "goes too") || !strings.Contains(got, "goes later") ||
		!strings.Contains(got, "stays") || strings.Count(got, "closed") != 1 {
		t.Errorf("%s", got)
	}
	if !strings.Contains(shape(old), "goes first") {
		t.Error("a view that was handed out has changed")
	}
	if dup := duplicate(v.Open.Lines); dup != 0 {
		t.Errorf("two lines have the id %d", dup)
	}
	for _, l := range v.Open.Lines {
		if l.Text == "between" && !l.First {
			t.Error("what follows has lost its author")
		}
	}
	if v.Rooms[0].Said != "goes later" {
		t.Errorf("the list says %q", v.Rooms[0].Said)
	}
	m.Expire(late)
	if v := m.View(); v.Rooms[0].Said != "" || v.Rooms[0].By != "" || strings.Contains(shape(v), "goes later") {
		t.Errorf("%q, %s", v.Rooms[0].Said, shape(v))
	}
	x.tell(said(ben, "goes on"))
	if got := shape(m.View()); !strings.Contains(got, "goes on") {
		t.Errorf("%s", got)
	}
}

// The unread line stays where it was when what it stood before is gone.
func TestTheUnreadLineSurvives(t *testing.T) {
	m, x := home(t)
	x.tell(brief("unread", ben, noon.Add(time.Hour)))
	x.tell(said(ben, "next"))
	m.Open(kitchen)
	before := m.View().Open.Lines
	m.Expire(noon.Add(time.Hour))
	after := m.View().Open.Lines
	if len(before) != len(after) {
		t.Fatalf("%d lines, then %d", len(before), len(after))
	}
	for i := range after {
		if (before[i].Kind == Unread) != (after[i].Kind == Unread) {
			t.Errorf("line %d is of kind %d, then %d", i, before[i].Kind, after[i].Kind)
		}
	}
}
