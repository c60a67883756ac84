package gate

import (
	"math"
	"slices"
	"testing"
	"time"

	"visavis/biometrics"
	"visavis/biometrics/liveness"
	"visavis/biometrics/match"
)

func enrolled(t testing.TB, p person) match.Template {
	t.Helper()
	c := drawEnrolment(t, 1)
	tmpl, v := Enrol(p.play(c, 1), c, enough(c), testPolicy())
	if v.Decision != Accepted || v.Why != Passed || len(tmpl.Views) != 5 || tmpl.Weights != testWeights {
		t.Fatalf("an honest enrolment: %v, %v, %+v", v.Why, v.Live, v)
	}
	return tmpl
}

// alone is the claim of a person besides whom nobody is enrolled.
func alone(t match.Template) Claim { return Claim{Template: t, Others: match.Nobody} }

func TestHonestPeople(t *testing.T) {
	for seed := range uint64(20) {
		alice := newPerson(100 + seed)
		tmpl := enrolled(t, alice)
		c := draw(t, 50+seed)
		v := Verify(alice.play(c, 2), c, enough(c), alone(tmpl), testPolicy())
		if v.Decision != Accepted || v.Why != Passed || v.Live != liveness.Followed {
			t.Errorf("person %d: %v, %v, %+v", seed, v.Why, v.Live, v)
		}
		if !(v.Fused > 0 && v.Worst >= v.Fused && v.Step > 0 && v.Parallax > 0.4) {
			t.Errorf("person %d: %+v", seed, v)
		}
		stranger := newPerson(500 + seed)
		if v := Verify(stranger.play(c, 2), c, enough(c), alone(tmpl), testPolicy()); v.Decision != Denied || v.Why != OtherPerson {
			t.Errorf("stranger %d: %v", seed, v.Why)
		}
	}
}

// neutralFrames are the frames that the gate matches.
func neutralFrames(e *biometrics.Evidence, c liveness.Challenge) []int {
	return liveness.NeutralFrames(c, e.Frames)
}

// A face that is lost for a moment, in a turn, is no reason to refuse; everything below is.
func TestALostFrameIsForgiven(t *testing.T) {
	alice, c := newPerson(1), draw(t, 3)
	e := alice.play(c, 2)
	i := liveness.GestureFrames(c, e.Frames, liveness.TurnLeft)[0]
	e.Frames[i] = biometrics.Observation{
		Number: e.Frames[i].Number, Offset: e.Frames[i].Offset, Cue: e.Frames[i].Cue, Quality: biometrics.Quality(0).With(biometrics.NoFace),
	}
	if v := Verify(e, c, enough(c), alone(enrolled(t, alice)), testPolicy()); v.Decision != Accepted {
		t.Errorf("%v, %v", v.Why, v.Live)
	}
}

// attack is one thing that somebody at the camera, or a desk that signs what it likes, could try.
type attack struct {
	name string
	// change is done to an honest person's evidence, or replaces it.
	change func(*biometrics.Evidence, liveness.Challenge)
	why    Reason
	live   liveness.Reason // Followed unless why is NotLive
}

var nan = float32(math.NaN())

func attacks() []attack {
	alice, mallory := newPerson(1), newPerson(2)
	near := alice.alike(0.42, 3) // a relative: too far for one frame, near enough to hide in a mean
	noise := newChance(9).Rand
	swap := func(p person, e *biometrics.Evidence, frames []int, g liveness.Gesture) {
		for _, i := range frames {
			e.Frames[i].Descriptor = p.seen(g, noise)
		}
	}
	poor := biometrics.Quality(0).With(biometrics.Blurred)
	return []attack{
		{"one frame of a stranger in three", func(e *biometrics.Evidence, c liveness.Challenge) {
			for i, f := range neutralFrames(e, c) {
				if i%3 == 0 {
					swap(near, e, []int{f}, liveness.Neutral)
				}
			}
		}, OtherFrame, liveness.Followed},
		{"one frame of a stranger in all", func(e *biometrics.Evidence, c liveness.Challenge) {
			swap(mallory, e, neutralFrames(e, c)[2:3], liveness.Neutral)
		}, OtherFrame, liveness.Followed},
		{"a stranger turns for her to the left", func(e *biometrics.Evidence, c liveness.Challenge) {
			swap(mallory, e, liveness.GestureFrames(c, e.Frames, liveness.TurnLeft), liveness.TurnLeft)
		}, OtherTurned, liveness.Followed},
		{"a stranger turns for her to the right", func(e *biometrics.Evidence, c liveness.Challenge) {
			swap(mallory, e, liveness.GestureFrames(c, e.Frames, liveness.TurnRight), liveness.TurnRight)
		}, OtherTurned, liveness.Followed},
		{"a stranger between two steps, where nothing is asked", func(e *biometrics.Evidence, c liveness.Challenge) {
			swap(mallory, e, []int{between(e, c)}, liveness.Neutral)
		}, OtherTurned, liveness.Followed},
		{"the same behind a blur", func(e *biometrics.Evidence, c liveness.Challenge) {
			i := between(e, c)
			swap(mallory, e, []int{i}, liveness.Neutral)
			e.Frames[i].Quality = poor
		}, OtherTurned, liveness.Followed},
		{"somebody alike in one turned frame: within reach of her, but not of her last frame", func(e *biometrics.Evidence, c liveness.Challenge) {
			i := liveness.GestureFrames(c, e.Frames, liveness.TurnLeft)[1]
			e.Frames[i].Descriptor = alice.face.plus(alice.poses[liveness.TurnLeft], -0.2).plus(pointed(newChance(9).Rand), 0.15).descriptor()
		}, Discontinuous, liveness.Followed},
		{"the order reversed", func(e *biometrics.Evidence, _ liveness.Challenge) { slices.Reverse(e.Frames) }, NotLive, liveness.OutOfOrder},
		{"the order reversed, the clock not", func(e *biometrics.Evidence, _ liveness.Challenge) {
			n := len(e.Frames)
			for i := range n / 2 {
				a, b := &e.Frames[i], &e.Frames[n-1-i]
				*a, *b = *b, *a
				a.Offset, b.Offset = b.Offset, a.Offset
			}
		}, NotLive, liveness.WrongCue},
		{"the neutral frames dropped, but for the first", func(e *biometrics.Evidence, c liveness.Challenge) {
			drop := neutralFrames(e, c)[1:]
			var kept []biometrics.Observation
			for i, o := range e.Frames {
				if !slices.Contains(drop, i) {
					kept = append(kept, o)
				}
			}
			e.Frames = kept
		}, NotLive, liveness.TooFew},
		{"every turn dropped", func(e *biometrics.Evidence, c liveness.Challenge) {
			e.Frames = slices.DeleteFunc(e.Frames, func(o biometrics.Observation) bool { return o.Cue%2 == 1 })
		}, NotLive, liveness.LeftOut},
		{"the same, and the numbers put right", func(e *biometrics.Evidence, _ liveness.Challenge) {
			e.Frames = slices.DeleteFunc(e.Frames, func(o biometrics.Observation) bool { return o.Cue%2 == 1 })
			for i := range e.Frames {
				e.Frames[i].Number = uint32(i + 1)
			}
		}, NotLive, liveness.Gap},
		{"frames without numbers", func(e *biometrics.Evidence, _ liveness.Challenge) {
			for i := range e.Frames {
				e.Frames[i].Number = 0
			}
		}, NotLive, liveness.OutOfOrder},
		{"three pictures, swapped on cue", func(e *biometrics.Evidence, c liveness.Challenge) {
			e.Frames = alice.perform(c, 2, slides(80*time.Millisecond, 250*time.Millisecond)).Frames
		}, NotLive, liveness.Snapped},
		{"two frames of each of them in turn", func(e *biometrics.Evidence, c liveness.Challenge) {
			e.Frames = alice.perform(c, 2, slides(80*time.Millisecond, 250*time.Millisecond)).Frames
			fed := map[[2]any]biometrics.Descriptor{}
			for i := range e.Frames {
				key := [2]any{c.Steps[e.Frames[i].Cue].Gesture, i % 2}
				if _, known := fed[key]; !known {
					fed[key] = e.Frames[i].Descriptor
				}
				e.Frames[i].Descriptor = fed[key]
			}
		}, NotLive, liveness.Frozen},
		{"a frame called faceless, so that it is not matched", func(e *biometrics.Evidence, c liveness.Challenge) {
			e.Frames[neutralFrames(e, c)[1]].Quality = biometrics.Quality(0).With(biometrics.NoFace)
		}, NotLive, liveness.BadFrame},
		{"a frame called poor, so that it is not matched", func(e *biometrics.Evidence, c liveness.Challenge) {
			e.Frames[neutralFrames(e, c)[1]].Quality = poor
		}, NotLive, liveness.BadFrame},
		{"no landmarks", func(e *biometrics.Evidence, _ liveness.Challenge) {
			for i := range e.Frames {
				e.Frames[i].Landmarks = biometrics.Landmarks{}
			}
		}, NotLive, liveness.NotAFace},
		{"a descriptor with NaN", func(e *biometrics.Evidence, c liveness.Challenge) {
			e.Frames[neutralFrames(e, c)[0]].Descriptor[7] = nan
		}, NotLive, liveness.NotFinite},
		{"a zero descriptor among the neutral frames", func(e *biometrics.Evidence, c liveness.Challenge) {
			e.Frames[neutralFrames(e, c)[0]].Descriptor = biometrics.Descriptor{}
		}, BadDescriptor, liveness.Followed},
		{"a zero descriptor between two steps", func(e *biometrics.Evidence, c liveness.Challenge) {
			e.Frames[between(e, c)].Descriptor = biometrics.Descriptor{}
		}, BadDescriptor, liveness.Followed},
		{"descriptors that are hardly there", func(e *biometrics.Evidence, _ liveness.Challenge) {
			for i := range e.Frames {
				for j := range e.Frames[i].Descriptor {
					e.Frames[i].Descriptor[j] *= 1e-6
				}
			}
		}, BadDescriptor, liveness.Followed},
		{"other weights", func(e *biometrics.Evidence, _ liveness.Challenge) { e.Weights = "dlib-2" }, OtherWeights, liveness.Followed},
		{"no weights", func(e *biometrics.Evidence, _ liveness.Challenge) { e.Weights = "" }, OtherWeights, liveness.Followed},
		{"a virtual camera", func(e *biometrics.Evidence, _ liveness.Challenge) { e.Camera.Virtual = true }, VirtualCamera, liveness.Followed},
		{"no frames", func(e *biometrics.Evidence, _ liveness.Challenge) { e.Frames = nil }, FrameCount, liveness.Unjudged},
		{"too many frames", func(e *biometrics.Evidence, _ liveness.Challenge) {
			for len(e.Frames) <= biometrics.MaxObservations {
				e.Frames = append(e.Frames, e.Frames[0])
			}
		}, FrameCount, liveness.Unjudged},
		{"an offset beyond the clock", func(e *biometrics.Evidence, _ liveness.Challenge) {
			e.Frames[len(e.Frames)-1].Offset = math.MaxUint32
		}, TooQuick, liveness.OutOfOrder},
	}
}

// between is a frame in which the person has not yet answered a cue: it is neither matched as neutral nor as a turn.
func between(e *biometrics.Evidence, c liveness.Challenge) int {
	in := neutralFrames(e, c)
	for _, g := range []liveness.Gesture{liveness.TurnLeft, liveness.TurnRight} {
		in = append(in, liveness.GestureFrames(c, e.Frames, g)...)
	}
	for i, o := range e.Frames {
		if o.Cue == 1 && !slices.Contains(in, i) {
			return i
		}
	}
	panic("no frame between steps")
}

func TestAttacksOnVerify(t *testing.T) {
	alice, c := newPerson(1), draw(t, 3)
	tmpl := enrolled(t, alice)
	for _, a := range attacks() {
		e := alice.play(c, 2)
		a.change(&e, c)
		v := Verify(e, c, enough(c), alone(tmpl), testPolicy())
		if v.Decision != Denied || v.Why != a.why || v.Live != a.live {
			t.Errorf("%s: %v, %v, %v (%+v), want %v, %v", a.name, v.Decision, v.Why, v.Live, v, a.why, a.live)
		}
		if a.why == OtherFrame && !(v.Fused <= match.OneIn10000.Bounds(len(tmpl.Views)).Fused) {
			t.Errorf("%s: the mean alone refuses at %.3f, so this shows nothing", a.name, v.Fused)
		}
	}
}

// The same against an enrolment: none leaves a template behind.
func TestAttacksOnEnrol(t *testing.T) {
	alice, c := newPerson(1), drawEnrolment(t, 3)
	for _, a := range attacks() {
		e := alice.play(c, 2)
		a.change(&e, c)
		tmpl, v := Enrol(e, c, enough(c), testPolicy())
		if v.Decision != Denied || tmpl.Views != nil || !tmpl.Centroid.IsZero() {
			t.Errorf("%s: %v, %d views", a.name, v.Decision, len(tmpl.Views))
		}
	}
}

// Two persons who share an account, or one who slips into another's: each pose is another's.
func TestTwoPersonsAreNotOneTemplate(t *testing.T) {
	alice, c := newPerson(1), drawEnrolment(t, 3)
	for name, other := range map[string]person{"strangers": newPerson(2), "relatives": alice.alike(0.5, 5)} {
		for _, g := range append(posesOf[:], liveness.Neutral) {
			e, theirs := alice.play(c, 2), other.play(c, 3)
			for i := range e.Frames {
				if c.Steps[e.Frames[i].Cue].Gesture == g {
					e.Frames[i].Descriptor = theirs.Frames[i].Descriptor
				}
			}
			tmpl, v := Enrol(e, c, enough(c), testPolicy())
			if v.Decision != Denied || tmpl.Views != nil {
				t.Errorf("%s, one of them for gesture %v: %v", name, g, v.Why)
			}
			if name == "strangers" && v.Why != MixedViews {
				t.Errorf("%s, one of them for gesture %v: %v, %+v", name, g, v.Why, v)
			}
		}
	}
}

func TestClocks(t *testing.T) {
	alice, c := newPerson(1), draw(t, 3)
	tmpl, e := enrolled(t, alice), alice.play(c, 2)
	last := time.Duration(e.Frames[len(e.Frames)-1].Offset) * time.Millisecond
	for _, tt := range []struct {
		name    string
		elapsed time.Duration
		want    Reason
	}{
		{"the very time of the frames", last, Passed},
		{"less: they were made before they were asked for", last - 1, TooQuick},
		{"none", 0, TooQuick},
		{"a clock that went backwards", -time.Hour, TooQuick},
		{"the longest", testPolicy().MaxElapsed, Passed},
		{"longer", testPolicy().MaxElapsed + 1, TooOld},
		{"for ever", math.MaxInt64, TooOld},
	} {
		if v := Verify(e, c, tt.elapsed, alone(tmpl), testPolicy()); v.Why != tt.want || (v.Decision == Accepted) != (tt.want == Passed) {
			t.Errorf("%s: %v", tt.name, v.Why)
		}
	}
}

func TestClocksOfAnEnrolment(t *testing.T) {
	alice, c := newPerson(1), drawEnrolment(t, 3)
	e := alice.play(c, 2)
	last := time.Duration(e.Frames[len(e.Frames)-1].Offset) * time.Millisecond
	for elapsed, want := range map[time.Duration]Reason{
		last: Passed, last - 1: TooQuick, 0: TooQuick, testPolicy().MaxElapsed: Passed, testPolicy().MaxElapsed + 1: TooOld, math.MaxInt64: TooOld,
	} {
		if _, v := Enrol(e, c, elapsed, testPolicy()); v.Why != want {
			t.Errorf("%v: %v", elapsed, v.Why)
		}
	}
}

// Evidence of one kind is never judged as another, however well it was played.
func TestKinds(t *testing.T) {
	alice := newPerson(1)
	tmpl := enrolled(t, alice)
	entry, enrolment := draw(t, 3), drawEnrolment(t, 3)
	if v := Verify(alice.play(enrolment, 2), enrolment, enough(enrolment), alone(tmpl), testPolicy()); v.Decision != Denied || v.Why != OtherKind {
		t.Errorf("logs in with an enrolment: %v", v.Why)
	}
	if made, v := Enrol(alice.play(entry, 2), entry, enough(entry), testPolicy()); v.Decision != Denied || v.Why != OtherKind || made.Views != nil {
		t.Errorf("enrols with a log-in: %v", v.Why)
	}
}

func TestAnotherChallengesEvidence(t *testing.T) {
	alice := newPerson(1)
	tmpl := enrolled(t, alice)
	asked := draw(t, 3)
	for seed := range uint64(40) {
		c := draw(t, 1000+seed)
		if slices.Equal(c.Steps, asked.Steps) {
			continue
		}
		if v := Verify(alice.play(c, 2), asked, time.Minute, alone(tmpl), testPolicy()); v.Decision != Denied || v.Why != NotLive {
			t.Errorf("recorded under %v: %v", c.Steps, v.Why)
		}
	}
	if v := Verify(alice.play(asked, 2), liveness.Challenge{}, time.Minute, alone(tmpl), testPolicy()); v.Decision != Denied || v.Why != OtherKind {
		t.Errorf("no challenge: %v", v.Why)
	}
}

func TestPoliciesAndTemplates(t *testing.T) {
	alice, c := newPerson(1), draw(t, 3)
	tmpl, e := enrolled(t, alice), alice.play(c, 2)
	with := func(f func(*Policy)) Policy {
		p := testPolicy()
		f(&p)
		return p
	}
	other := tmpl
	other.Weights = "dlib-2"
	noViews := tmpl
	noViews.Views = nil
	noCentre := tmpl
	noCentre.Centroid = match.Vector{}
	for _, tt := range []struct {
		name   string
		policy Policy
		tmpl   match.Template
		want   Reason
	}{
		{"as enrolled", testPolicy(), tmpl, Passed},
		{"the zero policy", Policy{}, tmpl, OtherWeights},
		{"no weights in the policy, nor elsewhere", with(func(p *Policy) { p.Weights = "" }), match.Template{}, OtherWeights},
		{"no level", with(func(p *Policy) { p.Level = 0 }), tmpl, OtherPerson},
		{"no rules", with(func(p *Policy) { p.Rules = liveness.Rules{} }), tmpl, NotLive},
		{"no age", with(func(p *Policy) { p.MaxElapsed = 0 }), tmpl, TooOld},
		{"the server went on to other weights", with(func(p *Policy) { p.Weights = "dlib-2" }), other, OtherWeights},
		{"a template of other weights", testPolicy(), other, OtherWeights},
		{"the zero template", testPolicy(), match.Template{}, OtherWeights},
		{"a template without views", testPolicy(), noViews, BadTemplate},
		{"a template without a centroid", testPolicy(), noCentre, BadTemplate},
		{"another person's template", testPolicy(), enrolled(t, newPerson(2)), OtherPerson},
	} {
		if v := Verify(e, c, enough(c), alone(tt.tmpl), tt.policy); v.Why != tt.want || (v.Decision == Accepted) != (tt.want == Passed) {
			t.Errorf("%s: %v, want %v", tt.name, v.Why, tt.want)
		}
	}
	if _, v := Enrol(alice.play(drawEnrolment(t, 3), 2), drawEnrolment(t, 3), enough(c), Policy{}); v.Decision != Denied {
		t.Error("the zero policy enrols")
	}
	e.Camera.Virtual = true
	if v := Verify(e, c, enough(c), alone(tmpl), with(func(p *Policy) { p.AllowVirtual = true })); v.Decision != Accepted {
		t.Errorf("a virtual camera that is allowed: %v", v.Why)
	}
}

// Liveness refuses before these matter; the gate must not lean on it.
func TestTheGateStandsAlone(t *testing.T) {
	alice, c := newPerson(1), draw(t, 3)
	tmpl := enrolled(t, alice)

	e := alice.play(c, 2)
	i := neutralFrames(&e, c)[1]
	e.Frames[i].Quality = biometrics.Quality(0).With(biometrics.NoFace)
	e.Frames[i].Descriptor = newPerson(2).face.descriptor()
	f, faces := observe(e, c, enough(c), testPolicy())
	if f.claim(faces, alone(tmpl)); f.front <= f.bounds().Front {
		t.Errorf("a stranger in a frame called faceless is %.3f away", f.front)
	}

	e = alice.play(c, 2)
	e.Frames[i].Descriptor[0] = nan
	f, faces = observe(e, c, enough(c), testPolicy())
	f.claim(faces, alone(tmpl))
	for name, d := range map[string]float64{"fused": f.fused, "front": f.front, "turned": f.turned, "step": f.step, "views": f.views} {
		if !math.IsNaN(d) {
			t.Errorf("%s is %v with a descriptor of NaN", name, d)
		}
	}

	e = alice.play(c, 2)
	e.Weights, tmpl.Weights = "", ""
	policy := testPolicy()
	policy.Weights = ""
	if v := Verify(e, c, enough(c), alone(tmpl), policy); v.Why != OtherWeights {
		t.Errorf("nobody names any weights: %v", v.Why)
	}
}

// FuzzVerify lets nothing but the honest evidence through, whatever is done to one frame's bytes.
func FuzzVerify(f *testing.F) {
	alice, c := newPerson(1), draw(f, 3)
	tmpl := enrolled(f, alice)
	f.Add(uint8(0), uint32(0), uint8(0), uint16(0), float32(0), float32(0))
	f.Add(uint8(3), uint32(1<<31), uint8(200), uint16(3), nan, float32(math.Inf(1)))
	f.Fuzz(func(t *testing.T, frame uint8, offset uint32, cue uint8, quality uint16, x, d float32) {
		e := alice.play(c, 2)
		o := &e.Frames[int(frame)%len(e.Frames)]
		o.Offset, o.Cue, o.Quality, o.Landmarks[4].X, o.Descriptor[0] = offset, cue, biometrics.Quality(quality), x, d
		v := Verify(e, c, enough(c), alone(tmpl), testPolicy())
		if (v.Decision == Accepted) != (v.Why == Passed) {
			t.Errorf("%v, %v", v.Decision, v.Why)
		}
		b := match.OneIn10000.Bounds(len(tmpl.Views))
		if v.Decision == Accepted && !(v.Worst <= b.Turned && v.Fused <= b.Fused && v.Step <= b.Step) {
			t.Errorf("accepted %+v", v)
		}
	})
}
