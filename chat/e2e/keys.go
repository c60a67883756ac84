package e2e

import (
	"crypto/ed25519"
	"crypto/hpke"
	"fmt"
	"io"
	"slices"

	"visavis/chat/trust"
	"visavis/models"
)

const redacted = "(redacted)"

// seedSize is the length of the seeds that both kinds of private keys are kept as.
const seedSize = 32

// Keys are a person's private keys. They print redacted. Safe for concurrent use until Wipe.
type Keys struct {
	signing ed25519.PrivateKey
	boxes   []boxKey // the first is the one that others seal to; the rest open what is old
}

type boxKey struct {
	seed    []byte
	private hpke.PrivateKey
	public  trust.BoxKey
}

// NewKeys draws a person's keys from random.
func NewKeys(random io.Reader) (*Keys, error) {
	var seeds [2 * seedSize]byte
	defer clear(seeds[:])
	if _, err := io.ReadFull(random, seeds[:]); err != nil {
		return nil, fmt.Errorf("draw keys: %w", err)
	}
	return keysFrom(seeds[:seedSize], [][]byte{seeds[seedSize:]})
}

func keysFrom(signing []byte, boxes [][]byte) (*Keys, error) {
	if len(signing) != seedSize || len(boxes) == 0 {
		return nil, fmt.Errorf("keys: %w", ErrFormat)
	}
	k := &Keys{signing: ed25519.NewKeyFromSeed(signing)}
	for _, seed := range boxes {
		private, err := hpke.MLKEM768X25519().NewPrivateKey(seed)
		if err != nil {
			return nil, fmt.Errorf("box key: %w", err)
		}
		k.boxes = append(k.boxes, boxKey{append([]byte(nil), seed...), private, trust.NewBoxKey(private.PublicKey().Bytes())})
	}
	return k, nil
}

// Signing returns the Ed25519 key, for chat/trust's builders. It is not a copy: Wipe overwrites it.
func (k *Keys) Signing() ed25519.PrivateKey { return k.signing }

// Public returns the public halves, for a sign-up bundle.
func (k *Keys) Public() (ed25519.PublicKey, []trust.BoxKey) {
	return k.signing.Public().(ed25519.PublicKey), []trust.BoxKey{k.boxes[0].public}
}

// Are says whether id lists exactly these keys.
func (k *Keys) Are(id trust.Identity) bool {
	signing, boxes := k.Public()
	return signing.Equal(id.Signing) && len(id.Boxes) == 1 && id.Boxes[0].ID == boxes[0].ID
}

// equal says whether both hold the same keys.
func (k *Keys) equal(other *Keys) bool {
	return k.signing.Equal(other.signing) &&
		slices.EqualFunc(k.boxes, other.boxes, func(a, b boxKey) bool { return a.public.ID == b.public.ID })
}

// open opens an HPKE box made for one of the keys; false when it is for none, or broken.
func (k *Keys) open(key models.Hash, info, sealed []byte) ([]byte, bool) {
	for _, b := range k.boxes {
		if b.public.ID == key && b.private != nil {
			plain, err := hpke.Open(b.private, hpke.HKDFSHA256(), hpke.AES256GCM(), info, sealed)
			return plain, err == nil
		}
	}
	return nil, false
}

// Wipe overwrites what it can reach; the keys open and sign nothing afterwards. Go may have made copies.
func (k *Keys) Wipe() {
	clear(k.signing)
	for i := range k.boxes {
		clear(k.boxes[i].seed)
		k.boxes[i].private = nil
	}
}

func (k *Keys) String() string   { return "keys" + redacted }
func (k *Keys) GoString() string { return k.String() }

// Format keeps every verb from printing them.
func (k *Keys) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, k.String()) }

// MarshalText keeps JSON, TOML and slog from printing them.
func (k *Keys) MarshalText() ([]byte, error) { return []byte(k.String()), nil }

func seal(pub, info, plain []byte) ([]byte, error) {
	key, err := hpke.MLKEM768X25519().NewPublicKey(pub)
	if err != nil {
		return nil, err
	}
	return hpke.Seal(key, hpke.HKDFSHA256(), hpke.AES256GCM(), info, plain)
}
