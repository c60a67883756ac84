package trust

import (
	"bytes"
	"crypto/ed25519"
	"crypto/subtle"
	"errors"
	"fmt"
	"io"
	"time"

	"golang.org/x/crypto/argon2"

	"visavis/models"
	"visavis/models/canon"
)

// What a one-time code is good for.
const (
	CodeLife  = 10 * time.Minute
	CodeTries = 3
)

// Code is an admin's one-time code: 50 bits, which stand for a face once, for one account at one desk. It prints redacted.
type Code [codeLetters]byte // letters of base32Text's alphabet

const (
	codeLetters = 10 // of 5 bits each
	codeCheck   = 2  // letters of a checksum behind them, so that a typing error costs no try
)

const base32Letters = "abcdefghijklmnopqrstuvwxyz234567"

// NewCode draws a code from random.
func NewCode(random io.Reader) (Code, error) {
	var c Code
	if _, err := io.ReadFull(random, c[:]); err != nil {
		return Code{}, fmt.Errorf("draw a code: %w", err)
	}
	for i := range c {
		c[i] = base32Letters[c[i]&31]
	}
	return c, nil
}

func (c Code) check() string {
	sum := LabelCodeCheck.Hash(c[:])
	return base32Text.EncodeToString(sum[:])[:codeCheck]
}

// Text returns the code for the screen: three groups of four.
func (c Code) Text() string { return groups(string(c[:]) + c.check()) }

// ParseCode reads what a person typed; case, spaces and dashes do not matter. ErrFormat: no code; ErrChecksum: a typing error.
func ParseCode(typed string) (Code, error) {
	s := squeeze(typed)
	if len(s) != codeLetters+codeCheck {
		return Code{}, fmt.Errorf("one-time code: %w", ErrFormat)
	}
	c := Code([]byte(s[:codeLetters]))
	for _, letter := range c {
		if !bytes.ContainsRune([]byte(base32Letters), rune(letter)) {
			return Code{}, fmt.Errorf("one-time code: %w", ErrFormat)
		}
	}
	if s[codeLetters:] != c.check() {
		return Code{}, fmt.Errorf("one-time code: %w", ErrChecksum)
	}
	return c, nil
}

// CodePlace is the account and the desk that a code is bound to.
type CodePlace struct {
	_       struct{} `cbor:",toarray"`
	Org     models.OrgID
	Account models.AccountID
	Desk    models.DeskID
}

// Stretch makes of a code what is shown to the server, which has never seen it and keeps its hash alone. It takes a fifth of a second and
// 64 MiB: 50 bits would not stand ten minutes against anything quicker.
func (c Code) Stretch(p CodePlace) Secret {
	salt := LabelCodeSalt.Hash(canon.MustMarshal(p))
	b := argon2.IDKey(c[:], salt[:16], 3, 64<<10, 4, uint32(len(Secret{})))
	defer clear(b)
	return Secret(b)
}

// CodeGrant is what an admin signs of a code: for whom, where and how long it is good, and the hash that it is known by.
type CodeGrant struct {
	CodePlace
	By       models.AccountID // an admin, and not the account itself
	Made     time.Time
	Until    time.Time
	Verifier models.Hash // CodeVerifier of the stretched code
}

// CodeVerifier is what the server keeps of a stretched code.
func CodeVerifier(stretched Secret) models.Hash { return LabelCode.Hash(stretched[:]) }

type codePayload struct {
	_ struct{} `cbor:",toarray"`
	Header
	Account  models.AccountID
	Desk     models.DeskID
	By       models.AccountID
	Made     int64
	Until    int64
	Verifier models.Hash
	Ext      Ext
}

// MaxCodeGrant bounds a signed grant, in bytes.
const MaxCodeGrant = 1 << 10

// ErrCode says that a grant does not make its code good: not by an admin, not for this, or not now.
var ErrCode = errors.New("no admin's code for this account at this desk and time")

// NewCodeGrant signs g with its admin's key.
func NewCodeGrant(g CodeGrant, key ed25519.PrivateKey) []byte {
	return Sign(LabelCodeGrant, canon.MustMarshal(codePayload{Header: NewHeader(LabelCodeGrant, g.Org), Account: g.Account, Desk: g.Desk, By: g.By,
		Made: millis(g.Made), Until: millis(g.Until), Verifier: g.Verifier}), key)
}

// OpenCodeGrant checks a grant by the directory as it is now: an admin signed it, for somebody else whom it lists, at a desk that it lists. Whether
// its time is over is for Good.
func OpenCodeGrant(signed []byte, d *Directory) (CodeGrant, error) {
	fail := func(err error) (CodeGrant, error) { return CodeGrant{}, fmt.Errorf("grant of a code: %w", err) }
	var e envelope
	var p codePayload
	if err := Decode(signed, MaxCodeGrant, &e); err != nil {
		return fail(err)
	}
	if err := Decode(e.Payload, MaxCodeGrant, &p); err != nil {
		return fail(err)
	}
	if err := p.Header.Check(LabelCodeGrant); err != nil {
		return fail(err)
	}
	by, listed := d.Identity(p.By)
	if !listed || !d.IsAdmin(p.By) || p.Org != d.Org() {
		return fail(fmt.Errorf("%w: by %s", ErrCode, p.By.Short()))
	}
	if err := e.check(LabelCodeGrant, by.Signing); err != nil {
		return fail(err)
	}
	if err := p.Ext.Check(); err != nil {
		return fail(err)
	}
	g := CodeGrant{CodePlace: CodePlace{Org: p.Org, Account: p.Account, Desk: p.Desk}, By: p.By, Made: fromMillis(p.Made), Until: fromMillis(p.Until),
		Verifier: p.Verifier}
	_, person := d.Identity(g.Account)
	_, desk := d.Desk(g.Desk)
	life := g.Until.Sub(g.Made)
	if !person || !desk || g.By == g.Account || life <= 0 || life > CodeLife {
		return fail(ErrCode)
	}
	return g, nil
}

// Good says whether a stretched code is the grant's, for this place and at this time.
func (g CodeGrant) Good(stretched Secret, p CodePlace, now time.Time) bool {
	v := CodeVerifier(stretched)
	return g.CodePlace == p && now.Before(g.Until) && subtle.ConstantTimeCompare(v[:], g.Verifier[:]) == 1
}

func (Code) String() string   { return redacted }
func (Code) GoString() string { return redacted }

// Format keeps every verb from printing it.
func (Code) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, redacted) }

// MarshalText keeps JSON, TOML and slog from printing it.
func (Code) MarshalText() ([]byte, error) { return []byte(redacted), nil }
