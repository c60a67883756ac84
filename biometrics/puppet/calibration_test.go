package puppet_test

import (
	"context"
	"flag"
	"fmt"
	"maps"
	"math"
	"math/rand/v2"
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
)

var calibrate = flag.Bool("calibrate", false, "measure all faces and modes: minutes")

// cast are the demo's people; the first two photographs show one man.
var cast = []struct {
	photo string
	face  int
	who   string
}{
	{"face.jpg", 1, "man"}, {"face-detect.jpg", 1, "man"},
	{"sample2.jpg", 1, "s2"}, {"sample3.jpg", 1, "s3"}, {"sample4.jpg", 3, "s4"}, {"sample5.jpg", 4, "s5"},
}

func challengeOf(t *testing.T, seed uint64) liveness.Challenge {
	t.Helper()
	c, err := liveness.Draw(rand.NewChaCha8([32]byte{byte(seed)}), liveness.Entry)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// cameraFrame is the time from one of a puppet's frames to the next.
const cameraFrame = 40 * time.Millisecond

// pace says when the next frame is described, given the time since the first cue.
type pace func(c liveness.Challenge, since time.Duration) time.Duration

// every is an eye that needs this long a face.
func every(d time.Duration) pace {
	return func(_ liveness.Challenge, since time.Duration) time.Duration { return since + d }
}

// within describes frames at the same times of each step, the first at its start.
func within(millis ...int) pace {
	return func(c liveness.Challenge, since time.Duration) time.Duration {
		var start time.Duration
		for _, s := range c.Steps {
			end := start + time.Duration(s.Millis)*time.Millisecond
			for _, m := range millis {
				if at := start + time.Duration(m)*time.Millisecond; at > since && at < end {
					return at
				}
			}
			start = end
		}
		return start
	}
}

var (
	// usual is the rate of an eye on a common machine.
	usual = every(2 * cameraFrame)
	// few describes only frames that decide something: two of each held pose, some of the way between, and as many as keep the face in view.
	few = within(0, 220, 360, 480, 700, 860, 1200)
)

// perform plays a challenge to a puppet on a clock of its own and describes frames at a pace.
func perform(t *testing.T, d *face.Describer, find puppet.Finder, o puppet.Options, c liveness.Challenge, next pace) biometrics.Evidence {
	t.Helper()
	clock := &stepped{now: time.Unix(0, 0)}
	cam, err := puppet.Open(context.Background(), o, find, clock)
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
	for since := time.Duration(0); since < c.Duration(); since = clock.now.Sub(start) {
		if i := c.StepAt(since); i != cued {
			cued = i
			cam.Cue(eye.Cue{Challenge: c.ID, Step: uint8(i), Gesture: c.Steps[i].Gesture})
		}
		f, err := cam.Read()
		if err != nil {
			t.Fatal(err)
		}
		seen, err := d.Describe(f)
		if err != nil {
			t.Fatal(err)
		}
		at := clock.now.Sub(start)
		e.Frames = append(e.Frames, biometrics.Observation{
			Number: uint32(len(e.Frames) + 1), Offset: uint32(at.Milliseconds()), Cue: uint8(cued),
			Quality: seen.Quality, Box: seen.Box, Landmarks: seen.Landmarks, Descriptor: seen.Descriptor,
		})
		<-clock.After(next(c, at) - at)
	}
	return e
}

// play performs with a challenge of its own and judges the face's movement.
func play(t *testing.T, d *face.Describer, o puppet.Options, challenge uint64, next pace) (biometrics.Evidence, liveness.Challenge, liveness.Verdict) {
	t.Helper()
	c := challengeOf(t, challenge)
	e := perform(t, d, puppet.Search(d), o, c, next)
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
	e, c, _ := play(t, d, puppet.Options{Photo: first, Face: 1, Mode: puppet.Turn, Seed: 1}, 1, usual)
	man, v := gate.Enrol(e, c, c.Duration(), policy)
	if v.Decision != gate.Accepted {
		t.Fatalf("not enrolled: %+v", v)
	}
	for _, tt := range []struct {
		name    string
		options puppet.Options
		pace    pace
		want    gate.Decision
	}{
		{"a print", puppet.Options{Photo: second, Face: 1, Mode: puppet.Flat, Seed: 3}, few, gate.Denied},
		{"a picture that stands still", puppet.Options{Photo: second, Face: 1, Mode: puppet.Still, Seed: 3}, few, gate.Denied},
		{"a stranger for one return", puppet.Options{Photo: second, Face: 1, Mode: puppet.Mix, With: other, WithFace: 1, Seed: 3}, few, gate.Denied},
		{"a stranger", puppet.Options{Photo: other, Face: 1, Mode: puppet.Turn, Seed: 3}, few, gate.Denied},
		{"himself", puppet.Options{Photo: second, Face: 1, Mode: puppet.Turn, Seed: 2}, usual, gate.Accepted},
	} {
		e, c, _ := play(t, d, tt.options, 2, tt.pace)
		v := gate.Verify(e, c, c.Duration(), gate.Claim{Template: man, Others: match.Nobody}, policy)
		t.Logf("%s: %v: %v", tt.name, v.Decision, v.Why)
		if v.Decision != tt.want {
			t.Errorf("%s: %+v", tt.name, v)
		}
	}
}

// TestFourMoreFaces turns and prints each of the demo's other people once.
func TestFourMoreFaces(t *testing.T) {
	d := describer(t)
	policy := gate.DefaultPolicy(d.Weights())
	policy.AllowVirtual = true
	enrolled := map[string]match.Template{}
	for i, p := range cast[2:] {
		found, err := []biometrics.Landmarks(nil), error(nil)
		find := func(photo biometrics.Frame) ([]biometrics.Landmarks, error) { // the search takes longer than the turn
			if found == nil {
				found, err = puppet.Search(d)(photo)
			}
			return slices.Clone(found), err
		}
		o := puppet.Options{Photo: photoOf(t, p.photo), Face: p.face, Mode: puppet.Turn, Seed: uint64(20 + i)}
		c := challengeOf(t, uint64(20+i))
		e := perform(t, d, find, o, c, few)
		tpl, v := gate.Enrol(e, c, c.Duration(), policy)
		if v.Decision != gate.Accepted {
			t.Errorf("%s: not enrolled: %+v", p.who, v)
			continue
		}
		for other, theirs := range enrolled {
			if far := match.Distance(theirs.Centroid, tpl.Centroid); !(far > policy.Level.Bounds(match.MinViews).Fused) {
				t.Errorf("%s and %s are one person: %.3f", p.who, other, far)
			}
		}
		enrolled[p.who] = tpl

		o.Mode = puppet.Flat
		e = perform(t, d, find, o, c, few)
		if v := gate.Verify(e, c, c.Duration(), gate.Claim{Template: tpl, Others: match.Nobody}, policy); v.Decision != gate.Denied || v.Live != liveness.NotTurned && v.Live != liveness.Flat {
			t.Errorf("%s: a print: %+v", p.who, v)
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
		e, c, _ := play(t, d, o, uint64(i), usual)
		tpl, v := gate.Enrol(e, c, c.Duration(), policy)
		if v.Decision != gate.Accepted {
			t.Errorf("%s: not enrolled: %+v", name, v)
		} else if _, known := templates[p.who]; !known {
			templates[p.who] = tpl
		}

		o.Seed = 2
		e, c, _ = play(t, d, o, uint64(100+i), usual)
		if v := gate.Verify(e, c, c.Duration(), gate.Claim{Template: templates[p.who], Others: match.Nobody}, policy); v.Decision != gate.Accepted {
			t.Errorf("%s: not let in: %+v", name, v)
		}
		logins[i] = e
		distances(t, name, p.who, templates[p.who], e, c)

		o.Mode, o.Seed = puppet.Flat, 3
		e, c, print := play(t, d, o, uint64(100+i), usual)
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

// length is a descriptor's norm.
func length(d biometrics.Descriptor) float64 {
	sum := 0.0
	for _, x := range d {
		sum += float64(x) * float64(x)
	}
	return math.Sqrt(sum)
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
		n := length(o.Descriptor)
		low, high = min(low, n), max(high, n)
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
