package login

import (
	"bytes"
	"context"
	"errors"
	"fmt"

	"visavis/chat/trust"
	"visavis/models"
)

// The errors of a vault that is not taken beside models.ErrConflict, which says that it does not follow the stored one.
var (
	ErrVault       = errors.New("not a vault of this account")
	ErrOtherPhrase = errors.New("a vault with other recovery keys: a phrase is replaced by a recovery alone")
)

// follows says that a vault is the version after the stored one, and names it.
func follows(stored, next models.Vault) bool {
	return next.Account == stored.Account && next.Version == stored.Version+1 && next.Prev == trust.LabelVault.Hash(stored.Body)
}

// PutVault stores the next version of an account's vault, and returns the one before.
func (s *Service) PutVault(ctx context.Context, next models.Vault) (stored models.Vault, err error) {
	if stored, err = s.before(ctx, next); err != nil {
		return stored, err
	}
	return stored, s.store.PutVault(ctx, stored, next)
}

// before returns the stored vault that next may take the place of. Whoever has somebody's session for a while, at an open or a stolen desk, would have a
// phrase of his own for later: so the recovery keys stay.
func (s *Service) before(ctx context.Context, next models.Vault) (models.Vault, error) {
	if len(next.Body) == 0 || len(next.Body) > MaxVault {
		return models.Vault{}, ErrVault
	}
	stored, err := s.store.VaultOf(ctx, next.Account)
	if err != nil {
		return models.Vault{}, err
	}
	if err := keepsPhrase(stored, next); err != nil {
		return models.Vault{}, err
	}
	if !follows(stored, next) {
		return models.Vault{}, models.ErrConflict
	}
	return stored, nil
}

func keepsPhrase(stored, next models.Vault) error {
	was, none := trust.OpenSealedVault(stored, MaxVault)
	if none != nil {
		return nil // nobody recovers that
	}
	is, err := trust.OpenSealedVault(next, MaxVault)
	if err != nil {
		return fmt.Errorf("%w: %w", ErrVault, err)
	}
	if !bytes.Equal(was.Clear.RecoverySign, is.Clear.RecoverySign) || !bytes.Equal(was.Clear.RecoveryKey, is.Clear.RecoveryKey) {
		return ErrOtherPhrase
	}
	return nil
}

// putPassword replaces the record that user was found with and the stored vault, or neither.
func (s *Service) putPassword(ctx context.Context, user models.User, stored models.Vault, record []byte, next models.Vault) error {
	return s.store.PutPassword(ctx, models.Password{Record: user.Record, Suite: user.Suite, Vault: stored},
		models.Password{Record: record, Suite: uint8(s.passwords.Params().Suite), Vault: next})
}
