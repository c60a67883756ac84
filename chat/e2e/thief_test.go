package e2e

import (
	"bytes"
	"errors"
	"testing"

	"visavis/chat/trust"
	"visavis/models"
)

// at moves a person to another desk.
func (p *actor) at(desk models.DeskID) *actor {
	p.w.t.Helper()
	p.vault.Keys.Use(desk)
	here := p.w.desk
	p.w.desk = desk
	defer func() { p.w.desk = here }()
	return p.login()
}

// A thief has everything that a desk saw: the keys of a person who used it, her vault's key, every secret of her rooms, and the server helps him. The
// desk is revoked. From then on nobody seals to these keys; and once she has others, they open nothing and sign nothing.
func TestThiefOfADesk(t *testing.T) {
	w := newWorld(t)
	stolen, _ := w.enrolDesk("hall")
	room := w.newRoom(w.enrol("bob"), w.enrol("carol"))
	a, b, c := room[0], room[1], room[2]
	b = b.at(stolen)
	b.say("at the desk that will be stolen")
	a.read()
	c.read()

	u := Unlock{Export: bytes.Repeat([]byte{2}, 64), Pepper: trust.Pepper{3}}
	thief := &actor{w: w, name: "thief", vault: must(OpenVault(must(SealVault(b.vault, u, Phrase{1}, w.random, w.now))(t), u))(t)}
	thief = thief.at(stolen)
	thief.read()
	kept := thief.vault.Keys.Signing()
	gone, last := w.dir.Head(), thief.r.state // what he sees of the directory and the room

	w.revoke(stolen)
	secret := a.say("nobody with bob's old keys reads this")
	if ev := thief.login().last(); ev.Cause != CauseNoKey {
		t.Fatalf("the thief reads on after the revocation: %v", ev.Cause)
	}
	if why := a.r.LeftOut(); len(why) != 1 || why[b.vault.Account] != LeftOutDesk {
		t.Fatalf("left out: %v", why)
	}
	g := w.log[secret.Seq-2]
	if err := a.r.state.CheckBoxes(g.Body, g.Boxes, w.dir); err != nil {
		t.Fatalf("the server refuses to leave him out: %v", err)
	}

	revoked := func(d models.DeskID) bool { _, ok := w.dir.RevokedAt(d); return ok }
	b = b.login()
	if !b.vault.Keys.SeenBy(revoked) {
		t.Fatal("bob is not told to change his keys")
	}
	b.renews()
	if b.vault.Keys.SeenBy(revoked) {
		t.Fatal("bob is told to change them for ever")
	}
	answer := c.say("welcome back")
	if ev := b.last(); ev.Message == nil || len(c.r.LeftOut()) != 0 {
		t.Fatalf("bob with new keys: %v", ev.Cause)
	}
	a.read()
	if !w.opensNothing(thief, answer) {
		t.Error("the thief opens what came after the change")
	}

	// What he signs is refused, whatever directory head he names: he seals under the generation that he has.
	if _, err := NewSession(Config{Vault: thief.vault, Directory: w.dir, Desk: w.desk, Random: w.random, Now: thief.s.cfg.Now}); !errors.Is(err, ErrIdentity) {
		t.Errorf("the thief begins a session: %v", err)
	}
	current, _ := last.Current()
	for name, dir := range map[string]models.Hash{"the head that he knows": gone, "the newest head": w.dir.Head()} {
		e := must(thief.r.entry(models.EntryMessage, nil))(t)
		body := thief.r.body(Draft{Kind: KindText, Content: []byte("it is me")}, e.Message, current, trust.Author{Account: thief.vault.Account, Key: kept, At: w.now})
		body.Dir = dir
		e.Body = must(sealBody(signBody(body, kept), thief.r.secrets[current.Hash], current, w.now))(t)
		w.post(e)
		if ev := a.last(); ev.Cause != CauseIdentity && ev.Cause != CauseForged {
			t.Errorf("alice takes a message of the thief's, under %s: %v", name, ev.Cause)
		}
	}
}

// opensNothing says that none of the boxes of the last generations opens with a thief's keys.
func (w *world) opensNothing(thief *actor, until models.Entry) bool {
	for _, e := range w.log[until.Seq-2:] {
		for _, b := range e.Boxes {
			g, ok := w.generation(e)
			if _, opens := thief.vault.Keys.open(b.Key, infoOf(g, b.Account, b.Key), b.Body); ok && opens {
				return false
			}
		}
	}
	return true
}

func (w *world) generation(e models.Entry) (trust.Generation, bool) {
	return w.admin.login().catchUp().r.state.Generation(trust.GenerationID(e.Body))
}

// catchUp reads to the end.
func (p *actor) catchUp() *actor {
	p.read()
	return p
}
