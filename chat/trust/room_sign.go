package trust

import (
	"crypto/ed25519"
	"fmt"
	"time"

	"visavis/models"
	"visavis/models/canon"
)

// Author is who signs a room's statements. Nothing keeps its key.
type Author struct {
	Account models.AccountID
	Key     ed25519.PrivateKey
	At      time.Time
}

func (r *Room) sign(l Label, by Author, dir *Directory, body any, ext Ext) ([]byte, error) {
	fail := func(err error) ([]byte, error) { return nil, fmt.Errorf("sign %s: %w", l.Type(), err) }
	if r.newer {
		return fail(ErrNewer)
	}
	s := Statement{Header: NewHeader(l, r.org), Room: r.id, Seq: r.seq, Prev: r.head, Dir: dir.Head(), Author: by.Account, Ext: ext}
	author, _, err := r.author(by.Account, s.Dir, dir)
	if err != nil {
		return fail(err)
	}
	s.Body = canon.MustMarshal(body)
	if s.State, err = r.stateAfter(act{s: s, author: author, dir: dir}); err != nil {
		return fail(err)
	}
	signed, err := signStatement(l, s, body, by.Key, by.At)
	if err == nil {
		_, err = r.check(signed, dir)
	}
	if err != nil {
		return fail(err)
	}
	return signed, nil
}

// stateAfter is the state hash that a statement has to name.
func (r *Room) stateAfter(a act) (models.Hash, error) {
	a.self, _ = find(r.roster.members, a.s.Author)
	rule := rosterRules[a.s.label()].rule
	if rule == nil {
		rule = roster.create
	}
	after, _, err := rule(r.roster, a)
	return after.hash(r.org, r.id), err
}

// SignCreate makes the room's first statement; its author becomes the owner.
func (r *Room) SignCreate(by Author, dir *Directory, p Policy) ([]byte, error) {
	id, _ := dir.Identity(by.Account)
	return r.sign(LabelCreate, by, dir, createBody{Identity: id.Hash, Policy: p}, nil)
}

// SignInvite invites account, with the identity that the directory lists now.
func (r *Room) SignInvite(by Author, dir *Directory, account models.AccountID, role RoomRole) ([]byte, error) {
	id, ok := dir.Identity(account)
	if !ok {
		return nil, fmt.Errorf("invite %s: %w", account.Short(), ErrUnknown)
	}
	return r.sign(LabelInvite, by, dir, inviteBody{Account: account, Identity: id.Hash, Role: role}, nil)
}

// SignJoin accepts an invitation.
func (r *Room) SignJoin(by Author, dir *Directory) ([]byte, error) {
	id, _ := dir.Identity(by.Account)
	return r.sign(LabelJoin, by, dir, joinBody{Identity: id.Hash}, nil)
}

// SignLeave leaves the room, or declines an invitation; ends are the author's streams as far as he sent, seen the last log entry
// that he had applied.
func (r *Room) SignLeave(by Author, dir *Directory, ends StreamEnds, seen models.Hash) ([]byte, error) {
	return r.sign(LabelLeave, by, dir, leaveBody{Ends: ends, Seen: seen}, nil)
}

// SignRemove puts account out; ends are its streams as far as the author has accepted them, up to the log entry seen.
func (r *Room) SignRemove(by Author, dir *Directory, account models.AccountID, ends StreamEnds, seen models.Hash) ([]byte, error) {
	return r.sign(LabelRemove, by, dir, removeBody{Account: account, Ends: ends, Seen: seen}, nil)
}

// SignRole gives a member another role.
func (r *Room) SignRole(by Author, dir *Directory, account models.AccountID, role RoomRole) ([]byte, error) {
	return r.sign(LabelRoomRole, by, dir, roomRoleBody{Account: account, Role: role}, nil)
}

// SignPolicy changes the rules.
func (r *Room) SignPolicy(by Author, dir *Directory, p Policy) ([]byte, error) {
	return r.sign(LabelPolicy, by, dir, policyBody{Policy: p}, nil)
}

// NextGeneration returns the generation that comes after the current one, for its maker to add stream, time and commitment.
func (r *Room) NextGeneration(maker models.AccountID, dir *Directory) Generation {
	now, _ := r.Current()
	return Generation{Org: r.org, Room: r.id, Number: now.Number + 1, Prev: now.Hash, Roster: r.head, Dir: dir.Head(), Maker: maker}
}
