package e2e

import (
	"crypto/ed25519"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"visavis/biometrics"
	"visavis/chat/trust"
	"visavis/models"
)

// world is one organisation with one desk, and a server that stores whatever it is given.
type world struct {
	t      testing.TB
	random *rand.ChaCha8
	now    time.Time
	dir    *trust.Directory
	root   ed25519.PrivateKey
	device ed25519.PrivateKey
	desk   models.DeskID
	admin  *actor
	log    []models.Entry
	room   models.RoomID

	statements [][]byte // the directory's
}

// actor is someone with a vault and, once in the room, a session and a view of its log.
type actor struct {
	w     *world
	name  string
	vault *Vault
	s     *Session
	r     *Room
}

func must[T any](v T, err error) func(testing.TB) T {
	return func(t testing.TB) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

func newWorld(t testing.TB) *world {
	w := &world{t: t, random: rand.NewChaCha8([32]byte{1}), now: time.Date(2026, 11, 22, 9, 0, 0, 0, time.UTC), dir: trust.NewDirectory(models.OrgID{})}
	w.root, w.device = w.key(), w.key()
	w.draw(w.desk[:])
	w.apply(must(trust.Found("Acme", w.root, w.now))(t))
	r := trust.DeskRequest{Desk: w.desk, Name: "hall", Device: w.device.Public().(ed25519.PublicKey), TLSKey: models.Hash{7},
		Cameras: []biometrics.CameraInfo{{Name: "cam", Driver: "uvcvideo"}}, Code: []byte("12345678"), Time: w.now}
	request := must(trust.NewDeskRequest(r, trust.Secret{}, w.device))(t)
	w.apply(must(w.dir.SignDesk(models.AccountID{}, w.root, must(trust.OpenDeskRequest(request))(t), w.now))(t))
	w.admin = w.enrol("alice")
	w.apply(must(w.dir.SignRole(models.AccountID{}, w.root, w.admin.vault.Account, true, w.now))(t))
	return w
}

func (w *world) draw(b []byte) { _, _ = w.random.Read(b) }

func (w *world) key() ed25519.PrivateKey {
	var seed [32]byte
	w.draw(seed[:])
	return ed25519.NewKeyFromSeed(seed[:])
}

func (w *world) apply(signed []byte) {
	w.t.Helper()
	if _, err := w.dir.Apply(signed); err != nil {
		w.t.Fatal(err)
	}
	w.statements = append(w.statements, signed)
}

// enrol signs a person up and approves; the first is approved by the root.
func (w *world) enrol(name string) *actor {
	w.t.Helper()
	var account models.AccountID
	w.draw(account[:])
	keys := must(NewKeys(w.random))(w.t)
	p := &actor{w: w, name: name, vault: NewVault(keys, w.dir.Org(), account, trust.RootFingerprint(w.dir.Root()))}
	by, key := models.AccountID{}, w.root
	if w.admin != nil {
		by, key = w.admin.vault.Account, w.admin.vault.Keys.Signing()
	}
	w.apply(must(w.dir.SignIdentity(by, key, must(trust.OpenBundle(p.bundle(), w.dir))(w.t), w.now))(w.t))
	return p
}

func (p *actor) bundle() []byte {
	signing, boxes := p.vault.Keys.Public()
	b := trust.Bundle{Org: p.vault.Org, Account: p.vault.Account, Name: p.name, Signing: signing, Boxes: boxes, Consent: models.Hash{9}, Desk: p.w.desk, Time: p.w.now}
	return must(trust.NewBundle(b, p.vault.Keys.Signing(), p.w.device))(p.w.t)
}

// login begins a new session, whose view of the room starts at the log's beginning.
func (p *actor) login() *actor {
	p.w.t.Helper()
	out := *p
	out.s = must(NewSession(Config{Vault: p.vault, Directory: p.w.dir, Desk: p.w.desk, Random: p.w.random, Now: func() time.Time { return p.w.now }}))(p.w.t)
	out.r = out.s.Room(p.w.room)
	return &out
}

// post stores an entry as a server does; it judges nothing.
func (w *world) post(e models.Entry) models.Entry {
	e.Seq, e.At = uint64(len(w.log)+1), w.now
	w.log = append(w.log, e)
	return e
}

// read applies what is new in the log and returns its events.
func (p *actor) read() []Event {
	p.w.t.Helper()
	var events []Event
	for _, e := range p.w.log[p.r.next-1:] {
		e.Boxes = slices.DeleteFunc(slices.Clone(e.Boxes), func(b models.Box) bool { return b.Account != p.vault.Account })
		ev, err := p.r.Apply(e)
		if err == ErrDirectoryBehind {
			ev, err = p.r.Apply(e)
		}
		if err != nil {
			p.w.t.Fatalf("%s reads entry %d: %v", p.name, e.Seq, err)
		}
		events = append(events, ev)
	}
	return events
}

// last reads and returns the last event.
func (p *actor) last() Event {
	p.w.t.Helper()
	events := p.read()
	if len(events) == 0 {
		p.w.t.Fatal("nothing to read")
	}
	return events[len(events)-1]
}

// do posts what a method of the room made.
func (p *actor) do(e models.Entry, err error) models.Entry {
	p.w.t.Helper()
	return p.w.post(must(e, err)(p.w.t))
}

// rekey makes a generation if one is needed.
func (p *actor) rekey() {
	p.w.t.Helper()
	p.read()
	if p.r.NeedsGeneration() {
		p.do(p.r.Generation())
		p.read()
	}
}

// say sends a text.
func (p *actor) say(text string) models.Entry {
	p.w.t.Helper()
	p.rekey()
	return p.do(p.r.Seal(Draft{Kind: KindText, Content: []byte(text)}))
}

// newRoom has alice, the first, and those invited as members.
func (w *world) newRoom(members ...*actor) []*actor {
	w.t.Helper()
	founder := w.admin.login()
	e := must(founder.s.NewRoom(trust.DefaultPolicy()))(w.t)
	w.room, w.log = e.Room, nil
	w.post(e)
	founder = w.admin.login()
	all := []*actor{founder}
	for _, m := range members {
		founder.read()
		founder.do(founder.r.Invite(m.vault.Account, trust.RoleMember))
		m = m.login()
		m.read()
		m.do(m.r.Join())
		all = append(all, m)
	}
	founder.rekey()
	for _, m := range all {
		m.read()
	}
	return all
}
