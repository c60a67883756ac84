package demo

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"io"
	"os"
	"path/filepath"
	"testing"
)

func TestNeedleIsFoundInEveryForm(t *testing.T) {
	word := []byte("the heron landed on the north pier")
	n := needle{"a word", word}
	hays := map[string][]byte{
		"plain": word,
		"hex":   []byte(hex.EncodeToString(word)),
	}
	for shift := range 3 { // whatever stands before it in the encoded bytes
		b := append(bytes.Repeat([]byte{0xff}, shift), word...)
		b = append(b, "and more"...)
		hays["base64 shifted by "+string(rune('0'+shift))] = []byte(base64.StdEncoding.EncodeToString(b))
		hays["base64url shifted by "+string(rune('0'+shift))] = []byte(base64.RawURLEncoding.EncodeToString(b))
	}
	for name, hay := range hays {
		if !n.in(append([]byte("before "), append(hay, " after"...)...)) {
			t.Errorf("%s: not found", name)
		}
	}
	if n.in([]byte("the heron flew over the north pier")) {
		t.Error("found where it is not")
	}
}

func TestSearchCanFail(t *testing.T) {
	dir := t.TempDir()
	write := func(content string) {
		if err := os.WriteFile(filepath.Join(dir, "file"), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	s := &story{out: io.Discard, secret: []needle{{"a password", []byte("granite owl under the ferry")}}}
	p := place{"a folder", []string{dir}, needle{"a mark", []byte("planted")}}
	write("planted, and nothing else")
	if err := s.search(p); err != nil {
		t.Errorf("clean folder: %v", err)
	}
	write("nothing of the kind")
	if s.search(p) == nil {
		t.Error("a search that does not find what was planted passed")
	}
	write("planted, beside granite owl under the ferry")
	if s.search(p) == nil {
		t.Error("a secret was not found")
	}
}
