package gate

import (
	"slices"
	"testing"

	"visavis/biometrics"
	"visavis/biometrics/liveness"
	"visavis/biometrics/match"
)

// enrol is an honest enrolment of p under the challenge of a seed, after earlier views.
func enrol(t testing.TB, p person, seed uint64, earlier ...match.Vector) (match.Template, Verdict) {
	t.Helper()
	c := drawEnrolment(t, seed)
	return Enrol(p.play(c, seed), c, enough(c), testPolicy(), earlier...)
}

// A second capture of the same person, say without glasses, makes one template of both: its most diverse views, at most seven.
func TestEnrolAgain(t *testing.T) {
	alice := newPerson(1)
	bare := alice.alike(0.2, 77) // as far as glasses carry a face
	first, v := enrol(t, alice, 1)
	if v.Decision != Accepted {
		t.Fatalf("%+v", v)
	}
	both, v := enrol(t, bare, 2, first.Views...)
	if v.Decision != Accepted || len(both.Views) != match.MaxViews {
		t.Fatalf("%d views, %v, %+v", len(both.Views), v.Why, v)
	}
	ofFirst := 0
	for _, view := range both.Views {
		if slices.Contains(first.Views, view) {
			ofFirst++
		}
	}
	if ofFirst == 0 || ofFirst == len(both.Views) {
		t.Errorf("%d of %d views are of the first capture", ofFirst, len(both.Views))
	}
	for name, p := range map[string]person{"as at first": alice, "as at last": bare} {
		c := draw(t, 9)
		if v := Verify(p.play(c, 9), c, enough(c), alone(both), testPolicy()); v.Decision != Accepted {
			t.Errorf("%s: %v, %+v", name, v.Why, v)
		}
	}
}

// Half a template of one person and half of another would be near both; each half is clean by itself.
func TestASecondPersonDoesNotEnrolAgain(t *testing.T) {
	alice := newPerson(1)
	first, _ := enrol(t, alice, 1)
	for _, distance := range []float64{0.35, 0.4, 0.45, 0.5, 0.7, 1.2} {
		for seed := range uint64(5) {
			made, v := enrol(t, alice.alike(distance, 80+seed), 2, first.Views...)
			if v.Decision != Denied || made.Views != nil || !made.Centroid.IsZero() {
				t.Errorf("somebody %.2f away: %v, %+v", distance, v.Why, v)
			}
		}
	}
	mixed := append(slices.Clone(first.Views[:2]), match.Vector{})
	if made, v := enrol(t, alice, 2, mixed...); v.Decision != Denied || made.Views != nil {
		t.Errorf("earlier views of which one is no face: %v", v.Why)
	}
	if made, v := enrol(t, alice, 2, first.Views[:2]...); v.Decision != Denied || made.Views != nil {
		t.Errorf("two earlier views, which no template has: %v", v.Why)
	}
}

// A blink in a pose does not spoil its view; a stranger in one frame is no blink.
func TestOutliers(t *testing.T) {
	alice, c := newPerson(1), drawEnrolment(t, 4)
	clean, _ := Enrol(alice.play(c, 2), c, enough(c), testPolicy())
	for name, tt := range map[string]struct {
		who  direction
		want Reason
	}{
		"a blink":    {alice.face.plus(alice.poses[liveness.LookUp], 0.2).plus(pointed(newChance(5).Rand), 0.25), Passed},
		"a stranger": {newPerson(2).face, OtherTurned},
	} {
		e := alice.play(c, 2)
		i := liveness.GestureFrames(c, e.Frames, liveness.LookUp)[1]
		e.Frames[i].Descriptor = tt.who.descriptor()
		made, v := Enrol(e, c, enough(c), testPolicy())
		if v.Why != tt.want {
			t.Errorf("%s: %v, %+v", name, v.Why, v)
			continue
		}
		if tt.want == Passed {
			if by, most := match.Distance(made.Views[3], clean.Views[3]), 0.75*movedBy(t, e, c, clean.Views[3]); !(by < most) {
				t.Errorf("%s moves the view by %.3f, want under %.3f", name, by, most)
			}
		}
	}
}

// The front is freed of blinks as every pose is.
func TestBlinksBeforeTheFront(t *testing.T) {
	alice, c := newPerson(1), drawEnrolment(t, 4)
	clean, _ := Enrol(alice.play(c, 2), c, enough(c), testPolicy())
	e := alice.play(c, 2)
	blink := alice.face.plus(pointed(newChance(5).Rand), 0.25)
	for n, i := range liveness.NeutralFrames(c, e.Frames)[3:6] {
		e.Frames[i].Descriptor = blink.plus(alice.face, 0.01*float64(n)).descriptor() // a sensor sees nothing twice
	}
	made, v := Enrol(e, c, enough(c), testPolicy())
	if v.Decision != Accepted {
		t.Fatalf("%+v", v)
	}
	_, faces := observe(e, c, enough(c), testPolicy())
	mean, err := match.Mean(faces.neutral...)
	if err != nil {
		t.Fatal(err)
	}
	if by, most := match.Distance(made.Views[0], clean.Views[0]), 0.75*match.Distance(mean, clean.Views[0]); !(by < most) {
		t.Errorf("three blinks move the front by %.3f, want under %.3f", by, most)
	}
}

// movedBy is how far the mean of all that looks up is from a view.
func movedBy(t testing.TB, e biometrics.Evidence, c liveness.Challenge, view match.Vector) float64 {
	t.Helper()
	_, faces := observe(e, c, enough(c), testPolicy())
	mean, err := match.Mean(faces.posed[liveness.LookUp]...)
	if err != nil {
		t.Fatal(err)
	}
	return match.Distance(mean, view)
}

// An insider who looks like somebody else, and is enrolled, claims to be the other.
func TestInsiders(t *testing.T) {
	alice := newPerson(1)
	mallory := alice.alike(0.23, 5) // near enough for the level's bound
	hers, _ := enrol(t, alice, 1)
	his, _ := enrol(t, mallory, 2)
	c := draw(t, 6)
	e := mallory.play(c, 6)
	if v := Verify(e, c, enough(c), alone(hers), testPolicy()); v.Decision != Accepted {
		t.Fatalf("alone with her template he is refused for %v, so this shows nothing: %+v", v.Why, v)
	}
	g := match.NewGallery(testWeights, 2)
	for id, tmpl := range map[match.ID]match.Template{{1}: hers, {2}: his} {
		if err := g.Put(id, tmpl); err != nil {
			t.Fatal(err)
		}
	}
	tests := map[string]struct {
		claim  Claim
		reason Reason
	}{
		"among others": {Claim{hers, g.Others(match.ID{1})}, OtherPerson},
		"with a bound that is not tightened": {Claim{hers, func(v match.Vector) float64 {
			if v == hers.Centroid {
				return 2
			}
			return g.Others(match.ID{1})(v)
		}}, NearerOther},
		"with nobody asked": {Claim{Template: hers}, OtherPerson},
		"as himself":        {Claim{his, g.Others(match.ID{2})}, Passed},
	}
	for name, tt := range tests {
		if v := Verify(e, c, enough(c), tt.claim, testPolicy()); v.Why != tt.reason || (v.Decision == Accepted) != (tt.reason == Passed) {
			t.Errorf("%s: %v, want %v: %+v", name, v.Why, tt.reason, v)
		}
	}
	c = draw(t, 7)
	if v := Verify(alice.play(c, 7), c, enough(c), Claim{hers, g.Others(match.ID{1})}, testPolicy()); v.Decision != Accepted {
		t.Errorf("she herself: %v, %+v", v.Why, v)
	}
}

// Poor frames make no view: a pose of nothing else has none, and the enrolment falls.
func TestAPoseOfPoorFrames(t *testing.T) {
	alice, c := newPerson(1), drawEnrolment(t, 4)
	e := alice.play(c, 2)
	f, faces := observe(e, c, enough(c), testPolicy())
	if tmpl := f.enrol(faces, nil); tmpl.Views == nil {
		t.Fatal("no template of good frames")
	}
	for _, i := range liveness.GestureFrames(c, e.Frames, liveness.LookDown) {
		e.Frames[i].Quality = biometrics.Quality(0).With(biometrics.Blurred)
	}
	f, faces = observe(e, c, enough(c), testPolicy())
	if tmpl := f.enrol(faces, nil); tmpl.Views != nil || f.judge(enrolChecks()).Decision != Denied {
		t.Error("a template without a look down")
	}
}
