package liveness

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"visavis/biometrics"
)

func drawn(t testing.TB, seed byte) Challenge {
	t.Helper()
	c, err := Draw(rand.NewChaCha8([32]byte{seed}), Entry)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// face draws landmarks with eyes of 60 pixels around x, y and a nose that is shifted.
func landmarks(x, y, shift float32) biometrics.Landmarks {
	return biometrics.Landmarks{
		{X: x + 40, Y: y}, {X: x + 20, Y: y}, {X: x - 40, Y: y}, {X: x - 20, Y: y}, {X: x + 60*shift, Y: y + 40},
	}
}

// person follows c as people do: 0.2 s after a cue the head begins to turn, 0.4 s later it is there; a frame every 80 ms.
func person(c Challenge, left, right float64) []biometrics.Observation {
	var obs []biometrics.Observation
	random := rand.New(rand.NewPCG(1, 2))
	from, to, cue, since := 0.1, 0.1, -1, time.Duration(0)
	for t := 0 * time.Millisecond; t < c.Duration(); t += 80 * time.Millisecond {
		at := func() float64 {
			p := min(1, max(0, float64(t-since-200*time.Millisecond)/float64(400*time.Millisecond)))
			return from + (to-from)*p
		}
		if i := c.StepAt(t); i != cue {
			from, cue = at(), i
			to, since = map[Gesture]float64{Neutral: 0.1, TurnLeft: 0.1 + left, TurnRight: 0.1 - right}[c.Steps[i].Gesture], t
		}
		o := biometrics.Observation{Number: uint32(len(obs) + 1), Offset: uint32(t.Milliseconds()), Cue: uint8(cue), Box: biometrics.Box{X: 200, Y: 100, W: 150, H: 150}}
		o.Landmarks = landmarks(300+float32(random.NormFloat64()), 200+float32(random.NormFloat64()), float32(at()+0.005*random.NormFloat64()))
		for k := range o.Descriptor {
			o.Descriptor[k] = 0.125 + 0.01*float32(random.NormFloat64())
		}
		obs = append(obs, o)
	}
	return obs
}

func TestJudgeRefuses(t *testing.T) {
	c := drawn(t, 1)
	ws := windows(c)
	inside := func(step int) func(biometrics.Observation) bool {
		return func(o biometrics.Observation) bool { return ws[step].holds(o) }
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

	for _, tt := range []struct {
		name string
		edit func([]biometrics.Observation) []biometrics.Observation
		want Reason
	}{
		{"nothing at all", func([]biometrics.Observation) []biometrics.Observation { return nil }, Gap},
		{"more frames than evidence may hold", func(obs []biometrics.Observation) []biometrics.Observation {
			return make([]biometrics.Observation, biometrics.MaxObservations+1)
		}, TooManyFrames},
		{"NaN in a descriptor", only(3, func(o *biometrics.Observation) { o.Descriptor[127] = nan }), NotFinite},
		{"NaN in a landmark", only(3, func(o *biometrics.Observation) { o.Landmarks[4].X = nan }), NotFinite},
		{"infinity in a box", only(3, func(o *biometrics.Observation) { o.Box.H = inf }), NotFinite},
		{"NaN in a frame that claims no face", only(3, func(o *biometrics.Observation) { blind(o); o.Landmarks[0].X = nan }), NotFinite},
		{"two frames of one time", only(5, func(o *biometrics.Observation) { o.Offset -= 80 }), OutOfOrder},
		{"time runs back", func(obs []biometrics.Observation) []biometrics.Observation { slices.Reverse(obs); return obs }, OutOfOrder},
		{"a frame long after the end", func(obs []biometrics.Observation) []biometrics.Observation {
			o := obs[len(obs)-1]
			o.Offset = end + 200
			return append(obs, o)
		}, OutOfOrder},
		{"the greatest offset", func(obs []biometrics.Observation) []biometrics.Observation {
			o := obs[len(obs)-1]
			o.Offset = math.MaxUint32
			return append(obs, o)
		}, OutOfOrder},
		{"no numbers", change(between(0, end), func(o *biometrics.Observation) { o.Number = 0 }), OutOfOrder},
		{"the first without a number", only(0, func(o *biometrics.Observation) { o.Number = 0 }), OutOfOrder},
		{"a number twice", only(9, func(o *biometrics.Observation) { o.Number-- }), OutOfOrder},
		{"numbers that run back", change(between(0, end), func(o *biometrics.Observation) { o.Number = 1000 - o.Number }), OutOfOrder},
		{"a number that comes round", func(obs []biometrics.Observation) []biometrics.Observation {
			for i := range obs {
				obs[i].Number += math.MaxUint32 - 20
			}
			return obs
		}, OutOfOrder},
		{"two of five left out", func(obs []biometrics.Observation) []biometrics.Observation {
			return slices.DeleteFunc(obs, func(o biometrics.Observation) bool { return o.Number%5 == 2 || o.Number%5 == 4 })
		}, LeftOut},
		{"the greatest hole", only(len(person(c, 0, 0))-1, func(o *biometrics.Observation) { o.Number = math.MaxUint32 }), LeftOut},
		{"frames of the next step, relabelled", change(inside(2), func(o *biometrics.Observation) { o.Cue = 3 }), WrongCue},
		{"a cue beyond the last", change(inside(6), func(o *biometrics.Observation) { o.Cue = 7 }), WrongCue},
		{"the challenge played a step late", change(func(biometrics.Observation) bool { return true }, func(o *biometrics.Observation) { o.Cue = max(o.Cue, 1) - 1 }), WrongCue},
		{"a second face in one frame", only(20, func(o *biometrics.Observation) { o.Quality = o.Quality.With(biometrics.TwoFaces) }), SecondFace},
		{"landmarks in one point", only(20, func(o *biometrics.Observation) { o.Landmarks = biometrics.Landmarks{} }), NotAFace},
		{"half a second left out", drop(between(ws[3].from-600, ws[3].from-100)), Gap},
		{"half a second without a face", change(between(ws[3].from-600, ws[3].from-100), blind), Gap},
		{"the start left out", drop(between(0, 480)), Gap},
		{"the end left out", drop(between(end-480, end)), Gap},
		{"one frame of a step", drop(between(ws[1].from+80, ws[1].until)), TooFew},
		{"poor frames of a turn", change(inside(1), func(o *biometrics.Observation) { o.Quality = o.Quality.With(biometrics.Blurred) }), TooFew},
		{"a poor frame to be matched", change(between(ws[2].from, ws[2].from+80), func(o *biometrics.Observation) { o.Quality = o.Quality.With(biometrics.TooDark) }), BadFrame},
		{"a hidden frame to be matched", change(between(ws[2].from, ws[2].from+80), blind), BadFrame},
		{"another place at once", change(between(ws[4].from, end), func(o *biometrics.Observation) {
			for i := range o.Landmarks {
				o.Landmarks[i].X += 120
			}
		}), Jumped},
		{"from place to place, within reach if there were time", change(func(o biometrics.Observation) bool { return o.Number%2 == 1 }, func(o *biometrics.Observation) {
			for i := range o.Landmarks {
				o.Landmarks[i].X += 40
			}
		}), Jumped},
		{"another size at once", change(between(ws[4].from, end), func(o *biometrics.Observation) {
			for i := range o.Landmarks {
				o.Landmarks[i].X = 300 + (o.Landmarks[i].X-300)*1.5
			}
		}), Jumped},
		{"one picture fed three times", func(obs []biometrics.Observation) []biometrics.Observation {
			obs[11].Descriptor, obs[12].Descriptor = obs[10].Descriptor, obs[10].Descriptor
			return obs
		}, Frozen},
		{"two pictures in turn", func(obs []biometrics.Observation) []biometrics.Observation {
			for i := range obs {
				obs[i].Descriptor = obs[i%2].Descriptor
			}
			return obs
		}, Frozen},
		{"a second of film, over and over", func(obs []biometrics.Observation) []biometrics.Observation {
			for i := range obs {
				obs[i].Descriptor = obs[i%12].Descriptor
			}
			return obs
		}, Frozen},
		{"pictures swapped on cue", func(obs []biometrics.Observation) []biometrics.Observation {
			random := rand.New(rand.NewPCG(3, 4))
			for i := range obs {
				g := c.Steps[c.StepAt(time.Duration(obs[i].Offset)*time.Millisecond-250*time.Millisecond)].Gesture
				shift := map[Gesture]float64{Neutral: 0.1, TurnLeft: 0.3, TurnRight: -0.1}[g]
				obs[i].Landmarks = landmarks(300, 200, float32(shift+0.01*random.NormFloat64()))
			}
			return obs
		}, Snapped},
		{"landmarks that stand", func(obs []biometrics.Observation) []biometrics.Observation {
			for i := 1; i < 8; i++ {
				obs[i].Landmarks = obs[0].Landmarks
			}
			return obs
		}, Frozen},
		{"stays turned a little", change(between(ws[2].from-100, ws[2].until), func(o *biometrics.Observation) { o.Landmarks = landmarks(300, float32(200+o.Offset%7), 0.2) }), NotAtRest},
	} {
		t.Run(tt.name, func(t *testing.T) {
			v := Judge(c, tt.edit(person(c, 0.3, 0.3)), DefaultRules())
			if v.Live || v.Why != tt.want {
				t.Errorf("%+v, want %q", v, tt.want)
			}
		})
	}
}

func TestJudgeTurns(t *testing.T) {
	for _, tt := range []struct {
		name        string
		left, right float64
		want        Reason
	}{
		{"does not move", 0, 0, NotTurned},
		{"turns to one side only", 0.4, 0, NotTurned},
		{"turns both to the left", 0.4, -0.4, WrongWay},
		{"mirrored", -0.3, -0.3, WrongWay},
		{"a print, as far as one ever moved", 0.08, 0.02, NotTurned},
		{"a phone moved and tilted by hand", 0.095, 0.095, Flat},
		{"a head", 0.12, 0.12, Followed},
		{"a head that turns far", 0.6, 0.5, Followed},
	} {
		for seed := range byte(8) {
			c := drawn(t, seed)
			v := Judge(c, person(c, tt.left, tt.right), DefaultRules())
			if v.Why != tt.want || v.Live != (tt.want == Followed) {
				t.Errorf("%s, seed %d: %+v, want %q", tt.name, seed, v, tt.want)
			}
			if v.Live && math.Abs(v.Parallax-(tt.left+tt.right)) > 0.03 {
				t.Errorf("%s: parallax %.3f", tt.name, v.Parallax)
			}
		}
	}
}

func TestJudgeBearsWhatHappens(t *testing.T) {
	c := drawn(t, 3)
	ws := windows(c)
	obs := person(c, 0.3, 0.3)
	for i := range obs {
		// The eye was open before, the detector loses the face twice in a row on the way, a frame is smeared, cues are a little late.
		obs[i].Number += 5000
		switch o := &obs[i]; {
		case o.Offset >= ws[1].from-400 && o.Offset < ws[1].from-240:
			*o = biometrics.Observation{Number: o.Number, Offset: o.Offset, Cue: o.Cue, Quality: o.Quality.With(biometrics.NoFace)}
		case o.Offset >= ws[3].from-400 && o.Offset < ws[3].from-300:
			o.Quality = o.Quality.With(biometrics.Blurred)
		case i > 0 && o.Cue != obs[i-1].Cue && c.StepAt(time.Duration(o.Offset-80)*time.Millisecond) != int(o.Cue):
			o.Cue--
		}
	}
	if v := Judge(c, obs, DefaultRules()); !v.Live {
		t.Errorf("%+v", v)
	}
	// A frame in four never came.
	obs = slices.DeleteFunc(person(c, 0.3, 0.3), func(o biometrics.Observation) bool { return o.Number%4 == 2 })
	if v := Judge(c, obs, DefaultRules()); !v.Live {
		t.Errorf("a frame in four lost: %+v", v)
	}
}

// TestReachGrowsWithTime: how far the eyes may move depends on how long they had.
func TestReachGrowsWithTime(t *testing.T) {
	for _, tt := range []struct {
		millis uint32
		eyes   float32 // distances moved
		want   Reason
	}{{80, 0.48, Followed}, {80, 0.52, Jumped}, {200, 0.78, Followed}, {200, 0.82, Jumped}, {400, 0.98, Followed}, {400, 1.02, Jumped}} {
		j := judge{r: DefaultRules(), obs: []biometrics.Observation{
			{Offset: 1000, Landmarks: landmarks(200, 200, 0)}, {Offset: 1000 + tt.millis, Landmarks: landmarks(200+60*tt.eyes, 200, 0)},
		}}
		if got := j.continuity(); got != tt.want {
			t.Errorf("%v eye distances in %d ms: %v", tt.eyes, tt.millis, got)
		}
	}
}

// TestFewerThanFourChangesOfPose: the rule counts; three real turns do not carry three swapped pictures, unless the eye was slow, and then
// not four.
func TestFewerThanFourChangesOfPose(t *testing.T) {
	c := drawn(t, 1)
	for try := range 2 * steps {
		swapped, slow := try%steps, try >= steps
		obs := person(c, 0.3, 0.3)
		for i := range obs {
			o := &obs[i]
			if step := c.StepAt(time.Duration(o.Offset) * time.Millisecond); step > 0 && step <= swapped {
				g := c.Steps[c.StepAt(time.Duration(o.Offset)*time.Millisecond-400*time.Millisecond)].Gesture
				o.Landmarks = landmarks(300+float32(i%3), 200, map[Gesture]float32{Neutral: 0.1, TurnLeft: 0.4, TurnRight: -0.2}[g])
			}
		}
		want := Followed
		if swapped > 2 && !slow || swapped > 3 {
			want = Snapped
		}
		if slow { // the frames in which the pictures were swapped came late
			obs = slices.DeleteFunc(obs, func(o biometrics.Observation) bool {
				t := time.Duration(o.Offset) * time.Millisecond
				start := c.StepAt(t - 400*time.Millisecond)
				return start > 0 && start != c.StepAt(t-480*time.Millisecond)
			})
		}
		if v := Judge(c, obs, DefaultRules()); v.Why != want {
			t.Errorf("%d of 6 swapped, slow %v: %v, want %v", swapped, slow, v.Why, want)
		}
	}
}

func TestZeroVerdictAndZeroRulesRefuse(t *testing.T) {
	var v Verdict
	if v.Live || v.Why == Followed {
		t.Errorf("the zero verdict is %+v", v)
	}
	c := drawn(t, 1)
	if v := Judge(c, person(c, 0.3, 0.3), Rules{}); v.Live {
		t.Errorf("no rules, yet %+v", v)
	}
	if v := Judge(Challenge{}, person(c, 0.3, 0.3), DefaultRules()); v.Live || v.Why != BadChallenge {
		t.Errorf("no challenge, yet %+v", v)
	}
	if v := Judge(drawn(t, 2), person(c, 0.3, 0.3), DefaultRules()); v.Live {
		t.Errorf("another challenge's frames, yet %+v", v)
	}
}

// TestOtherChallengesFramesFail says what a film of one challenge is worth against the next.
func TestOtherChallengesFramesFail(t *testing.T) {
	const challenges = 300
	film := drawn(t, 7)
	passed := 0
	for i := range challenges {
		var seed [32]byte
		seed[0], seed[1] = byte(i), byte(i>>8)+1
		c, err := Draw(rand.NewChaCha8(seed), Entry)
		if err != nil {
			t.Fatal(err)
		}
		obs := person(film, 0.3, 0.3)
		for k := range obs { // played back with the right cues
			obs[k].Cue = uint8(c.StepAt(time.Duration(obs[k].Offset) * time.Millisecond))
		}
		obs = slices.DeleteFunc(obs, func(o biometrics.Observation) bool { return time.Duration(o.Offset)*time.Millisecond >= c.Duration() })
		if Judge(c, obs, DefaultRules()).Live {
			passed++
		}
	}
	t.Logf("a replayed film passes %d of %d other challenges", passed, challenges)
	if passed > challenges/6 {
		t.Errorf("a replayed film passes %d of %d other challenges", passed, challenges)
	}
}

func FuzzJudge(f *testing.F) {
	f.Add([]byte("visavis"), uint8(1))
	f.Add(slices.Repeat([]byte{0xff, 0x7f, 0xc0, 0}, 40), uint8(2))
	f.Fuzz(func(t *testing.T, data []byte, seed uint8) {
		c := drawn(t, seed)
		obs := person(c, 0.3, 0.3)
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
				c.Steps[int(bits)%len(c.Steps)].Gesture = Gesture(bits >> 24)
			default:
				o.Descriptor[n%128] = math.Float32frombits(bits)
			}
		}
		v := Judge(c, obs, DefaultRules())
		if v.Live != (v.Why == Followed) || v.Why >= reasonEnd || v.Why == Unjudged {
			t.Errorf("%+v", v)
		}
		if v.Live && (c.Validate() != nil || !(v.Parallax >= DefaultRules().MinParallax)) {
			t.Errorf("%+v for %v", v, c)
		}
		NeutralFrames(c, obs)
	})
}
