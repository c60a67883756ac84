package puppet_test

import (
	"math"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"visavis/biometrics"
	"visavis/biometrics/camera"
	"visavis/biometrics/face"
	"visavis/biometrics/liveness"
	"visavis/biometrics/match"
)

// described are the faces in the pictures in which one is found, in the order of the paths.
type described struct {
	name  string
	face  biometrics.Face
	shift float64
}

func describeAll(t *testing.T, d *face.Describer, paths []string) []described {
	t.Helper()
	var all []described
	for _, path := range paths {
		data, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		f, err := camera.Decode(data)
		if err != nil {
			t.Fatal(err)
		}
		seen, err := d.Describe(f)
		if err != nil {
			t.Fatal(err)
		}
		if seen.Quality.Has(biometrics.NoFace) || seen.Quality.Has(biometrics.TwoFaces) {
			continue
		}
		s, err := liveness.Shift(seen.Landmarks)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, described{filepath.Base(path), seen, s})
	}
	return all
}

// shifts by file name.
func shifts(t *testing.T, d *face.Describer, paths []string) map[string]float64 {
	t.Helper()
	found := map[string]float64{}
	for _, f := range describeAll(t, d, paths) {
		found[f.name] = f.shift
	}
	return found
}

// TestRealHeadsTurnFurther: a woman who turns her head both ways passes the bounds that a puppet passes, in the direction of the sign: she
// begins turned to the picture's left and is turned to its right in frame 13.
func TestRealHeadsTurnFurther(t *testing.T) {
	d, rules := describer(t), liveness.DefaultRules()
	moving := shifts(t, d, headsOf(t, "headpose/female/f*.jpg"))
	right, left, rest := moving["f000.jpg"], moving["f013.jpg"], moving["f009.jpg"]
	t.Logf("headpose/female: %d frames, her right %+.3f, rest %+.3f, her left %+.3f", len(moving), right, rest, left)
	if left-rest < rules.MinTurn || rest-right < rules.MinTurn || left-right < rules.MinParallax {
		t.Error("she would not pass")
	}
	var held []float64
	for _, s := range shifts(t, d, headsOf(t, "headpose/male/f*.jpg")) {
		held = append(held, s)
	}
	slices.Sort(held)
	t.Logf("headpose/male, who holds still: %d frames, %+.3f to %+.3f", len(held), held[0], held[len(held)-1])
	if held[len(held)-1]-held[0] > rules.MaxNeutral {
		t.Error("a head at rest would count as moving")
	}
}

// TestTurningHeadStaysOneFace: what a template of front, left and right makes of all frames of the woman who turns.
func TestTurningHeadStaysOneFace(t *testing.T) {
	film := describeAll(t, describer(t), headsOf(t, "headpose/female/f*.jpg"))
	var all, views []match.Vector
	for _, f := range film {
		v, err := match.Unit(f.face.Descriptor)
		if err != nil {
			t.Fatalf("%s: %v", f.name, err)
		}
		all = append(all, v)
		if f.name == "f000.jpg" || f.name == "f009.jpg" || f.name == "f013.jpg" {
			views = append(views, v)
		}
	}
	tpl, err := match.NewTemplate("measured", match.OneIn10000, views...)
	if err != nil {
		t.Fatal(err)
	}
	farthest, step, turn, way := 0.0, 0.0, 0.0, 0.0
	for i, v := range all {
		farthest = max(farthest, match.Distance(v, tpl.Centroid))
		if i > 0 {
			step = max(step, match.Distance(all[i-1], v))
			turn = max(turn, math.Abs(film[i].shift-film[i-1].shift))
			way = max(way, moved(film[i-1].face.Landmarks, film[i].face.Landmarks))
		}
	}
	t.Logf("headpose/female: views %.3f apart, farthest frame %.3f from their centroid; between neighbours: descriptor %.3f, shift %.3f, eyes %.2f eye distances",
		match.Apart(views...), farthest, step, turn, way)
	if b := match.OneIn10000.Bounds(match.MinViews); farthest > b.Turned || step > b.Step {
		t.Error("she would not pass")
	}
}

// moved is how far the middle of the outer corners of the eyes moved, in their distance.
func moved(a, b biometrics.Landmarks) float64 {
	apart := float64(min(a[0].X-a[2].X, b[0].X-b[2].X))
	return math.Hypot(float64(a[0].X+a[2].X-b[0].X-b[2].X)/2, float64(a[0].Y+a[2].Y-b[0].Y-b[2].Y)/2) / apart
}

// TestScannedHeadAgainstItsPrint is the same face as a solid and as a plane, turned by the same angles.
func TestScannedHeadAgainstItsPrint(t *testing.T) {
	d, rules := describer(t), liveness.DefaultRules()
	solid := shifts(t, d, headsOf(t, "head3d/head3d/yaw_*.jpg"))
	plane := shifts(t, d, headsOf(t, "head3d/flatphoto/yaw_*.jpg"))
	for _, degrees := range []string{"10", "15", "20", "25", "30", "40", "50"} {
		left, right := "yaw_+"+degrees+".jpg", "yaw_-"+degrees+".jpg"
		t.Logf("±%s°: solid %+.3f %+.3f, odd part %.3f; print %+.3f %+.3f, odd part %.3f", degrees,
			solid[left], solid[right], solid[left]-solid[right], plane[left], plane[right], plane[left]-plane[right])
		if plane[left]-plane[right] >= rules.MinParallax/2 {
			t.Errorf("the print at ±%s° comes near the bound", degrees)
		}
	}
	if solid["yaw_+30.jpg"]-solid["yaw_-30.jpg"] < rules.MinParallax {
		t.Error("the scanned head at ±30° would not pass")
	}
}

// TestPosesOfHeads: what a scanned head that nods, its print that turns and a man who holds still measure in each dimension of the pose, from rest.
func TestPosesOfHeads(t *testing.T) {
	d, rules := describer(t), liveness.DefaultRules()
	poses := func(pattern, rest string) (moved map[string]liveness.Pose, own liveness.Pose) {
		all := map[string]liveness.Pose{}
		for _, f := range describeAll(t, d, headsOf(t, pattern)) {
			p, err := liveness.PoseOf(f.face.Landmarks)
			if err != nil {
				t.Fatal(err)
			}
			all[f.name] = p
		}
		return all, all[rest]
	}
	log := func(what, name string, p, own liveness.Pose) {
		t.Logf("%s, %s: shift %+.3f, lift %+.3f, roll %+.3f, size %+.3f", what, name, p.Shift-own.Shift, p.Lift-own.Lift, p.Roll-own.Roll, p.Size-own.Size)
	}
	nods, own := poses("head3d/head3d/pitch_*.jpg", "pitch_+00.jpg")
	for name, p := range nods {
		log("scanned head", name, p, own)
	}
	for name, g := range map[string]liveness.Gesture{"pitch_-10.jpg": liveness.LookUp, "pitch_-20.jpg": liveness.LookUp, "pitch_+10.jpg": liveness.LookDown, "pitch_+20.jpg": liveness.LookDown} {
		if !rules.Reached(nods[name], own, g) {
			t.Errorf("the scanned head in %s does not %v", name, g)
		}
	}
	turns, own := poses("head3d/head3d/yaw_*.jpg", "yaw_+00.jpg")
	for _, name := range []string{"yaw_-30.jpg", "yaw_-20.jpg", "yaw_+20.jpg", "yaw_+30.jpg"} {
		log("scanned head", name, turns[name], own)
	}
	prints, own := poses("head3d/flatphoto/yaw_*.jpg", "yaw_+00.jpg")
	for _, name := range []string{"yaw_-50.jpg", "yaw_-25.jpg", "yaw_+25.jpg", "yaw_+50.jpg"} {
		log("print", name, prints[name], own)
		if rules.Reached(prints[name], own, liveness.LookUp) || rules.Reached(prints[name], own, liveness.TurnLeft) || rules.Reached(prints[name], own, liveness.TurnRight) {
			t.Errorf("the print in %s looks up or turns", name)
		}
	}
	still, own := poses("headpose/male/f*.jpg", "f001.jpg")
	for name, p := range still {
		if !rules.Reached(p, own, liveness.Neutral) {
			log("a man who holds still", name, p, own)
			t.Errorf("he counts as moving in %s", name)
		}
	}
}
