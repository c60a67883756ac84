package puppet_test

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"testing"

	"visavis/biometrics/face"
	"visavis/biometrics/weights"
)

const top = "../.." // of the repository

// absent skips for want of a file that `make weights faces` fetches; where that has run before, it fails.
func absent(t *testing.T, format string, args ...any) {
	t.Helper()
	if os.Getenv("VISAVIS_CI") == "1" {
		t.Fatalf(format, args...)
	}
	t.Skipf(format, args...)
}

func photoOf(t *testing.T, name string) string {
	t.Helper()
	path := filepath.Join(top, "build", "faces", name)
	if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) {
		absent(t, "no photograph build/faces/%s: `make faces` fetches it", name)
	} else if err != nil {
		t.Fatal(err)
	}
	return path
}

func describer(t *testing.T) *face.Describer {
	t.Helper()
	dir := filepath.Join(top, "build", "weights")
	d, err := face.New(dir)
	if errors.Is(err, weights.ErrMissing) && !errors.Is(err, weights.ErrWrong) {
		absent(t, "no face models in build/weights: `make weights` fetches them: %v", err)
	}
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

// headsOf finds measured heads under FACES, or beside the repository. They come with no package: a machine without them skips, unless
// it was told where they are.
func headsOf(t *testing.T, pattern string) []string {
	t.Helper()
	folder, told := os.LookupEnv("FACES")
	if !told {
		folder = filepath.Join(top, "..", "shared", "faces")
	}
	paths, err := filepath.Glob(filepath.Join(folder, pattern))
	if err != nil {
		t.Fatal(err)
	}
	if len(paths) == 0 && told {
		t.Fatalf("FACES is %s, and %s is not there: give an absolute path, tests run in their package's folder", folder, pattern)
	}
	if len(paths) == 0 {
		t.Skipf("no faces to measure: say in FACES where %s is", pattern)
	}
	return paths
}
