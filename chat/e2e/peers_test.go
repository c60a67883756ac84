package e2e

import (
	"crypto/ed25519"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"visavis/chat/trust"
	"visavis/models"
	"visavis/models/canon"
)

// renew gives p's account other keys, signed by the ones before or not, as whoever holds an admin's key can.
func (w *world) renew(p *actor, succession bool) {
	w.t.Helper()
	next := &actor{w: w, name: p.name, vault: NewVault(must(NewKeys(w.random))(w.t), w.dir.Org(), p.vault.Account, p.vault.Root)}
	signing, boxes := next.vault.Keys.Public()
	b := trust.Bundle{Org: p.vault.Org, Account: p.vault.Account, Name: p.name, Signing: signing, Boxes: boxes, Consent: models.Hash{9}, Desk: w.desk, Time: w.now}
	if succession {
		keys := canon.MustMarshal([]any{b.Org[:], b.Account[:], b.Name, []byte(b.Signing), b.Boxes})
		b.Succession = ed25519.Sign(p.vault.Keys.Signing(), append([]byte(trust.LabelSuccession+"\x00"), keys...))
	}
	raw := must(trust.NewBundle(b, next.vault.Keys.Signing(), w.device))(w.t)
	w.apply(must(w.dir.SignReEnrol(w.admin.vault.Account, w.admin.vault.Keys.Signing(), must(trust.OpenBundle(raw, w.dir))(w.t), w.now))(w.t))
	p.vault.Keys = next.vault.Keys
}

// A server has an admin's help, or has fooled one: the directory says of bob's account that it has other keys. Alice is told before she says anything
// that he could read, and says nothing until she has agreed.
func TestChangedIdentityHoldsWhatIsSaid(t *testing.T) {
	w := newWorld(t)
	bob, carol := w.enrol("bob"), w.enrol("carol")
	all := w.newRoom(bob, carol)
	alice, other := all[0], all[2]
	alice.say("before")
	other.read()
	w.renew(bob, false)
	for _, p := range []*actor{alice, other} {
		if who := p.r.Changed(); !slices.Equal(who, []models.AccountID{bob.vault.Account}) {
			t.Fatalf("%s is told of %v", p.name, who)
		}
		for name, do := range map[string]func() (models.Entry, error){
			"a message":            func() (models.Entry, error) { return p.r.Seal(Draft{Kind: KindText, Content: []byte("for bob alone")}) },
			"a title":              func() (models.Entry, error) { return p.r.Seal(Draft{Kind: KindTitle, Content: []byte("plans")}) },
			"a generation's boxes": p.r.Generation,
			"an invitation":        func() (models.Entry, error) { return p.r.Invite(bob.vault.Account, trust.RoleMember) },
		} {
			var changed *ChangedError
			if e, err := do(); !errors.Is(err, ErrIdentityChanged) || !errors.As(err, &changed) || !slices.Equal(changed.Who, []models.AccountID{bob.vault.Account}) || len(e.Body) != 0 {
				t.Errorf("%s: %s goes out: %v", p.name, name, err)
			}
		}
	}
	id, _ := w.dir.Identity(bob.vault.Account)
	if err := alice.s.AcceptIdentity(bob.vault.Account, id.Hash, false); err != nil {
		t.Fatal(err)
	}
	alice.say("to whoever is there now")
	if _, err := other.r.Generation(); !errors.Is(err, ErrIdentityChanged) {
		t.Errorf("what alice has agreed to counts for %s: %v", other.name, err)
	}
	w.renew(bob, false)
	if _, err := alice.r.Generation(); !errors.Is(err, ErrIdentityChanged) {
		t.Errorf("who agreed once has agreed for ever: %v", err)
	}
}

// Keys that each sign the next are one person's; who was enrolled anew before one came is whom one came to know.
func TestHandedOnIdentityHoldsNothing(t *testing.T) {
	w := newWorld(t)
	bob := w.enrol("bob")
	w.renew(bob, false)
	carol := w.enrol("carol")
	founder := w.admin.login().s
	if k := founder.Knows(bob.vault.Account); k.Standing != StandingChanged {
		t.Fatalf("alice, who came before, is not asked: %d", k.Standing)
	}
	if err := founder.AcceptIdentity(bob.vault.Account, founder.Knows(bob.vault.Account).Identity.Hash, false); err != nil {
		t.Fatal(err)
	}
	all := w.newRoom(bob, carol)
	w.renew(bob, true)
	for _, p := range []*actor{all[0], all[2]} {
		if who := p.r.Changed(); len(who) != 0 {
			t.Errorf("%s is asked about %v", p.name, who)
		}
		p.say("hello")
	}
	w.renew(bob, false)
	w.apply(must(w.dir.SignRevokeAccount(w.admin.vault.Account, w.admin.vault.Keys.Signing(), bob.vault.Account, w.now))(t))
	if who := all[0].r.Changed(); len(who) != 0 {
		t.Errorf("who was revoked holds up the room: %v", who)
	}
}

func TestStandings(t *testing.T) {
	w := newWorld(t)
	bob := w.enrol("bob")
	alice := w.newRoom(bob)[0]
	standing := func(want Standing, verified bool) {
		t.Helper()
		if k := alice.s.Knows(bob.vault.Account); k.Standing != want || k.Verified.IsZero() == verified {
			t.Fatalf("standing %d since %v, want %d", k.Standing, k.Verified, want)
		}
	}
	accept := func(verified bool) {
		t.Helper()
		if err := alice.s.AcceptIdentity(bob.vault.Account, alice.s.Knows(bob.vault.Account).Identity.Hash, verified); err != nil {
			t.Fatal(err)
		}
	}
	number := func() trust.SafetyNumber { return must(alice.s.SafetyNumber(bob.vault.Account))(t) }
	standing(StandingOpen, false)
	first := number()
	accept(true)
	standing(StandingVerified, true)
	old := alice.s.Knows(bob.vault.Account).Identity.Hash
	w.renew(bob, true)
	standing(StandingHandedOn, true)
	if number() == first {
		t.Error("other keys have the same safety number")
	}
	if err := alice.s.AcceptIdentity(bob.vault.Account, old, true); !errors.Is(err, ErrIdentityChanged) {
		t.Errorf("what was compared before the change is taken for what is there now: %v", err)
	}
	accept(true)
	standing(StandingVerified, true)
	w.renew(bob, false)
	standing(StandingChanged, true)
	accept(false)
	standing(StandingOpen, false)
	if k := alice.s.Knows(w.admin.vault.Account); k.Standing != StandingNone {
		t.Errorf("of oneself: %d", k.Standing)
	}
	for _, nobody := range []models.AccountID{{99}, w.admin.vault.Account} {
		if err := alice.s.AcceptIdentity(nobody, models.Hash{}, true); !errors.Is(err, trust.ErrUnknown) {
			t.Errorf("accepted %s: %v", nobody.Short(), err)
		}
	}
}

// What was accepted lies in the vault: the next desk knows it; and what is damaged there counts for nothing.
func TestPeersInTheVault(t *testing.T) {
	w := newWorld(t)
	bob := w.enrol("bob")
	alice := w.newRoom(bob)[0]
	id, _ := w.dir.Identity(bob.vault.Account)
	w.now = w.now.Add(time.Millisecond)
	if err := alice.s.AcceptIdentity(bob.vault.Account, id.Hash, true); err != nil {
		t.Fatal(err)
	}
	key := peerPrefix + bob.vault.Account.String()
	stored := alice.vault.Settings[key]
	if again := w.admin.login().s.Knows(bob.vault.Account); again.Standing != StandingVerified || !again.Verified.Equal(w.now) {
		t.Errorf("the next log-in knows %d since %v", again.Standing, again.Verified)
	}
	for _, text := range []string{"", " ", stored + "0x", stored[1:], " " + stored, strings.Replace(stored, " ", "", 1), strings.Replace(stored, " ", " -", 1), id.Hash.String(), "zz" + stored[2:]} {
		alice.vault.Settings[key] = text
		if p := alice.vault.Peer(bob.vault.Account); p != (Peer{}) {
			t.Errorf("%q is read as %+v", text, p)
		}
	}
	alice.vault.Settings[key] = "not of this version"
	for i := range MaxPeers {
		alice.vault.setPeer(models.AccountID{1, byte(i), byte(i >> 8)}, Peer{Identity: models.Hash{1}, Verified: w.now})
	}
	if err := alice.s.AcceptIdentity(bob.vault.Account, id.Hash, true); !errors.Is(err, ErrTooLong) {
		t.Errorf("one more than there is room for: %v", err)
	}
	if err := alice.s.AcceptIdentity(bob.vault.Account, id.Hash, false); err != nil {
		t.Errorf("who cannot be verified can not be written to either: %v", err)
	}
	if sealed, err := alice.vault.Reseal(w.now); err == nil && len(sealed.Body) > MaxVault*3/4 || err != nil && !errors.Is(err, ErrFormat) {
		t.Errorf("%d bytes of the vault are people: %v", len(sealed.Body), err)
	}
}
