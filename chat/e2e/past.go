package e2e

import (
	"bytes"
	"time"

	"visavis/chat/fernet"
	"visavis/chat/trust"
	"visavis/models"
	"visavis/models/canon"
)

// pastBody is what a generation's past seals: the secret of the generation before.
type pastBody struct {
	_ struct{} `cbor:",toarray"`
	trust.Header
	Room       models.RoomID
	Generation models.Hash // whose secret it is
	Secret     []byte
}

type pastContext struct {
	_      struct{} `cbor:",toarray"`
	Org    models.OrgID
	Room   models.RoomID
	Number uint64 // of the generation that carries it
	Prev   models.Hash
}

func pastKey(g trust.Generation, secret []byte) (fernet.Key, error) {
	return fernet.Derive(secret, string(trust.LabelPast), canon.MustMarshal(pastContext{Org: g.Org, Room: g.Room, Number: g.Number, Prev: g.Prev}))
}

// sealPast seals the secret of g's predecessor under g's own.
func sealPast(g trust.Generation, secret, prev []byte, at time.Time) ([]byte, error) {
	key, err := pastKey(g, secret)
	if err != nil {
		return nil, err
	}
	defer key.Wipe()
	plain := canon.MustMarshal(pastBody{Header: trust.NewHeader(trust.LabelPast, g.Org), Room: g.Room, Generation: g.Prev, Secret: prev})
	defer clear(plain)
	return fernet.Seal(plain, key, at)
}

// openPast returns the secret of g's predecessor, which the caller holds against its commitment.
func openPast(g trust.Generation, secret []byte) ([]byte, bool) {
	if len(g.Past) == 0 || secret == nil {
		return nil, false
	}
	key, err := pastKey(g, secret)
	if err != nil {
		return nil, false
	}
	defer key.Wipe()
	plain, _, err := fernet.Open(g.Past, key)
	if err != nil {
		return nil, false
	}
	defer clear(plain)
	var b pastBody
	if trust.Decode(plain, trust.PastSize, &b) != nil || b.Header.Check(trust.LabelPast) != nil || b.Org != g.Org || b.Room != g.Room || b.Generation != g.Prev {
		return nil, false
	}
	return b.Secret, true
}

// commits says whether secret is g's.
func commits(g trust.Generation, secret []byte) bool {
	want, err := commitment(secret, g.Room, g.Number)
	return err == nil && len(secret) == secretSize && bytes.Equal(want[:], g.Commitment[:])
}

// know keeps a generation's secret, and those that it leads back to.
func (r *Room) know(g trust.Generation, secret []byte) {
	for {
		r.secrets[g.Hash] = secret
		r.late = r.late || r.unopened[g.Hash] > 0
		// One that lost a race stands beside the winner, with the same number: it serves who cannot open the winner.
		if newest, ok := r.state.Generation(r.newest); !ok || r.secrets[newest.Hash] == nil || g.Number > newest.Number {
			r.newest = g.Hash
		}
		if now, ok := r.state.Current(); ok && now.Hash == g.Hash {
			r.stuck = time.Time{}
		}
		prev, ok := r.state.Generation(g.Prev)
		if !ok || r.secrets[prev.Hash] != nil {
			return
		}
		if secret, ok = openPast(g, secret); !ok || !commits(prev, secret) {
			return
		}
		g = prev
	}
}

// links says whether g's past holds its predecessor's secret, as far as both are known here.
func (r *Room) links(g trust.Generation) bool {
	prev := r.secrets[g.Prev]
	secret, ok := openPast(g, r.secrets[g.Hash])
	return ok && prev != nil && bytes.Equal(secret, prev)
}
