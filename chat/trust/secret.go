package trust

import (
	"fmt"
	"io"

	"visavis/models"
)

const redacted = "(redacted)"

// Secret is 32 bytes that some party must not learn: a vault pepper or an invite's secret. It prints redacted; its bytes are
// reached by slicing. The zero Secret is none.
type Secret [32]byte

// Pepper is the vault pepper: made by the first admin's client, held by desks and the root sheet, never by the server.
type Pepper = Secret

// NewSecret draws a secret from random.
func NewSecret(random io.Reader) (Secret, error) {
	var s Secret
	if _, err := io.ReadFull(random, s[:]); err != nil {
		return Secret{}, fmt.Errorf("draw a secret: %w", err)
	}
	return s, nil
}

// IsZero says whether there is no secret.
func (s Secret) IsZero() bool { return s == Secret{} }

// PepperID names a pepper without telling it.
func PepperID(p Pepper) models.Hash { return LabelPepper.Hash(p[:]) }

func (Secret) String() string   { return redacted }
func (Secret) GoString() string { return redacted }

// Format keeps every verb from printing the bytes.
func (Secret) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, redacted) }

// MarshalText keeps JSON, TOML and slog from printing them.
func (Secret) MarshalText() ([]byte, error) { return []byte(redacted), nil }
