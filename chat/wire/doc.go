// Package wire is the whole protocol between a desk and the server: frames, message types, error codes and limits.
//
// # Frames
//
// The connection is TLS 1.3 over TCP. A frame is a big-endian uint32 length, at most [MaxFrame], and then that many bytes of
// canonical CBOR (models/canon): the array
//
//	[kind, id, type, body]
//
// A request carries an id that its sender counts up from 1 on each connection; the response or error to it carries the
// same id. Events come from the server unasked and carry id 0; so does an error that ends the connection. The body's form is
// given by the type; the tables in types.go list them all.
//
// # A connection's life
//
// The first request is hello. On the enrolment protocol only desk.enrol follows; otherwise sign-up and log-in, and after the
// log-in everything else. A frame that is truncated, too large, not canonical, of unknown kind or type, or whose id does not
// count up is answered by an error with the code of [CodeProtocol] or its kin, and ends that connection, never another.
package wire
