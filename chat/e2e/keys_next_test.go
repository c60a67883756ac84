package e2e

import (
	"bytes"
	"crypto/ed25519"
	"errors"
	"slices"
	"testing"
	"time"

	"visavis/biometrics"
	"visavis/chat/trust"
	"visavis/models"
	"visavis/models/canon"
)

// enrolDesk lists another desk.
func (w *world) enrolDesk(name string) (models.DeskID, ed25519.PrivateKey) {
	w.t.Helper()
	var id models.DeskID
	var tls models.Hash
	w.draw(id[:])
	w.draw(tls[:])
	device := w.key()
	r := trust.DeskRequest{Desk: id, Name: name, Device: device.Public().(ed25519.PublicKey), TLSKey: tls,
		Cameras: []biometrics.CameraInfo{{Name: "cam", Driver: "uvcvideo"}}, Code: []byte("12345678"), Time: w.now}
	request := must(trust.NewDeskRequest(r, trust.Secret{1}, device))(w.t)
	w.apply(must(w.dir.SignDesk(w.admin.vault.Account, w.admin.vault.Keys.Signing(), must(trust.OpenDeskRequest(request))(w.t), w.now))(w.t))
	return id, device
}

func (w *world) revoke(desk models.DeskID) {
	w.t.Helper()
	w.apply(must(w.dir.SignRevokeDesk(w.admin.vault.Account, w.admin.vault.Keys.Signing(), desk, w.now))(w.t))
}

// asks draws keys to come at the world's desk.
func (p *actor) asks(known bool) trust.Bundle {
	p.w.t.Helper()
	of := trust.Bundle{Org: p.vault.Org, Account: p.vault.Account, Name: p.name, Consent: models.Hash{9}, Desk: p.w.desk, Time: p.w.now}
	if err := p.vault.Keys.Change(of, p.w.device, known, p.w.random); err != nil {
		p.w.t.Fatal(err)
	}
	asked, ok := p.vault.Keys.Asked()
	if !ok || asked.Known != known {
		p.w.t.Fatalf("asked for %v, %v", asked.Known, ok)
	}
	return must(trust.OpenBundle(asked.Bundle, p.w.dir))(p.w.t)
}

// admit signs keys to come into the directory.
func (p *actor) admit(b trust.Bundle) {
	p.w.t.Helper()
	p.w.apply(must(p.w.dir.SignReEnrol(p.w.admin.vault.Account, p.w.admin.vault.Keys.Signing(), b, p.w.now))(p.w.t))
	id, _ := p.w.dir.Identity(p.vault.Account)
	if !p.vault.Keys.Follow(id) {
		p.w.t.Fatalf("%s does not follow the own keys", p.name)
	}
}

// renews changes the keys and has them listed.
func (p *actor) renews() {
	p.w.t.Helper()
	id, _ := p.w.dir.Identity(p.vault.Account)
	b := p.asks(false)
	if !b.Succeeds(id) {
		p.w.t.Fatal("the key before did not sign these")
	}
	p.admit(b)
}

func TestMessagesFlowAcrossAChangeOfKeys(t *testing.T) {
	w := newWorld(t)
	room := w.newRoom(w.enrol("bob"), w.enrol("carol"))
	a, b, c := room[0], room[1], room[2]
	before := b.say("before")
	crossing := must(c.r.Seal(Draft{Kind: KindText, Content: []byte("on its way")}))(t)
	b.renews()
	b.say("after")
	w.post(crossing) // signed under the directory before, stored behind the generation of the new
	c.renews()
	c.renews()
	a.renews()
	c.say("twice")
	a.say("the last")
	for _, p := range room {
		for _, ev := range p.login().read() {
			if ev.Kind == EventRefused || ev.Kind == EventSkipped || ev.Cause != CauseNone {
				t.Errorf("%s reads entry %d: %v", p.name, ev.Seq, ev.Cause)
			}
		}
	}
	// What was sealed to the keys before opens out of the vault, at another desk.
	u := Unlock{Export: bytes.Repeat([]byte{2}, 64), Pepper: trust.Pepper{3}}
	b.vault = must(OpenVault(must(SealVault(b.vault, u, Phrase{1}, w.random, w.now))(t), u))(t)
	for _, ev := range b.login().read() {
		if ev.Seq == before.Seq && string(ev.Message.Content) != "before" {
			t.Error("history is gone with the keys")
		}
	}
}

func TestKeysToComeAreInTheVault(t *testing.T) {
	w := newWorld(t)
	v, stored, u, _ := sealedFor(t, w)
	v.Saved(stored)
	b := w.admin.asks(true)
	v.Keys.Use(models.DeskID{4})
	stored = must(v.Reseal(w.now))(t)
	got := must(OpenVault(stored, u))(t) // at the next desk, after a crash
	asked, ok := got.Keys.Asked()
	if again := must(trust.OpenBundle(asked.Bundle, w.dir))(t); !ok || !asked.Known || again.Hash != b.Hash {
		t.Fatal("what was asked for is not in the vault")
	}
	if got.Keys.Use(models.DeskID{4}) || !got.Keys.Use(models.DeskID{5}) || got.Keys.Use(models.DeskID{5}) {
		t.Fatal("desks that have seen the keys are not in the vault")
	}
	id, _ := w.dir.Identity(v.Account)
	if !got.Keys.Follow(id) || !got.Keys.Are(id) {
		t.Fatal("the present keys went before the new ones were listed")
	}
	w.apply(must(w.dir.SignReEnrol(v.Account, v.Keys.Signing(), b, w.now))(t))
	id, _ = w.dir.Identity(v.Account)
	if !id.Followed || got.Keys.Are(id) || !got.Keys.Follow(id) || !got.Keys.Are(id) {
		t.Fatal("the keys to come are not the present ones once the directory lists them")
	}
	if _, ok := got.Keys.Asked(); ok || len(got.Keys.boxes) != 2 {
		t.Fatalf("asked for still, %d boxes", len(got.Keys.boxes))
	}
}

func TestVaultKeysRefuse(t *testing.T) {
	seed := bytes.Repeat([]byte{1}, seedSize)
	come := keysToCome{Signing: seed, Box: seed, Bundle: []byte{1}, Desks: []models.DeskID{{1}}}
	with := func(f func(*keysToCome)) vaultKeys {
		c := come
		f(&c)
		return vaultKeys{Next: []keysToCome{c}}
	}
	for name, x := range map[string]vaultKeys{
		"two":                {Next: []keysToCome{come, come}},
		"desks out of order": {Desks: []models.DeskID{{2}, {1}}},
		"a desk twice":       {Desks: []models.DeskID{{1}, {1}}},
		"a short key":        with(func(c *keysToCome) { c.Signing = seed[1:] }),
		"a short box":        with(func(c *keysToCome) { c.Box = seed[1:] }),
		"no bundle":          with(func(c *keysToCome) { c.Bundle = nil }),
		"too long a bundle":  with(func(c *keysToCome) { c.Bundle = make([]byte, trust.MaxBundle+1) }),
		"its desks":          with(func(c *keysToCome) { c.Desks = []models.DeskID{{2}, {1}} }),
	} {
		if err := new(Keys).takeExt(trust.Ext{extKeys: canon.MustMarshal(x)}); !errors.Is(err, ErrFormat) && !errors.Is(err, trust.ErrFormat) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if err := new(Keys).takeExt(trust.Ext{4: canon.MustMarshal(1)}); !errors.Is(err, trust.ErrNewer) {
		t.Errorf("what a later version has to say of keys: %v", err)
	}
}

func TestRewrap(t *testing.T) {
	w := newWorld(t)
	v, stored, u, phrase := sealedFor(t, w)
	v.Saved(stored)
	other := Unlock{Export: bytes.Repeat([]byte{7}, 64), Pepper: u.Pepper}
	next := must(v.Rewrap(other, w.random, w.now))(t)
	if next.Version != 2 || next.Prev != VaultHash(stored.Body) {
		t.Fatalf("version %d after %s", next.Version, next.Prev)
	}
	if _, err := OpenVault(next, u); !errors.Is(err, ErrVault) {
		t.Fatalf("the old password opens the new vault: %v", err)
	}
	must(OpenVault(next, other))(t)
	must(OpenVaultByPhrase(next, phrase))(t)
	// The server has refused it: all is as before.
	must(OpenVault(must(v.Reseal(w.now))(t), u))(t)
	next = must(v.Rewrap(other, w.random, w.now))(t)
	v.Saved(next)
	after := must(v.Reseal(w.now))(t)
	must(OpenVault(after, other))(t)
	must(OpenVaultByPhrase(after, phrase))(t)
	// Who kept the vault key of before has nothing of it.
	old := must(OpenVault(stored, u))(t)
	s := must(trust.OpenSealedVault(after, MaxVault))(t)
	if _, err := openBody(s, old.key); err == nil {
		t.Fatal("the vault key of before opens the vault of the new password")
	}
}

func TestMergeOfKeys(t *testing.T) {
	for _, tt := range []struct {
		name     string
		one, two func(*actor) // after both opened the same vault; two is stored first
		known    int          // of what is asked for in the end: 1 as two has, 2 as one has, 0 nothing
	}{
		{"nothing", nil, nil, 0},
		{"asked there", nil, func(p *actor) { p.asks(true) }, 1},
		{"asked here", func(p *actor) { p.asks(false) }, nil, 2},
		{"asked on both sides: the stored one counts", func(p *actor) { p.asks(false) }, func(p *actor) { p.asks(true) }, 1},
	} {
		d := twoDesks(t)
		one, two := *d.w.admin, *d.w.admin
		one.vault, two.vault = d.one, d.two
		if tt.one != nil {
			tt.one(&one)
		}
		if tt.two != nil {
			tt.two(&two)
		}
		d.one.Keys.Use(models.DeskID{1})
		d.two.Keys.Use(models.DeskID{2})
		if err := d.one.Merge(d.store(t, d.two)); err != nil {
			t.Fatalf("%s: %v", tt.name, err)
		}
		asked, ok := d.store(t, d.one).Keys.Asked()
		if ok != (tt.known > 0) || ok && asked.Known != (tt.known == 1) {
			t.Errorf("%s: merged to %v, %v", tt.name, ok, asked.Known)
		}
		for _, desk := range []models.DeskID{{1}, {2}} {
			if !slices.Contains(d.one.Keys.desks, desk) {
				t.Errorf("%s: desk %s is forgotten", tt.name, desk.Short())
			}
		}
	}
}

// Two desks of a person, of which one hears of the new keys first.
func TestMergeAcrossAChangeOfKeys(t *testing.T) {
	d := twoDesks(t)
	one, two := *d.w.admin, *d.w.admin
	one.vault, two.vault = d.one, d.two
	b := two.asks(false)
	stored := d.store(t, d.two)
	if err := d.one.Merge(stored); err != nil {
		t.Fatal(err)
	}
	two.admit(b)
	if err := d.one.Merge(d.store(t, d.two)); !errors.Is(err, ErrIdentity) {
		t.Fatalf("merged with keys that this desk has not read of: %v", err)
	}
	id, _ := d.w.dir.Identity(d.one.Account)
	if !d.one.Keys.Follow(id) {
		t.Fatal("the keys to come were merged and are not known")
	}
	if err := d.one.Merge(d.store(t, d.two)); err != nil {
		t.Fatal(err)
	}
	// The other way: this desk is ahead, and the stored vault is not.
	ahead := must(OpenVault(d.stored[1], d.u))(t)
	ahead.Keys.Follow(id)
	if err := ahead.Merge(must(OpenVault(d.stored[1], d.u))(t)); err != nil || !ahead.Keys.Are(id) {
		t.Fatalf("a vault that was stored before the directory moved: %v", err)
	}
	// One that has heard nothing at all takes them out of the stored vault.
	late := must(OpenVault(d.stored[0], d.u))(t)
	if late.Keys.Follow(id) || !late.Keys.Adopt(must(OpenVault(d.stored[1], d.u))(t).Keys, id) || !late.Keys.Are(id) || len(late.Keys.boxes) != 2 {
		t.Fatal("the stored vault's keys are not taken over")
	}
	if late.Keys.Adopt(must(OpenVault(d.stored[0], d.u))(t).Keys, id) {
		t.Fatal("keys are taken over that the directory does not list")
	}
}

func TestOldKeysAreNotSealedTo(t *testing.T) {
	w := newWorld(t)
	room := w.newRoom(w.enrol("bob"))
	a, b := room[0], room[1]
	w.now = w.now.Add(trust.KeyLife + time.Minute)
	a.renews()
	a.say("for who has new keys")
	if why := a.r.LeftOut(); len(why) != 1 || why[b.vault.Account] != LeftOutOld {
		t.Fatalf("left out: %v", why)
	}
	if ev := b.last(); ev.Cause != CauseNoKey {
		t.Fatalf("bob, with keys of more than 90 days, reads: %v", ev.Cause)
	}
	g := w.log[len(w.log)-2]
	if err := a.r.state.CheckBoxes(g.Body, g.Boxes, w.dir); err != nil {
		t.Fatalf("the server refuses it: %v", err)
	}
	b.renews()
	a.say("for both")
	if ev := b.last(); ev.Message == nil || len(a.r.LeftOut()) != 0 {
		t.Fatalf("bob, with new keys, reads: %v", ev.Cause)
	}
}
