package trust

import (
	"slices"

	"visavis/models"
)

// Renewed lists the accounts that were ever given keys which the ones before did not sign, in the order of their first time: by an admin who enrolled somebody
// anew, or who put somebody else in his place. Nothing in the directory tells one from the other; only people do.
func (d *Directory) Renewed() []models.AccountID {
	d.mu.RLock()
	defer d.mu.RUnlock()
	return slices.Clone(d.renewed)
}

// Continues says whether account's active identity is the one whose statement was from, or was handed on from it key by key. It is true of
// who has no active identity: nothing is sealed to him.
func (d *Directory) Continues(account models.AccountID, from models.Hash) bool {
	id, ok := d.Identity(account)
	return !ok || d.Follows(id, from)
}

// MetAs returns the identity as which somebody has come to know account: the one that was listed when his own present keys began, or account's first where it
// came later. It is false while one of the two is not listed.
func (d *Directory) MetAs(account, by models.AccountID) (Identity, bool) {
	d.mu.RLock()
	defer d.mu.RUnlock()
	h, own := d.people[account], d.people[by]
	if len(h) == 0 || len(own) == 0 {
		return Identity{}, false
	}
	if id, ok := h.at(own[lineage(own)].seq); ok {
		return id, true
	}
	return h[0].v, true
}

// lineage is the index of the identity with which the present keys began: each one after it was signed by the one before.
func lineage(h history[Identity]) int {
	i := len(h) - 1
	for i > 0 && (h[i].v.Followed || h[i].v.Revoked) {
		i--
	}
	return i
}
