package talk

import (
	"fmt"
	"runtime"
	"slices"
	"sync"
	"testing"
	"time"

	"visavis/chat/e2e"
	"visavis/chat/trust"
	"visavis/models"
)

// Every view that was handed out stays as it was, whatever happens afterwards; lines keep their ids.
func TestViewsNeverChange(t *testing.T) {
	m, x := home(t)
	m.Open(kitchen)
	type kept struct {
		view *View
		was  string
	}
	var views []kept
	ids := map[string]uint64{}
	for i := range 60 {
		text := fmt.Sprintf("m%d", i)
		id := said(ada, text).Message.ID
		switch i % 6 {
		case 0, 1:
			x.tell(said(ben, text))
		case 2:
			m.Sending(kitchen, id, text, noon)
		case 3:
			x.tell(said(ada, fmt.Sprintf("m%d", i-1)))
		case 4:
			x.tell(refused(e2e.CauseNoKey))
			m.Sending(kitchen, id, text, noon)
			m.Failed(kitchen, id)
		case 5:
			m.Open(models.RoomID{})
			x.tell(said(cleo, text))
			m.Open(kitchen)
		}
		v := m.View()
		views = append(views, kept{v, shape(v)})
		for _, l := range v.Open.Lines {
			if had, ok := ids[l.Text]; l.Kind == Message && ok && had != l.ID {
				t.Fatalf("%s was line %d and is %d", l.Text, had, l.ID)
			}
			if l.Kind == Message {
				ids[l.Text] = l.ID
			}
		}
		if dup := duplicate(v.Open.Lines); dup != 0 {
			t.Fatalf("two lines have the id %d", dup)
		}
	}
	for i, k := range views {
		if shape(k.view) != k.was {
			t.Errorf("view %d was %s\nand is %s", i, k.was, shape(k.view))
		}
	}
}

func duplicate(lines []Line) uint64 {
	var ids []uint64
	for _, l := range lines {
		if slices.Contains(ids, l.ID) {
			return l.ID
		}
		ids = append(ids, l.ID)
	}
	return 0
}

// Readers of earlier views race with nobody.
func TestViewsAreReadElsewhere(t *testing.T) {
	m, x := home(t)
	m.Open(kitchen)
	var readers sync.WaitGroup
	for i := range 200 {
		text := fmt.Sprintf("m%d", i)
		m.Sending(kitchen, said(ada, text).Message.ID, text, noon)
		sending := m.View()
		readers.Go(func() { _ = shape(sending) })
		if i%3 > 0 {
			x.tell(said(ada, text))
		}
		x.tell(refused(e2e.CauseNoKey))
		stored := m.View()
		readers.Go(func() { _ = shape(stored) })
	}
	readers.Wait()
}

// A new line in a long room copies no others.
func TestALongRoomIsCheap(t *testing.T) {
	m, x := home(t)
	m.Open(kitchen)
	for range 10_000 {
		x.tell(said(ben, "one of many"))
	}
	m.View()
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	const more = 500
	for range more {
		x.tell(said(ben, "one more"))
		m.View()
	}
	runtime.ReadMemStats(&after)
	// Growing by a quarter once may copy all; each line on its own must not.
	if perLine := (after.TotalAlloc - before.TotalAlloc) / more; perLine > 40_000 {
		t.Errorf("%d bytes for each new line", perLine)
	}
}

func BenchmarkALineInALongRoom(b *testing.B) {
	m := New(ada, names, time.UTC, nil)
	m.List([]Listing{{kitchen, true}})
	m.Open(kitchen)
	x := &teller{m: m, room: kitchen, at: noon}
	for range 10_000 {
		x.tell(said(ben, "one of many"))
	}
	b.ReportAllocs()
	for b.Loop() {
		x.tell(said(ben, "one more"))
		m.View()
	}
}

// A room that was just made or joined is the person's as soon as its log says so, before the server has listed it.
// What the server lists is older than what came or went since it was asked.
func TestListIsOlder(t *testing.T) {
	m, _ := home(t)
	m.Listing()
	x := &teller{m: m, room: attic, at: noon}
	x.tell(changed(trust.ChangeCreated, ada, ada))
	m.Joined(attic)
	m.Open(attic)
	m.News(kitchen, false)
	m.List([]Listing{{kitchen, true}})
	if v := m.View(); !m.Member(attic) || m.Opened() != attic || m.Member(kitchen) || len(v.Rooms) != 1 {
		t.Errorf("%+v", v.Rooms)
	}
	m.Listing()
	m.List(nil)
	if v := m.View(); len(v.Rooms) != 0 || m.Opened() == attic {
		t.Errorf("a list that is newer: %+v", v.Rooms)
	}
}

func TestJoined(t *testing.T) {
	m := New(ada, names, time.UTC, nil)
	m.Joined(attic)
	if m.Member(attic) || len(m.View().Rooms) != 0 {
		t.Error("in it before the log says so")
	}
	x := &teller{m: m, room: attic, at: noon}
	x.tell(changed(trust.ChangeCreated, ben, ben))
	x.tell(changed(trust.ChangeInvited, ben, ada))
	if m.Member(attic) || len(m.View().Rooms) != 1 {
		t.Error("invited is not in it")
	}
	x.tell(changed(trust.ChangeJoined, ada, ada))
	if !m.Member(attic) || m.Seq(attic) != 3 || m.Seq(kitchen) != 0 {
		t.Errorf("member %v, %d entries", m.Member(attic), m.Seq(attic))
	}
}
