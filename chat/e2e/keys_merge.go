package e2e

import (
	"bytes"
	"slices"

	"visavis/chat/trust"
	"visavis/models"
)

// copy is one that outlives the vault that it was in.
func (n *nextKeys) copy() *nextKeys {
	if n == nil {
		return nil
	}
	return &nextKeys{signing: bytes.Clone(n.signing), box: n.box.copy(), bundle: n.bundle, known: n.known, desks: n.desks}
}

func (b boxKey) copy() boxKey {
	b.seed = bytes.Clone(b.seed)
	return b
}

// merge takes over what was done to the same keys at another desk since base: what was asked for or given up there counts, and desks of both. Where
// the other has not read yet that the directory lists the keys to come, these stay.
func (k *Keys) merge(other *Keys, base lists) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if !k.same(other) {
		k.desks = union(k.desks, other.next.desks)
		return
	}
	k.desks = union(k.desks, other.desks)
	switch theirs := other.next.id(); {
	case k.next != nil && theirs == k.next.id():
		k.next.desks = union(k.next.desks, other.next.desks)
	case theirs != base.next:
		k.next.wipe()
		k.next = other.next.copy()
	}
}

// mergeable says whether merge has anything to go by.
func (k *Keys) mergeable(other *Keys) bool {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.same(other) || other.next != nil && k.signing.Equal(other.next.signing)
}

// same says whether both hold the same present keys. mu is held.
func (k *Keys) same(other *Keys) bool {
	return k.signing.Equal(other.signing) && k.boxes[0].public.ID == other.boxes[0].public.ID
}

// Adopt takes over the keys of another version of the vault, if id lists those: they were changed at another desk, and this one has not heard of it.
func (k *Keys) Adopt(other *Keys, id trust.Identity) bool {
	if !other.Follow(id) {
		return false
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	k.past = append(k.past, k.signing)
	k.signing, k.desks = bytes.Clone(other.signing), other.desks
	for i := range k.boxes {
		k.boxes[i].wipe()
	}
	k.boxes = nil
	for _, b := range other.boxes {
		k.boxes = append(k.boxes, b.copy())
	}
	k.next.wipe()
	k.next = other.next.copy()
	return true
}

// union is sorted, as both are.
func union(a, b []models.DeskID) []models.DeskID {
	all := slices.Concat(a, b)
	slices.SortFunc(all, compareDesks)
	return slices.Compact(all)
}
