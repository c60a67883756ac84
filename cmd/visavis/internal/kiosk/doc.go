// Package kiosk carries out what the window's state machine asks for: it owns the eye, the connection, the session and the lock, and posts
// what came of it back.
//
// One goroutine, Run's, owns the state and everything else here. What takes time runs in goroutines of its own, each of which belongs to a
// scope: the program's life, a sign-up or log-in, a look, a person's stay, a lock. Their results come back through the mailbox; those of a
// scope that is over are dropped, and what they brought is wiped. So every effect is answered exactly once, or never when it was overtaken.
// Run returns when no goroutine is left.
//
// While a desk is locked, nothing is referenced of what the person read and wrote, of names of rooms or of keys: what is left is the person's
// name, the lock's token, by the rooms' ids how far each was read and which one was open, and how many messages were not stored yet.
//
// What Go has moved and left is beyond that. So when a person has gone, Run hands what is left to another process and returns.
package kiosk
