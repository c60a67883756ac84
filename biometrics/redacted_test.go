package biometrics_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"visavis/biometrics"
)

// TestDescriptorsPrintRedacted: neither a verb nor JSON, as a log would use them, shows a number of a face.
func TestDescriptorsPrintRedacted(t *testing.T) {
	o := biometrics.Observation{Number: 1}
	for i := range o.Descriptor {
		o.Descriptor[i] = 0.123456
	}
	said, err := json.Marshal(o)
	if err != nil {
		t.Fatal(err)
	}
	text := string(said) + fmt.Sprintf("%v %+v %#v %x %s", o.Descriptor, o.Descriptor, o.Descriptor, o.Descriptor, o.Descriptor)
	if strings.Contains(text, "0.1234") || strings.Count(text, "redacted") != 6 {
		t.Errorf("prints %s", text)
	}
}
