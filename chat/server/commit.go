package server

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"runtime/debug"

	"visavis/chat/wire"
	"visavis/models"
)

// Bounds of the batching writer.
const (
	appendsQueued = 1024
	batchEntries  = 256
)

// pending is an entry on its way to the store. done is called once, on the writer's goroutine, and must not block.
type pending struct {
	entry models.Entry
	done  func(models.Appended, error)
}

// errStopped answers entries that come after the writer has stopped.
var errStopped = wire.Refuse(wire.CodeGoodbye)

// submit hands an entry to the writer.
func (s *Server) submit(ctx context.Context, p pending) error {
	select {
	case s.appends <- p:
		return nil
	case <-s.stopped:
		return errStopped
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// commit is the one writer of all logs: it takes what waits, stores it in one transaction, and only then publishes and acknowledges.
// It is also the only one that changes the states of rooms and directory, so that the log's order alone decides.
func (s *Server) commit(ctx context.Context) {
	defer close(s.stopped)
	for {
		select {
		case <-ctx.Done():
			s.refuseRest()
			return
		case p := <-s.appends:
			s.commitBatch(ctx, s.collect(p))
		}
	}
}

func (s *Server) refuseRest() {
	for {
		select {
		case p := <-s.appends:
			p.done(models.Appended{}, errStopped)
		default:
			return
		}
	}
}

// collect takes what waits behind first. A statement or generation ends the batch, since what follows is judged by the state after it.
func (s *Server) collect(first pending) []pending {
	batch := []pending{first}
	for len(batch) < batchEntries && batch[len(batch)-1].entry.Kind == models.EntryMessage {
		select {
		case p := <-s.appends:
			batch = append(batch, p)
		default:
			return batch
		}
	}
	return batch
}

// commitBatch stores what passes the check and answers each.
func (s *Server) commitBatch(ctx context.Context, batch []pending) {
	kept := batch[:0]
	entries := make([]models.Entry, 0, len(batch))
	for _, p := range batch {
		if err := s.checked(p.entry); err != nil {
			s.answerRefused(ctx, p, err)
			continue
		}
		p.entry.At = s.now().UTC()
		p.entry.Ends = s.hub.ends(p.entry, p.entry.At)
		kept = append(kept, p)
		entries = append(entries, p.entry)
	}
	if len(entries) == 0 {
		return
	}
	// A stopping server finishes the transaction that it has begun.
	done, err := s.store.Append(context.WithoutCancel(ctx), entries)
	if err == nil && len(done) != len(entries) {
		err = fmt.Errorf("store answered %d of %d entries", len(done), len(entries))
	}
	if err != nil {
		s.log.Error("entries not stored", "count", len(entries), "cause", err)
		for _, p := range kept {
			p.done(models.Appended{}, wire.Refuse(wire.CodeNotDurable))
		}
		return
	}
	for i, p := range kept {
		a := done[i]
		if a.Err == nil && !a.Duplicate {
			p.entry.Seq, p.entry.At = a.Seq, a.At
			if err := s.publish(ctx, p.entry); err != nil {
				s.log.Error("stored entry not published", "room", p.entry.Room.Short(), "seq", a.Seq, "cause", err)
			}
		}
		p.done(a, a.Err)
	}
}

// checked is check behind a barrier: an entry on which it panics is refused, and the writer goes on for everybody else.
func (s *Server) checked(e models.Entry) (err error) {
	defer func() {
		if p := recover(); p != nil {
			s.log.Error("panic in a check", "room", e.Room.Short(), "panic", p, "stack", string(debug.Stack()))
			err = wire.Refuse(wire.CodeInternal)
		}
	}()
	return s.check(e)
}

// answerRefused tells a repeated request from a bad one: what was stored before is acknowledged again, whatever the state is now.
func (s *Server) answerRefused(ctx context.Context, p pending, cause error) {
	e, err := s.store.EntryOf(ctx, p.entry.Room, p.entry.Author, p.entry.Message)
	switch {
	case err == nil && (e.Kind == p.entry.Kind && bytes.Equal(e.Body, p.entry.Body) || e.Kind == models.EntryExpired):
		p.done(models.Appended{Seq: e.Seq, At: e.At, Duplicate: true}, nil)
	case err != nil && !errors.Is(err, models.ErrNotFound):
		p.done(models.Appended{}, err)
	default:
		p.done(models.Appended{}, cause)
	}
}
