// Package aims keeps what a bench aims at, and what it measured, as lines of a file that several runs add to.
package aims
