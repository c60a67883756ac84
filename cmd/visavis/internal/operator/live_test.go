package operator

import (
	"bytes"
	"errors"
	"math/rand/v2"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/goleak"

	"visavis/biometrics"
	"visavis/biometrics/actor"
	"visavis/biometrics/eye"
	"visavis/biometrics/liveness"
	"visavis/biometrics/match"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// stage is an eye before which somebody made up follows the challenge that is drawn from a seed.
type stage struct {
	c      liveness.Challenge
	frames []biometrics.Observation
	camera biometrics.CameraInfo
	dark   bool // nobody is seen before the challenge

	events chan eye.Event
	quit   chan struct{}
	wg     sync.WaitGroup
	played sync.Once
}

type clock struct{}

func (clock) Now() time.Time                         { return time.Now() }
func (clock) After(d time.Duration) <-chan time.Time { return time.After(d) }

func (s *stage) Subscribe() (<-chan eye.Event, func()) { return s.events, func() {} }
func (s *stage) Camera() (biometrics.CameraInfo, bool) { return s.camera, true }
func (s *stage) Weights() string                       { return madeUp }
func (s *stage) Clock() eye.Clock                      { return clock{} }

// Cue begins the play with the challenge's first.
func (s *stage) Cue(c eye.Cue) {
	if c.Challenge == s.c.ID {
		s.played.Do(func() { s.wg.Go(s.play) })
	}
}

func (s *stage) play() {
	began := time.Now()
	for _, o := range s.frames {
		at := time.Duration(o.Offset) * time.Millisecond
		if !s.sleep(time.Until(began.Add(at))) {
			return
		}
		s.events <- eye.Seen{
			Number: o.Number, Challenge: s.c.ID, Step: o.Cue, Gesture: s.c.Steps[o.Cue].Gesture, Offset: at,
			Face: biometrics.Face{Box: o.Box, Landmarks: o.Landmarks, Quality: o.Quality, Descriptor: o.Descriptor, Skin: o.Skin, Scene: o.Scene},
		}
	}
	if s.sleep(time.Until(began.Add(s.c.Duration() + 50*time.Millisecond))) {
		s.events <- eye.Seen{Number: uint32(len(s.frames) + 1)}
	}
}

func (s *stage) sleep(d time.Duration) bool {
	select {
	case <-time.After(d):
		return true
	case <-s.quit:
		return false
	}
}

// before is the person who waits to be asked.
func (s *stage) before() {
	for range 20 {
		f := biometrics.Face{}
		if s.dark {
			f.Quality = f.Quality.With(biometrics.TooDark)
		}
		s.events <- eye.Seen{Face: f}
	}
}

func (s *stage) leave() {
	close(s.quit)
	s.wg.Wait()
}

// seat puts somebody before the booth that follows the challenge of a kind and seed in a manner.
func seat(t *testing.T, seed byte, kind liveness.Kind, m actor.Manner, person uint64) (*Booth, *stage, *bytes.Buffer) {
	t.Helper()
	c, err := liveness.Draw(rand.NewChaCha8([32]byte{seed}), kind)
	if err != nil {
		t.Fatal(err)
	}
	var take uint64
	look := func(liveness.Gesture) biometrics.Descriptor {
		take++
		return descriptor(person, 1000*uint64(seed)+take, 0.12)
	}
	s := &stage{
		c: c, frames: m.Play(c, rand.New(rand.NewPCG(uint64(seed), 1)), look), camera: biometrics.CameraInfo{Name: "cam"},
		events: make(chan eye.Event, 1000), quit: make(chan struct{}),
	}
	s.before()
	out := new(bytes.Buffer)
	return &Booth{Eye: s, Out: out, Random: rand.NewChaCha8([32]byte{seed}), Policy: Policy(madeUp, match.OneIn10000, false)}, s, out
}

func TestBooth(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		booth, s, out := seat(t, 1, liveness.Enrolment, actor.Honest(), 1)
		defer s.leave()
		me, o, err := booth.Enrol(t.Context())
		if err != nil || !o.Accepted || len(me.Views) != 5 {
			t.Fatalf("%d views, %+v, %v", len(me.Views), o, err)
		}
		if text := out.String(); strings.Count(text, "LOOK UP") != 1 || strings.Count(text, "TURN LEFT") != 1 || !strings.Contains(text, " 1 of 9 ") {
			t.Errorf("asked for:\n%s", text)
		}
		glasses, s2, _ := seat(t, 2, liveness.Enrolment, actor.Honest(), 1)
		defer s2.leave()
		both, o, err := glasses.Enrol(t.Context(), me.Views...)
		if err != nil || !o.Accepted || len(both.Views) != match.MaxViews {
			t.Fatalf("a second capture: %d views, %+v, %v", len(both.Views), o, err)
		}
		friend, s3, _ := seat(t, 3, liveness.Enrolment, actor.Honest(), 2)
		defer s3.leave()
		if mixed, o, err := friend.Enrol(t.Context(), me.Views...); err != nil || o.Accepted || len(mixed.Views) != 0 {
			t.Errorf("somebody else's second capture: %+v, %v", o, err)
		}
		verifies(t, me)
	})
}

func verifies(t *testing.T, me match.Template) {
	t.Helper()
	still := actor.Honest()
	still.Turn, still.Up, still.Down, still.Tilt, still.Closer = 0, 0, 0, 0, 0
	for name, c := range map[string]struct {
		manner actor.Manner
		person uint64
		change func(*Booth, *stage)
		want   string // of the outcome; empty when accepted
	}{
		"the person":                 {actor.Honest(), 1, nil, ""},
		"a stranger":                 {actor.Honest(), 2, nil, "another person"},
		"a head that does not turn":  {still, 1, nil, "not live: "},
		"a camera that is no camera": {actor.Honest(), 1, func(_ *Booth, s *stage) { s.camera.Virtual = true }, "virtual camera"},
		"one that is allowed": {actor.Honest(), 1, func(b *Booth, s *stage) {
			s.camera.Virtual, b.Policy.AllowVirtual = true, true
		}, ""},
		"other models": {actor.Honest(), 1, func(b *Booth, _ *stage) { b.Policy.Weights = "others" }, "other weights"},
		"no policy":    {actor.Honest(), 1, func(b *Booth, _ *stage) { b.Policy = Policy("", 0, false) }, "other weights"},
	} {
		booth, s, _ := seat(t, 9, liveness.Entry, c.manner, c.person)
		if c.change != nil {
			c.change(booth, s)
		}
		o, err := booth.Verify(t.Context(), me)
		s.leave()
		if err != nil || o.Accepted != (c.want == "") || !strings.HasPrefix(o.Why, c.want) {
			t.Errorf("%s: %+v, %v", name, o, err)
		}
		if strings.ContainsAny(o.Why, "0123456789") {
			t.Errorf("%s: %q tells a measure", name, o.Why)
		}
	}
}

// Trouble with the light is no verdict, and costs no challenge.
func TestTrouble(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		booth, s, out := seat(t, 1, liveness.Entry, actor.Honest(), 1)
		defer s.leave()
		for len(s.events) > 0 {
			<-s.events
		}
		s.dark = true
		s.before()
		o, err := booth.Verify(t.Context(), enrolled(t, 1))
		var dark *eye.SettleError
		if o.Accepted || !errors.As(err, &dark) || dark.Reason != biometrics.TooDark || !strings.Contains(out.String(), "more light") {
			t.Errorf("%+v, %v\n%s", o, err, out)
		}
	})
}
