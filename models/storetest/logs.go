package storetest

import (
	"slices"
	"sync"
	"testing"
	"time"

	"visavis/models"
)

func generation(r, n int, boxes ...models.Box) models.Entry {
	e := entry(r, n)
	e.Kind, e.Boxes = models.EntryGeneration, boxes
	return e
}

func box(r, gen, acc, key int) models.Box {
	return models.Box{Room: room(r), Generation: hash(gen), Account: account(acc), Key: hash(key), Body: []byte("box")}
}

// testLogRefused: a wrong entry is refused by itself, and leaves no hole.
func testLogRefused(t *testing.T, s models.Store) {
	ctx := t.Context()
	spoilt := func(spoil func(*models.Entry)) models.Entry {
		e := entry(1, 2)
		spoil(&e)
		return e
	}
	for name, bad := range map[string]models.Entry{
		"no kind":                spoilt(func(e *models.Entry) { e.Kind = 0 }),
		"unknown kind":           spoilt(func(e *models.Entry) { e.Kind = 4 }),
		"no message id":          spoilt(func(e *models.Entry) { e.Message = models.MessageID{} }),
		"no body":                spoilt(func(e *models.Entry) { e.Body = nil }),
		"boxes on a message":     spoilt(func(e *models.Entry) { e.Boxes = []models.Box{box(1, 1, 1, 1)} }),
		"box of another room":    generation(1, 2, box(2, 1, 1, 1)),
		"box without generation": generation(1, 2, models.Box{Room: room(1), Account: account(1), Key: hash(1), Body: []byte("box")}),
		"boxes of two":           generation(1, 2, box(1, 1, 1, 1), box(1, 2, 2, 1)),
		"two boxes for one key":  generation(1, 2, box(1, 1, 1, 1), box(1, 1, 1, 1)),
	} {
		before := must(s.LastSeq(ctx, room(1)))(t)
		n := 10 + int(before)
		got := must(s.Append(ctx, []models.Entry{entry(1, n), bad, entry(1, n+1)}))(t)
		refused(t, name, got[1].Err, models.ErrInvalid)
		same(t, name+": answers", []uint64{got[0].Seq, got[1].Seq, got[2].Seq}, []uint64{before + 1, 0, before + 2})
	}
	same(t, "no entries", must(s.Append(ctx, nil))(t), nil)
	_, err := s.EntryOf(ctx, room(1), account(1), message(2))
	refused(t, "refused entry", err, models.ErrNotFound)
	same(t, "refused boxes", must(s.BoxFor(ctx, room(1), hash(1), account(1)))(t), nil)
}

func testLogDuplicates(t *testing.T, s models.Store) {
	ctx := t.Context()
	first := must(s.Append(ctx, []models.Entry{entry(1, 1), entry(1, 2)}))(t)
	same(t, "first time", first, []models.Appended{{Seq: 1, At: noon}, {Seq: 2, At: noon}})

	again := entry(1, 1)
	again.At = noon.Add(time.Hour)
	otherBody, otherKind := entry(1, 2), entry(1, 2)
	otherBody.Body = []byte("another body")
	otherKind.Kind = models.EntryStatement
	otherAuthor, otherRoom := entry(1, 1), entry(2, 1)
	otherAuthor.Author = account(2)
	got := must(s.Append(ctx, []models.Entry{again, otherBody, otherKind, otherAuthor, otherRoom, entry(1, 3), entry(1, 3)}))(t)
	same(t, "the same entry", got[0], models.Appended{Seq: 1, At: noon, Duplicate: true})
	refused(t, "another body", got[1].Err, models.ErrConflict)
	refused(t, "another kind", got[2].Err, models.ErrConflict)
	same(t, "another author", got[3], models.Appended{Seq: 3, At: noon})
	same(t, "another room", got[4], models.Appended{Seq: 1, At: noon})
	same(t, "new", got[5], models.Appended{Seq: 4, At: noon})
	same(t, "twice in one batch", got[6], models.Appended{Seq: 4, At: noon, Duplicate: true})
	same(t, "last", must(s.LastSeq(ctx, room(1)))(t), 4)
	same(t, "first body stands", string(must(s.EntryOf(ctx, room(1), account(1), message(2)))(t).Body), "body 2")
}

func testBoxes(t *testing.T, s models.Store) {
	ctx := t.Context()
	same(t, "unknown generation", must(s.BoxFor(ctx, room(1), hash(1), account(1)))(t), nil)
	e := generation(1, 1, box(1, 1, 1, 1), box(1, 1, 1, 2), box(1, 1, 2, 1))
	must(s.Append(ctx, []models.Entry{e}))(t)
	e.Boxes[0].Body[0] = 'X'

	want := []models.Box{box(1, 1, 1, 1), box(1, 1, 1, 2)}
	slices.SortFunc(want, func(a, b models.Box) int { return slices.Compare(a.Key[:], b.Key[:]) })
	got := must(s.BoxFor(ctx, room(1), hash(1), account(1)))(t)
	slices.SortFunc(got, func(a, b models.Box) int { return slices.Compare(a.Key[:], b.Key[:]) })
	same(t, "one's own boxes", got, want)
	same(t, "in another room", must(s.BoxFor(ctx, room(2), hash(1), account(1)))(t), nil)
	same(t, "of a stranger", must(s.BoxFor(ctx, room(1), hash(1), account(3)))(t), nil)
	same(t, "entries come without", must(s.Entries(ctx, room(1), 0, 9))(t)[0].Boxes, nil)
	same(t, "entry comes without", must(s.EntryOf(ctx, room(1), account(1), message(1)))(t).Boxes, nil)

	// The attack: a member sends somebody's generation again, with a box that its recipient cannot open. It must neither replace the box
	// nor take the honest entries of the batch with it.
	attack := generation(1, 2, box(1, 1, 3, 1), box(1, 1, 2, 1))
	attack.Author, attack.Body, attack.Boxes[1].Body = account(3), e.Body, []byte("evil")
	answers := must(s.Append(ctx, []models.Entry{entry(1, 3), attack, entry(1, 4)}))(t)
	refused(t, "another's generation", answers[1].Err, models.ErrConflict)
	same(t, "honest entries", []uint64{answers[0].Seq, answers[2].Seq}, []uint64{2, 3})
	same(t, "the box", must(s.BoxFor(ctx, room(1), hash(1), account(2)))(t), []models.Box{box(1, 1, 2, 1)})
	same(t, "no box of the attack", must(s.BoxFor(ctx, room(1), hash(1), account(3)))(t), nil)

	same(t, "the generation again", must(s.Append(ctx, []models.Entry{e}))(t), []models.Appended{{Seq: 1, At: noon, Duplicate: true}})
}

func testLogKept(t *testing.T, s models.Store) {
	ctx := t.Context()
	same(t, "rooms of an empty store", must(s.Rooms(ctx))(t), nil)
	same(t, "last of an empty room", must(s.LastSeq(ctx, room(1)))(t), 0)
	same(t, "entries of an empty room", must(s.Entries(ctx, room(1), 0, 9))(t), nil)
	_, err := s.EntryOf(ctx, room(1), account(1), message(1))
	refused(t, "unknown entry", err, models.ErrNotFound)

	var es []models.Entry
	for n := 1; n <= 5; n++ {
		es = append(es, entry(1, n))
	}
	directory := entry(1, 1)
	directory.Room, directory.Author = models.RoomID{}, models.AccountID{}
	directory.At = noon.Add(999 * time.Microsecond)
	must(s.Append(ctx, append(es, directory, entry(2, 1))))(t)
	for i := range es {
		es[i].Seq = uint64(i + 1)
	}
	for _, c := range []struct {
		after uint64
		limit int
		want  []models.Entry
	}{
		{0, 9, es}, {0, 2, es[:2]}, {2, 2, es[2:4]}, {4, 9, es[4:]}, {5, 9, nil}, {1<<64 - 1, 9, nil}, {0, 0, nil}, {0, -1, nil},
	} {
		same(t, "entries", must(s.Entries(ctx, room(1), c.after, c.limit))(t), c.want)
	}
	got := must(s.Entries(ctx, room(1), 0, 1))(t)
	got[0].Body[0], es[1].Body[0] = 'X', 'X'
	same(t, "copied out", string(must(s.EntryOf(ctx, room(1), account(1), message(1)))(t).Body), "body 1")
	same(t, "copied in", string(must(s.EntryOf(ctx, room(1), account(1), message(2)))(t).Body), "body 2")
	same(t, "directory", must(s.EntryOf(ctx, models.RoomID{}, models.AccountID{}, message(1)))(t).At, noon)

	want := []models.RoomID{room(1), room(2)}
	slices.SortFunc(want, func(a, b models.RoomID) int { return slices.Compare(a[:], b[:]) })
	same(t, "rooms, without the directory", must(s.Rooms(ctx))(t), want)
}

// testLogConcurrent: entries of one room that come from many sides at once get each its own number, without gaps, and a reader
// never sees a later one without the earlier.
func testLogConcurrent(t *testing.T, s models.Store) {
	const writers, batches, size = 8, 5, 3
	ctx := t.Context()
	done := make(chan struct{})
	var reader, wg sync.WaitGroup
	reader.Go(func() {
		for {
			select {
			case <-done:
				return
			default:
			}
			es, err := s.Entries(ctx, room(1), 0, 1000)
			if err != nil {
				t.Errorf("reading beside: %v", err)
				return
			}
			for i, e := range es {
				if e.Seq != uint64(i+1) {
					t.Errorf("entry %d has Seq %d", i+1, e.Seq)
					return
				}
			}
		}
	})
	for w := range writers {
		wg.Go(func() {
			for b := range batches {
				var es []models.Entry
				for i := range size {
					es = append(es, entry(1, 1+i+size*(b+batches*w)))
				}
				got, err := s.Append(ctx, es)
				if err != nil {
					t.Errorf("Append: %v", err)
					return
				}
				for i, a := range got {
					if a.Err != nil || a.Duplicate || a.Seq != got[0].Seq+uint64(i) {
						t.Errorf("answer %d: %+v after %+v", i, a, got[0])
					}
				}
			}
		})
	}
	wg.Wait()
	close(done)
	reader.Wait()
	same(t, "last", must(s.LastSeq(ctx, room(1)))(t), writers*batches*size)
	seen := make(map[models.MessageID]bool)
	for i, e := range must(s.Entries(ctx, room(1), 0, 1000))(t) {
		if e.Seq != uint64(i+1) || seen[e.Message] {
			t.Fatalf("entry %d: Seq %d, message %s", i+1, e.Seq, e.Message.Short())
		}
		seen[e.Message] = true
	}
	same(t, "messages", len(seen), writers*batches*size)
}
