package e2e

import (
	"bytes"
	"crypto/ed25519"
	"crypto/hpke"
	"fmt"
	"io"
	"slices"
	"sync"

	"visavis/chat/trust"
	"visavis/models"
)

const redacted = "(redacted)"

// seedSize is the length of the seeds that both kinds of private keys are kept as.
const seedSize = 32

// Keys are a person's private keys: those that the directory lists and, while others are to come after them, those too. They print redacted.
// Safe for concurrent use until Wipe.
type Keys struct {
	mu      sync.Mutex
	signing ed25519.PrivateKey
	boxes   []boxKey             // the first is the one that others seal to; the rest open what is old
	desks   []models.DeskID      // that have seen the present keys, sorted
	next    *nextKeys            // nil when none are to come
	past    []ed25519.PrivateKey // what others came after in this session: somebody may be signing
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
		b, err := newBoxKey(seed)
		if err != nil {
			return nil, err
		}
		k.boxes = append(k.boxes, b)
	}
	return k, nil
}

// newBoxKey copies the seed.
func newBoxKey(seed []byte) (boxKey, error) {
	private, err := hpke.MLKEM768X25519().NewPrivateKey(seed)
	if err != nil {
		return boxKey{}, fmt.Errorf("box key: %w", err)
	}
	return boxKey{bytes.Clone(seed), private, trust.NewBoxKey(private.PublicKey().Bytes())}, nil
}

// Signing returns the Ed25519 key, for chat/trust's builders. It is not a copy: Wipe overwrites it.
func (k *Keys) Signing() ed25519.PrivateKey {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.signing
}

// Public returns the public halves, for a sign-up bundle.
func (k *Keys) Public() (ed25519.PublicKey, []trust.BoxKey) {
	k.mu.Lock()
	defer k.mu.Unlock()
	return public(k.signing, k.boxes[0])
}

func public(signing ed25519.PrivateKey, box boxKey) (ed25519.PublicKey, []trust.BoxKey) {
	return signing.Public().(ed25519.PublicKey), []trust.BoxKey{box.public}
}

// Are says whether id lists exactly these keys.
func (k *Keys) Are(id trust.Identity) bool {
	k.mu.Lock()
	defer k.mu.Unlock()
	return areListed(id, k.signing, k.boxes[0])
}

func areListed(id trust.Identity, signing ed25519.PrivateKey, box boxKey) bool {
	key, boxes := public(signing, box)
	return key.Equal(id.Signing) && len(id.Boxes) == 1 && id.Boxes[0].ID == boxes[0].ID
}

// open opens an HPKE box made for one of the keys; false when it is for none, or broken.
func (k *Keys) open(key models.Hash, info, sealed []byte) ([]byte, bool) {
	k.mu.Lock()
	defer k.mu.Unlock()
	boxes := k.boxes
	if k.next != nil { // the directory may list it before this desk has read so
		boxes = append(slices.Clip(boxes), k.next.box)
	}
	for _, b := range boxes {
		if b.public.ID == key && b.private != nil {
			plain, err := hpke.Open(b.private, hpke.HKDFSHA256(), hpke.AES256GCM(), info, sealed)
			return plain, err == nil
		}
	}
	return nil, false
}

// Wipe overwrites what it can reach; the keys open and sign nothing afterwards. Go may have made copies.
func (k *Keys) Wipe() {
	k.mu.Lock()
	defer k.mu.Unlock()
	clear(k.signing)
	for i := range k.boxes {
		k.boxes[i].wipe()
	}
	for _, old := range k.past {
		clear(old)
	}
	k.next.wipe()
}

func (b *boxKey) wipe() {
	clear(b.seed)
	b.private = nil
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
