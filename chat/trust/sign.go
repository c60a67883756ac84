package trust

import (
	"crypto/ed25519"
	"fmt"

	"visavis/models/canon"
)

// Suite is the one set of primitives of this version: Ed25519, SHA-256, MLKEM768-X25519 with HKDF-SHA256 and AES-256-GCM, Fernet.
const Suite = 1

// Version is the one version of every payload.
const Version = 1

// envelope is everything signed.
type envelope struct {
	_         struct{} `cbor:",toarray"`
	Payload   []byte
	Signature []byte
}

// Sign returns the envelope of payload, signed under label.
func Sign(label Label, payload []byte, key ed25519.PrivateKey) []byte {
	return canon.MustMarshal(envelope{Payload: payload, Signature: ed25519.Sign(key, label.prepend(payload))})
}

// Verify returns the payload of a signed envelope. It fails with ErrFormat, ErrKey or ErrSignature.
func Verify(label Label, signed []byte, key ed25519.PublicKey) ([]byte, error) {
	e, err := split(signed)
	if err != nil {
		return nil, err
	}
	return e.Payload, e.check(label, key)
}

// split opens an envelope without believing it.
func split(signed []byte) (envelope, error) {
	var e envelope
	if err := canon.Unmarshal(signed, &e); err != nil {
		return envelope{}, fmt.Errorf("%w: %v", ErrFormat, err)
	}
	if len(e.Signature) != ed25519.SignatureSize {
		return envelope{}, fmt.Errorf("%w: signature of %d bytes", ErrFormat, len(e.Signature))
	}
	return e, nil
}

func (e envelope) check(label Label, key ed25519.PublicKey) error {
	if err := CheckSigningKey(key); err != nil {
		return err
	}
	if !ed25519.Verify(key, label.prepend(e.Payload), e.Signature) {
		return ErrSignature
	}
	return nil
}

// headed is a payload: it begins with a Header, and so has its Check.
type headed interface{ Check(Label) error }

// open returns the payload of a signed envelope of at most max bytes, its header checked. The signature comes first: nobody but who holds the key
// gets to have a payload decoded. What P holds beside its header is the caller's to check, its Ext too.
func open[P headed](label Label, signed []byte, max int, key ed25519.PublicKey) (P, error) {
	var e envelope
	var p, none P
	if err := Decode(signed, max, &e); err != nil {
		return none, err
	}
	if err := e.check(label, key); err != nil {
		return none, err
	}
	if err := Decode(e.Payload, max, &p); err != nil {
		return none, err
	}
	if err := p.Check(label); err != nil {
		return none, err
	}
	return p, nil
}

// Payload returns what is in a signed envelope without believing it: for who has to read it to learn whose key to ask for. Verify follows.
func Payload(signed []byte) ([]byte, error) {
	e, err := split(signed)
	return e.Payload, err
}
