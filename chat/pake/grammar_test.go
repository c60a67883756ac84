package pake

import (
	"testing"

	"visavis/models/canon/grammar"
)

var formats = []grammar.Rule{grammar.Of[Params]("params"), grammar.Of[KSF]("ksf"), grammar.Of[record]("record"), grammar.Of[secretsFile]("opaque-secrets")}

// What is stored and sent beside the library's own messages stands in the document, every field in its order and with its type.
func TestFormatsAreWrittenDown(t *testing.T) {
	lines, err := grammar.Held("../../docs/crypto.md", "chat/pake", formats)
	if err != nil {
		t.Fatal(err)
	}
	for _, line := range lines {
		t.Error(line)
	}
}
