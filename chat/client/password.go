package client

import (
	"bytes"
	"context"
	"errors"
	"fmt"

	"visavis/chat/e2e"
	"visavis/chat/pake"
	"visavis/chat/wire"
	"visavis/models"
)

// ErrPasswordUnsure says that the connection was lost while the password was changed: the server has the new one or the old one, and the vault
// with it. The person logs in with the new one, and where that is refused with the old one.
var ErrPasswordUnsure = errors.New("the connection was lost while the password was changed")

// ChangePassword replaces the password and the vault's key. It needs a proof of just now (see Freshly). Every other session of the person is over then;
// this one goes on, and the recovery phrase stays what it is. The caller wipes the password.
func (s *Session) ChangePassword(ctx context.Context, password []byte) error {
	return s.changePassword(ctx, password, func() error { return nil })
}

// MayBeKnown is what a person does whose password somebody may have: it changes the password as ChangePassword does, draws new keys, which are in
// the vault from the same moment on, and asks for them. They count once an admin has compared their fingerprint: see KeyState.
func (s *Session) MayBeKnown(ctx context.Context, password []byte) error {
	err := s.changePassword(ctx, password, func() error { return s.drawKeys(true) })
	if err != nil {
		return err
	}
	return s.askKeys(ctx)
}

// changePassword does before when nothing but the vault is left to do.
func (s *Session) changePassword(ctx context.Context, password []byte, before func() error) error {
	if !s.takesKeys {
		return fmt.Errorf("change the password: %w", wire.Refuse(wire.CodeNotAllowed))
	}
	if err := pake.CheckStrength(password, s.name); err != nil {
		return err
	}
	reg, request, err := s.desk.passwords().Register(password)
	if err != nil {
		return err
	}
	var started wire.PasswordReply
	if err := s.call(ctx, wire.TypePasswordStart, wire.PasswordStart{Request: request}, &started); err != nil {
		return err
	}
	params, err := passwordParams(started.Params)
	if err != nil {
		return err
	}
	record, export, err := reg.Finalize(s.Account(), params, started.Response)
	if err != nil {
		return err
	}
	defer clear(export[:])
	if err := before(); err != nil {
		return err
	}
	return s.rewrap(ctx, export[:], wire.PasswordFinish{Login: started.Login, Record: record})
}

// rewrap stores the vault under another password's export key, beside the password's record.
func (s *Session) rewrap(ctx context.Context, export []byte, finish wire.PasswordFinish) error {
	pepper, err := s.desk.wrapping()
	if err != nil {
		return err
	}
	return s.storeVault(ctx, vaultWrite{
		seal: func() (models.Vault, error) {
			return s.vault.Rewrap(e2e.Unlock{Export: export, Pepper: pepper}, s.desk.random(), s.desk.now())
		},
		put: func(next models.Vault) error {
			finish.Version, finish.Prev, finish.Vault = next.Version, next.Prev, next.Body
			// Whoever gives up now would not know which password is right.
			err := s.call(context.WithoutCancel(ctx), wire.TypePasswordFinish, finish, new(wire.Empty))
			var refused *wire.Error
			if err == nil || errors.As(err, &refused) {
				return err
			}
			return fmt.Errorf("%w: %w", ErrPasswordUnsure, err)
		},
		saved: func() {
			clear(s.export)
			s.export = bytes.Clone(export)
		},
	})
}
