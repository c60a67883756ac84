package e2e

import (
	"fmt"
	"io"
	"time"

	"visavis/chat/trust"
	"visavis/models"
	"visavis/models/canon"
)

const secretSize = 32

type commitContext struct {
	_      struct{} `cbor:",toarray"`
	Room   models.RoomID
	Number uint64
}

func commitment(secret []byte, room models.RoomID, number uint64) (models.Hash, error) {
	c, err := derive(secret, trust.LabelCommitment, commitContext{Room: room, Number: number})
	if err != nil {
		return models.Hash{}, err
	}
	return models.Hash(c), nil
}

// boxInfo binds a box to everything around it, so that it opens nowhere else.
type boxInfo struct {
	_         struct{} `cbor:",toarray"`
	Label     trust.Label
	Org       models.OrgID
	Room      models.RoomID
	Number    uint64
	Prev      models.Hash
	Roster    models.Hash
	Dir       models.Hash
	Maker     models.AccountID
	Recipient models.AccountID
	Key       models.Hash
}

func infoOf(g trust.Generation, recipient models.AccountID, key models.Hash) []byte {
	return canon.MustMarshal(boxInfo{Label: trust.LabelBox, Org: g.Org, Room: g.Room, Number: g.Number, Prev: g.Prev, Roster: g.Roster, Dir: g.Dir,
		Maker: g.Maker, Recipient: recipient, Key: key})
}

// A generation is used for at most this many messages and this long. Who can not open the current one makes another, but no sooner and no
// more often than GenerationRetry; until then he goes on under an older one.
const (
	GenerationMessages = 1000
	GenerationAge      = 24 * time.Hour
	leastMessages      = 20 // however few newcomers may open
	GenerationRetry    = time.Minute
)

// use is how much a generation was used.
type use struct {
	at       time.Time // when it came, by the earlier of the server's clock and this one
	messages int
}

func (u use) again() use {
	u.messages++
	return u
}

// usable returns the generation to seal under: the newest that this person can open, if it fits the room as it is and is not
// used up. It need not be the current one: members who cannot open that go on, and one member's broken generations stop nobody.
func (r *Room) usable() (trust.Generation, bool) {
	g, ok := r.state.Generation(r.newest)
	u := r.uses[g.Hash]
	now := r.s.cfg.Now()
	usedUp := u.messages >= r.lasts() || now.Sub(u.at) >= GenerationAge
	return g, ok && r.state.Fits(g.Hash, r.s.cfg.Directory) && !r.exposed(g) && (!usedUp || now.Before(r.patient))
}

// lasts is how many messages a generation is used for: fewer where newcomers open the last ones alone, and whole generations of them.
func (r *Room) lasts() int {
	if p := r.state.Policy(); p.History == trust.HistoryLast {
		return min(GenerationMessages, max(int(p.Last), leastMessages))
	}
	return GenerationMessages
}

// Postpone goes on under a generation that fits, though it is used up or opens not for all, for a GenerationRetry: the server takes no more
// of them before that.
func (r *Room) Postpone() { r.patient = r.s.cfg.Now().Add(GenerationRetry) }

// NeedsGeneration says that before the next message a new generation has to be in the log: make it with Generation, send it, and
// apply the log up to it.
func (r *Room) NeedsGeneration() bool {
	_, ok := r.usable()
	now := r.s.cfg.Now()
	return !ok || !r.stuck.IsZero() && now.Sub(r.stuck) >= GenerationRetry && !now.Before(r.patient)
}

// Generation makes the entry of a new generation, with a box for every member.
func (r *Room) Generation() (models.Entry, error) {
	fail := func(err error) (models.Entry, error) { return models.Entry{}, fmt.Errorf("make a generation: %w", err) }
	if err := r.sendable(); err != nil {
		return fail(err)
	}
	if err := r.beginStream(); err != nil {
		return fail(err)
	}
	secret := make([]byte, secretSize)
	if _, err := io.ReadFull(r.s.cfg.Random, secret); err != nil {
		return fail(err)
	}
	by := r.s.Author()
	g := r.state.NextGeneration(by.Account, r.s.cfg.Directory)
	g.Stream, g.Time = r.mine, by.At
	var err error
	if g.Commitment, err = commitment(secret, g.Room, g.Number); err != nil {
		return fail(err)
	}
	if prev := r.secrets[g.Prev]; prev != nil && r.state.Carries() {
		if g.Past, err = sealPast(g, secret, prev, by.At); err != nil {
			return fail(err)
		}
	}
	body := trust.SignGeneration(g, by.Key)
	e, err := r.entry(models.EntryGeneration, body)
	if err != nil {
		return fail(err)
	}
	id := trust.GenerationID(body)
	for _, to := range r.recipients(by) {
		key := to.Boxes[0]
		sealed, err := seal(key.Key, infoOf(g, to.Account, key.ID), secret)
		if err != nil {
			return fail(err)
		}
		e.Boxes = append(e.Boxes, models.Box{Room: r.id, Generation: id, Account: to.Account, Key: key.ID, Body: sealed})
	}
	r.pending[id] = secret
	if !r.stuck.IsZero() {
		r.stuck = by.At
	}
	return e, nil
}

// learn takes a generation's secret, and notes what is to be sealed under from now on.
func (r *Room) learn(e models.Entry, c trust.Change) Cause {
	g, _ := r.state.Generation(c.Generation)
	at := e.At
	if now := r.s.cfg.Now(); at.After(now) { // a server from the future would keep the generation young
		at = now
	}
	r.uses[g.Hash] = use{at: at}
	secret, cause := r.secretOf(g, e.Boxes)
	switch {
	case cause == CauseNone:
		r.know(g, secret)
	case c.Current && r.stuck.IsZero():
		r.stuck = at
	}
	return cause
}

// secretOf takes a generation's secret from memory when it was made here, else out of this account's box.
func (r *Room) secretOf(g trust.Generation, boxes []models.Box) ([]byte, Cause) {
	if secret := r.secrets[g.Hash]; secret != nil { // the log is read again
		return secret, CauseNone
	}
	if secret := r.pending[g.Hash]; secret != nil {
		delete(r.pending, g.Hash)
		return secret, CauseNone
	}
	cause := CauseNoKey
	for _, b := range boxes {
		if b.Account != r.s.Account() || b.Generation != g.Hash {
			continue
		}
		secret, ok := r.s.cfg.Vault.Keys.open(b.Key, infoOf(g, b.Account, b.Key), b.Body)
		if !ok {
			cause = CauseBox
			continue
		}
		if !commits(g, secret) {
			cause = CauseCommitment
			continue
		}
		return secret, CauseNone
	}
	return nil, cause
}

// sendable says why this person can not send anything into the room.
func (r *Room) sendable() error {
	switch {
	case r.forked || r.Behind(): // or the log is shorter than it was
		return ErrFork
	case r.state.Newer() || r.s.cfg.Directory.Newer():
		return ErrNewer
	case !r.Member():
		return ErrNotMember
	}
	return r.unchanged()
}
