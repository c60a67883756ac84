package liveness

import (
	"math"
	"time"

	"visavis/biometrics"
)

const (
	lampFrames  = 40                    // fewer say nothing
	lampDark    = 8 << 8                // mean levels below which a colour is noise,
	lampBright  = 250 << 8              // and above which it is cut off
	lampLags    = 7                     // delays that are tried, of
	lampLag     = 50 * time.Millisecond // each: screen, exposure, camera and driver take up to 0.3 s together
	lampSlowest = 4 * time.Second       // slower changes than of this period are the camera's white balance, the sun or the person
)

// lamp says how well the face's colour follows the window's light, −1 to 1; NaN where that can not be said.
//
// The colour is the logarithm of red over blue of the skin, less that of the scene, so that exposure and white balance, which change both,
// cancel. What slow changes and the head's pose explain of it is taken away, from the light too, and the two remainders are correlated, at the
// delay at which they are most alike. The light is drawn, so what a colour that does not follow it scores is known: docs/biometrics.md.
func lamp(c Challenge, obs []biometrics.Observation) float64 {
	var colour []float64
	var frames []biometrics.Observation
	for _, o := range obs {
		if ratio, ok := redness(o); ok {
			colour, frames = append(colour, ratio), append(frames, o)
		}
	}
	if len(frames) < lampFrames {
		return math.NaN()
	}
	known := explained(c, frames)
	known.take(colour)
	best := math.NaN()
	light := make([]float64, len(frames))
	for lag := range time.Duration(lampLags) {
		for i, o := range frames {
			light[i] = c.warmth(time.Duration(o.Offset)*time.Millisecond - lag*lampLag)
		}
		known.take(light)
		if r := cosine(light, colour); !(r <= best) {
			best = r
		}
	}
	return best
}

// redness is the colour that the light changes; not of a face without one, nor of colours that the camera could not tell.
func redness(o biometrics.Observation) (float64, bool) {
	for _, t := range []biometrics.Tone{o.Skin, o.Scene} {
		if min(t.R, t.B) < lampDark || max(t.R, t.B) > lampBright {
			return 0, false
		}
	}
	if _, err := PoseOf(o.Landmarks); err != nil || faceless(o.Quality) {
		return 0, false
	}
	log := func(t biometrics.Tone) float64 { return math.Log(float64(t.R) / float64(t.B)) }
	return log(o.Skin) - log(o.Scene), true
}

// warmth is 1 in warm light, −1 in cool and 0 in plain, over the 40 ms before a time in which a frame is exposed.
func (c Challenge) warmth(since time.Duration) float64 {
	const parts = 4
	sum := 0.0
	for i := range time.Duration(parts) {
		switch c.TintAt(since - i*10*time.Millisecond) {
		case Warm:
			sum++
		case Cool:
			sum--
		}
	}
	return sum / parts
}

// basis is orthonormal: what is known to change colours besides the light.
type basis [][]float64

// explained spans slow waves, of half a period in the whole time and more, and the pose.
func explained(c Challenge, frames []biometrics.Observation) basis {
	var b basis
	whole := c.Duration()
	span := func(f func(i int) float64) {
		v := make([]float64, len(frames))
		for i := range v {
			v[i] = f(i)
		}
		b.add(v)
	}
	for k := time.Duration(0); k*lampSlowest <= 2*whole; k++ {
		span(func(i int) float64 {
			return math.Cos(math.Pi * float64(k) * float64(frames[i].Offset) / float64(whole.Milliseconds()))
		})
	}
	poses := make([]Pose, len(frames))
	for i, o := range frames {
		poses[i], _ = PoseOf(o.Landmarks) // redness has seen that it is one
	}
	rest := heldPose(poses)
	for a := range axes {
		span(func(i int) float64 { return poses[i].along(a) - rest.along(a) })
	}
	span(func(i int) float64 { d := poses[i].Shift - rest.Shift; return d * d })
	return b
}

// add takes one more direction, unless it lies in the others.
func (b *basis) add(v []float64) {
	before := math.Sqrt(dot(v, v))
	b.take(v)
	size := math.Sqrt(dot(v, v))
	if !(size > 1e-6*before) {
		return
	}
	for i := range v {
		v[i] /= size
	}
	*b = append(*b, v)
}

// take removes from v what lies in b: twice, since once leaves rounding errors behind.
func (b basis) take(v []float64) {
	for range 2 {
		for _, u := range b {
			d := dot(u, v)
			for i := range v {
				v[i] -= d * u[i]
			}
		}
	}
}

// cosine is the correlation of two remainders; NaN when one is nothing.
func cosine(a, b []float64) float64 {
	const nothing = 1e-12
	aa, bb := dot(a, a), dot(b, b)
	if !(aa > nothing && bb > nothing) {
		return math.NaN()
	}
	return max(-1, min(1, dot(a, b)/math.Sqrt(aa*bb)))
}

func dot(a, b []float64) float64 {
	var sum float64
	for i := range a {
		sum += a[i] * b[i]
	}
	return sum
}
