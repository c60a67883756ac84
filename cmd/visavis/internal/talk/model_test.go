package talk

import (
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"

	"visavis/chat/e2e"
	"visavis/chat/trust"
	"visavis/models"
)

var (
	ada, ben, cleo = models.AccountID{1}, models.AccountID{2}, models.AccountID{3}
	kitchen, attic = models.RoomID{1}, models.RoomID{2}
	names          = fakeDirectory{ada: "ada", ben: "ben", cleo: "cleo"}
	noon           = time.Date(2026, 3, 28, 12, 0, 0, 0, time.UTC)
)

type fakeDirectory map[models.AccountID]string

func (d fakeDirectory) Identity(a models.AccountID) (trust.Identity, bool) {
	n, ok := d[a]
	return trust.Identity{Account: a, Name: n}, ok
}

func (d fakeDirectory) Accounts() (list []trust.Identity) {
	for a, n := range d {
		list = append(list, trust.Identity{Account: a, Name: n})
	}
	return list
}

func (fakeDirectory) IsAdmin(a models.AccountID) bool { return a == ada }

// teller feeds a model with the log of one room.
type teller struct {
	m    *Model
	room models.RoomID
	seq  uint64
	at   time.Time
}

func (x *teller) tell(ev e2e.Event) {
	x.seq++
	x.at = x.at.Add(time.Second)
	ev.Seq, ev.At = x.seq, x.at
	x.m.Event(x.room, ev)
}

func said(by models.AccountID, text string) e2e.Event {
	return e2e.Event{Kind: e2e.EventMessage, Author: by, Message: &e2e.Message{ID: models.MessageID([]byte(fmt.Sprintf("%-16.16s", text))), Kind: e2e.KindText, Content: []byte(text)}}
}

func titled(text string) e2e.Event {
	return e2e.Event{Kind: e2e.EventMessage, Author: ada, Message: &e2e.Message{Kind: e2e.KindTitle, Content: []byte(text)}}
}

func changed(kind trust.ChangeKind, by, whom models.AccountID) e2e.Event {
	return e2e.Event{Kind: e2e.EventNotice, Author: by, Change: trust.Change{Kind: kind, Author: by, Account: whom}}
}

func refused(c e2e.Cause) e2e.Event { return e2e.Event{Kind: e2e.EventRefused, Author: ben, Cause: c} }

// home is ada's model with one room that was read: ada made it, ben is in it.
func home(t *testing.T) (*Model, *teller) {
	t.Helper()
	m := New(ada, names, time.UTC, nil)
	m.List([]Listing{{kitchen, true}})
	m.Loading(kitchen)
	x := &teller{m: m, room: kitchen, at: noon}
	x.tell(changed(trust.ChangeCreated, ada, ada))
	x.tell(changed(trust.ChangeInvited, ada, ben))
	x.tell(changed(trust.ChangeJoined, ben, ben))
	x.tell(titled("Kitchen"))
	m.Loaded(kitchen, false)
	return m, x
}

// shape is an open room in short.
func shape(v *View) string {
	if v.Open == nil {
		return ""
	}
	var b strings.Builder
	for _, l := range v.Open.Lines {
		switch l.Kind {
		case Day:
			fmt.Fprintf(&b, "[%s] ", l.At.Format("01-02"))
		case Unread:
			b.WriteString("--- ")
		case Notice:
			fmt.Fprintf(&b, "(%s %d %s) ", l.By, l.Change, l.Whom)
		case Closed:
			fmt.Fprintf(&b, "(%d closed: %d) ", l.Count, l.Cause)
		case Message:
			if l.First {
				b.WriteString(l.By + ":")
			}
			b.WriteString(l.Text)
			b.WriteString(map[Delivery]string{Sending: "…", Failed: "!", Stored: ""}[l.Delivery] + " ")
		}
	}
	return strings.TrimSpace(strings.TrimPrefix(b.String(), "[03-28] (ada 1 ada) (ada 2 ben) (ben 3 ben) "))
}

func TestLines(t *testing.T) {
	for _, c := range []struct {
		name string
		tell func(*Model, *teller)
		want string
	}{
		{"a row of one author shows the name once", func(_ *Model, x *teller) {
			x.tell(said(ben, "one"))
			x.tell(said(ben, "two"))
			x.tell(said(ada, "three"))
		}, "ben:one two ada:three"},
		{"a notice breaks a row", func(_ *Model, x *teller) {
			x.tell(said(ben, "one"))
			x.tell(changed(trust.ChangeInvited, ada, cleo))
			x.tell(said(ben, "two"))
		}, "ben:one (ada 2 cleo) ben:two"},
		{"a day begins with its line and breaks a row", func(_ *Model, x *teller) {
			x.tell(said(ben, "one"))
			x.at = noon.Add(24 * time.Hour)
			x.tell(said(ben, "two"))
		}, "ben:one [03-29] ben:two"},
		{"what does not open is folded by its cause", func(_ *Model, x *teller) {
			x.tell(refused(e2e.CauseNoKey))
			x.tell(refused(e2e.CauseNoKey))
			x.tell(refused(e2e.CauseForged))
			x.tell(said(ben, "one"))
			x.tell(refused(e2e.CauseNoKey))
		}, "(2 closed: 1) (1 closed: 10) ben:one (1 closed: 1)"},
		{"a lost race, a generation and a title are no lines", func(_ *Model, x *teller) {
			x.tell(e2e.Event{Kind: e2e.EventSkipped, Cause: e2e.CauseLostRace})
			x.tell(e2e.Event{Kind: e2e.EventGeneration})
			x.tell(titled("Attic"))
		}, ""},
		{"an own message is sending until it comes back", func(m *Model, x *teller) {
			m.Sending(kitchen, said(ada, "one").Message.ID, "one", noon)
		}, "ada:one…"},
		{"and then stored in its place", func(m *Model, x *teller) {
			m.Sending(kitchen, said(ada, "one").Message.ID, "one", noon)
			x.tell(said(ada, "one"))
		}, "ada:one"},
		{"what others said meanwhile stands where the server has it", func(m *Model, x *teller) {
			m.Sending(kitchen, said(ada, "one").Message.ID, "one", noon)
			x.tell(said(ben, "two"))
			x.tell(said(ada, "one"))
		}, "ben:two ada:one"},
		{"failed, and resent", func(m *Model, x *teller) {
			id := said(ada, "one").Message.ID
			m.Sending(kitchen, id, "one", noon)
			m.Failed(kitchen, id)
			m.Sending(kitchen, said(ada, "two").Message.ID, "two", noon)
			m.Failed(kitchen, said(ada, "two").Message.ID)
			m.Resent(kitchen, id)
		}, "ada:one… two!"},
		{"a stored one does not fail any more", func(m *Model, x *teller) {
			id := said(ada, "one").Message.ID
			m.Sending(kitchen, id, "one", noon)
			x.tell(said(ada, "one"))
			m.Failed(kitchen, id)
			m.Drop(kitchen, id)
		}, "ada:one"},
		{"dropped, with the day that was its alone", func(m *Model, x *teller) {
			id := said(ada, "one").Message.ID
			m.Sending(kitchen, id, "one", noon.Add(48*time.Hour))
			m.Failed(kitchen, id)
			m.Drop(kitchen, id)
		}, ""},
		{"another's message with the id of mine is not mine", func(m *Model, x *teller) {
			m.Sending(kitchen, said(ada, "one").Message.ID, "one", noon)
			x.tell(said(ben, "one"))
		}, "ada:one… ben:one"},
		{"read again from the start, each counts once", func(m *Model, x *teller) {
			m.Sending(kitchen, said(ada, "two").Message.ID, "two", noon)
			x.tell(said(ben, "one"))
			m.Loading(kitchen)
			again := &teller{m: m, room: kitchen, at: noon}
			again.tell(changed(trust.ChangeCreated, ada, ada))
			again.tell(changed(trust.ChangeInvited, ada, ben))
			again.tell(changed(trust.ChangeJoined, ben, ben))
			again.tell(titled("Kitchen"))
			again.tell(said(ben, "one"))
			again.tell(said(ada, "two")) // stored before the cut
			again.tell(said(ben, "three"))
			m.Loaded(kitchen, false)
		}, "ben:one ada:two ben:three"},
	} {
		t.Run(c.name, func(t *testing.T) {
			m, x := home(t)
			m.Open(kitchen)
			c.tell(m, x)
			if got := shape(m.View()); got != c.want {
				t.Errorf("got  %s\nwant %s", got, c.want)
			}
		})
	}
}

func TestUnread(t *testing.T) {
	m, x := home(t)
	m.Open(kitchen)
	x.tell(said(ben, "read"))
	m.Open(models.RoomID{})
	x.tell(said(ada, "mine")) // at another desk
	x.tell(said(ben, "new"))
	x.tell(said(cleo, "newer"))
	if v := m.View(); v.Open != nil || v.Rooms[0].Unread != 2 || v.Rooms[0].Said != "newer" || v.Rooms[0].By != "cleo" {
		t.Errorf("%+v", v.Rooms)
	}
	m.Open(kitchen)
	const want = "ben:read ada:mine --- ben:new cleo:newer"
	if v := m.View(); shape(v) != want || v.Open.Unread != 0 {
		t.Errorf("got %s", shape(v))
	}
	x.tell(said(cleo, "while it is open"))
	if v := m.View(); shape(v) != want+" while it is open" || v.Open.Unread != 0 {
		t.Errorf("got %s", shape(v))
	}
	m.Open(models.RoomID{})
	m.Open(kitchen)
	if got := shape(m.View()); strings.Contains(got, "---") {
		t.Errorf("all was read: %s", got)
	}
}

// A lock drops the model; how far the person had read outlives it as numbers.
func TestMarksOutliveAModel(t *testing.T) {
	m, x := home(t)
	m.Open(kitchen)
	x.tell(said(ben, "read"))
	marks := m.Marks()
	m.Wipe()
	if v := m.View(); len(v.Rooms)+len(v.People) != 0 || v.Open != nil {
		t.Errorf("a wiped model shows %+v", v)
	}
	m = New(ada, names, time.UTC, marks)
	m.List([]Listing{{kitchen, true}})
	m.Loading(kitchen)
	again := &teller{m: m, room: kitchen, at: noon}
	again.tell(changed(trust.ChangeCreated, ada, ada))
	again.tell(changed(trust.ChangeInvited, ada, ben))
	again.tell(changed(trust.ChangeJoined, ben, ben))
	again.tell(titled("Kitchen"))
	again.tell(said(ben, "read"))
	again.tell(said(ben, "while locked"))
	m.Loaded(kitchen, false)
	if got := m.View().Rooms[0].Unread; got != 1 {
		t.Errorf("%d unread", got)
	}
	m.Open(kitchen)
	if got := shape(m.View()); got != "ben:read --- ben:while locked" {
		t.Error(got)
	}
}

func TestRooms(t *testing.T) {
	m, x := home(t)
	m.News(attic, true)
	third := &teller{m: m, room: models.RoomID{3}, at: noon.Add(time.Hour)}
	third.tell(changed(trust.ChangeCreated, ada, ada)) // made a moment ago: not listed before it was read
	if rooms := m.View().Rooms; len(rooms) != 2 || rooms[0].ID != kitchen || rooms[1].ID != attic || rooms[1].Member {
		t.Fatalf("%+v", rooms)
	}
	m.Loading(third.room)
	m.Loaded(third.room, false)
	if rooms := m.View().Rooms; len(rooms) != 3 || rooms[0].ID != third.room || !rooms[0].Member {
		t.Fatalf("the last one written in comes first: %+v", rooms)
	}
	m.Open(attic)
	if m.View().Open != nil {
		t.Error("an invitation can not be read")
	}
	m.Open(kitchen)
	x.tell(changed(trust.ChangeRemoved, ben, ada))
	if v := m.View(); v.Open != nil || len(v.Rooms) != 2 {
		t.Errorf("who was put out still reads: %+v", v)
	}
	x.tell(changed(trust.ChangeInvited, ben, ada))
	x.tell(changed(trust.ChangeJoined, ada, ada))
	m.Open(kitchen)
	if v := m.View(); v.Open == nil || v.Open.Title != "Kitchen" {
		t.Errorf("who came back does not: %+v", v)
	}
	m.News(attic, false)
	m.List([]Listing{{kitchen, true}})
	if v := m.View(); len(v.Rooms) != 1 || v.Open == nil {
		t.Errorf("%+v", v.Rooms)
	}
}

func TestOpenRoom(t *testing.T) {
	m, x := home(t)
	x.tell(changed(trust.ChangeInvited, ada, cleo))
	m.Terms(kitchen, Terms{Waiting: true, Rules: trust.DefaultPolicy(), Members: []trust.Member{{Account: ada, Role: trust.RoleOwner}, {Account: ben, Role: trust.RoleMember}}})
	m.Loading(kitchen)
	m.Loaded(kitchen, true)
	m.Open(kitchen)
	o := m.View().Open
	want := []Member{
		{Person: Person{ID: ada, Name: "ada", Admin: true}, Owner: true}, {Person: Person{ID: ben, Name: "ben"}},
		{Person: Person{ID: cleo, Name: "cleo"}, Invited: true},
	}
	if !reflect.DeepEqual(o.Members, want) || !o.Waiting || !o.Forked || o.Loading || !o.CanAsk || o.Title != "Kitchen" {
		t.Errorf("%+v", o)
	}
}

func TestThePersonsOwnDay(t *testing.T) {
	zone := time.FixedZone("far east", 10*3600)
	m := New(ada, names, zone, nil)
	m.List([]Listing{{kitchen, true}})
	x := &teller{m: m, room: kitchen, at: time.Date(2026, 3, 28, 13, 59, 58, 0, time.UTC)}
	x.tell(said(ben, "before midnight"))
	x.tell(said(ben, "after"))
	m.Open(kitchen)
	if got := shape(m.View()); got != "[03-28] ben:before midnight [03-29] ben:after" {
		t.Error(got)
	}
}

func TestWhatARowSays(t *testing.T) {
	m, x := home(t)
	for _, c := range []struct{ text, want string }{
		{"two\nlines  and\tmore", "two lines and more"},
		{strings.Repeat("ä", 81), strings.Repeat("ä", 79) + "…"},
		{strings.Repeat("漢", 1000), strings.Repeat("漢", 79) + "…"},
	} {
		x.tell(said(ben, c.text))
		if got := m.View().Rooms[0].Said; got != c.want {
			t.Errorf("got %q", got)
		}
	}
}

// A server that invites to ever more rooms fills a list, and neither the memory nor the time in which an empty chair is noticed.
func TestAFloodOfRooms(t *testing.T) {
	m, x := home(t)
	var list []Listing
	for i := range 2 * mostRooms {
		id := models.RoomID([]byte(fmt.Sprintf("%-16d", i)))
		m.News(id, i%2 == 0)
		list = append(list, Listing{ID: id, Member: i%3 == 0})
	}
	if n := len(m.View().Rooms); n > mostRooms {
		t.Errorf("%d rooms", n)
	}
	m.List(append(list, Listing{kitchen, true}))
	if n := len(m.rooms); n > mostRooms {
		t.Errorf("%d rooms are kept", n)
	}
	m.Open(kitchen)
	x.tell(said(ben, "still here"))
	if got := shape(m.View()); !strings.Contains(got, "still here") {
		t.Errorf("the person's own room is lost: %s", got)
	}
}
