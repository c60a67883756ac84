package wire

import (
	"bytes"
	"testing"

	"visavis/models/canon/grammar"
)

func FuzzRead(f *testing.F) {
	for _, fr := range samples() {
		b, err := fr.Append(nil)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(b)
	}
	f.Add([]byte{0, 0, 0, 1, 0x80})
	f.Fuzz(func(t *testing.T, b []byte) {
		fr, err := Read(bytes.NewReader(b), MaxFrame)
		if err != nil {
			return
		}
		again, err := fr.Append(nil)
		if err != nil || !bytes.Equal(again, b[:len(again)]) {
			t.Fatalf("decoding and encoding changed the bytes (%v)", err)
		}
	})
}

// FuzzBodies reads what stands in frames as every body that there is.
func FuzzBodies(f *testing.F) {
	var seeds [][]byte
	for _, fr := range samples() {
		seeds = append(seeds, fr.Body)
	}
	grammar.Fuzz(f, bodies, seeds...)
}
