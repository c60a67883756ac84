package trust

import (
	"crypto/ed25519"
	"fmt"
	"time"

	"visavis/models"
	"visavis/models/audit"
	"visavis/models/canon"
)

// MaxAuditHead bounds a signed head of the audit log, in bytes.
const MaxAuditHead = 1 << 10

// AuditHead is what a server says of its audit log, signed with the key of its TLS certificate: two of one server that no one log can have are
// proof against it.
type AuditHead struct {
	Org    models.OrgID
	Server models.Hash // server id
	Log    audit.Head
	Time   time.Time
}

type auditHeadPayload struct {
	_ struct{} `cbor:",toarray"`
	Header
	Server models.Hash
	Size   uint64
	Root   models.Hash
	Time   int64
	Ext    Ext
}

// NewAuditHead signs h.
func NewAuditHead(h AuditHead, key ed25519.PrivateKey) ([]byte, error) {
	p := auditHeadPayload{Header: NewHeader(LabelAuditHead, h.Org), Server: h.Server, Size: h.Log.Size, Root: h.Log.Root, Time: millis(h.Time)}
	signed := Sign(LabelAuditHead, canon.MustMarshal(p), key)
	if _, err := OpenAuditHead(signed, key.Public().(ed25519.PublicKey)); err != nil {
		return nil, fmt.Errorf("make a head of the audit log: %w", err)
	}
	return signed, nil
}

// OpenAuditHead checks form and signature; the caller compares organisation and server id, and the head with the one that it kept.
func OpenAuditHead(signed []byte, key ed25519.PublicKey) (AuditHead, error) {
	fail := func(err error) (AuditHead, error) { return AuditHead{}, fmt.Errorf("head of the audit log: %w", err) }
	p, err := open[auditHeadPayload](LabelAuditHead, signed, MaxAuditHead, key)
	if err != nil {
		return fail(err)
	}
	if err := p.Ext.Check(); err != nil {
		return fail(err)
	}
	h := AuditHead{Org: p.Org, Server: p.Server, Log: audit.Head{Size: p.Size, Root: p.Root}, Time: fromMillis(p.Time)}
	if err := h.Log.Check(); err != nil {
		return fail(fmt.Errorf("%w: %w", ErrFormat, err))
	}
	return h, nil
}
