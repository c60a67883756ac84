package e2e

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"errors"
	"os"
	"strings"
	"testing"

	"visavis/chat/trust"
	"visavis/models"
	"visavis/models/canon"
)

// saysTwo has bob sign two messages under one number, and returns who reads them, bob, and the two entries.
func saysTwo(t testing.TB) (w *world, a, b *actor, first, second models.Entry) {
	w = newWorld(t)
	room := w.newRoom(w.enrol("bob"))
	a, b = room[0], room[1]
	first = w.post(must(b.r.forge(Draft{Kind: KindText, Content: []byte("I agree.")}, nil))(t))
	second = w.post(must(b.r.forge(Draft{Kind: KindText, Content: []byte("I do not agree.")}, nil))(t))
	return w, a, b, first, second
}

// Who signs two messages under one number is found out, and whoever has the directory sees it, without having been in the room; in whatever order.
func TestTwiceIsProven(t *testing.T) {
	w, a, b, first, second := saysTwo(t)
	if ev := a.last(); ev.Cause != CauseReused || ev.Twin != first.Seq {
		t.Fatalf("%v, of entry %d", ev.Cause, ev.Twin)
	}
	proof := must(a.r.Twice(first, second))(t)
	if again := must(a.r.Twice(second, first))(t); !bytes.Equal(again, proof) {
		t.Fatal("the same two make two proofs")
	}
	b.do(b.r.Leave()) // it is as good when he has gone
	a.read()
	must(a.r.Twice(first, second))(t)
	dir := trust.NewDirectory(models.OrgID{})
	for _, s := range w.statements {
		must(dir.Apply(s))(t)
	}
	got := must(OpenTwice(proof, dir))(t)
	said := map[string]bool{string(got.Said[0].Content): true, string(got.Said[1].Content): true}
	if got.Account != b.vault.Account || got.Room != w.room || got.Stream != b.s.stream || got.Counter != 0 || !said["I agree."] || !said["I do not agree."] {
		t.Fatalf("%+v", got)
	}
	behind := trust.NewDirectory(models.OrgID{})
	must(behind.Apply(w.statements[0]))(t)
	if _, err := OpenTwice(proof, behind); !errors.Is(err, trust.ErrUnknownHead) {
		t.Fatalf("by a directory that is not read so far: %v", err)
	}
	other := trust.NewDirectory(models.OrgID{})
	must(other.Apply(must(trust.Found("Other", w.key(), w.now))(t)))(t)
	if _, err := OpenTwice(proof, other); !errors.Is(err, trust.ErrOrg) {
		t.Fatalf("by another organisation's: %v", err)
	}
}

// Somebody is accused by what proves nothing.
func TestTwiceRefuses(t *testing.T) {
	w, a, b, first, second := saysTwo(t)
	a.read()
	good := must(a.r.Twice(first, second))(t)
	var p twiceSaid
	must(0, canon.Unmarshal(good, &p))(t)
	g, _ := b.r.state.Current()
	signed := func(by *actor, change func(*messageBody)) []byte {
		x := b.r.body(Draft{Kind: KindText, Content: []byte("x")}, models.MessageID{1}, g, b.s.Author())
		change(&x)
		return signBody(x, by.vault.Keys.Signing())
	}
	with := func(other []byte) []byte {
		x := twiceSaid{Version: 1, First: p.First, Second: other}
		if bytes.Compare(x.First, x.Second) > 0 {
			x.First, x.Second = x.Second, x.First
		}
		return canon.MustMarshal(x)
	}
	for name, tt := range map[string]struct {
		proof []byte
		err   error
	}{
		"honest":                    {with(signed(b, func(*messageBody) {})), nil},
		"one message twice":         {with(p.First), ErrFormat},
		"in the other order":        {canon.MustMarshal(twiceSaid{Version: 1, First: p.Second, Second: p.First}), ErrFormat},
		"of a later version":        {canon.MustMarshal(twiceSaid{Version: 2, First: p.First, Second: p.Second}), ErrFormat},
		"signed by the accuser":     {with(signed(a, func(*messageBody) {})), trust.ErrSignature},
		"under another number":      {with(signed(b, func(x *messageBody) { x.Counter++ })), ErrFormat},
		"of another stream":         {with(signed(b, func(x *messageBody) { x.Stream[0]++ })), ErrFormat},
		"of another room":           {with(signed(b, func(x *messageBody) { x.Room[0]++ })), ErrFormat},
		"of another person":         {with(signed(a, func(x *messageBody) { x.Account = a.vault.Account })), ErrFormat},
		"of another organisation":   {with(signed(b, func(x *messageBody) { x.Org[0]++ })), trust.ErrOrg},
		"another kind of signature": {with(trust.Sign(trust.LabelGeneration, must(trust.Payload(p.First))(t), b.vault.Keys.Signing())), trust.ErrSignature},
		"under no head":             {with(signed(b, func(x *messageBody) { x.Dir[0]++ })), trust.ErrUnknownHead},
		"before he was listed":      {with(signed(b, func(x *messageBody) { x.Dir = w.dir.Org() })), trust.ErrUnknown},
		"with something behind it":  {append(bytes.Clone(good), 0), trust.ErrFormat},
		"too long":                  {make([]byte, MaxTwice+1), trust.ErrFormat},
		"nothing":                   {nil, trust.ErrFormat},
	} {
		if _, err := OpenTwice(tt.proof, w.dir); !errors.Is(err, tt.err) {
			if !(errors.Is(tt.err, trust.ErrFormat) && errors.Is(err, ErrFormat)) {
				t.Errorf("%s: %v, want %v", name, err, tt.err)
			}
		}
	}
	b.say("a third under that number")
	for name, two := range map[string][2]models.Entry{
		"one entry twice": {first, first}, "a statement": {first, w.log[0]}, "a message of another number": {first, b.say("next")},
	} {
		if _, err := a.r.Twice(two[0], two[1]); err == nil {
			t.Errorf("%s: is proof", name)
		}
	}
	c := w.enrol("carol").login()
	c.read()
	if _, err := c.r.Twice(first, second); !errors.Is(err, ErrFormat) {
		t.Errorf("by one who has no key: %v", err)
	}
}

// A server says that a message was stored before, as an earlier stream sealed it, which is so; and keeps the one that it refused. With what its author says next it
// has nothing against him.
func TestNumberIsNotGivenAgain(t *testing.T) {
	w := newWorld(t)
	bob := w.enrol("bob")
	room := w.newRoom(bob)
	a, before := room[0], room[1]
	stored := before.say("once")
	b := bob.login()
	b.read()
	kept := must(b.r.Seal(Draft{ID: stored.Message, Kind: KindText, Content: []byte("once")}))(t)
	b.r.TakeBack(stored.Message)
	next := b.say("next")
	w.post(kept)
	for _, ev := range a.read() {
		if ev.Twin != 0 || ev.Warn != 0 || ev.Kind == EventRefused && ev.Seq != uint64(len(w.log)) {
			t.Errorf("entry %d: %v, %v", ev.Seq, ev.Cause, ev.Warn)
		}
	}
	if _, err := a.r.Twice(kept, next); !errors.Is(err, ErrFormat) {
		t.Fatalf("an honest author is accused: %v", err)
	}
}

const twiceFile = "testdata/v1/twice.json"

// keptTwice is a directory and a proof by it.
type keptTwice struct {
	Directory             []string
	Proof                 string
	Room, Account, Stream string
	Counter               uint64
	Said                  []string
}

func TestTwiceVector(t *testing.T) {
	b, err := os.ReadFile(twiceFile)
	if os.IsNotExist(err) && os.Getenv(writeVectors) != "" {
		w, a, by, first, second := saysTwo(t)
		a.read()
		proof := must(a.r.Twice(first, second))(t)
		x := must(OpenTwice(proof, w.dir))(t)
		if b, err = json.MarshalIndent(keptTwice{
			Directory: hexes(w.statements...), Proof: hex.EncodeToString(proof), Room: w.room.String(), Account: by.vault.Account.String(), Stream: x.Stream.String(),
			Counter: x.Counter, Said: []string{string(x.Said[0].Content), string(x.Said[1].Content)},
		}, "", "\t"); err == nil {
			err = os.WriteFile(twiceFile, append(b, '\n'), 0o644)
		}
	}
	if err != nil {
		t.Fatal(err)
	}
	var k keptTwice
	must(0, json.Unmarshal(b, &k))(t)
	dir := trust.NewDirectory(models.OrgID{})
	for _, s := range k.Directory {
		must(dir.Apply(unhex(t, s)))(t)
	}
	x := must(OpenTwice(unhex(t, k.Proof), dir))(t)
	if x.Room.String() != k.Room || x.Account.String() != k.Account || x.Stream.String() != k.Stream || x.Counter != k.Counter ||
		string(x.Said[0].Content) != k.Said[0] || string(x.Said[1].Content) != k.Said[1] {
		t.Fatalf("%+v", x)
	}
}

const twiceTextFile = "testdata/v1/twice-text.json"

// keptTexts are a proof and its directory as they are handed on.
type keptTexts struct{ Proof, Directory string }

func TestTwiceTextVector(t *testing.T) {
	var twice keptTwice
	must(0, json.Unmarshal(must(os.ReadFile(twiceFile))(t), &twice))(t)
	b, err := os.ReadFile(twiceTextFile)
	if os.IsNotExist(err) && os.Getenv(writeVectors) != "" {
		var lines strings.Builder
		for _, s := range twice.Directory {
			must(0, trust.WriteStatement(&lines, unhex(t, s)))(t)
		}
		if b, err = json.MarshalIndent(keptTexts{ProofText(unhex(t, twice.Proof)), lines.String()}, "", "\t"); err == nil {
			err = os.WriteFile(twiceTextFile, append(b, '\n'), 0o644)
		}
	}
	if err != nil {
		t.Fatal(err)
	}
	var k keptTexts
	must(0, json.Unmarshal(b, &k))(t)
	proof := must(ParseProof(k.Proof))(t)
	if hex.EncodeToString(proof) != twice.Proof || ProofText(proof) != k.Proof {
		t.Error("another proof")
	}
	founding := trust.StatementHash(unhex(t, twice.Directory[0]))
	if x := must(OpenTwice(proof, must(trust.ReadDirectory(strings.NewReader(k.Directory), models.OrgID(founding)))(t)))(t); x.Name != "bob" {
		t.Errorf("%q has signed them", x.Name)
	}
}

// FuzzTwice is what an accuser may make up, who has a proof and no key.
func FuzzTwice(f *testing.F) {
	w, a, b, first, second := saysTwo(f)
	a.read()
	f.Add(must(a.r.Twice(first, second))(f))
	f.Add(canon.MustMarshal(twiceSaid{Version: 1, First: []byte("a"), Second: []byte("b")}))
	f.Fuzz(func(t *testing.T, proof []byte) {
		x, err := OpenTwice(proof, w.dir)
		if err == nil && (x.Account != b.vault.Account || x.Counter != 0) {
			t.Fatal("somebody else is accused")
		}
	})
}

// What is handed on is the proof as one line, and nothing else is read as one.
func TestProofText(t *testing.T) {
	w, a, _, first, second := saysTwo(t)
	a.read()
	proof := must(a.r.Twice(first, second))(t)
	text := ProofText(proof)
	for _, in := range []string{text, " \n" + text + "\n"} {
		if got, err := ParseProof(in); err != nil || !bytes.Equal(got, proof) {
			t.Fatalf("%q: %v", in, err)
		}
	}
	must(OpenTwice(must(ParseProof(text))(t), w.dir))(t)
	for name, in := range map[string]string{
		"nothing": "", "another text": "visavis-invite-1:" + text[len(proofPrefix):], "in capitals": strings.ToUpper(text), "with padding": text + "=",
		"over two lines": text[:80] + "\n" + text[80:], "a later version": strings.Replace(text, "-1:", "-2:", 1), "too long": text + strings.Repeat(" ", maxProofText),
		"a proof too long": ProofText(make([]byte, MaxTwice+1)), "not the shortest": text[:len(text)-1] + "_",
	} {
		if _, err := ParseProof(in); !errors.Is(err, ErrFormat) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
