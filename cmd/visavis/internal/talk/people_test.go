package talk

import (
	"fmt"
	"reflect"
	"slices"
	"testing"
	"time"

	"visavis/chat/e2e"
	"visavis/chat/trust"
	"visavis/models"
)

// fakeSession knows people, and with whom rooms of two are.
type fakeSession struct {
	standing map[models.AccountID]e2e.Standing
	peers    map[models.RoomID]models.AccountID
	asked    int
}

func (s *fakeSession) Knows(a models.AccountID) e2e.Known {
	s.asked++
	return e2e.Known{Standing: s.standing[a]}
}

func (s *fakeSession) Peer(id models.RoomID) (models.AccountID, bool) {
	a, ok := s.peers[id]
	return a, ok
}

// with is ada's model of a room in which ben and cleo are too.
func with(s *fakeSession) *Model {
	m := New(ada, names, time.UTC, nil)
	m.Attach(names, s)
	m.List([]Listing{{kitchen, true}})
	m.Loading(kitchen)
	x := &teller{m: m, room: kitchen, at: noon}
	x.tell(e2e.Event{Kind: e2e.EventNotice, Author: ada, Change: trust.Change{Kind: trust.ChangeCreated, Author: ada, Account: ada}})
	for _, a := range []models.AccountID{ben, cleo} {
		x.tell(e2e.Event{Kind: e2e.EventNotice, Author: a, Change: trust.Change{Kind: trust.ChangeJoined, Author: a, Account: a}})
	}
	m.Loaded(kitchen, false)
	m.Open(kitchen)
	return m
}

// What was typed for a room with a new identity in it waits there, word for word, until it is sent again or dropped.
func TestHeldMessages(t *testing.T) {
	m := with(&fakeSession{standing: map[models.AccountID]e2e.Standing{ben: e2e.StandingChanged}})
	m.Terms(kitchen, Terms{Changed: []models.AccountID{cleo, ben}})
	if got := m.View().Open.Changed; len(got) != 2 || got[0].Name != "ben" || got[0].Standing != e2e.StandingChanged || got[1].Name != "cleo" {
		t.Fatalf("changed: %+v", got)
	}
	for _, tt := range []struct {
		name   string
		happen func(models.MessageID)
		line   Delivery // 0: it is gone
		failed bool
		held   bool
	}{
		{"sent", func(models.MessageID) {}, Sending, false, false},
		{"held", func(id models.MessageID) { m.Held(kitchen, id) }, Held, true, true},
		{"held and sent again", func(id models.MessageID) { m.Held(kitchen, id); m.Resent(kitchen, id) }, Sending, false, false},
		{"held and dropped", func(id models.MessageID) { m.Held(kitchen, id); m.Drop(kitchen, id) }, 0, false, false},
		{"held, and then not stored", func(id models.MessageID) { m.Held(kitchen, id); m.Failed(kitchen, id) }, Failed, true, false},
	} {
		id := models.MessageID([]byte((tt.name + "                ")[:16]))
		m.Sending(kitchen, id, tt.name, noon)
		tt.happen(id)
		var line Line
		for _, l := range m.View().Open.Lines {
			if l.Message == id {
				line = l
			}
		}
		if line.Delivery != tt.line || line.Delivery != 0 && line.Text != tt.name {
			t.Errorf("%s: %+v", tt.name, line)
		}
		for _, u := range m.Unstored(kitchen) {
			if u.Message == id && (u.Failed != tt.failed || u.Held != tt.held || u.Text != tt.name) {
				t.Errorf("%s: %+v", tt.name, u)
			}
		}
	}
}

// Who may do what follows from the roster and the rules, not from what a log was once folded into.
func TestRoles(t *testing.T) {
	owner, member := trust.Member{Account: ada, Role: trust.RoleOwner}, trust.Member{Account: ada, Role: trust.RoleMember}
	all, owners := trust.Policy{History: 1, Invite: trust.RoleMember}, trust.Policy{History: 1, Invite: trust.RoleOwner}
	for _, tt := range []struct {
		name       string
		members    []trust.Member
		rules      trust.Policy
		pair       bool
		ask, owner bool
	}{
		{"an owner", []trust.Member{owner}, owners, false, true, true},
		{"a member where all may invite", []trust.Member{member}, all, false, true, false},
		{"a member where owners may", []trust.Member{member}, owners, false, false, false},
		{"nothing is known yet", nil, trust.Policy{}, false, false, false},
		{"nobody who is in it", nil, all, false, false, false},
		{"one of two", []trust.Member{owner}, all, true, false, true},
	} {
		s := &fakeSession{}
		if tt.pair {
			s.peers = map[models.RoomID]models.AccountID{kitchen: ben}
		}
		m := with(s)
		m.Terms(kitchen, Terms{Rules: tt.rules, Members: tt.members})
		if o := m.View().Open; o.CanAsk != tt.ask || o.Owner != tt.owner || o.Rules != tt.rules {
			t.Errorf("%s: may invite %v, owns %v, under %+v", tt.name, o.CanAsk, o.Owner, o.Rules)
		}
	}
}

// A room of two is called by the other's name, whatever somebody has titled it.
func TestRoomsOfTwo(t *testing.T) {
	s := &fakeSession{peers: map[models.RoomID]models.AccountID{kitchen: ben}}
	m := with(s)
	x := &teller{m: m, room: kitchen, seq: 9, at: noon}
	x.tell(titled("cleo"))
	if r := m.View().Rooms[0]; r.Title != "ben" || r.Peer != ben || m.View().Open.Title != "ben" {
		t.Errorf("%+v", r)
	}
}

// People are asked about once, until something has changed.
func TestStandingsAreKept(t *testing.T) {
	s := &fakeSession{standing: map[models.AccountID]e2e.Standing{ben: e2e.StandingVerified}}
	m := with(s)
	first := m.View()
	asked := s.asked
	if again := m.View(); s.asked != asked || !reflect.DeepEqual(again.People, first.People) || first.People[1].Standing != e2e.StandingVerified {
		t.Errorf("asked %d times and then %d: %+v", asked, s.asked, again.People)
	}
	s.standing[ben] = e2e.StandingChanged
	m.Grew()
	if p := m.View().People[1]; p.Standing != e2e.StandingChanged {
		t.Errorf("%+v", p)
	}
	m.Wipe()
	if v := m.View(); len(v.People) != 0 || v.Open != nil {
		t.Errorf("%+v", v)
	}
}

// New keys are noted where their owner is, and nowhere else; told again, they are not.
func TestNewKeysAreNoted(t *testing.T) {
	m := with(&fakeSession{})
	m.List([]Listing{{kitchen, true}, {attic, true}})
	m.NewKeys(KeyChange{4, ben, true, noon.Add(time.Minute)})
	m.NewKeys(KeyChange{5, models.AccountID{9}, false, noon.Add(time.Minute)})
	lines := m.View().Open.Lines
	if l := lines[len(lines)-1]; l.Kind != NewKeys || l.By != "ben" || !l.Followed || l.Mine {
		t.Errorf("%+v", l)
	}
	m.NewKeys(KeyChange{6, ben, false, noon.Add(2 * time.Minute)})
	again := m.View().Open.Lines
	if l := again[len(again)-1]; len(again) != len(lines)+1 || l.Followed || l.ID == lines[len(lines)-1].ID {
		t.Errorf("%d lines and then %d, %+v", len(lines), len(again), l)
	}
	m.NewKeys(KeyChange{4, ben, true, noon.Add(time.Minute)}) // a resumption reads the directory again
	if n := len(m.View().Open.Lines); n != len(again) {
		t.Errorf("%d lines, and %d when it is told again", len(again), n)
	}
	m.Open(attic)
	if o := m.View().Open; o == nil || len(o.Lines) != 0 {
		t.Error("a room that ben is not in says something of his keys")
	}
}

// Keys that changed while nobody was logged in are told before any room is read. They are noted where they took effect, where their owner was in the room with the
// person by then.
func TestNewKeysOfBefore(t *testing.T) {
	m := New(ada, names, time.UTC, nil)
	for i, at := range []time.Duration{40 * time.Second, 100 * time.Second, 130 * time.Second, 10 * time.Minute} { // before she joins, twice amid the room, after its end
		m.NewKeys(KeyChange{uint64(4 + i), ben, i != 2, noon.Add(at)})
	}
	m.NewKeys(KeyChange{9, cleo, true, noon.Add(11 * time.Minute)})
	m.List([]Listing{{kitchen, true}})
	m.Loading(kitchen)
	x := &teller{m: m, room: kitchen, at: noon}
	for _, ev := range []e2e.Event{
		changed(trust.ChangeCreated, ben, ben), changed(trust.ChangeInvited, ben, ada), changed(trust.ChangeJoined, ada, ada), said(ben, "one"), said(ben, "two"),
	} {
		x.at = x.at.Add(29 * time.Second)
		x.tell(ev)
	}
	m.Loaded(kitchen, false)
	m.Open(kitchen)
	var got []string
	for _, l := range m.View().Open.Lines {
		switch l.Kind {
		case NewKeys:
			got = append(got, fmt.Sprint(l.By, l.Followed))
		case Message:
			got = append(got, l.Text)
		}
	}
	if want := []string{"bentrue", "one", "benfalse", "two", "bentrue"}; !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
}

// Who asks into a room of two is looked for once for each invitation, and stands for the room's title; so does why nothing is sealed to a member.
func TestWhoAsks(t *testing.T) {
	m := with(&fakeSession{})
	m.List([]Listing{{kitchen, true}, {attic, false}})
	if got := m.Strange(); len(got) != 1 || got[0] != attic || len(m.Strange()) != 0 {
		t.Fatalf("strange are %v", got)
	}
	m.Asked(attic, ben)
	m.Asked(models.RoomID{99}, ben)
	rooms := m.View().Rooms
	if x := rooms[len(rooms)-1]; len(rooms) != 2 || x.ID != attic || x.Member || x.Peer != ben || x.Title != "ben" {
		t.Errorf("%+v", rooms)
	}
	m.Terms(kitchen, Terms{LeftOut: map[models.AccountID]e2e.LeftOut{cleo: e2e.LeftOutOld}})
	for _, x := range m.View().Open.Members {
		if (x.LeftOut == e2e.LeftOutOld) != (x.ID == cleo) {
			t.Errorf("%s: %d", x.Name, x.LeftOut)
		}
	}
}
