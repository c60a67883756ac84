package audit

import (
	"os"
	"testing"

	"visavis/models/canon/grammar"
)

// What a leaf is made of stands in the document, every field in its order and with its type.
func TestFormatsAreWrittenDown(t *testing.T) {
	b, err := os.ReadFile("../../docs/crypto.md")
	if err != nil {
		t.Fatal(err)
	}
	want, err := grammar.Write([]grammar.Rule{grammar.Of[leaf]("audit-event")})
	if err != nil {
		t.Fatal(err)
	}
	for _, line := range grammar.Compare(string(b), "models/audit", want) {
		t.Error(line)
	}
}
