package main

import (
	"fmt"
	"math"

	"visavis/cmd/visavis-bench/internal/pad"
)

func (r *padRun) say(format string, args ...any) { _, _ = fmt.Fprintf(r.stdout, format+"\n", args...) }

// printEnrolled is a table of the cast.
func (r *padRun) printEnrolled() {
	r.say("\n## Enrolled\n\n| who | tries | views | with glasses too | apart | nearest other | bound of the fused distance |\n|---|---|---|---|---|---|---|")
	for _, e := range r.bench.Enrolled() {
		r.say("| %s | %d | %d | %v | %.3f | %.3f | %.3f |", e.Name, e.Tries, e.Views, e.Glasses, e.Apart, e.Nearest, e.Bound)
	}
}

// printAttacks is a table of who was let in, and of what alone would have refused.
func (r *padRun) printAttacks(tallies []pad.Tally, title string) {
	if len(tallies) == 0 {
		return
	}
	r.say("\n## %s\n\n| species | accepted (APCER, 95%%) | refused for | by the movement alone | by the face alone | by the light alone | light's median | fused distance |\n|---|---|---|---|---|---|---|---|", title)
	all := pad.Tally{}
	for _, t := range tallies {
		r.say("| %s: %s | %v | %s | %d of %d | %s | %s | %s | %s |", t.Species.Name, t.Species.What, t.APCER(), t.Why(), t.Rules, t.N, of(t.Face.K, t.Face.N), of(t.Lamp, t.Lit), score(t.Median()), t.Range())
		all.Merge(t)
		if _, high := t.APCER().Interval(); t.Species.Group == pad.Attack && high > r.Limit {
			r.over = append(r.over, fmt.Errorf("%s: APCER may be %.1f%%, over %.1f%%", t.Species.Name, 100*high, 100*r.Limit))
		}
	}
	r.printStops(all)
}

// printStops is what giving up rests on.
func (r *padRun) printStops(t pad.Tally) {
	if t.GivenUp > 0 {
		r.say("\n%d plays ended early, when not half of a gesture had been made that was asked for. Of %d like them that were played to the end, %d were accepted.", t.GivenUp, t.Hopeless, t.Wrongly)
	}
}

// of is k of n, or that there was nothing to count.
func of(k, n int) string {
	if n == 0 {
		return "not judged"
	}
	return fmt.Sprintf("%d of %d", k, n)
}

func score(v float64) string {
	if math.IsNaN(v) {
		return ""
	}
	return fmt.Sprintf("%.2f", v)
}

func (r *padRun) printHonest(tallies []pad.Tally) {
	if len(tallies) == 0 {
		return
	}
	all := pad.Tally{Species: pad.Species{Name: "all"}}
	r.say("\n## People\n\n| condition | refused (BPCER, 95%%) | refused for | by the light, were it required | light's median | fused distance |\n|---|---|---|---|---|---|")
	for _, t := range tallies {
		all.Merge(t)
		r.printCondition(t)
	}
	r.printCondition(all)
	if rate := all.BPCER().Rate(); rate > r.BpcerLimit {
		r.over = append(r.over, fmt.Errorf("BPCER is %.1f%%, over %.1f%%", 100*rate, 100*r.BpcerLimit))
	}
}

func (r *padRun) printCondition(t pad.Tally) {
	r.say("| %s: %s | %v | %s | %s | %s | %s |", t.Species.Name, t.Species.What, t.BPCER(), t.Why(), of(t.Lamp+t.Unlit, t.N), score(t.Median()), t.Range())
}

func (r *padRun) printBeyond(tallies []pad.Tally) {
	if len(tallies) == 0 {
		return
	}
	r.say("\n## Too poor a picture\n\n| condition | told before the challenge | what was told |\n|---|---|---|")
	for _, t := range tallies {
		r.say("| %s: %s | %d of %d | %s |", t.Species.Name, t.Species.What, t.N-t.Accepted, t.N, t.Why())
	}
}

func (r *padRun) printFused(f pad.Fused) {
	r.say("\n## The fused score alone, five frames a look, under noise, blur, exposure and light from a side\n\nfalse non-matches: %v; failures to acquire: %v; farthest %.3f, bound %.3f", f.Misses, f.Failures, f.Farthest, f.Bound)
}
