package trust

import (
	"errors"
	"fmt"
	"slices"

	"visavis/models"
)

// ChangeKind is what a log entry did to a room.
type ChangeKind uint8

// The kinds of changes; the zero kind is none.
const (
	ChangeCreated    ChangeKind = 1
	ChangeInvited    ChangeKind = 2
	ChangeJoined     ChangeKind = 3
	ChangeLeft       ChangeKind = 4 // also declined an invitation
	ChangeRemoved    ChangeKind = 5 // also took back an invitation
	ChangeRole       ChangeKind = 6
	ChangePolicy     ChangeKind = 7
	ChangeUnknown    ChangeKind = 8 // a statement that needs a newer desk
	ChangeGeneration ChangeKind = 9
	ChangeMessage    ChangeKind = 10
	ChangeExpired    ChangeKind = 11 // what is left of a message
)

// Change says what an entry did, for notices.
type Change struct {
	Kind       ChangeKind
	Author     models.AccountID
	Account    models.AccountID // whom it is about: of a room of two, who is asked in; the author's when it is about nobody else
	Generation models.Hash      // of a generation or message
	Current    bool             // a generation: the newest, under which everyone seals who can open it
	Newer      bool             // a statement or generation that needs a newer desk to be understood whole
}

// Room is the state of one room's log. It is owned by one goroutine. The zero Room is not usable: see NewRoom.
type Room struct {
	org  models.OrgID
	id   models.RoomID
	head models.Hash // last statement
	seq  uint64      // statements accepted
	// dirSeq is the latest directory head that an accepted statement or generation named: none may name an older one after it.
	dirSeq uint64
	roster roster
	state  models.Hash
	newer  bool

	generations map[models.Hash]Generation
	siblings    int
	made        []models.Hash            // generations in the order of the log
	spoken      []Spoken                 // likewise
	from        map[models.AccountID]int // the place of the first generation that a member may open
	current     models.Hash
}

// NewRoom is the state before a room's first entry.
func NewRoom(org models.OrgID, id models.RoomID) *Room {
	return &Room{org: org, id: id, generations: make(map[models.Hash]Generation), from: make(map[models.AccountID]int)}
}

// ID returns the room's id.
func (r *Room) ID() models.RoomID { return r.id }

// Head returns the hash of the last accepted statement; zero before the room is created.
func (r *Room) Head() models.Hash { return r.head }

// StateHash returns the hash of the roster and policy.
func (r *Room) StateHash() models.Hash { return r.state }

// Policy returns the room's rules.
func (r *Room) Policy() Policy { return r.roster.policy }

// Newer says that the log holds a statement that needs a newer desk: read on, but send nothing.
func (r *Room) Newer() bool { return r.newer }

// Members returns the members, sorted by account.
func (r *Room) Members() []Member { return slices.Clone(r.roster.members) }

// Invited returns who was invited and has not joined, sorted by account.
func (r *Room) Invited() []Member { return slices.Clone(r.roster.invited) }

// Member returns the roster's line of account.
func (r *Room) Member(account models.AccountID) (Member, bool) {
	return find(r.roster.members, account)
}

// IsInvited says whether account may join.
func (r *Room) IsInvited(account models.AccountID) bool {
	_, ok := find(r.roster.invited, account)
	return ok
}

// Current returns the generation to seal under; false when there is none yet.
func (r *Room) Current() (Generation, bool) { return r.Generation(r.current) }

// Generation returns an accepted generation by its id.
func (r *Room) Generation(id models.Hash) (Generation, bool) {
	g, ok := r.generations[id]
	return g, ok
}

// Apply accepts the next entry of the log, or refuses it and changes nothing; who walks the log skips a refused one and goes on.
// ErrUnknownHead is special: fetch the directory to its end and apply the entry again; only when the head is unknown
// then, the entry is refused for good.
func (r *Room) Apply(e models.Entry, dir *Directory) (Change, error) {
	c, err := r.apply(e, dir)
	if err != nil {
		return Change{}, fmt.Errorf("room %s: %w", r.id.Short(), err)
	}
	return c, nil
}

func (r *Room) apply(e models.Entry, dir *Directory) (Change, error) {
	if e.Room != r.id {
		return Change{}, fmt.Errorf("%w: entry of room %s", ErrFormat, e.Room.Short())
	}
	switch e.Kind {
	case models.EntryStatement:
		return r.applyStatement(e, dir)
	case models.EntryGeneration:
		return r.applyGeneration(e, dir)
	case models.EntryMessage, models.EntryExpired:
		c, err := r.checkSaid(e, dir)
		if err == nil {
			r.spoken[r.generations[c.Generation].place].Messages++
		}
		return c, err
	}
	return Change{}, fmt.Errorf("entry kind %d: %w", e.Kind, ErrNewer)
}

// outcome is what a statement that was found good leads to.
type outcome struct {
	change Change
	roster roster
	state  models.Hash
	dirSeq uint64
	newer  bool
}

// Check says whether Apply would accept the entry now, and changes nothing. It refuses, with ErrNewer, also a statement or generation that Apply
// would note as newer and go on: whoever keeps the log must not let one member stop everybody's sending.
func (r *Room) Check(e models.Entry, dir *Directory) error {
	var err error
	switch {
	case e.Room != r.id:
		err = ErrFormat
	case e.Kind == models.EntryStatement:
		var o outcome
		if o, err = r.checkStatement(e, dir); err == nil && o.newer {
			err = ErrNewer
		}
	case e.Kind == models.EntryGeneration:
		var g placed
		if g, err = r.checkGeneration(e, dir); err == nil && g.newer {
			err = ErrNewer
		}
	case e.Kind == models.EntryMessage:
		_, err = r.checkSaid(e, dir)
	default:
		err = ErrNewer
	}
	if err != nil {
		return fmt.Errorf("room %s: %w", r.id.Short(), err)
	}
	return nil
}

func (r *Room) checkStatement(e models.Entry, dir *Directory) (outcome, error) {
	o, err := r.check(e.Body, dir)
	if err == nil && o.change.Author != e.Author {
		err = fmt.Errorf("entry's author: %w", ErrIdentity)
	}
	return o, err
}

func (r *Room) applyStatement(e models.Entry, dir *Directory) (Change, error) {
	o, err := r.checkStatement(e, dir)
	if err != nil {
		return Change{}, err
	}
	r.head, r.seq = StatementHash(e.Body), r.seq+1
	r.roster, r.state, r.dirSeq, r.newer = o.roster, o.state, o.dirSeq, r.newer || o.newer
	r.noteFrom(o.change)
	return o.change, nil
}

func (r *Room) check(signed []byte, dir *Directory) (outcome, error) {
	s, env, err := parseStatement(signed)
	if err != nil {
		return outcome{}, err
	}
	if s.Room != r.id {
		return outcome{}, fmt.Errorf("%w: statement of room %s", ErrFormat, s.Room.Short())
	}
	if s.Org != r.org || dir.Org() != r.org {
		return outcome{}, ErrOrg
	}
	if s.Prev != r.head || s.Seq != r.seq {
		return outcome{}, ErrPrev
	}
	author, dirSeq, err := r.author(s.Author, s.Dir, dir)
	if err != nil {
		return outcome{}, err
	}
	if err := env.check(s.label(), author.Signing); err != nil {
		return outcome{}, err
	}
	o, err := r.judge(act{s: s, author: author, dir: dir})
	if err != nil {
		return outcome{}, err
	}
	o.dirSeq = dirSeq
	return o, nil
}

// judge asks the rule of the statement's type. What needs a newer version, and is signed by one who is in the room, advances the chain
// all the same: who skipped it would find that everything after it does not follow. From then on the rules here are no longer the room's
// whole rules, so what they refuse advances the chain too, and changes nothing else.
func (r *Room) judge(a act) (outcome, error) {
	o := outcome{change: Change{Author: a.s.Author, Account: a.s.Author}}
	self, member := find(r.roster.members, a.s.Author)
	_, invited := find(r.roster.invited, a.s.Author)
	create := r.seq == 0
	if !create && !member && !invited {
		return o, fmt.Errorf("author %s: %w", a.s.Author.Short(), ErrNotAllowed)
	}
	if member && !a.dir.Follows(a.author, self.Identity) {
		return o, fmt.Errorf("author %s: %w", a.s.Author.Short(), ErrIdentity)
	}
	a.self = self
	if create != (a.s.label() == LabelCreate) {
		return o, ErrPrev
	}
	after, err := r.ask(a, &o.change)
	switch {
	case err == nil:
	case errors.Is(err, ErrNewer), r.newer:
		o.change.Kind, o.change.Newer, o.roster, o.state, o.newer = ChangeUnknown, true, after, a.s.State, true
		return o, nil
	default:
		return o, fmt.Errorf("%s: %w", a.s.Type, err)
	}
	o.roster, o.state = after, a.s.State
	// After a statement that we could not follow, the states of those after it are beyond us too.
	if !r.newer && after.hash(r.org, r.id) != a.s.State {
		return o, ErrState
	}
	return o, nil
}

// ask returns the roster after a statement, and with an error the roster to go on with if the chain is to advance over it.
func (r *Room) ask(a act, c *Change) (roster, error) {
	rule, known := rosterRules[a.s.label()]
	if a.s.label() == LabelCreate {
		rule.kind, rule.rule, known = ChangeCreated, roster.create, true
	}
	if !known {
		return r.roster, ErrNewer
	}
	after, about, err := rule.rule(r.roster, a)
	if err != nil && !errors.Is(err, ErrNewer) {
		after = r.roster
	}
	if err == nil {
		err = a.s.checkExt()
	}
	c.Kind = rule.kind
	if !about.IsZero() {
		c.Account = about
	}
	return after, err
}

// author returns the identity of account under a directory head that is not older than one named before.
func (r *Room) author(account models.AccountID, head models.Hash, dir *Directory) (Identity, uint64, error) {
	seq, ok := dir.SeqOf(head)
	if !ok {
		return Identity{}, 0, ErrUnknownHead
	}
	if seq < r.dirSeq {
		return Identity{}, 0, fmt.Errorf("directory: %w", ErrStaleHead)
	}
	id, err := dir.identityBySeq(seq, account)
	return id, seq, err
}

// checkSaid accepts a message, or what is left of one, by a member under any accepted generation: what was sealed before a change of the
// roster and stored after it is opened too. What an author may seal under is for Fits: by that he had, when he sealed it, the keys that the
// generation's directory head lists. Where those speak for him no more it fails with ErrStaleHead, and he seals it anew.
func (r *Room) checkSaid(e models.Entry, dir *Directory) (Change, error) {
	if e.Kind == models.EntryExpired {
		return r.checkExpired(e, dir)
	}
	m, err := ParseMessage(e.Body)
	if err != nil {
		return Change{}, err
	}
	return r.checkSpoken(e.Author, m.Generation, dir)
}

func (r *Room) checkSpoken(author models.AccountID, generation models.Hash, dir *Directory) (Change, error) {
	m, ok := find(r.roster.members, author)
	if !ok {
		return Change{}, fmt.Errorf("author %s is no member: %w", author.Short(), ErrNotAllowed)
	}
	if _, err := dir.identityBySeq(r.dirSeq, author); err != nil {
		return Change{}, err
	}
	g, ok := r.generations[generation]
	if !ok {
		return Change{}, fmt.Errorf("generation %s: %w", generation.Short(), ErrUnknown)
	}
	if id, err := dir.IdentityAt(g.Dir, author); err != nil || !r.Speaks(id, m, dir) {
		return Change{}, fmt.Errorf("generation %s, of other keys of its author: %w: %w", generation.Short(), ErrStaleHead, ErrIdentity)
	}
	return Change{Kind: ChangeMessage, Author: author, Account: author, Generation: generation}, nil
}
