package puppet_test

import (
	"context"
	"flag"
	"fmt"
	"maps"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"visavis/biometrics"
	"visavis/biometrics/eye"
	"visavis/biometrics/face"
	"visavis/biometrics/gate"
	"visavis/biometrics/liveness"
	"visavis/biometrics/match"
	"visavis/biometrics/puppet"
	"visavis/biometrics/weights"
)

var calibrate = flag.Bool("calibrate", false, "measure all faces and modes: minutes")

const top = "../.." // of the repository

// cast are the demo's people; the first two photographs show one man.
var cast = []struct {
	photo string
	face  int
	who   string
}{
	{"face.jpg", 1, "man"}, {"face-detect.jpg", 1, "man"},
	{"sample2.jpg", 1, "s2"}, {"sample3.jpg", 1, "s3"}, {"sample4.jpg", 3, "s4"}, {"sample5.jpg", 4, "s5"},
}

func photoOf(t *testing.T, name string) string {
	t.Helper()
	path := filepath.Join(top, "build", "faces", name)
	if _, err := os.Stat(path); err != nil {
		t.Skipf("no photograph build/faces/%s: the demo's faces are not fetched", name)
	}
	return path
}

func describer(t *testing.T) *face.Describer {
	t.Helper()
	dir := filepath.Join(top, "build", "weights")
	if err := weights.Dlib().Check(dir); err != nil {
		t.Skipf("no face models in build/weights: %v", err)
	}
	d, err := face.New(dir)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := d.Close(); err != nil {
			t.Error(err)
		}
	})
	return d
}

func challengeOf(t *testing.T, seed uint64) liveness.Challenge {
	t.Helper()
	c, err := liveness.Draw(rand.NewChaCha8([32]byte{byte(seed)}))
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// perform plays a challenge to a puppet on a clock of its own and describes every second frame, as an eye does that is given 80 ms a face.
func perform(t *testing.T, d *face.Describer, o puppet.Options, c liveness.Challenge) biometrics.Evidence {
	t.Helper()
	clock := &stepped{now: time.Unix(0, 0)}
	cam, err := puppet.Open(context.Background(), o, puppet.Search(d), clock)
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := cam.Close(); err != nil {
			t.Error(err)
		}
	}()
	start, cued := clock.now, -1
	e := biometrics.Evidence{Camera: cam.Info(), Weights: d.Weights()}
	for n := 0; ; n++ {
		since := clock.now.Sub(start)
		if since >= c.Duration() {
			return e
		}
		if i := c.StepAt(since); i != cued {
			cued = i
			cam.Cue(eye.Cue{Challenge: c.ID, Step: uint8(i), Gesture: c.Steps[i].Gesture})
		}
		f, err := cam.Read()
		if err != nil {
			t.Fatal(err)
		}
		at := clock.now.Sub(start)
		if n%2 != 0 || at >= c.Duration() {
			continue
		}
		seen, err := d.Describe(f)
		if err != nil {
			t.Fatal(err)
		}
		e.Frames = append(e.Frames, biometrics.Observation{
			Number: uint32(len(e.Frames) + 1), Offset: uint32(at.Milliseconds()), Cue: uint8(cued),
			Quality: seen.Quality, Box: seen.Box, Landmarks: seen.Landmarks, Descriptor: seen.Descriptor,
		})
	}
}

// play performs with a challenge of its own and judges the face's movement.
func play(t *testing.T, d *face.Describer, o puppet.Options, challenge uint64) (biometrics.Evidence, liveness.Challenge, liveness.Verdict) {
	t.Helper()
	c := challengeOf(t, challenge)
	e := perform(t, d, o, c)
	v := liveness.Judge(c, e.Frames, liveness.DefaultRules())
	report(t, fmt.Sprintf("%s face %d %v", filepath.Base(o.Photo), o.Face, o.Mode), e, v)
	return e, c, v
}

// TestManLogsInAndAttacksDoNot is the demo in one process: he enrols from one photograph and logs in from another.
func TestManLogsInAndAttacksDoNot(t *testing.T) {
	d := describer(t)
	policy := gate.DefaultPolicy(d.Weights())
	policy.AllowVirtual = true
	first, second, other := photoOf(t, "face.jpg"), photoOf(t, "face-detect.jpg"), photoOf(t, "sample2.jpg")
	e, c, _ := play(t, d, puppet.Options{Photo: first, Face: 1, Mode: puppet.Turn, Seed: 1}, 1)
	man, v := gate.Enrol(e, c, c.Duration(), policy)
	if v.Decision != gate.Accepted {
		t.Fatalf("not enrolled: %+v", v)
	}
	for _, tt := range []struct {
		name    string
		options puppet.Options
		want    gate.Decision
	}{
		{"a print", puppet.Options{Photo: second, Face: 1, Mode: puppet.Flat, Seed: 3}, gate.Denied},
		{"a picture that stands still", puppet.Options{Photo: second, Face: 1, Mode: puppet.Still, Seed: 3}, gate.Denied},
		{"a stranger for one return", puppet.Options{Photo: second, Face: 1, Mode: puppet.Mix, With: other, WithFace: 1, Seed: 3}, gate.Denied},
		{"a stranger", puppet.Options{Photo: other, Face: 1, Mode: puppet.Turn, Seed: 3}, gate.Denied},
		{"himself", puppet.Options{Photo: second, Face: 1, Mode: puppet.Turn, Seed: 2}, gate.Accepted},
	} {
		e, c, _ := play(t, d, tt.options, 2)
		v := gate.Verify(e, c, c.Duration(), man, policy)
		t.Logf("%s: %v: %v", tt.name, v.Decision, v.Why)
		if v.Decision != tt.want {
			t.Errorf("%s: %+v", tt.name, v)
		}
	}
}

// TestCalibration measures the whole cast: enrol with one seed, log in with another, then as a print. A turn must pass, a print must not.
func TestCalibration(t *testing.T) {
	if !*calibrate {
		t.Skip("minutes: asked for with -calibrate")
	}
	d := describer(t)
	policy := gate.DefaultPolicy(d.Weights())
	policy.AllowVirtual = true
	templates := map[string]match.Template{}
	logins := make([]biometrics.Evidence, len(cast))
	for i, p := range cast {
		photo, name := photoOf(t, p.photo), fmt.Sprintf("%s face %d", p.photo, p.face)
		o := puppet.Options{Photo: photo, Face: p.face, Mode: puppet.Turn, Seed: 1}
		e, c, _ := play(t, d, o, uint64(i))
		tpl, v := gate.Enrol(e, c, c.Duration(), policy)
		if v.Decision != gate.Accepted {
			t.Errorf("%s: not enrolled: %+v", name, v)
		} else if _, known := templates[p.who]; !known {
			templates[p.who] = tpl
		}

		o.Seed = 2
		e, c, _ = play(t, d, o, uint64(100+i))
		if v := gate.Verify(e, c, c.Duration(), templates[p.who], policy); v.Decision != gate.Accepted {
			t.Errorf("%s: not let in: %+v", name, v)
		}
		logins[i] = e
		distances(t, name, p.who, templates[p.who], e, c)

		o.Mode, o.Seed = puppet.Flat, 3
		e, c, print := play(t, d, o, uint64(100+i))
		loose := policy.Rules
		loose.MinTurn, loose.MaxNeutral, loose.MinParallax = -1, 1, -1
		t.Logf("%s flat, parallax: %+.3f", name, liveness.Judge(c, e.Frames, loose).Parallax)
		if print.Live {
			t.Errorf("%s: the print is alive: %+v", name, print)
		}
	}
	for _, who := range slices.Sorted(maps.Keys(templates)) {
		for i, p := range cast {
			if p.who != who {
				distances(t, fmt.Sprintf("%s face %d as %s", p.photo, p.face, who), who, templates[who], logins[i], challengeOf(t, uint64(100+i)))
			}
		}
	}
}

func report(t *testing.T, name string, e biometrics.Evidence, v liveness.Verdict) {
	t.Helper()
	faceless, poor := 0, 0
	for _, o := range e.Frames {
		switch {
		case o.Quality.Has(biometrics.NoFace) || o.Quality.Has(biometrics.TwoFaces):
			faceless++
		case !o.Quality.Good():
			poor++
		}
	}
	t.Logf("%-28s %v step %d: rest %+.3f left %+.3f right %+.3f parallax %.3f; %d frames, %d without face, %d poor",
		name, v.Why, v.Step, v.Neutral, v.Left, v.Right, v.Parallax, len(e.Frames), faceless, poor)
}

// distances logs what gate measures, on the scale of unit vectors.
func distances(t *testing.T, name, who string, tpl match.Template, e biometrics.Evidence, c liveness.Challenge) {
	t.Helper()
	if tpl.Centroid.IsZero() {
		return
	}
	var neutral []match.Vector
	var before match.Vector
	low, high := math.Inf(1), 0.0
	front, turned, step := []float64{}, []float64{}, []float64{}
	still := liveness.NeutralFrames(c, e.Frames)
	for i, o := range e.Frames {
		v, err := match.Unit(o.Descriptor)
		if err != nil {
			continue
		}
		n := 0.0
		for _, x := range o.Descriptor {
			n += float64(x) * float64(x)
		}
		low, high = min(low, math.Sqrt(n)), max(high, math.Sqrt(n))
		far := match.Distance(v, tpl.Centroid)
		if slices.Contains(still, i) {
			neutral, front = append(neutral, v), append(front, far)
		} else {
			turned = append(turned, far)
		}
		if !before.IsZero() {
			step = append(step, match.Distance(before, v))
		}
		before = v
	}
	mean, err := match.Mean(neutral...)
	if err != nil {
		t.Errorf("%s: %v", name, err)
		return
	}
	t.Logf("%-28s to %s: fused %.3f; front %.3f..%.3f; others %.3f..%.3f; step to %.3f; norm %.2f..%.2f", name, who,
		match.Distance(mean, tpl.Centroid), slices.Min(front), slices.Max(front), slices.Min(turned), slices.Max(turned), slices.Max(step), low, high)
}
