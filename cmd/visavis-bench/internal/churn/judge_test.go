package churn

import (
	"testing"
	"time"

	"visavis/chat/client"
	"visavis/chat/e2e"
	"visavis/chat/trust"
	"visavis/models"
)

var (
	ada = &person{name: "ada", account: models.AccountID{1}}
	ben = &person{name: "ben", account: models.AccountID{2}}
	cyd = &person{name: "cyd", account: models.AccountID{3}}
)

// oneRoom is a log in which ada makes a room, ben joins and leaves, cyd joins, and ada writes under two generations: the one before cyd
// came, and the one after.
//
//	1 create  2 ben joins  3 generation  4 text  5 ben leaves  6 cyd joins  7 generation  8 text
func oneRoom() (*judge, *history) {
	h := newHistory(models.RoomID{9})
	for i, kind := range []models.EntryKind{1, 1, 2, 3, 1, 1, 2, 3} {
		h.entries = append(h.entries, line{kind: kind, author: ada.account, id: models.MessageID{byte(i + 1)}, dir: models.Hash{1}})
	}
	h.entries[3].sealed, h.entries[7].sealed = 3, 7
	h.members = map[models.AccountID][]span{ada.account: {{1, always}}, ben.account: {{2, 5}}, cyd.account: {{6, always}}}
	h.shut[ben.account] = 5
	b := &book{}
	for seq, heard := range map[uint64]uint64{4: 3, 8: 7} {
		b.add(&message{note: note{h.id, ada.account, models.MessageID{byte(seq)}}, text: "hello", tried: true, acked: true, heard: heard, knew: 1})
	}
	dir := newRegistry()
	dir.places[models.Hash{1}], dir.places[models.Hash{2}] = 1, 2
	return &judge{rooms: map[models.RoomID]*history{h.id: h}, dir: dir, book: b, counts: &Counts{}, now: time.Now}, h
}

func text(seq byte) seen { return seen{kind: e2e.EventMessage, id: models.MessageID{seq}} }

var noKey = seen{kind: e2e.EventRefused, cause: e2e.CauseNoKey}

// TestJudgeSees: what must not happen is seen, whoever does it, and what may happen is no alarm.
func TestJudgeSees(t *testing.T) {
	for _, tt := range []struct {
		name   string
		seq    uint64
		who    *person
		shown  seen
		change func(*judge, *history)
		fails  bool
		count  func(*Counts) int // 1 afterwards
	}{
		{"somebody who was not in yet reads", 4, cyd, text(4), nil, true, func(c *Counts) int { return c.Leaks }},
		{"somebody who left reads", 8, ben, text(8), nil, true, func(c *Counts) int { return c.Leaks }},
		{"somebody who left reads under an old key, of an author who knew", 8, ben, text(8), func(_ *judge, h *history) { h.entries[7].sealed = 3 }, true, func(c *Counts) int { return c.Leaks }},
		{"a member has no key", 8, cyd, noKey, nil, true, func(c *Counts) int { return c.Unreadable["waiting for a member"] }},
		{"a member has no key, since his author, who knew him, took an old one", 8, cyd, noKey, func(_ *judge, h *history) { h.entries[7].sealed = 3 }, true, func(c *Counts) int { return c.Unreadable["waiting for a member"] }},
		{"a token does not open, even if not his", 4, cyd, seen{kind: e2e.EventRefused, cause: e2e.CauseToken}, nil, true, func(c *Counts) int { return c.Unreadable["does not open"] }},
		{"another text than was sent", 4, ada, seen{kind: e2e.EventMessage, id: models.MessageID{4}, other: true}, nil, true, nil},
		{"another message than stands there", 4, ada, text(8), nil, true, nil},
		{"a member's generation does not open", 7, cyd, seen{kind: e2e.EventGeneration, cause: e2e.CauseBox}, nil, true, func(c *Counts) int { return c.Unreadable["generation: broken key box"] }},
		{"a statement that the server took is skipped", 2, ada, seen{kind: e2e.EventSkipped, cause: e2e.CauseState}, nil, true, func(c *Counts) int { return c.Unreadable["statement: claims another state"] }},
		{"a warning about an honest server", 8, ada, seen{kind: e2e.EventMessage, id: models.MessageID{8}, warn: e2e.WarnGap}, nil, true, func(c *Counts) int { return c.Alarms["messages missing"] }},
		{"somebody who left is sent what he can not open", 8, ben, noKey, nil, true, func(c *Counts) int { return c.Shown }},
		{"an entry that no log has", 9, ada, noKey, nil, true, nil},
		{"a room that no store has", 1, ada, seen{kind: e2e.EventNotice}, func(j *judge, h *history) { delete(j.rooms, h.id) }, true, nil},
		{"somebody who never was in is sent the log", 2, cyd, seen{kind: e2e.EventNotice}, func(_ *judge, h *history) { clear(h.members) }, true, func(c *Counts) int { return c.Shown }},

		{"somebody revoked reads under a generation of who knew", 8, cyd, text(8), func(j *judge, h *history) {
			j.dir.gone[cyd.account] = 2
			h.entries[6].dir = models.Hash{2}
		}, true, func(c *Counts) int { return c.Leaks }},
		{"somebody revoked reads under an old key, of an author who knew", 8, cyd, text(8), func(j *judge, h *history) {
			j.dir.gone[cyd.account] = 2
			j.book.sent[note{h.id, ada.account, h.entries[7].id}].knew = 2
		}, true, func(c *Counts) int { return c.Leaks }},

		{"somebody revoked reads what was sealed before anybody knew", 8, cyd, text(8), func(j *judge, _ *history) { j.dir.gone[cyd.account] = 2 }, false,
			func(c *Counts) int { return c.Opened }},
		{"somebody revoked has no key, and nobody to ask", 8, cyd, noKey, func(j *judge, _ *history) { j.dir.gone[cyd.account] = 2 }, false,
			func(c *Counts) int { return c.Crossed }},
		{"somebody who had to wait for a key is out before one comes", 4, ben, noKey, nil, false, func(c *Counts) int { return c.Parted }},
		{"who is invited is sent the log", 2, cyd, seen{kind: e2e.EventNotice}, func(_ *judge, h *history) { clear(h.members); h.invited[cyd.account] = trust.RoleMember }, false, nil},
		{"who is put out is sent that", 5, ben, seen{kind: e2e.EventNotice}, nil, false, nil},
		{"a member reads", 8, cyd, text(8), nil, false, func(c *Counts) int { return c.Opened }},
		{"somebody who left reads what was said before", 4, ben, text(4), nil, false, func(c *Counts) int { return c.Opened }},
		{"a newcomer can not read what was said before", 4, cyd, noKey, nil, false, func(c *Counts) int { return c.NotForThem }},
		{"a newcomer can not read what was said as he came", 8, cyd, noKey, func(j *judge, h *history) {
			h.entries[7].sealed = 3
			j.book.sent[note{h.id, ada.account, h.entries[7].id}].heard = 5
		}, false, func(c *Counts) int { return c.Crossed }},
		{"a generation from before he came", 3, cyd, seen{kind: e2e.EventGeneration, cause: e2e.CauseNoKey}, nil, false, nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			j, h := oneRoom()
			if tt.change != nil {
				tt.change(j, h)
			}
			x := &walk{who: tt.who, room: models.RoomID{9}, heard: tt.seq, fresh: []seen{tt.shown}}
			j.walked(x)
			j.walked(x)
			j.owing(x)
			if j.counts.Failed() != tt.fails {
				t.Errorf("failed %v, want %v: %v", !tt.fails, tt.fails, j.counts.wrongs)
			}
			if tt.count != nil && tt.count(j.counts) != 1 {
				t.Errorf("it is not counted as what it is: %+v", j.counts)
			}
		})
	}
}

// TestGhostsAreSeen: who opens what is not his with everything that the server has on its disk.
func TestGhostsAreSeen(t *testing.T) {
	j, h := oneRoom()
	j.haunted(h, 4, cyd, e2e.Event{Kind: e2e.EventRefused})
	j.haunted(h, 4, ben, e2e.Event{Kind: e2e.EventMessage})
	if j.counts.Failed() {
		t.Fatal(j.counts.wrongs)
	}
	j.haunted(h, 4, cyd, e2e.Event{Kind: e2e.EventMessage})
	if j.counts.Leaks != 1 {
		t.Fatal("a ghost read what was said before it came, and nobody saw it")
	}
}

// TestStored: what was acknowledged stands in the log, once.
func TestStored(t *testing.T) {
	j, h := oneRoom()
	j.book.add(&message{note: note{h.id, ben.account, models.MessageID{50}}, tried: true}) // never acknowledged
	if j.stored(); j.counts.Failed() {
		t.Fatalf("%d lost, %d doubled", j.counts.Lost, j.counts.Doubled)
	}
	h.entries = append(h.entries, h.entries[7])
	j.book.add(&message{note: note{h.id, ben.account, models.MessageID{51}}, tried: true, acked: true})
	if j.stored(); j.counts.Lost != 1 || j.counts.Doubled != 1 {
		t.Fatalf("%d lost, %d doubled, want 1 and 1", j.counts.Lost, j.counts.Doubled)
	}
}

// TestReadingKeepsOrder: an entry that comes twice, or too early, is strange; a room that is entered again begins anew.
func TestReadingKeepsOrder(t *testing.T) {
	room := models.RoomID{9}
	for _, tt := range []struct {
		name    string
		seqs    []uint64
		strange int
		walks   int
	}{
		{"in order", []uint64{1, 2, 3}, 0, 1},
		{"one twice", []uint64{1, 2, 2, 3}, 1, 1},
		{"one missing", []uint64{1, 3}, 1, 1},
		{"the first missing", []uint64{2}, 1, 1},
		{"again from the beginning", []uint64{1, 2, 1, 2, 3}, 0, 2},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r := &reading{who: ada, book: &book{}, moved: make(chan struct{}), walks: map[models.RoomID]*walk{}, entered: map[models.RoomID]bool{}}
			for _, seq := range tt.seqs {
				r.take(client.Update{Room: room, Event: &e2e.Event{Kind: e2e.EventNotice, Seq: seq}})
			}
			walks := 0
			r.each(func(*walk) { walks++ })
			if r.strange != tt.strange || walks != tt.walks {
				t.Errorf("%d strange in %d walks, want %d in %d", r.strange, walks, tt.strange, tt.walks)
			}
		})
	}
}

// TestReadingKnowsWhatWasSaid: a text that was never sent, or that another sent, is another's.
func TestReadingKnowsWhatWasSaid(t *testing.T) {
	b := &book{}
	n := note{models.RoomID{9}, ada.account, models.MessageID{1}}
	m := &message{note: n, text: "hello"}
	b.add(m)
	if b.is(n.room, n.author, n.id, "hello") {
		t.Error("it was read before it was sent")
	}
	b.try(m, 5, 2)
	b.try(m, 7, 3)
	if heard, knew, _ := b.since(n); heard != 5 || knew != 2 {
		t.Errorf("its author had heard %d and knew %d, want what he had at the first try, 5 and 2", heard, knew)
	}
	for _, tt := range []struct {
		author models.AccountID
		text   string
		want   bool
	}{{ada.account, "hello", true}, {ada.account, "hallo", false}, {ben.account, "hello", false}} {
		if got := b.is(n.room, tt.author, n.id, tt.text); got != tt.want {
			t.Errorf("%q of %s: %v", tt.text, tt.author.Short(), got)
		}
	}
}
