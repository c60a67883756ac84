package wire

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"

	"visavis/models/canon"
)

// Limits of the wire.
const (
	MaxFrame    = 512 << 10 // bytes of a frame after its length
	MaxType     = 32        // bytes of a type name
	MaxFrameNew = 384 << 10 // the same before the log-in; a challenge's evidence fits
	MaxEnroll   = 64 << 10  // the same on the enrolment protocol
	lengthBytes = 4
)

// Kind is what a frame is. The zero Kind is refused.
type Kind uint8

const (
	Request  Kind = 1
	Response Kind = 2
	Failure  Kind = 3 // the body is an Error
	Event    Kind = 4
)

// Frame is one message of the protocol.
type Frame struct {
	_    struct{} `cbor:",toarray"`
	Kind Kind
	ID   uint64
	Type string
	Body canon.Raw
}

// The ways in which bytes are not a frame.
var (
	ErrTooLarge  = errors.New("frame is larger than allowed")
	ErrEmpty     = errors.New("frame is empty")
	ErrMalformed = errors.New("frame is malformed")
)

// NewFrame makes a frame of a body of one of our own types.
func NewFrame(kind Kind, id uint64, typ string, body any) Frame {
	return Frame{Kind: kind, ID: id, Type: typ, Body: canon.MustMarshal(body)}
}

// Append appends f with its length to b. A frame over MaxFrame is an error of the sender.
func (f Frame) Append(b []byte) ([]byte, error) {
	enc, err := canon.Marshal(f)
	if err != nil {
		return b, err
	}
	if len(enc) > MaxFrame {
		return b, fmt.Errorf("send %s of %d bytes: %w", f.Type, len(enc), ErrTooLarge)
	}
	b = binary.BigEndian.AppendUint32(b, uint32(len(enc)))
	return append(b, enc...), nil
}

// Parse decodes a frame's bytes, without the length, and checks its shape.
func Parse(b []byte) (Frame, error) {
	var f Frame
	if err := canon.Unmarshal(b, &f); err != nil {
		return Frame{}, fmt.Errorf("%w: %w", ErrMalformed, err)
	}
	switch {
	case f.Kind < Request || f.Kind > Event:
		return Frame{}, fmt.Errorf("%w: kind %d", ErrMalformed, f.Kind)
	case f.Type == "" || len(f.Type) > MaxType:
		return Frame{}, fmt.Errorf("%w: type name of %d bytes", ErrMalformed, len(f.Type))
	case len(f.Body) == 0:
		return Frame{}, fmt.Errorf("%w: no body", ErrMalformed)
	case f.Kind == Event && f.ID != 0, (f.Kind == Request || f.Kind == Response) && f.ID == 0:
		return Frame{}, fmt.Errorf("%w: id %d on kind %d", ErrMalformed, f.ID, f.Kind)
	}
	return f, nil
}

// Read reads one frame whose length is at most limit. It returns io.EOF only when the peer closed between frames, and
// allocates nothing for a length that it refuses.
func Read(r io.Reader, limit int) (Frame, error) {
	var head [lengthBytes]byte
	if _, err := io.ReadFull(r, head[:]); err != nil {
		return Frame{}, err
	}
	n := binary.BigEndian.Uint32(head[:])
	switch {
	case n == 0:
		return Frame{}, ErrEmpty
	case int64(n) > int64(min(limit, MaxFrame)):
		return Frame{}, fmt.Errorf("%d bytes: %w", n, ErrTooLarge)
	}
	b := make([]byte, n)
	if _, err := io.ReadFull(r, b); err != nil {
		if errors.Is(err, io.EOF) {
			err = io.ErrUnexpectedEOF
		}
		return Frame{}, err
	}
	return Parse(b)
}

// Decode reads the body into v, strictly.
func (f Frame) Decode(v any) error {
	if err := canon.Unmarshal(f.Body, v); err != nil {
		return fmt.Errorf("%w: body of %s: %w", ErrMalformed, f.Type, err)
	}
	return nil
}
