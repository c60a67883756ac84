// Package churn lets a whole organisation come and go: a real server over TLS on loopback, on a real database, and people at desks who join
// rooms, leave, are put out, are cut off, log in elsewhere and write all the while. Beside them an account is kept of who was in which room when,
// out of the logs alone, and what every desk read is held against it: all that it should have read, once and in order, and nothing else.
//
// The cameras are numbers, as are the faces; everything else is the product's. The world's clock stands still while anybody works, and moves on
// between rounds and while faces are shown, so an hour takes as long as the machine needs for its work. The plan comes from a seed. Who wins
// a race does not: two runs of one seed ask for the same things, and may get them in another order.
package churn
