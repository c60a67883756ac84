package e2e

import (
	"bytes"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"visavis/chat/trust"
	"visavis/models"
)

// play is a room with an honest server under a schedule.
type play struct {
	w      *world
	random *rand.Rand
	did    *tally
	state  *trust.Room // the server's: it skips what is said, as the server does
	boxes  map[models.Hash][]models.Box
	people []*actor // the first has made the room
	seats  []*seat
	late   []models.Entry // on their way
	drafts []*draft
	texts  int
	err    error // the first thing that does not hold
}

// draft is a text that somebody wants to be read.
type draft struct {
	id    models.MessageID
	by    models.AccountID
	text  string
	heard uint64 // Seq of the last entry that its author had read when he sealed it first
	acked bool
}

// seat is somebody at one of two desks.
type seat struct {
	p     *play
	who   *actor // with the vault as it is stored
	vault *Vault
	dir   *trust.Directory
	knows int // statements of the directory
	s     *Session
	r     *Room
	shown map[uint64]Event
	next  *draft        // not acknowledged yet
	ready *models.Entry // next, sealed and not handed in yet
}

// fate is what becomes of a sealed message.
type fate int

const (
	sent fate = iota
	lost      // stored, and nobody hears so
	late      // it arrives at some time, or never
	held      // it is handed in with the next thing that its author says
)

const players = 4

var errTwice = errors.New("stored before, and otherwise")

func newPlay(t testing.TB, seed uint64, did *tally) *play {
	w := newWorld(t)
	w.random = rand.NewChaCha8([32]byte{byte(seed), byte(seed >> 8), 7})
	p := &play{w: w, random: rand.New(rand.NewPCG(seed, 2)), did: did, boxes: map[models.Hash][]models.Box{}, people: []*actor{w.admin}}
	for i := 1; i < players; i++ {
		p.people = append(p.people, w.enrol(fmt.Sprint("member", i)))
	}
	founder := w.admin.login()
	e := must(founder.s.NewRoom(trust.DefaultPolicy()))(t)
	w.room, w.log = e.Room, nil
	p.state = trust.NewRoom(w.dir.Org(), w.room)
	if err := p.store(e); err != nil {
		t.Fatal(err)
	}
	for _, who := range p.people {
		for range 2 {
			s := &seat{p: p, who: who}
			s.drop()
			p.seats = append(p.seats, s)
		}
	}
	return p
}

func (p *play) wrong(format string, args ...any) {
	if p.err == nil {
		p.err = fmt.Errorf(format, args...)
	}
}

// store is the server: it checks an entry, stores it, and gives it its place.
func (p *play) store(e models.Entry) error {
	for _, x := range p.w.log {
		if x.Author == e.Author && x.Message == e.Message {
			if x.Kind == e.Kind && bytes.Equal(x.Body, e.Body) {
				return nil
			}
			return errTwice
		}
	}
	if err := p.state.Check(e, p.w.dir); err != nil {
		return err
	}
	if e.Kind == models.EntryGeneration {
		if err := p.state.CheckBoxes(e.Body, e.Boxes, p.w.dir); err != nil {
			return err
		}
		p.boxes[trust.GenerationID(e.Body)] = e.Boxes
	}
	e.Boxes = nil
	e = p.w.post(e)
	if e.Kind == models.EntryMessage {
		return nil
	}
	if _, err := p.state.Apply(e, p.w.dir); err != nil {
		p.wrong("entry %d was checked and does not apply: %v", e.Seq, err)
	}
	return nil
}

// restart is a server that knows what is in its log.
func (p *play) restart() {
	again := trust.NewRoom(p.w.dir.Org(), p.w.room)
	for _, e := range p.w.log {
		if e.Kind == models.EntryMessage {
			continue
		}
		if _, err := again.Apply(e, p.w.dir); err != nil {
			p.wrong("entry %d does not apply after a restart: %v", e.Seq, err)
		}
	}
	one, _ := again.Current()
	two, _ := p.state.Current()
	if again.Head() != p.state.Head() || again.StateHash() != p.state.StateHash() || one.Hash != two.Hash {
		p.wrong("the room is another one after a restart")
	}
	p.state = again
}

// arrive lets something arrive that was on its way.
func (p *play) arrive(n int) {
	if len(p.late) == 0 {
		return
	}
	i := n % len(p.late)
	e := p.late[i]
	p.late = slices.Delete(p.late, i, i+1)
	_ = p.store(e) // or it comes too late
}

// renew changes somebody's keys, which an admin signs.
func (p *play) renew(n int) {
	who := p.people[n%len(p.people)]
	if who != p.w.admin { // who signs them
		who.renews()
		p.did.renewed++
	}
}

// lapse has somebody out of the room and in again while what he has sealed waits at his desk: it is handed in while he is out, or when he is back, perhaps
// with other keys, and by his other desk.
func (p *play) lapse(s *seat, how uint32) {
	s.say(p.text(), held)
	if s.who == p.w.admin || s.ready == nil {
		return
	}
	at := func(x *seat, what string) {
		x.learn()
		x.read(len(p.w.log))
		x.hand(x.change(what, s.vault.Account, how))
	}
	at(p.seats[0], "remove")
	if how%3 == 0 {
		s.flush(sent)
	}
	if how%2 == 0 {
		p.renew(slices.Index(p.people, s.who))
	}
	at(p.seats[0], "invite")
	at(p.seats[2*slices.Index(p.people, s.who)+int(how/6)%2], "join")
	p.did.lapsed++
	s.flush(sent)
}

func (p *play) boxesOf(g models.Hash, a models.AccountID) []models.Box {
	return slices.DeleteFunc(slices.Clone(p.boxes[g]), func(b models.Box) bool { return b.Account != a })
}

// drop ends the session and begins another one, which reads everything again.
func (s *seat) drop() {
	w := s.p.w
	u := Unlock{Export: bytes.Repeat([]byte{2}, 64), Pepper: trust.Pepper{3}}
	stored := must(SealVault(s.who.vault, u, Phrase{1}, w.random, w.now))(w.t)
	s.ready = nil
	s.vault, s.dir, s.knows = must(OpenVault(stored, u))(w.t), trust.NewDirectory(w.dir.Org()), 0
	s.learn()
	s.s = must(NewSession(Config{Vault: s.vault, Directory: s.dir, Desk: w.desk, Random: w.random, Now: func() time.Time { return w.now }}))(w.t)
	s.enter()
}

// enter begins to read the room from its beginning.
func (s *seat) enter() { s.r, s.shown = s.s.Room(s.p.w.room), map[uint64]Event{} }

// learn reads the directory to its end.
func (s *seat) learn() {
	w := s.p.w
	for ; s.knows < len(w.statements); s.knows++ {
		if _, err := s.dir.Apply(w.statements[s.knows]); err != nil {
			s.p.wrong("%s, directory, %d: %v", s.who.name, s.knows, err)
		}
	}
	id, _ := s.dir.Identity(s.vault.Account)
	if !s.vault.Keys.Follow(id) && !s.vault.Keys.Adopt(s.who.vault.Keys, id) {
		s.p.wrong("%s does not follow the own keys", s.who.name)
	}
}

// open says whether the server shows the room.
func (s *seat) open() bool {
	_, member := s.p.state.Member(s.vault.Account)
	return member || s.p.state.IsInvited(s.vault.Account)
}

// read takes entries off the log, so many at most.
func (s *seat) read(most int) {
	for ; most > 0 && s.open() && int(s.r.Next()) <= len(s.p.w.log); most-- {
		e := s.p.w.log[s.r.Next()-1]
		if s.r.WantsBox(e) {
			e.Boxes = s.p.boxesOf(trust.GenerationID(e.Body), s.vault.Account)
		}
		ev, err := s.r.Apply(e)
		if errors.Is(err, ErrDirectoryBehind) {
			s.learn()
			ev, err = s.r.Apply(e)
		}
		if err != nil {
			s.p.wrong("%s reads entry %d: %v", s.who.name, e.Seq, err)
			return
		}
		s.shown[ev.Seq] = ev
		s.p.did.read++
	}
}

// change makes a statement as the seat sees the room.
func (s *seat) change(what string, whom models.AccountID, how uint32) (models.Entry, error) {
	switch what {
	case "invite":
		return s.r.Invite(whom, trust.RoleMember)
	case "join":
		return s.r.Join()
	case "remove":
		return s.r.Remove(whom)
	case "role":
		return s.r.SetRole(whom, trust.RoomRole(1+how%2))
	case "policy":
		p := trust.DefaultPolicy()
		if p.History = uint8(1 + how%3); p.History == trust.HistoryLast {
			p.Last = 1 + how%30
		}
		return s.r.SetPolicy(p)
	}
	if _, member := s.r.State().Member(s.vault.Account); member && s.vault.Account == s.p.w.admin.vault.Account {
		return models.Entry{}, trust.ErrNotAllowed // somebody stays, or there is no room to look at
	}
	return s.r.Leave()
}

// hand gives the server a statement or a generation, and reads what came of it.
func (s *seat) hand(e models.Entry, err error) {
	if err == nil {
		err = s.p.store(e)
	}
	if err != nil {
		s.p.did.refused++
		s.learn()
	}
	s.read(len(s.p.w.log))
}

// mend takes keys that came since, and reads again what they open.
func (s *seat) mend() {
	if !s.r.Member() || !s.open() {
		return
	}
	for _, g := range s.r.Lacks(0) {
		s.r.Offer(g, s.p.boxesOf(g, s.vault.Account))
	}
	s.reread()
}

// reread reads the log again, if a key has come late.
func (s *seat) reread() {
	if !s.r.Late() {
		return
	}
	again := s.r.Again()
	for again.Next() < s.r.Next() {
		ev, err := again.ApplyAgain(s.p.w.log[again.Next()-1], s.r)
		if err != nil {
			s.p.wrong("%s reads again, entry %d: %v", s.who.name, again.Next(), err)
			return
		}
		s.shown[ev.Seq] = ev
	}
	again.Succeed(s.r)
	s.r = again
}

// give lets everybody who reads the room give somebody what he lacks.
func (p *play) give(to *seat) {
	if !to.r.Member() {
		return
	}
	for _, s := range p.seats {
		lacks := to.r.Lacks(0)
		if len(lacks) == 0 || s.who == to.who || !s.r.Member() || !s.open() {
			continue
		}
		boxes, err := s.r.Give(to.vault.Account, lacks)
		if err != nil {
			continue
		}
		for _, b := range boxes {
			p.boxes[b.Generation] = append(p.boxes[b.Generation], b)
			p.did.given++
		}
		to.mend()
	}
}
