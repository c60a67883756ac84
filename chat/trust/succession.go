package trust

import (
	"crypto/ed25519"
	"time"

	"visavis/models"
	"visavis/models/canon"
)

// KeyLife is how long others seal to a person's box keys, from the time that their identity statement names.
const KeyLife = 90 * 24 * time.Hour

// Expired says that the keys are too old to be sealed to.
func (id Identity) Expired(at time.Time) bool { return at.Sub(id.NotBefore) > KeyLife }

// SignSuccession is how the key before says that b's keys come after it. Org, account, name and keys of b are set.
func SignSuccession(b Bundle, old ed25519.PrivateKey) []byte {
	return ed25519.Sign(old, LabelSuccession.prepend(canon.MustMarshal(b.keys())))
}

func (b Bundle) keys() personKeys {
	return personKeys{Org: b.Org, Account: b.Account, Name: b.Name, Signing: b.Signing, Boxes: b.Boxes}
}

// Succeeds says whether id's key has signed the bundle's keys, for the same account and name: whoever has that key asks for the change, the
// person or a thief.
func (b Bundle) Succeeds(id Identity) bool {
	return b.Account == id.Account && b.Name == id.Name && provesKeys(LabelSuccession, id.Signing, b.Succession, b.Org, b.keys())
}

// DesksRevokedSince lists the desks that were revoked after the account's present keys were listed. If its person used one of them under
// these keys, whoever has that desk has the keys too.
func (d *Directory) DesksRevokedSince(account models.AccountID) []models.DeskID {
	d.mu.RLock()
	defer d.mu.RUnlock()
	h := d.people[account]
	if len(h) == 0 {
		return nil
	}
	return d.desksRevoked(d.seqs[h[len(h)-1].v.Hash], uint64(len(d.heads)))
}

// desksRevoked are those that were revoked behind one place in the chain and before another. mu is held.
func (d *Directory) desksRevoked(after, before uint64) []models.DeskID {
	var ids []models.DeskID
	for id, h := range d.desks {
		for _, x := range h {
			if x.v.Revoked && x.seq > after && x.seq < before {
				ids = append(ids, id)
			}
		}
	}
	return ids
}

// LastRevokedDesk is the place in the chain of the last statement that revoked a desk.
func (d *Directory) LastRevokedDesk() (seq uint64) {
	d.mu.RLock()
	defer d.mu.RUnlock()
	for _, h := range d.desks {
		if x := h[len(h)-1]; x.v.Revoked {
			seq = max(seq, x.seq)
		}
	}
	return seq
}

// RevokedAt is the place in the chain of the statement that revoked a desk.
func (d *Directory) RevokedAt(desk models.DeskID) (seq uint64, ok bool) {
	d.mu.RLock()
	defer d.mu.RUnlock()
	for _, x := range d.desks[desk] {
		if x.v.Revoked {
			return x.seq, true
		}
	}
	return 0, false
}

// outlived says that other keys came after id's by the place seq, and a desk was revoked between: the keys before may be whoever's has the desk.
func (d *Directory) outlived(id Identity, seq uint64) bool {
	d.mu.RLock()
	defer d.mu.RUnlock()
	for _, x := range d.people[id.Account] {
		if x.v.Serial > id.Serial && x.seq <= seq {
			return len(d.desksRevoked(d.seqs[id.Hash], x.seq)) > 0
		}
	}
	return false
}

// Speaks says whether a message that id's key has signed counts as member m's now: it is the identity that the room admitted or one that it was handed on to, and
// the room has not gone on under a directory head at which other keys had come after a desk's revocation. After any other change of keys what was
// signed under an earlier head counts.
func (r *Room) Speaks(id Identity, m Member, dir *Directory) bool {
	return dir.Follows(id, m.Identity) && !dir.outlived(id, r.dirSeq)
}
