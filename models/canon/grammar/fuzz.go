package grammar

import (
	"bytes"
	"reflect"
	"testing"

	"visavis/models/canon"
)

// Fuzz is the body of a fuzz target that reads bytes as each of the rules' types: nothing panics, and what is read has that one encoding. The
// seeds are a zero value of each type, and those given. The input is not told which type it is of, so that a corpus outlives changes of the list.
func Fuzz(f *testing.F, rules []Rule, seeds ...[]byte) {
	for _, r := range rules {
		f.Add(canon.MustMarshal(reflect.Zero(r.Type).Interface()))
	}
	for _, b := range seeds {
		f.Add(b)
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		for _, r := range rules {
			v := reflect.New(r.Type)
			if canon.Unmarshal(b, v.Interface()) != nil {
				continue
			}
			if again := canon.MustMarshal(v.Elem().Interface()); !bytes.Equal(again, b) {
				t.Errorf("%s: %x is encoded as %x", r.Name, b, again)
			}
		}
	})
}
