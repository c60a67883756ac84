package pipe

import (
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"testing"
)

const (
	short Kind = 1
	empty Kind = 2
)

func allowed() Caps { return Caps{short: 8, empty: 0} }

func head(n uint32, k Kind, body ...byte) []byte {
	return append(append(binary.BigEndian.AppendUint32(nil, n), byte(k)), body...)
}

func TestReadRefuses(t *testing.T) {
	for name, tc := range map[string]struct {
		in   []byte
		want error
	}{
		"unknown kind":               {head(1, 99), ErrProtocol},
		"no kind":                    {head(0, short), ErrProtocol},
		"4 GiB":                      {head(1<<32-1, short), ErrProtocol},
		"one byte over the cap":      {head(10, short, make([]byte, 9)...), ErrProtocol},
		"body where none belongs":    {head(2, empty, 0), ErrProtocol},
		"ends in the header":         {head(1, short)[:3], io.ErrUnexpectedEOF},
		"ends before the body":       {head(9, short), io.ErrUnexpectedEOF},
		"ends in the body":           {head(9, short, 1, 2), io.ErrUnexpectedEOF},
		"clean end between messages": {nil, io.EOF},
	} {
		if m, err := Read(bytes.NewReader(tc.in), allowed()); !errors.Is(err, tc.want) || m.Body != nil {
			t.Errorf("%s: %v, %v, want %v", name, m, err, tc.want)
		}
	}
}

// A length is believed only after it was compared with the cap: otherwise one header costs 4 GiB.
func TestLengthIsCheckedBeforeAllocation(t *testing.T) {
	in := head(1<<32-1, short)
	if n := testing.AllocsPerRun(10, func() { _, _ = Read(bytes.NewReader(in), allowed()) }); n > 10 {
		t.Errorf("%v allocations", n)
	}
}

// counting counts writes.
type counting struct {
	bytes.Buffer
	writes int
}

func (c *counting) Write(b []byte) (int, error) {
	c.writes++
	return c.Buffer.Write(b)
}

func TestWriteIsReadAgain(t *testing.T) {
	var w counting
	for i, m := range []Message{Pack(short, uint16(1000)), {Kind: short, Body: make([]byte, 8)}, {Kind: empty, Body: []byte{}}} {
		if err := Write(&w, m); err != nil || w.writes != i+1 {
			t.Fatalf("%v: %v, in %d writes", m, err, w.writes)
		}
		if got, err := Read(&w.Buffer, allowed()); err != nil || got.Kind != m.Kind || !bytes.Equal(got.Body, m.Body) {
			t.Errorf("%v came back as %v, %v", m, got, err)
		}
	}
	var n uint16
	if err := Pack(short, uint16(1000)).Unpack(&n); err != nil || n != 1000 {
		t.Errorf("%d, %v", n, err)
	}
	if err := (Message{Kind: short, Body: []byte{0x19, 0, 5}}).Unpack(&n); !errors.Is(err, ErrProtocol) { // not the shortest
		t.Error(err)
	}
}
