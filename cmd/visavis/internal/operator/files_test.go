package operator

import (
	"bytes"
	"crypto/rand"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"testing"
	"time"

	"visavis/biometrics/match"
	"visavis/biometrics/template"
)

var now = time.Date(2026, 3, 28, 12, 0, 0, 0, time.UTC)

func TestKeys(t *testing.T) {
	path := filepath.Join(t.TempDir(), "keys")
	if _, err := LoadKeys(path); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("none: %v", err)
	}
	first, made, err := LoadOrMakeKeys(path, rand.Reader)
	if err != nil || !made {
		t.Fatal(made, err)
	}
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("%v, %v: others may read it", info.Mode(), err)
	}
	again, made, err := LoadOrMakeKeys(path, rand.Reader)
	if err != nil || made || !bytes.Equal(again.Encode(), first.Encode()) {
		t.Errorf("not the same keys the second time: %v, %v", made, err)
	}
	if err := os.Chmod(path, 0o640); err != nil {
		t.Fatal(err)
	}
	if _, _, err := LoadOrMakeKeys(path, rand.Reader); !errors.Is(err, ErrOpenKey) {
		t.Errorf("keys that the group may read: %v", err)
	}
	for name, bad := range map[string][]byte{"nothing": nil, "noise": []byte("no ring"), "endless": make([]byte, maxKeyFile+1)} {
		path := filepath.Join(t.TempDir(), "keys")
		if err := os.WriteFile(path, bad, 0o600); err != nil {
			t.Fatal(err)
		}
		if _, made, err := LoadOrMakeKeys(path, rand.Reader); err == nil || made {
			t.Errorf("%s: taken, or replaced: %v", name, err)
		}
		if b, err := os.ReadFile(path); err != nil || !bytes.Equal(b, bad) {
			t.Errorf("%s: changed", name)
		}
	}
}

// Somebody who may make files where keys are looked for must not have root seal faces under keys that he knows.
func TestKeysOfAnotherUser(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("only root can give a file away")
	}
	path := filepath.Join(t.TempDir(), "keys")
	if _, _, err := LoadOrMakeKeys(path, rand.Reader); err != nil {
		t.Fatal(err)
	}
	if err := os.Chown(path, 12345, 12345); err != nil {
		t.Fatal(err)
	}
	if _, made, err := LoadOrMakeKeys(path, rand.Reader); !errors.Is(err, ErrOthers) || made {
		t.Errorf("another's keys: %v, made %v", err, made)
	}
}

// A link is a place that is taken, wherever it leads: nothing is written through it.
func TestNothingIsWrittenThroughALink(t *testing.T) {
	dir := t.TempDir()
	ring, err := template.NewRing(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	for _, leads := range []string{filepath.Join(dir, "nowhere"), dir} {
		path := filepath.Join(t.TempDir(), "link")
		if err := os.Symlink(leads, path); err != nil {
			t.Fatal(err)
		}
		if err := CanSave(path); !errors.Is(err, ErrThere) {
			t.Errorf("%s: free: %v", leads, err)
		}
		if err := Save(path, ring, "me", enrolled(t, 1), now); !errors.Is(err, ErrThere) {
			t.Errorf("%s: written: %v", leads, err)
		}
	}
	if _, err := os.Lstat(filepath.Join(dir, "nowhere")); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("a file was made where a link leads: %v", err)
	}
}

func TestTemplateFile(t *testing.T) {
	dir := t.TempDir()
	ring, err := template.NewRing(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	other, err := template.NewRing(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	me := enrolled(t, 1)
	path := filepath.Join(dir, "me.face")
	if err := CanSave(path); err != nil {
		t.Error(err)
	}
	if err := Save(path, ring, "me", me, now); err != nil {
		t.Fatal(err)
	}
	if err := CanSave(path); !errors.Is(err, ErrThere) {
		t.Errorf("the place is taken: %v", err)
	}
	if err := Save(path, ring, "me", enrolled(t, 2), now); !errors.Is(err, ErrThere) {
		t.Errorf("another's template over mine: %v", err)
	}
	back, err := Load(path, ring, "me")
	if err != nil || back.Centroid != me.Centroid || len(back.Views) != len(me.Views) {
		t.Fatalf("not what was saved: %v", err)
	}
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for _, v := range append(me.Views, me.Centroid) {
		clear, err := v.MarshalBinary()
		if err != nil {
			t.Fatal(err)
		}
		if bytes.Contains(b, clear[:8]) {
			t.Error("a view lies on the disk in clear")
		}
	}
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("%v, %v", info.Mode(), err)
	}
	if _, err := Load(path, ring, "you"); !errors.Is(err, template.ErrRefused) {
		t.Errorf("a template that was put in another's place: %v", err)
	}
	if _, err := Load(path, other, "me"); !errors.Is(err, template.ErrUnknown) {
		t.Errorf("other keys: %v", err)
	}
	if err := os.WriteFile(path, make([]byte, template.MaxSealed+1), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := Load(path, ring, "me"); !errors.Is(err, ErrTooLong) {
		t.Errorf("a file without end: %v", err)
	}
	if err := Save(filepath.Join(dir, "zero"), ring, "me", match.Template{}, now); err == nil {
		t.Error("nobody's template was saved")
	}
	if err := Save(filepath.Join(dir, "no", "folder"), ring, "me", me, now); !errors.Is(err, fs.ErrNotExist) {
		t.Error(err)
	}
}
