package e2e

import (
	"encoding/base64"
	"fmt"
	"strings"
)

const proofPrefix = "visavis-proof-1:"

// maxProofText bounds a proof as a text, in bytes, space around it included.
const maxProofText = len(proofPrefix) + (MaxTwice*8+5)/6 + 64

// ProofText is a proof of two messages under one number as one line, to be handed on. Its reader reads both messages.
func ProofText(proof []byte) string {
	return proofPrefix + base64.RawURLEncoding.EncodeToString(proof)
}

// ParseProof reads what ProofText wrote; space around it does not matter. Anything else is ErrFormat. Whether it proves something OpenTwice says.
func ParseProof(text string) ([]byte, error) {
	fail := func() ([]byte, error) {
		return nil, fmt.Errorf("two messages under one number, as a text: %w", ErrFormat)
	}
	if len(text) > maxProofText {
		return fail()
	}
	rest, ok := strings.CutPrefix(strings.TrimSpace(text), proofPrefix)
	if !ok || strings.ContainsAny(rest, "\r\n") { // the decoder would skip them
		return fail()
	}
	proof, err := base64.RawURLEncoding.Strict().DecodeString(rest)
	if err != nil || len(proof) > MaxTwice {
		return fail()
	}
	return proof, nil
}
