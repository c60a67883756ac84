package trust

import (
	"crypto/ed25519"
	"encoding/base64"
	"fmt"
	"strings"
	"time"

	"visavis/models"
	"visavis/models/canon"
)

// pepperBody names the vault pepper that vaults are wrapped under from now on, by its id: the pepper itself goes from desk to desk by hand.
type pepperBody struct {
	_      struct{}    `cbor:",toarray"`
	Pepper models.Hash // PepperID
	Prev   models.Hash // of the one before
}

// checkPepper: each follows the one before, and none comes back, so that nobody is led to wrap under a pepper that was left because it was stolen.
func (d *Directory) checkPepper(s Statement, _ *DirectoryChange) (func(*Directory), error) {
	var b pepperBody
	if err := Decode(s.Body, MaxStatement, &b); err != nil {
		return nil, err
	}
	if b.Pepper.IsZero() || b.Prev.IsZero() {
		return nil, fmt.Errorf("%w: pepper", ErrFormat)
	}
	if n := len(d.peppers); n > 0 && d.peppers[n-1] != b.Prev {
		return nil, fmt.Errorf("pepper: %w", ErrPrev)
	}
	if b.Pepper == b.Prev || d.peppered(b.Pepper) {
		return nil, fmt.Errorf("pepper: %w", ErrTaken)
	}
	return func(d *Directory) {
		if len(d.peppers) == 0 {
			d.peppers = append(d.peppers, b.Prev)
		}
		d.peppers = append(d.peppers, b.Pepper)
	}, nil
}

func (d *Directory) peppered(id models.Hash) bool {
	for _, p := range d.peppers {
		if p == id {
			return true
		}
	}
	return false
}

// Peppers are the ids of all vault peppers that there were, the newest last; none before the first one was replaced.
func (d *Directory) Peppers() []models.Hash {
	d.mu.RLock()
	defer d.mu.RUnlock()
	return append([]models.Hash(nil), d.peppers...)
}

// SignPepper names the pepper that follows prev, which the directory does not know before it was replaced for the first time.
func (d *Directory) SignPepper(by models.AccountID, key ed25519.PrivateKey, pepper, prev models.Hash, at time.Time) ([]byte, error) {
	return d.sign(LabelPepperNamed, by, key, pepperBody{Pepper: pepper, Prev: prev}, at)
}

const (
	pepperPrefix  = "visavis-pepper-1:"
	maxPepperText = 512
)

type pepperPayload struct {
	_ struct{} `cbor:",toarray"`
	Header
	Pepper Pepper
	Ext    Ext
}

// PepperText is a vault pepper as one line, to be brought to a desk by hand. Its reader has half of what opens a vault: handle it as a password.
func PepperText(org models.OrgID, p Pepper) string {
	body := canon.MustMarshal(pepperPayload{Header: NewHeader(LabelPepperText, org), Pepper: p})
	sum := LabelPepperText.Hash(body)
	return pepperPrefix + base64.RawURLEncoding.EncodeToString(append(body, sum[:4]...))
}

// ParsePepper reads what PepperText wrote; space around it does not matter. A typing error is ErrChecksum or ErrFormat, a pepper of another
// organisation ErrOrg. Whether the pepper is one of the organisation, its directory says.
func ParsePepper(text string, org models.OrgID) (Pepper, error) {
	fail := func(err error) (Pepper, error) { return Pepper{}, fmt.Errorf("vault pepper: %w", err) }
	if len(text) > maxPepperText {
		return fail(ErrFormat)
	}
	rest, ok := strings.CutPrefix(strings.TrimSpace(text), pepperPrefix)
	if !ok || strings.ContainsAny(rest, "\r\n") {
		return fail(ErrFormat)
	}
	raw, err := base64.RawURLEncoding.Strict().DecodeString(rest)
	if err != nil || len(raw) < 4 {
		return fail(ErrChecksum)
	}
	defer clear(raw)
	body := raw[:len(raw)-4]
	if sum := LabelPepperText.Hash(body); string(sum[:4]) != string(raw[len(body):]) {
		return fail(ErrChecksum)
	}
	var p pepperPayload
	if err := Decode(body, maxPepperText, &p); err != nil {
		return fail(err)
	}
	if err := p.Header.Check(LabelPepperText); err != nil {
		return fail(err)
	}
	if err := p.Ext.Check(); err != nil {
		return fail(err)
	}
	switch {
	case p.Org != org:
		return fail(ErrOrg)
	case p.Pepper.IsZero():
		return fail(ErrFormat)
	}
	return p.Pepper, nil
}
