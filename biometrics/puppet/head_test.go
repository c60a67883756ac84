package puppet

import (
	"math"
	"testing"
	"time"

	"visavis/biometrics/eye"
	"visavis/biometrics/liveness"
)

// TestHitIsOnTheSkin: what a ray hits is seen where the ray came from.
func TestHitIsOnTheSkin(t *testing.T) {
	for degrees := -30; degrees <= 30; degrees += 10 {
		v := viewOf(float64(degrees)*math.Pi/180, float64(degrees)/2*math.Pi/180, away/1.1)
		for px := -1.2; px <= 1.2; px += 0.1 {
			for py := -1.5; py <= 1.5; py += 0.1 {
				p, facing, ok := v.hit(px, py)
				if !ok {
					continue
				}
				if qx, qy := v.project(p); math.Hypot(qx-px, qy-py) > 1e-9 {
					t.Fatalf("%d°: the ray %.2f, %.2f hits what is seen at %.2f, %.2f", degrees, px, py, qx, qy)
				}
				if facing < 0 || facing > 1 {
					t.Fatalf("%d°: facing %v", degrees, facing)
				}
			}
		}
	}
}

// TestTurnedNoseLeavesTheEyes: a head's nose moves against its eyes and a print's does not, and to the side that the sign says.
func TestTurnedNoseLeavesTheEyes(t *testing.T) {
	seen := func(v view) (shift, lift float64) {
		lx, ly := v.project(vector{-eyeX, eyeY, eyeZ})
		rx, ry := v.project(vector{eyeX, eyeY, eyeZ})
		nx, ny := v.project(vector{0, noseY, noseZ})
		return (nx - (lx+rx)/2) / (rx - lx), (ny - (ly+ry)/2) / (rx - lx)
	}
	_, level := seen(viewOf(0, 0, away))
	for _, degrees := range []float64{-turned, -5, 5, turned} {
		angle := degrees * math.Pi / 180
		if s, _ := seen(viewOf(angle, 0, away)); s*degrees <= 0 || math.Abs(s) < math.Abs(math.Sin(angle))/3 {
			t.Errorf("a head turned by %v° shifts by %.3f", degrees, s)
		}
		if _, l := seen(viewOf(0, angle, away)); (level-l)*degrees <= 0 || math.Abs(l-level) < math.Abs(math.Sin(angle))/3 {
			t.Errorf("a head that nods by %v° lifts its nose by %.3f", degrees, level-l)
		}
	}
	// A sheet: where on it lies what was at its middle?
	for name, b := range map[string]body{"print": printed(), "bent": bent(2)} {
		at := b(pose{yaw: 20, pitch: -15, near: 1.2, scale: 1})
		if x, y := at(0, 0); math.Hypot(x, y) > 1e-9 {
			t.Errorf("%s: its middle wanders to %v, %v", name, x, y)
		}
	}
}

func TestUnturnedMapsAreTheIdentity(t *testing.T) {
	bodies := map[string]body{"head": head(viewOf(0, 0, away)), "print": printed(), "shifted": shifted(), "unmoved": unmoved(), "nearly flat": bent(1e6)}
	for name, b := range bodies {
		at := b(atRest())
		for _, p := range [][2]float64{{0, 0}, {0.5, -0.45}, {0, 0.3}, {1.2, 0}, {3, 2}} {
			if x, y := at(p[0], p[1]); math.Hypot(x-p[0], y-p[1]) > 1e-5 {
				t.Errorf("%s: %v is taken from %v, %v", name, p, x, y)
			}
		}
	}
}

// TestBentPaperHasLessDepthThanAHead: that is why it gives way under the same turn.
func TestBentPaperHasLessDepthThanAHead(t *testing.T) {
	shift := func(b body) float64 {
		at := b(pose{yaw: turned, near: 1, scale: 1})
		where := func(x float64) float64 { // the picture's place of a point of the skin's middle line
			low, high := -2.0, 2.0
			for range 60 {
				if sx, _ := at((low+high)/2, 0); sx < x {
					low = (low + high) / 2
				} else {
					high = (low + high) / 2
				}
			}
			return low
		}
		left, right := where(-0.5), where(0.5)
		return (where(0) - (left+right)/2) / (right - left)
	}
	flat, sheet := shift(printed()), shift(bent(1.4))
	if sheet < 2*flat || sheet > 0.08 {
		t.Errorf("a bent print shifts by %.3f, a flat one by %.3f", sheet, flat)
	}
}

func TestMotionTakesAPersonsTime(t *testing.T) {
	m := newMotion([7]float64{}, seeded(1))
	m.obey(eye.Cue{Challenge: [16]byte{1}, Step: 1, Gesture: liveness.TurnLeft}, time.Second)
	if y := m.way(time.Second + reaction).yaw; y != 0 {
		t.Errorf("moved by %v before anybody could", y)
	}
	before := 0.0
	for at := time.Second; at <= time.Second+reaction+turning; at += 10 * time.Millisecond {
		y := m.way(at).yaw
		if y < before || y-before > 1 {
			t.Fatalf("from %v to %v in 10 ms", before, y)
		}
		before = y
	}
	if before < turned*(1-1/by) || before > turned*(1+1/by) || !m.settled(time.Second+reaction+turning) {
		t.Errorf("turned by %v", before)
	}
	// A cue in the middle of a turn is taken from where the head is; the same cue again changes nothing.
	m.obey(eye.Cue{Challenge: [16]byte{1}, Step: 2, Gesture: liveness.Neutral}, 2*time.Second)
	half := 2*time.Second + reaction + turning/2
	was := m.way(half)
	m.obey(eye.Cue{Challenge: [16]byte{1}, Step: 2, Gesture: liveness.Neutral}, half)
	if m.way(half) != was {
		t.Error("a cue that was known moves the head")
	}
	m.obey(eye.Cue{Challenge: [16]byte{1}, Step: 3, Gesture: liveness.TurnRight}, half)
	if m.way(half) != was {
		t.Errorf("jumped from %v to %v", was, m.way(half))
	}
	if y := m.way(half + time.Hour).yaw; y > -(turned * (1 - 1/by)) {
		t.Errorf("right is %v", y)
	}
}

// TestEachGestureIsOne: it moves what it is named by, the way that it says, and nothing else.
func TestEachGestureIsOne(t *testing.T) {
	for g, want := range gestures {
		m := newMotion([7]float64{}, seeded(uint64(g)))
		m.obey(eye.Cue{Challenge: [16]byte{1}, Step: 1, Gesture: g}, 0)
		m.obey(eye.Cue{Challenge: [16]byte{1}, Step: 1, Gesture: g, Tint: liveness.Warm}, reaction) // another light is no other cue
		got := m.way(reaction + turning)
		for i, v := range [][2]float64{{got.yaw, want.yaw}, {got.pitch, want.pitch}, {got.roll, want.roll}, {got.near - 1, want.near - 1}} {
			if math.Abs(v[0]-v[1]) > math.Abs(v[1])/by+1e-9 {
				t.Errorf("%v: %d is %.3f, want %.3f", g, i, v[0], v[1])
			}
		}
	}
}

// TestPhotographIsTakenForWhatItShows: a head that was photographed turned and looking down is laid on the model so.
func TestPhotographIsTakenForWhatItShows(t *testing.T) {
	level := viewOf(0, 0, away).lift()
	for _, degrees := range []float64{-7, -3, 0, 3, 7} {
		pitch := degrees * math.Pi / 180
		got := photographed(liveness.Pose{Lift: viewOf(0, pitch, away).lift()})
		if math.Abs(math.Asin(got.sinp)-pitch) > 1e-6 || got.siny != 0 {
			t.Errorf("%v°: taken as %+v", degrees, got)
		}
	}
	if got := photographed(liveness.Pose{Shift: 0.2, Lift: level}); !(got.siny > 0.1) || math.Abs(got.sinp) > 0.05 {
		t.Errorf("turned: %+v", got)
	}
	if got := photographed(liveness.Pose{Lift: 5}); math.Abs(math.Asin(got.sinp)*180/math.Pi+8) > 1e-3 {
		t.Errorf("nobody's nose: %+v", got)
	}
}
