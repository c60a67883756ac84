package server

import (
	"context"
	"fmt"
	"sort"
	"sync"
	"sync/atomic"

	"visavis/chat/wire"
	"visavis/models"
)

// Bounds of what a room keeps in memory; older entries are read from the store.
const (
	oneLogMemory  = 4 << 20   // bytes; when exceeded, the older half goes
	allLogsMemory = 256 << 20 // bytes of all logs together; a log that would exceed it keeps nothing
	logChunk      = 1 << 20   // bytes given to a connection's writer at once
	storeChunk    = 256       // entries read from the store at once
	logMinKeeps   = 64        // entries that stay whatever their size
)

// roomLog is the byte log of one room: every entry as the event frame that all followers get, encoded once. A
// connection's cursor is the sequence number of the last entry that it was given; what lies between it and the end goes out in one write.
//
// The bytes of an entry never change once appended, so slices handed out stay valid without the lock.
type roomLog struct {
	id    models.RoomID
	store models.Logs
	all   *logMemory

	mu        sync.Mutex // tier 4: nothing else is locked while it is held
	base      uint64     // sequence number of the entry before buf's first
	buf       []byte
	ends      []int // end of each entry in buf
	held      int   // bytes that all knows of
	followers map[*conn]struct{}
}

// logMemory is what all logs hold together, in bytes.
type logMemory struct {
	most int64
	held atomic.Int64
}

func newRoomLog(id models.RoomID, store models.Logs, last uint64, all *logMemory) *roomLog {
	return &roomLog{id: id, store: store, all: all, base: last, followers: map[*conn]struct{}{}}
}

// append adds durable entries, which follow the log's last one without a gap, and wakes the followers.
func (l *roomLog) append(entries ...models.Entry) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, e := range entries {
		if want := l.base + uint64(len(l.ends)) + 1; e.Seq != want {
			return fmt.Errorf("room %s: entry %d does not follow %d", l.id.Short(), e.Seq, want-1)
		}
		b, err := eventFrame(e).Append(l.buf)
		if err != nil {
			return err
		}
		l.buf = b
		l.ends = append(l.ends, len(b))
	}
	l.trim()
	l.account()
	for c := range l.followers {
		c.notify()
	}
	return nil
}

// account tells the others what this log holds. What nobody follows holds nothing; where all together hold too much, this one keeps its newest
// entries alone, which is what live cursors read. The store has the rest. mu is held.
func (l *roomLog) account() {
	switch n := l.size(); {
	case len(l.followers) == 0:
		l.base += uint64(len(l.ends))
		l.buf, l.ends = nil, nil
	case l.all.held.Load()+int64(n-l.held) > l.all.most:
		l.cut(len(l.ends)-logMinKeeps, 0)
	}
	n := l.size()
	l.all.held.Add(int64(n - l.held))
	l.held = n
}

func (l *roomLog) size() int { return cap(l.buf) + cap(l.ends)*8 }

// trim keeps the newer half of a log that has grown too large.
func (l *roomLog) trim() {
	if len(l.buf) > oneLogMemory {
		half := sort.SearchInts(l.ends, len(l.buf)/2) + 1
		l.cut(min(half, len(l.ends)-logMinKeeps), oneLogMemory+oneLogMemory/4)
	}
}

// cut drops the first n entries. The rest moves to a new buffer, since writers may still hold slices of the old one.
func (l *roomLog) cut(n, room int) {
	if n <= 0 {
		return
	}
	from := l.ends[n-1]
	l.buf = append(make([]byte, 0, max(room, len(l.buf)-from)), l.buf[from:]...)
	ends := make([]int, len(l.ends)-n)
	for i, e := range l.ends[n:] {
		ends[i] = e - from
	}
	l.ends = ends
	l.base += uint64(n)
}

// last is the sequence number of the newest entry.
func (l *roomLog) last() uint64 {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.base + uint64(len(l.ends))
}

// after returns frames of entries after the cursor, about logChunk bytes at most, and the cursor that stands after them. No bytes
// mean that the cursor is at the end.
func (l *roomLog) after(ctx context.Context, cursor uint64) ([]byte, uint64, error) {
	b, next, ok := l.inMemory(cursor)
	if ok {
		return b, next, nil
	}
	entries, err := l.store.Entries(ctx, l.id, cursor, storeChunk)
	if err != nil {
		return nil, cursor, fmt.Errorf("read log of room %s: %w", l.id.Short(), err)
	}
	for _, e := range entries {
		if b, err = eventFrame(e).Append(b); err != nil {
			return nil, cursor, err
		}
		cursor = e.Seq
		if len(b) >= logChunk {
			break
		}
	}
	return b, cursor, nil
}

func (l *roomLog) inMemory(cursor uint64) (b []byte, next uint64, ok bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	end := l.base + uint64(len(l.ends))
	switch {
	case cursor >= end:
		return nil, cursor, true
	case cursor < l.base:
		return nil, cursor, false
	}
	i, from := int(cursor-l.base), 0
	if i > 0 {
		from = l.ends[i-1]
	}
	j := sort.SearchInts(l.ends, from+logChunk)
	j = max(min(j, len(l.ends)-1), i)
	return l.buf[from:l.ends[j]:l.ends[j]], l.base + uint64(j) + 1, true
}

func (l *roomLog) follow(c *conn) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.followers[c] = struct{}{}
}

func (l *roomLog) unfollow(c *conn) {
	l.mu.Lock()
	defer l.mu.Unlock()
	delete(l.followers, c)
	l.account()
}

func eventFrame(e models.Entry) wire.Frame {
	return wire.NewFrame(wire.Event, 0, wire.EventEntry, wireEntry(e))
}

func wireEntry(e models.Entry) wire.Entry {
	return wire.Entry{Room: e.Room, Seq: e.Seq, Kind: e.Kind, Author: e.Author, Message: e.Message, Body: e.Body, At: e.At.UnixMilli()}
}
