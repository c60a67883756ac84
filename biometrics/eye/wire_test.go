package eye

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"testing"

	"visavis/biometrics"
	"visavis/biometrics/pipe"
)

func header(n uint32, k kind) []byte {
	return append(binary.BigEndian.AppendUint32(nil, n), byte(k))
}

func TestReadMessageRefuses(t *testing.T) {
	for name, tc := range map[string]struct {
		in      []byte
		allowed caps
		want    error
	}{
		"unknown kind":            {header(1, 99), commandCaps(), ErrProtocol},
		"event sent to the eye":   {header(1, kindSeen), commandCaps(), ErrProtocol},
		"command sent by the eye": {header(1, kindOpen), eventCaps(), ErrProtocol},
		"one byte over the cap":   {header(maxCommand+2, kindOpen), commandCaps(), ErrProtocol},
		"body where none belongs": {append(header(2, kindClose), 0), commandCaps(), ErrProtocol},
		"preview over the cap":    {header(2+previewHeader+4*MaxPreviewSide*MaxPreviewSide, kindPreview), eventCaps(), ErrProtocol},
	} {
		t.Run(name, func(t *testing.T) {
			if _, err := pipe.Read(bytes.NewReader(tc.in), tc.allowed); !errors.Is(err, tc.want) {
				t.Errorf("error %v, want %v", err, tc.want)
			}
		})
	}
}

func TestMessageRoundTrip(t *testing.T) {
	face := toWire(biometrics.Face{Quality: biometrics.Quality(0).With(biometrics.TooDark), Box: biometrics.Box{X: 1.5, W: 3}})
	for _, m := range []message{
		pipe.Pack(kindCue, Cue{Challenge: [16]byte{1}, Step: 3, Gesture: 2}),
		pipe.Pack(kindSeen, seen{Millis: 70000, Width: 640, Height: 480, Face: face}),
		{Kind: kindClose, Body: []byte{}},
	} {
		var b bytes.Buffer
		if err := pipe.Write(&b, m); err != nil {
			t.Fatal(err)
		}
		allowed := commandCaps()
		for k, n := range eventCaps() {
			allowed[k] = n
		}
		got, err := pipe.Read(&b, allowed)
		if err != nil || got.Kind != m.Kind || !bytes.Equal(got.Body, m.Body) {
			t.Errorf("%v: got %v, %v", m, got, err)
		}
	}
}

func TestUnpackRefusesOtherEncodings(t *testing.T) {
	good := pipe.Pack(kindWatch, watch{FPS: 5, Preview: true})
	for name, body := range map[string][]byte{
		"long number":    {0x82, 0x18, 0x05, 0xf5},
		"trailing byte":  append(bytes.Clone(good.Body), 0),
		"missing field":  {0x81, 0x05},
		"one field more": {0x83, 0x05, 0xf5, 0xf5},
		"a map":          {0xa0},
		"nothing":        {},
	} {
		var w watch
		if err := (message{Kind: kindWatch, Body: body}).Unpack(&w); !errors.Is(err, ErrProtocol) {
			t.Errorf("%s: error %v", name, err)
		}
	}
}

func TestPreview(t *testing.T) {
	big := biometrics.Frame{Width: 2*MaxPreviewSide + 1, Height: 3}
	big.Pix = make([]byte, 4*big.Width*big.Height)
	for i := range big.Pix {
		big.Pix[i] = byte(i / 4 % 251)
	}
	img, err := unpackPreview(packPreview(big))
	if err != nil {
		t.Fatal(err)
	}
	if got := img.Bounds().Dx(); got != big.Width/3 || img.Bounds().Dy() != 1 {
		t.Errorf("%v", img.Bounds())
	}
	if c := img.RGBAAt(1, 0); c.R != 3 {
		t.Errorf("second pixel %v, want the fourth of the frame", c)
	}
	thin := biometrics.Frame{Width: 1, Height: 20000, Pix: make([]byte, 80000)}
	if _, err := unpackPreview(packPreview(thin)); err != nil {
		t.Errorf("thin frame: %v", err)
	}
	for name, body := range map[string][]byte{
		"no size":        {1, 2, 3},
		"no pixels":      {0, 0, 0, 0},
		"a pixel short":  {0, 1, 0, 2, 1, 2, 3, 4},
		"too wide":       append([]byte{0xff, 0xff, 0, 1}, make([]byte, 4*65535)...),
		"a byte too far": {0, 1, 0, 1, 1, 2, 3, 4, 5},
	} {
		if _, err := unpackPreview(message{Kind: kindPreview, Body: body}); !errors.Is(err, ErrProtocol) {
			t.Errorf("%s: error %v", name, err)
		}
	}
}

func TestFailureKeepsItsMeaning(t *testing.T) {
	for c, want := range codes {
		if want == nil {
			continue
		}
		err := failureOf(fmt.Errorf("open camera 0: %w", want), ErrEye).err()
		if !errors.Is(err, want) || err.Error() != "open camera 0: "+want.Error() {
			t.Errorf("code %d: %v", c, err)
		}
	}
	err := failureOf(errors.New("strange"), ErrPicture).err()
	if !errors.Is(err, ErrPicture) || err.Error() != ErrPicture.Error()+": strange" {
		t.Errorf("other error: %v", err)
	}
	long := failureOf(errors.New(string(bytes.Repeat([]byte("ä"), maxText))), ErrEye)
	if len(long.Text) > maxText || long.err() == nil {
		t.Errorf("long text: %d bytes", len(long.Text))
	}
	for _, f := range []failure{{Code: 99}, {Code: 0, Text: "text without a code"}, {Code: 1, Text: string(make([]byte, maxText+1))}} {
		if err := f.err(); !errors.Is(err, ErrProtocol) {
			t.Errorf("%d %q: %v", f.Code, f.Text[:min(len(f.Text), 20)], err)
		}
	}
}

// FuzzRead feeds both ends: nothing may panic, and what is accepted is encoded again as it was.
func FuzzRead(f *testing.F) {
	var b bytes.Buffer
	_ = pipe.Write(&b, pipe.Pack(kindSeen, seen{Width: 1}))
	_ = pipe.Write(&b, pipe.Pack(kindOpened, opened{ID: 1}))
	f.Add(b.Bytes())
	f.Add(append(header(9, kindPreview), 0, 1, 0, 1, 1, 2, 3, 4))
	f.Add(append(header(3, kindWatch), 0x82, 0x05))
	f.Fuzz(func(t *testing.T, in []byte) {
		for _, allowed := range []caps{commandCaps(), eventCaps()} {
			r := bytes.NewReader(in)
			m, err := pipe.Read(r, allowed)
			if err != nil {
				continue
			}
			var again bytes.Buffer
			_ = pipe.Write(&again, m)
			if !bytes.Equal(again.Bytes(), in[:len(in)-r.Len()]) {
				t.Fatalf("%x came back as %x", in, again.Bytes())
			}
			decodeAny(m)
		}
	})
}

func decodeAny(m message) {
	if m.Kind == kindPreview {
		_, _ = unpackPreview(m)
		return
	}
	for _, v := range []any{
		new(Cue), new(hello), new(askCameras), new(askOpen), new(askDescribe), new(watch), new(ready), new(cameraList), new(opened),
		new(described), new(seen), new(failure),
	} {
		if m.Unpack(v) != nil {
			continue
		}
		if f, ok := v.(*failure); ok {
			_ = f.err()
		}
	}
}

// What is wrong with a face is one of a closed list: a broken eye names nothing for which a window would look for words, or find none.
func TestUnknownReasonsAreRefused(t *testing.T) {
	s := &session{k: &Keeper{}}
	for q, want := range map[biometrics.Quality]error{0: nil, biometrics.Quality(0).With(biometrics.Moving): nil, 1 << 12: ErrProtocol, 1<<15 | 1: ErrProtocol} {
		face := wireFace{Quality: q}
		if err := s.heard(pipe.Pack(kindSeen, seen{Face: face})); !errors.Is(err, want) {
			t.Errorf("seen with quality %#x: %v", uint16(q), err)
		}
		if _, err := answerID(pipe.Pack(kindDescribed, described{ID: 1, Face: face})); !errors.Is(err, want) {
			t.Errorf("described with quality %#x: %v", uint16(q), err)
		}
	}
}
