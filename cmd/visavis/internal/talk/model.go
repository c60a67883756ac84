package talk

import (
	"bytes"
	"cmp"
	"maps"
	"slices"
	"time"

	"visavis/chat/e2e"
	"visavis/chat/trust"
	"visavis/models"
)

// Directory is what the model asks of the organisation; *trust.Directory is one.
type Directory interface {
	Accounts() []trust.Identity
	Identity(models.AccountID) (trust.Identity, bool)
	IsAdmin(models.AccountID) bool
}

// Acquaintances is what the model asks of a session; *client.Session is one.
type Acquaintances interface {
	Knows(models.AccountID) e2e.Known
	Peer(models.RoomID) (models.AccountID, bool) // with whom a room of two is
}

// Marks says how far each room was read: the number of its last entry. It holds no names and no texts, so it may outlive a lock.
type Marks map[models.RoomID]uint64

// Listing is one row of the server's list of rooms.
type Listing struct {
	ID     models.RoomID
	Member bool
}

// Model is what a session was told so far. One goroutine owns it.
type Model struct {
	me    models.AccountID
	dir   Directory
	who   Acquaintances // nil for nobody
	zone  *time.Location
	marks Marks
	rooms map[models.RoomID]*room
	open  *room
	lines uint64 // ids given to lines

	keys []KeyChange // as the directory has told them

	turned map[models.RoomID]bool // rooms that came or went since the server's list was asked for

	people []Person                       // nil when the directory has grown since
	known  map[models.AccountID]e2e.Known // asked since then
}

// New makes an empty model for a person. What stands in a room behind its mark is unread; without a mark, what comes after the first
// reading is.
func New(me models.AccountID, dir Directory, zone *time.Location, marks Marks) *Model {
	return &Model{me: me, dir: dir, zone: zone, marks: maps.Clone(marks), rooms: map[models.RoomID]*room{}, turned: map[models.RoomID]bool{}}
}

// Wipe drops everything. The model shows nothing afterwards.
func (m *Model) Wipe() {
	*m = Model{rooms: map[models.RoomID]*room{}, turned: map[models.RoomID]bool{}, zone: time.UTC}
}

// Marks returns how far every room was read.
func (m *Model) Marks() Marks {
	marks := Marks{}
	for id, r := range m.rooms {
		if r.read > 0 {
			marks[id] = r.read
		}
	}
	return marks
}

// Grew says that the directory has other people now, or that one was accepted.
func (m *Model) Grew() { m.people, m.known = nil, map[models.AccountID]e2e.Known{} }

// mostRooms bounds the list: a server that names ever more rooms does not keep the desk from seeing that its chair is empty.
const mostRooms = 4096

// full says that there is no place for a room that is new.
func (m *Model) full(id models.RoomID) bool {
	return m.rooms[id] == nil && len(m.rooms) >= mostRooms
}

// Listing says that the server's list of rooms is asked for now.
func (m *Model) Listing() { m.turned = map[models.RoomID]bool{} }

// List takes the server's list of rooms: what is not in it is gone. Of a room that came or went since it was asked for, it knows nothing.
func (m *Model) List(list []Listing) {
	listed := maps.Clone(m.turned)
	for _, l := range list {
		if m.full(l.ID) || m.turned[l.ID] {
			continue
		}
		listed[l.ID] = true
		r := m.room(l.ID)
		r.member, r.invited = l.Member, !l.Member
	}
	for id, r := range m.rooms {
		if !listed[id] {
			m.hide(r)
		}
	}
	m.turned = map[models.RoomID]bool{}
}

// News says that the person may enter a room now, or no longer.
func (m *Model) News(id models.RoomID, open bool) {
	if m.full(id) {
		return
	}
	r := m.room(id)
	m.turned[id] = true
	if !open {
		m.hide(r)
		return
	}
	r.invited = !r.member
}

// Strange lists the rooms that one is newly invited to, once each: who asks is to be told by Asked.
func (m *Model) Strange() []models.RoomID {
	var ids []models.RoomID
	for id, r := range m.rooms {
		if r.invited && !r.asked {
			r.asked = true
			ids = append(ids, id)
		}
	}
	return ids
}

// Asked says who asks the person into a room of two.
func (m *Model) Asked(id models.RoomID, by models.AccountID) {
	if r, ok := m.rooms[id]; ok {
		r.peer = by
	}
}

// Loading says that a room's log is being read from its start. What was read before stays: each entry counts once.
func (m *Model) Loading(id models.RoomID) { m.room(id).loading = true }

// Loaded says that a room was read to its end. Forked says that the end came before what the person has seen of it.
func (m *Model) Loaded(id models.RoomID, forked bool) {
	r, ok := m.rooms[id]
	if !ok {
		return
	}
	if !r.loaded && r.read == 0 {
		r.read = r.seq
	}
	r.loading, r.loaded, r.forked = false, true, forked
	if m.who != nil {
		r.peer, _ = m.who.Peer(id)
	}
	m.noteKeys(r, anyTime)
	m.settle(r)
}

// Joined says that a room which the person made or joined was read to its end; what the log says of it may still be on its way.
func (m *Model) Joined(id models.RoomID) {
	r := m.room(id)
	m.turned[id] = true
	m.Loaded(id, r.forked)
}

// Member says whether the person is in a room now.
func (m *Model) Member(id models.RoomID) bool {
	r, ok := m.rooms[id]
	return ok && r.member
}

// Seq is the number of the last entry of a room that was folded.
func (m *Model) Seq(id models.RoomID) uint64 {
	if r, ok := m.rooms[id]; ok {
		return r.seq
	}
	return 0
}

// Terms takes what the session says of a room now.
func (m *Model) Terms(id models.RoomID, t Terms) {
	if r, ok := m.rooms[id]; ok {
		r.terms = t
	}
}

// Attach takes the directory and the acquaintances of a session that goes on with the one before.
func (m *Model) Attach(dir Directory, who Acquaintances) {
	m.dir, m.who = dir, who
	m.Grew()
}

// Open shows a room, or none for the zero id. Its unread line stands where reading ended; it goes when the room is left.
func (m *Model) Open(id models.RoomID) {
	next := m.rooms[id]
	if next != nil && !next.member {
		next = nil
	}
	if next == m.open {
		return
	}
	if m.open != nil {
		m.open.leave()
	}
	if m.open = next; next != nil {
		next.enter()
	}
}

// Opened is the room that is shown; zero for none.
func (m *Model) Opened() models.RoomID {
	if m.open == nil {
		return models.RoomID{}
	}
	return m.open.id
}

// View returns a snapshot.
func (m *Model) View() *View {
	v := &View{Me: m.me, Rooms: make([]Room, 0, len(m.rooms)), People: m.everyone()}
	for _, r := range m.rooms {
		if r.member || r.invited {
			v.Rooms = append(v.Rooms, m.row(r))
		}
	}
	slices.SortFunc(v.Rooms, func(a, b Room) int {
		return cmp.Or(order(b.Member)-order(a.Member), b.Last.Compare(a.Last), bytes.Compare(a.ID[:], b.ID[:]))
	})
	if m.open != nil {
		v.Open = m.open.view(m)
	}
	return v
}

func order(first bool) int {
	if first {
		return 1
	}
	return 0
}

func (m *Model) room(id models.RoomID) *room {
	r, ok := m.rooms[id]
	if !ok {
		r = &room{id: id, read: m.marks[id], roster: map[models.AccountID]standing{}, pending: map[models.MessageID]uint64{}}
		m.rooms[id] = r
	}
	return r
}

// hide takes a room off the list. What was folded stays: should the person come back, its log goes on from there.
func (m *Model) hide(r *room) {
	if m.open == r {
		m.Open(models.RoomID{})
	}
	r.member, r.invited = false, false
}

// settle lets what the log says decide who is in a room, once it was read to its end.
func (m *Model) settle(r *room) {
	if r.loading || !r.loaded {
		return
	}
	s, ok := r.roster[m.me]
	switch {
	case ok:
		r.member, r.invited = !s.invited, s.invited
	case len(r.roster) > 0:
		m.hide(r)
	}
}

func (m *Model) name(a models.AccountID) string {
	if m.dir != nil {
		if id, ok := m.dir.Identity(a); ok {
			return id.Name
		}
	}
	return a.Short()
}

func (m *Model) person(a models.AccountID) Person {
	p := Person{ID: a, Name: m.name(a), Admin: m.dir != nil && m.dir.IsAdmin(a)}
	k, asked := m.known[a]
	if !asked && m.who != nil {
		k = m.who.Knows(a)
		m.known[a] = k
	}
	p.Standing = k.Standing
	return p
}

func (m *Model) everyone() []Person {
	if m.people == nil && m.dir != nil {
		for _, id := range m.dir.Accounts() {
			m.people = append(m.people, m.person(id.Account))
		}
		slices.SortFunc(m.people, byName)
	}
	return m.people
}

func byName(a, b Person) int {
	return cmp.Or(cmp.Compare(a.Name, b.Name), bytes.Compare(a.ID[:], b.ID[:]))
}

// nextLine gives an id to a line. Day and unread lines have the id of the line that they stand before, marked.
func (m *Model) nextLine() uint64 {
	m.lines++
	return m.lines
}

const (
	dayMark    = 1 << 63
	unreadMark = 1 << 62
)

// Event folds one entry of a room's log.
func (m *Model) Event(id models.RoomID, ev e2e.Event) {
	r := m.room(id)
	if ev.Seq <= r.seq {
		return // read again after a resumption
	}
	m.noteKeys(r, func(c KeyChange) bool { return !c.At.After(ev.At) })
	r.seq = ev.Seq
	switch ev.Kind {
	case e2e.EventMessage:
		m.message(r, ev)
	case e2e.EventNotice:
		m.notice(r, ev)
	case e2e.EventRefused, e2e.EventSkipped:
		m.closed(r, ev)
	}
	if m.open == r {
		r.read = r.seq
	}
}

func (m *Model) message(r *room, ev e2e.Event) {
	if ev.Message == nil {
		return
	}
	switch ev.Message.Kind {
	case e2e.KindTitle:
		r.title, r.titled = string(ev.Message.Content), ev.Seq
	case e2e.KindText:
		l := Line{
			Kind: Message, At: ev.At.In(m.zone), By: m.name(ev.Author), Mine: ev.Author == m.me,
			Text: string(ev.Message.Content), Message: ev.Message.ID, Delivery: Stored, Warn: ev.Warn,
		}
		if line, ok := r.pending[ev.Message.ID]; ok && l.Mine {
			delete(r.pending, ev.Message.ID)
			l.ID = line
			r.remove(line)
		} else {
			l.ID = m.nextLine()
		}
		r.said(l)
		r.push(l, meta{author: ev.Author, seq: ev.Seq, until: ev.Message.Expires})
		r.due(ev.Message.Expires)
		if !l.Mine && m.open != r && r.behind(ev.Seq) {
			r.unread++
			if r.firstUnread == 0 {
				r.firstUnread = l.ID
			}
		}
	}
}

func (m *Model) notice(r *room, ev e2e.Event) {
	if !r.change(ev.Change) {
		return
	}
	r.push(Line{
		ID: m.nextLine(), Kind: Notice, At: ev.At.In(m.zone), By: m.name(ev.Change.Author), Mine: ev.Change.Author == m.me,
		Change: ev.Change.Kind, Whom: m.name(ev.Change.Account),
	}, meta{author: ev.Change.Author, seq: ev.Seq})
	m.settle(r)
}

// closed folds what does not count into one line a cause. Who lost a race tries again: that is nothing to show.
func (m *Model) closed(r *room, ev e2e.Event) {
	if ev.Cause == e2e.CauseLostRace {
		return
	}
	if n := len(r.lines); n > 0 && r.lines[n-1].Kind == Closed && r.lines[n-1].Cause == ev.Cause {
		r.own()
		r.lines[n-1].Count++
		return
	}
	r.push(Line{ID: m.nextLine(), Kind: Closed, At: ev.At.In(m.zone), Cause: ev.Cause, Count: 1}, meta{seq: ev.Seq})
}
