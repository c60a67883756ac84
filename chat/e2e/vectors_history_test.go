package e2e

import (
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	mathrand "math/rand/v2"
	"os"
	"reflect"
	"testing"
	"time"

	"visavis/chat/trust"
	"visavis/models"
)

const historyFile = "testdata/v1/history.json"

// recalled is the log of a room of two that one of them joined late, with what he makes of each entry once he has read it with the secrets of his own
// boxes, followed the pasts that they open, and read it again.
type recalled struct {
	Directory []string
	Room      string
	Boxed     map[string]string // secrets out of his own boxes, by generation
	Secrets   map[string]string // all that he knows then
	Log       []heardEntry
	Members   map[string]uint8
	State     string
}

// tellHistory makes the log. What it draws comes from fixed seeds, but for the boxes.
func tellHistory(t *testing.T) (*teller, *actor) {
	system := rand.Reader
	rand.Reader = mathrand.NewChaCha8([32]byte{10})
	defer func() { rand.Reader = system }()
	s := &teller{world: newWorld(t), t: t}
	bobs, carols := s.enrol("bob"), s.enrol("carol")
	all := trust.Policy{History: trust.HistoryAll, Invite: trust.RoleMember}
	first := s.admin.login()
	e := must(first.s.NewDirect(all, bobs.vault.Account))(t)
	s.room = e.Room
	s.posts("alice makes a room of two, with bob", e)
	alice := s.admin.login()
	s.says(alice, "the first, before bob joins", "one")
	s.policy(alice, "everything is still to be read, and owners invite", trust.Policy{History: trust.HistoryAll, Invite: trust.RoleOwner})
	s.says(alice, "under a generation that carries the first", "two")
	alice.read()
	_, err := alice.r.Invite(carols.vault.Account, trust.RoleMember)
	if err == nil {
		t.Fatal("a third is taken into a room of two")
	}
	bob := bobs.login()
	bob.read()
	s.posts("bob joins", must(bob.r.Join())(t))
	s.says(alice, "for both: its generation carries all", "three")

	s.policy(alice, "newcomers read the last two", trust.Policy{History: trust.HistoryLast, Invite: trust.RoleMember, Last: 2})
	alice.read()
	s.posts("a generation with a past that the policy does not give", forgedPast(t, alice))
	s.says(alice, "a new chain", "four")
	s.policy(alice, "all again, and messages disappear after ten minutes", trust.Policy{History: trust.HistoryAll, Invite: trust.RoleMember, MaxAge: 600})
	gone := s.says(alice, "one that disappears", "five")
	s.says(alice, "another that disappears", "six")
	s.now = s.now.Add(time.Hour)
	for i, e := range s.log {
		if e.Seq >= gone.Seq {
			s.log[i] = must(trust.Expire(e))(t)
		}
	}
	s.says(alice, "after what is gone: its chain goes on", "seven")
	s.policy(alice, "messages stay", all)
	s.says(alice, "one that stays", "eight")
	again := s.log[len(s.log)-1]
	left := must(trust.Expire(again))(t)
	left.Message[0]++
	s.posts("what is left of a message that stays", left)
	return s, bobs.login()
}

func (s *teller) policy(by *actor, name string, p trust.Policy) {
	by.read()
	s.posts(name, must(by.r.SetPolicy(p))(s.t))
}

// forgedPast is a generation that carries the secret before it though the policy does not say so.
func forgedPast(t *testing.T, by *actor) models.Entry {
	g := by.r.state.NextGeneration(by.vault.Account, by.w.dir)
	secret := make([]byte, secretSize)
	by.w.draw(secret)
	g.Stream, g.Time = by.r.mine, by.w.now
	g.Commitment = must(commitment(secret, g.Room, g.Number))(t)
	g.Past = must(sealPast(g, secret, by.r.secrets[g.Prev], by.w.now))(t)
	return must(by.r.entry(models.EntryGeneration, trust.SignGeneration(g, by.s.Author().Key)))(t)
}

func secretsOf(r *Room) map[string]string {
	out := map[string]string{}
	for id, secret := range r.secrets {
		out[id.String()] = hex.EncodeToString(secret)
	}
	return out
}

// hear reads the log as reader does, and again with what he has found.
func (h *recalled) hear(t *testing.T, reader *actor) {
	boxed := map[string]string{}
	for _, e := range h.Log {
		before := len(reader.r.secrets)
		must(reader.r.Apply(e.entry(t, h.Room)))(t)
		if len(reader.r.secrets) > before {
			id := trust.GenerationID(unhex(t, e.Body))
			boxed[id.String()] = hex.EncodeToString(reader.r.secrets[id])
		}
	}
	again := *reader
	if again.r = reader.r.Again(); !reader.r.Late() {
		t.Error("nothing is found by reading")
	}
	shown := heard{Room: h.Room, Log: h.Log}
	shown.hear(t, &again)
	h.Boxed, h.Secrets, h.Members, h.State = boxed, secretsOf(again.r), shown.Members, shown.State
}

func TestHistoryVector(t *testing.T) {
	s, bob := tellHistory(t)
	made := recalled{Directory: hexes(s.statements...), Room: s.room.String()}
	for i, e := range s.log {
		out := heardEntry{Name: s.names[i], Seq: e.Seq, Kind: uint8(e.Kind), Author: e.Author.String(), Message: e.Message.String(), Body: hex.EncodeToString(e.Body), At: e.At.UnixMilli()}
		for _, b := range e.Boxes {
			if b.Account == bob.vault.Account {
				out.Boxes = append(out.Boxes, heardBox{b.Account.String(), b.Key.String(), hex.EncodeToString(b.Body)})
			}
		}
		made.Log = append(made.Log, out)
	}
	made.hear(t, bob)
	b, err := os.ReadFile(historyFile)
	if os.IsNotExist(err) && os.Getenv(writeVectors) != "" {
		if b, err = json.MarshalIndent(made, "", "\t"); err == nil {
			err = os.WriteFile(historyFile, append(b, '\n'), 0o644)
		}
	}
	if err != nil {
		t.Fatal(err)
	}
	var want recalled
	if err := json.Unmarshal(b, &want); err != nil {
		t.Fatal(err)
	}
	for i := range want.Log { // boxes are drawn where no seed can be given; those that are kept open all the same
		if i < len(made.Log) {
			made.Log[i].Boxes = want.Log[i].Boxes
		}
	}
	if !reflect.DeepEqual(made, want) {
		for i := range min(len(made.Log), len(want.Log)) {
			if !reflect.DeepEqual(made.Log[i], want.Log[i]) {
				t.Fatalf("%q is made or judged in another way than before", want.Log[i].Name)
			}
		}
		t.Fatal("directory, secrets or members are others than before")
	}
	fresh := want
	fresh.Log = append([]heardEntry{}, want.Log...)
	fresh.hear(t, bob.login())
	if !reflect.DeepEqual(fresh, want) {
		t.Error("the log that is kept comes to something else")
	}
}
