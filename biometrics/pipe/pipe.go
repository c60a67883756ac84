package pipe

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"

	"visavis/models/canon"
)

// ErrProtocol is what is said of bytes that are no message, or none that is allowed here.
var ErrProtocol = errors.New("broken protocol between processes")

// Kind says what a message's body is.
type Kind byte

// Caps say which kinds travel in a direction and how many bytes their bodies may have.
type Caps map[Kind]uint32

// Message is one frame: its length as 4 bytes, big-endian, of all that follows; its kind, one byte; its body.
type Message struct {
	Kind Kind
	Body []byte
}

const header = 5

// Pack makes a message of a value of our own types.
func Pack(k Kind, v any) Message { return Message{k, canon.MustMarshal(v)} }

// Write writes m in one call, so that a reader never waits for the rest of a header.
func Write(w io.Writer, m Message) error {
	b := make([]byte, 0, header+len(m.Body))
	b = binary.BigEndian.AppendUint32(b, uint32(1+len(m.Body)))
	b = append(b, byte(m.Kind))
	_, err := w.Write(append(b, m.Body...))
	return err
}

// Read reads one message. It returns io.EOF only between messages, and compares a length with its cap before it believes it.
func Read(r io.Reader, allowed Caps) (Message, error) {
	var head [header]byte
	if _, err := io.ReadFull(r, head[:]); err != nil {
		return Message{}, err
	}
	n, k := binary.BigEndian.Uint32(head[:]), Kind(head[header-1])
	limit, known := allowed[k]
	if !known {
		return Message{}, fmt.Errorf("%w: unknown kind %d", ErrProtocol, k)
	}
	if n == 0 || n-1 > limit {
		return Message{}, fmt.Errorf("%w: kind %d of %d bytes, at most %d", ErrProtocol, k, n, limit)
	}
	m := Message{k, make([]byte, n-1)}
	if _, err := io.ReadFull(r, m.Body); err != nil {
		if errors.Is(err, io.EOF) {
			err = io.ErrUnexpectedEOF
		}
		return Message{}, err
	}
	return m, nil
}

// Unpack decodes m's body into v.
func (m Message) Unpack(v any) error {
	if err := canon.Unmarshal(m.Body, v); err != nil {
		return fmt.Errorf("%w: kind %d: %w", ErrProtocol, m.Kind, err)
	}
	return nil
}
