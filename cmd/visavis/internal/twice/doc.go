// Package twice checks, from a command line at a desk, proof that somebody's keys have signed two messages under one number, by a directory that was
// printed as a text.
package twice
