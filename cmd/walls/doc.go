// Package walls holds the tests of which package may reach which, each wall with its reason. It has no code of its own.
package walls
