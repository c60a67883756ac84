package main

import (
	"errors"
	"image"
	"image/png"
	"io/fs"
	"log/slog"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"

	"visavis/biometrics"
	"visavis/biometrics/eye"
	"visavis/biometrics/liveness"
	"visavis/biometrics/puppet"
	"visavis/biometrics/rehearsal"
	"visavis/biometrics/weights"
)

// rehearsing makes the child rehearse.
const rehearsing = "VISAVIS_PUPPET_REHEARSES"

// fetched skips for want of what `make weights faces` fetches; where that has run before, it fails.
func fetched(t *testing.T) (models, photo string) {
	t.Helper()
	models = filepath.Join("..", "..", "build", "weights")
	photo = filepath.Join("..", "..", "build", "faces", "face-detect.jpg")
	skip := t.Skipf
	if os.Getenv("VISAVIS_CI") == "1" {
		skip = t.Fatalf
	}
	switch err := weights.Dlib().Check(models); {
	case errors.Is(err, weights.ErrMissing):
		skip("no face models in build/weights: %v", err)
	case err != nil:
		t.Fatal(err)
	}
	if _, err := os.Stat(photo); errors.Is(err, fs.ErrNotExist) {
		skip("no photograph build/faces/face-detect.jpg: the demo's faces are not fetched")
	}
	return models, photo
}

// TestRehearses is the way of a bench, process and pipes included: a head follows, a print ends early, and what can not be read is said.
func TestRehearses(t *testing.T) {
	if testing.Short() {
		t.Skip("describes some hundred frames")
	}
	models, photo := fetched(t)
	t.Setenv(childWeights, models)
	t.Setenv(rehearsing, "1")
	c, err := rehearsal.Open(t.Context(), eye.Command(os.Args[0], nil, slog.New(slog.DiscardHandler)), 1)
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := c.Close(); err != nil {
			t.Error(err)
		}
	}()
	challenge, err := liveness.Draw(rand.NewChaCha8([32]byte{2}), liveness.Entry)
	if err != nil {
		t.Fatal(err)
	}
	play := func(mode puppet.Mode, pace rehearsal.Pace) biometrics.Evidence {
		o := puppet.Options{Photo: photo, Face: 1, Mode: mode, Seed: 2}
		e, err := c.Play(t.Context(), rehearsal.Order{Source: o.String(), Challenge: challenge, Pace: pace, Early: true})
		if err != nil || !e.Camera.Virtual || e.Weights != c.Weights() || len(e.Frames) == 0 {
			t.Fatalf("%v: %d frames by %+v, %v", mode, len(e.Frames), e.Camera, err)
		}
		return e
	}
	head, print := play(puppet.Turn, 80), play(puppet.Flat, rehearsal.Few) // a head as an eye would see it
	if v := liveness.Judge(challenge, head.Frames, liveness.DefaultRules()); !v.Live {
		t.Errorf("a head: %v, step %d", v.Why, v.Step)
	}
	if _, stopped := rehearsal.Stopped(challenge, print); !stopped || len(print.Frames) >= len(head.Frames) {
		t.Errorf("a print: %d frames, of a head %d", len(print.Frames), len(head.Frames))
	}

	empty, wall := t.TempDir(), t.TempDir()
	f, err := os.Create(filepath.Join(wall, "1.png"))
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(png.Encode(f, image.NewRGBA(image.Rect(0, 0, 320, 240))), f.Close()); err != nil {
		t.Fatal(err)
	}
	if got, err := c.Clip(t.Context(), wall); err != nil || len(got) != 1 || !got[0].Quality.Has(biometrics.NoFace) {
		t.Errorf("a wall: %+v, %v", got, err)
	}
	for _, path := range []string{empty, filepath.Join(empty, "none")} {
		if got, err := c.Clip(t.Context(), path); !errors.Is(err, rehearsal.ErrRefused) || got != nil {
			t.Errorf("%s: %d frames, %v", path, len(got), err)
		}
	}
	if _, err := c.Play(t.Context(), rehearsal.Order{Source: "puppet:?photo=nowhere.jpg", Challenge: challenge}); !errors.Is(err, rehearsal.ErrRefused) {
		t.Errorf("nobody's photograph: %v", err)
	}
}
