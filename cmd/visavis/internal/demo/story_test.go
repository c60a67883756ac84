package demo

import (
	"errors"
	"io"
	"os"
	"path/filepath"
	"testing"

	"visavis/cmd/visavis/internal/local"
)

// Somebody names his home folder, or a dot, as the place to keep the story in.
func TestPrepareEmptiesOnlyItsOwnFolder(t *testing.T) {
	dir := t.TempDir()
	bin, faces, keep := filepath.Join(dir, "bin"), filepath.Join(dir, "faces"), filepath.Join(dir, "keep")
	s := &story{Options: Options{Bin: bin, Faces: faces, Keep: keep}, out: io.Discard, cast: cast(faces)}
	touch := func(path string) {
		t.Helper()
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	precious := filepath.Join(keep, "precious")
	touch(precious)
	if err := s.prepare(); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("without programs: %v", err)
	}
	touch(filepath.Join(bin, "visavisd"))
	touch(filepath.Join(bin, "visavis-puppet"))
	touch(filepath.Join(faces, severalPeople))
	for _, p := range s.cast {
		touch(p.enrolled.path)
		touch(p.photo.path)
	}
	if err := s.prepare(); !errors.Is(err, local.ErrForeign) {
		t.Errorf("a folder with something precious: %v", err)
	}
	if _, err := os.Stat(precious); err != nil {
		t.Fatalf("it was emptied: %v", err)
	}
	if err := os.Remove(precious); err != nil {
		t.Fatal(err)
	}
	if err := s.prepare(); err != nil {
		t.Errorf("an empty folder: %v", err)
	}
	touch(filepath.Join(keep, "visavisd.log"))
	if err := s.prepare(); err != nil {
		t.Errorf("an earlier story's folder: %v", err)
	}
	if _, err := os.Stat(filepath.Join(keep, "visavisd.log")); err == nil {
		t.Error("the earlier story is still there")
	}
}
