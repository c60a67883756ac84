package trust

import (
	"bytes"
	"crypto/ed25519"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"os"
	"regexp"
	"strings"
	"testing"

	"visavis/biometrics"
	"visavis/models"
	"visavis/models/canon"
)

func TestSigningKeysAreStrict(t *testing.T) {
	bad := map[string][]byte{
		"empty": nil, "short": make([]byte, 31), "identity": append([]byte{1}, make([]byte, 31)...), "zero": make([]byte, 32),
		"p": fieldPrime[:], "p+1": append([]byte{0xee}, fieldPrime[1:]...), "all ones": bytes.Repeat([]byte{0xff}, 32),
	}
	for i, y := range smallOrder {
		for sign := range byte(2) {
			k := bytes.Clone(y[:])
			k[31] |= sign << 7
			bad[fmt.Sprintf("small order %d, sign %d", i, sign)] = k
		}
	}
	for name, k := range bad {
		if err := CheckSigningKey(k); !errors.Is(err, ErrKey) {
			t.Errorf("%s: %v", name, err)
		}
	}
	// Why it matters: under the identity as a key, crypto/ed25519 accepts one signature for every message.
	zeroSig := append(append([]byte{1}, make([]byte, 31)...), make([]byte, 32)...)
	if !ed25519.Verify(bad["identity"], []byte("anything"), zeroSig) {
		t.Error("crypto/ed25519 has become stricter: the check may go")
	}
	if _, err := Verify(LabelHello, must(envelope{Payload: []byte("x"), Signature: zeroSig}), bad["identity"]); !errors.Is(err, ErrKey) {
		t.Errorf("a signature under the identity: %v", err)
	}
	for range 100 {
		if err := CheckSigningKey(newOrg(t).root.Public().(ed25519.PublicKey)); err != nil {
			t.Fatal(err)
		}
	}
}

func TestLabelsAreApart(t *testing.T) {
	o := newOrg(t)
	signed := Sign(LabelHello, []byte("x"), o.root)
	if _, err := Verify(LabelEvidence, signed, o.root.Public().(ed25519.PublicKey)); !errors.Is(err, ErrSignature) {
		t.Fatalf("one label's signature under another: %v", err)
	}
	if LabelHello.Hash([]byte("x")) == LabelEvidence.Hash([]byte("x")) {
		t.Fatal("labels do not separate hashes")
	}
}

func TestEnvelopesAreCanonical(t *testing.T) {
	o := newOrg(t)
	signed := Sign(LabelHello, []byte("x"), o.root)
	for name, b := range map[string][]byte{
		"trailing byte": append(bytes.Clone(signed), 0), "long length": append([]byte{0x98, 2}, signed[1:]...), "cut": signed[:len(signed)-1], "empty": nil,
		"short signature": must(envelope{Payload: []byte("x"), Signature: make([]byte, 63)}),
	} {
		if _, err := Verify(LabelHello, b, o.root.Public().(ed25519.PublicKey)); !errors.Is(err, ErrFormat) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestExt(t *testing.T) {
	for _, tt := range []struct {
		ext  Ext
		want error
	}{{nil, nil}, {Ext{1: {0}}, nil}, {Ext{2: {0}}, ErrNewer}, {Ext{0: {0}}, ErrNewer}, {Ext{1: {0x18, 0}}, ErrFormat}} {
		if err := tt.ext.Check(); !errors.Is(err, tt.want) {
			t.Errorf("%v: %v, want %v", tt.ext, err, tt.want)
		}
	}
}

func TestBundle(t *testing.T) {
	o := newOrg(t)
	carol := o.user("carol")
	raw := o.raw(carol)
	b := check[Bundle](t)(OpenBundle(raw, o.dir))
	if b.Name != "carol" || b.Account != carol.account || b.Hash != LabelBundle.Hash(raw) {
		t.Fatalf("opened: %+v", b)
	}
	evil := o.user("carol")
	evil.account = carol.account
	if BundleFingerprint(o.raw(evil)) == BundleFingerprint(raw) {
		t.Fatal("swapped keys, same fingerprint")
	}
	strange := o.key()
	otherDesk := o.plain(carol)
	otherDesk.Desk[0]++
	for name, tt := range map[string]struct {
		raw  []byte
		dir  *Directory
		want error
	}{
		"by a desk that is not listed": {check[[]byte](t)(NewBundle(o.plain(carol), carol.key, strange)), o.dir, ErrSignature},
		"names a desk that is unknown": {check[[]byte](t)(NewBundle(otherDesk, carol.key, o.device)), o.dir, ErrUnknown},
		"directory of another":         {raw, func() *Directory { d := NewDirectory(models.OrgID{}); return d }(), ErrUnknown},
		"altered":                      {append(bytes.Clone(raw[:len(raw)-1]), raw[len(raw)-1]^1), o.dir, ErrSignature},
		"empty":                        {nil, o.dir, ErrFormat},
	} {
		if _, err := OpenBundle(tt.raw, tt.dir); !errors.Is(err, tt.want) {
			t.Errorf("%s: %v, want %v", name, err, tt.want)
		}
	}
	foreign := o.plain(carol)
	foreign.Org[0]++
	if _, err := OpenBundle(check[[]byte](t)(NewBundle(foreign, carol.key, o.device)), o.dir); !errors.Is(err, ErrOrg) {
		t.Errorf("of another organisation: %v", err)
	}
	if _, err := NewBundle(o.plain(carol), o.key(), o.device); !errors.Is(err, ErrSignature) {
		t.Errorf("signed with a key that is not in it: %v", err)
	}
}

func TestFingerprint(t *testing.T) {
	f := BundleFingerprint([]byte("x"))
	plain := strings.ReplaceAll(string(f), "-", "")
	if len(plain) != 20 {
		t.Fatalf("%q has %d characters", f, len(plain))
	}
	for _, s := range []string{string(f), plain, strings.ToUpper(plain), strings.ReplaceAll(string(f), "-", " "), " " + plain + "\n"} {
		if !f.Matches(s) {
			t.Errorf("%q does not match", s)
		}
	}
	for _, s := range []string{"", plain[:19], plain + "a", "a" + plain[1:] + "a", strings.Repeat("a", 20)} {
		if f.Matches(s) {
			t.Errorf("%q matches", s)
		}
	}
	if Fingerprint("").Matches("") {
		t.Error("no fingerprint matches nothing")
	}
}

func fullInvite() Invite {
	return Invite{Addresses: []string{"10.0.0.1:4433", "[::1]:4433", "visavis.example:4433"}, CA: models.Hash{1}, Code: []byte("0123456789abcdef"),
		Org: models.OrgID{2}, Root: models.Hash{3}, Pepper: Pepper{4}, Secret: Secret{5}}
}

func halfInvite() Invite {
	i := fullInvite()
	i.Org, i.Root, i.Pepper, i.Secret = models.OrgID{}, models.Hash{}, Pepper{}, Secret{}
	return i
}

func TestInvite(t *testing.T) {
	for _, i := range []Invite{fullInvite(), halfInvite()} {
		text := check[string](t)(i.Text())
		got := check[Invite](t)(ParseInvite("  " + text + "\n"))
		if again := check[string](t)(got.Text()); again != text || got.Full() != i.Full() || got.Pepper != i.Pepper || got.Secret != i.Secret {
			t.Fatal("another invite comes back")
		}
		for at := range text {
			typo := []byte(text)
			typo[at] = map[bool]byte{true: 'B', false: 'A'}[typo[at] == 'A']
			if _, err := ParseInvite(string(typo)); err == nil {
				t.Fatalf("a typing error at %d is not found", at)
			}
		}
		for _, f := range []string{"%v", "%+v", "%#v", "%s", "%x"} {
			if s := fmt.Sprintf(f, i); !strings.HasSuffix(s, redacted) || strings.Contains(s, "0123456789") {
				t.Errorf("%s prints %q", f, s)
			}
		}
		if b, _ := json.Marshal(i); bytes.Contains(b, []byte("10.0.0.1")) {
			t.Errorf("as JSON: %s", b)
		}
	}
	for name, change := range map[string]func(*Invite){
		"no address": func(i *Invite) { i.Addresses = nil }, "no port": func(i *Invite) { i.Addresses = []string{"host"} },
		"port 0": func(i *Invite) { i.Addresses = []string{"host:0"} }, "user": func(i *Invite) { i.Addresses = []string{"a@host:1"} },
		"no CA": func(i *Invite) { i.CA = models.Hash{} }, "short code": func(i *Invite) { i.Code = i.Code[:7] },
		"no pepper": func(i *Invite) { i.Pepper = Pepper{} }, "no root": func(i *Invite) { i.Root = models.Hash{} },
		"no secret": func(i *Invite) { i.Secret = Secret{} }, "no org": func(i *Invite) { i.Org = models.OrgID{} },
	} {
		i := fullInvite()
		change(&i)
		if _, err := i.Text(); !errors.Is(err, ErrFormat) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestDeskRequest(t *testing.T) {
	o := newOrg(t)
	secret := Secret{7}
	device := o.key()
	r := o.request(models.DeskID{5}, "lab", device)
	signed := check[[]byte](t)(NewDeskRequest(r, secret, device))
	got := check[DeskRequest](t)(OpenDeskRequestFor(signed, secret))
	if got.Desk != r.Desk || got.TLSKey != r.TLSKey || !got.Device.Equal(r.Device) || string(got.Code) != "12345678" || got.Cameras[0] != r.Cameras[0] {
		t.Fatalf("opened: %+v", got)
	}
	// The server swaps the keys: its request is well signed, but it does not know the invite's secret.
	evil := o.key()
	swapped := o.request(r.Desk, "lab", evil)
	for name, fake := range map[string][]byte{
		"without a MAC": check[[]byte](t)(NewDeskRequest(swapped, Secret{}, evil)), "with a guess": check[[]byte](t)(NewDeskRequest(swapped, Secret{8}, evil)),
	} {
		if _, err := OpenDeskRequest(fake); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if _, err := OpenDeskRequestFor(fake, secret); !errors.Is(err, ErrMAC) {
			t.Errorf("%s: %v", name, err)
		}
	}
	first := check[[]byte](t)(NewDeskRequest(r, Secret{}, device))
	if _, err := OpenDeskRequestFor(first, Secret{}); !errors.Is(err, ErrMAC) {
		t.Errorf("no secret on both sides counts as proof: %v", err)
	}
	if _, err := NewDeskRequest(r, secret, evil); !errors.Is(err, ErrSignature) {
		t.Errorf("signed with another key: %v", err)
	}
	r.Name = "a\u202eb"
	if _, err := NewDeskRequest(r, secret, device); !errors.Is(err, ErrFormat) {
		t.Errorf("a name that rearranges the window: %v", err)
	}
}

func someEvidence(o *org, frames int) Evidence {
	e := Evidence{Purpose: PurposeLogin, Org: o.dir.Org(), Server: models.Hash{1}, Login: models.LoginID{2}, Account: models.AccountID{3}, Desk: o.desk,
		TLSKey: models.Hash{4}, Exporter: [32]byte{5}, Challenge: ChallengeHash([]byte("challenge")), Handshake: HandshakeHash([]byte("1"), []byte("2"), []byte("3")),
		Seen: biometrics.Evidence{Camera: biometrics.CameraInfo{Name: "cam", Driver: "uvcvideo"}, Weights: "v1"}}
	for i := range frames {
		f := biometrics.Observation{Number: uint32(i + 1), Offset: uint32(40 * i), Cue: uint8(i % 5), Box: biometrics.Box{X: 1.25, Y: 2, W: 100.1, H: 99.9}}
		for j := range f.Descriptor {
			f.Descriptor[j] = float32(i+j) / 1000
		}
		e.Seen.Frames = append(e.Seen.Frames, f)
	}
	return e
}

func TestEvidence(t *testing.T) {
	o := newOrg(t)
	device := o.device.Public().(ed25519.PublicKey)
	e := someEvidence(o, biometrics.MaxObservations)
	signed := check[[]byte](t)(NewEvidence(e, o.device))
	t.Logf("%d frames: %d bytes", biometrics.MaxObservations, len(signed))
	if got := check[Evidence](t)(OpenEvidence(signed, device)); !bytes.Equal(must(got.Seen), must(e.Seen)) || got.Challenge != e.Challenge || got.Handshake != e.Handshake {
		t.Fatal("other evidence comes back")
	}
	if _, err := OpenEvidence(signed, o.root.Public().(ed25519.PublicKey)); !errors.Is(err, ErrSignature) {
		t.Errorf("under another desk's key: %v", err)
	}
	nan := someEvidence(o, 1)
	nan.Seen.Frames[0].Descriptor[0] = float32(math.NaN())
	if _, err := NewEvidence(nan, o.device); err != nil {
		t.Errorf("NaN is for the gate to deny: %v", err)
	}
	for name, change := range map[string]func(*Evidence){
		"too many frames": func(e *Evidence) { e.Seen.Frames = append(e.Seen.Frames, e.Seen.Frames...) },
		"no purpose":      func(e *Evidence) { e.Purpose = 0 },
		"control in name": func(e *Evidence) { e.Seen.Camera.Name = "a\nb" },
	} {
		bad := someEvidence(o, biometrics.MaxObservations)
		change(&bad)
		if _, err := NewEvidence(bad, o.device); !errors.Is(err, ErrFormat) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if HandshakeHash([]byte("ab"), []byte("c")) == HandshakeHash([]byte("a"), []byte("bc")) {
		t.Error("the borders of the messages are not in the hash")
	}
}

func someHello(o *org) Hello {
	return Hello{Org: o.dir.Org(), Server: models.Hash{1}, Versions: []uint32{1}, Features: []string{"files"}, Virtual: true, Head: o.dir.Head(), Seq: o.dir.Len(),
		Time: testTime, Exporter: [32]byte{6}}
}

func TestHello(t *testing.T) {
	o := newOrg(t)
	signed := check[[]byte](t)(NewHello(someHello(o), o.device))
	h := check[Hello](t)(OpenHello(signed, o.device.Public().(ed25519.PublicKey)))
	if !h.Virtual || h.Head != o.dir.Head() || h.Features[0] != "files" || !h.Time.Equal(testTime) {
		t.Fatalf("opened: %+v", h)
	}
	if _, err := OpenHello(signed, o.root.Public().(ed25519.PublicKey)); !errors.Is(err, ErrSignature) {
		t.Errorf("under another key: %v", err)
	}
}

// A hello that demands the light says so where an older desk can not miss it; nothing but true is read there.
func TestHelloLamp(t *testing.T) {
	o := newOrg(t)
	device := o.device.Public().(ed25519.PublicKey)
	for _, lamp := range []bool{true, false} {
		h := someHello(o)
		h.Lamp = lamp
		if got := check[Hello](t)(OpenHello(check[[]byte](t)(NewHello(h, o.device)), device)); got.Lamp != lamp {
			t.Errorf("lamp %v is read as %v", lamp, got.Lamp)
		}
	}
	e := check[envelope](t)(split(check[[]byte](t)(NewHello(someHello(o), o.device))))
	var p helloPayload
	if err := Decode(e.Payload, MaxHello, &p); err != nil {
		t.Fatal(err)
	}
	for what, test := range map[string]struct {
		ext  Ext
		want error
	}{
		"false":         {Ext{extLamp: canon.MustMarshal(false)}, ErrFormat},
		"a number":      {Ext{extLamp: canon.MustMarshal(1)}, ErrFormat},
		"nothing":       {Ext{extLamp: canon.MustMarshal(nil)}, ErrFormat},
		"and an even":   {Ext{extLamp: canon.MustMarshal(true), 4: canon.MustMarshal(true)}, ErrNewer},
		"another even":  {Ext{4: canon.MustMarshal(true)}, ErrNewer},
		"odd, not lamp": {Ext{1: canon.MustMarshal(true)}, nil},
	} {
		p.Ext = test.ext
		h, err := OpenHello(Sign(LabelHello, canon.MustMarshal(p), o.device), device)
		if !errors.Is(err, test.want) || h.Lamp {
			t.Errorf("%s: %v, want %v", what, err, test.want)
		}
	}
}

// The largest evidence there is stays within the bound: every number as long as it gets, every text too.
func TestLargestEvidence(t *testing.T) {
	o := newOrg(t)
	e := someEvidence(o, biometrics.MaxObservations)
	long := strings.Repeat("w", 256)
	e.Seen.Camera = biometrics.CameraInfo{Name: long, Driver: long, Vendor: long, Product: long, Serial: long, Port: long, Virtual: true}
	e.Seen.Weights = long[:128]
	third := float32(1) / 3 // as long as a float32 gets
	for i := range e.Seen.Frames {
		f := &e.Seen.Frames[i]
		f.Number, f.Offset, f.Cue, f.Quality = math.MaxUint32, math.MaxUint32, math.MaxUint8, math.MaxUint16
		f.Box = biometrics.Box{X: third, Y: third, W: third, H: third}
		for k := range f.Landmarks {
			f.Landmarks[k] = biometrics.Point{X: third, Y: third}
		}
		f.Skin = biometrics.Tone{R: math.MaxUint16, G: math.MaxUint16, B: math.MaxUint16}
		f.Scene = f.Skin
	}
	signed := check[[]byte](t)(NewEvidence(e, o.device))
	t.Logf("%d frames: %d bytes, at most %d", len(e.Seen.Frames), len(signed), MaxEvidence)
	if len(signed) > MaxEvidence {
		t.Errorf("%d bytes, at most %d", len(signed), MaxEvidence)
	}
}

func TestMessageEnvelope(t *testing.T) {
	m := check[Message](t)(ParseMessage(EncodeMessage(models.Hash{1}, []byte("token"))))
	if m.Generation != (models.Hash{1}) || string(m.Token) != "token" {
		t.Fatalf("%+v", m)
	}
	if _, err := ParseMessage(EncodeMessage(models.Hash{1}, make([]byte, MaxMessage))); !errors.Is(err, ErrFormat) {
		t.Errorf("too long: %v", err)
	}
	if _, err := ParseMessage(canon.MustMarshal(Message{Version: 2})); !errors.Is(err, ErrNewer) {
		t.Errorf("newer: %v", err)
	}
}

func TestLabelsAreRegistered(t *testing.T) {
	doc := string(check[[]byte](t)(os.ReadFile("../../docs/crypto.md")))
	source := string(check[[]byte](t)(os.ReadFile("label.go")))
	seen := map[string]bool{}
	for _, m := range regexp.MustCompile(`prefix \+ "([^"]+)"`).FindAllStringSubmatch(source, -1) {
		if seen[m[1]] {
			t.Errorf("label %s is given twice", m[1])
		}
		seen[m[1]] = true
		if !strings.Contains(doc, "`"+m[1]+"`") {
			t.Errorf("label %s is not in docs/crypto.md", m[1])
		}
	}
	if len(seen) < 30 {
		t.Fatalf("found %d labels", len(seen))
	}
}
