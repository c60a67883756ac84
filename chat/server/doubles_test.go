package server_test

import (
	"context"
	"sync/atomic"

	"visavis/models"
)

// countingStore counts what strangers could make a server write.
type countingStore struct {
	models.Store
	n atomic.Int64
}

func (s *countingStore) CountAttempt(ctx context.Context, k models.AttemptKind, subject string, change func(*models.Attempts) error) (models.Attempts, error) {
	s.n.Add(1)
	return s.Store.CountAttempt(ctx, k, subject, change)
}

func (s *countingStore) AddAudit(ctx context.Context, e models.AuditEvent) error {
	s.n.Add(1)
	return s.Store.AddAudit(ctx, e)
}

// vaultHook does something before a vault is read.
type vaultHook struct {
	models.Store
	before func(models.AccountID)
}

func (s *vaultHook) VaultOf(ctx context.Context, a models.AccountID) (models.Vault, error) {
	if s.before != nil {
		s.before(a)
	}
	return s.Store.VaultOf(context.WithoutCancel(ctx), a) // a database that has answered already
}

// slowUsers holds up everybody who asks for a user between arm and release.
type slowUsers struct {
	models.Store
	asked, release chan struct{}
	armed          atomic.Bool
}

func (s *slowUsers) UserByID(ctx context.Context, a models.AccountID) (models.User, error) {
	if s.armed.CompareAndSwap(true, false) {
		close(s.asked)
		<-s.release
	}
	return s.Store.UserByID(ctx, a)
}
