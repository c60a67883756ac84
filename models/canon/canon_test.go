package canon

import (
	"bytes"
	"testing"
)

// A few bytes do not have room made for a long list of something large.
func TestLongArraysAreRefusedBeforeTheyAreMade(t *testing.T) {
	type large struct {
		_    struct{} `cbor:",toarray"`
		Body [640]uint8
	}
	long := func(n int) []byte { // an array of n zeros
		return append([]byte{0x99, byte(n >> 8), byte(n)}, bytes.Repeat([]byte{0}, n)...)
	}
	var small []uint
	if err := Unmarshal(long(MaxElements), &small); err != nil {
		t.Errorf("%d elements: %v", MaxElements, err)
	}
	var body []large
	if err := Unmarshal(long(MaxElements+1), &small); err == nil {
		t.Errorf("%d elements were taken", MaxElements+1)
	}
	got := testing.Benchmark(func(b *testing.B) {
		for b.Loop() {
			if err := Unmarshal(long(0xffff), &body); err == nil {
				b.Fatal("zeros are no structures")
			}
		}
	}).AllocedBytesPerOp()
	if got > 1<<20 {
		t.Errorf("an array of 65,535 wrong elements took %d bytes", got)
	}
}
