package puppet_test

import (
	"os"
	"path/filepath"
	"slices"
	"testing"

	"visavis/biometrics"
	"visavis/biometrics/face"
	"visavis/biometrics/liveness"
	"visavis/biometrics/puppet"
)

// headsOf finds measured heads under FACES, or beside the repository.
func headsOf(t *testing.T, pattern string) []string {
	t.Helper()
	folder := os.Getenv("FACES")
	if folder == "" {
		folder = filepath.Join(top, "..", "shared", "faces")
	}
	paths, err := filepath.Glob(filepath.Join(folder, pattern))
	if err != nil || len(paths) == 0 {
		t.Skipf("no faces to measure: %s is not under FACES", pattern)
	}
	return paths
}

// shifts of the pictures in which a face is found, by file name.
func shifts(t *testing.T, d *face.Describer, paths []string) map[string]float64 {
	t.Helper()
	found := map[string]float64{}
	for _, path := range paths {
		data, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		f, err := puppet.Decode(data)
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
		found[filepath.Base(path)] = s
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
