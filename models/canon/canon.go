package canon

import (
	"bytes"
	"errors"
	"fmt"
	"sync"

	"github.com/fxamacker/cbor/v2"
)

// Raw is a part of a value that is decoded later, by whoever knows its type. It holds one well-formed CBOR item.
type Raw = cbor.RawMessage

// ErrNotCanonical says that the bytes are CBOR of the right type, but not the one encoding of their value.
var ErrNotCanonical = errors.New("not the canonical encoding")

// Limits that hold for every value, whatever its type: they are checked before anything is allocated for it.
const (
	MaxDepth    = 12   // nested arrays and maps
	MaxElements = 4096 // elements of one array; a decoder makes room for all that an array says it has, whatever they turn out to be
	MaxPairs    = 256  // pairs of one map
)

type modes struct {
	enc cbor.EncMode
	dec cbor.DecMode
}

// codec is immutable once made; the modes are safe for concurrent use.
var codec = sync.OnceValue(func() modes {
	eo := cbor.CoreDetEncOptions()
	eo.NilContainers = cbor.NilContainerAsEmpty
	eo.TagsMd = cbor.TagsForbidden
	eo.IndefLength = cbor.IndefLengthForbidden
	enc, err := eo.EncMode()
	if err != nil {
		panic("canon: encoder options: " + err.Error())
	}
	dec, err := cbor.DecOptions{
		DupMapKey:         cbor.DupMapKeyEnforcedAPF,
		IndefLength:       cbor.IndefLengthForbidden,
		TagsMd:            cbor.TagsForbidden,
		ExtraReturnErrors: cbor.ExtraDecErrorUnknownField,
		UTF8:              cbor.UTF8RejectInvalid,
		FieldNameMatching: cbor.FieldNameMatchingCaseSensitive,
		MaxNestedLevels:   MaxDepth,
		MaxArrayElements:  MaxElements,
		MaxMapPairs:       MaxPairs,
	}.DecMode()
	if err != nil {
		panic("canon: decoder options: " + err.Error())
	}
	return modes{enc, dec}
})

// Marshal returns the canonical encoding of v.
func Marshal(v any) ([]byte, error) {
	b, err := codec().enc.Marshal(v)
	if err != nil {
		return nil, fmt.Errorf("encode %T: %w", v, err)
	}
	return b, nil
}

// MustMarshal is Marshal for values of our own types, whose encoding cannot fail.
func MustMarshal(v any) []byte {
	b, err := Marshal(v)
	if err != nil {
		panic(err)
	}
	return b
}

// Unmarshal decodes b, all of it, into v, and refuses it when it is not v's canonical encoding. The bytes are copied
// where v keeps any. A [Raw] inside v is canonical only after its own Unmarshal.
func Unmarshal(b []byte, v any) error {
	if err := codec().dec.Unmarshal(b, v); err != nil {
		return fmt.Errorf("decode %T: %w", v, err)
	}
	again, err := Marshal(v)
	if err != nil {
		return err
	}
	if !bytes.Equal(b, again) {
		return fmt.Errorf("decode %T: %w", v, ErrNotCanonical)
	}
	return nil
}
