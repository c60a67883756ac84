package trust

import (
	"fmt"

	"visavis/models"
)

// What newcomers may open of what was said before they joined. What was said under a rule stays under it: a policy reaches back over the
// generations that were made under its own kind, and ends at the first that was not.
const (
	HistoryNone = 1 // nothing
	HistoryLast = 2 // the last Policy.Last messages, rounded up to whole generations
	HistoryAll  = 3 // everything since the room had this policy
)

// MaxLast bounds Policy.Last.
const MaxLast = 10_000

// checkHistory fails with ErrNewer for what a later version may mean, and with ErrFormat for what none will.
func (p Policy) checkHistory() error {
	switch {
	case p.History == 0, p.History <= HistoryAll && (p.History == HistoryLast) != (p.Last > 0), p.History == HistoryLast && p.Last > MaxLast:
		return fmt.Errorf("%w: history %d, last %d", ErrFormat, p.History, p.Last)
	case p.History > HistoryAll:
		return fmt.Errorf("history policy %d: %w", p.History, ErrNewer)
	}
	return nil
}

// Spoken is what was said under one generation: the policy that it was made under, and how many messages the log has of it.
type Spoken struct {
	Policy   Policy
	Messages uint64
}

// Reach returns how many generations of the end of before, which is in the order of the log, somebody may open who joins under p.
func (p Policy) Reach(before []Spoken) int {
	need, have, n := uint64(p.Last), uint64(0), 0
	for i := len(before) - 1; i >= 0 && p.History > HistoryNone && before[i].Policy.History == p.History; i-- {
		if p.History == HistoryLast {
			need = min(need, uint64(before[i].Policy.Last))
			if have >= need {
				break
			}
			have += before[i].Messages
		}
		n++
	}
	return n
}

// reached is how far back who joins now may open: the place of the first generation.
func (r *Room) reached() int { return len(r.spoken) - r.roster.policy.Reach(r.spoken) }

// Opens says whether a member may open a generation: it was made while he was one, or the policy that he joined under reaches back to it. It
// takes a room whose messages were applied too: they are what the policy counts.
func (r *Room) Opens(account models.AccountID, generation models.Hash) bool {
	g, ok := r.generations[generation]
	from, member := r.from[account]
	return ok && member && g.place >= from
}

// Made lists the generations that a member may open, in the order of the log.
func (r *Room) Made(account models.AccountID) []models.Hash {
	from, member := r.from[account]
	if !member {
		return nil
	}
	return append([]models.Hash(nil), r.made[from:]...)
}

// Carries says whether a generation made now carries the secret of the one that it follows, for newcomers to walk back: both are of a room
// that lets them open everything. A policy that changes begins a new chain.
func (r *Room) Carries() bool {
	now, ok := r.Current()
	return ok && r.carries(now)
}

func (r *Room) carries(prev Generation) bool {
	return r.roster.policy.History == HistoryAll && prev.Policy.History == HistoryAll
}

// PastSize is the length of a generation's past, the Fernet token of the previous secret, in bytes.
const PastSize = 201

// checkPast judges where a generation's past stands. What is in it is for who has the secret.
func (r *Room) checkPast(g Generation) error {
	if len(g.Past) == 0 {
		return nil // its maker may not have had the secret
	}
	if prev, ok := r.generations[g.Prev]; !ok || !r.carries(prev) {
		return fmt.Errorf("a past that the policy does not give: %w", ErrNotAllowed)
	}
	return nil
}

// noteFrom keeps where somebody who joined begins, and forgets who went.
func (r *Room) noteFrom(c Change) {
	switch c.Kind {
	case ChangeCreated:
		r.from[c.Author] = 0
	case ChangeJoined:
		r.from[c.Account] = r.reached()
	case ChangeLeft, ChangeRemoved:
		delete(r.from, c.Account)
	}
}

// note keeps a generation that was accepted.
func (r *Room) note(g Generation) {
	g.Policy, g.place = r.roster.policy, len(r.made)
	r.made, r.spoken = append(r.made, g.Hash), append(r.spoken, Spoken{Policy: g.Policy})
	r.generations[g.Hash] = g
}
