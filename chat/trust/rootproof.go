package trust

import (
	"crypto/ed25519"
	"fmt"

	"visavis/models"
	"visavis/models/canon"
)

// RootProof is what the root signs to be let in with its statements: good on one connection of one desk, at one server. It opens the directory
// and who waits, and nothing that was said in a room.
type RootProof struct {
	Org      models.OrgID
	Server   models.Hash // server id
	Desk     models.DeskID
	Exporter [32]byte // of the connection, without a context
}

type rootProofPayload struct {
	_ struct{} `cbor:",toarray"`
	Header
	Server   models.Hash
	Desk     models.DeskID
	Exporter [32]byte
	Ext      Ext
}

// MaxRootProof bounds a signed proof, in bytes.
const MaxRootProof = 1 << 10

// NewRootProof signs p.
func NewRootProof(p RootProof, root ed25519.PrivateKey) []byte {
	return Sign(LabelRootProof, canon.MustMarshal(rootProofPayload{Header: NewHeader(LabelRootProof, p.Org), Server: p.Server, Desk: p.Desk,
		Exporter: p.Exporter}), root)
}

// OpenRootProof checks form and signature; the caller compares every field with what it knows itself.
func OpenRootProof(signed []byte, root ed25519.PublicKey) (RootProof, error) {
	fail := func(err error) (RootProof, error) { return RootProof{}, fmt.Errorf("proof of the root: %w", err) }
	p, err := open[rootProofPayload](LabelRootProof, signed, MaxRootProof, root)
	if err != nil {
		return fail(err)
	}
	if err := p.Ext.Check(); err != nil {
		return fail(err)
	}
	return RootProof{Org: p.Org, Server: p.Server, Desk: p.Desk, Exporter: p.Exporter}, nil
}
