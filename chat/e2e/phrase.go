package e2e

import (
	"crypto/ed25519"
	"crypto/hkdf"
	"crypto/hpke"
	"crypto/sha256"
	"encoding/base32"
	"fmt"
	"io"
	"strings"

	"visavis/chat/trust"
	"visavis/models"
	"visavis/models/canon"
)

// Phrase is the 128 bits that recover a vault; they are printed once, at sign-up, and kept by the person alone. It prints redacted.
type Phrase [16]byte

// NewPhrase draws a phrase from random.
func NewPhrase(random io.Reader) (Phrase, error) {
	var p Phrase
	if _, err := io.ReadFull(random, p[:]); err != nil {
		return Phrase{}, fmt.Errorf("draw a phrase: %w", err)
	}
	return p, nil
}

var phraseText = base32.NewEncoding("abcdefghijklmnopqrstuvwxyz234567").WithPadding(base32.NoPadding)

// Text returns the phrase for print: 32 letters and digits in eight groups, the last 32 bits a checksum.
func (p Phrase) Text() string {
	sum := trust.LabelPhrase.Hash(p[:])
	s := phraseText.EncodeToString(append(p[:], sum[:4]...))
	var b strings.Builder
	for i := 0; i < len(s); i += 4 {
		if i > 0 {
			b.WriteByte('-')
		}
		b.WriteString(s[i : i+4])
	}
	return b.String()
}

// ParsePhrase reads what a person typed from print: case, spaces and dashes do not matter, digits that are no letters of a phrase are read as what they look like, and a typing error is found.
func ParsePhrase(text string) (Phrase, error) {
	s := strings.Map(phraseLetter, strings.ToLower(text))
	raw, err := phraseText.DecodeString(s)
	defer clear(raw)
	if err != nil || len(raw) != 20 {
		return Phrase{}, fmt.Errorf("recovery phrase: %w", ErrFormat)
	}
	p := Phrase(raw[:16])
	if sum := trust.LabelPhrase.Hash(p[:]); string(sum[:4]) != string(raw[16:]) {
		return Phrase{}, fmt.Errorf("recovery phrase: %w", trust.ErrChecksum)
	}
	return p, nil
}

// phraseLetter is a small letter as it is read; -1 is none.
func phraseLetter(r rune) rune {
	switch r {
	case ' ', '-', '\t', '\r', '\n', '\u00a0':
		return -1
	case '0':
		return 'o'
	case '1':
		return 'l'
	case '8':
		return 'b'
	}
	return r
}

// SignRecovery signs a request for the vault of r's account.
func (p Phrase) SignRecovery(r trust.Recovery) ([]byte, error) {
	_, sign, err := p.recoveryKeys(person{Org: r.Org, Account: r.Account})
	if err != nil {
		return nil, fmt.Errorf("sign a request for recovery: %w", err)
	}
	defer clear(sign)
	return trust.NewRecovery(r, sign), nil
}

func (Phrase) String() string   { return redacted }
func (Phrase) GoString() string { return redacted }

// Format keeps every verb from printing it.
func (Phrase) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, redacted) }

// MarshalText keeps JSON, TOML and slog from printing it.
func (Phrase) MarshalText() ([]byte, error) { return []byte(redacted), nil }

// person is the context of what belongs to one account.
type person struct {
	_       struct{} `cbor:",toarray"`
	Org     models.OrgID
	Account models.AccountID
}

// derive is HKDF-SHA256 with info = label ‖ 0x00 ‖ canonical context.
func derive(secret []byte, l trust.Label, context any) ([]byte, error) {
	return hkdf.Key(sha256.New, secret, nil, string(l)+"\x00"+string(canon.MustMarshal(context)), 32)
}

// recoveryKeys are the keys that a phrase derives: one opens the vault key, the other signs the request for recovery.
func (p Phrase) recoveryKeys(of person) (hpke.PrivateKey, ed25519.PrivateKey, error) {
	seed, err := derive(p[:], trust.LabelRecoveryBox, of)
	if err != nil {
		return nil, nil, err
	}
	defer clear(seed)
	box, err := hpke.MLKEM768X25519().NewPrivateKey(seed)
	if err != nil {
		return nil, nil, err
	}
	sign, err := derive(p[:], trust.LabelRecoverySign, of)
	if err != nil {
		return nil, nil, err
	}
	defer clear(sign)
	return box, ed25519.NewKeyFromSeed(sign), nil
}
