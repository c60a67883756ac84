package audit

import (
	"testing"

	"visavis/models/canon/grammar"
)

// What a leaf is made of stands in the document, every field in its order and with its type.
func TestFormatsAreWrittenDown(t *testing.T) {
	lines, err := grammar.Held("../../docs/crypto.md", "models/audit", []grammar.Rule{grammar.Of[leaf]("audit-event")})
	if err != nil {
		t.Fatal(err)
	}
	for _, line := range lines {
		t.Error(line)
	}
}
