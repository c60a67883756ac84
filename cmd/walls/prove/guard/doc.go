// Package guard is what stands around each guard of the product while cmd/walls/prove looks for the tests that need it. No program imports it:
// the prover writes the calls into a copy of the sources.
package guard
