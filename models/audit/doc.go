// Package audit is the log of security events as a Merkle tree, as RFC 6962 makes one: events become leaves, a [Head] names all of the
// first events, and a [Past] proves that a longer log goes on from a shorter one.
//
// Nothing in it is a secret, and nothing is stored here: a store keeps the events with the hashes that they complete, in the same transaction
// (models.Audits). Store, server, client and `visavisd audit verify` make the same leaf of the same event, so that what was changed, left
// out or put in later shows to whoever kept a head of before. The tree's arithmetic is golang.org/x/mod/sumdb/tlog's.
//
// A head proves nothing of events that were never written, and somebody's first head proves nothing of what was before.
package audit
