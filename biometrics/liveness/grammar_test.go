package liveness

import (
	"os"
	"testing"

	"visavis/models/canon/grammar"
)

// A challenge stands in the document, every field in its order and with its type.
func TestChallengeIsWrittenDown(t *testing.T) {
	b, err := os.ReadFile("../../docs/protocol.md")
	if err != nil {
		t.Fatal(err)
	}
	want, err := grammar.Write([]grammar.Rule{grammar.Of[Challenge]("challenge"), grammar.Of[Step]("step"), grammar.Of[Shade]("shade")})
	if err != nil {
		t.Fatal(err)
	}
	for _, line := range grammar.Compare(string(b), "biometrics/liveness", want) {
		t.Error(line)
	}
}
