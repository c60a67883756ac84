package puppet_test

import (
	"math/rand/v2"
	"testing"
	"time"

	"visavis/biometrics"
	"visavis/biometrics/eye"
	"visavis/biometrics/face"
	"visavis/biometrics/liveness"
	"visavis/biometrics/puppet"
)

// play plays a challenge to a puppet on a clock of its own and describes every third of its frames.
func play(t *testing.T, d *face.Describer, find puppet.Finder, o puppet.Options, c liveness.Challenge) []biometrics.Observation {
	t.Helper()
	clock := &stepped{now: time.Unix(0, 0)}
	cam := open(t, o, find, clock)
	start := clock.now
	var frames []biometrics.Observation
	for since := time.Duration(0); since < c.Duration(); since = clock.now.Sub(start) {
		i := c.StepAt(since)
		cam.Cue(eye.Cue{Challenge: c.ID, Step: uint8(i), Gesture: c.Steps[i].Gesture, Tint: c.TintAt(since)})
		f := read(t, cam)
		seen, err := d.Describe(f)
		if err != nil {
			t.Fatal(err)
		}
		frames = append(frames, biometrics.Observation{
			Number: uint32(len(frames) + 1), Offset: uint32(clock.now.Sub(start).Milliseconds()), Cue: uint8(i), Quality: seen.Quality,
			Box: seen.Box, Landmarks: seen.Landmarks, Descriptor: seen.Descriptor, Skin: seen.Skin, Scene: seen.Scene,
		})
		<-clock.After(3 * 40 * time.Millisecond)
	}
	return frames
}

// TestPuppetsFollowAndPrintsDoNot is one challenge of each kind; how often each of them passes is for `visavis-bench pad` to say.
func TestPuppetsFollowAndPrintsDoNot(t *testing.T) {
	if testing.Short() {
		t.Skip("describes some three hundred frames")
	}
	d := describer(t)
	find := puppet.Remember(puppet.Search(d))
	for _, tt := range []struct {
		name string
		kind liveness.Kind
		mode puppet.Mode
		live bool
	}{
		{"a head that enrols", liveness.Enrolment, puppet.Turn, true},
		{"a head that logs in", liveness.Entry, puppet.Turn, true},
		{"a print", liveness.Entry, puppet.Flat, false},
	} {
		c, err := liveness.Draw(rand.NewChaCha8([32]byte{2}), tt.kind)
		if err != nil {
			t.Fatal(err)
		}
		o := puppet.Options{Photo: photoOf(t, "face-detect.jpg"), Face: 1, Mode: tt.mode, Seed: 2}
		v := liveness.Judge(c, play(t, d, find, o, c), liveness.DefaultRules())
		t.Logf("%s: %v, step %d, parallax %.3f, lamp %.2f", tt.name, v.Why, v.Step, v.Parallax, v.Lamp)
		if v.Live != tt.live {
			t.Errorf("%s: alive %v", tt.name, v.Live)
		}
	}
}
