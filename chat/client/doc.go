// Package client is the desk's end of the wire: enrolment, sign-up, log-in, rooms. Window, demo, load generator and every test
// of the server use this one.
//
// A [Desk] holds what an enrolled workstation keeps on disk; a [Conn] is one connection to the server; a [Session] is a person
// logged in over it, whose keys live as long as it does. Goroutines: one reader a connection, which ends with it.
package client
