package pake

import (
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha512"
	"fmt"
	"io"

	"github.com/bytemare/ecc"
	"github.com/bytemare/opaque"

	"visavis/models/canon"
)

const redacted = "(redacted)"

// SessionKey is what both sides share after a right password; a session's reconnects are proven under it.
type SessionKey [64]byte

// ExportKey is known to the desk alone. With the desks' pepper it opens the person's vault.
type ExportKey [64]byte

// Format keeps every verb from printing the key.
func (SessionKey) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, "session key "+redacted) }

// Format keeps every verb from printing the key.
func (ExportKey) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, "export key "+redacted) }

// MarshalText keeps encoders of text from writing the key.
func (SessionKey) MarshalText() ([]byte, error) { return []byte(redacted), nil }

// MarshalText keeps encoders of text from writing the key.
func (ExportKey) MarshalText() ([]byte, error) { return []byte(redacted), nil }

// Secrets are what the server needs to answer: whoever holds them can guess passwords offline, so they stand beside the
// template key ring and never in the database. The zero value is refused by NewServer.
type Secrets struct {
	seed [64]byte // of the OPRF keys
	ake  [32]byte // the server's long-term scalar
	mac  [32]byte // of credential ids, and of what unknown names are answered
}

// Format keeps every verb from printing the secrets.
func (Secrets) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, "password secrets "+redacted) }

// MarshalText keeps encoders of text from writing the secrets.
func (Secrets) MarshalText() ([]byte, error) { return []byte(redacted), nil }

// NewSecrets draws secrets from random, which is crypto/rand.Reader when nil.
func NewSecrets(random io.Reader) (Secrets, error) {
	if random == nil {
		random = rand.Reader
	}
	var s Secrets
	var wide [64]byte
	for _, b := range [][]byte{s.seed[:], s.mac[:], wide[:]} {
		if _, err := io.ReadFull(random, b); err != nil {
			return Secrets{}, fmt.Errorf("draw password secrets: %w", err)
		}
	}
	copy(s.ake[:], scalar(wide[:], "visavis/v1/opaque/ake").Encode())
	return s, nil
}

// scalar maps 64 uniform bytes to a scalar of the group; label keeps uses apart.
func scalar(uniform []byte, label string) *ecc.Scalar {
	return group.Group().HashToScalar(uniform, []byte(label))
}

const secretsVersion = 1

type secretsFile struct {
	_              struct{} `cbor:",toarray"`
	Version        uint8
	Seed, AKE, MAC []byte
}

// Encode returns the secrets as the content of a file that only the server's user may read.
func (s Secrets) Encode() []byte {
	return canon.MustMarshal(secretsFile{Version: secretsVersion, Seed: s.seed[:], AKE: s.ake[:], MAC: s.mac[:]})
}

// DecodeSecrets reads what Encode wrote and nothing else.
func DecodeSecrets(b []byte) (Secrets, error) {
	var f secretsFile
	if err := canon.Unmarshal(b, &f); err != nil {
		return Secrets{}, fmt.Errorf("%w: damaged encoding", ErrSecrets)
	}
	var s Secrets
	if f.Version != secretsVersion || len(f.Seed) != len(s.seed) || len(f.AKE) != len(s.ake) || len(f.MAC) != len(s.mac) {
		return Secrets{}, fmt.Errorf("%w: version %d", ErrSecrets, f.Version)
	}
	copy(s.seed[:], f.Seed)
	copy(s.ake[:], f.AKE)
	copy(s.mac[:], f.MAC)
	if _, err := s.keyMaterial(nil); err != nil {
		return Secrets{}, err
	}
	return s, nil
}

// keyMaterial turns the secrets into the library's type.
func (s Secrets) keyMaterial(identity []byte) (*opaque.ServerKeyMaterial, error) {
	if s == (Secrets{}) {
		return nil, fmt.Errorf("%w: they are empty", ErrSecrets)
	}
	g := group.Group()
	sk, err := opaque.DeserializeScalar(g, s.ake[:])
	if err != nil {
		return nil, fmt.Errorf("%w: the long-term key is damaged", ErrSecrets)
	}
	return &opaque.ServerKeyMaterial{
		PrivateKey:     sk,
		PublicKeyBytes: g.Base().Multiply(sk).Encode(),
		OPRFGlobalSeed: append([]byte(nil), s.seed[:]...),
		Identity:       identity,
	}, nil
}

// derive returns n bytes that belong to name and label; the same for the same secrets, for ever.
func (s Secrets) derive(label, name string, n int) []byte {
	m := hmac.New(sha512.New, s.mac[:])
	m.Write([]byte(label))
	m.Write([]byte{0})
	m.Write([]byte(name))
	if n <= m.Size() {
		return m.Sum(nil)[:n]
	}
	out, err := hkdf.Expand(sha512.New, m.Sum(nil), label, n)
	if err != nil {
		panic("pake: derive " + label + ": " + err.Error()) // n is a constant of this package
	}
	return out
}
