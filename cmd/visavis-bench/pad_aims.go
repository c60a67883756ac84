package main

import (
	"fmt"

	"visavis/cmd/visavis-bench/internal/aims"
	"visavis/cmd/visavis-bench/internal/pad"
)

// What the gate's refusals are held to: upper ends of 95% intervals for attacks, a rate for people.
const (
	aimAPCER  = 0.02
	aimReplay = 0.01
	aimBPCER  = 0.03
	aimFused  = 0.01
)

// padAims are the lines of the table of aims that plays can say something about.
func padAims(tallies map[pad.Group][]pad.Tally, fused *pad.Fused) (lines []aims.Line) {
	for _, t := range tallies[pad.Attack] {
		most := aimAPCER
		if t.Species.Name == "replay" {
			most = aimReplay
		}
		lines = append(lines, refusedAim(t, most))
	}
	for _, t := range tallies[pad.Forgery] {
		lines = append(lines, aims.Line{
			What: "let in: " + t.Species.What, Aim: "no promise; stated", Measured: counted(t.APCER()), Outcome: aims.Held,
		})
	}
	if honest := tallies[pad.Honest]; len(honest) > 0 {
		all := pad.Tally{}
		for _, t := range honest {
			all.Merge(t)
		}
		lines = append(lines, aims.Line{
			What: fmt.Sprintf("people refused, over %d conditions", len(honest)), Aim: fmt.Sprintf("under %.0f%%", 100*aimBPCER),
			Measured: counted(all.BPCER()), Outcome: aims.If(all.BPCER().Rate() < aimBPCER),
		})
	}
	if fused != nil {
		lines = append(lines, aims.Line{
			What: "people not matched, by the fused score alone", Aim: fmt.Sprintf("at most %.0f%%", 100*aimFused),
			Measured: counted(fused.Misses), Outcome: aims.If(fused.Misses.N > 0 && fused.Misses.Rate() <= aimFused),
		})
	}
	return lines
}

// refusedAim: when none was let in, and they were too few to show it, nothing was missed.
func refusedAim(t pad.Tally, most float64) aims.Line {
	c := t.APCER()
	l := aims.Line{What: "let in: " + t.Species.What, Aim: fmt.Sprintf("surely under %.0f%%", 100*most), Measured: counted(c)}
	_, high := c.Interval()
	switch {
	case high <= most:
		l.Outcome = aims.Held
	case c.K == 0:
		l.Measured += "; more are needed to show it"
		l.Outcome = aims.Skipped
	}
	return l
}

// clipAim: real heads pass a challenge that their clip can be arranged to, and what is shown to the camera never does. A film that is arranged is a
// live forgery, so films count as they were filmed.
func clipAim(t pad.ClipTally) aims.Line {
	l := aims.Line{What: fmt.Sprintf("clips let in by their movement: %s", t.Kind), Aim: "none"}
	shown := t.Accepted
	if t.Kind == pad.Replay {
		shown = t.AsFilmed
	}
	l.Measured, l.Outcome = counted(shown), aims.If(shown.K == 0)
	if t.Kind == pad.Live {
		l.Aim, l.Outcome = "all", aims.If(shown.K == shown.N)
	}
	if shown.N == 0 {
		l.Outcome = aims.Skipped
	}
	return l
}

func counted(c pad.Count) string {
	low, high := c.Interval()
	return fmt.Sprintf("%d of %d (%.1f to %.1f%%)", c.K, c.N, 100*low, 100*high)
}
