package pki

import (
	"bytes"
	"crypto/ed25519"
	"crypto/tls"
	"encoding/pem"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"visavis/models"
)

func TestNewAuthorityRefuses(t *testing.T) {
	for name, org := range map[string]string{
		"empty": "", "blank": " \t", "too long": strings.Repeat("x", 65), "not UTF-8": "a\xff", "escape": "a\x1b[2J", "two lines": "a\nb",
	} {
		if _, err := NewAuthority(nil, org, time.Now()); err == nil {
			t.Errorf("%s: made", name)
		}
	}
	if _, err := NewAuthority(bytes.NewReader(nil), "Example", time.Now()); err == nil {
		t.Error("made without randomness")
	}
}

func TestIssueRefuses(t *testing.T) {
	now := time.Now()
	ca := need(NewAuthority(nil, "Example", now))(t)
	pub := need(NewKey(nil))(t).Public().(ed25519.PublicKey)
	for _, names := range [][]string{
		nil, {""}, {"chat.example.org:7443"}, {"*.example.org"}, {"-a"}, {"a..b"}, {"a b"}, {"123"}, {"example.org", ""},
		{strings.Repeat("a", 64)}, {strings.Repeat("a.", 127) + "a"}, {"bücher.example"},
	} {
		if _, err := ca.IssueServer(nil, names, pub, now); err == nil {
			t.Errorf("server's certificate for %q", names)
		}
	}
	if _, err := ca.IssueDesk(nil, models.DeskID{}, pub, now); err == nil {
		t.Error("certificate of a desk without id")
	}
	if _, err := ca.IssueDesk(nil, deskID, pub[:31], now); !errors.Is(err, ErrKeyType) {
		t.Errorf("short key: %v", err)
	}
	if _, err := ca.IssueDesk(nil, deskID, ca.cert.PublicKey.(ed25519.PublicKey), now); err == nil {
		t.Error("the authority's own key was certified as a desk's")
	}
	if _, err := PublicKeyHash(pub[:31]); !errors.Is(err, ErrKeyType) {
		t.Errorf("hash of a short key: %v", err)
	}
}

func TestEncoding(t *testing.T) {
	w := newWorld(t)
	b := need(w.ca.Encode())(t)
	again := need(ParseAuthority(b))(t)
	if again.Fingerprint() != w.ca.Fingerprint() || again.Org() != "Example" || !again.key.Equal(w.ca.key) {
		t.Error("another authority came back")
	}
	if !bytes.Equal(need(again.Encode())(t), b) {
		t.Error("encoded again, it differs")
	}
	c := need(EncodeCertificate(w.server))(t)
	cert := need(ParseCertificate(c))(t)
	if len(cert.Certificate) != 2 || !bytes.Equal(need(EncodeCertificate(cert))(t), c) {
		t.Error("another certificate came back")
	}

	other := newWorld(t)
	block := func(kind string, b []byte) []byte { return pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: b}) }
	key, chain := splitPEM(t, b)
	otherKey, _ := splitPEM(t, need(other.ca.Encode())(t))
	for name, bad := range map[string][]byte{
		"nothing":                nil,
		"text":                   []byte("hello"),
		"key alone":              key,
		"certificate alone":      chain,
		"certificate first":      append(bytes.Clone(chain), key...),
		"two keys":               append(append(bytes.Clone(key), key...), chain...),
		"text behind":            append(bytes.Clone(b), "x"...),
		"another's key":          append(bytes.Clone(otherKey), chain...),
		"two certificates":       append(bytes.Clone(b), chain...),
		"a leaf for authority":   need(EncodeCertificate(w.desk))(t),
		"damaged key":            append(block(pemKey, []byte{1, 2, 3}), chain...),
		"damaged certificate":    append(bytes.Clone(key), block(pemCertificate, []byte{1, 2, 3})...),
		"more than anyone needs": bytes.Repeat(b, 100),
	} {
		if _, err := ParseAuthority(bad); err == nil {
			t.Errorf("%s: read as an authority", name)
		}
	}
	if _, err := NewCertificate(w.ca.key, w.desk.Certificate[0]); !errors.Is(err, ErrMismatch) {
		t.Errorf("certificate with another's key: %v", err)
	}
	if _, err := NewCertificate(w.ca.key); err == nil {
		t.Error("certificate without certificate")
	}
	if _, err := EncodeCertificate(tls.Certificate{}); !errors.Is(err, ErrKeyType) {
		t.Errorf("encoding nothing: %v", err)
	}
}

func splitPEM(t *testing.T, b []byte) (key, chain []byte) {
	t.Helper()
	block, rest := pem.Decode(b)
	if block == nil {
		t.Fatal("not PEM")
	}
	return pem.EncodeToMemory(block), rest
}

func TestAuthorityPrintsRedacted(t *testing.T) {
	ca := need(NewAuthority(nil, "Example", time.Now()))(t)
	want := "authority(" + ca.Fingerprint().Short() + ")"
	for _, verb := range []string{"%v", "%+v", "%#v", "%s"} {
		if got := fmt.Sprintf(verb, ca); got != want {
			t.Errorf("%s prints %q", verb, got)
		}
	}
}

func FuzzParseAuthority(f *testing.F) {
	ca := need(NewAuthority(nil, "Example", time.Now()))(f)
	f.Add(need(ca.Encode())(f))
	f.Add([]byte("-----BEGIN PRIVATE KEY-----\n-----END PRIVATE KEY-----\n"))
	f.Fuzz(func(t *testing.T, b []byte) {
		a, err := ParseAuthority(b)
		if err != nil {
			return
		}
		again, err := a.Encode()
		if err != nil {
			t.Fatal(err)
		}
		if b2, err := ParseAuthority(again); err != nil || b2.Fingerprint() != a.Fingerprint() {
			t.Fatalf("encoded again: %v", err)
		}
	})
}

// FuzzCertificate reads a server's file, and what a server may send as a desk's certificate.
func FuzzCertificate(f *testing.F) {
	ca := need(NewAuthority(nil, "Example", time.Now()))(f)
	key := need(NewKey(nil))(f)
	der := need(ca.IssueServer(nil, []string{"127.0.0.1"}, key.Public().(ed25519.PublicKey), time.Now()))(f)
	cert := need(NewCertificate(key, der, ca.Certificate().Raw))(f)
	f.Add(need(EncodeCertificate(cert))(f))
	f.Add(der)
	f.Fuzz(func(t *testing.T, b []byte) {
		if c, err := NewCertificate(key, b); err == nil && !key.Public().(ed25519.PublicKey).Equal(c.Leaf.PublicKey) {
			t.Fatal("a certificate of another key")
		}
		c, err := ParseCertificate(b)
		if err != nil {
			return
		}
		again := need(EncodeCertificate(c))(t)
		if c2, err := ParseCertificate(again); err != nil || len(c2.Certificate) != len(c.Certificate) || !c2.Leaf.Equal(c.Leaf) {
			t.Fatalf("encoded again: %v", err)
		}
	})
}
