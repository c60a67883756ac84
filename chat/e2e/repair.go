package e2e

import (
	"errors"
	"fmt"
	"maps"
	"slices"

	"visavis/chat/trust"
	"visavis/models"
)

// MaxAsked bounds the generations that one member asks the others for at once.
const MaxAsked = 64

// Lacks lists generations that this person may open and whose secrets are not here: first those that something was said under, the newest
// before the older. At most MaxAsked, without the first skip of them: who makes generations that open for himself alone does not
// stand before those that somebody has.
func (r *Room) Lacks(skip int) []models.Hash {
	var said, silent []models.Hash
	made := r.state.Made(r.s.Account())
	for _, g := range slices.Backward(made) {
		switch {
		case r.secrets[g] != nil:
		case r.unopened[g] > 0:
			said = append(said, g)
		default:
			silent = append(silent, g)
		}
	}
	all := append(said, silent...)
	all = all[min(skip, len(all)):]
	return all[:min(len(all), MaxAsked)]
}

// Offer takes boxes of a generation that was applied before, and says whether one of them holds its secret.
func (r *Room) Offer(generation models.Hash, boxes []models.Box) bool {
	g, ok := r.state.Generation(generation)
	if !ok || r.secrets[g.Hash] != nil {
		return false
	}
	secret, cause := r.secretOf(g, boxes)
	if cause == CauseNone {
		r.know(g, secret)
	}
	return cause == CauseNone
}

// Late says that something has come which entries waited for that do not count, a secret or more of the directory: read the log Again.
func (r *Room) Late() bool { return r.late || r.headless > 0 && r.headless < r.s.cfg.Directory.Len() }

// Headless says that entries wait for more of the directory.
func (r *Room) Headless() bool { return r.headless > 0 }

// Same says whether e is what was applied at its place, as far as that is remembered.
func (r *Room) Same(e models.Entry) bool {
	was, ok := r.seen.at(e.Seq)
	return !ok || was == entryHash(e)
}

// Keeps says whether all messages that old accepted were accepted here too, or have disappeared since: another copy of a log may add to what was read,
// and takes nothing away.
func (r *Room) Keeps(old *Room) bool {
	for key, was := range old.ids {
		if now, ok := r.ids[key]; !ok || now != was && !now.IsZero() {
			return false
		}
	}
	return true
}

// Again begins to read the room's log from its first entry, with the secrets that are known by now. Once it has come as far as r, and
// before anything else is done with either, Succeed puts it in r's place.
func (r *Room) Again() *Room {
	n := r.s.room(r.id, r.pin)
	n.secrets = maps.Clone(r.secrets)
	return n
}

// ApplyAgain is Apply of an entry that old has applied, or is about to; a generation's secret comes from there.
func (r *Room) ApplyAgain(e models.Entry, old *Room) (Event, error) {
	if e.Kind == models.EntryGeneration {
		id := trust.GenerationID(e.Body)
		if secret := old.secrets[id]; secret != nil {
			r.secrets[id] = secret
		}
	}
	ev, err := r.Apply(e)
	if errors.Is(err, ErrDirectoryBehind) { // old has looked for that head
		ev, err = r.Apply(e)
	}
	return ev, err
}

// Succeed takes over what old's session had under way. Old is not used afterwards, nor wiped: its secrets are r's.
func (r *Room) Succeed(old *Room) {
	for g, secret := range old.secrets {
		if state, ok := r.state.Generation(g); ok && r.secrets[g] == nil {
			r.know(state, secret)
		}
	}
	r.pending, r.patient, r.stuck = old.pending, old.patient, old.stuck
	r.mine, r.own, r.opened = old.mine, old.own, old.opened
}

// Give seals secrets of generations to a member who says that he lacks them: those that he may open by the room's rules, whoever asks,
// and that are known here. What an earlier one leads back to is left out.
func (r *Room) Give(to models.AccountID, generations []models.Hash) ([]models.Box, error) {
	fail := func(err error) ([]models.Box, error) { return nil, fmt.Errorf("give to %s: %w", to.Short(), err) }
	if err := r.sendable(); err != nil {
		return fail(err)
	}
	var given []trust.Generation
	led := make(map[models.Hash]bool)
	for _, id := range generations[:min(len(generations), MaxAsked)] {
		g, ok := r.state.Generation(id)
		if !ok || r.secrets[id] == nil || !r.state.Opens(to, id) {
			continue
		}
		given = append(given, g)
		if r.links(g) {
			led[g.Prev] = true
		}
	}
	given = slices.DeleteFunc(given, func(g trust.Generation) bool { return led[g.Hash] })
	var boxes []models.Box
	for _, id := range r.recipients(r.s.Author()) {
		if id.Account != to || to == r.s.Account() {
			continue
		}
		key := id.Boxes[0]
		for _, g := range given {
			sealed, err := seal(key.Key, infoOf(g, to, key.ID), r.secrets[g.Hash])
			if err != nil {
				return fail(err)
			}
			boxes = append(boxes, models.Box{Room: r.id, Generation: g.Hash, Account: to, Key: key.ID, Body: sealed})
		}
	}
	return boxes, nil
}
