// Package grammar writes down how models/canon encodes a Go type, as rules of CDDL (RFC 8610), for the tests that hold the documents against
// the code: a document that says something else than the types do fails them.
package grammar
