package liveness

import (
	"testing"

	"visavis/models/canon/grammar"
)

// A challenge stands in the document, every field in its order and with its type.
func TestChallengeIsWrittenDown(t *testing.T) {
	lines, err := grammar.Held("../../docs/protocol.md", "biometrics/liveness", []grammar.Rule{grammar.Of[Challenge]("challenge"), grammar.Of[Step]("step"), grammar.Of[Shade]("shade")})
	if err != nil {
		t.Fatal(err)
	}
	for _, line := range lines {
		t.Error(line)
	}
}
