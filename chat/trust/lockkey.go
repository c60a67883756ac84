package trust

import (
	"crypto/hpke"
	"errors"
	"fmt"

	"visavis/models"
	"visavis/models/canon"
)

// LockPlace is the locked session that a lock's key is of.
type LockPlace struct {
	_       struct{} `cbor:",toarray"`
	Org     models.OrgID
	Account models.AccountID
	Session models.SessionID
}

// LockCarrier is a server's key that one lock's key is sent to, and that the server forgets then. What a desk keeps in memory for its
// connection opens all that ever went over it; with a carrier in between, it does not open the lock's key.
type LockCarrier struct{ private hpke.PrivateKey }

// ErrLockKey says that a lock's key did not come as it has to.
var ErrLockKey = errors.New("not a lock's key")

// NewLockCarrier draws one.
func NewLockCarrier() (*LockCarrier, error) {
	k, err := hpke.MLKEM768X25519().GenerateKey()
	if err != nil {
		return nil, fmt.Errorf("draw a carrier: %w", err)
	}
	return &LockCarrier{k}, nil
}

// Public is what the desk seals to.
func (c *LockCarrier) Public() []byte { return c.private.PublicKey().Bytes() }

// Open returns the lock's key; whatever is wrong is ErrLockKey.
func (c *LockCarrier) Open(sealed []byte, at LockPlace) (Secret, error) {
	if c == nil {
		return Secret{}, ErrLockKey
	}
	plain, err := hpke.Open(c.private, hpke.HKDFSHA256(), hpke.AES256GCM(), at.info(), sealed)
	if err != nil {
		return Secret{}, fmt.Errorf("%w: %w", ErrLockKey, err)
	}
	defer clear(plain)
	if len(plain) != len(Secret{}) || Secret(plain).IsZero() {
		return Secret{}, ErrLockKey
	}
	return Secret(plain), nil
}

// CarryLockKey seals a lock's key to a server's carrier.
func CarryLockKey(key Secret, carrier []byte, at LockPlace) ([]byte, error) {
	public, err := hpke.MLKEM768X25519().NewPublicKey(carrier)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrLockKey, err)
	}
	return hpke.Seal(public, hpke.HKDFSHA256(), hpke.AES256GCM(), at.info(), key[:])
}

func (p LockPlace) info() []byte { return LabelLockCarrier.prepend(canon.MustMarshal(p)) }
