package trust

import (
	"crypto/ed25519"
	"errors"
	"fmt"
	"time"

	"visavis/models"
	"visavis/models/canon"
)

// MaxGeneration bounds a signed generation, MaxMessage a message's envelope, in bytes.
const (
	MaxGeneration = 1 << 10
	MaxMessage    = 8 << 10
)

// Generation announces a new secret of a room. The secret itself stands in boxes, one for each member; Commitment binds
// it, so that all members have the same one.
type Generation struct {
	Org        models.OrgID
	Room       models.RoomID
	Number     uint64      // 1 for the first
	Prev       models.Hash // id of the generation before; zero for the first
	Roster     models.Hash // room head whose members it is for
	Dir        models.Hash // directory head whose keys it is for
	Maker      models.AccountID
	Stream     models.StreamID
	Time       time.Time // the maker's clock
	Commitment models.Hash
	Past       []byte      // the previous secret, sealed under this one, where Room.Carries says so; else empty
	Hash       models.Hash // its id; Room.Apply fills in this and what follows
	Policy     Policy      // under which it was made
	place      int         // in the order of the log
	newer      bool        // holds what this version does not know
}

type generationPayload struct {
	_ struct{} `cbor:",toarray"`
	Header
	Room       models.RoomID
	Number     uint64
	Prev       models.Hash
	Roster     models.Hash
	Dir        models.Hash
	Maker      models.AccountID
	Stream     models.StreamID
	Time       int64
	Commitment models.Hash
	Past       []byte // the previous secret under this one, a Fernet token
	Ext        Ext
}

// GenerationID is the name of a signed generation.
func GenerationID(signed []byte) models.Hash { return LabelGeneration.Hash(signed) }

// SignGeneration signs g; Room.Generation fills in what the room's state says.
func SignGeneration(g Generation, key ed25519.PrivateKey) []byte {
	return Sign(LabelGeneration, canon.MustMarshal(generationPayload{Header: NewHeader(LabelGeneration, g.Org), Room: g.Room, Number: g.Number, Prev: g.Prev,
		Roster: g.Roster, Dir: g.Dir, Maker: g.Maker, Stream: g.Stream, Time: millis(g.Time), Commitment: g.Commitment, Past: g.Past}), key)
}

// parseGeneration decodes a generation without believing it.
func parseGeneration(signed []byte) (Generation, envelope, error) {
	fail := func(err error) (Generation, envelope, error) { return Generation{}, envelope{}, err }
	if len(signed) > MaxGeneration {
		return fail(fmt.Errorf("%w: generation of %d bytes", ErrFormat, len(signed)))
	}
	e, err := split(signed)
	if err != nil {
		return fail(err)
	}
	var p generationPayload
	if err := Decode(e.Payload, MaxGeneration, &p); err != nil {
		return fail(err)
	}
	if err := p.Header.Check(LabelGeneration); err != nil {
		return fail(err)
	}
	if p.Maker.IsZero() || p.Stream.IsZero() || p.Commitment.IsZero() || len(p.Past) != 0 && len(p.Past) != PastSize {
		return fail(fmt.Errorf("%w: generation", ErrFormat))
	}
	err = p.Ext.Check()
	if err != nil && !errors.Is(err, ErrNewer) {
		return fail(err)
	}
	return Generation{newer: err != nil, Org: p.Org, Room: p.Room, Number: p.Number, Prev: p.Prev, Roster: p.Roster, Dir: p.Dir, Maker: p.Maker, Stream: p.Stream,
		Time: fromMillis(p.Time), Commitment: p.Commitment, Past: p.Past, Hash: GenerationID(signed)}, e, nil
}

// Message is a message as the server sees it: which key opens it, and the Fernet token, decoded.
type Message struct {
	_          struct{} `cbor:",toarray"`
	Version    uint8
	Generation models.Hash
	Token      []byte
}

// EncodeMessage is the body of a message's log entry.
func EncodeMessage(generation models.Hash, token []byte) []byte {
	return canon.MustMarshal(Message{Version: Version, Generation: generation, Token: token})
}

// ParseMessage reads what EncodeMessage wrote. It does not look into the token.
func ParseMessage(body []byte) (Message, error) {
	var m Message
	if err := Decode(body, MaxMessage, &m); err != nil {
		return Message{}, err
	}
	if m.Version != Version {
		return Message{}, fmt.Errorf("message: %w", ErrNewer)
	}
	return m, nil
}
