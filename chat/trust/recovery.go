package trust

import (
	"crypto/ed25519"
	"fmt"

	"visavis/models"
	"visavis/models/canon"
)

// Recovery is what a phrase's key signs to ask for a vault: good for one try, on one connection of one desk, at one server.
type Recovery struct {
	Org      models.OrgID
	Server   models.Hash    // server id
	Login    models.LoginID // that the server drew for this try
	Account  models.AccountID
	Desk     models.DeskID
	Exporter [32]byte // of the connection, with the login id as context
}

type recoveryPayload struct {
	_ struct{} `cbor:",toarray"`
	Header
	Server   models.Hash
	Login    models.LoginID
	Account  models.AccountID
	Desk     models.DeskID
	Exporter [32]byte
	Ext      Ext
}

// MaxRecovery bounds a signed request for recovery, in bytes.
const MaxRecovery = 1 << 10

// NewRecovery signs r with the key that a phrase derives.
func NewRecovery(r Recovery, key ed25519.PrivateKey) []byte {
	return Sign(LabelRecovery, canon.MustMarshal(recoveryPayload{Header: NewHeader(LabelRecovery, r.Org), Server: r.Server, Login: r.Login,
		Account: r.Account, Desk: r.Desk, Exporter: r.Exporter}), key)
}

// OpenRecovery checks form and signature; the caller compares every field with what it knows itself.
func OpenRecovery(signed []byte, key ed25519.PublicKey) (Recovery, error) {
	fail := func(err error) (Recovery, error) { return Recovery{}, fmt.Errorf("request for recovery: %w", err) }
	p, err := open[recoveryPayload](LabelRecovery, signed, MaxRecovery, key)
	if err != nil {
		return fail(err)
	}
	if err := p.Ext.Check(); err != nil {
		return fail(err)
	}
	return Recovery{Org: p.Org, Server: p.Server, Login: p.Login, Account: p.Account, Desk: p.Desk, Exporter: p.Exporter}, nil
}

// RecoveryHash stands in the place of a handshake in the evidence of a recovery: the face is shown for this proof and no other.
func RecoveryHash(signed []byte) models.Hash { return LabelRecovery.Hash(signed) }
