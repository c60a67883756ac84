package client

import (
	"context"
	"crypto/ed25519"
	"path/filepath"
	"time"

	"visavis/chat/wire"
	"visavis/models"
	"visavis/models/audit"
)

// AuditFile is where the desk keeps what it has seen of the audit log.
func (d *Desk) AuditFile() string { return filepath.Join(d.dir, auditFile) }

// Audited is the head that the desk keeps.
func (d *Desk) Audited() (audit.Head, error) { return d.audited() }

// KeepAudit keeps now at the desk if was is what it keeps.
func (d *Desk) KeepAudit(was, now audit.Head) error { return d.keepAudit(was, now) }

// WaitAudit waits until the first look at the log is over.
func (s *Session) WaitAudit(ctx context.Context) error {
	return s.until(ctx, func() bool { return s.looked != nil })
}

// VaultAudit is the head that the vault keeps.
func (s *Session) VaultAudit() audit.Head {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.ownAudit()
}

// SetFeatures makes the session's server one that has said these features.
func (s *Session) SetFeatures(f ...string) { s.conn.hello.Features = f }

// SetAuditAnswer says how long the server may look for its audit log.
func (s *Session) SetAuditAnswer(d time.Duration) { s.auditAnswer = d }

// OpenAudit reads an answer to a question about so many heads.
func OpenAudit(reply wire.AuditHeadReply, asked int, key ed25519.PublicKey, org models.OrgID, server models.Hash) (audit.Head, error) {
	a, err := openAudit(reply, asked, key, org, server)
	return a.shown, err
}

// ForgetAudit takes the head out of the vault, and the directory's off what is compared.
func (s *Session) ForgetAudit() {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.vault.Settings, auditSetting)
	s.vault.Settings[auditPast] = s.dir.Witnessed().Log.String()
}
