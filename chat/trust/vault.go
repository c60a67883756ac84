package trust

import (
	"crypto/ed25519"
	"fmt"

	"visavis/models"
	"visavis/models/canon"
)

// SealedVault is a stored version of a person's vault, as everybody reads it who has no key: chat/e2e seals and opens it.
type SealedVault struct {
	_ struct{} `cbor:",toarray"`
	Header
	Account models.AccountID
	Number  uint64
	Prev    models.Hash
	Clear   VaultClear
	Body    []byte // token
	Ext     Ext
}

// VaultClear is what stands outside the body's token, besides version and place; the body holds its hash.
type VaultClear struct {
	_            struct{}    `cbor:",toarray"`
	Pepper       models.Hash // PepperID
	Wrapped      []byte      // token: the vault key under the wrapping key
	RecoveryKey  []byte      // HPKE public key that the phrase derives
	RecoverySign []byte      // Ed25519 public key that the phrase derives
	RecoveryBox  []byte      // the vault key sealed to RecoveryKey
}

// Hash is over everything outside that the body does not repeat word for word.
func (c VaultClear) Hash(ext Ext) models.Hash {
	return LabelVaultClear.Hash(canon.MustMarshal(c), canon.MustMarshal(ext))
}

// Recoverer is the key under which a phrase asks for the vault; ErrKey when there is none.
func (c VaultClear) Recoverer() (ed25519.PublicKey, error) {
	if err := CheckSigningKey(c.RecoverySign); err != nil {
		return nil, fmt.Errorf("the phrase's key: %w", err)
	}
	return c.RecoverySign, nil
}

// OpenSealedVault checks the form of a stored version, of at most max bytes, and that it stands where it says: nothing of it is proven.
func OpenSealedVault(stored models.Vault, max int) (SealedVault, error) {
	var s SealedVault
	if err := Decode(stored.Body, max, &s); err != nil {
		return SealedVault{}, err
	}
	if err := s.Header.Check(LabelVault); err != nil {
		return SealedVault{}, err
	}
	if err := s.Ext.Check(); err != nil {
		return SealedVault{}, err
	}
	if s.Account != stored.Account || s.Number != stored.Version || s.Prev != stored.Prev {
		return SealedVault{}, fmt.Errorf("not where it belongs: %w", ErrFormat)
	}
	return s, nil
}
