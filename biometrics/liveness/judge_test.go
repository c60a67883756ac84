package liveness_test

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"visavis/biometrics"
	"visavis/biometrics/actor"
	"visavis/biometrics/liveness"
)

func drawn(t testing.TB, seed byte) liveness.Challenge { return drawnOf(t, seed, liveness.Entry) }

func drawnOf(t testing.TB, seed byte, kind liveness.Kind) liveness.Challenge {
	t.Helper()
	c, err := liveness.Draw(rand.NewChaCha8([32]byte{seed}), kind)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// landmarks are those of a level face with eyes 60 pixels apart around x, y and a nose that is shifted.
func landmarks(x, y, shift float32) biometrics.Landmarks {
	return biometrics.Landmarks{
		{X: x + 40, Y: y}, {X: x + 20, Y: y}, {X: x - 40, Y: y}, {X: x - 20, Y: y}, {X: x + 60*shift, Y: y + 40},
	}
}

// played is what an eye sees of a made-up person who follows c in a manner.
func played(c liveness.Challenge, m actor.Manner) []biometrics.Observation {
	random := rand.New(rand.NewPCG(1, uint64(c.ID[0])))
	return m.Play(c, random, func(liveness.Gesture) (d biometrics.Descriptor) {
		for k := range d {
			d[k] = 0.125 + 0.01*float32(random.NormFloat64())
		}
		return d
	})
}

func person(c liveness.Challenge) []biometrics.Observation { return played(c, actor.Honest()) }

// spoiled is evidence of an honest person to which one thing was done, and what is said of it.
type spoiled struct {
	name string
	edit func([]biometrics.Observation) []biometrics.Observation
	want liveness.Reason
}

func spoils(c liveness.Challenge) []spoiled {
	ws := liveness.Windows(c, nil)
	inside := func(step int) func(biometrics.Observation) bool {
		return func(o biometrics.Observation) bool { return ws[step].Holds(o) }
	}
	change := func(where func(biometrics.Observation) bool, f func(*biometrics.Observation)) func([]biometrics.Observation) []biometrics.Observation {
		return func(obs []biometrics.Observation) []biometrics.Observation {
			for i := range obs {
				if where(obs[i]) {
					f(&obs[i])
				}
			}
			return obs
		}
	}
	drop := func(where func(biometrics.Observation) bool) func([]biometrics.Observation) []biometrics.Observation {
		return func(obs []biometrics.Observation) []biometrics.Observation { return slices.DeleteFunc(obs, where) }
	}
	only := func(i int, f func(*biometrics.Observation)) func([]biometrics.Observation) []biometrics.Observation {
		return func(obs []biometrics.Observation) []biometrics.Observation { f(&obs[i]); return obs }
	}
	nan, inf := float32(math.NaN()), float32(math.Inf(1))
	between := func(from, until uint32) func(biometrics.Observation) bool {
		return func(o biometrics.Observation) bool { return o.Offset >= from && o.Offset < until }
	}
	end := uint32(c.Duration().Milliseconds())
	blind := func(o *biometrics.Observation) {
		*o = biometrics.Observation{Number: o.Number, Offset: o.Offset, Cue: o.Cue, Quality: o.Quality.With(biometrics.NoFace)}
	}

	return []spoiled{
		{"nothing at all", func([]biometrics.Observation) []biometrics.Observation { return nil }, liveness.Gap},
		{"more frames than evidence may hold", func(obs []biometrics.Observation) []biometrics.Observation {
			return make([]biometrics.Observation, biometrics.MaxObservations+1)
		}, liveness.TooManyFrames},
		{"NaN in a descriptor", only(3, func(o *biometrics.Observation) { o.Descriptor[127] = nan }), liveness.NotFinite},
		{"NaN in a landmark", only(3, func(o *biometrics.Observation) { o.Landmarks[4].X = nan }), liveness.NotFinite},
		{"infinity in a box", only(3, func(o *biometrics.Observation) { o.Box.H = inf }), liveness.NotFinite},
		{"NaN in a frame that claims no face", only(3, func(o *biometrics.Observation) { blind(o); o.Landmarks[0].X = nan }), liveness.NotFinite},
		{"two frames of one time", only(5, func(o *biometrics.Observation) { o.Offset -= 80 }), liveness.OutOfOrder},
		{"time runs back", func(obs []biometrics.Observation) []biometrics.Observation { slices.Reverse(obs); return obs }, liveness.OutOfOrder},
		{"a frame long after the end", func(obs []biometrics.Observation) []biometrics.Observation {
			o := obs[len(obs)-1]
			o.Offset, o.Number = end+200, o.Number+1
			return append(obs, o)
		}, liveness.OutOfOrder},
		{"the greatest offset", func(obs []biometrics.Observation) []biometrics.Observation {
			o := obs[len(obs)-1]
			o.Offset, o.Number = math.MaxUint32, o.Number+1
			return append(obs, o)
		}, liveness.OutOfOrder},
		{"no numbers", change(between(0, end), func(o *biometrics.Observation) { o.Number = 0 }), liveness.OutOfOrder},
		{"the first without a number", only(0, func(o *biometrics.Observation) { o.Number = 0 }), liveness.OutOfOrder},
		{"a number twice", only(9, func(o *biometrics.Observation) { o.Number-- }), liveness.OutOfOrder},
		{"numbers that run back", change(between(0, end), func(o *biometrics.Observation) { o.Number = 1000 - o.Number }), liveness.OutOfOrder},
		{"a number that comes round", func(obs []biometrics.Observation) []biometrics.Observation {
			for i := range obs {
				obs[i].Number += math.MaxUint32 - 20
			}
			return obs
		}, liveness.OutOfOrder},
		{"two of five left out", func(obs []biometrics.Observation) []biometrics.Observation {
			return slices.DeleteFunc(obs, func(o biometrics.Observation) bool { return o.Number%5 == 2 || o.Number%5 == 4 })
		}, liveness.LeftOut},
		{"the greatest hole", only(len(person(c))-1, func(o *biometrics.Observation) { o.Number = math.MaxUint32 }), liveness.LeftOut},
		{"frames of the next step, relabelled", change(inside(2), func(o *biometrics.Observation) { o.Cue = 3 }), liveness.WrongCue},
		{"a cue beyond the last", change(inside(liveness.Steps-1), func(o *biometrics.Observation) { o.Cue = liveness.Steps }), liveness.WrongCue},
		{"the challenge played a step late", change(func(biometrics.Observation) bool { return true }, func(o *biometrics.Observation) { o.Cue = max(o.Cue, 1) - 1 }), liveness.WrongCue},
		{"a second face in one frame", only(20, func(o *biometrics.Observation) { o.Quality = o.Quality.With(biometrics.TwoFaces) }), liveness.SecondFace},
		{"landmarks in one point", only(20, func(o *biometrics.Observation) { o.Landmarks = biometrics.Landmarks{} }), liveness.NotAFace},
		{"half a second left out", drop(between(ws[3].From()-600, ws[3].From()-100)), liveness.Gap},
		{"half a second without a face", change(between(ws[3].From()-600, ws[3].From()-100), blind), liveness.Gap},
		{"the start left out", drop(between(0, 480)), liveness.Gap},
		{"the end left out", drop(between(end-480, end)), liveness.Gap},
		{"one good frame of a step", change(between(ws[1].From()+80, ws[1].Until()), func(o *biometrics.Observation) { o.Quality = o.Quality.With(biometrics.Blurred) }), liveness.TooFew},
		{"poor frames of a turn", change(inside(1), func(o *biometrics.Observation) { o.Quality = o.Quality.With(biometrics.Blurred) }), liveness.TooFew},
		{"a poor frame to be matched", change(between(ws[2].From(), ws[2].From()+80), func(o *biometrics.Observation) { o.Quality = o.Quality.With(biometrics.TooDark) }), liveness.BadFrame},
		{"a hidden frame to be matched", change(between(ws[2].From(), ws[2].From()+80), blind), liveness.BadFrame},
		{"another place at once", change(between(ws[4].From(), end), func(o *biometrics.Observation) {
			for i := range o.Landmarks {
				o.Landmarks[i].X += 120
			}
		}), liveness.Jumped},
		{"from place to place, within reach if there were time", change(func(o biometrics.Observation) bool { return o.Number%2 == 1 }, func(o *biometrics.Observation) {
			for i := range o.Landmarks {
				o.Landmarks[i].X += 40
			}
		}), liveness.Jumped},
		{"another size at once", change(between(ws[4].From(), end), func(o *biometrics.Observation) {
			for i := range o.Landmarks {
				o.Landmarks[i].X = 300 + (o.Landmarks[i].X-300)*1.5
			}
		}), liveness.Jumped},
		{"one picture fed three times", func(obs []biometrics.Observation) []biometrics.Observation {
			obs[11].Descriptor, obs[12].Descriptor = obs[10].Descriptor, obs[10].Descriptor
			return obs
		}, liveness.Frozen},
		{"two pictures in turn", func(obs []biometrics.Observation) []biometrics.Observation {
			for i := range obs {
				obs[i].Descriptor = obs[i%2].Descriptor
			}
			return obs
		}, liveness.Frozen},
		{"a second of film, over and over", func(obs []biometrics.Observation) []biometrics.Observation {
			for i := range obs {
				obs[i].Descriptor = obs[i%12].Descriptor
			}
			return obs
		}, liveness.Frozen},
		{"pictures swapped on cue", func([]biometrics.Observation) []biometrics.Observation { return played(c, slides()) }, liveness.Snapped},
		{"landmarks that stand", func(obs []biometrics.Observation) []biometrics.Observation {
			for i := 1; i < 8; i++ {
				obs[i].Landmarks = obs[0].Landmarks
			}
			return obs
		}, liveness.Frozen},
		{"stays turned a little", change(between(ws[2].From()-100, ws[2].Until()), func(o *biometrics.Observation) { o.Landmarks[4].X += 7 }), liveness.NotAtRest},
		{"stays tilted", change(between(ws[4].From()-100, ws[4].Until()), tilt(0.15)), liveness.NotAtRest},
		{"stays nearer", change(between(ws[4].From()-100, ws[4].Until()), near(1.13)), liveness.NotAtRest},
		{"tilted at once", change(between(ws[4].From(), end), tilt(0.4)), liveness.Jumped},
	}
}

// tilt turns the landmarks about the nose, by radians.
func tilt(by float64) func(*biometrics.Observation) {
	sin, cos := math.Sincos(by)
	return func(o *biometrics.Observation) {
		for i := range o.Landmarks {
			x, y := float64(o.Landmarks[i].X-o.Landmarks[4].X), float64(o.Landmarks[i].Y-o.Landmarks[4].Y)
			o.Landmarks[i].X, o.Landmarks[i].Y = o.Landmarks[4].X+float32(x*cos-y*sin), o.Landmarks[4].Y+float32(x*sin+y*cos)
		}
	}
}

// near enlarges the landmarks about the nose.
func near(by float32) func(*biometrics.Observation) {
	return func(o *biometrics.Observation) {
		for i := range o.Landmarks {
			o.Landmarks[i].X = o.Landmarks[4].X + by*(o.Landmarks[i].X-o.Landmarks[4].X)
			o.Landmarks[i].Y = o.Landmarks[4].Y + by*(o.Landmarks[i].Y-o.Landmarks[4].Y)
		}
	}
}

func TestJudgeRefuses(t *testing.T) {
	c := drawn(t, 1)
	for _, tt := range spoils(c) {
		t.Run(tt.name, func(t *testing.T) {
			v := liveness.Judge(c, tt.edit(person(c)), liveness.DefaultRules())
			if v.Live || v.Why != tt.want {
				t.Errorf("%+v, want %q", v, tt.want)
			}
		})
	}
}

// TestEveryReasonIsReached: a reason that no test reaches is a rule that nothing proves.
func TestEveryReasonIsReached(t *testing.T) {
	reached := map[liveness.Reason]bool{liveness.Unjudged: true, liveness.BadChallenge: true} // TestZeroVerdictAndZeroRulesRefuse
	for _, tt := range spoils(drawn(t, 1)) {
		reached[tt.want] = true
	}
	for _, tt := range manners() {
		reached[tt.want] = true
	}
	for r := range liveness.ReasonEnd {
		if !reached[r] {
			t.Errorf("no test reaches %q", r)
		}
	}
}

// mannered is somebody who follows a challenge of a kind in his own manner, and what is said of it.
type mannered struct {
	name string
	edit func(*actor.Manner)
	kind liveness.Kind
	want liveness.Reason
}

func manners() []mannered {
	return []mannered{
		{"does not turn", func(m *actor.Manner) { m.Turn = 0 }, liveness.Entry, liveness.NotTurned},
		{"mirrored", func(m *actor.Manner) { m.Turn = -m.Turn }, liveness.Entry, liveness.WrongWay},
		{"a print, as far as one ever moved", func(m *actor.Manner) { m.Turn = 0.05 }, liveness.Entry, liveness.NotTurned},
		{"a phone moved and tilted by hand", func(m *actor.Manner) { m.Turn = 0.09 }, liveness.Entry, liveness.Flat},
		{"does not look up", func(m *actor.Manner) { m.Up = 0 }, liveness.Enrolment, liveness.NotUp},
		{"does not look down", func(m *actor.Manner) { m.Down = 0 }, liveness.Enrolment, liveness.NotDown},
		{"looks down for up", func(m *actor.Manner) { m.Up = -m.Up }, liveness.Enrolment, liveness.WrongWay},
		{"does not tilt", func(m *actor.Manner) { m.Tilt = 0 }, liveness.Entry, liveness.NotTilted},
		{"tilts to the other side", func(m *actor.Manner) { m.Tilt = -m.Tilt }, liveness.Entry, liveness.WrongWay},
		{"does not come closer", func(m *actor.Manner) { m.Closer = 0 }, liveness.Entry, liveness.NotCloser},
		{"a head that just does it", func(m *actor.Manner) { m.Turn, m.Up, m.Down, m.Tilt, m.Closer = 0.12, 0.07, 0.06, 0.17, 0.17 }, liveness.Entry, liveness.Followed},
		{"a head that goes far", func(m *actor.Manner) { m.Turn, m.Up, m.Down, m.Tilt, m.Closer = 0.5, 0.25, 0.2, 0.45, 0.45 }, liveness.Entry, liveness.Followed},
		{"just does it, enrolling", func(m *actor.Manner) { m.Turn, m.Up, m.Down = 0.12, 0.07, 0.06 }, liveness.Enrolment, liveness.Followed},
		{"a turn for a tilt", func(m *actor.Manner) { m.Tilt, m.Aside = 0.1, 0.3 }, liveness.Entry, liveness.WrongGesture},
		{"a tilted print that is turned, for a tilt", func(m *actor.Manner) { m.Aside = 0.3 }, liveness.Entry, liveness.WrongGesture},
	}
}

// TestJudgeGestures: each gesture has to be made, and to the right side, whatever else is right.
func TestJudgeGestures(t *testing.T) {
	for _, tt := range manners() {
		reached := 0
		for seed := range byte(12) {
			c, m := drawnOf(t, seed, tt.kind), actor.Honest()
			tt.edit(&m)
			v := liveness.Judge(c, played(c, m), liveness.DefaultRules())
			asksFor := tt.want == liveness.Followed || v.Why != liveness.Followed
			if asksFor {
				reached++
			}
			if asksFor && (v.Why != tt.want || v.Live != (tt.want == liveness.Followed)) {
				t.Errorf("%s, seed %d: %v at step %d, want %v", tt.name, seed, v.Why, v.Step, tt.want)
			}
			if v.Live && math.Abs(v.Parallax-2*m.Turn) > 0.03 {
				t.Errorf("%s: parallax %.3f", tt.name, v.Parallax)
			}
		}
		if reached < 4 { // a challenge that asks for no tilt is none to fail for a tilt
			t.Errorf("%s: asked for in %d challenges", tt.name, reached)
		}
	}
}

func TestJudgeBearsWhatHappens(t *testing.T) {
	c := drawn(t, 3)
	ws := liveness.Windows(c, nil)
	obs := person(c)
	for i := range obs {
		// The eye was open before, the detector loses the face twice in a row on the way, a frame is smeared, cues are a little late.
		obs[i].Number += 5000
		switch o := &obs[i]; {
		case o.Offset >= ws[1].From()-400 && o.Offset < ws[1].From()-240:
			*o = biometrics.Observation{Number: o.Number, Offset: o.Offset, Cue: o.Cue, Quality: o.Quality.With(biometrics.NoFace)}
		case o.Offset >= ws[3].From()-400 && o.Offset < ws[3].From()-300:
			o.Quality = o.Quality.With(biometrics.Blurred)
		case i > 0 && o.Cue != obs[i-1].Cue && c.StepAt(time.Duration(o.Offset-80)*time.Millisecond) != int(o.Cue):
			o.Cue--
		}
	}
	if v := liveness.Judge(c, obs, liveness.DefaultRules()); !v.Live {
		t.Errorf("%+v", v)
	}
	// A frame in four never came.
	obs = slices.DeleteFunc(person(c), func(o biometrics.Observation) bool { return o.Number%4 == 2 })
	if v := liveness.Judge(c, obs, liveness.DefaultRules()); !v.Live {
		t.Errorf("a frame in four lost: %+v", v)
	}
}

// TestLandmarksThatLeap: of some faces the nose leaps between two places, a tenth of the eyes' distance apart, while the head holds still. Nobody is
// refused for that much oftener than others.
func TestLandmarksThatLeap(t *testing.T) {
	const n = 200
	refused := map[liveness.Reason]int{}
	for seed := range byte(n) {
		c := drawn(t, seed)
		random := rand.New(rand.NewPCG(7, uint64(seed)))
		obs := person(c)
		for i := range obs {
			if e := obs[i].Landmarks; random.IntN(3) == 0 {
				obs[i].Landmarks[4].X += 0.1 * (e[0].X + e[1].X - e[2].X - e[3].X) / 2
			}
		}
		if v := liveness.Judge(c, obs, liveness.DefaultRules()); !v.Live {
			refused[v.Why]++
		}
	}
	if refused[liveness.NotAtRest] > n/20 {
		t.Errorf("of %d people: %v", n, refused)
	}
	t.Logf("refused: %v", refused)
}

// TestReachGrowsWithTime: how far the eyes may move depends on how long they had.
func TestReachGrowsWithTime(t *testing.T) {
	for _, tt := range []struct {
		seconds float64
		eyes    float32 // distances moved
		want    bool
	}{{0.08, 0.48, true}, {0.08, 0.52, false}, {0.2, 0.78, true}, {0.2, 0.82, false}, {0.4, 0.98, true}, {0.4, 1.02, false}} {
		if got := liveness.DefaultRules().Follows(landmarks(200, 200, 0), landmarks(200+60*tt.eyes, 200, 0), tt.seconds); got != tt.want {
			t.Errorf("%v eye distances in %v s: %v", tt.eyes, tt.seconds, got)
		}
	}
}

// slides is somebody who shows still pictures, one of each pose, swapped a moment after each cue.
func slides() actor.Manner {
	m := actor.Honest()
	m.Moving = actor.Span{}
	return m
}

// TestFewerThanFiveChangesOfPose: the rule counts; four real changes of pose do not carry four swapped pictures, unless the eye was slow, and then
// not five.
func TestFewerThanFiveChangesOfPose(t *testing.T) {
	c := drawn(t, 1)
	for try := range 2 * liveness.Steps {
		swapped, slow := try%liveness.Steps, try >= liveness.Steps
		obs, still := person(c), played(c, slides())
		for i := range obs {
			if step := c.StepAt(time.Duration(obs[i].Offset) * time.Millisecond); step > 0 && step <= swapped {
				obs[i].Landmarks = still[i].Landmarks
			}
		}
		want := liveness.Followed
		if swapped > 3 && !slow || swapped > 4 {
			want = liveness.Snapped
		}
		if slow { // the frames in which the pictures were swapped came late
			obs = slices.DeleteFunc(obs, func(o biometrics.Observation) bool {
				t := time.Duration(o.Offset) * time.Millisecond
				start := c.StepAt(t - 250*time.Millisecond)
				return start > 0 && start != c.StepAt(t-330*time.Millisecond)
			})
		}
		if v := liveness.Judge(c, obs, liveness.DefaultRules()); v.Why != want {
			t.Errorf("%d of 8 swapped, slow %v: %v at step %d, want %v", swapped, slow, v.Why, v.Step, want)
		}
	}
}

func TestZeroVerdictAndZeroRulesRefuse(t *testing.T) {
	var v liveness.Verdict
	if v.Live || v.Why == liveness.Followed {
		t.Errorf("the zero verdict is %+v", v)
	}
	c := drawn(t, 1)
	if v := liveness.Judge(c, person(c), liveness.Rules{}); v.Live {
		t.Errorf("no rules, yet %+v", v)
	}
	if v := liveness.Judge(liveness.Challenge{}, person(c), liveness.DefaultRules()); v.Live || v.Why != liveness.BadChallenge {
		t.Errorf("no challenge, yet %+v", v)
	}
	if v := liveness.Judge(drawn(t, 2), person(c), liveness.DefaultRules()); v.Live {
		t.Errorf("another challenge's frames, yet %+v", v)
	}
}

func FuzzJudge(f *testing.F) {
	f.Add([]byte("visavis"), uint8(1))
	f.Add(slices.Repeat([]byte{0xff, 0x7f, 0xc0, 0}, 40), uint8(2))
	f.Fuzz(func(t *testing.T, data []byte, seed uint8) {
		c := drawn(t, seed)
		obs := person(c)
		// Each 5 bytes overwrite one number of one frame.
		for ; len(data) >= 6; data = data[6:] {
			o := &obs[int(data[0])%len(obs)]
			bits := uint32(data[2]) | uint32(data[3])<<8 | uint32(data[4])<<16 | uint32(data[5])<<24
			switch n := int(data[1]); {
			case n < 10:
				p := &o.Landmarks[n/2]
				*[]*float32{&p.X, &p.Y}[n%2] = math.Float32frombits(bits)
			case n < 15:
				o.Number = bits
			case n < 20:
				o.Offset = bits
			case n < 30:
				o.Cue = uint8(bits)
			case n < 40:
				o.Quality = biometrics.Quality(bits)
			case n < 50:
				c.Steps[int(bits)%len(c.Steps)].Millis = uint16(bits >> 16)
			case n < 60:
				c.Steps[int(bits)%len(c.Steps)].Gesture = liveness.Gesture(bits >> 24)
			default:
				o.Descriptor[n%128] = math.Float32frombits(bits)
			}
		}
		v := liveness.Judge(c, obs, liveness.DefaultRules())
		if v.Live != (v.Why == liveness.Followed) || v.Why >= liveness.ReasonEnd || v.Why == liveness.Unjudged {
			t.Errorf("%+v", v)
		}
		if v.Live && (c.Validate() != nil || !(v.Parallax >= liveness.DefaultRules().MinParallax)) {
			t.Errorf("%+v for %v", v, c)
		}
		liveness.NeutralFrames(c, obs)
	})
}
