package puppet_test

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"visavis/biometrics"
	"visavis/biometrics/eye"
	"visavis/biometrics/liveness"
	"visavis/biometrics/puppet"
)

var (
	_ biometrics.Camera = (*puppet.Stage)(nil)
	_ eye.Cued          = (*puppet.Stage)(nil)
)

func TestParseStage(t *testing.T) {
	for _, path := range []string{"a.txt", "/a b/ü&photo=c", "nobody"} {
		if got, err := puppet.ParseStage(puppet.StageSource(path)); err != nil || got != path {
			t.Errorf("%q: %q, %v", path, got, err)
		}
	}
	for _, source := range []string{
		"", "stage=a", "puppet:?stage=", "puppet:?stage=a&stage=b", "puppet:?stage=a&photo=b", "puppet:?photo=a", "puppet:?nobody",
		"puppet:?stage=%zz", "puppet:?Stage=a", "stage=a.txt", "puppet:?stage=a b",
	} {
		if path, err := puppet.ParseStage(source); !errors.Is(err, puppet.ErrSource) {
			t.Errorf("%q: %q, %v", source, path, err)
		}
	}
}

// script is the file of a stage's script.
type script struct {
	t    *testing.T
	path string
}

func newScript(t *testing.T, first string) script {
	s := script{t, filepath.Join(t.TempDir(), "stage")}
	s.write(first)
	return s
}

// write replaces the file at once.
func (s script) write(words string) {
	s.t.Helper()
	if err := os.WriteFile(s.path+".new", []byte(words), 0o600); err != nil {
		s.t.Fatal(err)
	}
	if err := os.Rename(s.path+".new", s.path); err != nil {
		s.t.Fatal(err)
	}
}

// actor is the script of a photograph's face.
func actor(photo string, face int) string {
	source := puppet.Options{Photo: photo, Face: face, Mode: puppet.Turn, Seed: 3}.String()
	return strings.TrimPrefix(source, "puppet:?") + "\n"
}

func openStage(t *testing.T, s script, find puppet.Finder, clock eye.Clock) *puppet.Stage {
	t.Helper()
	c, err := puppet.OpenStage(t.Context(), s.path, find, clock, nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := c.Close(); err != nil {
			t.Error(err)
		}
	})
	return c
}

func next(t *testing.T, c *puppet.Stage) biometrics.Frame {
	t.Helper()
	f, err := c.Read()
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// await reads frames until one is as wanted.
func await(t *testing.T, c *puppet.Stage, what string, is func(biometrics.Frame) bool) {
	t.Helper()
	for late := time.Now().Add(20 * time.Second); time.Now().Before(late); runtime.Gosched() {
		if is(next(t, c)) {
			return
		}
	}
	t.Fatalf("never: %s", what)
}

func TestOpenStageRefuses(t *testing.T) {
	photo, find := drawing(t)
	for _, tt := range []struct {
		name, script string
		want         error
	}{
		{"an empty script", "", puppet.ErrScript},
		{"a whole source", "puppet:?nobody", puppet.ErrScript},
		{"two lines", "nobody\nnobody\n", puppet.ErrScript},
		{"a script without an end", strings.Repeat("n", 4097), puppet.ErrScript},
		{"a photograph that is not there", "photo=nowhere.jpg", biometrics.ErrCameraMissing},
		{"a third face of two", actor(photo, 3), puppet.ErrNoSuchFace},
	} {
		s := newScript(t, tt.script)
		if c, err := puppet.OpenStage(t.Context(), s.path, find, &stepped{}, nil); !errors.Is(err, tt.want) || c != nil {
			t.Errorf("%s: %v", tt.name, err)
		}
	}
	if c, err := puppet.OpenStage(t.Context(), filepath.Join(t.TempDir(), "none"), find, &stepped{}, nil); !errors.Is(err, biometrics.ErrCameraMissing) || c != nil {
		t.Errorf("no script: %v", err)
	}
}

// TestStageChangesItsActor without the camera being closed: its name, its frames' times and the cue in force go on.
func TestStageChangesItsActor(t *testing.T) {
	defer goleak.VerifyNone(t)
	photo, find := drawing(t)
	clock := &stepped{now: time.Unix(100, 0)}
	s := newScript(t, actor(photo, 1))
	c, err := puppet.OpenStage(t.Context(), s.path, find, clock, nil)
	if err != nil {
		t.Fatal(err)
	}
	before := c.Info()
	if !before.Virtual || before.Driver != "puppet" || before.Port != puppet.StageSource(s.path) {
		t.Errorf("info %+v", before)
	}
	var last time.Duration
	for range 10 {
		f := next(t, c)
		if f.At < last {
			t.Fatalf("a frame at %v after one at %v", f.At, last)
		}
		last = f.At
	}
	c.Cue(eye.Cue{Challenge: [16]byte{1}, Step: 1, Gesture: liveness.TurnLeft})
	<-clock.After(time.Second)
	turned := next(t, c)

	s.write("nobody\n")
	empty := open(t, puppet.Options{Mode: puppet.Nobody}, nil, &stepped{})
	room := read(t, empty)
	await(t, c, "an empty room", func(f biometrics.Frame) bool { return difference(f, room) < 4 })
	s.write(actor(photo, 1))
	await(t, c, "the actor, turned as the cue says", func(f biometrics.Frame) bool { return difference(f, turned) < 4 })
	if f := next(t, c); f.At < last {
		t.Errorf("a frame at %v after one at %v", f.At, last)
	}
	if c.Info() != before {
		t.Errorf("info %+v", c.Info())
	}
	if err := errors.Join(c.Close(), c.Close()); err != nil {
		t.Error(err)
	}
	if _, err := c.Read(); !errors.Is(err, biometrics.ErrCameraClosed) {
		t.Errorf("read after close: %v", err)
	}
}

// TestStageKeepsItsActor when the script says nothing that can be played, and takes the next that does.
func TestStageKeepsItsActor(t *testing.T) {
	photo, find := drawing(t)
	s := newScript(t, actor(photo, 1))
	var clock stepped
	c := openStage(t, s, find, &clock)
	first := next(t, c)
	for _, words := range []string{"", "somebody", "photo=nowhere.jpg", actor(photo, 9), strings.Repeat("x", 5000)} {
		s.write(words)
		for range 30 {
			if d := difference(first, next(t, c)); d > 20 {
				t.Fatalf("after %.20q the picture is another one: %.1f", words, d)
			}
			runtime.Gosched()
		}
	}
	if err := os.Remove(s.path); err != nil {
		t.Fatal(err)
	}
	next(t, c)
	s.write("nobody")
	room := read(t, open(t, puppet.Options{Mode: puppet.Nobody}, nil, &stepped{}))
	await(t, c, "an empty room", func(f biometrics.Frame) bool { return difference(f, room) < 4 })
}

// TestStageIsClosedAmidAChange: who is still being searched for is freed too.
func TestStageIsClosedAmidAChange(t *testing.T) {
	defer goleak.VerifyNone(t)
	photo, find := drawing(t)
	s := newScript(t, "nobody")
	var clock stepped
	asked, release := make(chan bool), make(chan bool)
	c, err := puppet.OpenStage(t.Context(), s.path, func(f biometrics.Frame) ([]biometrics.Landmarks, error) {
		asked <- true
		<-release
		return find(f)
	}, &clock, nil)
	if err != nil {
		t.Fatal(err)
	}
	s.write(actor(photo, 1))
	for waiting := true; waiting; {
		select {
		case <-asked:
			waiting = false
		default:
			next(t, c)
		}
	}
	close(release)
	if err := c.Close(); err != nil {
		t.Error(err)
	}
}

// TestStageAfterARest: who left while nobody looked is not seen again, not in the first frame either.
func TestStageAfterARest(t *testing.T) {
	photo, find := drawing(t)
	s := newScript(t, actor(photo, 1))
	clock := &stepped{now: time.Unix(100, 0)}
	c := openStage(t, s, find, clock)
	next(t, c)
	s.write("nobody")
	<-clock.After(time.Second)
	room := read(t, open(t, puppet.Options{Mode: puppet.Nobody}, nil, &stepped{}))
	if d := difference(next(t, c), room); d > 4 {
		t.Errorf("the first frame after a rest is %.1f levels from an empty room", d)
	}
}

func TestRememberSearchesOnce(t *testing.T) {
	searches := 0
	find := puppet.Remember(func(f biometrics.Frame) ([]biometrics.Landmarks, error) {
		searches++
		if f.Pix[0] == 9 {
			return nil, errors.New("no eyes")
		}
		return make([]biometrics.Landmarks, f.Pix[0]), nil
	})
	for _, tt := range []struct {
		pix      byte
		faces    int
		searches int
	}{{1, 1, 1}, {1, 1, 1}, {2, 2, 2}, {1, 1, 2}, {9, 0, 3}, {9, 0, 4}} {
		got, err := find(biometrics.Frame{Width: 1, Height: 1, Pix: []byte{tt.pix, 0, 0, 0}})
		if len(got) != tt.faces || (err != nil) != (tt.pix == 9) || searches != tt.searches {
			t.Errorf("%d: %d faces, %v, %d searches", tt.pix, len(got), err, searches)
		}
		if len(got) > 0 {
			got[0][0].X = 99 // a caller may sort and change what he gets
		}
		if again, _ := find(biometrics.Frame{Width: 1, Height: 1, Pix: []byte{1, 0, 0, 0}}); again[0][0].X == 99 {
			t.Error("what one caller changes, another gets")
		}
	}
}

// TestNobodyIsSeen: in the empty room is no face, and its frames differ as a sensor's do.
func TestNobodyIsSeen(t *testing.T) {
	d := describer(t)
	c := open(t, puppet.Options{Mode: puppet.Nobody}, nil, &stepped{})
	var before []byte
	for range 3 {
		f := read(t, c)
		if bytes.Equal(f.Pix, before) {
			t.Error("a frame repeats")
		}
		before = f.Pix
		got, err := d.Describe(f)
		if err != nil || !got.Quality.Has(biometrics.NoFace) {
			t.Errorf("%v, %v", got.Quality.Reasons(), err)
		}
	}
}
