package rehearsal_test

import (
	"context"
	"errors"
	"io"
	"math/rand/v2"
	"reflect"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"visavis/biometrics"
	"visavis/biometrics/eye"
	"visavis/biometrics/liveness"
	"visavis/biometrics/rehearsal"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func challenge(t testing.TB, seed byte) liveness.Challenge {
	t.Helper()
	c, err := liveness.Draw(rand.NewChaCha8([32]byte{seed}), liveness.Entry)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// stage answers what it was asked.
type stage struct{ begin chan struct{} }

func (stage) Weights() string { return "made up" }

func (s stage) Play(ctx context.Context, o rehearsal.Order) (biometrics.Evidence, error) {
	switch o.Source {
	case "broken":
		return biometrics.Evidence{}, errors.New(strings.Repeat("ü", 300))
	case "endless":
		close(s.begin)
		<-ctx.Done()
		return biometrics.Evidence{}, ctx.Err()
	}
	e := biometrics.Evidence{Camera: biometrics.CameraInfo{Name: o.Source, Virtual: true}, Weights: "made up"}
	for since := time.Duration(0); since < o.Challenge.Duration(); since = o.Pace.Next(o.Challenge, since) {
		e.Frames = append(e.Frames, biometrics.Observation{Number: uint32(len(e.Frames) + 1), Offset: uint32(since.Milliseconds())})
	}
	return e, nil
}

func (stage) Clip(_ context.Context, path string) ([]biometrics.Observation, error) {
	n := map[string]int{"three": 3, "all": rehearsal.MaxClip, "more": rehearsal.MaxClip + 1}[path]
	if n == 0 {
		return nil, errors.New("no such clip")
	}
	return make([]biometrics.Observation, n), nil
}

// process is a stage in this process.
type process struct {
	io.Reader
	io.Writer
	in    *io.PipeWriter
	out   *io.PipeReader
	end   context.CancelFunc
	ended chan error
}

func (p *process) CloseInput() error { return p.in.Close() }

func (p *process) Kill() {
	p.end()
	_ = p.in.CloseWithError(io.ErrClosedPipe)
	_ = p.out.CloseWithError(io.ErrClosedPipe)
}

func (p *process) Wait() error { return <-p.ended }

// run starts a process whose words are those of serve.
func run(serve func(ctx context.Context, r io.Reader, w io.Writer) error) eye.Launcher {
	return func(context.Context) (eye.Process, error) {
		ctx, end := context.WithCancel(context.Background())
		inR, inW := io.Pipe()
		outR, outW := io.Pipe()
		p := &process{Reader: outR, Writer: inW, in: inW, out: outR, end: end, ended: make(chan error, 1)}
		go func() {
			err := serve(ctx, inR, outW)
			_ = outW.Close()
			_ = inR.Close()
			p.ended <- err
		}()
		return p, nil
	}
}

func open(t *testing.T, s stage, n int) *rehearsal.Company {
	t.Helper()
	c, err := rehearsal.Open(t.Context(), run(func(ctx context.Context, r io.Reader, w io.Writer) error {
		return rehearsal.Serve(ctx, r, w, s)
	}), n)
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

func TestPlaysAndClips(t *testing.T) {
	c := open(t, stage{}, 2)
	if c.Weights() != "made up" {
		t.Errorf("weights %q", c.Weights())
	}
	for _, pace := range []rehearsal.Pace{rehearsal.Few, 80} {
		o := rehearsal.Order{Source: "somebody", Challenge: challenge(t, 1), Pace: pace}
		got, err := c.Play(t.Context(), o)
		want, _ := stage{}.Play(t.Context(), o)
		if err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("pace %d: %d frames, want %d, %v", pace, len(got.Frames), len(want.Frames), err)
		}
	}
	for path, want := range map[string]int{"three": 3, "all": rehearsal.MaxClip} {
		if got, err := c.Clip(t.Context(), path); err != nil || len(got) != want {
			t.Errorf("%s: %d frames, %v", path, len(got), err)
		}
	}
}

// TestRefusesAndGoesOn: what is refused is said, and the next order is played.
func TestRefusesAndGoesOn(t *testing.T) {
	c := open(t, stage{}, 1)
	good := rehearsal.Order{Source: "somebody", Challenge: challenge(t, 1)}
	broken, blank, long, slow, dense := good, good, good, good, good
	broken.Source, blank.Source, long.Source = "broken", "", strings.Repeat("x", 5000)
	slow.Challenge.Steps = []liveness.Step{{Gesture: liveness.Neutral, Millis: 60_001}}
	dense.Pace = 1
	unnamed, many := good, good
	unnamed.Challenge.ID = [16]byte{}
	many.Challenge.Steps = make([]liveness.Step, rehearsal.MaxSteps+1)
	for name, o := range map[string]rehearsal.Order{"no source": blank, "a long source": long, "a long play": slow, "a frame each millisecond": dense, "no id": unnamed, "many steps": many} {
		if _, err := c.Play(t.Context(), o); !errors.Is(err, rehearsal.ErrOrder) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := c.Play(t.Context(), broken); !errors.Is(err, rehearsal.ErrRefused) || len(err.Error()) > 400 {
		t.Errorf("broken: %v", err)
	}
	for _, path := range []string{"nowhere", "more"} {
		if _, err := c.Clip(t.Context(), path); !errors.Is(err, rehearsal.ErrRefused) {
			t.Errorf("%s: %v", path, err)
		}
	}
	if _, err := c.Clip(t.Context(), ""); !errors.Is(err, rehearsal.ErrOrder) {
		t.Errorf("no path: %v", err)
	}
	if _, err := c.Play(t.Context(), good); err != nil {
		t.Errorf("afterwards: %v", err)
	}
}

// TestEndsWithItsContext: a play that hangs is ended, and its process is not asked again, for its next word would belong to nobody.
func TestEndsWithItsContext(t *testing.T) {
	s := stage{begin: make(chan struct{})}
	c := open(t, s, 1)
	ctx, cancel := context.WithCancel(t.Context())
	go func() {
		<-s.begin
		cancel()
	}()
	if _, err := c.Play(ctx, rehearsal.Order{Source: "endless", Challenge: challenge(t, 1)}); !errors.Is(err, context.Canceled) {
		t.Errorf("%v", err)
	}
	if _, err := c.Play(t.Context(), rehearsal.Order{Source: "somebody", Challenge: challenge(t, 1)}); err == nil {
		t.Error("asked a process that was killed")
	}
}

// TestHostileProcess: whatever it says, nothing is believed and nothing hangs.
func TestHostileProcess(t *testing.T) {
	for name, words := range map[string]string{
		"nothing":             "",
		"half a head":         "\x00\x00",
		"an unknown kind":     "\x00\x00\x00\x01\x07",
		"no kind":             "\x00\x00\x00\x00\x40",
		"too long a word":     "\x7f\xff\xff\xff\x40",
		"another first word":  "\x00\x00\x00\x04\x42\x82\x80\x60",
		"no CBOR":             "\x00\x00\x00\x03\x40\xff\xff",
		"another version":     "\x00\x00\x00\x05\x40\x82\x02\x61w",
		"no weights":          "\x00\x00\x00\x04\x40\x82\x01\x60",
		"not the shortest":    "\x00\x00\x00\x06\x40\x82\x18\x01\x61w",
		"half of a hello":     "\x00\x00\x00\x05\x40\x82",
		"more than its words": "\x00\x00\x00\x06\x40\x82\x01\x61ww",
	} {
		c, err := rehearsal.Open(t.Context(), run(func(_ context.Context, _ io.Reader, w io.Writer) error {
			_, err := io.WriteString(w, words)
			return err
		}), 1)
		if err == nil || c != nil {
			t.Errorf("%s: opened", name)
		}
	}
}

// TestServeRefusesGarbage: what is no order ends the process, and nothing is allocated for a length that is only claimed.
func TestServeRefusesGarbage(t *testing.T) {
	for name, words := range map[string]string{
		"half a head": "\x00\x00", "an unknown kind": "\x00\x00\x00\x01\x09", "too long": "\x7f\xff\xff\xff\x01", "no CBOR": "\x00\x00\x00\x02\x01\xff",
		"a clip as a play": "\x00\x00\x00\x04\x01\x81\x61a", "a cut order": "\x00\x00\x00\x09\x01\x83",
	} {
		if err := rehearsal.Serve(t.Context(), strings.NewReader(words), io.Discard, stage{}); err == nil {
			t.Errorf("%s: served", name)
		}
	}
	if err := rehearsal.Serve(t.Context(), strings.NewReader(""), io.Discard, stage{}); err != nil {
		t.Errorf("nothing asked: %v", err)
	}
}

// TestFewDescribesWhatDecides: two frames in the last 0.3 s of each step, one on the way, and never 0.4 s without one, of whatever is drawn.
func TestFewDescribesWhatDecides(t *testing.T) {
	for seed := range byte(40) {
		for _, kind := range []liveness.Kind{liveness.Entry, liveness.Enrolment} {
			c, err := liveness.Draw(rand.NewChaCha8([32]byte{seed}), kind)
			if err != nil {
				t.Fatal(err)
			}
			var at []time.Duration
			for since := time.Duration(0); since < c.Duration(); since = rehearsal.Few.Next(c, since) {
				if n := len(at); n > 0 && since-at[n-1] >= 400*time.Millisecond {
					t.Errorf("seed %d, kind %d: nothing from %v to %v", seed, kind, at[n-1], since)
				}
				at = append(at, since)
			}
			if len(at) > 60 || c.Duration()-at[len(at)-1] >= 400*time.Millisecond {
				t.Errorf("seed %d, kind %d: %d frames, the last at %v of %v", seed, kind, len(at), at[len(at)-1], c.Duration())
			}
			var start time.Duration
			for i, s := range c.Steps {
				end := start + time.Duration(s.Millis)*time.Millisecond
				held, way := 0, 0
				for _, a := range at {
					if a >= end-300*time.Millisecond && a < end {
						held++
					}
					if a >= start+200*time.Millisecond && a <= start+500*time.Millisecond {
						way++
					}
				}
				if held < 2 || way < 1 {
					t.Errorf("seed %d, kind %d, step %d: %d frames of the pose, %d on the way", seed, kind, i, held, way)
				}
				start = end
			}
		}
	}
}

func FuzzServe(f *testing.F) {
	f.Add([]byte("\x00\x00\x00\x05\x02\x81\x63all"))
	f.Add([]byte("\x00\x00\x00\x04\x01\x83\x60\x00"))
	f.Fuzz(func(t *testing.T, words []byte) {
		_ = rehearsal.Serve(t.Context(), strings.NewReader(string(words)), io.Discard, stage{begin: make(chan struct{}, 1)})
	})
}
