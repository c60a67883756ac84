package e2e

import (
	"errors"
	"math"

	"visavis/chat/trust"
	"visavis/models"
)

// say wants a text to be read, and tries to send it. Who has another one on his hands sends that first.
func (s *seat) say(text string, f fate) {
	if s.next == nil {
		d := &draft{by: s.vault.Account, text: text}
		s.p.w.draw(d.id[:])
		s.next = d
		s.p.drafts = append(s.p.drafts, d)
	} else {
		s.p.did.resent++
	}
	s.flush(f)
}

// flush sends what waits, as the client does: once more under the same id, unless it stands in the log.
func (s *seat) flush(f fate) {
	if e := s.ready; e != nil {
		s.ready = nil
		s.post(*e, sent)
	}
	for tries := 0; s.next != nil && tries < 20 && s.p.err == nil; tries++ {
		s.learn()
		s.read(len(s.p.w.log))
		if !s.r.Member() || !s.open() {
			return
		}
		if s.r.Sent(s.next.id) {
			s.next.acked = true
			s.next = nil
			return
		}
		if s.r.NeedsGeneration() {
			s.generate()
			continue
		}
		e, err := s.r.Seal(Draft{ID: s.next.id, Kind: KindText, Content: []byte(s.next.text)})
		if errors.Is(err, ErrNeedsGeneration) {
			continue
		}
		if err != nil {
			s.p.wrong("%s seals: %v", s.who.name, err)
			return
		}
		if s.next.heard == 0 {
			s.next.heard = s.r.Next() - 1
		}
		s.post(e, f)
		if f != sent {
			return
		}
	}
}

func (s *seat) post(e models.Entry, f fate) {
	switch f {
	case late:
		s.p.late = append(s.p.late, e)
	case held:
		s.ready = &e
	case lost:
		_ = s.p.store(e)
		s.p.did.lost++
	default:
		err := s.p.store(e)
		s.learn()
		s.read(len(s.p.w.log))
		switch {
		case err == nil:
			s.next.acked = true
			s.next = nil
		case errors.Is(err, errTwice) && (s.r.Sent(e.Message) || !s.open()), errors.Is(err, trust.ErrStaleHead): // what was under way has come, or this came too late
			s.r.TakeBack(e.Message)
		case errors.Is(err, trust.ErrNotAllowed): // he was put out before it came
			s.next = nil
			s.p.did.refused++
		default:
			s.p.wrong("%s is refused: %v", s.who.name, err)
		}
	}
}

// generate makes the next generation, unless somebody else is faster.
func (s *seat) generate() {
	s.hand(s.r.Generation())
}

// settle is the quiet time after it: everybody reads, says what he has to say, and gives and takes what is lacking.
func (p *play) settle() {
	for len(p.late) > 0 {
		p.arrive(0)
	}
	for range 6 {
		p.w.now = p.w.now.Add(2 * GenerationRetry)
		for _, s := range p.seats {
			s.learn()
			s.read(1 + p.random.IntN(len(p.w.log)))
			s.read(len(p.w.log))
			s.flush(sent)
		}
		for _, s := range p.seats {
			s.read(len(p.w.log))
			if s.r.Member() && s.open() && s.r.NeedsGeneration() { // somebody waits to be welcomed
				s.generate()
			}
		}
		for _, s := range p.seats {
			s.read(len(p.w.log))
			s.mend()
			p.give(s)
		}
	}
}

// stay is a time in the room, from the entry that let somebody in to the one that put him out, and the generations from before that he was given.
type stay struct {
	from, until uint64
	given       map[uint64]bool
}

// record is what the log says of who was there, by an account of its own.
type record struct {
	stays  map[models.AccountID][]stay
	sealed map[uint64]uint64 // Seq of a message: Seq of its generation
}

// record walks the log. Of trust it believes what a statement does, and not what follows from it.
func (p *play) record() record {
	rec := record{map[models.AccountID][]stay{}, map[uint64]uint64{}}
	room, made := trust.NewRoom(p.w.dir.Org(), p.w.room), map[models.Hash]uint64{}
	var spoken []spokenOf
	enter := func(a models.AccountID, seq uint64) {
		rec.stays[a] = append(rec.stays[a], stay{seq, math.MaxUint64, reachOf(spoken, room.Policy())})
	}
	for _, e := range p.w.log {
		c, err := room.Apply(e, p.w.dir)
		if err != nil {
			p.wrong("entry %d, which the server took: %v", e.Seq, err)
			return rec
		}
		switch c.Kind {
		case trust.ChangeCreated, trust.ChangeJoined:
			enter(c.Account, e.Seq)
			p.did.rejoined += min(1, len(rec.stays[c.Account])-1)
		case trust.ChangeLeft, trust.ChangeRemoved:
			if all := rec.stays[c.Account]; len(all) > 0 && all[len(all)-1].until == math.MaxUint64 {
				all[len(all)-1].until = e.Seq
			}
		case trust.ChangeGeneration:
			made[c.Generation] = e.Seq
			spoken = append(spoken, spokenOf{e.Seq, room.Policy(), 0})
		case trust.ChangeMessage:
			rec.sealed[e.Seq] = made[c.Generation]
			for i := range spoken {
				if spoken[i].seq == made[c.Generation] {
					spoken[i].messages++
				}
			}
		}
	}
	return rec
}

type spokenOf struct {
	seq      uint64
	policy   trust.Policy
	messages uint32
}

// reachOf are the generations from before that a policy gives to who comes now.
func reachOf(all []spokenOf, p trust.Policy) map[uint64]bool {
	out, have, need := map[uint64]bool{}, uint32(0), p.Last
	for i := len(all) - 1; i >= 0 && p.History != trust.HistoryNone && all[i].policy.History == p.History; i-- {
		if p.History == trust.HistoryLast {
			if need = min(need, all[i].policy.Last); have >= need {
				break
			}
		}
		out[all[i].seq], have = true, have+all[i].messages
	}
	return out
}

// rights say whether somebody has to read a message in the end, and whether he may: not where its author had read that he is out.
func (r record) rights(a models.AccountID, seq, heard uint64) (must, may bool) {
	g := r.sealed[seq]
	for _, s := range r.stays[a] {
		here := (s.given[g] || s.from < g && g < s.until) && heard < s.until
		may = may || here
		must = here && s.until == math.MaxUint64
	}
	return must, may
}

// judge holds what everybody has seen against the log.
func (p *play) judge() {
	rec := p.record()
	for _, s := range p.seats {
		if p.err == nil {
			p.judgeSeat(s, rec)
		}
	}
	for _, d := range p.drafts {
		times := 0
		for _, e := range p.w.log {
			if e.Kind == models.EntryMessage && e.Author == d.by && e.Message == d.id {
				times++
			}
		}
		if times > 1 || d.acked && times == 0 {
			p.wrong("%q, acknowledged %v, stands in the log %d times", d.text, d.acked, times)
		}
	}
}

func (p *play) judgeSeat(s *seat, rec record) {
	_, member := p.state.Member(s.vault.Account)
	if member {
		now, _ := s.r.State().Current()
		want, _ := p.state.Current()
		if s.r.State().Head() != p.state.Head() || s.r.State().StateHash() != p.state.StateHash() || now.Hash != want.Hash {
			p.wrong("%s has come to another state", s.who.name)
		}
		if s.next != nil {
			p.wrong("%s could not say %q", s.who.name, s.next.text)
		}
	}
	ghost := &seat{p: p, who: s.who} // who has everything that the server has, and reads it at once
	ghost.drop()
	for _, e := range p.w.log {
		if e.Kind == models.EntryGeneration {
			e.Boxes = p.boxesOf(trust.GenerationID(e.Body), s.vault.Account)
		}
		ev, err := ghost.r.Apply(e)
		if err != nil {
			p.wrong("%s reads all at once, entry %d: %v", s.who.name, e.Seq, err)
			return
		}
		ghost.shown[e.Seq] = ev
	}
	ghost.reread()
	for _, e := range p.w.log {
		p.judgeEntry(ghost, rec, e, ghost.shown[e.Seq])
		live, read := s.shown[e.Seq]
		switch {
		case read && member:
			p.judgeEntry(s, rec, e, live)
		case member:
			p.wrong("%s was not shown entry %d", s.who.name, e.Seq)
		}
	}
}

func (p *play) judgeEntry(s *seat, rec record, e models.Entry, ev Event) {
	d := p.draft(e)
	var heard uint64
	if d != nil {
		heard = d.heard
	}
	must, may := rec.rights(s.vault.Account, e.Seq, heard)
	switch {
	case ev.Warn != 0:
		p.wrong("%s is warned at entry %d: %v", s.who.name, e.Seq, ev.Warn)
	case e.Kind != models.EntryMessage:
		if ev.Cause != CauseNone && ev.Cause != CauseNoKey {
			p.wrong("%s, entry %d: %v", s.who.name, e.Seq, ev.Cause)
		}
	case ev.Kind == EventMessage && !may:
		p.wrong("%s reads entry %d, and should not", s.who.name, e.Seq)
	case ev.Kind == EventMessage:
		if d == nil || d.text != string(ev.Message.Content) {
			p.wrong("%s reads entry %d as something that nobody said", s.who.name, e.Seq)
		}
	case must && p.held(rec, s, e.Seq) || ev.Cause != CauseNoKey:
		p.wrong("%s can not read entry %d: %v", s.who.name, e.Seq, ev.Cause)
	}
}

// held says whether there is a box for somebody, or another one in the room who has the key: where nobody is left who has, nobody gives it.
func (p *play) held(rec record, s *seat, seq uint64) bool {
	g := rec.sealed[seq]
	for _, st := range rec.stays[s.vault.Account] {
		if st.from < g && g < st.until {
			return true
		}
	}
	for _, o := range p.seats {
		if _, member := p.state.Member(o.vault.Account); member && o.who != s.who && o.shown[seq].Kind == EventMessage {
			return true
		}
	}
	return false
}

func (p *play) draft(e models.Entry) *draft {
	for _, d := range p.drafts {
		if d.by == e.Author && d.id == e.Message {
			return d
		}
	}
	return nil
}
