// Package canon is the one encoding of everything that is kept, signed or sent: deterministic CBOR, strict on the way in.
//
// A value has exactly one encoding. [Unmarshal] decodes, encodes again and refuses bytes that differ, because a
// strict CBOR decoder still accepts reordered keys and non-shortest numbers (RFC 8949, section 4.2).
package canon
