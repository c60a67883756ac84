package template

import (
	"testing"

	"visavis/models/canon/grammar"
)

// What is sealed and stored stands in the document, every field in its order and with its type.
func TestFormatsAreWrittenDown(t *testing.T) {
	lines, err := grammar.Held("../../docs/crypto.md", "biometrics/template", []grammar.Rule{
		grammar.Of[sealed]("template"), grammar.Of[body]("template-body"), grammar.Of[keyContext]("template-context"),
		grammar.Of[ringFile]("template-ring"), grammar.Of[ringKey]("ring-key"),
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, line := range lines {
		t.Error(line)
	}
}
