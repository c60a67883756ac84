package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"visavis/biometrics"
	"visavis/biometrics/camera"
	"visavis/biometrics/eye"
	"visavis/biometrics/face"
	"visavis/biometrics/puppet"
	"visavis/biometrics/rehearsal"
)

func rehearse(ctx context.Context, r io.Reader, w io.Writer, weights string) error {
	d, err := face.New(weights)
	if err != nil {
		return err
	}
	defer d.Close()
	album := puppet.NewAlbum(puppet.Search(d))
	defer album.Close()
	return rehearsal.Serve(ctx, r, w, &theatre{d, album})
}

// theatre is a rehearsal.Stage.
type theatre struct {
	describer *face.Describer
	album     *puppet.Album
}

func (t *theatre) Weights() string { return t.describer.Weights() }

// Play implements rehearsal.Stage: the puppet's clock jumps from frame to frame.
func (t *theatre) Play(ctx context.Context, o rehearsal.Order) (e biometrics.Evidence, err error) {
	source, err := puppet.ParseSource(o.Source)
	if err != nil {
		return e, err
	}
	clock := &leap{now: time.Unix(0, 0)}
	cam, err := t.album.Open(ctx, source, clock)
	if err != nil {
		return e, err
	}
	defer func() { err = errors.Join(err, cam.Close()) }()
	e = biometrics.Evidence{Camera: cam.Info(), Weights: t.Weights()}
	c, start, cued := o.Challenge, clock.now, eye.Cue{}
	for since := time.Duration(0); since < c.Duration(); since = clock.now.Sub(start) {
		if err := ctx.Err(); err != nil {
			return e, err
		}
		if len(e.Frames) == biometrics.MaxObservations {
			return e, fmt.Errorf("more than %d frames", biometrics.MaxObservations)
		}
		i := c.StepAt(since)
		cue := eye.Cue{Challenge: c.ID, Step: uint8(i), Gesture: c.Steps[i].Gesture, Tint: c.TintAt(since)}
		if cue != cued {
			cam.Cue(cue)
			cued = cue
		}
		f, err := cam.Read()
		if err != nil {
			return e, err
		}
		seen, err := t.describer.Describe(f)
		if err != nil {
			return e, err
		}
		at := clock.now.Sub(start)
		e.Frames = append(e.Frames, observation(len(e.Frames)+1, at, seen, cue.Step))
		if _, hopeless := rehearsal.Hopeless(c, e.Frames); hopeless && o.Early {
			break
		}
		clock.jump(o.Pace.Next(c, at) - at)
	}
	return e, nil
}

func observation(number int, at time.Duration, f biometrics.Face, step uint8) biometrics.Observation {
	return biometrics.Observation{
		Number: uint32(number), Offset: uint32(at.Milliseconds()), Cue: step, Quality: f.Quality,
		Box: f.Box, Landmarks: f.Landmarks, Descriptor: f.Descriptor, Skin: f.Skin, Scene: f.Scene,
	}
}

// leap is a clock that jumps to whatever is waited for. One goroutine uses it.
type leap struct{ now time.Time }

func (l *leap) Now() time.Time { return l.now }

func (l *leap) jump(d time.Duration) { l.now = l.now.Add(d) }

func (l *leap) After(d time.Duration) <-chan time.Time {
	l.jump(d)
	c := make(chan time.Time, 1)
	c <- l.now
	return c
}

// Clip implements rehearsal.Stage.
func (t *theatre) Clip(ctx context.Context, path string) ([]biometrics.Observation, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	if info.IsDir() {
		return t.pictures(ctx, path)
	}
	return t.filmed(ctx, path)
}

// pictures describes a folder's, as if a camera had taken them rehearsal.ClipPace apart.
func (t *theatre) pictures(ctx context.Context, dir string) ([]biometrics.Observation, error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, err
	}
	var frames []biometrics.Observation
	for _, e := range entries {
		if !slices.Contains([]string{".jpg", ".jpeg", ".png"}, strings.ToLower(filepath.Ext(e.Name()))) {
			continue
		}
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		if len(frames) == rehearsal.MaxClip {
			return nil, fmt.Errorf("more than %d pictures", rehearsal.MaxClip)
		}
		data, err := os.ReadFile(filepath.Join(dir, e.Name()))
		if err != nil {
			return nil, err
		}
		f, err := camera.Decode(data)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", e.Name(), err)
		}
		// A time after the camera's first, so that the face is followed as in a film.
		at := time.Duration(len(frames)+1) * rehearsal.ClipPace
		if frames, err = t.note(frames, f, at); err != nil {
			return nil, err
		}
	}
	if len(frames) == 0 {
		return nil, errors.New("no picture in the folder")
	}
	return frames, nil
}

func (t *theatre) note(frames []biometrics.Observation, f biometrics.Frame, at time.Duration) ([]biometrics.Observation, error) {
	f.At = at
	seen, err := t.describer.Describe(f)
	if err != nil {
		return nil, err
	}
	return append(frames, observation(len(frames)+1, at, seen, 0)), nil
}

// filmed describes a film's frames, none nearer than rehearsal.ClipPace to the one before.
func (t *theatre) filmed(ctx context.Context, path string) ([]biometrics.Observation, error) {
	film, err := camera.Open(ctx, path, camera.Options{Unpaced: true})
	if err != nil {
		return nil, err
	}
	defer film.Close()
	var frames []biometrics.Observation
	next := time.Duration(0)
	for len(frames) < rehearsal.MaxClip && ctx.Err() == nil {
		f, err := film.Read()
		if errors.Is(err, biometrics.ErrCameraEnded) {
			break
		}
		if err != nil {
			return nil, err
		}
		if f.At < next {
			continue
		}
		next = f.At + rehearsal.ClipPace
		if frames, err = t.note(frames, f, f.At+time.Millisecond); err != nil {
			return nil, err
		}
	}
	if len(frames) == 0 {
		return nil, errors.Join(ctx.Err(), errors.New("no frame in the film"))
	}
	return frames, ctx.Err()
}
