package pki

import (
	"crypto/ed25519"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
)

const (
	pemCertificate = "CERTIFICATE"
	pemKey         = "PRIVATE KEY"
	maxPEM         = 1 << 16
)

// Encode returns the authority as PEM: its private key, then its certificate. It is a secret.
func (a *Authority) Encode() ([]byte, error) { return encode(a.key, a.cert.Raw) }

// ParseAuthority reads what Encode wrote.
func ParseAuthority(b []byte) (*Authority, error) {
	key, chain, err := decode(b)
	if err != nil {
		return nil, fmt.Errorf("read the certificate authority: %w", err)
	}
	if len(chain) != 1 {
		return nil, fmt.Errorf("read the certificate authority: %d certificates, want 1", len(chain))
	}
	return newAuthority(chain[0], key)
}

// NewCertificate puts a key and its certificate together, the chain's leaf first. A server's chain ends in the authority's own
// certificate, since a desk knows that by its fingerprint only; a desk's is its leaf alone.
func NewCertificate(key ed25519.PrivateKey, chain ...[]byte) (tls.Certificate, error) {
	if len(chain) == 0 {
		return tls.Certificate{}, fmt.Errorf("put a certificate together: %w", ErrNoPeer)
	}
	leaf, err := x509.ParseCertificate(chain[0])
	if err != nil {
		return tls.Certificate{}, fmt.Errorf("put a certificate together: %w", err)
	}
	pub, ok := leaf.PublicKey.(ed25519.PublicKey)
	switch {
	case !ok || len(key) != ed25519.PrivateKeySize:
		return tls.Certificate{}, fmt.Errorf("put a certificate together: %w", ErrKeyType)
	case !pub.Equal(key.Public()):
		return tls.Certificate{}, fmt.Errorf("put a certificate together: %w", ErrMismatch)
	}
	return tls.Certificate{Certificate: chain, PrivateKey: key, Leaf: leaf}, nil
}

// EncodeCertificate returns a key and its chain as PEM. It is a secret.
func EncodeCertificate(c tls.Certificate) ([]byte, error) {
	key, ok := c.PrivateKey.(ed25519.PrivateKey)
	if !ok {
		return nil, fmt.Errorf("write a certificate: %w", ErrKeyType)
	}
	return encode(key, c.Certificate...)
}

// ParseCertificate reads what EncodeCertificate wrote.
func ParseCertificate(b []byte) (tls.Certificate, error) {
	key, chain, err := decode(b)
	if err != nil {
		return tls.Certificate{}, fmt.Errorf("read a certificate: %w", err)
	}
	return NewCertificate(key, chain...)
}

func encode(key ed25519.PrivateKey, chain ...[]byte) ([]byte, error) {
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return nil, fmt.Errorf("write a key: %w", err)
	}
	out := pem.EncodeToMemory(&pem.Block{Type: pemKey, Bytes: der})
	for _, c := range chain {
		out = append(out, pem.EncodeToMemory(&pem.Block{Type: pemCertificate, Bytes: c})...)
	}
	return out, nil
}

// decode wants one key, then certificates, and nothing else.
func decode(b []byte) (ed25519.PrivateKey, [][]byte, error) {
	if len(b) > maxPEM {
		return nil, nil, fmt.Errorf("%d bytes, at most %d expected", len(b), maxPEM)
	}
	var key ed25519.PrivateKey
	var chain [][]byte
	for len(b) > 0 {
		block, rest := pem.Decode(b)
		if block == nil || len(block.Headers) > 0 {
			return nil, nil, errors.New("not PEM, or more than PEM")
		}
		switch {
		case key == nil && block.Type == pemKey:
			k, err := x509.ParsePKCS8PrivateKey(block.Bytes)
			if err != nil {
				return nil, nil, errors.New("the private key is damaged") // the parser's error may quote the key
			}
			ek, ok := k.(ed25519.PrivateKey)
			if !ok {
				return nil, nil, ErrKeyType
			}
			key = ek
		case key != nil && block.Type == pemCertificate:
			chain = append(chain, block.Bytes)
		default:
			return nil, nil, fmt.Errorf("unexpected %q: want one %s, then %s", block.Type, pemKey, pemCertificate)
		}
		b = rest
	}
	if key == nil || len(chain) == 0 {
		return nil, nil, fmt.Errorf("want one %s, then %s", pemKey, pemCertificate)
	}
	return key, chain, nil
}
