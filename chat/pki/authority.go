package pki

import (
	"bytes"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509"
	"crypto/x509/pkix"
	"errors"
	"fmt"
	"io"
	"math/big"
	"net"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"visavis/models"
)

const (
	// lifetime of the authority. Its certificates end with it: what ends a desk is its revocation, not a date that passes
	// while nobody is looking.
	lifetime = 20 * 365 * 24 * time.Hour
	// backdate lets a machine whose clock is behind accept what was issued just now.
	backdate = 24 * time.Hour

	maxOrgName = 64 // X.509's bound of a common name
)

// Errors of this package; all are wrapped with what was being done.
var (
	ErrKeyType  = errors.New("not an Ed25519 key")
	ErrMismatch = errors.New("the certificate does not belong to the key")
	ErrNoPeer   = errors.New("the other side showed no certificate")
	ErrRefused  = errors.New("certificate refused")
)

// Authority is the organisation's certificate authority with its private key. It prints redacted. It is immutable and safe for
// concurrent use.
type Authority struct {
	cert *x509.Certificate
	key  ed25519.PrivateKey
}

// NewKey draws an Ed25519 key from random, which is crypto/rand.Reader when nil.
func NewKey(random io.Reader) (ed25519.PrivateKey, error) {
	if random == nil {
		random = rand.Reader
	}
	seed := make([]byte, ed25519.SeedSize)
	if _, err := io.ReadFull(random, seed); err != nil {
		return nil, fmt.Errorf("draw a key: %w", err)
	}
	return ed25519.NewKeyFromSeed(seed), nil
}

// NewAuthority makes the authority of the organisation org, with a key drawn from random (crypto/rand.Reader when nil).
func NewAuthority(random io.Reader, org string, now time.Time) (*Authority, error) {
	if err := checkOrg(org); err != nil {
		return nil, fmt.Errorf("make the certificate authority: %w", err)
	}
	key, err := NewKey(random)
	if err != nil {
		return nil, fmt.Errorf("make the certificate authority: %w", err)
	}
	serial, err := newSerial(random)
	if err != nil {
		return nil, err
	}
	t := &x509.Certificate{
		SerialNumber:          serial,
		Subject:               pkix.Name{CommonName: org},
		NotBefore:             now.Add(-backdate).UTC(),
		NotAfter:              now.Add(lifetime).UTC(),
		IsCA:                  true,
		BasicConstraintsValid: true,
		MaxPathLenZero:        true,
		KeyUsage:              x509.KeyUsageCertSign,
	}
	der, err := x509.CreateCertificate(rand.Reader, t, t, key.Public(), key)
	if err != nil {
		return nil, fmt.Errorf("make the certificate authority: %w", err)
	}
	return newAuthority(der, key)
}

func newAuthority(der []byte, key ed25519.PrivateKey) (*Authority, error) {
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		return nil, fmt.Errorf("read the authority's certificate: %w", err)
	}
	pub, ok := cert.PublicKey.(ed25519.PublicKey)
	if !ok {
		return nil, fmt.Errorf("read the authority's certificate: %w", ErrKeyType)
	}
	if !pub.Equal(key.Public()) {
		return nil, fmt.Errorf("read the authority's certificate: %w", ErrMismatch)
	}
	if !cert.IsCA || cert.CheckSignatureFrom(cert) != nil {
		return nil, fmt.Errorf("read the authority's certificate: %w: not a self-signed authority", ErrRefused)
	}
	return &Authority{cert: cert, key: key}, nil
}

// Certificate returns the authority's own certificate, to be read only.
func (a *Authority) Certificate() *x509.Certificate { return a.cert }

// Org returns the organisation's name.
func (a *Authority) Org() string { return a.cert.Subject.CommonName }

// Fingerprint is what a desk knows the authority by: the SHA-256 of its SubjectPublicKeyInfo.
func (a *Authority) Fingerprint() models.Hash { return KeyHash(a.cert) }

// String keeps the private key out of logs.
func (a *Authority) String() string { return "authority(" + a.Fingerprint().Short() + ")" }

// GoString keeps the private key out of logs.
func (a *Authority) GoString() string { return a.String() }

// IssueServer certifies the server's key for every one of names, which are host names or IP addresses without a port.
func (a *Authority) IssueServer(random io.Reader, names []string, key ed25519.PublicKey, now time.Time) ([]byte, error) {
	t := &x509.Certificate{ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}}
	for _, n := range names {
		if ip := net.ParseIP(n); ip != nil {
			t.IPAddresses = append(t.IPAddresses, ip)
		} else if validHost(n) {
			t.DNSNames = append(t.DNSNames, strings.ToLower(n))
		} else {
			return nil, fmt.Errorf("issue the server's certificate: %q is neither a host name nor an IP address", n)
		}
	}
	if len(names) == 0 {
		return nil, errors.New("issue the server's certificate: no name to issue it for")
	}
	t.Subject = pkix.Name{CommonName: "server"}
	der, err := a.issue(random, t, key, now)
	if err != nil {
		return nil, fmt.Errorf("issue the server's certificate: %w", err)
	}
	return der, nil
}

// IssueDesk certifies a desk's TLS client key. The desk's id is the certificate's common name.
func (a *Authority) IssueDesk(random io.Reader, desk models.DeskID, key ed25519.PublicKey, now time.Time) ([]byte, error) {
	if desk.IsZero() {
		return nil, errors.New("issue a desk's certificate: the desk has no id")
	}
	der, err := a.issue(random, &x509.Certificate{
		Subject:     pkix.Name{CommonName: desk.String()},
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth},
	}, key, now)
	if err != nil {
		return nil, fmt.Errorf("issue a desk's certificate: %w", err)
	}
	return der, nil
}

func (a *Authority) issue(random io.Reader, t *x509.Certificate, key ed25519.PublicKey, now time.Time) ([]byte, error) {
	if len(key) != ed25519.PublicKeySize {
		return nil, ErrKeyType
	}
	if key.Equal(a.key.Public()) {
		return nil, errors.New("the key is the authority's own")
	}
	serial, err := newSerial(random)
	if err != nil {
		return nil, err
	}
	t.SerialNumber = serial
	t.NotBefore, t.NotAfter = now.Add(-backdate).UTC(), a.cert.NotAfter
	t.KeyUsage = x509.KeyUsageDigitalSignature
	t.BasicConstraintsValid = true
	return x509.CreateCertificate(rand.Reader, t, a.cert, key, a.key)
}

// KeyHash is the SHA-256 of a certificate's SubjectPublicKeyInfo.
func KeyHash(c *x509.Certificate) models.Hash { return sha256.Sum256(c.RawSubjectPublicKeyInfo) }

// PublicKeyHash is KeyHash for a key that has no certificate yet.
func PublicKeyHash(key ed25519.PublicKey) (models.Hash, error) {
	spki, err := x509.MarshalPKIXPublicKey(key)
	if err != nil || len(key) != ed25519.PublicKeySize {
		return models.Hash{}, ErrKeyType
	}
	return sha256.Sum256(spki), nil
}

// newSerial draws 16 random bytes that make a positive number of 16 bytes.
func newSerial(random io.Reader) (*big.Int, error) {
	if random == nil {
		random = rand.Reader
	}
	var b [16]byte
	if _, err := io.ReadFull(random, b[:]); err != nil {
		return nil, fmt.Errorf("draw a serial number: %w", err)
	}
	b[0] = b[0]&0x7f | 0x40
	return new(big.Int).SetBytes(b[:]), nil
}

func checkOrg(org string) error {
	switch {
	case strings.TrimSpace(org) == "":
		return errors.New("the organisation has no name")
	case len(org) > maxOrgName:
		return fmt.Errorf("the organisation's name has %d bytes, at most %d fit", len(org), maxOrgName)
	case !utf8.ValidString(org) || strings.ContainsFunc(org, func(r rune) bool { return !unicode.IsPrint(r) }):
		return errors.New("the organisation's name has characters that do not print")
	}
	return nil
}

// validHost accepts letters, digits and inner hyphens in labels of at most 63, 253 in all.
func validHost(n string) bool {
	if n == "" || len(n) > 253 || !bytes.ContainsFunc([]byte(n), unicode.IsLetter) {
		return false
	}
	return !slices.ContainsFunc(strings.Split(n, "."), func(label string) bool {
		return label == "" || len(label) > 63 || label[0] == '-' || label[len(label)-1] == '-' ||
			strings.ContainsFunc(label, func(r rune) bool {
				return (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && (r < '0' || r > '9') && r != '-'
			})
	})
}
