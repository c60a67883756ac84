package e2e

import (
	"bytes"
	"testing"

	"visavis/chat/fernet"
	"visavis/chat/trust"
	"visavis/models"
	"visavis/models/canon"
	"visavis/models/canon/grammar"
)

// FuzzMessage gets at every layer behind the token: the fuzzed payload is signed, padded and sealed by a member.
func FuzzMessage(f *testing.F) {
	w := newWorld(f)
	room := w.newRoom(w.enrol("bob"))
	a, b := room[0], room[1]
	g, _ := b.r.state.Current()
	e := must(b.r.entry(models.EntryMessage, nil))(f)
	f.Add(canon.MustMarshal(b.r.body(Draft{Kind: KindText, Content: []byte("x")}, e.Message, g, b.s.Author())))
	by := b.s.Author()
	f.Fuzz(func(t *testing.T, payload []byte) {
		body, err := sealBody(trust.Sign(trust.LabelMessage, payload, by.Key), b.r.secrets[g.Hash], g, by.At)
		if err != nil {
			return
		}
		x := e
		x.Body, x.Seq = body, a.r.next
		o := opened{entry: x}
		cause, _ := a.r.open(&o)
		if cause == CauseNone && !bytes.Equal(canon.MustMarshal(o.body), payload) {
			t.Fatal("two encodings")
		}
		if cause == CauseNone {
			_, _ = a.r.place(nil, &author{}, &o)
			_ = a.r.showable(&o)
		}
	})
}

func FuzzUnpad(f *testing.F) {
	p, _ := pad([]byte("x"))
	f.Add(p)
	f.Fuzz(func(t *testing.T, b []byte) {
		signed, ok := unpad(b)
		if !ok {
			return
		}
		if again, err := pad(signed); err != nil || !bytes.Equal(again, b) {
			t.Fatal("two paddings")
		}
	})
}

func FuzzVault(f *testing.F) {
	c := readConversation(f)
	stored, u := c.Vault, Unlock{Export: c.Export, Pepper: trust.Pepper(c.Pepper)}
	f.Add(stored.Body)
	f.Fuzz(func(t *testing.T, body []byte) {
		x := stored
		x.Body = body
		if _, err := OpenVault(x, u); err == nil && !bytes.Equal(body, stored.Body) {
			t.Fatal("another body opens")
		}
	})
}

// FuzzVaultBody is what the owner of the vault key, or an older version of this program, may have sealed.
func FuzzVaultBody(f *testing.F) {
	keys := must(NewKeys(newWorld(f).random))(f)
	f.Add(canon.MustMarshal(vaultBody{Header: trust.NewHeader(trust.LabelVaultBody, models.OrgID{}), Signing: keys.signing.Seed(), Boxes: [][]byte{keys.boxes[0].seed}}))
	f.Fuzz(func(t *testing.T, plain []byte) {
		b, err := decodeVaultBody(plain)
		if err == nil && !bytes.Equal(canon.MustMarshal(b), plain) {
			t.Fatal("two encodings")
		}
		if err == nil {
			_, _ = keysFrom(b.Signing, b.Boxes)
		}
	})
}

func FuzzPhrase(f *testing.F) {
	f.Add(Phrase{1}.Text())
	f.Fuzz(func(t *testing.T, s string) {
		if p, err := ParsePhrase(s); err == nil {
			if again, err := ParsePhrase(p.Text()); err != nil || again != p {
				t.Fatal("another phrase")
			}
		}
	})
}

// FuzzFormats reads bytes as every structure that is sealed or hashed here.
func FuzzFormats(f *testing.F) { grammar.Fuzz(f, formats, readConversation(f).Vault.Body) }

// FuzzVaultKey is the wrapped vault key as who knows the password and has a desk's pepper can make it: his own vault opens, or none does.
func FuzzVaultKey(f *testing.F) {
	c := readConversation(f)
	stored, u := c.Vault, Unlock{Export: c.Export, Pepper: trust.Pepper(c.Pepper)}
	var s trust.SealedVault
	if err := trust.Decode(stored.Body, MaxVault, &s); err != nil {
		f.Fatal(err)
	}
	wrapping := must(u.wrapping(person{Org: s.Org, Account: s.Account}))(f)
	plain, at, err := fernet.Open(s.Clear.Wrapped, wrapping)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(plain)
	f.Fuzz(func(t *testing.T, b []byte) {
		x, changed := stored, s
		changed.Clear.Wrapped = must(fernet.Seal(b, wrapping, at))(t)
		x.Body = canon.MustMarshal(changed)
		if _, err := OpenVault(x, u); err == nil {
			t.Fatal("a vault key opens under another wrap")
		}
	})
}

// FuzzBox opens what a server may hand out for a generation's box, and what a member may seal into it.
func FuzzBox(f *testing.F) {
	keys := must(NewKeys(newWorld(f).random))(f)
	public, info := keys.boxes[0].public, []byte("info")
	f.Add(make([]byte, seedSize))
	f.Add(make([]byte, trust.BoxSize))
	f.Fuzz(func(t *testing.T, b []byte) {
		if _, ok := keys.open(public.ID, info, b); ok {
			t.Fatal("a box opens that nobody sealed")
		}
		sealed := must(seal(public.Key, info, b))(t)
		if plain, ok := keys.open(public.ID, info, sealed); !ok || !bytes.Equal(plain, b) {
			t.Fatal("sealed, and does not open")
		}
	})
}

// FuzzVaultKeys is what a vault holds of keys beside the oldest: those to come, and the desks that knew them.
func FuzzVaultKeys(f *testing.F) {
	w := newWorld(f)
	seed := bytes.Repeat([]byte{7}, seedSize)
	f.Add(canon.MustMarshal(vaultKeys{}))
	f.Add(canon.MustMarshal(vaultKeys{Next: []keysToCome{{Signing: seed, Box: seed, Bundle: []byte("b"), Known: true}}, Desks: []models.DeskID{{1}, {2}}}))
	f.Fuzz(func(t *testing.T, b []byte) {
		keys := must(NewKeys(w.random))(t)
		if keys.decodeExt(bytes.Clone(b)) == nil && keys.next != nil && (len(keys.next.signing) == 0 || len(keys.next.bundle) == 0) {
			t.Fatal("half of a key to come")
		}
	})
}
