package trust

import (
	"bytes"
	"crypto/ed25519"
	"crypto/hpke"
	"errors"
	"strings"
	"testing"

	"visavis/models"
	"visavis/models/canon/grammar"
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

// FuzzFormats reads bytes as every structure that is signed here, and as what stands inside.
func FuzzFormats(f *testing.F) { grammar.Fuzz(f, formats) }

// FuzzBundleInside is FuzzBundle behind both signatures: the payload is signed for the fuzzer.
func FuzzBundleInside(f *testing.F) {
	o := newOrg(f)
	u := o.user("carol")
	outer, _ := split(o.raw(u))
	inner, _ := split(outer.Payload)
	f.Add(inner.Payload)
	f.Fuzz(func(t *testing.T, payload []byte) {
		b, err := OpenBundle(Sign(LabelBundleDesk, Sign(LabelBundle, payload, u.key), o.device), o.dir)
		if err == nil && !ed25519.PublicKey(b.Signing).Equal(u.key.Public()) {
			t.Fatal("a bundle of keys that did not sign it")
		}
	})
}

// FuzzDeskRequestInside is FuzzDeskRequest behind signature and MAC.
func FuzzDeskRequestInside(f *testing.F) {
	o := newOrg(f)
	device := o.key()
	b, err := NewDeskRequest(o.request(models.DeskID{5}, "lab", device), Secret{7}, device)
	if err != nil {
		f.Fatal(err)
	}
	e, _ := split(b)
	var p deskRequestPayload
	if err := Decode(e.Payload, MaxDeskRequest, &p); err != nil {
		f.Fatal(err)
	}
	f.Add(p.Core, true)
	f.Add(e.Payload, false)
	f.Fuzz(func(t *testing.T, b []byte, core bool) {
		payload := b
		if core {
			p := p
			p.Core, p.MAC = b, deskMAC(Secret{7}, b)
			payload = must(p)
		}
		r, err := OpenDeskRequestFor(Sign(LabelDeskRequest, payload, device), Secret{7})
		if err == nil && !r.Device.Equal(device.Public()) {
			t.Fatal("a request of a key that did not sign it")
		}
	})
}

// FuzzLockKey opens what a desk may seal to the server's carrier, and what anybody may send for it.
func FuzzLockKey(f *testing.F) {
	carrier, err := NewLockCarrier()
	if err != nil {
		f.Fatal(err)
	}
	public, err := hpke.MLKEM768X25519().NewPublicKey(carrier.Public())
	if err != nil {
		f.Fatal(err)
	}
	at := LockPlace{Org: models.OrgID{1}, Account: models.AccountID{2}, Session: models.SessionID{3}}
	f.Add(make([]byte, len(Secret{})))
	f.Add(bytes.Repeat([]byte{1}, len(Secret{})))
	f.Add(make([]byte, BoxSize))
	f.Fuzz(func(t *testing.T, b []byte) {
		if _, err := carrier.Open(b, at); !errors.Is(err, ErrLockKey) {
			t.Fatalf("made without the carrier: %v", err)
		}
		sealed, err := hpke.Seal(public, hpke.HKDFSHA256(), hpke.AES256GCM(), at.info(), b)
		if err != nil {
			t.Fatal(err)
		}
		good := len(b) == len(Secret{}) && !bytes.Equal(b, make([]byte, len(b)))
		if key, err := carrier.Open(sealed, at); (err == nil) != good || good && !bytes.Equal(b, key[:]) {
			t.Fatalf("%d bytes: %v", len(b), err)
		}
	})
}

func FuzzFingerprint(f *testing.F) {
	want := BundleFingerprint([]byte("x"))
	f.Add(string(want))
	f.Add(strings.ToUpper(squeeze(string(want))))
	f.Fuzz(func(t *testing.T, typed string) {
		if want.Matches(typed) != (squeeze(typed) == squeeze(string(want))) || Fingerprint(typed).Matches("") {
			t.Fatalf("%q", typed)
		}
	})
}

func FuzzCode(f *testing.F) {
	f.Add(Code([]byte("abcdefghij")).Text())
	f.Fuzz(func(t *testing.T, typed string) {
		c, err := ParseCode(typed)
		if err != nil {
			return
		}
		if again, err := ParseCode(c.Text()); err != nil || again != c || squeeze(c.Text()) != squeeze(typed) {
			t.Fatalf("%q is read as %q, %v", typed, c.Text(), err)
		}
	})
}

func FuzzExpired(f *testing.F) {
	f.Add(must(Expired{Version: Version, Generation: models.Hash{1}, Entry: models.Hash{2}}))
	f.Fuzz(func(t *testing.T, b []byte) {
		if x, err := ParseExpired(b); err == nil && !bytes.Equal(must(x), b) {
			t.Fatal("two encodings")
		}
	})
}
