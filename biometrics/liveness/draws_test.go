package liveness

import (
	"fmt"
	"os"
	"strings"
	"testing"
)

// A challenge that another implementation draws after the page of the protocol is one that is accepted here.
func TestDrawsAreWritten(t *testing.T) {
	page, err := os.ReadFile("../../docs/protocol.md")
	if err != nil {
		t.Fatal(err)
	}
	for of, millis := range map[string][timesEach]uint16{
		"the first step":                   firstMillis,
		"the other steps of an entry":      laterMillis,
		"but an 8, and the step behind it": closerMillis,
		"the other steps of an enrolment":  enrolMillis,
		"a shade":                          shadeMillis,
	} {
		row := fmt.Sprintf("| %s | %d, %d, %d, %d |\n", of, millis[0], millis[1], millis[2], millis[3])
		if !strings.Contains(string(page), row) {
			t.Errorf("docs/protocol.md lacks %q", row)
		}
	}
}
