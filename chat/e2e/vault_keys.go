package e2e

import (
	"bytes"
	"fmt"
	"io"

	"visavis/chat/fernet"
	"visavis/chat/trust"
	"visavis/models"
	"visavis/models/canon"
)

// Unlock is what opens a vault: the password's export key (64 bytes) and the desk's pepper.
type Unlock struct {
	Export []byte
	Pepper trust.Pepper
}

func (Unlock) String() string   { return redacted }
func (Unlock) GoString() string { return redacted }

// Format keeps every verb from printing it.
func (Unlock) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, redacted) }

// MarshalText keeps JSON, TOML and slog from printing it.
func (Unlock) MarshalText() ([]byte, error) { return []byte(redacted), nil }

type wrapContext struct {
	_       struct{} `cbor:",toarray"`
	Org     models.OrgID
	Account models.AccountID
	Pepper  models.Hash
}

func (u Unlock) wrapping(of person) (fernet.Key, error) {
	if len(u.Export) < 32 || u.Pepper.IsZero() {
		return fernet.Key{}, fmt.Errorf("%w: no export key or no pepper", ErrFormat)
	}
	secret := append(bytes.Clone(u.Export), u.Pepper[:]...)
	defer clear(secret)
	return fernet.Derive(secret, string(trust.LabelVault), canon.MustMarshal(wrapContext{Org: of.Org, Account: of.Account, Pepper: trust.PepperID(u.Pepper)}))
}

func recoveryInfo(of person) []byte {
	return append([]byte(string(trust.LabelVaultKey)+"\x00"), canon.MustMarshal(of)...)
}

// bodyKey is the key of one version's body.
func bodyKey(vaultKey []byte, of person, number uint64) (fernet.Key, error) {
	return fernet.Derive(vaultKey, string(trust.LabelVaultBody), canon.MustMarshal(struct {
		_      struct{} `cbor:",toarray"`
		Of     person
		Number uint64
	}{Of: of, Number: number}))
}
