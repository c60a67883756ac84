package fernet

import (
	"encoding/base64"
	"fmt"
	"time"

	library "github.com/fernet/fernet-go"
)

// Skew is how far ahead of the reader's clock a one-time token may be.
const Skew = 60 * time.Second

// Seal encrypts and signs plaintext under key, marked with the time at, in whole seconds. The initialisation vector comes from
// crypto/rand: the library takes no other.
func Seal(plaintext []byte, key Key, at time.Time) (Token, error) {
	if key.IsZero() {
		return nil, fmt.Errorf("seal: %w", ErrKey)
	}
	if err := checkTime(at); err != nil {
		return nil, fmt.Errorf("seal: %w", err)
	}
	if len(plaintext) > MaxToken-Overhead {
		return nil, fmt.Errorf("seal: %w: a plaintext of %d bytes", ErrLength, len(plaintext))
	}
	k := library.Key(key.b)
	defer clear(k[:])
	text, err := library.EncryptAndSignAtTime(plaintext, &k, at)
	if err != nil {
		return nil, fmt.Errorf("seal: %w", err)
	}
	t := make(Token, base64.URLEncoding.DecodedLen(len(text)))
	n, err := base64.URLEncoding.Decode(t, text)
	if err != nil {
		return nil, fmt.Errorf("seal: %w", err)
	}
	return t[:n], nil
}

// Open returns the plaintext of a token that one of keys signed, and the time that its maker wrote into it: authentic, but no
// truer than the maker's clock. The token may be of any age.
func Open(t Token, keys ...Key) (plaintext []byte, at time.Time, err error) {
	if err := t.Check(); err != nil {
		return nil, time.Time{}, fmt.Errorf("open token: %w", err)
	}
	if len(keys) == 0 {
		return nil, time.Time{}, fmt.Errorf("open token: %w", ErrKey)
	}
	for _, key := range keys {
		if key.IsZero() {
			return nil, time.Time{}, fmt.Errorf("open token: %w", ErrKey)
		}
	}
	for _, key := range keys {
		if plaintext := open(t, key); plaintext != nil {
			return plaintext, time.Unix(int64(t.seconds()), 0).UTC(), nil
		}
	}
	return nil, time.Time{}, fmt.Errorf("open token: %w", ErrUnopened)
}

// OpenWithin is Open for one-time uses: the token's time must be at most ttl before now and at most [Skew] after it. A ttl
// of zero or less accepts nothing.
func OpenWithin(t Token, now time.Time, ttl time.Duration, keys ...Key) (plaintext []byte, at time.Time, err error) {
	plaintext, at, err = Open(t, keys...)
	if err != nil {
		return nil, time.Time{}, err
	}
	switch {
	case ttl <= 0 || now.After(at.Add(ttl)):
		err = ErrExpired
	case at.After(now.Add(Skew)):
		err = ErrFuture
	}
	if err != nil {
		clear(plaintext)
		return nil, time.Time{}, fmt.Errorf("open token: %w", err)
	}
	return plaintext, at, nil
}

// open returns nil unless key signed t and its padding is well-formed. The library wants text, reads the system's clock unless the
// age is unlimited, and panics on bodies that Check refuses; a panic is one more way to say no.
func open(t Token, key Key) (plaintext []byte) {
	defer func() {
		if recover() != nil {
			plaintext = nil
		}
	}()
	k := library.Key(key.b)
	defer clear(k[:])
	text := make([]byte, base64.URLEncoding.EncodedLen(len(t)))
	base64.URLEncoding.Encode(text, t)
	plaintext = library.VerifyAndDecrypt(text, 0, []*library.Key{&k})
	if plaintext == nil {
		return nil
	}
	// PKCS #7 pads with 1 to 16 bytes; the library also takes 0 and more than a block.
	if pad := len(t) - bodyAt - macSize - len(plaintext); pad < 1 || pad > blockSize {
		return nil
	}
	return plaintext
}
