// Package server is the other end of the desks' connections: it routes, keeps and orders what it can not read.
//
// # Goroutines
//
//   - one accept loop, in [Server.Serve];
//   - one writer of the logs (commit.go): it alone stores entries and changes the states of directory and rooms;
//   - one watch on revocations;
//   - a reader and a writer a connection (conn.go). The reader serves requests in order; the writer alone writes to the
//     network. A panic ends the connection that it happened on.
//
// All of them have ended when Serve returns.
//
// # Locks, in the order in which they may be taken
//
//  1. Server.mu: which connections there are
//  2. hub.mu: which rooms there are, and their states
//  3. conn.mu: the cursors of one connection
//  4. roomLog.mu: the bytes of one log
//
// # What is acknowledged
//
// An entry is acknowledged after the store has it durably, and published to its room's followers at the same moment. A client
// that repeats an entry under the same message id gets the same acknowledgement and no second entry. The log's order decides:
// the server refuses early what the state does not allow, but clients judge for themselves.
package server
