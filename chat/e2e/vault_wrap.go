package e2e

import (
	"bytes"
	"crypto/ed25519"
	"fmt"
	"io"
	"time"

	"visavis/chat/fernet"
	"visavis/chat/trust"
	"visavis/models"
	"visavis/models/canon"
)

// wraps are a vault key and what stands outside the body to open it with.
type wraps struct {
	key   []byte
	clear trust.VaultClear
}

// newWraps draws a vault key and wraps it under u and to the phrase's key, of which the public halves are enough.
func newWraps(of person, u Unlock, recovery, sign []byte, random io.Reader, at time.Time) (wraps, error) {
	w := wraps{key: make([]byte, fernet.KeySize), clear: trust.VaultClear{Pepper: trust.PepperID(u.Pepper), RecoveryKey: recovery, RecoverySign: sign}}
	if _, err := io.ReadFull(random, w.key); err != nil {
		return wraps{}, err
	}
	plain := canon.MustMarshal(wrappedKey{Header: trust.NewHeader(trust.LabelVaultKey, of.Org), Account: of.Account, Pepper: w.clear.Pepper, Key: w.key})
	defer clear(plain)
	wrapping, err := u.wrapping(of)
	if err != nil {
		return wraps{}, err
	}
	defer wrapping.Wipe()
	if w.clear.Wrapped, err = fernet.Seal(plain, wrapping, at); err != nil {
		return wraps{}, err
	}
	w.clear.RecoveryBox, err = seal(recovery, recoveryInfo(of), plain)
	return w, err
}

// Pepper is the id of the pepper that the vault is wrapped under.
func (v *Vault) Pepper() models.Hash { return v.clear.Pepper }

// take makes the wraps the vault's.
func (v *Vault) take(w wraps) {
	if !bytes.Equal(v.key, w.key) {
		clear(v.key)
	}
	v.key, v.clear = w.key, w.clear
}

// SealVault seals the next version under a new vault key, drawn from random and wrapped under u and to phrase: at sign-up and recovery. Call
// Saved once the server has stored it.
func SealVault(v *Vault, u Unlock, phrase Phrase, random io.Reader, at time.Time) (models.Vault, error) {
	fail := func(err error) (models.Vault, error) { return models.Vault{}, fmt.Errorf("seal vault: %w", err) }
	of := person{Org: v.Org, Account: v.Account}
	box, sign, err := phrase.recoveryKeys(of)
	if err != nil {
		return fail(err)
	}
	defer clear(sign)
	w, err := newWraps(of, u, box.PublicKey().Bytes(), sign.Public().(ed25519.PublicKey), random, at)
	if err != nil {
		return fail(err)
	}
	v.take(w)
	return v.Reseal(at)
}

// Rewrap seals the next version under a new vault key, drawn from random and wrapped under u, for another password, and to the same phrase. The
// vault stays under the key that it has until Saved; what opened it opens no version from then on.
func (v *Vault) Rewrap(u Unlock, random io.Reader, at time.Time) (models.Vault, error) {
	w, err := newWraps(person{Org: v.Org, Account: v.Account}, u, v.clear.RecoveryKey, v.clear.RecoverySign, random, at)
	if err != nil {
		return models.Vault{}, fmt.Errorf("seal vault: %w", err)
	}
	return v.seal(w, at)
}
