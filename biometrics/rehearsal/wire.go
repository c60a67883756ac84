package rehearsal

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"

	"visavis/biometrics"
	"visavis/models/canon"
)

// kind says what a message's body is.
type kind byte

const (
	kindPlay kind = 1 // Order
	kindClip kind = 2 // clip

	kindHello   kind = 64 // hello; always the first
	kindPlayed  kind = 65 // played
	kindClipped kind = 66 // clipped
)

type caps map[kind]uint32

func orderCaps() caps { return caps{kindPlay: maxOrder, kindClip: maxOrder} }
func answerCaps() caps {
	return caps{kindHello: maxOrder, kindPlayed: maxAnswer, kindClipped: maxAnswer}
}

type hello struct {
	_       struct{} `cbor:",toarray"`
	Version uint16
	Weights string
}

type clip struct {
	_    struct{} `cbor:",toarray"`
	Path string
}

type played struct {
	_        struct{} `cbor:",toarray"`
	Evidence biometrics.Evidence
	Failure  string // empty when it went well
}

type clipped struct {
	_       struct{} `cbor:",toarray"`
	Frames  []biometrics.Observation
	Failure string
}

// write sends a message in one call.
func write(w io.Writer, k kind, v any) error {
	body, err := canon.Marshal(v)
	if err != nil {
		return err
	}
	b := make([]byte, 0, 5+len(body))
	b = binary.BigEndian.AppendUint32(b, uint32(1+len(body)))
	b = append(b, byte(k))
	_, err = w.Write(append(b, body...))
	return err
}

// read takes one message. It returns io.EOF only between messages.
func read(r io.Reader, allowed caps) (kind, []byte, error) {
	var head [5]byte
	if _, err := io.ReadFull(r, head[:]); err != nil {
		return 0, nil, err
	}
	n, k := binary.BigEndian.Uint32(head[:4]), kind(head[4])
	limit, known := allowed[k]
	if !known {
		return 0, nil, fmt.Errorf("%w: unknown kind %d", ErrProtocol, k)
	}
	if n == 0 || n-1 > limit {
		return 0, nil, fmt.Errorf("%w: kind %d of %d bytes, at most %d", ErrProtocol, k, n, limit)
	}
	body := make([]byte, n-1)
	if _, err := io.ReadFull(r, body); err != nil {
		if errors.Is(err, io.EOF) {
			err = io.ErrUnexpectedEOF
		}
		return 0, nil, err
	}
	return k, body, nil
}

// unpack decodes a body.
func unpack(body []byte, v any) error {
	if err := canon.Unmarshal(body, v); err != nil {
		return fmt.Errorf("%w: %w", ErrProtocol, err)
	}
	return nil
}
