package churn

import (
	"crypto/ed25519"
	"testing"

	"visavis/chat/e2e"
	"visavis/chat/trust"
	"visavis/models"
	"visavis/models/canon"
)

// pen writes statements that nobody has checked, under a head of the directory each.
type pen struct {
	t    *testing.T
	room models.RoomID
	seq  uint64
	h    *history
	r    *registry
}

func (p *pen) entry(l trust.Label, by models.AccountID, dir models.Hash, body any) models.Entry {
	p.t.Helper()
	p.seq++
	s := trust.Statement{Header: trust.NewHeader(l, models.OrgID{1}), Room: p.room, Seq: p.seq - 1, Dir: dir, Author: by, Body: canon.MustMarshal(body)}
	signed := trust.Sign(l, canon.MustMarshal(s), ed25519.NewKeyFromSeed(make([]byte, ed25519.SeedSize)))
	return models.Entry{Room: p.room, Seq: p.seq, Kind: models.EntryStatement, Author: by, Body: signed}
}

// say adds a statement of the room.
func (p *pen) say(l trust.Label, by models.AccountID, dir models.Hash, body any) {
	p.t.Helper()
	if err := p.h.add(p.entry(l, by, dir, body)); err != nil {
		p.t.Fatal(err)
	}
}

// decree adds one of the directory and returns its head.
func (p *pen) decree(l trust.Label, by models.AccountID, body any) models.Hash {
	p.t.Helper()
	e := p.entry(l, by, models.Hash{}, body)
	if err := p.r.add(e); err != nil {
		p.t.Fatal(err)
	}
	return trust.StatementHash(e.Body)
}

// owned is a room of ada's in which ben is a member, and a directory of whom ada is an admin.
func owned(t *testing.T) (j *judge, room, dir *pen, head models.Hash) {
	t.Helper()
	j, _ = oneRoom()
	h := newHistory(models.RoomID{9})
	j.rooms[h.id], j.dir = h, newRegistry()
	room, dir = &pen{t: t, room: h.id, h: h}, &pen{t: t, r: j.dir}
	head = dir.decree(trust.LabelRole, models.AccountID{}, appointment{Account: ada.account, Admin: true})
	room.say(trust.LabelCreate, ada.account, head, creation{Policy: trust.DefaultPolicy()})
	room.invites(ada, ben, head, trust.RoleMember)
	room.say(trust.LabelJoin, ben.account, head, []any{models.Hash{}})
	return j, room, dir, head
}

func (p *pen) invites(by, whom *person, head models.Hash, as trust.RoomRole) {
	p.say(trust.LabelInvite, by.account, head, invitation{Account: whom.account, Role: as})
}

func (p *pen) role(by, whom *person, head models.Hash, as trust.RoomRole) {
	p.say(trust.LabelRoomRole, by.account, head, standing{Account: whom.account, Role: as})
}

// TestJudgeSeesRights: a server that takes what its author had no right to, and one that takes what he had.
func TestJudgeSeesRights(t *testing.T) {
	strict := trust.DefaultPolicy()
	strict.Invite = trust.RoleOwner
	end := trust.StreamEnds{Last: []trust.StreamEnd{}}
	for _, tt := range []struct {
		name string
		do   func(room, dir *pen, head models.Hash)
		n    int // that nobody had a right to
	}{
		{"a member changes the rules", func(r, _ *pen, at models.Hash) { r.say(trust.LabelPolicy, ben.account, at, rules{Policy: strict}) }, 1},
		{"a member makes himself an owner", func(r, _ *pen, at models.Hash) { r.role(ben, ben, at, trust.RoleOwner) }, 1},
		{"a member puts another out", func(r, _ *pen, at models.Hash) {
			r.say(trust.LabelRemove, ben.account, at, removal{Account: ada.account, Ends: end})
		}, 1},
		{"an owner who is none any more changes the rules", func(r, _ *pen, at models.Hash) {
			r.role(ada, ben, at, trust.RoleOwner)
			r.role(ben, ada, at, trust.RoleMember)
			r.say(trust.LabelPolicy, ada.account, at, rules{Policy: strict})
		}, 1},
		{"two owners take each other's role, and both have their will", func(r, _ *pen, at models.Hash) {
			r.role(ada, ben, at, trust.RoleOwner)
			r.role(ben, ada, at, trust.RoleMember)
			r.role(ada, ben, at, trust.RoleMember)
		}, 1},
		{"an owner who came back is one again", func(r, _ *pen, at models.Hash) {
			r.role(ada, ben, at, trust.RoleOwner)
			r.say(trust.LabelLeave, ben.account, at, []any{end, models.Hash{}})
			r.invites(ada, ben, at, trust.RoleMember)
			r.say(trust.LabelJoin, ben.account, at, []any{models.Hash{}})
			r.say(trust.LabelPolicy, ben.account, at, rules{Policy: strict})
		}, 1},
		{"a member invites where owners alone may", func(r, _ *pen, at models.Hash) {
			r.say(trust.LabelPolicy, ada.account, at, rules{Policy: strict})
			r.invites(ben, cyd, at, trust.RoleMember)
		}, 1},
		{"a member invites an owner", func(r, _ *pen, at models.Hash) { r.invites(ben, cyd, at, trust.RoleOwner) }, 1},
		{"somebody joins whom nobody asked", func(r, _ *pen, at models.Hash) { r.say(trust.LabelJoin, cyd.account, at, []any{models.Hash{}}) }, 1},
		{"somebody who is not in leaves", func(r, _ *pen, at models.Hash) { r.say(trust.LabelLeave, cyd.account, at, []any{end, models.Hash{}}) }, 1},
		{"a room is made twice", func(r, _ *pen, at models.Hash) {
			r.say(trust.LabelCreate, ben.account, at, creation{Policy: trust.DefaultPolicy()})
		}, 1},
		{"somebody who is no admin revokes", func(_, d *pen, _ models.Hash) {
			d.decree(trust.LabelRevoke, ben.account, revocation{Account: cyd.account})
		}, 1},
		{"somebody who was an admin goes on", func(_, d *pen, _ models.Hash) {
			d.decree(trust.LabelRole, ada.account, appointment{Account: ben.account, Admin: true})
			d.decree(trust.LabelRole, ada.account, appointment{Account: ben.account})
			d.decree(trust.LabelRole, ben.account, appointment{Account: ben.account, Admin: true})
		}, 1},
		{"an admin who was revoked goes on", func(_, d *pen, _ models.Hash) {
			d.decree(trust.LabelRole, ada.account, appointment{Account: ben.account, Admin: true})
			d.decree(trust.LabelRevoke, ada.account, revocation{Account: ben.account})
			d.decree(trust.LabelRevoke, ben.account, revocation{Account: cyd.account})
		}, 1},
		{"who was revoked says something under the head that says so", func(r, d *pen, _ models.Hash) {
			at := d.decree(trust.LabelRevoke, ada.account, revocation{Account: ben.account})
			r.say(trust.LabelLeave, ben.account, at, []any{end, models.Hash{}})
		}, 1},
		{"who was revoked is invited by who knows it", func(r, d *pen, _ models.Hash) {
			at := d.decree(trust.LabelRevoke, ada.account, revocation{Account: cyd.account})
			r.invites(ada, cyd, at, trust.RoleMember)
		}, 1},

		{"what owners, members and admins may", func(r, d *pen, at models.Hash) {
			r.role(ada, ben, at, trust.RoleOwner)
			r.say(trust.LabelPolicy, ben.account, at, rules{Policy: trust.DefaultPolicy()})
			r.role(ben, ada, at, trust.RoleMember)
			r.invites(ada, cyd, at, trust.RoleMember)
			r.say(trust.LabelRemove, ben.account, at, removal{Account: cyd.account, Ends: end})
			r.say(trust.LabelLeave, ada.account, at, []any{end, models.Hash{}})
			d.decree(trust.LabelRevoke, ada.account, revocation{Account: cyd.account})
		}, 0},
		{"what was under way when its author was revoked", func(r, d *pen, at models.Hash) {
			d.decree(trust.LabelRevoke, ada.account, revocation{Account: ben.account})
			r.say(trust.LabelLeave, ben.account, at, []any{end, models.Hash{}})
		}, 0},
		{"an invitation of who is revoked, by who does not know", func(r, d *pen, at models.Hash) {
			d.decree(trust.LabelRevoke, ada.account, revocation{Account: cyd.account})
			r.invites(ada, cyd, at, trust.RoleMember)
		}, 0},
	} {
		t.Run(tt.name, func(t *testing.T) {
			j, room, dir, head := owned(t)
			tt.do(room, dir, head)
			j.lawful()
			j.lawful()
			if j.counts.Granted != tt.n || j.counts.Failed() != (tt.n > 0) {
				t.Errorf("%d were granted, want %d: %v", j.counts.Granted, tt.n, j.counts.wrongs)
			}
		})
	}
}

// TestJudgeSeesWhoIsNotOut: what is stored of somebody, and sent to him, after the admin was told that he is revoked.
func TestJudgeSeesWhoIsNotOut(t *testing.T) {
	for name, tt := range map[string]struct {
		end     uint64 // of the log, at the revocation
		granted int
		shown   int
	}{
		"before it": {8, 0, 0}, "the last entry after it": {7, 1, 1}, "two entries after it": {6, 2, 2},
	} {
		t.Run(name, func(t *testing.T) {
			j, h := oneRoom()
			p := &person{name: "ada", account: ada.account, ends: map[models.RoomID]uint64{h.id: tt.end}, silent: map[models.RoomID]uint64{}}
			j.dir.gone[p.account] = 2
			j.silent(p)
			j.silent(p)
			j.walked(&walk{who: p, room: h.id, heard: 8, fresh: []seen{{kind: e2e.EventGeneration}, text(8)}})
			if j.counts.Granted != tt.granted || j.counts.Shown != tt.shown {
				t.Errorf("%d of his entries were stored and %d sent to him, want %d and %d", j.counts.Granted, j.counts.Shown, tt.granted, tt.shown)
			}
		})
	}
}
