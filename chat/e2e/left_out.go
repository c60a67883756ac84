package e2e

import (
	"visavis/chat/trust"
	"visavis/models"
)

// LeftOut is why a member is not sealed to, though he is one. The zero LeftOut is for nobody.
type LeftOut uint8

// The reasons. Each ends with new keys of the member.
const (
	LeftOutOld  LeftOut = 1 // the keys are older than trust.KeyLife
	LeftOutDesk LeftOut = 2 // a desk that was revoked since has seen the keys
	LeftOutGone LeftOut = 3 // the directory lists other keys than those that the room admitted, or none: he is to be invited again
)

// LeftOut returns the members who are sealed to no more until they have new keys. The session's own person may be among them.
func (r *Room) LeftOut() map[models.AccountID]LeftOut {
	out := make(map[models.AccountID]LeftOut)
	dir, now := r.s.cfg.Directory, r.s.cfg.Now()
	for _, m := range r.state.Members() {
		id, ok := dir.Identity(m.Account)
		switch {
		case !ok || !dir.Follows(id, m.Identity):
			out[m.Account] = LeftOutGone
		case id.Expired(now):
			out[m.Account] = LeftOutOld
		default:
			if _, seen := r.seenBy(id); seen {
				out[m.Account] = LeftOutDesk
			}
		}
	}
	return out
}

// recipients are those whom a generation made now is sealed to.
func (r *Room) recipients(by trust.Author) []trust.Identity {
	var ids []trust.Identity
	for _, id := range r.state.Recipients(r.s.cfg.Directory, by.At) {
		if _, seen := r.seenBy(id); !seen || id.Account == by.Account {
			ids = append(ids, id)
		}
	}
	return ids
}

// seenBy says whether a desk that was revoked since has seen the keys of id, as far as messages in this room say where their author sat, and
// at which place in the directory the last such desk was revoked.
func (r *Room) seenBy(id trust.Identity) (revoked uint64, seen bool) {
	dir := r.s.cfg.Directory
	if len(dir.DesksRevokedSince(id.Account)) == 0 {
		return 0, false
	}
	listed, _ := dir.SeqOf(id.Hash)
	for _, st := range r.author(id.Account).streams {
		if seq, gone := dir.RevokedAt(st.desk); gone && seq > listed && st.dirSeq >= listed {
			revoked, seen = max(revoked, seq), true
		}
	}
	return revoked, seen
}

// exposed says that a generation was made before a desk was revoked which has seen a member's keys: it was sealed to them.
func (r *Room) exposed(g trust.Generation) bool {
	made, _ := r.s.cfg.Directory.SeqOf(g.Dir)
	if r.s.cfg.Directory.LastRevokedDesk() <= made {
		return false
	}
	for _, m := range r.state.Members() {
		id, ok := r.s.cfg.Directory.Identity(m.Account)
		if !ok || m.Account == r.s.Account() {
			continue
		}
		if revoked, seen := r.seenBy(id); seen && revoked > made {
			return true
		}
	}
	return false
}
