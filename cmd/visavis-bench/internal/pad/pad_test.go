package pad

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"go.uber.org/goleak"

	"visavis/biometrics"
	"visavis/biometrics/actor"
	"visavis/biometrics/liveness"
	"visavis/biometrics/rehearsal"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// TestIntervals are Clopper and Pearson's, as other programs give them.
func TestIntervals(t *testing.T) {
	for _, tt := range []struct {
		c         Count
		low, high float64
	}{
		{Count{0, 200}, 0, 0.018276},
		{Count{1, 300}, 0.0000844, 0.018432},
		{Count{5, 10}, 0.187086, 0.812914},
		{Count{10, 10}, 0.691503, 1},
		{Count{0, 0}, 0, 1},
	} {
		low, high := tt.c.Interval()
		if math.Abs(low-tt.low) > 2e-5 || math.Abs(high-tt.high) > 2e-5 {
			t.Errorf("%d of %d: %.6f to %.6f", tt.c.K, tt.c.N, low, high)
		}
	}
}

// world is a company of made-up persons, each with descriptors of his own.
type world struct {
	mu    sync.Mutex
	plays int
	fails error
}

func (w *world) Weights() string { return "made up" }

// descriptor is a person's face in a pose: one place for each person, and a little of it for each pose.
func descriptor(person string, g liveness.Gesture) (d biometrics.Descriptor) {
	random := rand.New(rand.NewChaCha8(chance(person, 0)))
	for i := range d {
		d[i] = float32(random.NormFloat64()) * 0.125
	}
	d[int(g)] += 0.02 * float32(g)
	return d
}

func (w *world) Play(_ context.Context, o rehearsal.Order) (biometrics.Evidence, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.plays++
	if w.fails != nil {
		return biometrics.Evidence{}, w.fails
	}
	source, err := url.ParseQuery(strings.TrimPrefix(o.Source, "puppet:?"))
	if err != nil {
		return biometrics.Evidence{}, err
	}
	person := strings.Replace(filepath.Base(source.Get("photo")), "-detect", "", 1)
	manner := actor.Honest()
	if !slices.Contains([]string{"turn", "relay"}, source.Get("mode")) {
		manner.Turn, manner.Lamp = 0, 0
	}
	random := rand.New(rand.NewChaCha8(sha256.Sum256(o.Challenge.ID[:])))
	frames := manner.Play(o.Challenge, random, func(g liveness.Gesture) biometrics.Descriptor { return descriptor(person, g) })
	for i := range frames {
		frames[i].Descriptor[100] += float32(i) * 1e-5
		if source.Get("light") == "16" {
			frames[i].Quality = frames[i].Quality.With(biometrics.TooDark)
		}
	}
	return biometrics.Evidence{Camera: biometrics.CameraInfo{Name: "puppet", Driver: "puppet", Virtual: true}, Weights: w.Weights(), Frames: frames}, nil
}

func (w *world) Clip(_ context.Context, path string) ([]biometrics.Observation, error) {
	switch filepath.Base(path) {
	case "broken":
		return nil, errors.New("no film")
	case "short":
		return nil, nil
	}
	manner := actor.Honest()
	if filepath.Base(filepath.Dir(path)) == "print" {
		manner.Turn, manner.Up, manner.Down = 0, 0, 0
	}
	c, err := liveness.Draw(rand.NewChaCha8(chance("clip", 1)), liveness.Entry)
	if err != nil {
		return nil, err
	}
	return manner.Play(c, rand.New(rand.NewPCG(1, 1)), func(g liveness.Gesture) biometrics.Descriptor { return descriptor("clip", g) }), nil
}

func enrolled(t *testing.T, keep string) (*Bench, *world) {
	t.Helper()
	w := &world{}
	b := &Bench{Company: w, Faces: "faces", Keep: keep, Cast: Cast()}
	if err := b.Enrol(t.Context()); err != nil {
		t.Fatal(err)
	}
	return b, w
}

func species(t *testing.T, name string) Species {
	t.Helper()
	all := AllSpecies()
	i := slices.IndexFunc(all, func(s Species) bool { return s.Name == name })
	if i < 0 {
		t.Fatalf("no species %q", name)
	}
	return all[i]
}

func quiet(string, int, int) {}

// TestEachGroupCounts what it is for: who is let in, who is refused and why, who is told what is wrong.
func TestEachGroupCounts(t *testing.T) {
	b, _ := enrolled(t, "")
	for _, e := range b.Enrolled() {
		if e.Name == "" || e.Tries != 1 || e.Views < 3 || !e.Glasses || !(e.Apart < e.Nearest) || !(e.Bound > 0) {
			t.Errorf("%+v", e)
		}
	}
	for _, tt := range []struct {
		name     string
		accepted int
		rules    int
		face     int
		lamp     int
	}{
		{"plain", 10, 0, 0, 0},
		{"flat", 0, 10, 0, 10},
		{"stranger", 0, 0, 10, 0},
		{"relay", 10, 0, 0, 0},
		{"glasses", 10, 0, 0, 0},
	} {
		got, films, err := b.Run(t.Context(), species(t, tt.name), 10, 3, quiet)
		if err != nil {
			t.Fatal(err)
		}
		if got.N != 10 || got.Accepted != tt.accepted || got.Rules != tt.rules || got.Face.K != tt.face || got.Lamp+got.Unlit != tt.lamp || (got.Why() == "") != (tt.accepted == 10) {
			t.Errorf("%s: %+v", tt.name, got)
		}
		if (len(films) == 10) != (tt.name == "plain" || tt.name == "glasses") {
			t.Errorf("%s: %d films", tt.name, len(films))
		}
	}
	dark, _, err := b.Run(t.Context(), species(t, "dark"), 4, 1, quiet)
	if err != nil || dark.Accepted != 0 || dark.Reasons[biometrics.TooDark.String()] != 4 {
		t.Errorf("dark: %+v, %v", dark, err)
	}
}

// TestReplayedFilmsAreOthers: a film is played against challenges that it was not made for, and hardly passes.
func TestReplayedFilmsAreOthers(t *testing.T) {
	b, _ := enrolled(t, "")
	_, films, err := b.Run(t.Context(), species(t, "plain"), 10, 1, quiet)
	if err != nil {
		t.Fatal(err)
	}
	got, err := b.Replayed(films, 10)
	if err != nil || got.N < 30 || got.N > 100 || got.APCER().Rate() > 0.1 {
		t.Errorf("%+v, %v", got, err)
	}
}

func TestFusedScores(t *testing.T) {
	b, _ := enrolled(t, "")
	got, err := b.Fused(t.Context(), []Species{species(t, "plain"), species(t, "dim")}, 40, 2, quiet)
	if err != nil || got.Misses != (Count{0, 40}) || got.Failures != (Count{0, 40}) || !(got.Farthest < got.Bound) {
		t.Errorf("%+v, %v", got, err)
	}
}

// TestARunGoesOn: what was kept is not played again, and a folder of something else is refused.
func TestARunGoesOn(t *testing.T) {
	keep := t.TempDir()
	b, w := enrolled(t, keep)
	first, _, err := b.Run(t.Context(), species(t, "flat"), 6, 1, quiet)
	if err != nil {
		t.Fatal(err)
	}
	plays := w.plays
	again, w2 := enrolled(t, keep)
	second, _, err := again.Run(t.Context(), species(t, "flat"), 6, 1, quiet)
	if err != nil || w2.plays != 0 || plays != 6+2*len(b.Cast) || fmt.Sprint(first) != fmt.Sprint(second) {
		t.Errorf("%d plays and then %d: %+v, %+v, %v", plays, w2.plays, first, second, err)
	}
	files, err := filepath.Glob(filepath.Join(keep, "*.cbor"))
	if err != nil || len(files) != plays {
		t.Fatalf("%v, %v", files, err)
	}
	for _, f := range files {
		info, err := os.Stat(f)
		if err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("%v, %v: it holds descriptors", info.Mode(), err)
		}
		if err := os.WriteFile(f, []byte("something else"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := again.Enrol(t.Context()); err == nil {
		t.Error("took something else for evidence")
	}
}

func TestAFailureEndsTheRun(t *testing.T) {
	b, w := enrolled(t, "")
	w.fails, w.plays = errors.New("the process has ended"), 0
	if _, _, err := b.Run(t.Context(), species(t, "flat"), 50, 4, quiet); !errors.Is(err, w.fails) || w.plays > 4 {
		t.Errorf("%v after %d plays", err, w.plays)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, _, err := b.Run(ctx, species(t, "flat"), 5, 1, quiet); !errors.Is(err, context.Canceled) {
		t.Errorf("%v", err)
	}
}

// TestSpeciesAreDifferent, each a source of its own, and every presentation one of its own that comes back.
func TestSpeciesAreDifferent(t *testing.T) {
	seen := map[string]string{}
	for _, s := range AllSpecies() {
		source := s.source("faces", "a.jpg", Person{Face: 1}, Person{Photo: "b.jpg", Face: 2}, 7)
		if s.stranger {
			source += " by a stranger"
		}
		if before, known := seen[source]; known || s.Name == "" || s.What == "" || s.Group == 0 {
			t.Errorf("%s is %s: %s", s.Name, before, source)
		}
		seen[source] = s.Name
	}
	first, again := chance("a", 1), chance("a", 1)
	if first != again || first == chance("a", 2) || first == chance("b", 1) {
		t.Error("a presentation's chance is not its own")
	}
}

// TestClips: a person passes and a print does not; a film passes when it is arranged to the challenge and hardly as it is; what can not be read
// is said, and counts nowhere.
func TestClips(t *testing.T) {
	dir := t.TempDir()
	for _, name := range []string{"live/a", "live/b", "live/broken", "print/a", "replay/a", "replay/short"} {
		if err := os.MkdirAll(filepath.Join(dir, name), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	b := &Bench{Company: &world{}}
	got, err := b.Clips(t.Context(), dir, quiet)
	if err != nil || len(got) != 3 {
		t.Fatalf("%+v, %v", got, err)
	}
	live, print, replay := got[0], got[1], got[2]
	if live.Kind != Live || live.Accepted != (Count{2, 2}) || len(live.Unread) != 1 {
		t.Errorf("%+v", live)
	}
	if print.Kind != Print || print.Accepted != (Count{0, 1}) || len(print.Reasons) != 1 {
		t.Errorf("%+v", print)
	}
	if replay.Kind != Replay || replay.Accepted != (Count{1, 2}) || replay.AsFilmed.N != showings || replay.AsFilmed.K > 1 {
		t.Errorf("%+v", replay)
	}
	if _, err := b.Clips(t.Context(), t.TempDir(), quiet); err == nil {
		t.Error("measured nothing, and said nothing")
	}
}
