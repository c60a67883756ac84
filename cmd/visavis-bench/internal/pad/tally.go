package pad

import (
	"cmp"
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"

	"visavis/biometrics/gate"
	"visavis/biometrics/liveness"
	"visavis/biometrics/rehearsal"
)

// Tally is what became of a species' presentations.
type Tally struct {
	Species  Species
	N        int
	Accepted int
	Reasons  map[string]int // of refusals, of people with their names, or of what was told before a challenge
	Rules    int            // refused by the liveness rules alone, without a look at who it is or at the light
	Face     Count          // refused by the face alone, whatever it did; of plays that were not given up, and show a face throughout
	Lamp     int            // refused by the light alone, were it required
	Lit      int            // of so many of which it says something
	Unlit    int            // of which it can say nothing: refused too, were it required
	Lamps    []float64
	Fused    []float64 // distances of the neutral frames' mean to the claimed centroid
	GivenUp  int       // plays that ended where they became hopeless: refused
	Hopeless int       // whole plays that would have been given up,
	Wrongly  int       // and of them accepted
}

// add counts a verdict, of a play to its end or of one that was given up.
func (t *Tally) add(p presentation, v, face gate.Verdict, r liveness.Rules) {
	t.N++
	if t.Reasons == nil {
		t.Reasons = map[string]int{}
	}
	if step, stopped := rehearsal.Stopped(p.challenge, p.evidence); stopped && v.Decision != gate.Accepted {
		t.GivenUp++
		t.Rules++
		t.Reasons["not half of: "+p.challenge.Steps[step].Gesture.String()]++
		return
	}
	if _, hopeless := rehearsal.Hopeless(p.challenge, p.evidence.Frames); hopeless {
		t.Hopeless++
		if v.Decision == gate.Accepted {
			t.Wrongly++
		}
	}
	switch {
	case v.Decision == gate.Accepted:
		t.Accepted++
	default:
		t.Reasons[t.whom(p)+reason(v)]++
	}
	if v.Live != liveness.Followed {
		t.Rules++
	}
	if face.Why != gate.NotLive {
		t.Face.N++
	}
	if face.Decision != gate.Accepted && face.Why != gate.NotLive {
		t.Face.K++
	}
	if !math.IsNaN(v.Fused) {
		t.Fused = append(t.Fused, v.Fused)
	}
	t.light(v, r)
}

// whom names a person who was refused. Attackers are none.
func (t *Tally) whom(p presentation) string {
	if t.Species.Group != Honest {
		return ""
	}
	return p.who + ": "
}

func reason(v gate.Verdict) string {
	if v.Why == gate.NotLive {
		return v.Live.String()
	}
	return v.Why.String()
}

// Range is the least and the greatest fused distance; empty without any.
func (t Tally) Range() string {
	if len(t.Fused) == 0 {
		return ""
	}
	return fmt.Sprintf("%.3f to %.3f", slices.Min(t.Fused), slices.Max(t.Fused))
}

// light counts what the light alone says.
func (t *Tally) light(v gate.Verdict, r liveness.Rules) {
	if math.IsNaN(v.Lamp) {
		t.Unlit++
		return
	}
	t.Lit++
	t.Lamps = append(t.Lamps, v.Lamp)
	if v.Lamp < r.MinLamp {
		t.Lamp++
	}
}

// APCER is the share of attacks that were accepted.
func (t Tally) APCER() Count { return Count{t.Accepted, t.N} }

// BPCER is the share of bona fide presentations that were refused.
func (t Tally) BPCER() Count { return Count{t.N - t.Accepted, t.N} }

// Why lists the refusals, the most frequent first.
func (t Tally) Why() string {
	keys := slices.SortedFunc(maps.Keys(t.Reasons), func(a, b string) int {
		return cmp.Or(cmp.Compare(t.Reasons[b], t.Reasons[a]), cmp.Compare(a, b))
	})
	parts := make([]string, len(keys))
	for i, k := range keys {
		parts[i] = fmt.Sprintf("%s %d", k, t.Reasons[k])
	}
	return strings.Join(parts, ", ")
}

// Median lamp score; NaN without any.
func (t Tally) Median() float64 {
	if len(t.Lamps) == 0 {
		return math.NaN()
	}
	return slices.Sorted(slices.Values(t.Lamps))[len(t.Lamps)/2]
}

// Merge adds what became of another species' presentations.
func (t *Tally) Merge(o Tally) {
	if t.Reasons == nil {
		t.Reasons = map[string]int{}
	}
	for why, k := range o.Reasons {
		t.Reasons[why] += k
	}
	t.N, t.Accepted, t.Rules = t.N+o.N, t.Accepted+o.Accepted, t.Rules+o.Rules
	t.Lamp, t.Lit, t.Unlit, t.Lamps = t.Lamp+o.Lamp, t.Lit+o.Lit, t.Unlit+o.Unlit, append(t.Lamps, o.Lamps...)
	t.Face.K, t.Face.N = t.Face.K+o.Face.K, t.Face.N+o.Face.N
	t.GivenUp, t.Hopeless, t.Wrongly = t.GivenUp+o.GivenUp, t.Hopeless+o.Hopeless, t.Wrongly+o.Wrongly
}
