package rehearsal

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"visavis/biometrics"
	"visavis/biometrics/pipe"
)

// Stage is what plays: it has a camera and a describer. One goroutine calls it.
type Stage interface {
	// Play plays an order that Order.Check accepts.
	Play(ctx context.Context, o Order) (biometrics.Evidence, error)
	// Clip describes a film, or a folder of pictures in the order of their names; at most MaxClip frames, ClipPace apart or more.
	Clip(ctx context.Context, path string) ([]biometrics.Observation, error)
	// Weights names the model files' version.
	Weights() string
}

// Serve answers orders until the other end closes, or ctx is done between two of them. A play that fails is answered, and ends nothing.
func Serve(ctx context.Context, r io.Reader, w io.Writer, s Stage) error {
	if err := pipe.Write(w, pipe.Pack(kindHello, hello{Version: Version, Weights: s.Weights()})); err != nil {
		return fmt.Errorf("rehearse: %w", err)
	}
	for ctx.Err() == nil {
		m, err := pipe.Read(r, orderCaps())
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err == nil && m.Kind == kindPlay {
			err = servePlay(ctx, w, s, m)
		} else if err == nil {
			err = serveClip(ctx, w, s, m)
		}
		if err != nil {
			return fmt.Errorf("rehearse: %w", err)
		}
	}
	return ctx.Err()
}

func servePlay(ctx context.Context, w io.Writer, s Stage, m pipe.Message) error {
	var o Order
	if err := m.Unpack(&o); err != nil {
		return err
	}
	e, err := biometrics.Evidence{}, o.Check()
	if err == nil {
		e, err = s.Play(ctx, o)
	}
	if err != nil {
		return pipe.Write(w, pipe.Pack(kindPlayed, played{Failure: text(err)}))
	}
	return pipe.Write(w, pipe.Pack(kindPlayed, played{Evidence: e}))
}

func serveClip(ctx context.Context, w io.Writer, s Stage, m pipe.Message) error {
	var c clip
	if err := m.Unpack(&c); err != nil {
		return err
	}
	frames, err := s.Clip(ctx, c.Path)
	if err == nil && len(frames) > MaxClip {
		err = fmt.Errorf("%d frames, at most %d", len(frames), MaxClip)
	}
	if err != nil {
		return pipe.Write(w, pipe.Pack(kindClipped, clipped{Failure: text(err)}))
	}
	return pipe.Write(w, pipe.Pack(kindClipped, clipped{Frames: frames}))
}

// text is an error's, cut, and never empty.
func text(err error) string {
	s := err.Error()
	return cmp.Or(strings.ToValidUTF8(s[:min(len(s), maxText)], ""), "it failed")
}
