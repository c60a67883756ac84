package main

import (
	"bytes"
	"fmt"
	"time"

	"visavis/biometrics/match"
	"visavis/cmd/visavis-bench/internal/aims"
	"visavis/cmd/visavis-bench/internal/trials"
)

// facesAims are the lines of the table of aims that photographs can say something about.
func facesAims(single *trials.Outcome, rates *trials.Rates, table match.Table, search trials.Search) ([]aims.Line, error) {
	made, err := table.Encode()
	if err != nil {
		return nil, err
	}
	shipped, err := match.Shipped().Encode()
	if err != nil {
		return nil, err
	}
	equal := bytes.Equal(made, shipped)
	const stated = "stated, with n and interval"
	lines := []aims.Line{
		{What: "one photograph against one: refused at 1 stranger in 10,000", Aim: stated, Measured: refusedAt(single), Outcome: aims.Held},
		{What: "three enrolled against two live: the same", Aim: stated, Measured: refusedAt(&rates[0][1]), Outcome: aims.Held},
		{What: "three enrolled against three live: the same", Aim: stated, Measured: refusedAt(&rates[0][2]), Outcome: aims.Held},
		{What: "the levels that are shipped", Aim: "as measured here", Measured: map[bool]string{true: "equal", false: "others"}[equal], Outcome: aims.If(equal)},
	}
	for _, level := range []match.Level{match.OneIn10000, match.OneIn100000} {
		lines = append(lines, levelAim(level, rates))
	}
	return append(lines, aims.Line{
		What: fmt.Sprintf("who is nearest among %d, exact", search.People), Aim: "at most 15 ms",
		Measured: fmt.Sprintf("median %.1f ms (n %d, slowest %.1f), %.1f times reading the memory", 1e3*search.Median.Seconds(), search.Searches,
			1e3*search.Slowest.Seconds(), search.Median.Seconds()/search.Reading.Seconds()),
		Outcome: aims.If(search.Median <= 15*time.Millisecond),
	}), nil
}

func refusedAt(o *trials.Outcome) string {
	if o.Genuine.Total() == 0 {
		return "nobody has so many photographs"
	}
	v, in := o.FNMR(o.Impostor.At(1e-4))
	return fmt.Sprintf("%.2f%% (n %.0f, %.2f to %.2f; %.0f pairs of strangers)", 100*v, o.Genuine.Total(), 100*in.Low, 100*in.High, o.Impostor.Total())
}

// levelAim is whether a level's bounds keep its rate, up to the intervals' upper ends, wherever there are strangers enough to show it.
func levelAim(level match.Level, rates *trials.Rates) aims.Line {
	line := aims.Line{What: fmt.Sprintf("level %v: strangers who pass, at worst", level), Aim: fmt.Sprintf("at most %.0f in a million", 1e6/float64(level.OneIn()))}
	worst, n, ways := 0.0, 0.0, 0
	for e := range rates {
		for l := range rates[e] {
			o := &rates[e][l].Impostor
			if o.Shown(1/float64(level.OneIn())) == 0 {
				continue // too few
			}
			k := o.Within(level.Bounds(e + match.MinViews).Fused)
			if in := trials.Wilson(k, o.Total()); ways == 0 || in.High > worst {
				worst, n = in.High, o.Total()
			}
			ways++
		}
	}
	if ways == 0 {
		line.Measured, line.Outcome = "too few persons to show it", aims.Skipped
		return line
	}
	line.Measured = fmt.Sprintf("%.1f in a million (upper end of 95%%, n %.0f; the worst of %d numbers of enrolled and live)", 1e6*worst, n, ways)
	line.Outcome = aims.If(worst <= 1/float64(level.OneIn()))
	return line
}
