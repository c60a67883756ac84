package e2e

import (
	"errors"
	"maps"
	"testing"
	"time"

	"visavis/chat/trust"
	"visavis/models"
)

// desks is a vault that is open at two desks; the second stores first.
type desks struct {
	one, two *Vault
	w        *world
	u        Unlock
	stored   []models.Vault
}

func twoDesks(t *testing.T) *desks {
	w := newWorld(t)
	_, stored, u, _ := sealedFor(t, w)
	return &desks{must(OpenVault(stored, u))(t), must(OpenVault(stored, u))(t), w, u, []models.Vault{stored}}
}

// store seals the vault's next version and keeps it.
func (d *desks) store(t *testing.T, v *Vault) *Vault {
	t.Helper()
	stored := must(v.Reseal(d.w.now))(t)
	v.Saved(stored)
	d.stored = append(d.stored, stored)
	return must(OpenVault(stored, d.u))(t)
}

func TestMergeMovesPinsForward(t *testing.T) {
	d := twoDesks(t)
	d.one.Head, d.one.HeadSeq = models.Hash{1}, 5
	d.two.Head, d.two.HeadSeq = models.Hash{2}, 4
	d.one.Rooms = map[models.RoomID]RoomPin{{1}: {Seq: 1}, {2}: {Seq: 9}}
	d.two.Rooms = map[models.RoomID]RoomPin{{1}: {Seq: 2}, {2}: {Seq: 8}}
	if err := d.one.Merge(d.store(t, d.two)); err != nil {
		t.Fatal(err)
	}
	if d.one.HeadSeq != 5 || d.one.Rooms[models.RoomID{1}].Seq != 2 || d.one.Rooms[models.RoomID{2}].Seq != 9 {
		t.Fatalf("merged to %d, %v", d.one.HeadSeq, d.one.Rooms)
	}
	if last := d.store(t, d.one); last.Version() != 3 || last.follows != VaultHash(d.stored[1].Body) {
		t.Fatal("the merged vault does not follow the stored one")
	}
}

func TestMergeOfListsIsThreeWay(t *testing.T) {
	until := time.Date(2027, 1, 1, 0, 0, 0, 0, time.UTC).UnixMilli()
	invite := func(n byte) PendingInvite { return PendingInvite{Secret: trust.Secret{n}, Until: until} }
	for _, tt := range []struct {
		name     string
		one, two func(*Vault) // after both opened {8} and theme=dark; two is stored first
		invites  []models.Hash
		settings map[string]string
	}{
		{"nothing", nil, nil, []models.Hash{{8}}, map[string]string{"theme": "dark"}},
		{"deleted there, and it does not come back", nil, func(v *Vault) { delete(v.Invites, models.Hash{8}); delete(v.Settings, "theme") }, nil, nil},
		{"deleted here", func(v *Vault) { delete(v.Invites, models.Hash{8}); delete(v.Settings, "theme") }, nil, nil, nil},
		{"added on both sides", func(v *Vault) { v.Invites[models.Hash{1}] = invite(1) }, func(v *Vault) { v.Invites[models.Hash{2}] = invite(2) },
			[]models.Hash{{8}, {1}, {2}}, map[string]string{"theme": "dark"}},
		{"changed here", func(v *Vault) { v.Settings["theme"] = "light" }, nil, []models.Hash{{8}}, map[string]string{"theme": "light"}},
		{"changed there", nil, func(v *Vault) { v.Settings["theme"] = "light" }, []models.Hash{{8}}, map[string]string{"theme": "light"}},
		{"changed on both sides: the stored one counts", func(v *Vault) { v.Settings["theme"] = "light" }, func(v *Vault) { v.Settings["theme"] = "red" },
			[]models.Hash{{8}}, map[string]string{"theme": "red"}},
		{"changed here, deleted there", func(v *Vault) { v.Settings["theme"] = "light" }, func(v *Vault) { delete(v.Settings, "theme") }, []models.Hash{{8}}, nil},
	} {
		d := twoDesks(t)
		for v, f := range map[*Vault]func(*Vault){d.one: tt.one, d.two: tt.two} {
			if f != nil {
				f(v)
			}
		}
		other := d.store(t, d.two)
		if err := d.one.Merge(other); err != nil {
			t.Fatal(err)
		}
		other.Wipe() // as callers do; what was merged is no part of it
		got := d.store(t, d.one)
		want := map[models.Hash]bool{}
		for _, c := range tt.invites {
			want[c] = true
		}
		have := map[models.Hash]bool{}
		for c, i := range got.Invites {
			have[c] = !i.Secret.IsZero()
		}
		if !maps.Equal(want, have) || !maps.Equal(tt.settings, got.Settings) {
			t.Errorf("%s: invites %v, settings %v", tt.name, have, got.Settings)
		}
	}
}

// An invite made between sealing and storing is not in what was stored: the next merge does not take it for deleted elsewhere.
func TestInviteMadeWhileStoring(t *testing.T) {
	d := twoDesks(t)
	stored := must(d.one.Reseal(d.w.now))(t)
	d.one.Invites[models.Hash{1}] = PendingInvite{Secret: trust.Secret{1}, Until: d.w.now.Add(time.Hour).UnixMilli()}
	d.one.Saved(stored)
	if err := d.one.Merge(d.store(t, must(OpenVault(stored, d.u))(t))); err != nil {
		t.Fatal(err)
	}
	if _, ok := d.one.Invites[models.Hash{1}]; !ok {
		t.Fatal("the invite is lost")
	}
}

// Two desks in a row are faster. What was added here lives through both merges.
func TestMergeAgain(t *testing.T) {
	d := twoDesks(t)
	d.one.Invites[models.Hash{1}] = PendingInvite{Secret: trust.Secret{1}, Until: d.w.now.Add(time.Hour).UnixMilli()}
	for range 2 {
		must(d.one.Reseal(d.w.now))(t)
		if err := d.one.Merge(d.store(t, d.two)); err != nil {
			t.Fatal(err)
		}
		d.one.Saved(d.stored[len(d.stored)-1])
	}
	if _, ok := d.store(t, d.one).Invites[models.Hash{1}]; !ok {
		t.Fatal("the invite is lost")
	}
}

// What a server may answer to the desk that asks for the stored version.
func TestMergeRefuses(t *testing.T) {
	for _, tt := range []struct {
		name   string
		answer func(t *testing.T, d *desks) *Vault
		want   error
	}{
		{"one's own version again", func(t *testing.T, d *desks) *Vault { return d.store(t, d.one) }, nil},
		{"an older version than one's own: what was taken back since comes again", func(t *testing.T, d *desks) *Vault {
			d.store(t, d.one)
			return must(OpenVault(d.stored[0], d.u))(t)
		}, ErrFork},
		{"another version of the same number", func(t *testing.T, d *desks) *Vault {
			d.store(t, d.one)
			d.two.Settings["theme"] = "red"
			return d.store(t, d.two)
		}, ErrFork},
		{"a next version that follows another", func(t *testing.T, d *desks) *Vault {
			d.store(t, d.one)
			d.two.Settings["theme"] = "red"
			d.store(t, d.two)
			return d.store(t, d.two)
		}, ErrFork},
		{"another directory at the same place", func(t *testing.T, d *desks) *Vault {
			d.one.Head, d.one.HeadSeq, d.two.Head, d.two.HeadSeq = models.Hash{1}, 5, models.Hash{2}, 5
			return d.store(t, d.two)
		}, ErrFork},
		{"another room at the same place", func(t *testing.T, d *desks) *Vault {
			d.one.Rooms[models.RoomID{3}] = RoomPin{Seq: 4}
			return d.store(t, d.two)
		}, ErrFork},
		{"another account's", func(t *testing.T, d *desks) *Vault {
			v := d.w.enrol("bob").vault
			v.number = 9
			return v
		}, ErrFork},
		{"after a change of keys: the new ones would be overwritten", func(t *testing.T, d *desks) *Vault {
			d.two.Keys = must(NewKeys(d.w.random))(t)
			return d.store(t, d.two)
		}, ErrIdentity},
	} {
		d := twoDesks(t)
		other := tt.answer(t, d)
		number, theme := d.one.number, d.one.Settings["theme"]
		if err := d.one.Merge(other); !errors.Is(err, tt.want) {
			t.Errorf("%s: %v", tt.name, err)
		} else if err != nil && (d.one.number != number || d.one.Settings["theme"] != theme) {
			t.Errorf("%s: refused, and changed something", tt.name)
		}
	}
}

// The password was changed at another desk: what this one stores afterwards is under the new one, not under the old again.
func TestMergeKeepsAPasswordChange(t *testing.T) {
	d := twoDesks(t)
	changed := Unlock{Export: make([]byte, 64), Pepper: d.u.Pepper}
	stored := must(SealVault(d.two, changed, Phrase{7}, d.w.random, d.w.now))(t)
	other := must(OpenVault(stored, changed))(t)
	if err := d.one.Merge(other); err != nil {
		t.Fatal(err)
	}
	other.Wipe()
	next := must(d.one.Reseal(d.w.now))(t)
	if _, err := OpenVault(next, d.u); !errors.Is(err, ErrVault) {
		t.Fatalf("the old password opens it: %v", err)
	}
	must(OpenVault(next, changed))(t)
}

// An admin's vault would otherwise keep the secret of every invite that nobody came with.
func TestEndedInvitesAreDropped(t *testing.T) {
	d := twoDesks(t)
	ends := time.UnixMilli(d.one.Invites[models.Hash{8}].Until)
	for _, tt := range []struct {
		at   time.Time
		left int
	}{{ends.Add(InviteGrace - time.Millisecond), 1}, {ends.Add(InviteGrace), 0}} {
		d.w.now = tt.at
		if got := d.store(t, d.one); len(got.Invites) != tt.left || len(d.one.Invites) != tt.left {
			t.Errorf("at %v: %d invites are left, want %d", tt.at, len(got.Invites), tt.left)
		}
	}
}

// Decoding copies the keys' seeds; they do not stay in memory beside the keys that Wipe reaches.
func TestDecodedSeedsAreWiped(t *testing.T) {
	b := vaultBody{Signing: []byte{1}, Boxes: [][]byte{{2}, {3}}, Invites: []pendingInvite{{Invite: PendingInvite{Secret: trust.Secret{4}}}}}
	seeds := append([][]byte{b.Signing}, b.Boxes...)
	b.wipe()
	for _, s := range seeds {
		if s[0] != 0 {
			t.Fatal("a seed is left")
		}
	}
	if !b.Invites[0].Invite.Secret.IsZero() {
		t.Fatal("an invite's secret is left")
	}
}
