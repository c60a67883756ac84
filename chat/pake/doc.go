// Package pake proves a password to the server without showing it: OPAQUE (RFC 9807) with one fixed suite.
//
// The desk holds a [Client], the server a [Server]. To sign up:
//
//	desk                              server
//	Client.Register  -- request -->   Server.Register
//	Registration.Finalize <-- response, Params --
//	                 -- record  -->   Server.CheckRecord, kept in models.User
//
// To log in:
//
//	Client.Start     -- KE1 -->       Server.Answer
//	Attempt.Finish   <-- KE2, account, Params --
//	                 -- KE3 -->       Pending.Finish: the session key
//
// A wrong password is known to the desk at KE2, and the server sees no KE3: who limits tries counts answered KE1s (chat/login).
//
// Names that do not exist are answered like those that do: the same lengths, an account that stays the same, a record made
// from the same key. Nothing in a [Params] is taken from the other side: it is compared with the list that one accepts.
//
// The library under this package draws its own randomness (crypto/rand). Its errors and panics do not leave this package:
// whatever is wrong with bytes that came from the other side is [ErrPassword].
package pake
