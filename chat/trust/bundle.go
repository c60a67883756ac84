package trust

import (
	"crypto/ed25519"
	"crypto/subtle"
	"encoding/base32"
	"fmt"
	"strings"
	"time"

	"visavis/models"
	"visavis/models/canon"
)

// MaxBundle bounds a sign-up bundle, in bytes.
const MaxBundle = 12 << 10

// Bundle is what a person signs up with: public keys, made on the desk, which an admin approves.
type Bundle struct {
	Org        models.OrgID
	Account    models.AccountID
	Name       string // canonical
	Signing    ed25519.PublicKey
	Boxes      []BoxKey
	Consent    models.Hash // of the consent text that was shown
	Desk       models.DeskID
	Time       time.Time
	Proof      []byte      // of possession, for the identity statement; NewBundle makes it
	Succession []byte      // the key before signs the new ones; empty at a sign-up
	Hash       models.Hash // of the signed bundle; OpenBundle fills it in
}

type bundlePayload struct {
	_ struct{} `cbor:",toarray"`
	Header
	Account    models.AccountID
	Name       string
	Signing    []byte
	Boxes      []BoxKey
	Consent    models.Hash
	Desk       models.DeskID
	Time       int64
	Proof      []byte
	Succession []byte
	Ext        Ext
}

// personKeys is what proofs of possession are over.
type personKeys struct {
	_       struct{} `cbor:",toarray"`
	Org     models.OrgID
	Account models.AccountID
	Name    string
	Signing []byte
	Boxes   []BoxKey
}

func (b identityBody) keys() personKeys {
	return personKeys{Account: b.Account, Name: b.Name, Signing: b.Signing, Boxes: b.Boxes}
}

func provesKeys(l Label, key ed25519.PublicKey, proof []byte, org models.OrgID, k personKeys) bool {
	k.Org = org
	return CheckSigningKey(key) == nil && ed25519.Verify(key, l.prepend(canon.MustMarshal(k)), proof)
}

// NewBundle signs b with the person's new key and then with the desk's device key.
func NewBundle(b Bundle, signing, device ed25519.PrivateKey) ([]byte, error) {
	k := personKeys{Org: b.Org, Account: b.Account, Name: b.Name, Signing: b.Signing, Boxes: b.Boxes}
	p := bundlePayload{Header: NewHeader(LabelBundle, b.Org), Account: b.Account, Name: b.Name, Signing: b.Signing, Boxes: b.Boxes, Consent: b.Consent,
		Desk: b.Desk, Time: millis(b.Time), Proof: ed25519.Sign(signing, LabelProof.prepend(canon.MustMarshal(k))), Succession: b.Succession}
	inner := Sign(LabelBundle, canon.MustMarshal(p), signing)
	outer := Sign(LabelBundleDesk, inner, device)
	if _, err := openBundle(outer, device.Public().(ed25519.PublicKey)); err != nil {
		return nil, fmt.Errorf("make a sign-up bundle: %w", err)
	}
	return outer, nil
}

// OpenBundle checks both signatures, the proof of possession, and that the desk is in the directory.
func OpenBundle(signed []byte, d *Directory) (Bundle, error) {
	b, err := openBundleWith(signed, func(desk models.DeskID) (ed25519.PublicKey, error) {
		k, ok := d.Desk(desk)
		if !ok {
			return nil, fmt.Errorf("desk %s: %w", desk.Short(), ErrUnknown)
		}
		return k.Device, nil
	})
	if err == nil && b.Org != d.Org() {
		err = ErrOrg
	}
	if err != nil {
		return Bundle{}, fmt.Errorf("sign-up bundle: %w", err)
	}
	return b, nil
}

func openBundle(signed []byte, device ed25519.PublicKey) (Bundle, error) {
	return openBundleWith(signed, func(models.DeskID) (ed25519.PublicKey, error) { return device, nil })
}

func openBundleWith(signed []byte, deviceKey func(models.DeskID) (ed25519.PublicKey, error)) (Bundle, error) {
	var outer, inner envelope
	var p bundlePayload
	if err := Decode(signed, MaxBundle, &outer); err != nil {
		return Bundle{}, err
	}
	if err := Decode(outer.Payload, MaxBundle, &inner); err != nil {
		return Bundle{}, err
	}
	if err := Decode(inner.Payload, MaxBundle, &p); err != nil {
		return Bundle{}, err
	}
	if err := p.check(); err != nil {
		return Bundle{}, err
	}
	if err := inner.check(LabelBundle, p.Signing); err != nil {
		return Bundle{}, err
	}
	device, err := deviceKey(p.Desk)
	if err != nil {
		return Bundle{}, err
	}
	if err := outer.check(LabelBundleDesk, device); err != nil {
		return Bundle{}, fmt.Errorf("desk's: %w", err)
	}
	return Bundle{Org: p.Org, Account: p.Account, Name: p.Name, Signing: p.Signing, Boxes: p.Boxes, Consent: p.Consent, Desk: p.Desk,
		Time: fromMillis(p.Time), Proof: p.Proof, Succession: p.Succession, Hash: LabelBundle.Hash(signed)}, nil
}

func (p bundlePayload) check() error {
	if err := p.Header.Check(LabelBundle); err != nil {
		return err
	}
	if !isName(p.Name) || p.Account.IsZero() || p.Desk.IsZero() || p.Org.IsZero() {
		return fmt.Errorf("%w: name or ids", ErrFormat)
	}
	if _, err := NewDirectory(p.Org).checkPersonKeys(p.Signing, p.Boxes); err != nil {
		return err
	}
	k := personKeys{Account: p.Account, Name: p.Name, Signing: p.Signing, Boxes: p.Boxes}
	if !provesKeys(LabelProof, p.Signing, p.Proof, p.Org, k) {
		return fmt.Errorf("proof of possession: %w", ErrSignature)
	}
	return p.Ext.Check()
}

// Fingerprint is 100 bits of a bundle's hash, for people to compare: 20 letters and digits in groups of four.
type Fingerprint string

const fingerprintLength = 20

var base32Text = base32.NewEncoding(base32Letters).WithPadding(base32.NoPadding)

// BundleFingerprint is the fingerprint of a signed bundle.
func BundleFingerprint(signed []byte) Fingerprint {
	h := LabelFingerprint.Hash(signed)
	return Fingerprint(groups(base32Text.EncodeToString(h[:])[:fingerprintLength]))
}

// Matches compares with what a person typed or scanned, in constant time; case, spaces and dashes do not matter.
func (f Fingerprint) Matches(typed string) bool {
	want := squeeze(string(f))
	return len(want) == fingerprintLength && subtle.ConstantTimeCompare([]byte(want), []byte(squeeze(typed))) == 1
}

// groups sets a dash after every four characters.
func groups(s string) string {
	var b strings.Builder
	for i, r := range s {
		if i > 0 && i%4 == 0 {
			b.WriteByte('-')
		}
		b.WriteRune(r)
	}
	return b.String()
}

// squeeze undoes groups, whatever people make of it.
func squeeze(s string) string {
	return strings.Map(func(r rune) rune {
		switch r {
		case ' ', '-', '\t', '\n', '\r', '\u00a0':
			return -1
		}
		return r
	}, strings.ToLower(s))
}
