package trust

import (
	"bytes"
	"crypto/ed25519"
	"testing"

	"visavis/models"
)

// Whatever decodes has one encoding, and nothing panics.

func FuzzEnvelope(f *testing.F) {
	o := newOrg(f)
	f.Add(o.log[0])
	f.Fuzz(func(t *testing.T, b []byte) {
		if e, err := split(b); err == nil && !bytes.Equal(must(e), b) {
			t.Fatal("two encodings")
		}
	})
}

func FuzzStatement(f *testing.F) {
	o := newOrg(f)
	alice := o.admin("alice")
	for _, s := range o.log {
		f.Add(s)
	}
	// The fuzzer gets at the rules behind the signature: the payload is signed for it, by an admin.
	f.Fuzz(func(t *testing.T, b []byte) {
		_, _ = ParseStatement(b)
		e, err := split(b)
		if err != nil {
			return
		}
		s, _, err := parseStatement(b)
		if err != nil {
			return
		}
		head := o.dir.Head()
		_ = o.dir.Check(Sign(s.label(), e.Payload, alice.key))
		if o.dir.Head() != head {
			t.Fatal("a check changed the directory")
		}
	})
}

func FuzzRoom(f *testing.F) {
	h, alice := newHouse(f, admin)
	f.Add(uint8(1), h.log[0].Body)
	f.Add(uint8(2), h.generation(alice, nil).Body)
	f.Add(uint8(3), EncodeMessage(models.Hash{1}, []byte("t")))
	f.Fuzz(func(t *testing.T, kind uint8, b []byte) {
		_ = h.r.Check(h.entry(alice, models.EntryKind(kind), b), h.dir)
		if e, err := split(b); err == nil {
			if s, _, err := parseStatement(b); err == nil {
				_ = h.r.Check(h.entry(alice, models.EntryStatement, Sign(s.label(), e.Payload, alice.key)), h.dir)
			}
			_ = h.r.Check(h.entry(alice, models.EntryGeneration, Sign(LabelGeneration, e.Payload, alice.key)), h.dir)
		}
	})
}

func FuzzBundle(f *testing.F) {
	o := newOrg(f)
	f.Add(o.raw(o.user("carol")))
	f.Fuzz(func(t *testing.T, b []byte) { _, _ = OpenBundle(b, o.dir) })
}

func FuzzInvite(f *testing.F) {
	for _, i := range []Invite{fullInvite(), halfInvite()} {
		text, err := i.Text()
		if err != nil {
			f.Fatal(err)
		}
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, s string) {
		i, err := ParseInvite(s)
		if err != nil {
			return
		}
		if text, err := i.Text(); err != nil || len(text) > len(s) {
			t.Fatalf("parsed, and has no text: %v", err)
		}
	})
}

func FuzzDeskRequest(f *testing.F) {
	o := newOrg(f)
	device := o.key()
	b, err := NewDeskRequest(o.request(models.DeskID{5}, "lab", device), Secret{7}, device)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(b)
	f.Fuzz(func(t *testing.T, b []byte) { _, _ = OpenDeskRequestFor(b, Secret{7}) })
}

func FuzzEvidence(f *testing.F) {
	o := newOrg(f)
	b, err := NewEvidence(someEvidence(o, 2), o.device)
	if err != nil {
		f.Fatal(err)
	}
	e, _ := split(b)
	f.Add(e.Payload)
	device := o.device.Public().(ed25519.PublicKey)
	f.Fuzz(func(t *testing.T, payload []byte) {
		_, _ = OpenEvidence(Sign(LabelEvidence, payload, o.device), device)
	})
}

func FuzzHello(f *testing.F) {
	o := newOrg(f)
	b, err := NewHello(someHello(o), o.device)
	if err != nil {
		f.Fatal(err)
	}
	e, _ := split(b)
	f.Add(e.Payload)
	device := o.device.Public().(ed25519.PublicKey)
	f.Fuzz(func(t *testing.T, payload []byte) { _, _ = OpenHello(Sign(LabelHello, payload, o.device), device) })
}

func FuzzAuditHead(f *testing.F) {
	o := newOrg(f)
	b, err := NewAuditHead(someAuditHead(o), o.device)
	if err != nil {
		f.Fatal(err)
	}
	e, _ := split(b)
	f.Add(e.Payload)
	device := o.device.Public().(ed25519.PublicKey)
	f.Fuzz(func(t *testing.T, payload []byte) {
		if h, err := OpenAuditHead(Sign(LabelAuditHead, payload, o.device), device); err == nil && h.Log.Check() != nil {
			t.Fatal("a head that no log has")
		}
	})
}
