package client_test

import (
	"context"
	"testing"
	"time"

	"visavis/chat/wire"
	"visavis/models"
)

// A member, with a server's help, writes entry after entry that names a head of the directory which is none: a reader does not ask for each.
func TestUnknownHeadsAreNotAskedForOneByOne(t *testing.T) {
	const count = 200
	w, h, first, admin, ben := hostile(t)
	ctx := t.Context()
	id, err := admin.CreateRoom(ctx, "Kitchen")
	must(t, err)
	reader := w.LogIn(first, ben)
	member(t, admin, reader, id)
	reader.Close()
	last := lastSeq(t, w, id)
	var junk []models.Entry
	for i := range uint64(count) {
		body, err := admin.ForeignGeneration(id, models.Hash{1, byte(i), byte(i >> 8)})
		must(t, err)
		junk = append(junk, models.Entry{Room: id, Seq: last + 1 + i, Kind: models.EntryGeneration, Author: admin.Account(),
			Message: models.MessageID{2, byte(i), byte(i >> 8)}, Body: body, At: w.Clock.Now()})
	}
	restartWith(t, w.Stop, func() { w.Start(nil) }, h, &lies{entries: func(room models.RoomID, es []models.Entry) []models.Entry {
		if room == id && len(es) > 0 && es[0].Seq <= last {
			return append(es, junk...)
		}
		return es
	}})
	s := w.LogIn(first, ben)
	s.SetPatience(10 * time.Millisecond)
	before := s.Connection().LastID()
	must(t, s.Enter(ctx, id))
	if asked := s.Connection().LastID() - before; asked > 20 {
		t.Fatalf("%d requests for %d entries", asked, count)
	}
}

// A room fills faster than this desk reads: what waits is bounded, answers still come, and in the end everything is read.
func TestCrowdedReaderHoldsTheServerUp(t *testing.T) {
	const count = 40_000
	w, first, admin, ben := people(t)
	ctx := context.Background()
	id, err := admin.CreateRoom(ctx, "Kitchen")
	must(t, err)
	s := w.LogIn(first, ben)
	member(t, admin, s, id)
	_, err = admin.Send(ctx, id, "first")
	must(t, err)
	e, err := admin.SealRaw(id, "again and again")
	must(t, err)
	behind, err := admin.ForeignGeneration(id, models.Hash{1}) // makes the reader wait before it looks at the directory
	must(t, err)
	entries := []models.Entry{{Room: id, Kind: models.EntryGeneration, Author: admin.Account(), Message: models.MessageID{2}, Body: behind}}
	for i := range count {
		entries = append(entries, models.Entry{Room: id, Kind: models.EntryMessage, Author: admin.Account(),
			Message: models.MessageID{3, byte(i), byte(i >> 8)}, Body: e.Body, At: w.Clock.Now()})
	}
	s.Close()
	admin.Close()
	w.Stop()
	for part := entries; len(part) > 0; part = part[min(len(part), 1000):] {
		_, err := w.Store.Append(ctx, part[:min(len(part), 1000)])
		must(t, err)
	}
	w.Start(nil)
	s = w.LogIn(first, ben)
	s.SetPatience(2 * time.Second)
	entered := make(chan error, 1)
	go func() { entered <- s.Enter(ctx, id) }()
	most := 0
	for done := false; !done; {
		most = max(most, s.Queued())
		select {
		case err := <-entered:
			must(t, err)
			done = true
		default:
		}
	}
	if most > count/2 { // 4,096, and what the sockets held when the reader asked for the directory: that is taken off for the answer behind it
		t.Fatalf("%d entries waited to be applied", most)
	}
	if got := s.Applied(id); got != lastSeq(t, w, id) {
		t.Fatalf("read %d of %d entries", got, lastSeq(t, w, id))
	}
	must(t, s.Connection().Call(ctx, wire.TypeRoomList, wire.RoomList{}, new(wire.RoomListReply)))
}
