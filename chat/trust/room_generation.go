package trust

import (
	"fmt"
	"time"

	"visavis/models"
)

// maxSiblings bounds the generations that lost the race for one place.
const maxSiblings = 16

// placed is a generation that was found good.
type placed struct {
	Generation
	dirSeq  uint64
	current bool
}

func (r *Room) applyGeneration(e models.Entry, dir *Directory) (Change, error) {
	g, err := r.checkGeneration(e, dir)
	if err != nil {
		return Change{}, err
	}
	r.note(g.Generation)
	r.siblings++
	if g.current {
		r.current, r.siblings, r.dirSeq = g.Hash, 0, g.dirSeq
	}
	r.newer = r.newer || g.newer
	return Change{Kind: ChangeGeneration, Author: g.Maker, Account: g.Maker, Generation: g.Hash, Current: g.current, Newer: g.newer}, nil
}

func (r *Room) checkGeneration(e models.Entry, dir *Directory) (placed, error) {
	fail := func(err error) (placed, error) { return placed{}, err }
	g, env, err := parseGeneration(e.Body)
	if err != nil {
		return fail(err)
	}
	if g.Room != r.id || g.Org != r.org || dir.Org() != r.org {
		return fail(fmt.Errorf("generation: %w", ErrOrg))
	}
	if g.Maker != e.Author {
		return fail(fmt.Errorf("entry's author: %w", ErrIdentity))
	}
	m, ok := find(r.roster.members, g.Maker)
	if !ok {
		return fail(fmt.Errorf("maker %s is no member: %w", g.Maker.Short(), ErrNotAllowed))
	}
	id, dirSeq, err := r.author(g.Maker, g.Dir, dir)
	if err != nil {
		return fail(err)
	}
	if !dir.Follows(id, m.Identity) {
		return fail(fmt.Errorf("maker: %w", ErrIdentity))
	}
	if err := env.check(LabelGeneration, id.Signing); err != nil {
		return fail(err)
	}
	current, err := r.place(g)
	if err == nil {
		err = r.checkPast(g)
	}
	return placed{g, dirSeq, current}, err
}

// place says whether g comes after the current generation, or stands beside it: it lost the race for the same place by honest
// means, and what its maker sealed under it is still opened.
func (r *Room) place(g Generation) (current bool, err error) {
	if g.Roster != r.head {
		return false, fmt.Errorf("roster: %w", ErrStaleHead)
	}
	now, ok := r.Current()
	if g.Prev == now.Hash && g.Number == now.Number+1 {
		return true, nil
	}
	if ok && g.Prev == now.Prev && g.Number == now.Number && g.Roster == now.Roster && g.Dir == now.Dir && r.siblings < maxSiblings {
		if _, dup := r.generations[g.Hash]; !dup {
			return false, nil
		}
	}
	return false, fmt.Errorf("generation: %w", ErrPrev)
}

// Fits says whether a message may be sealed under an accepted generation now: it was made for the roster's head, and for the keys that the
// members have. Any such will do, not only the current one: a member who makes generations that nobody else can open does not
// stop the others, who go on under the newest that they can.
func (r *Room) Fits(generation models.Hash, dir *Directory) bool {
	g, ok := r.generations[generation]
	if !ok || g.Roster != r.head {
		return false
	}
	if g.Dir == dir.Head() {
		return true
	}
	for _, m := range r.roster.members {
		was, errWas := dir.IdentityAt(g.Dir, m.Account)
		is, ok := dir.Identity(m.Account)
		if (errWas == nil) != ok || was.Hash != is.Hash && ok {
			return false
		}
	}
	return true
}

// Recipients returns the identities that a generation made at a time is sealed to: the members whose key the directory's head lists,
// the same one that the room admitted or one that it was handed on to, and that is not too old.
func (r *Room) Recipients(dir *Directory, at time.Time) []Identity {
	var ids []Identity
	for _, m := range r.roster.members {
		if id, ok := dir.Identity(m.Account); ok && dir.Follows(id, m.Identity) && !id.Expired(at) {
			ids = append(ids, id)
		}
	}
	return ids
}

// CheckBoxes says whether a generation's boxes are what its recipients need: one for each, of the right size, to the first key that the
// directory lists. Who may have used a desk that was revoked since may be left out: his messages say, which members alone can read. It fails
// with ErrStaleHead where the generation was made under an older directory, and can be made again.
func (r *Room) CheckBoxes(generation []byte, boxes []models.Box, dir *Directory) error {
	g, _, err := parseGeneration(generation)
	if err == nil {
		err = r.checkBoxes(g, boxes, dir)
	}
	if err != nil && g.Dir != dir.Head() {
		return fmt.Errorf("%w: %w", ErrStaleHead, err)
	}
	return err
}

func (r *Room) checkBoxes(g Generation, boxes []models.Box, dir *Directory) error {
	want := make(map[models.AccountID]models.Hash)
	for _, id := range r.Recipients(dir, g.Time) {
		want[id.Account] = id.Boxes[0].ID
	}
	for _, b := range boxes {
		key, ok := want[b.Account]
		if !ok || b.Key != key || b.Room != r.id || b.Generation != g.Hash || len(b.Body) != BoxSize {
			return fmt.Errorf("box for %s: %w", b.Account.Short(), ErrUnknown)
		}
		delete(want, b.Account)
	}
	for account := range want {
		if len(dir.DesksRevokedSince(account)) == 0 {
			return fmt.Errorf("no box for %s: %w", account.Short(), ErrFormat)
		}
	}
	return nil
}
