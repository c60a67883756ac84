package e2e

import (
	"bytes"
	"fmt"
	"maps"
	"time"

	"visavis/models"
)

// InviteGrace is how long a pending invite is kept after it ended: a desk that enrolled in time may wait so long for its approval.
const InviteGrace = 30 * 24 * time.Hour

// lists are the parts of a vault from which things are also taken away.
type lists struct {
	invites  map[models.Hash]PendingInvite
	settings map[string]string
	next     models.Hash // which keys are to come
}

func (v *Vault) lists() lists {
	v.Keys.mu.Lock()
	defer v.Keys.mu.Unlock()
	return lists{maps.Clone(v.Invites), maps.Clone(v.Settings), v.Keys.next.id()}
}

// prune drops the invites that no desk can come with any more.
func (v *Vault) prune(at time.Time) {
	end := at.Add(-InviteGrace).UnixMilli()
	maps.DeleteFunc(v.Invites, func(_ models.Hash, i PendingInvite) bool { return i.Until <= end })
}

// Merge brings v, which could not be stored, on top of other, the stored version that stands in its place or further on: the next Reseal
// follows other and is under its key. Pins only ever move forward. Of invites and settings other's count, and what was added, changed or
// deleted here since the version that v stands at, where other has not changed the same; so do keys that are to come.
//
// It fails and changes nothing: with ErrFork when other is older than v, is another version of the same number, does not follow v where it
// should, or has seen another past; with ErrIdentity when it holds other keys: read the directory to its end, Adopt them, merge again.
func (v *Vault) Merge(other *Vault) error {
	if err := v.mergeable(other); err != nil {
		return fmt.Errorf("merge vaults: %w", err)
	}
	if other.HeadSeq > v.HeadSeq || v.Head.IsZero() {
		v.Head, v.HeadSeq = other.Head, other.HeadSeq
	}
	for id, p := range other.Rooms {
		if p.Seq > v.Rooms[id].Seq {
			v.Rooms[id] = p
		}
	}
	theirs := other.lists()
	v.Keys.merge(other.Keys, v.base)
	merge(v.Invites, v.base.invites, theirs.invites)
	merge(v.Settings, v.base.settings, theirs.settings)
	v.base = theirs
	clear(v.key)
	v.number, v.prev, v.clear, v.key = other.number, other.prev, other.clear, bytes.Clone(other.key)
	return nil
}

func (v *Vault) mergeable(other *Vault) error {
	switch {
	case other.Org != v.Org || other.Account != v.Account || other.Root != v.Root:
		return fmt.Errorf("another's vault: %w", ErrFork)
	case other.number < v.number:
		return fmt.Errorf("version %d after %d: %w", other.number, v.number, ErrFork)
	case other.number == v.number && other.prev != v.prev, other.number == v.number+1 && other.follows != v.prev:
		return fmt.Errorf("another version %d: %w", v.number, ErrFork)
	case other.HeadSeq == v.HeadSeq && other.Head != v.Head && !other.Head.IsZero() && !v.Head.IsZero():
		return fmt.Errorf("another directory: %w", ErrFork)
	case !v.Keys.mergeable(other.Keys):
		return ErrIdentity
	}
	for id, p := range other.Rooms {
		if mine := v.Rooms[id]; mine.Seq == p.Seq && mine != p {
			return fmt.Errorf("another room %s: %w", id.Short(), ErrFork)
		}
	}
	return nil
}

// merge makes mine what theirs is, with what was done to mine since base where theirs is still as in base.
func merge[K, V comparable](mine, base, theirs map[K]V) {
	done := maps.Clone(mine)
	clear(mine)
	maps.Copy(mine, theirs)
	touched := func(k K) bool {
		b, was := base[k]
		t, is := theirs[k]
		return was != is || b != t
	}
	for k, m := range done {
		if b, was := base[k]; (!was || b != m) && !touched(k) {
			mine[k] = m
		}
	}
	for k := range base {
		if _, kept := done[k]; !kept && !touched(k) {
			delete(mine, k)
		}
	}
}
