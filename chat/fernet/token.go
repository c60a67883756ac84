package fernet

import (
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"strings"
	"time"
)

// A token is version (1 byte), time (8, seconds since 1970), initialisation vector (16), body (whole blocks of 16, at
// least one), HMAC (32).
const (
	version   = 0x80
	timeAt    = 1
	ivAt      = timeAt + 8
	bodyAt    = ivAt + blockSize
	macSize   = 32
	blockSize = 16

	// MinToken is the length of the shortest token: that of an empty plaintext.
	MinToken = bodyAt + blockSize + macSize
	// MaxToken is the length of the longest token that this package reads or makes.
	MaxToken = 1 << 20
	// Overhead is what a token is at most longer than its plaintext.
	Overhead = MinToken
)

// lastSecond is the end of the year 9999, the last second that every format for times can express.
const lastSecond = 253402300799

// The errors of a token. They are wrapped with what exactly was wrong.
var (
	ErrEncoding = errors.New("not strict base64url")      // of the text: Parse only
	ErrLength   = errors.New("not the length of a token") // too short, too long, or a body of broken blocks
	ErrVersion  = errors.New("not a version 0x80 token")
	ErrTime     = errors.New("a time out of range")          // before 1970 or after 9999
	ErrUnopened = errors.New("no key opens the token")       // another key, an altered token, or a bad padding
	ErrExpired  = errors.New("the token is too old")         // OpenWithin only
	ErrFuture   = errors.New("the token is from the future") // OpenWithin only
)

// Token is a token's decoded bytes. Its shape is checked by Parse and again by Open; use Check where neither happened.
type Token []byte

// Check says whether t has the shape of a token. It needs no key, and proves nothing about who made it.
func (t Token) Check() error {
	if len(t) < MinToken || len(t) > MaxToken || (len(t)-MinToken)%blockSize != 0 {
		return fmt.Errorf("%w: %d bytes", ErrLength, len(t))
	}
	if t[0] != version {
		return fmt.Errorf("%w: 0x%02x", ErrVersion, t[0])
	}
	if s := t.seconds(); s > lastSecond {
		return fmt.Errorf("%w: second %d", ErrTime, s)
	}
	return nil
}

func (t Token) seconds() uint64 { return binary.BigEndian.Uint64(t[timeAt:]) }

// Encode returns a token's text: base64url with padding.
func Encode(t Token) string { return base64.URLEncoding.EncodeToString(t) }

// Parse reads the one text of a token: base64url with padding, its unused bits zero, without line breaks, and nothing after it.
func Parse(text string) (Token, error) {
	if len(text) > base64.URLEncoding.EncodedLen(MaxToken) {
		return nil, fmt.Errorf("parse token: %w: a text of %d bytes", ErrLength, len(text))
	}
	// The decoder skips line breaks even when it is strict.
	if strings.ContainsAny(text, "\r\n") {
		return nil, fmt.Errorf("parse token: %w: line break", ErrEncoding)
	}
	b, err := base64.URLEncoding.Strict().DecodeString(text)
	if err != nil {
		return nil, fmt.Errorf("parse token: %w: %w", ErrEncoding, err)
	}
	t := Token(b)
	if err := t.Check(); err != nil {
		return nil, fmt.Errorf("parse token: %w", err)
	}
	return t, nil
}

// checkTime refuses what does not fit a token's time.
func checkTime(at time.Time) error {
	if s := at.Unix(); s < 0 || s > lastSecond {
		return fmt.Errorf("%w: %v", ErrTime, at)
	}
	return nil
}
