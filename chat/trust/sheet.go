package trust

import (
	"crypto/ed25519"
	"crypto/subtle"
	"fmt"
	"io"
	"strings"

	"visavis/models"
)

// RootSheet is what the first admin prints when the organisation is founded, and keeps in a safe: with it, and only with it,
// an organisation whose admins have all lost their vaults names new ones. It prints redacted: Text gives the real thing.
type RootSheet struct {
	Org    models.OrgID
	CA     models.Hash // fingerprint of the server's certificate authority
	Root   Secret      // seed of the root's Ed25519 key
	Pepper Pepper
}

const (
	sheetTitle = "visavis root sheet 1"
	maxSheet   = 4096
)

// sheetLines are the sheet's parts, in order. Every line has a checksum of its own, so that a typing error is found where it is.
func (s *RootSheet) sheetLines() []struct {
	name string
	part *[32]byte
} {
	return []struct {
		name string
		part *[32]byte
	}{{"organisation", (*[32]byte)(&s.Org)}, {"authority", (*[32]byte)(&s.CA)}, {"root key", (*[32]byte)(&s.Root)}, {"vault pepper", (*[32]byte)(&s.Pepper)}}
}

func sheetSum(name string, part []byte) []byte {
	sum := LabelRootSheet.Hash([]byte(name), []byte{0}, part)
	return sum[:3]
}

// Key returns the root's private key.
func (s RootSheet) Key() ed25519.PrivateKey { return ed25519.NewKeyFromSeed(s.Root[:]) }

// Text returns the sheet for print. Whoever reads it is the organisation.
func (s RootSheet) Text() string {
	var b strings.Builder
	b.WriteString(sheetTitle + "\n")
	for _, l := range s.sheetLines() {
		b.WriteString(l.name + ": " + groups(base32Text.EncodeToString(append(l.part[:], sheetSum(l.name, l.part[:])...))) + "\n")
	}
	return b.String()
}

// ParseRootSheet reads what was typed from print: case, spaces and dashes in the values do not matter. ErrChecksum names the line
// with the typing error.
func ParseRootSheet(text string) (RootSheet, error) {
	var s RootSheet
	if len(text) > maxSheet {
		return RootSheet{}, fmt.Errorf("%w: root sheet of %d bytes", ErrFormat, len(text))
	}
	lines := strings.Split(strings.TrimSpace(text), "\n")
	parts := s.sheetLines()
	if len(lines) != len(parts)+1 || strings.TrimSpace(lines[0]) != sheetTitle {
		return RootSheet{}, fmt.Errorf("%w: a root sheet has a title and %d lines", ErrFormat, len(parts))
	}
	for i, l := range parts {
		value, ok := strings.CutPrefix(strings.TrimSpace(lines[i+1]), l.name+":")
		if !ok {
			return RootSheet{}, fmt.Errorf("%w: line %d of a root sheet is %q", ErrFormat, i+2, l.name)
		}
		raw, err := base32Text.DecodeString(squeeze(value))
		if err != nil || len(raw) != len(l.part)+3 || subtle.ConstantTimeCompare(raw[32:], sheetSum(l.name, raw[:32])) != 1 {
			return RootSheet{}, fmt.Errorf("root sheet, %s: %w", l.name, ErrChecksum)
		}
		copy(l.part[:], raw)
	}
	if s.Org.IsZero() || s.CA.IsZero() || s.Root.IsZero() || s.Pepper.IsZero() {
		return RootSheet{}, fmt.Errorf("%w: root sheet", ErrFormat)
	}
	return s, nil
}

func (s RootSheet) String() string   { return "root sheet of " + s.Org.Short() + redacted }
func (s RootSheet) GoString() string { return s.String() }

// Format keeps every verb from printing the secrets.
func (s RootSheet) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, s.String()) }

// MarshalText keeps JSON, TOML and slog from printing them.
func (s RootSheet) MarshalText() ([]byte, error) { return []byte(s.String()), nil }
