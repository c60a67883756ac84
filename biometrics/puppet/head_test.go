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
		v := viewOf(float64(degrees) * math.Pi / 180)
		for px := -1.2; px <= 1.2; px += 0.1 {
			for py := -1.5; py <= 1.5; py += 0.1 {
				x, y, z, facing, ok := v.hit(px, py)
				if !ok {
					continue
				}
				if qx, qy := v.project(x, y, z); math.Hypot(qx-px, qy-py) > 1e-9 {
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
	shift := func(where func(x, y, z float64) (float64, float64)) float64 {
		lx, _ := where(-eyeX, eyeY, eyeZ)
		rx, _ := where(eyeX, eyeY, eyeZ)
		nx, _ := where(0, noseY, noseZ)
		return (nx - (lx+rx)/2) / (rx - lx)
	}
	for _, degrees := range []float64{-turned, -5, 5, turned} {
		yaw := degrees * math.Pi / 180
		if s := shift(viewOf(yaw).project); s*degrees <= 0 || math.Abs(s) < math.Abs(math.Sin(yaw))/3 {
			t.Errorf("a head turned by %v° shifts by %.3f", degrees, s)
		}
	}
	// A print: where on it lies what was at the middle between the eyes?
	at := printed()(20 * math.Pi / 180)
	middle, _ := at(0, 0)
	if math.Abs(middle) > 1e-9 {
		t.Errorf("a print's middle wanders to %v", middle)
	}
}

func TestUnturnedMapsAreTheIdentity(t *testing.T) {
	for name, b := range map[string]body{"head": head(0), "print": printed()} {
		at := b(0)
		for _, p := range [][2]float64{{0, 0}, {0.5, -0.45}, {0, 0.3}, {1.2, 0}, {3, 2}} {
			if x, y := at(p[0], p[1]); math.Hypot(x-p[0], y-p[1]) > 1e-9 {
				t.Errorf("%s: %v is taken from %v, %v", name, p, x, y)
			}
		}
	}
}

func TestMotionTakesAPersonsTime(t *testing.T) {
	m := newMotion(seeded(1))
	m.obey(eye.Cue{Challenge: [16]byte{1}, Step: 1, Gesture: liveness.TurnLeft}, time.Second)
	if y := m.yaw(time.Second + reaction); y != 0 {
		t.Errorf("moved by %v before anybody could", y)
	}
	before := 0.0
	for at := time.Second; at <= time.Second+reaction+turning; at += 10 * time.Millisecond {
		y := m.yaw(at)
		if y < before || y-before > 1 {
			t.Fatalf("from %v to %v in 10 ms", before, y)
		}
		before = y
	}
	if before < turned-turnedBy || before > turned+turnedBy || !m.settled(time.Second+reaction+turning) {
		t.Errorf("turned by %v", before)
	}
	// A cue in the middle of a turn is taken from where the head is; the same cue again changes nothing.
	m.obey(eye.Cue{Challenge: [16]byte{1}, Step: 2, Gesture: liveness.Neutral}, 2*time.Second)
	half := 2*time.Second + reaction + turning/2
	was := m.yaw(half)
	m.obey(eye.Cue{Challenge: [16]byte{1}, Step: 2, Gesture: liveness.Neutral}, half)
	if m.yaw(half) != was {
		t.Error("a cue that was known moves the head")
	}
	m.obey(eye.Cue{Challenge: [16]byte{1}, Step: 3, Gesture: liveness.TurnRight}, half)
	if m.yaw(half) != was {
		t.Errorf("jumped from %v to %v", was, m.yaw(half))
	}
	if y := m.yaw(half + time.Hour); y > -(turned - turnedBy) {
		t.Errorf("right is %v", y)
	}
}
