package wire

import "visavis/models"

// FeaturePepper says that a server counts vaults by the pepper that they name, and an admin's desk asks.
const FeaturePepper = "pepper"

// TypePepperCount asks for that.
const (
	TypePepperCount = "pepper.count" // Empty → PepperCountReply; admins, under FeaturePepper
)

// PepperCountReply answers it, by the peppers' ids. People who were revoked are not counted.
type PepperCountReply struct {
	_      struct{} `cbor:",toarray"`
	Counts []PepperCount
}

// PepperCount is of one pepper.
type PepperCount struct {
	_      struct{} `cbor:",toarray"`
	Pepper models.Hash
	Vaults uint64
}
