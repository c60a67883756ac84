package fernet

import (
	"crypto/hkdf"
	"crypto/rand"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
)

// KeySize is the length of a key: 16 bytes that sign and 16 that encrypt.
const KeySize = 32

// ErrKey says that a key is missing, of the wrong length, or zero: the zero Key, and a wiped one, seals and opens nothing.
var ErrKey = errors.New("no usable key")

// Key is a Fernet key. It prints redacted, in text formats too; its binary form ([Key.MarshalBinary]) is the key itself. Copies are
// separate: wipe each.
type Key struct{ b [KeySize]byte }

// NewKey draws a key from random, which is crypto/rand.Reader when nil.
func NewKey(random io.Reader) (Key, error) {
	if random == nil {
		random = rand.Reader
	}
	var b [KeySize]byte
	defer clear(b[:])
	if _, err := io.ReadFull(random, b[:]); err != nil {
		return Key{}, fmt.Errorf("draw a key: %w", err)
	}
	return KeyFrom(b[:])
}

// KeyFrom makes a key of a secret of 32 bytes, which it copies. The zero secret is refused.
func KeyFrom(secret []byte) (Key, error) {
	if len(secret) != KeySize {
		return Key{}, fmt.Errorf("%w: %d bytes, want %d", ErrKey, len(secret), KeySize)
	}
	k := Key{[KeySize]byte(secret)}
	if k.IsZero() {
		return Key{}, fmt.Errorf("%w: all bytes are zero", ErrKey)
	}
	return k, nil
}

// Derive makes the key for one purpose: HKDF-SHA256 of the secret with info = label ‖ 0x00 ‖ context and no salt. The context is
// a canonical encoding of what the key is bound to. A secret of fewer than 16 bytes is refused.
func Derive(secret []byte, label string, context []byte) (Key, error) {
	if len(secret) < 16 {
		return Key{}, fmt.Errorf("derive %s: %w: a secret of %d bytes", label, ErrKey, len(secret))
	}
	b, err := hkdf.Key(sha256.New, secret, nil, label+"\x00"+string(context), KeySize)
	if err != nil {
		return Key{}, fmt.Errorf("derive %s: %w", label, err)
	}
	defer clear(b)
	return KeyFrom(b)
}

// IsZero says whether k is no key: never set, or wiped.
func (k Key) IsZero() bool { return k == Key{} }

// Wipe overwrites this copy of the key.
func (k *Key) Wipe() { clear(k.b[:]) }

// MarshalBinary returns the 32 bytes of the key, for who seals it in turn. The zero Key is refused.
func (k Key) MarshalBinary() ([]byte, error) {
	if k.IsZero() {
		return nil, ErrKey
	}
	return append([]byte(nil), k.b[:]...), nil
}

// UnmarshalBinary reads what MarshalBinary wrote.
func (k *Key) UnmarshalBinary(b []byte) error {
	read, err := KeyFrom(b)
	if err != nil {
		return err
	}
	*k = read
	return nil
}

const redacted = "key(redacted)"

func (Key) String() string   { return redacted }
func (Key) GoString() string { return redacted }

// Format keeps every verb from printing the key.
func (Key) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, redacted) }

// MarshalText keeps JSON, TOML and slog from printing the key.
func (Key) MarshalText() ([]byte, error) { return []byte(redacted), nil }
