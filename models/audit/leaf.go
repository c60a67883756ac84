package audit

import (
	"fmt"
	"unicode/utf8"

	"visavis/models"
	"visavis/models/canon"
)

// Label begins every leaf, so that its bytes mean nothing anywhere else (docs/crypto.md).
const Label = "visavis/v1/audit/event"

// leafVersion is the one version of leaves.
const leafVersion = 1

// Bounds of an event's texts, in bytes.
const (
	MaxWord   = 64   // Event, Outcome
	MaxDetail = 1024 // Detail
)

// leaf is what the log says of an event, its place in the log included. Nobody decodes it: it is made anew of the event, and hashed.
type leaf struct {
	_       struct{} `cbor:",toarray"`
	Version uint8
	Seq     uint64
	At      int64 // Unix milliseconds; 0 for none
	Event   string
	Outcome string
	Account models.AccountID
	Desk    models.DeskID
	Detail  string
}

// Leaf returns the bytes of an event that stands at e.Seq, counted from 1: label ‖ 0x00 ‖ canonical CBOR.
func Leaf(e models.AuditEvent) []byte {
	l := leaf{Version: leafVersion, Seq: e.Seq, Event: e.Event, Outcome: e.Outcome, Account: e.Account, Desk: e.Desk, Detail: e.Detail}
	if !e.At.IsZero() {
		l.At = e.At.UnixMilli()
	}
	return append([]byte(Label+"\x00"), canon.MustMarshal(l)...)
}

// Check fails with models.ErrInvalid for an event that no log takes: without name or outcome, with a text that is too long or no text.
func Check(e models.AuditEvent) error {
	for _, t := range []struct {
		what, text string
		least, max int
	}{
		{"event", e.Event, 1, MaxWord}, {"outcome", e.Outcome, 1, MaxWord}, {"detail", e.Detail, 0, MaxDetail},
	} {
		if len(t.text) < t.least || len(t.text) > t.max || !utf8.ValidString(t.text) {
			return fmt.Errorf("%w: %s of %d bytes", models.ErrInvalid, t.what, len(t.text))
		}
	}
	return nil
}
