package e2e

import (
	"bytes"
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	mathrand "math/rand/v2"
	"os"
	"reflect"
	"strings"
	"testing"
	"time"

	"visavis/chat/fernet"
	"visavis/chat/trust"
	"visavis/models"
)

const roomFile = "testdata/v1/room.json"

// heard is a room's whole log with what a member makes of each entry, and what it takes to open it without HPKE: the secrets of
// its generations. Another implementation starts from it. Bytes are hex, times Unix milliseconds.
type heard struct {
	Directory []string
	Reader    string // account whose vault it is, and who reads
	Desk      string
	Export    string
	Pepper    string
	Phrase    string
	Vaults    []heardVault // versions 1 and 2
	Signing   string       // seed that the vault holds
	Boxes     []string     // likewise
	Room      string
	Secrets   map[string]string // by generation
	Log       []heardEntry
	Members   map[string]uint8 // roles at the end, by account
	State     string           // hash of it
	Lock      heardLock
}

type heardVault struct {
	Version        uint64
	Prev           string
	Body           string
	Settings       map[string]string
	Rooms, Invites int
	HeadSeq        uint64
}

type heardBox struct{ Account, Key, Body string }

type heardEntry struct {
	Name    string
	Seq     uint64
	Kind    uint8
	Author  string
	Message string
	Body    string
	At      int64
	Boxes   []heardBox `json:",omitempty"`

	Refused string `json:",omitempty"` // the cause; it does not count then
	// Of a message that counts:
	Stream   string `json:",omitempty"`
	Counter  uint64 `json:",omitempty"`
	Hash     string `json:",omitempty"`
	Content  string `json:",omitempty"`
	Title    bool   `json:",omitempty"`
	Lifetime int64  `json:",omitempty"` // seconds from receipt
}

// heardLock is a locked session's token, and what opens it.
type heardLock struct{ Org, Account, Session, Key, Token, Export string }

func hexes(bs ...[]byte) []string {
	out := make([]string, 0, len(bs))
	for _, b := range bs {
		out = append(out, hex.EncodeToString(b))
	}
	return out
}

// teller makes the log: it posts entries under a name, and lets everybody read.
type teller struct {
	*world
	t     testing.TB
	names []string
}

func (s *teller) name(names ...string) { s.names = append(s.names, names...) }

// says posts a text, and before it a generation when one is due.
func (s *teller) says(p *actor, name, text string) models.Entry {
	p.read()
	if p.r.NeedsGeneration() {
		s.name("a generation, before: " + name)
	}
	s.name(name)
	return p.say(text)
}

func (s *teller) posts(name string, e models.Entry) models.Entry {
	s.name(name)
	return s.post(e)
}

// tell makes the log of a room in which everything happens once. What it draws comes from fixed seeds, but for the boxes: HPKE takes none.
func tell(t *testing.T) (*teller, *actor) {
	system := rand.Reader // fernet takes initialisation vectors from nowhere else
	rand.Reader = mathrand.NewChaCha8([32]byte{9})
	defer func() { rand.Reader = system }()
	s := &teller{world: newWorld(t), t: t}
	bobs, carols := s.enrol("bob"), s.enrol("carol")
	all := s.newRoom(bobs)
	alice, bob := all[0], all[1]
	s.name("alice makes the room", "she invites bob", "he joins", "a generation, for both")
	s.name("the title")
	s.post(must(alice.r.Seal(Draft{Kind: KindTitle, Content: []byte("The room")}))(t))
	s.says(bob, "of no length", "")
	first := s.says(bob, "of 64 bytes: the shortest padding holds it", strings.Repeat("b", 64))
	s.says(alice, "of 256 bytes", strings.Repeat("a", 256))
	s.says(alice, "of 1,024 bytes", strings.Repeat("a", 1024))
	s.says(alice, "of 4,000 bytes", strings.Repeat("a", 4000))

	moved := first
	moved.Message[0]++
	s.posts("the server gives a message another id", moved)
	s.posts("the server stores a message twice", first)
	flipped := first
	flipped.Body = bytes.Clone(first.Body)
	flipped.Body[len(flipped.Body)-1] ^= 1
	s.posts("a bit of a token is flipped", flipped)
	stolen := first
	stolen.Author = alice.vault.Account
	s.posts("the server gives a message another author", stolen)

	alice.read()
	s.posts("alice invites carol", must(alice.r.Invite(carols.vault.Account, trust.RoleMember))(t))
	carol := carols.login()
	carol.read()
	s.posts("she joins", must(carol.r.Join())(t))
	hello := s.says(carol, "carol's first", "hello from carol: ä ☃")
	s.tellForgeries(carol, alice, hello)
	s.tellStatements(alice, carol)
	again := bob.login()
	s.says(again, "bob, from another log-in: he says where his other stream ended", "it is me again")
	s.tellEnd(alice, again, carol)
	return s, alice
}

func (s *teller) tellEnd(alice, bob, carol *actor) {
	alice.read()
	late := must(bob.r.Seal(Draft{Kind: KindText, Content: []byte("too late")}))(s.t)
	s.posts("alice removes bob", must(alice.r.Remove(bob.vault.Account))(s.t))
	s.posts("bob had not seen it yet", late)
	s.posts("bob leaves, and is nobody any more", must(bob.r.Leave())(s.t))
	carol.read()
	rebased := must(carol.r.statement(carol.r.state.SignLeave(carol.s.Author(), s.dir, trust.StreamEnds{}, models.Hash{})))(s.t)
	rebased.Author = alice.vault.Account
	s.posts("carol's leaving, under alice's name", rebased)
	alice.read()
	policy := trust.Policy{History: trust.HistoryNone, Invite: trust.RoleOwner, MaxAge: 600}
	s.posts("messages disappear after ten minutes", must(alice.r.statement(alice.r.state.SignPolicy(alice.s.Author(), s.dir, policy)))(s.t))
	s.says(alice, "a message that disappears", "soon gone")
	alice.read()
	s.posts("alice makes carol an owner", must(alice.r.SetRole(carol.vault.Account, trust.RoleOwner))(s.t))
	carol.read()
	s.posts("carol leaves", must(carol.r.Leave())(s.t))
	s.says(alice, "alice is alone", "nobody hears this")
}

// vaults seals two versions of the reader's vault.
func (s *teller) vaults(reader *actor, h *heard) {
	u := Unlock{Export: bytes.Repeat([]byte{2}, 64), Pepper: trust.Pepper{3}}
	phrase := must(NewPhrase(s.random))(s.t)
	h.Export, h.Pepper, h.Phrase = hex.EncodeToString(u.Export), hex.EncodeToString(u.Pepper[:]), phrase.Text()
	v := reader.vault
	h.Signing = hex.EncodeToString(v.Keys.signing.Seed())
	for _, b := range v.Keys.boxes {
		h.Boxes = append(h.Boxes, hex.EncodeToString(b.seed))
	}
	add := func(stored models.Vault, err error) {
		stored = must(stored, err)(s.t)
		v.Saved(stored)
		h.Vaults = append(h.Vaults, heardVault{Version: stored.Version, Prev: stored.Prev.String(), Body: hex.EncodeToString(stored.Body),
			Settings: map[string]string{"theme": v.Settings["theme"]}, Rooms: len(v.Rooms), Invites: len(v.Invites), HeadSeq: v.HeadSeq})
	}
	v.Settings["theme"] = "dark"
	add(SealVault(v, u, phrase, s.random, s.now))
	reader.r.Pin()
	reader.s.PinDirectory()
	v.Settings["theme"] = "light"
	v.Invites[models.Hash{1}] = PendingInvite{Secret: trust.Secret{2}, Until: s.now.Add(time.Hour).UnixMilli()}
	add(v.Reseal(s.now))
	at, key := Locked{Org: v.Org, Account: v.Account, Session: models.SessionID{4}}, LockKey{5}
	token := must(at.Seal(u.Export, key, s.now))(s.t)
	h.Lock = heardLock{at.Org.String(), at.Account.String(), at.Session.String(), hex.EncodeToString(key[:]), hex.EncodeToString(token), h.Export}
}

func makeHeard(t *testing.T) heard {
	s, alice := tell(t)
	h := heard{Directory: hexes(s.statements...), Reader: alice.vault.Account.String(), Desk: s.desk.String(), Room: s.room.String()}
	for i, e := range s.log {
		out := heardEntry{Name: s.names[i], Seq: e.Seq, Kind: uint8(e.Kind), Author: e.Author.String(), Message: e.Message.String(), Body: hex.EncodeToString(e.Body),
			At: e.At.UnixMilli()}
		for _, b := range e.Boxes {
			out.Boxes = append(out.Boxes, heardBox{b.Account.String(), b.Key.String(), hex.EncodeToString(b.Body)})
		}
		h.Log = append(h.Log, out)
	}
	reader := alice.login()
	h.hear(t, reader)
	s.vaults(reader, &h)
	return h
}

// hear reads the log as reader does, and notes what comes of it.
func (h *heard) hear(t testing.TB, reader *actor) {
	h.Secrets, h.Members = map[string]string{}, map[string]uint8{}
	for i := range h.Log {
		out := &h.Log[i]
		e := out.entry(t, h.Room)
		ev := must(reader.r.Apply(e))(t)
		if ev.Warn != 0 {
			t.Errorf("%s: %v", out.Name, ev.Warn)
		}
		out.Refused, out.Stream, out.Counter, out.Hash, out.Content, out.Title, out.Lifetime = "", "", 0, "", "", false, 0
		if ev.Cause != CauseNone {
			out.Refused = ev.Cause.String()
		}
		if ev.Cause == CauseOutdated {
			out.Refused = "unknown or outdated directory head" // the two were one when the vector was written
		}
		if m := ev.Message; m != nil {
			out.Stream, out.Counter, out.Hash, out.Title = m.Stream.String(), m.Counter, m.Hash.String(), m.Kind == KindTitle
			out.Content = hex.EncodeToString(m.Content)
			if !m.Expires.IsZero() {
				out.Lifetime = int64(m.Expires.Sub(ev.At) / time.Second)
			}
		}
	}
	for id, secret := range reader.r.secrets {
		h.Secrets[id.String()] = hex.EncodeToString(secret)
	}
	for _, m := range reader.r.state.Members() {
		h.Members[m.Account.String()] = uint8(m.Role)
	}
	h.State = reader.r.state.StateHash().String()
}

func unhex(t testing.TB, s string) []byte { t.Helper(); return must(hex.DecodeString(s))(t) }

func (e heardEntry) entry(t testing.TB, room string) models.Entry {
	out := models.Entry{Room: models.RoomID(unhex(t, room)), Seq: e.Seq, Kind: models.EntryKind(e.Kind), Author: models.AccountID(unhex(t, e.Author)),
		Message: models.MessageID(unhex(t, e.Message)), Body: unhex(t, e.Body), At: time.UnixMilli(e.At).UTC()}
	for _, b := range e.Boxes {
		out.Boxes = append(out.Boxes, models.Box{Room: out.Room, Generation: trust.GenerationID(out.Body), Account: models.AccountID(unhex(t, b.Account)),
			Key: models.Hash(unhex(t, b.Key)), Body: unhex(t, b.Body)})
	}
	return out
}

// fixed leaves out what is drawn where no seed can be given.
func (h heard) fixed() heard {
	h.Log = append([]heardEntry{}, h.Log...)
	for i := range h.Log {
		h.Log[i].Boxes = nil
	}
	h.Vaults, h.Lock.Token = nil, ""
	return h
}

func TestRoomVector(t *testing.T) {
	made := makeHeard(t)
	b, err := os.ReadFile(roomFile)
	if os.IsNotExist(err) && os.Getenv(writeVectors) != "" {
		if b, err = json.MarshalIndent(made, "", "\t"); err == nil {
			err = os.WriteFile(roomFile, append(b, '\n'), 0o644)
		}
	}
	if err != nil {
		t.Fatal(err)
	}
	var want heard
	if err := json.Unmarshal(b, &want); err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(made.fixed(), want.fixed()) {
		for i := range min(len(made.Log), len(want.Log)) {
			if !reflect.DeepEqual(made.fixed().Log[i], want.fixed().Log[i]) {
				t.Fatalf("%q is made or judged in another way than before", want.Log[i].Name)
			}
		}
		t.Fatal("directory, keys, secrets or members are others than before")
	}
	want.reopen(t)
}

// reopen opens vaults, lock and log as they are kept.
func (h heard) reopen(t *testing.T) {
	u := Unlock{Export: unhex(t, h.Export), Pepper: trust.Pepper(unhex(t, h.Pepper))}
	var v *Vault
	for _, stored := range h.Vaults {
		in := models.Vault{Account: models.AccountID(unhex(t, h.Reader)), Version: stored.Version, Prev: models.Hash(unhex(t, stored.Prev)), Body: unhex(t, stored.Body)}
		v = must(OpenVault(in, u))(t)
		again := must(OpenVaultByPhrase(in, must(ParsePhrase(h.Phrase))(t)))(t)
		if !v.Keys.same(again.Keys) || hex.EncodeToString(v.Keys.signing.Seed()) != h.Signing || v.Settings["theme"] != stored.Settings["theme"] ||
			len(v.Rooms) != stored.Rooms || len(v.Invites) != stored.Invites || v.HeadSeq != stored.HeadSeq {
			t.Errorf("version %d of the vault opens to another content", stored.Version)
		}
	}
	l := Locked{Org: v.Org, Account: v.Account, Session: models.SessionID(unhex(t, h.Lock.Session))}
	export, err := l.Open(fernet.Token(unhex(t, h.Lock.Token)), LockKey(unhex(t, h.Lock.Key)))
	if err != nil || hex.EncodeToString(export) != h.Lock.Export {
		t.Errorf("the lock opens to another content: %v", err)
	}
	dir := trust.NewDirectory(v.Org)
	for _, s := range h.Directory {
		must(dir.Apply(unhex(t, s)))(t)
	}
	now := time.UnixMilli(h.Log[0].At)
	reader := &actor{}
	reader.s = must(NewSession(Config{Vault: v, Directory: dir, Desk: models.DeskID(unhex(t, h.Desk)), Random: rand.Reader, Now: func() time.Time { return now }}))(t)
	reader.r = reader.s.Room(models.RoomID(unhex(t, h.Room)))
	read := h
	read.Log = append([]heardEntry{}, h.Log...)
	read.hear(t, reader)
	if !reflect.DeepEqual(read, h) {
		t.Error("the log that is kept comes to something else")
	}
}
