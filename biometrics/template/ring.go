package template

import (
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"slices"

	"visavis/models/canon"
)

// MaxKeys bounds a ring.
const MaxKeys = 64

// ErrRing says that the bytes are no key ring, or that a ring holds no key.
var ErrRing = errors.New("no usable key ring")

// KeyID names a key of a ring: 16 random bytes. It stands in clear text beside what the key sealed.
type KeyID [16]byte

// String gives the id in hex.
func (id KeyID) String() string { return hex.EncodeToString(id[:]) }

// Short gives its beginning, for logs.
func (id KeyID) Short() string { return id.String()[:8] }

type ringKey struct {
	_      struct{} `cbor:",toarray"`
	ID     KeyID
	Secret [32]byte
}

type ringFile struct {
	_       struct{} `cbor:",toarray"`
	Version uint8
	Type    string
	Keys    []ringKey
}

const ringType = "template-ring"

// Ring is the server's keys for templates, the newest first: the newest seals, all open. It is immutable, safe for concurrent use, and
// prints redacted. The zero Ring seals and opens nothing.
type Ring struct{ keys []ringKey }

// NewRing makes a ring of one key, drawn from random, which is crypto/rand.Reader when nil.
func NewRing(random io.Reader) (Ring, error) { return Ring{}.Renewed(random) }

// Renewed returns a ring that has a fresh key in front of r's.
func (r Ring) Renewed(random io.Reader) (Ring, error) {
	if random == nil {
		random = rand.Reader
	}
	var k ringKey
	if _, err := io.ReadFull(random, k.ID[:]); err != nil {
		return Ring{}, fmt.Errorf("draw a key id: %w", err)
	}
	if _, err := io.ReadFull(random, k.Secret[:]); err != nil {
		return Ring{}, fmt.Errorf("draw a key: %w", err)
	}
	return checked(append([]ringKey{k}, r.keys...))
}

// IDs returns the ids of the keys, the newest first.
func (r Ring) IDs() []KeyID {
	ids := make([]KeyID, len(r.keys))
	for i, k := range r.keys {
		ids[i] = k.ID
	}
	return ids
}

// Without returns a ring that lacks the keys named. The newest key stays: without it, it is ErrRing.
func (r Ring) Without(ids ...KeyID) (Ring, error) {
	if len(r.keys) == 0 || slices.Contains(ids, r.keys[0].ID) {
		return Ring{}, fmt.Errorf("%w: the newest key stays", ErrRing)
	}
	return checked(slices.DeleteFunc(slices.Clone(r.keys), func(k ringKey) bool { return slices.Contains(ids, k.ID) }))
}

// ParseRing reads what Encode wrote.
func ParseRing(b []byte) (Ring, error) {
	var f ringFile
	if err := canon.Unmarshal(b, &f); err != nil {
		return Ring{}, fmt.Errorf("%w: %w", ErrRing, err)
	}
	if f.Version != 1 || f.Type != ringType {
		return Ring{}, fmt.Errorf("%w: version %d, type %q", ErrRing, f.Version, f.Type)
	}
	return checked(f.Keys)
}

// checked refuses a ring that is empty or too long, that names two keys alike, or that holds a key of zeros.
func checked(keys []ringKey) (Ring, error) {
	if len(keys) == 0 || len(keys) > MaxKeys {
		return Ring{}, fmt.Errorf("%w: %d keys", ErrRing, len(keys))
	}
	seen := map[KeyID]bool{}
	for _, k := range keys {
		if seen[k.ID] || k.ID == (KeyID{}) || k.Secret == [32]byte{} {
			return Ring{}, fmt.Errorf("%w: a key without its own id or secret", ErrRing)
		}
		seen[k.ID] = true
	}
	return Ring{keys}, nil
}

// Encode returns the ring's key file, in clear: its owner keeps it secret, outside the database. The zero Ring gives nil.
func (r Ring) Encode() []byte {
	if len(r.keys) == 0 {
		return nil
	}
	return canon.MustMarshal(ringFile{Version: 1, Type: ringType, Keys: r.keys})
}

// find returns the key of that id.
func (r Ring) find(id KeyID) (ringKey, bool) {
	for _, k := range r.keys {
		if k.ID == id {
			return k, true
		}
	}
	return ringKey{}, false
}

const redacted = "ring(redacted)"

func (Ring) String() string   { return redacted }
func (Ring) GoString() string { return redacted }

// Format keeps every verb from printing the keys.
func (Ring) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, redacted) }

// MarshalText keeps JSON, TOML and slog from printing the keys.
func (Ring) MarshalText() ([]byte, error) { return []byte(redacted), nil }
