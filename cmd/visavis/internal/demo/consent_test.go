package demo

import (
	"encoding/json"
	"os"
	"testing"
)

// People of the demo agree to the very words that the window shows.
func TestConsentIsTheWindows(t *testing.T) {
	raw, err := os.ReadFile("../ui/translations/entry.en.json")
	if err != nil {
		t.Fatal(err)
	}
	var words map[string]string
	if err := json.Unmarshal(raw, &words); err != nil {
		t.Fatal(err)
	}
	if words["consent.text"] != consent {
		t.Errorf("the window shows %q, the demo %q", words["consent.text"], consent)
	}
}
