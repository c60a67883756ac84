package e2e

import (
	"errors"
	"fmt"
	"time"

	"visavis/chat/trust"
	"visavis/models"
)

// EventKind is what a log entry turned out to be.
type EventKind uint8

// The kinds of events.
const (
	EventMessage    EventKind = 1 // Message holds it
	EventNotice     EventKind = 2 // Change says what happened: created, invited, joined, left, …
	EventGeneration EventKind = 3 // Change.Current says whether it is the one to seal under; Cause, why this person cannot open it
	EventRefused    EventKind = 4 // a message that does not count; Cause says why
	EventSkipped    EventKind = 5 // a statement or generation that does not count; Cause says why
)

// Event says what to show for one log entry.
type Event struct {
	Kind    EventKind
	Seq     uint64
	At      time.Time // when the server received it
	Author  models.AccountID
	Change  trust.Change
	Message *Message // of EventMessage
	Cause   Cause
	Warn    Warning
	Twin    uint64 // of CauseReused: the Seq of another message of the stream with the same number, zero where there is none
}

// Room is one room's log as the session's person reads it. It is owned by one goroutine.
type Room struct {
	s     *Session
	id    models.RoomID
	state *trust.Room

	next   uint64      // Seq of the entry to come
	last   models.Hash // of the last entry
	latest time.Time   // when the server received an entry last, as it says
	seen   entryWindow
	pin    RoomPin // zero without
	met    bool    // its statement was the last one at some place
	less   bool    // more counts before its place than was shown then: said beside the next message
	forked bool
	asked  uint64 // Seq for which a directory head was missing

	secrets  map[models.Hash][]byte // by generation
	pending  map[models.Hash][]byte // made here, not yet in the log
	uses     map[models.Hash]use
	unopened map[models.Hash]int // messages that were refused for want of the secret
	late     bool                // a secret came after messages that it opens
	headless uint64              // the directory's length when an entry named a head that it had not; zero for none
	patient  time.Time           // until when no new generation is asked for that could wait
	newest   models.Hash         // the newest generation whose secret is here
	stuck    time.Time           // since when the current one's is not, or this session last made one for that reason; zero when it is

	streams map[models.StreamID]*stream
	authors map[models.AccountID]*author
	ids     map[messageKey]models.Hash
	mine    models.StreamID // that this session writes; zero since its person was out of the room, until he writes again
	own     nextMessage
	opened  models.Hash // generation under which a message of this stream with an opening stands in the log
}

// Room begins to read a room's log, from its first entry. If the vault has a pin, the log has to agree with it.
func (s *Session) Room(id models.RoomID) *Room { return s.room(id, s.cfg.Vault.Rooms[id]) }

func (s *Session) room(id models.RoomID, pin RoomPin) *Room {
	return &Room{s: s, id: id, mine: s.stream, state: trust.NewRoom(s.cfg.Vault.Org, id), next: 1, pin: pin, met: pin.Head.IsZero(), secrets: make(map[models.Hash][]byte),
		pending: make(map[models.Hash][]byte), uses: make(map[models.Hash]use), unopened: make(map[models.Hash]int), streams: make(map[models.StreamID]*stream),
		authors: make(map[models.AccountID]*author), ids: make(map[messageKey]models.Hash)}
}

// ID returns the room's id.
func (r *Room) ID() models.RoomID { return r.id }

// State returns the roster and generations, to be read only.
func (r *Room) State() *trust.Room { return r.state }

// Next returns the Seq of the entry to apply next.
func (r *Room) Next() uint64 { return r.next }

// Member says whether the session's person is in the room now.
func (r *Room) Member() bool {
	_, ok := r.state.Member(r.s.Account())
	return ok
}

// Stream is the one that this session writes; another one after each time that its person was out of the room, and zero until he writes again.
func (r *Room) Stream() models.StreamID { return r.mine }

// Waiting says that the session's person is a member to whom no generation was sealed since he is one: until a member sends, there
// is nothing to read.
func (r *Room) Waiting() bool {
	g, ok := r.state.Current()
	return r.Member() && ok && r.secrets[g.Hash] == nil && !r.state.Fits(r.newest, r.s.cfg.Directory)
}

// Sent says that a message of this person stands in the log, as far as it was applied, with this id, and that it was found good.
func (r *Room) Sent(id models.MessageID) bool {
	_, ok := r.ids[messageKey{r.s.Account(), id}]
	return ok
}

// Pin moves the vault's pin of this room to the last entry.
func (r *Room) Pin() {
	if seq := r.next - 1; !r.forked && seq > r.s.cfg.Vault.Rooms[r.id].Seq {
		r.s.cfg.Vault.Rooms[r.id] = RoomPin{Seq: seq, Head: r.state.Head(), State: r.state.StateHash()}
	}
}

// Behind says that the log read so far ends before the vault's pin. If it is all that the server has, the server has cut it:
// the caller says so; nothing can be sent.
func (r *Room) Behind() bool { return r.next <= r.pin.Seq }

// WantsBox says whether Apply needs the entry's boxes: fetch this account's own and put them into Boxes. It needs none for
// a generation made by this session.
func (r *Room) WantsBox(e models.Entry) bool {
	id := trust.GenerationID(e.Body)
	return e.Kind == models.EntryGeneration && r.pending[id] == nil && r.secrets[id] == nil && r.Member()
}

// Apply reads the next entry of the log. Entries come with Seq 1, 2, …; a generation with the boxes that are sealed to this account.
//
// The errors are: ErrOrder, for the wrong entry; ErrDirectoryBehind, after which the caller fetches the directory to its end and applies the
// same entry again (if the head is unknown then, the entry is refused); ErrFork, after which the room is not usable. None of
// the first two changes anything.
func (r *Room) Apply(e models.Entry) (Event, error) {
	if r.forked {
		return Event{}, ErrFork
	}
	if e.Room != r.id || e.Seq != r.next {
		return Event{}, fmt.Errorf("room %s, entry %d, want %d: %w", r.id.Short(), e.Seq, r.next, ErrOrder)
	}
	ev, err := r.walk(e)
	if err != nil && r.asked != e.Seq {
		r.asked = e.Seq
		return Event{}, err
	}
	if err != nil {
		r.headless = r.s.cfg.Directory.Len()
	}
	ev.Seq, ev.At, ev.Author = e.Seq, e.At, e.Author
	if e.At.After(r.latest) {
		r.latest = e.At
	}
	r.last = entryHash(e)
	r.seen.add(r.last, e.Seq)
	r.next++
	if err := r.meet(e.Seq); err != nil {
		return ev, err
	}
	if r.less && ev.Kind == EventMessage && ev.Message.Kind == KindText { // which is shown
		ev.Warn, r.less = ev.Warn|WarnLess, false
	}
	return ev, nil
}

// meet holds the log against the pin. What was pinned has to stand in it by the pin's place. More statements may, which follow from what was pinned: the server kept
// them back, or handed out others in their place, which did not count. That took nothing away, and who closed the room for it would keep it closed when the
// server has come back to the truth; but it is told.
func (r *Room) meet(seq uint64) error {
	same := r.state.Head() == r.pin.Head && r.state.StateHash() == r.pin.State
	r.met = r.met || same
	if seq != r.pin.Seq {
		return nil
	}
	if r.less = !same; !r.met {
		r.forked = true
		return fmt.Errorf("room %s, entry %d: %w", r.id.Short(), seq, ErrFork)
	}
	return nil
}

// walk judges an entry; the error is ErrDirectoryBehind or nil, and the event counts either way.
func (r *Room) walk(e models.Entry) (Event, error) {
	change, err := r.state.Apply(e, r.s.cfg.Directory)
	if err != nil {
		ev := Event{Kind: EventSkipped, Cause: causeOf(err)}
		if e.Kind == models.EntryMessage || e.Kind == models.EntryExpired {
			ev.Kind = EventRefused
		} else if errors.Is(err, trust.ErrUnknown) {
			ev.Cause = CauseIdentity
		}
		if errors.Is(err, trust.ErrUnknownHead) {
			return ev, ErrDirectoryBehind
		}
		return ev, nil
	}
	switch change.Kind {
	case trust.ChangeMessage:
		return r.read(e, change)
	case trust.ChangeExpired:
		return r.expired(e, change), nil
	case trust.ChangeGeneration:
		cause := r.learn(e, change)
		return Event{Kind: EventGeneration, Change: change, Cause: cause}, nil
	case trust.ChangeUnknown:
		return Event{Kind: EventNotice, Change: change, Cause: CauseNewer}, nil
	}
	ev := Event{Kind: EventNotice, Change: change}
	if out := change.Kind == trust.ChangeLeft || change.Kind == trust.ChangeRemoved; out && change.Account == r.s.Account() {
		r.endStream()
	}
	if ends, seen, ok := trust.StreamEndsOf(e.Body); ok {
		ev.Warn, _ = r.checkEnds(change.Account, ends, seen)
	}
	return ev, nil
}

// entryHash is what messages name as the last entry that their sender saw.
func entryHash(e models.Entry) models.Hash {
	if e.Kind == models.EntryExpired {
		if x, err := trust.ParseExpired(e.Body); err == nil {
			return x.Entry
		}
	}
	return trust.EntryHash(e)
}

// entryWindow remembers the last entries' hashes.
type entryWindow struct {
	set  map[models.Hash]uint64 // Seq
	ring []models.Hash
	next int
}

const entryWindowSize = 8192

func (w *entryWindow) add(h models.Hash, seq uint64) {
	if w.set == nil {
		w.set = make(map[models.Hash]uint64)
	}
	w.set[h] = seq
	if len(w.ring) < entryWindowSize {
		w.ring = append(w.ring, h)
		return
	}
	delete(w.set, w.ring[w.next])
	w.ring[w.next] = h
	w.next = (w.next + 1) % entryWindowSize
}

// at is the hash of the entry at seq, the last one being that which was added last.
func (w *entryWindow) at(seq uint64) (models.Hash, bool) {
	if seq == 0 || len(w.ring) == 0 {
		return models.Hash{}, false
	}
	h := w.ring[(seq-1)%entryWindowSize%uint64(len(w.ring))]
	return h, w.set[h] == seq
}

func (w *entryWindow) seqOf(h models.Hash) (uint64, bool) {
	seq, ok := w.set[h]
	return seq, ok
}

// entry wraps a body that this session made.
func (r *Room) entry(kind models.EntryKind, body []byte) (models.Entry, error) {
	var id models.MessageID
	if err := models.Draw(&id, r.s.cfg.Random); err != nil {
		return models.Entry{}, err
	}
	return models.Entry{Room: r.id, Kind: kind, Author: r.s.Account(), Message: id, Body: body}, nil
}

func (r *Room) statement(signed []byte, err error) (models.Entry, error) {
	if err == nil && (r.forked || r.Behind()) {
		err = ErrFork
	}
	if err != nil {
		return models.Entry{}, err
	}
	return r.entry(models.EntryStatement, signed)
}

// Invite makes the entry that invites account. It fails with a *ChangedError for who has an identity that was not accepted.
func (r *Room) Invite(account models.AccountID, role trust.RoomRole) (models.Entry, error) {
	if r.s.changed(account) {
		return models.Entry{}, fmt.Errorf("invite: %w", &ChangedError{[]models.AccountID{account}})
	}
	return r.statement(r.state.SignInvite(r.s.Author(), r.s.cfg.Directory, account, role))
}

// Join makes the entry that accepts an invitation.
func (r *Room) Join() (models.Entry, error) {
	return r.statement(r.state.SignJoin(r.s.Author(), r.s.cfg.Directory))
}

// Leave makes the entry that leaves the room, or declines an invitation.
func (r *Room) Leave() (models.Entry, error) {
	return r.statement(r.state.SignLeave(r.s.Author(), r.s.cfg.Directory, r.ends(r.s.Account()), r.last))
}

// Remove makes the entry that puts account out.
func (r *Room) Remove(account models.AccountID) (models.Entry, error) {
	return r.statement(r.state.SignRemove(r.s.Author(), r.s.cfg.Directory, account, r.ends(account), r.last))
}

// SetRole makes the entry that gives a member another role.
func (r *Room) SetRole(account models.AccountID, role trust.RoomRole) (models.Entry, error) {
	return r.statement(r.state.SignRole(r.s.Author(), r.s.cfg.Directory, account, role))
}

// SetPolicy makes the entry that gives the room other rules.
func (r *Room) SetPolicy(p trust.Policy) (models.Entry, error) {
	return r.statement(r.state.SignPolicy(r.s.Author(), r.s.cfg.Directory, p))
}

// Wipe overwrites the room's secrets; it is not used afterwards.
func (r *Room) Wipe() {
	for _, m := range []map[models.Hash][]byte{r.secrets, r.pending} {
		for _, s := range m {
			clear(s)
		}
		clear(m)
	}
	r.forked = true
}
