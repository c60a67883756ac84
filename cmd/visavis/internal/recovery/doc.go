// Package recovery does what the root sheet can, from a command line at a desk: it shows who the admins are and who waits, and names, admits,
// revokes, or puts this desk in the place of those that are lost.
package recovery
