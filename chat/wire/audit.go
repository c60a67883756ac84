package wire

import "visavis/models/audit"

// FeatureAudit says that a desk asks for the head of the audit log, and that a server answers.
const FeatureAudit = "audit"

// MaxAuditKnown bounds the sizes of one AuditHead.
const MaxAuditKnown = 4

// AuditHead asks for the head of the audit log, and for proofs that the log goes on from the sizes that it had when the asker saw it.
type AuditHead struct {
	_     struct{} `cbor:",toarray"`
	Known []uint64
}

// AuditHeadReply answers it. Signed is a trust.AuditHead; Pasts are for each known size, in the order that they were asked for, and hold nothing
// for a size that the log does not have.
type AuditHeadReply struct {
	_      struct{} `cbor:",toarray"`
	Signed []byte
	Pasts  []audit.Past
}
