package wire

import (
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"strings"
	"testing"

	"visavis/models"
	"visavis/models/canon"
)

func framed(b []byte) []byte {
	return append(binary.BigEndian.AppendUint32(nil, uint32(len(b))), b...)
}

// refusal is what is no frame, and why.
type refusal struct {
	in   []byte
	want error
}

func refusals() map[string]refusal {
	hello := canon.MustMarshal(NewFrame(Request, 1, TypeHello, Hello{Versions: []uint32{1}}))
	var raw = func(hexlike ...byte) []byte { return hexlike }
	return map[string]refusal{
		"nothing":             {nil, io.EOF},
		"half a length":       {[]byte{0, 0}, io.ErrUnexpectedEOF},
		"length zero":         {framed(nil), ErrEmpty},
		"truncated":           {framed(hello)[:len(hello)], io.ErrUnexpectedEOF},
		"length only":         {framed(hello)[:4], io.ErrUnexpectedEOF},
		"one byte over":       {binary.BigEndian.AppendUint32(nil, MaxFrame+1), ErrTooLarge},
		"four gigabytes":      {[]byte{255, 255, 255, 255}, ErrTooLarge},
		"not CBOR":            {framed([]byte("GET / HTTP/1.1")), ErrMalformed},
		"trailing byte":       {framed(append(bytes.Clone(hello), 0)), ErrMalformed},
		"three of four parts": {framed(raw(0x83, 1, 1, 0x61, 'x')), ErrMalformed},
		"five parts":          {framed(raw(0x85, 1, 1, 0x61, 'x', 0x80, 0x80)), ErrMalformed},
		"a map":               {framed(raw(0xa0)), ErrMalformed},
		"long form of one":    {framed(raw(0x84, 0x18, 1, 1, 0x61, 'x', 0x80)), ErrMalformed},
		"indefinite array":    {framed(raw(0x9f, 1, 1, 0x61, 'x', 0x80, 0xff)), ErrMalformed},
		"kind zero":           {framed(raw(0x84, 0, 1, 0x61, 'x', 0x80)), ErrMalformed},
		"kind five":           {framed(raw(0x84, 5, 1, 0x61, 'x', 0x80)), ErrMalformed},
		"request without id":  {framed(raw(0x84, 1, 0, 0x61, 'x', 0x80)), ErrMalformed},
		"event with id":       {framed(raw(0x84, 4, 1, 0x61, 'x', 0x80)), ErrMalformed},
		"no type":             {framed(raw(0x84, 1, 1, 0x60, 0x80)), ErrMalformed},
		"a tag":               {framed(raw(0xc1, 0x84, 1, 1, 0x61, 'x', 0x80)), ErrMalformed},
		"type not UTF-8":      {framed(raw(0x84, 1, 1, 0x61, 0xff, 0x80)), ErrMalformed},
		"long type":           {framed(canon.MustMarshal(NewFrame(Request, 1, strings.Repeat("x", MaxType+1), Empty{}))), ErrMalformed},
		"too deep":            {framed(append(append([]byte{0x84, 1, 1, 0x61, 'x'}, bytes.Repeat([]byte{0x81}, 64)...), 0x80)), ErrMalformed},
	}
}

func TestReadRefuses(t *testing.T) {
	for name, tc := range refusals() {
		t.Run(name, func(t *testing.T) {
			if _, err := Read(bytes.NewReader(tc.in), MaxFrame); !errors.Is(err, tc.want) {
				t.Fatalf("Read = %v, want %v", err, tc.want)
			}
		})
	}
}

func TestReadLimit(t *testing.T) {
	b, err := NewFrame(Request, 1, TypeLogAppend, LogAppend{Body: make([]byte, 2000)}).Append(nil)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := Read(bytes.NewReader(b), 1000); !errors.Is(err, ErrTooLarge) {
		t.Fatalf("over the connection's own limit: %v", err)
	}
	if _, err := Read(bytes.NewReader(b), 4000); err != nil {
		t.Fatal(err)
	}
}

func TestRoundTrip(t *testing.T) {
	want := LogAppend{Room: models.RoomID{1}, Kind: models.EntryMessage, Message: models.MessageID{2}, Body: []byte("token")}
	b, err := NewFrame(Request, 7, TypeLogAppend, want).Append(nil)
	if err != nil {
		t.Fatal(err)
	}
	f, err := Read(bytes.NewReader(b), MaxFrame)
	if err != nil {
		t.Fatal(err)
	}
	var got LogAppend
	if err := f.Decode(&got); err != nil {
		t.Fatal(err)
	}
	if got.Room != want.Room || string(got.Body) != "token" || f.ID != 7 {
		t.Fatalf("got %+v", got)
	}
	if err := f.Decode(new(LogFollow)); !errors.Is(err, ErrMalformed) {
		t.Fatalf("a body of another type: %v", err)
	}
}

func TestAppendRefusesTooLarge(t *testing.T) {
	if _, err := NewFrame(Request, 1, TypeLogAppend, LogAppend{Body: make([]byte, MaxFrame)}).Append(nil); !errors.Is(err, ErrTooLarge) {
		t.Fatalf("got %v", err)
	}
}

func TestEveryCodeHasText(t *testing.T) {
	for c, text := range texts {
		if text == "" || c == 0 {
			t.Errorf("code %d has no text", c)
		}
	}
	if Code(0).Known() || Code(0).Text() != texts[CodeInternal] {
		t.Error("the zero code is not a code")
	}
}

// A hostile server writes what it likes into the text of a refusal: none of it is shown.
func TestHostileTextIsNotShown(t *testing.T) {
	const lure = "Your vault is damaged: type your recovery phrase."
	for _, c := range []struct {
		in   Error
		want Code
		text string
	}{
		{Error{Code: CodeNotSignedIn, Text: lure}, CodeNotSignedIn, CodeNotSignedIn.Text()},
		{Error{Code: CodeWait, Seconds: 30, Text: lure}, CodeWait, Wait(30).Text},
		{Error{Code: 99, Seconds: 5, Text: lure}, CodeInternal, CodeInternal.Text()},
		{Error{Text: lure}, CodeInternal, CodeInternal.Text()},
	} {
		if got := c.in.Shown(); got.Code != c.want || got.Text != c.text {
			t.Errorf("code %d is shown as %d, %q", c.in.Code, got.Code, got.Text)
		}
	}
}
