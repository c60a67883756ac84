package e2e

import (
	"bytes"
	"fmt"
	"io"

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

// NeedsGeneration says that before the next message a new generation has to be in the log: make it with Generation, send it, and
// apply the log up to it.
func (r *Room) NeedsGeneration() bool {
	if r.state.NeedsGeneration(r.s.cfg.Directory) {
		return true
	}
	g, _ := r.state.Current()
	return r.secrets[g.Hash] == nil || r.since >= GenerationMessages || r.s.cfg.Now().Sub(r.sinceAt) >= GenerationAge
}

// Generation makes the entry of a new generation, with a box for every member.
func (r *Room) Generation() (models.Entry, error) {
	fail := func(err error) (models.Entry, error) { return models.Entry{}, fmt.Errorf("make a generation: %w", err) }
	if err := r.sendable(); err != nil {
		return fail(err)
	}
	secret := make([]byte, secretSize)
	if _, err := io.ReadFull(r.s.cfg.Random, secret); err != nil {
		return fail(err)
	}
	by := r.s.Author()
	g := r.state.NextGeneration(by.Account, r.s.cfg.Directory)
	g.Stream, g.Time = r.s.stream, by.At
	var err error
	if g.Commitment, err = commitment(secret, g.Room, g.Number); err != nil {
		return fail(err)
	}
	body := trust.SignGeneration(g, by.Key)
	e, err := r.entry(models.EntryGeneration, body)
	if err != nil {
		return fail(err)
	}
	id := trust.GenerationID(body)
	for _, to := range r.state.Recipients(r.s.cfg.Directory) {
		key := to.Boxes[0]
		sealed, err := seal(key.Key, infoOf(g, to.Account, key.ID), secret)
		if err != nil {
			return fail(err)
		}
		e.Boxes = append(e.Boxes, models.Box{Room: r.id, Generation: id, Account: to.Account, Key: key.ID, Body: sealed})
	}
	r.pending[id] = secret
	return e, nil
}

// learn takes a generation's secret: from memory when it was made here, else out of this account's box.
func (r *Room) learn(e models.Entry, c trust.Change) Cause {
	g, _ := r.state.Generation(c.Generation)
	if c.Current {
		r.since, r.sinceAt = 0, e.At
	}
	if secret := r.pending[g.Hash]; secret != nil {
		delete(r.pending, g.Hash)
		r.secrets[g.Hash] = secret
		return CauseNone
	}
	cause := CauseNoKey
	for _, b := range e.Boxes {
		if b.Account != r.s.Account() || b.Generation != g.Hash {
			continue
		}
		secret, ok := r.s.cfg.Vault.Keys.open(b.Key, infoOf(g, b.Account, b.Key), b.Body)
		if !ok {
			cause = CauseBox
			continue
		}
		if want, err := commitment(secret, g.Room, g.Number); err != nil || len(secret) != secretSize || !bytes.Equal(want[:], g.Commitment[:]) {
			cause = CauseCommitment
			continue
		}
		r.secrets[g.Hash] = secret
		return CauseNone
	}
	return cause
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
	return nil
}
