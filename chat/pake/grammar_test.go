package pake

import (
	"os"
	"testing"

	"visavis/models/canon/grammar"
)

// What is stored and sent beside the library's own messages stands in the document, every field in its order and with its type.
func TestFormatsAreWrittenDown(t *testing.T) {
	b, err := os.ReadFile("../../docs/crypto.md")
	if err != nil {
		t.Fatal(err)
	}
	want, err := grammar.Write([]grammar.Rule{grammar.Of[Params]("params"), grammar.Of[KSF]("ksf"), grammar.Of[record]("record"), grammar.Of[secretsFile]("opaque-secrets")})
	if err != nil {
		t.Fatal(err)
	}
	for _, line := range grammar.Compare(string(b), "chat/pake", want) {
		t.Error(line)
	}
}
