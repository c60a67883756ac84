package eye

import (
	"context"
	"errors"
	"fmt"

	"visavis/biometrics"
	"visavis/biometrics/pipe"
)

// describe owns the describer. Pictures that were asked for come before the camera's frames.
func (s *server) describe(ctx context.Context) error {
	d, err := s.backend.OpenDescriber()
	if err != nil {
		s.log.Error("no face model", "err", err)
		s.send(ctx, pipe.Pack(kindReady, ready{Failure: failureOf(fmt.Errorf("%w: %w", ErrNoWeights, err), ErrNoWeights)}))
		return s.describeNothing(ctx)
	}
	defer func() {
		if err := d.Close(); err != nil {
			s.log.Warn("close describer", "err", err)
		}
	}()
	s.send(ctx, pipe.Pack(kindReady, ready{Weights: d.Weights()}))
	var n numbering
	for {
		select {
		case a := <-s.asks:
			f, err := s.describePicture(d, a)
			s.send(ctx, pipe.Pack(kindDescribed, described{ID: a.ID, Face: toWire(f), Failure: failureOf(err, ErrEye)}))
		case f := <-s.frames:
			if err := s.describeFrame(ctx, d, f, n.next(f.roll)); err != nil {
				return err
			}
		case <-ctx.Done():
			return nil
		}
	}
}

// asked is a picture to describe, of one person alone or of anybody.
type asked struct {
	askDescribe
	alone bool
}

func (s *server) describePicture(d biometrics.Describer, a asked) (biometrics.Face, error) {
	f, err := s.backend.Decode(a.Picture)
	if err == nil {
		err = checkFrame(f)
	}
	if err != nil {
		return biometrics.Face{}, fmt.Errorf("%w: %w", ErrPicture, err)
	}
	if !a.alone {
		return d.Describe(f)
	}
	l, ok := d.(Loner)
	if !ok {
		return biometrics.Face{}, errNotAlone
	}
	return l.DescribeAlone(f)
}

var errNotAlone = errors.New("this eye can not say whether a picture is of one person")

// numbering counts the described frames of each camera from 1, so that a frame which gets lost later leaves a hole.
type numbering struct{ roll, number uint32 }

func (n *numbering) next(roll uint32) uint32 {
	if roll != n.roll {
		*n = numbering{roll: roll}
	}
	n.number++
	return n.number
}

// describeFrame ends the eye when the describer fails: that is the model's or the memory's fault, and a fresh eye is the cure.
func (s *server) describeFrame(ctx context.Context, d biometrics.Describer, f stamped, number uint32) error {
	face, err := d.Describe(f.frame)
	if err != nil {
		return fmt.Errorf("describe a frame: %w", err)
	}
	s.send(ctx, pipe.Pack(kindSeen, seen{
		Number: number, Challenge: f.cue.Challenge, Step: f.cue.Step, Gesture: f.cue.Gesture, Millis: uint32(f.offset.Milliseconds()),
		Width: uint16(f.frame.Width), Height: uint16(f.frame.Height), Face: toWire(face),
	}))
	return nil
}

var errNothing = errors.New("nothing to describe with")

func (s *server) describeNothing(ctx context.Context) error {
	for {
		select {
		case a := <-s.asks:
			s.send(ctx, pipe.Pack(kindDescribed, described{ID: a.ID, Failure: failureOf(errNothing, ErrNoWeights)}))
		case <-s.frames:
		case <-ctx.Done():
			return nil
		}
	}
}
