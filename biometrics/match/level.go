package match

import (
	"errors"
	"fmt"
	"math"
)

// Level names the bounds of a decision by the false-match rate that was measured for them. The zero Level accepts nobody.
type Level uint8

// The levels. None is looser than NIST SP 800-63B-4 asks for: at most one stranger in 10,000 passes for a person whose template he is
// compared with.
const (
	OneIn10000  Level = 1
	OneIn100000 Level = 2
	levelEnd    Level = 3
)

// levels are each Level's rate and the name that settings give it.
var levels = [levelEnd]struct {
	oneIn      int
	name, text string
}{
	OneIn10000:  {10000, "1-in-10000", "1 in 10,000"},
	OneIn100000: {100000, "1-in-100000", "1 in 100,000"},
}

// ErrLevel is ParseLevel's error.
var ErrLevel = errors.New("unknown level: 1-in-10000 or 1-in-100000")

// ParseLevel reads a level as settings name it.
func ParseLevel(name string) (Level, error) {
	for l := OneIn10000; l < levelEnd; l++ {
		if levels[l].name == name {
			return l, nil
		}
	}
	return 0, fmt.Errorf("%w: %q", ErrLevel, name)
}

// String names the level by its rate.
func (l Level) String() string {
	if l == 0 || l >= levelEnd {
		return fmt.Sprintf("unknown level %d", uint8(l))
	}
	return levels[l].text
}

// OneIn is the level's rate, as one in so many; 0 for the zero Level and unknown ones.
func (l Level) OneIn() int {
	if l >= levelEnd {
		return 0
	}
	return levels[l].oneIn
}

// Bounds are distances on the scale of unit vectors; what is compared passes at d <= bound. Where they come from:
// docs/biometrics.md, "Matching, measured".
type Bounds struct {
	Fused  float64 // mean of the live neutral frames to the template's centroid
	Front  float64 // one neutral frame to the centroid
	Turned float64 // one frame of a turned or turning head to the centroid
	Step   float64 // a frame to the one before it
	View   float64 // the means of two parts of the enrolled views, however they are parted
	Rival  float64 // how much nearer than the person named somebody else who is enrolled may be

	share, floor float64 // how Fused is tightened
}

// Bounds returns the level's bounds for a person of so many enrolled views. Those of the zero Level, and of a number of views that no template
// has, are below every distance.
func (l Level) Bounds(views int) Bounds { return Shipped().bounds(l.OneIn(), views) }

// Tightened returns the bounds for a person whose nearest other enrolled person has a centroid at this distance: math.Inf(1) when there is none; NaN, 0
// and whatever is no distance tighten most. Fused becomes a share of that distance, down to a floor at which a person is still himself, and
// Front follows it, so that who looks alike, and is enrolled, does not pass for the other.
func (b Bounds) Tightened(nearest float64) Bounds {
	limit := b.floor
	if reach := b.share * nearest; reach > limit {
		limit = reach
	}
	if by := b.Fused - limit; by > 0 {
		b.Fused -= by
		b.Front -= by
	}
	return b
}

// Nobody is the answer of a search in which there is nobody else: infinitely far.
func Nobody(Vector) float64 { return math.Inf(1) }
