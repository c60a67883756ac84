// Package dump reads the memory of a running process, as a core dump of it would hold it, and looks for words and keys. Only tests and the tour
// use it.
package dump
