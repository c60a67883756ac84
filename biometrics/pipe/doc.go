// Package pipe frames what two of our processes tell each other over a pipe: a length, a kind, a body of canonical CBOR or raw bytes. Each side says
// beforehand which kinds it takes and how long each may be.
package pipe
