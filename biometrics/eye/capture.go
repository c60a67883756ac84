package eye

import (
	"context"
	"errors"
	"fmt"
	"time"

	"visavis/biometrics"
	"visavis/biometrics/liveness"
)

// Watched is what Capture and Settle need of a Keeper.
type Watched interface {
	Cue(Cue)
	Subscribe() (events <-chan Event, stop func())
	Camera() (info biometrics.CameraInfo, open bool)
	Weights() string
	Clock() Clock
}

// Phase says what Capture is doing.
type Phase uint8

// The phases.
const (
	Settling Phase = 1 // waiting for a good frame
	Playing  Phase = 2 // the challenge's steps
	Done     Phase = 3
)

// Progress is what a window shows while a face is captured.
type Progress struct {
	Phase    Phase
	Step     int                // index of the step in the challenge
	Gesture  liveness.Gesture   // what the person should do now
	Tint     liveness.Tint      // the light that the window should show now
	Fraction float64            // of the whole challenge's time, 0 to 1
	Quality  biometrics.Quality // of the last frame; its first reason is the one to show
	Frames   int                // observations so far
}

const (
	// SettleTime is how long Settle waits for a good face.
	SettleTime = 20 * time.Second
	// settleGood is how many good frames in a row count as settled.
	settleGood = 3
	// drainTime is how long the last frames may take to be described after the challenge's end.
	drainTime = 2 * time.Second
)

// Errors of a capture.
var (
	ErrNoCamera    = errors.New("no camera is open")
	ErrInterrupted = errors.New("the eye was interrupted during the challenge") // another camera, other weights, lost frames
	ErrChallenge   = errors.New("not a challenge that can be played")
)

// SettleError says why no good face was seen in time. None of it is a failed try.
type SettleError struct {
	Reason biometrics.Reason // what was wrong with the last frame; meaningless when Blind
	Blind  bool              // no frame was described at all
}

func (e *SettleError) Error() string {
	if e.Blind {
		return "the camera shows nothing"
	}
	return e.Reason.String() + ": " + e.Reason.Cure()
}

// Settle waits until the face in view is good to describe: alone, near, lit and still. It is called before a challenge is asked for,
// since trouble with light is not a failed try. progress may be nil; it is called from Settle's own goroutine and must not block.
func Settle(ctx context.Context, w Watched, progress func(Progress)) error {
	events, stop := w.Subscribe()
	defer stop()
	if _, open := w.Camera(); !open {
		return fmt.Errorf("settle: %w", ErrNoCamera)
	}
	late := w.Clock().After(SettleTime)
	last, good := &SettleError{Blind: true}, 0
	for {
		select {
		case <-ctx.Done():
			return fmt.Errorf("settle: %w", ctx.Err())
		case <-late:
			return last
		case e, ok := <-events:
			s, err := seenOf(e, ok)
			if err != nil {
				return fmt.Errorf("settle: %w", err)
			}
			if s == nil {
				continue
			}
			report(progress, Progress{Phase: Settling, Gesture: liveness.Neutral, Quality: s.Face.Quality})
			if !s.Face.Quality.Good() {
				last, good = &SettleError{Reason: s.Face.Quality.Reasons()[0]}, 0
				continue
			}
			if good++; good == settleGood {
				return nil
			}
		}
	}
}

// seenOf finds the face in an event, or the reason to give up; both are nil for an event of no matter.
func seenOf(e Event, ok bool) (*Seen, error) {
	if !ok {
		return nil, ErrClosed
	}
	switch e := e.(type) {
	case Seen:
		return &e, nil
	case CameraFailed:
		return nil, e.Err
	case NoWeights:
		return nil, e.Err
	case Died:
		return nil, e.Err
	}
	return nil, nil
}

func report(progress func(Progress), p Progress) {
	if progress != nil {
		progress(p)
	}
}

// Capture settles, plays the challenge's cues at their times and returns everything that the eye described meanwhile, good or
// bad: nothing is picked. The camera must be open and watched. An eye that dies or a camera that fails ends it with an error.
func Capture(ctx context.Context, w Watched, c liveness.Challenge, progress func(Progress)) (biometrics.Evidence, error) {
	if c.ID == ([16]byte{}) || len(c.Steps) == 0 || len(c.Steps) > 255 {
		return biometrics.Evidence{}, fmt.Errorf("capture: %w", ErrChallenge)
	}
	if err := Settle(ctx, w, progress); err != nil {
		return biometrics.Evidence{}, err
	}
	p := &play{w: w, c: c, progress: progress}
	evidence, err := p.run(ctx)
	if err != nil {
		return biometrics.Evidence{}, fmt.Errorf("capture: %w", err)
	}
	return evidence, nil
}

// play is one playing of a challenge.
type play struct {
	w        Watched
	c        liveness.Challenge
	progress func(Progress)

	step    int // in force; len(c.Steps) once they are over
	start   time.Time
	quality biometrics.Quality
	frames  []biometrics.Observation
}

func (p *play) run(ctx context.Context) (biometrics.Evidence, error) {
	events, stop := p.w.Subscribe()
	defer stop()
	defer p.w.Cue(Cue{})
	camera, open := p.w.Camera()
	weights := p.w.Weights()
	if !open {
		return biometrics.Evidence{}, ErrNoCamera
	}
	p.start = p.w.Clock().Now()
	p.cue()
	next := p.w.Clock().After(p.until(0))
	for {
		select {
		case <-ctx.Done():
			return biometrics.Evidence{}, ctx.Err()
		case <-next:
			if p.step == len(p.c.Steps) { // the last frame never came: a camera that stands still
				return biometrics.Evidence{}, ErrInterrupted
			}
			next = p.advance()
		case e, ok := <-events:
			over, err := p.take(e, ok)
			if err != nil {
				return biometrics.Evidence{}, err
			}
			if over {
				p.tell(Done)
				return biometrics.Evidence{Camera: camera, Weights: weights, Frames: p.frames}, nil
			}
		}
	}
}

// until returns when step ends, from the challenge's start.
func (p *play) until(step int) time.Duration {
	return liveness.Challenge{Steps: p.c.Steps[:step+1]}.Duration()
}

// advance goes on to the next step and returns the timer of its end. Times count from the start, so that delays do not add up.
func (p *play) advance() <-chan time.Time {
	p.step++
	clock := p.w.Clock()
	if p.step == len(p.c.Steps) {
		p.w.Cue(Cue{})
		return clock.After(drainTime)
	}
	p.cue()
	return clock.After(max(0, p.until(p.step)-clock.Now().Sub(p.start)))
}

func (p *play) cue() {
	p.w.Cue(Cue{Challenge: p.c.ID, Step: uint8(p.step), Gesture: p.c.Steps[p.step].Gesture})
	p.tell(Playing)
}

// take notes one event. It is over with the first frame that was read after the challenge: faces come in the order of their frames.
func (p *play) take(e Event, ok bool) (over bool, err error) {
	switch e.(type) {
	case CameraOpened, Ready:
		return false, ErrInterrupted
	}
	s, err := seenOf(e, ok)
	switch {
	case err != nil || s == nil:
		return false, err
	case s.Missed > 0:
		return false, fmt.Errorf("%w: %d events lost", ErrInterrupted, s.Missed)
	case s.Challenge != p.c.ID:
		return p.step == len(p.c.Steps), nil
	case len(p.frames) == biometrics.MaxObservations:
		return false, fmt.Errorf("%w: more than %d frames", ErrChallenge, biometrics.MaxObservations)
	}
	p.quality = s.Face.Quality
	p.frames = append(p.frames, biometrics.Observation{
		Number: s.Number, Offset: uint32(s.Offset.Milliseconds()), Cue: s.Step, Quality: s.Face.Quality,
		Box: s.Face.Box, Landmarks: s.Face.Landmarks, Descriptor: s.Face.Descriptor, Skin: s.Face.Skin, Scene: s.Face.Scene,
	})
	p.tell(Playing)
	return false, nil
}

func (p *play) tell(phase Phase) {
	step := min(p.step, len(p.c.Steps)-1)
	total := p.c.Duration()
	fraction := 1.0
	if phase != Done && total > 0 {
		fraction = min(1, float64(p.w.Clock().Now().Sub(p.start))/float64(total))
	}
	report(p.progress, Progress{
		Phase: phase, Step: step, Gesture: p.c.Steps[step].Gesture, Fraction: fraction, Quality: p.quality, Frames: len(p.frames),
	})
}
