package talk

import (
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"visavis/chat/e2e"
	"visavis/chat/trust"
	"visavis/models"
)

// room is one room's lines. lines[:shown] are in views and do not change any more; meta has an element for each line.
type room struct {
	id      models.RoomID
	peer    models.AccountID // of a room of two
	terms   Terms
	title   string
	titled  uint64 // the entry that said it
	member  bool
	invited bool
	asked   bool // who asks into it was looked for
	forked  bool
	loading bool
	loaded  bool // it was read to its end at least once

	seq    uint64 // of the last entry folded
	keys   int    // changes of keys that were folded
	read   uint64 // of the last entry read
	unread int
	last   time.Time
	newest string // the newest message in one line
	by     string

	saidLine uint64    // the line of newest
	expires  time.Time // when the first of its messages does; zero for never

	roster  map[models.AccountID]standing
	pending map[models.MessageID]uint64 // own messages that are not stored, by their lines

	lines       []Line
	meta        []meta
	shown       int
	firstUnread uint64 // the line before which the unread line belongs; 0 for none
}

type meta struct {
	author models.AccountID
	seq    uint64    // 0 while not stored
	until  time.Time // when a message expires; zero for never
}

type standing struct{ invited bool }

// Terms are what a session says of a room beside its log.
type Terms struct {
	Waiting bool // nobody has sealed the room's key to the person yet
	Rules   trust.Policy
	Members []trust.Member     // with their roles
	Changed []models.AccountID // members whose identity was not accepted
	LeftOut map[models.AccountID]e2e.LeftOut
}

func (t Terms) role(a models.AccountID) trust.RoomRole {
	for _, m := range t.Members {
		if m.Account == a {
			return m.Role
		}
	}
	return 0
}

// behind says whether an entry is one that was not read: not while a room without a mark is read for the first time.
func (r *room) behind(seq uint64) bool { return seq > r.read && (r.loaded || r.read > 0) }

// change keeps the roster, and says whether the change is worth a line.
func (r *room) change(c trust.Change) bool {
	switch c.Kind {
	case trust.ChangeCreated:
		r.roster[c.Author] = standing{}
	case trust.ChangeInvited:
		r.roster[c.Account] = standing{invited: true}
	case trust.ChangeJoined:
		r.roster[c.Account] = standing{}
	case trust.ChangeLeft, trust.ChangeRemoved:
		delete(r.roster, c.Account)
	case trust.ChangeRole, trust.ChangePolicy, trust.ChangeUnknown:
	default:
		return false
	}
	return true
}

// own makes the lines the model's alone, before one of them changes.
func (r *room) own() {
	if r.shown > 0 {
		r.lines = slices.Clone(r.lines)
		r.shown = 0
	}
}

// push puts a line at the end, a day line before it where a day begins.
func (r *room) push(l Line, x meta) {
	n := len(r.lines)
	if n == 0 || !sameDay(r.lines[n-1].At, l.At) {
		r.lines = append(r.lines, Line{ID: dayMark | l.ID, Kind: Day, At: midnight(l.At)})
		r.meta = append(r.meta, meta{})
		n++
	}
	l.First = l.Kind == Message && (r.lines[n-1].Kind != Message || r.meta[n-1].author != x.author)
	r.lines, r.meta = append(r.lines, l), append(r.meta, x)
	if l.At.After(r.last) {
		r.last = l.At
	}
}

// relayout sets the lines anew without those that skip names: day lines, the unread line and rows of one author follow from the rest.
func (r *room) relayout(skip uint64, unread uint64) {
	lines, metas := r.lines, r.meta
	r.lines, r.meta, r.shown = make([]Line, 0, len(lines)+8), make([]meta, 0, len(lines)+8), 0
	for i, l := range lines {
		if l.Kind == Day || l.Kind == Unread || l.ID == skip {
			continue
		}
		if l.ID == unread {
			if n := len(r.lines); n == 0 || !sameDay(r.lines[n-1].At, l.At) {
				r.lines, r.meta = append(r.lines, Line{ID: dayMark | l.ID, Kind: Day, At: midnight(l.At)}), append(r.meta, meta{})
			}
			r.lines, r.meta = append(r.lines, Line{ID: unreadMark | l.ID, Kind: Unread, At: l.At}), append(r.meta, meta{})
		}
		if n := len(r.lines); n > 0 && l.Kind == Closed && r.lines[n-1].Kind == Closed && r.lines[n-1].Cause == l.Cause {
			r.lines[n-1].Count += l.Count
			continue
		}
		r.push(l, metas[i])
	}
}

// remove takes a line out. The last one goes without setting all the others anew.
func (r *room) remove(line uint64) {
	if n := len(r.lines); n > 0 && r.lines[n-1].ID == line {
		keep := n - 1
		if keep > 0 && r.lines[keep-1].Kind == Day {
			keep--
		}
		r.own()
		r.lines, r.meta = r.lines[:keep], r.meta[:keep]
		return
	}
	r.relayout(line, r.unreadLine())
}

// unreadLine is the line before which the unread line stands now; 0 for none.
func (r *room) unreadLine() uint64 {
	for _, l := range r.lines {
		if l.Kind == Unread {
			return l.ID &^ unreadMark
		}
	}
	return 0
}

func (r *room) enter() {
	if r.firstUnread != 0 {
		r.relayout(0, r.firstUnread)
	}
	r.unread, r.firstUnread, r.read = 0, 0, r.seq
}

func (r *room) leave() {
	r.read = r.seq
	if r.unreadLine() != 0 {
		r.relayout(0, 0)
	}
}

const saidRunes = 80

// said keeps the newest message for the list of rooms: one line, and not more of it than a row shows.
func (r *room) said(l Line) {
	text := strings.Join(strings.Fields(l.Text[:min(len(l.Text), 8*saidRunes)]), " ")
	if utf8.RuneCountInString(text) > saidRunes {
		text = string([]rune(text)[:saidRunes-1]) + "…"
	}
	r.newest, r.by, r.saidLine = strings.ToValidUTF8(text, ""), l.By, l.ID
}

func (m *Model) row(r *room) Room {
	title := r.title
	if !r.peer.IsZero() {
		title = m.name(r.peer)
	}
	return Room{ID: r.id, Title: title, Peer: r.peer, Member: r.member, Unread: r.unread, Last: r.last, Said: r.newest, By: r.by}
}

func (r *room) view(m *Model) *Open {
	r.shown = len(r.lines)
	o := &Open{
		Room: m.row(r), Lines: r.lines[:r.shown:r.shown], Waiting: r.terms.Waiting, Forked: r.forked, Loading: r.loading, Rules: r.terms.Rules,
		Members: make([]Member, 0, len(r.roster)),
	}
	role := r.terms.role(m.me)
	o.Owner, o.CanAsk = r.member && role >= trust.RoleOwner, r.member && role >= max(o.Rules.Invite, trust.RoleMember) && r.peer.IsZero()
	for a, s := range r.roster {
		o.Members = append(o.Members, Member{Person: m.person(a), Invited: s.invited, Owner: r.terms.role(a) >= trust.RoleOwner, LeftOut: r.terms.LeftOut[a]})
	}
	for _, a := range r.terms.Changed {
		o.Changed = append(o.Changed, Newcomer{m.person(a), m.known[a].Identity.Hash})
	}
	slices.SortFunc(o.Changed, func(a, b Newcomer) int { return byName(a.Person, b.Person) })
	slices.SortFunc(o.Members, func(a, b Member) int { return byName(a.Person, b.Person) })
	return o
}

func sameDay(a, b time.Time) bool {
	ay, am, ad := a.Date()
	by, bm, bd := b.Date()
	return ay == by && am == bm && ad == bd
}

// midnight is when the day of a local time begins. Where a clock change leaves midnight out, time.Date gives the next that is.
func midnight(t time.Time) time.Time {
	y, mo, d := t.Date()
	return time.Date(y, mo, d, 0, 0, 0, 0, t.Location())
}
