package models

import (
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
)

// ID is 16 random bytes that name one thing for ever; it is never reused. The type parameter keeps ids of different
// things apart: an AccountID does not fit where a DeskID is wanted. The zero ID names nothing.
type ID[T any] [16]byte

// The kinds of things that have an id.
type (
	account struct{}
	desk    struct{}
	room    struct{}
	stream  struct{}
	message struct{}
	login   struct{}
	session struct{}
	file    struct{}

	AccountID = ID[account] // a person; the zero AccountID stands for the organisation's root
	DeskID    = ID[desk]    // an enrolled workstation
	RoomID    = ID[room]    // a room; the zero RoomID is the directory, room zero
	StreamID  = ID[stream]  // one log-in of one person
	MessageID = ID[message] // made by the client, unique per room and account
	LoginID   = ID[login]   // one attempt to log in, or to sign up
	SessionID = ID[session]
	FileID    = ID[file] // what somebody sends beside a message
)

// Draw fills id from random, which is crypto/rand.Reader when nil.
func Draw[T any](id *ID[T], random io.Reader) error {
	if random == nil {
		random = rand.Reader
	}
	if _, err := io.ReadFull(random, id[:]); err != nil {
		return fmt.Errorf("draw an id: %w", err)
	}
	return nil
}

// IsZero says whether id names nothing.
func (id ID[T]) IsZero() bool { return id == ID[T]{} }

// String returns the id in hex.
func (id ID[T]) String() string { return hex.EncodeToString(id[:]) }

// Short returns the first eight hex digits, for logs and people.
func (id ID[T]) Short() string { return hex.EncodeToString(id[:4]) }

// Parse fills id from what String wrote.
func (id *ID[T]) Parse(s string) error {
	b, err := hex.DecodeString(s)
	if err != nil || len(b) != len(id) {
		return errors.New("not an id: want 32 hex digits")
	}
	copy(id[:], b)
	return nil
}

// Hash is a SHA-256 under a label (trust.md, formats). The organisation's id is the hash of the directory's statement 0.
type (
	Hash  [32]byte
	OrgID = Hash
)

// IsZero says whether h is the hash of nothing yet.
func (h Hash) IsZero() bool { return h == Hash{} }

// String returns the hash in hex.
func (h Hash) String() string { return hex.EncodeToString(h[:]) }

// Short returns the first eight hex digits.
func (h Hash) Short() string { return hex.EncodeToString(h[:4]) }
