package eye

import (
	"context"
	"errors"
	"fmt"
	"slices"
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
	Steps    int                // how many the challenge has
	Gesture  liveness.Gesture   // what the person should do now
	Reached  bool               // the last frame shows it done
	Left     time.Duration      // of this step's time
	StepTime time.Duration      // all of it
	Tint     liveness.Tint      // the light that the window should show now
	Fraction float64            // of the whole challenge's time, 0 to 1
	Quality  biometrics.Quality // of the last frame; its first reason is the one to show
	Frames   int                // observations so far
}

// drainTime is how long the last frames may take to be described after the challenge's end.
const drainTime = 2 * time.Second

// Errors of a capture.
var (
	ErrNoCamera    = errors.New("no camera is open")
	ErrInterrupted = errors.New("the eye was interrupted during the challenge") // another camera, other weights, lost frames
	ErrChallenge   = errors.New("not a challenge that can be played")
)

// Capture settles, plays the challenge's cues at their times and returns everything that the eye described meanwhile, good or
// bad: nothing is picked. The camera must be open and watched. An eye that dies or a camera that fails ends it with an error.
func Capture(ctx context.Context, w Watched, c liveness.Challenge, progress func(Progress)) (biometrics.Evidence, error) {
	if c.ID == ([16]byte{}) || len(c.Steps) == 0 || len(c.Steps) > 255 || c.Duration() <= 0 {
		return biometrics.Evidence{}, fmt.Errorf("capture: %w", ErrChallenge)
	}
	if err := Settle(ctx, w, progress); err != nil {
		return biometrics.Evidence{}, err
	}
	p := newPlay(w, c, progress)
	evidence, err := p.run(ctx)
	if err != nil {
		return biometrics.Evidence{}, fmt.Errorf("capture: %w", err)
	}
	return evidence, nil
}

// mark is a moment, since the start, at which a challenge's step or its light changes.
type mark struct {
	at   time.Duration
	step int
	tint liveness.Tint
}

// marksOf are all such moments of a challenge, in their order; the first is its start.
func marksOf(c liveness.Challenge) []mark {
	times := []time.Duration{0}
	var end time.Duration
	for _, s := range c.Steps[:len(c.Steps)-1] {
		end += time.Duration(s.Millis) * time.Millisecond
		times = append(times, end)
	}
	end = 0
	for _, s := range c.Light {
		if end += time.Duration(s.Millis) * time.Millisecond; end < c.Duration() {
			times = append(times, end)
		}
	}
	slices.Sort(times)
	var marks []mark
	for _, t := range slices.Compact(times) {
		marks = append(marks, mark{t, c.StepAt(t), c.TintAt(t)})
	}
	return marks
}

// play is one playing of a challenge.
type play struct {
	w        Watched
	c        liveness.Challenge
	progress func(Progress)
	marks    []mark
	guide    *liveness.Guide

	mark    int // in force; len(marks) once they are over
	start   time.Time
	quality biometrics.Quality
	reached bool
	frames  []biometrics.Observation
}

func newPlay(w Watched, c liveness.Challenge, progress func(Progress)) *play {
	return &play{w: w, c: c, progress: progress, marks: marksOf(c), guide: liveness.NewGuide(c, liveness.DefaultRules())}
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
	next := p.cue()
	for {
		select {
		case <-ctx.Done():
			return biometrics.Evidence{}, ctx.Err()
		case <-next:
			if p.over() { // the last frame never came: a camera that stands still
				return biometrics.Evidence{}, ErrInterrupted
			}
			p.mark++
			next = p.cue()
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

func (p *play) over() bool { return p.mark == len(p.marks) }

// cue tells eye and window what is in force now, and returns the timer of its end. Times count from the start, so that delays do not add up.
func (p *play) cue() <-chan time.Time {
	clock := p.w.Clock()
	if p.over() {
		p.w.Cue(Cue{})
		return clock.After(drainTime)
	}
	m, until := p.marks[p.mark], p.c.Duration()
	if p.mark+1 < len(p.marks) {
		until = p.marks[p.mark+1].at
	}
	if p.mark > 0 && p.marks[p.mark-1].step != m.step {
		p.reached = false
	}
	p.w.Cue(Cue{Challenge: p.c.ID, Step: uint8(m.step), Gesture: p.c.Steps[m.step].Gesture, Tint: m.tint})
	p.tell(Playing)
	return clock.After(max(0, until-clock.Now().Sub(p.start)))
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
		return p.over(), nil
	case len(p.frames) == biometrics.MaxObservations:
		return false, fmt.Errorf("%w: more than %d frames", ErrChallenge, biometrics.MaxObservations)
	}
	o := biometrics.Observation{
		Number: s.Number, Offset: uint32(s.Offset.Milliseconds()), Cue: s.Step, Quality: s.Face.Quality,
		Box: s.Face.Box, Landmarks: s.Face.Landmarks, Descriptor: s.Face.Descriptor, Skin: s.Face.Skin, Scene: s.Face.Scene,
	}
	p.frames = append(p.frames, o)
	p.quality = s.Face.Quality
	if reached := p.guide.Reached(o); !p.over() && int(s.Step) == p.marks[p.mark].step {
		p.reached = reached
	}
	p.tell(Playing)
	return false, nil
}

func (p *play) tell(phase Phase) {
	m, total := p.marks[min(p.mark, len(p.marks)-1)], p.c.Duration()
	since := min(total, p.w.Clock().Now().Sub(p.start))
	fraction, tint := float64(since)/float64(total), m.tint
	if phase == Done {
		fraction = 1
	}
	if p.over() {
		tint = liveness.Plain
	}
	stepEnd := liveness.Challenge{Steps: p.c.Steps[:m.step+1]}.Duration()
	report(p.progress, Progress{
		Phase: phase, Step: m.step, Steps: len(p.c.Steps), Gesture: p.c.Steps[m.step].Gesture, Reached: p.reached,
		Left: max(0, stepEnd-since), StepTime: time.Duration(p.c.Steps[m.step].Millis) * time.Millisecond,
		Tint: tint, Fraction: fraction, Quality: p.quality, Frames: len(p.frames),
	})
}
