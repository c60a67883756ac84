package e2e

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"testing"
	"time"

	"visavis/chat/trust"
	"visavis/models"
)

// writeVectors is set for the one run that first writes a file of testdata; a file that is there is never written again. Tokens and
// boxes hold randomness that cannot be given, so the files can not be made a second time.
const writeVectors = "VISAVIS_WRITE_VECTORS"

const vectorFile = "testdata/v1/conversation.json"

// conversation is a person's vault, the directory, and a room's log that the vault opens.
type conversation struct {
	Directory [][]byte
	Desk      string
	Export    []byte
	Pepper    []byte
	Phrase    string
	Vault     models.Vault
	Room      string
	Log       []models.Entry
	Texts     []string
}

func makeConversation(t testing.TB) conversation {
	w := newWorld(t)
	bob := w.enrol("bob")
	u := Unlock{Export: bytes.Repeat([]byte{2}, 64), Pepper: trust.Pepper{3}}
	phrase := must(NewPhrase(w.random))(t)
	bob.vault.Settings["theme"] = "dark"
	vault := must(SealVault(bob.vault, u, phrase, w.random, w.now))(t)
	bob.vault.Saved(vault)
	room := w.newRoom(bob)
	texts := []string{"hello", "and hello", "", "a longer message: " + string(bytes.Repeat([]byte("x"), 900))}
	for i, text := range texts {
		room[i%2].say(text)
	}
	return conversation{Directory: w.statements, Desk: w.desk.String(), Export: u.Export, Pepper: u.Pepper[:], Phrase: phrase.Text(), Vault: vault,
		Room: w.room.String(), Log: w.log, Texts: texts}
}

func readConversation(t testing.TB) conversation {
	b, err := os.ReadFile(vectorFile)
	if os.IsNotExist(err) && os.Getenv(writeVectors) != "" {
		if err := os.MkdirAll(filepath.Dir(vectorFile), 0o755); err != nil {
			t.Fatal(err)
		}
		b, _ = json.MarshalIndent(makeConversation(t), "", "\t")
		if err := os.WriteFile(vectorFile, append(b, '\n'), 0o644); err != nil {
			t.Fatal(err)
		}
	} else if err != nil {
		t.Fatal(err)
	}
	var c conversation
	if err := json.Unmarshal(b, &c); err != nil {
		t.Fatal(err)
	}
	return c
}

func TestVectors(t *testing.T) {
	c := readConversation(t)
	v := must(OpenVault(c.Vault, Unlock{Export: c.Export, Pepper: trust.Pepper(c.Pepper)}))(t)
	again := must(OpenVaultByPhrase(c.Vault, must(ParsePhrase(c.Phrase))(t)))(t)
	if !bytes.Equal(v.Keys.signing, again.Keys.signing) || v.Settings["theme"] != "dark" {
		t.Fatal("the vault opens to another content")
	}
	dir := trust.NewDirectory(v.Org)
	for _, s := range c.Directory {
		must(dir.Apply(s))(t)
	}
	random := newWorld(t).random
	s := must(NewSession(Config{Vault: v, Directory: dir, Desk: must(parseID[models.DeskID](c.Desk))(t), Random: random, Now: func() time.Time { return c.Log[0].At }}))(t)
	r := s.Room(must(parseID[models.RoomID](c.Room))(t))
	var texts []string
	for _, e := range c.Log {
		ev := must(r.Apply(e))(t)
		if ev.Cause != CauseNone || ev.Warn != 0 {
			t.Errorf("entry %d: %v, %v", e.Seq, ev.Cause, ev.Warn)
		}
		if ev.Kind == EventMessage {
			texts = append(texts, string(ev.Message.Content))
		}
	}
	if len(texts) != len(c.Texts) {
		t.Fatalf("%d messages, want %d", len(texts), len(c.Texts))
	}
	for i := range texts {
		if texts[i] != c.Texts[i] {
			t.Errorf("message %d differs", i)
		}
	}
}

func parseID[I ~[16]byte](s string) (I, error) {
	var id models.ID[struct{}]
	err := id.Parse(s)
	return I(id), err
}
