// Package gate decides whether the evidence of one challenge lets a person in, or enrols one: it measures the evidence, holds the
// measurements against a table of checks, each of which can only refuse, and says the first that did.
//
// It is pure: no clock, no randomness, no storage. The zero value of everything in it denies. What a [Verdict] says beyond its
// decision is for the audit and the demo; a desk is told the decision alone.
package gate
