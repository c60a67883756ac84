package trust

import (
	"bytes"
	"crypto/ed25519"
	"crypto/hpke"
	"fmt"
	"slices"

	"visavis/models"
)

// Sizes of an HPKE public key and of a 32-byte secret sealed to it.
const (
	BoxKeySize = 1216
	BoxSize    = 1168
)

// fieldPrime is 2^255 - 19, little-endian as in a key.
var fieldPrime = [32]byte{0: 0xed, 31: 0x7f, 1: 0xff, 2: 0xff, 3: 0xff, 4: 0xff, 5: 0xff, 6: 0xff, 7: 0xff, 8: 0xff, 9: 0xff, 10: 0xff,
	11: 0xff, 12: 0xff, 13: 0xff, 14: 0xff, 15: 0xff, 16: 0xff, 17: 0xff, 18: 0xff, 19: 0xff, 20: 0xff, 21: 0xff, 22: 0xff, 23: 0xff,
	24: 0xff, 25: 0xff, 26: 0xff, 27: 0xff, 28: 0xff, 29: 0xff, 30: 0xff}

// smallOrder are the y coordinates of the points whose order divides 8, little-endian. Under such a key a signature
// can be made that fits many messages.
var smallOrder = [][32]byte{
	{},     // order 4
	{0: 1}, // order 1
	{0: 0xec, 31: 0x7f, 1: 0xff, 2: 0xff, 3: 0xff, 4: 0xff, 5: 0xff, 6: 0xff, 7: 0xff, 8: 0xff, 9: 0xff, 10: 0xff, 11: 0xff, 12: 0xff,
		13: 0xff, 14: 0xff, 15: 0xff, 16: 0xff, 17: 0xff, 18: 0xff, 19: 0xff, 20: 0xff, 21: 0xff, 22: 0xff, 23: 0xff, 24: 0xff, 25: 0xff,
		26: 0xff, 27: 0xff, 28: 0xff, 29: 0xff, 30: 0xff}, // order 2
	{0x26, 0xe8, 0x95, 0x8f, 0xc2, 0xb2, 0x27, 0xb0, 0x45, 0xc3, 0xf4, 0x89, 0xf2, 0xef, 0x98, 0xf0,
		0xd5, 0xdf, 0xac, 0x05, 0xd3, 0xc6, 0x33, 0x39, 0xb1, 0x38, 0x02, 0x88, 0x6d, 0x53, 0xfc, 0x05}, // order 8
	{0xc7, 0x17, 0x6a, 0x70, 0x3d, 0x4d, 0xd8, 0x4f, 0xba, 0x3c, 0x0b, 0x76, 0x0d, 0x10, 0x67, 0x0f,
		0x2a, 0x20, 0x53, 0xfa, 0x2c, 0x39, 0xcc, 0xc6, 0x4e, 0xc7, 0xfd, 0x77, 0x92, 0xac, 0x03, 0x7a}, // order 8
}

// CheckSigningKey refuses, with ErrKey, what crypto/ed25519 accepts and should not: keys of small order and keys that are not
// the one encoding of their point.
func CheckSigningKey(key ed25519.PublicKey) error {
	if len(key) != ed25519.PublicKeySize {
		return fmt.Errorf("%w: %d bytes", ErrKey, len(key))
	}
	y := [32]byte(key)
	y[31] &= 0x7f
	if !lessLittleEndian(y, fieldPrime) {
		return fmt.Errorf("%w: not canonical", ErrKey)
	}
	if slices.Contains(smallOrder, y) {
		return fmt.Errorf("%w: small order", ErrKey)
	}
	return nil
}

func lessLittleEndian(a, b [32]byte) bool {
	slices.Reverse(a[:])
	slices.Reverse(b[:])
	return bytes.Compare(a[:], b[:]) < 0
}

// BoxKey is a person's HPKE public key (MLKEM768-X25519, 1,216 bytes), to which generations are sealed.
type BoxKey struct {
	_   struct{} `cbor:",toarray"`
	ID  models.Hash
	Key []byte
}

// NewBoxKey names a public key.
func NewBoxKey(key []byte) BoxKey { return BoxKey{ID: LabelBoxKey.Hash(key), Key: key} }

// Check refuses, with ErrKey, a key under a wrong id and a key to which nothing can be sealed.
func (k BoxKey) Check() error {
	if len(k.Key) != BoxKeySize || k.ID != LabelBoxKey.Hash(k.Key) {
		return fmt.Errorf("%w: box key of %d bytes", ErrKey, len(k.Key))
	}
	pub, err := hpke.MLKEM768X25519().NewPublicKey(k.Key)
	if err != nil {
		return fmt.Errorf("%w: %v", ErrKey, err)
	}
	if _, err := hpke.Seal(pub, hpke.HKDFSHA256(), hpke.AES256GCM(), nil, nil); err != nil {
		return fmt.Errorf("%w: %v", ErrKey, err)
	}
	return nil
}

// RootFingerprint names the organisation's root key in invites, vaults and on the root sheet.
func RootFingerprint(root ed25519.PublicKey) models.Hash { return LabelRoot.Hash(root) }
