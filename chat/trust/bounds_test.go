package trust

import (
	"fmt"
	"os"
	"strings"
	"testing"
)

// What another implementation may send by the page of formats is what is read here.
func TestBoundsAreWritten(t *testing.T) {
	page, err := os.ReadFile("../../docs/crypto.md")
	if err != nil {
		t.Fatal(err)
	}
	_, table, _ := strings.Cut(string(page), "\n## Bounds\n")
	table, _, _ = strings.Cut(table, "\n## ")
	bounds := map[string]int{
		"statement": MaxStatement, "generation": MaxGeneration, "message entry": MaxMessage, "bundle": MaxBundle, "desk request": MaxDeskRequest,
		"evidence": MaxEvidence, "hello": MaxHello, "recovery": MaxRecovery, "code grant": MaxCodeGrant, "root proof": MaxRootProof, "audit head": MaxAuditHead,
	}
	for what, most := range bounds {
		if row := fmt.Sprintf("| %s | %d KiB |\n", what, most>>10); !strings.Contains(table, row) {
			t.Errorf("docs/crypto.md lacks %q", row)
		}
	}
	if rows := strings.Count(table, " KiB |\n"); rows != len(bounds) {
		t.Errorf("docs/crypto.md has %d bounds, the code %d", rows, len(bounds))
	}
}
