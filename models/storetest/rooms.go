package storetest

import (
	"slices"
	"testing"
	"time"

	"visavis/models"
)

// testGiven: what members give later stands beside what came with the generation, and replaces nobody else's.
func testGiven(t *testing.T, s models.Store) {
	ctx := t.Context()
	given := func(body string) []models.Box {
		b := box(1, 1, 2, 1)
		b.Body = []byte(body)
		return []models.Box{b}
	}
	bodies := func() (out []string) {
		for _, b := range must(s.BoxFor(ctx, room(1), hash(1), account(2)))(t) {
			out = append(out, string(b.Body))
		}
		slices.Sort(out)
		return out
	}
	for name, spoil := range map[string]func(*models.Box){
		"no room":       func(b *models.Box) { b.Room = models.RoomID{} },
		"no generation": func(b *models.Box) { b.Generation = models.Hash{} },
		"no account":    func(b *models.Box) { b.Account = models.AccountID{} },
		"no key":        func(b *models.Box) { b.Key = models.Hash{} },
		"no body":       func(b *models.Box) { b.Body = nil },
	} {
		bad := append(given("good"), given("bad")...)
		spoil(&bad[1])
		refused(t, name, s.GiveBoxes(ctx, account(1), bad), models.ErrInvalid)
	}
	refused(t, "no giver", s.GiveBoxes(ctx, models.AccountID{}, given("x")), models.ErrInvalid)
	same(t, "nothing of it stands", bodies(), nil)

	must(s.Append(ctx, []models.Entry{generation(1, 1, box(1, 1, 2, 1))}))(t)
	ok(t, s.GiveBoxes(ctx, account(3), given("three")))
	ok(t, s.GiveBoxes(ctx, account(4), given("four")))
	ok(t, s.GiveBoxes(ctx, account(3), given("three again")))
	ok(t, s.GiveBoxes(ctx, account(3), nil))
	same(t, "beside each other", bodies(), []string{"box", "four", "three again"})
	same(t, "another's", must(s.BoxFor(ctx, room(1), hash(1), account(3)))(t), nil)
	for n := range models.MaxGivers {
		ok(t, s.GiveBoxes(ctx, account(10+n), given("many")))
	}
	same(t, "bounded", len(bodies()), 1+models.MaxGivers)
	ok(t, s.GiveBoxes(ctx, account(4), given("four again")))
	same(t, "who gave before gives again", slices.Contains(bodies(), "four again"), true)

	u, v := user(2)
	ok(t, s.AddUser(ctx, u, v))
	ok(t, s.DeleteUser(ctx, account(2)))
	same(t, "of somebody who was deleted", bodies(), nil)
}

func testAsks(t *testing.T, s models.Store) {
	ctx := t.Context()
	refused(t, "no room", s.PutAsk(ctx, models.Ask{Account: account(1), Waiting: true}), models.ErrInvalid)
	refused(t, "nobody", s.PutAsk(ctx, models.Ask{Room: room(1), Waiting: true}), models.ErrInvalid)
	same(t, "nobody asks", must(s.Asks(ctx, room(1)))(t), nil)
	one := models.Ask{Room: room(1), Account: account(1), Generations: []models.Hash{hash(1), hash(2)}}
	two := models.Ask{Room: room(1), Account: account(2), Waiting: true}
	for _, a := range []models.Ask{one, two, {Room: room(2), Account: account(1), Waiting: true}} {
		ok(t, s.PutAsk(ctx, a))
	}
	want := []models.Ask{one, two}
	slices.SortFunc(want, func(a, b models.Ask) int { return slices.Compare(a.Account[:], b.Account[:]) })
	same(t, "of one room", must(s.Asks(ctx, room(1)))(t), want)
	two.Generations = []models.Hash{hash(3)}
	ok(t, s.PutAsk(ctx, two))
	ok(t, s.PutAsk(ctx, models.Ask{Room: room(1), Account: account(1)}))
	same(t, "one is content, the other asks for more", must(s.Asks(ctx, room(1)))(t), []models.Ask{two})
	u, v := user(2)
	ok(t, s.AddUser(ctx, u, v))
	ok(t, s.DeleteUser(ctx, account(2)))
	same(t, "the other was deleted", must(s.Asks(ctx, room(1)))(t), nil)
}

// testVanished: a message whose time is over keeps its place and its id, and loses its words.
func testVanished(t *testing.T, s models.Store) {
	ctx := t.Context()
	ending := func(n int, after time.Duration) models.Entry {
		e := entry(1, n)
		e.Ends = noon.Add(after)
		return e
	}
	bad := ending(9, time.Hour)
	bad.Kind = models.EntryStatement
	refused(t, "a statement that ends", must(s.Append(ctx, []models.Entry{bad}))(t)[0].Err, models.ErrInvalid)
	must(s.Append(ctx, []models.Entry{ending(1, 2*time.Hour), entry(1, 2), ending(3, time.Hour)}))(t)
	seqs := func(now time.Time, limit int) (out []uint64) {
		for _, e := range must(s.Ended(ctx, now, limit))(t) {
			out = append(out, e.Seq)
		}
		return out
	}
	same(t, "nothing is over", seqs(noon.Add(time.Hour-time.Millisecond), 9), nil)
	same(t, "one is", seqs(noon.Add(time.Hour), 9), []uint64{3})
	same(t, "two are", seqs(noon.Add(3*time.Hour), 9), []uint64{3, 1})
	same(t, "one at a time", seqs(noon.Add(3*time.Hour), 1), []uint64{3})

	left := func(seq uint64, body string) models.Entry {
		return models.Entry{Room: room(1), Seq: seq, Kind: models.EntryExpired, Body: []byte(body)}
	}
	wrong := left(1, "left")
	wrong.Kind = models.EntryMessage
	refused(t, "not as one that is over", s.Vanish(ctx, []models.Entry{left(3, "left"), wrong}), models.ErrInvalid)
	refused(t, "nothing left", s.Vanish(ctx, []models.Entry{left(3, "left"), left(1, "")}), models.ErrInvalid)
	refused(t, "one that never ends", s.Vanish(ctx, []models.Entry{left(3, "left"), left(2, "left")}), models.ErrNotFound)
	refused(t, "one that is not there", s.Vanish(ctx, []models.Entry{left(4, "left")}), models.ErrNotFound)
	same(t, "they stand", seqs(noon.Add(3*time.Hour), 9), []uint64{3, 1})

	ok(t, s.Vanish(ctx, nil))
	ok(t, s.Vanish(ctx, []models.Entry{left(3, "left of 3")}))
	same(t, "it is over once", seqs(noon.Add(3*time.Hour), 9), []uint64{1})
	es := must(s.Entries(ctx, room(1), 0, 9))(t)
	gone := ending(3, time.Hour)
	gone.Seq, gone.Kind, gone.Body = 3, models.EntryExpired, []byte("left of 3")
	same(t, "what is left", es[2], gone)
	same(t, "the others", []string{string(es[0].Body), string(es[1].Body)}, []string{"body 1", "body 2"})
	same(t, "sent again", must(s.Append(ctx, []models.Entry{ending(3, time.Hour)}))(t), []models.Appended{{Seq: 3, At: noon, Duplicate: true}})
	same(t, "last", must(s.LastSeq(ctx, room(1)))(t), 3)
}
