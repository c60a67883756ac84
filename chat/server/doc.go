// Package server is the other end of the desks' connections: it routes, keeps and orders what it can not read.
//
// # Goroutines
//
//   - one accept loop, in [Server.Serve];
//   - one writer of the logs (commit.go): it alone stores entries and changes the states of directory and rooms;
//   - one watch on revocations;
//   - a reader and a writer a connection (conn.go). The reader serves requests in order; the writer alone writes to the
//     network. A panic ends the connection that it happened on; one in a check of the logs' writer refuses the entry.
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
// strangers.mu, sessions.mu, and each counter's in rates.go, stand by themselves; what all logs hold together is one atomic number. Nothing is sent, stored or waited for while a lock is held: queues for a connection's writer are
// bounded and never block.
//
// # Who is held up, and who is cut
//
// A connection that has proved nothing has one place among a few (strangers.go) and a short time; when places are short, who holds the most of
// them gives way. A desk has so many connections, and one that nobody has approved fewer, for a while. A peer that sends requests faster
// than it reads their answers is not read from until it does. One that does not read at all is cut after writeTimeout, as is one
// that lets unasked news pile up; it resumes at its cursors, and nobody else notices.
//
// # What one may do to the others
//
// One account may make so many generations and roster changes in a room in an hour, so many rooms in a day, and be in so many; beyond, it is told
// to wait, and nobody else is (rates.go). All logs together hold a bounded part of themselves in memory; a log that nobody follows holds nothing.
// Who has only the server's address can spend nobody's invite and make nothing be stored.
//
// # Who is put out
//
// The directory decides, and the store follows it: at the start, whatever the rows say. A revocation cuts live connections when it
// is published; a desk that the operator revoked in the store is cut within a second. A person who is put out of a room is out of its
// log before the statement is acknowledged, and looks into it and follows it under the same lock.
//
// # How long a session lives
//
// A session is made by a log-in and belongs to one connection at a time (sessions.go). A connection that is cut lets it rest, and the same
// desk takes it up again on another one, with a proof that is good for that connection and once; a connection that still had it is ended.
// A locked session has nobody on its connection: its person is put back by a face, and only then its vault is released, with the key that
// its desk left here. All of it is in memory; a restart ends every session.
//
// # What is acknowledged
//
// An entry is acknowledged after the store has it durably, and published to its room's followers at the same moment. A client
// that repeats an entry under the same message id gets the same acknowledgement and no second entry. The log's order decides:
// the server refuses early what the state does not allow, but clients judge for themselves.
package server
