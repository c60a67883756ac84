package wire

import (
	"fmt"
	"os"
	"strings"
	"testing"
)

// Everything that travels stands in docs/protocol.md.
func TestProtocolIsWrittenDown(t *testing.T) {
	b, err := os.ReadFile("../../docs/protocol.md")
	if err != nil {
		t.Fatal(err)
	}
	doc := string(b)
	for name, f := range samples() {
		if !strings.Contains(doc, "`"+f.Type+"`") {
			t.Errorf("type %s (%s) is not in docs/protocol.md", f.Type, name)
		}
	}
	for code := range texts {
		if !strings.Contains(doc, fmt.Sprintf("| %d |", code)) {
			t.Errorf("code %d is not in docs/protocol.md", code)
		}
	}
}
