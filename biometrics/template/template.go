package template

import (
	"errors"
	"fmt"
	"time"

	"visavis/biometrics/match"
	"visavis/chat/fernet"
	"visavis/models"
	"visavis/models/canon"
)

const (
	version  = 1
	bodyType = "template"
	label    = "visavis/v1/template"
)

// MaxSealed bounds a sealed template.
const MaxSealed = 8192

// The errors of a sealed template.
var (
	ErrFormat  = errors.New("not a sealed template")
	ErrUnknown = errors.New("sealed under a key that the ring does not hold")
	ErrRefused = errors.New("not this account's template, or altered")
)

type sealed struct {
	_       struct{} `cbor:",toarray"`
	Version uint8
	Key     KeyID
	Token   fernet.Token
}

type body struct {
	_       struct{} `cbor:",toarray"`
	Version uint8
	Type    string
	Account models.AccountID
	Key     KeyID
	Weights string
	Views   []match.Vector
}

type keyContext struct {
	_       struct{} `cbor:",toarray"`
	Key     KeyID
	Account models.AccountID
}

// Seal seals t for account under the ring's newest key.
func Seal(r Ring, account models.AccountID, t match.Template, now time.Time) ([]byte, error) {
	if len(r.keys) == 0 {
		return nil, fmt.Errorf("seal template: %w", ErrRing)
	}
	if account.IsZero() {
		return nil, fmt.Errorf("seal template: %w: no account", ErrRefused)
	}
	if _, err := match.Restore(t.Weights, t.Views...); err != nil {
		return nil, fmt.Errorf("seal template: %w", err)
	}
	k := r.keys[0]
	plain, err := canon.Marshal(body{
		Version: version, Type: bodyType, Account: account, Key: k.ID, Weights: t.Weights, Views: t.Views,
	})
	if err != nil {
		return nil, fmt.Errorf("seal template: %w", err)
	}
	defer clear(plain)
	key, err := derive(k, account)
	if err != nil {
		return nil, fmt.Errorf("seal template: %w", err)
	}
	defer key.Wipe()
	token, err := fernet.Seal(plain, key, now)
	if err != nil {
		return nil, fmt.Errorf("seal template: %w", err)
	}
	b, err := canon.Marshal(sealed{Version: version, Key: k.ID, Token: token})
	if err != nil {
		return nil, fmt.Errorf("seal template: %w", err)
	}
	if len(b) > MaxSealed {
		return nil, fmt.Errorf("seal template: %w: %d bytes", ErrFormat, len(b))
	}
	return b, nil
}

// Open opens what Seal sealed for account. A template of another account, moved or renamed, is refused.
func Open(r Ring, account models.AccountID, b []byte) (match.Template, error) {
	t, err := open(r, account, b)
	if err != nil {
		return match.Template{}, fmt.Errorf("open template: %w", err)
	}
	return t, nil
}

// parse reads the clear part.
func parse(b []byte) (s sealed, err error) {
	if len(b) > MaxSealed {
		return sealed{}, fmt.Errorf("%w: %d bytes", ErrFormat, len(b))
	}
	if err := canon.Unmarshal(b, &s); err != nil {
		return sealed{}, fmt.Errorf("%w: %w", ErrFormat, err)
	}
	if s.Version != version {
		return sealed{}, fmt.Errorf("%w: version %d", ErrFormat, s.Version)
	}
	return s, nil
}

// KeyOf says under which key of a ring a template says that it is sealed; only Open proves it.
func KeyOf(b []byte) (KeyID, error) {
	s, err := parse(b)
	if err != nil {
		return KeyID{}, fmt.Errorf("read template: %w", err)
	}
	return s.Key, nil
}

// Reseal seals account's template b again, under the ring's newest key.
func Reseal(r Ring, account models.AccountID, b []byte, now time.Time) ([]byte, error) {
	t, err := Open(r, account, b)
	if err != nil {
		return nil, err
	}
	defer clear(t.Views)
	return Seal(r, account, t, now)
}

func open(r Ring, account models.AccountID, b []byte) (match.Template, error) {
	s, err := parse(b)
	if err != nil {
		return match.Template{}, err
	}
	k, ok := r.find(s.Key)
	if !ok {
		return match.Template{}, ErrUnknown
	}
	key, err := derive(k, account)
	if err != nil {
		return match.Template{}, err
	}
	defer key.Wipe()
	plain, _, err := fernet.Open(s.Token, key)
	if err != nil {
		return match.Template{}, fmt.Errorf("%w: %w", ErrRefused, err)
	}
	defer clear(plain)
	var in body
	if err := canon.Unmarshal(plain, &in); err != nil {
		return match.Template{}, fmt.Errorf("%w: %w", ErrFormat, err)
	}
	switch {
	case in.Version != version || in.Type != bodyType:
		return match.Template{}, fmt.Errorf("%w: version %d, type %q inside", ErrFormat, in.Version, in.Type)
	case in.Account != account || account.IsZero() || in.Key != s.Key:
		return match.Template{}, fmt.Errorf("%w: the ids inside are others", ErrRefused)
	}
	return match.Restore(in.Weights, in.Views...)
}

func derive(k ringKey, account models.AccountID) (fernet.Key, error) {
	return fernet.Derive(k.Secret[:], label, canon.MustMarshal(keyContext{Key: k.ID, Account: account}))
}
