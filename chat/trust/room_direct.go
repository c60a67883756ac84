package trust

import (
	"bytes"
	"fmt"

	"visavis/models"
	"visavis/models/canon"
)

// extPeer of a room/create makes a room of two: it names who is asked in, and nobody else ever will be. It is even: who ignored it would take
// others in.
const extPeer = 2

// peerExt is what stands under extPeer.
type peerExt struct {
	_        struct{} `cbor:",toarray"`
	Account  models.AccountID
	Identity models.Hash // what the directory says of the account under the statement's head
}

// Pair returns the two for whom a room of two was made, in the order of their ids; false for every other room.
func (r *Room) Pair() (a, b models.AccountID, ok bool) {
	a, b = r.roster.pair[0], r.roster.pair[1]
	return a, b, !a.IsZero()
}

// IsPair says whether this is the room of two of a and b.
func (r *Room) IsPair(a, b models.AccountID) bool {
	return !a.IsZero() && r.roster.pair == pairOf(a, b)
}

func pairOf(a, b models.AccountID) [2]models.AccountID {
	if bytes.Compare(a[:], b[:]) > 0 {
		a, b = b, a
	}
	return [2]models.AccountID{a, b}
}

// admits says whether account may ever be asked in.
func (r roster) admits(account models.AccountID) bool {
	return r.pair[0].IsZero() || account == r.pair[0] || account == r.pair[1]
}

// withPeer asks the other of a room of two in, as an owner: neither of the two stands above the other.
func (r roster) withPeer(a act) (roster, models.AccountID, error) {
	value, ok := a.s.Ext[extPeer]
	if !ok {
		return r, a.author.Account, nil
	}
	var p peerExt
	if err := Decode(value, MaxStatement, &p); err != nil {
		return r, models.AccountID{}, err
	}
	if p.Account == a.author.Account {
		return r, models.AccountID{}, fmt.Errorf("a room of one and himself: %w", ErrNotAllowed)
	}
	id, err := a.dir.IdentityAt(a.s.Dir, p.Account)
	if err != nil {
		return r, models.AccountID{}, err
	}
	if id.Hash != p.Identity {
		return r, models.AccountID{}, ErrIdentity
	}
	r.pair = pairOf(a.author.Account, p.Account)
	r.invited = []Member{{p.Account, p.Identity, RoleOwner}}
	return r, p.Account, nil
}

// Peer returns whom a statement makes a room of two with, without believing it; false when it makes none.
func (s Statement) Peer() (models.AccountID, bool) {
	var p peerExt
	value, ok := s.Ext[extPeer]
	ok = ok && s.label() == LabelCreate && Decode(value, MaxStatement, &p) == nil
	return p.Account, ok
}

// SignDirect makes the first statement of a room of two. Both are owners; peer is asked in by the same statement.
func (r *Room) SignDirect(by Author, dir *Directory, p Policy, peer models.AccountID) ([]byte, error) {
	id, _ := dir.Identity(by.Account)
	other, ok := dir.Identity(peer)
	if !ok {
		return nil, fmt.Errorf("a room with %s: %w", peer.Short(), ErrUnknown)
	}
	ext := Ext{extPeer: canon.MustMarshal(peerExt{Account: peer, Identity: other.Hash})}
	return r.sign(LabelCreate, by, dir, createBody{Identity: id.Hash, Policy: p}, ext)
}
