package main

import (
	"bytes"
	"fmt"
	"io"
	"math"
	"slices"

	"visavis/biometrics/match"
	"visavis/cmd/visavis-bench/internal/trials"
)

// facesPrinter prints what facesCmd found. Every share stands with what it is a share of and its interval of 95%, after Wilson.
type facesPrinter struct{ out io.Writer }

func (p *facesPrinter) say(format string, args ...any) {
	_, _ = fmt.Fprintf(p.out, format+"\n", args...)
}

// share is a share in per cent with its interval.
func share(v float64, in trials.Interval) string {
	if math.IsNaN(v) {
		return "of nobody"
	}
	return fmt.Sprintf("%6.2f%% (%.2f to %.2f)", 100*v, 100*in.Low, 100*in.High)
}

// ppm is a share in a million with its interval.
func ppm(v float64, in trials.Interval) string {
	return fmt.Sprintf("%8.1f (%.1f to %.1f)", 1e6*v, 1e6*in.Low, 1e6*in.High)
}

func (p *facesPrinter) acquired(d *described, people []trials.Person) {
	all, failed := float64(len(d.Paths)), float64(len(d.Paths)-len(d.Faces))
	p.say("Weights %s. %d photographs of %d persons; %d persons have 2 or more, %d 3, %d 5, %d 6, %d 8.", d.Weights, len(d.Faces), len(people),
		trials.AtLeast(people, 2), trials.AtLeast(people, 3), trials.AtLeast(people, 5), trials.AtLeast(people, 6), trials.AtLeast(people, 8))
	p.say("Failure to acquire: %.0f of %.0f, %s; %d more were described after a crop to their middle.", failed, all, share(failed/all, trials.Wilson(failed, all)), d.Cropped)
	var norms []float64
	for _, who := range people {
		for _, f := range who.Faces {
			norms = append(norms, f.Norm)
		}
	}
	slices.Sort(norms)
	p.say("Norm before scaling: %.3f to %.3f, median %.3f (accepted: %.1f to %.1f).", norms[0], norms[len(norms)-1], norms[len(norms)/2], match.MinNorm, match.MaxNorm)
	p.say("Shares with their interval of 95%% (Wilson), which takes comparisons as independent; they share persons, so the truth is wider.")
}

func (p *facesPrinter) single(single *trials.Outcome, people []trials.Person, pairs []trials.Pair) {
	p.say("\nOne photograph against one\n")
	p.thresholds(single, 0.26, 0.44)
	if pairs == nil {
		return
	}
	listed, missing := trials.Listed(people, pairs)
	p.say("\nListed pairs (%.0f of one person, %.0f of two; %d with a photograph that was not described)\n", listed.Genuine.Total(), listed.Impostor.Total(), missing)
	p.thresholds(&listed, 0.30, 0.44)
}

// thresholds prints both rates from one threshold to another.
func (p *facesPrinter) thresholds(o *trials.Outcome, from, to float64) {
	p.say("| distance | strangers who pass, in a million, of %.0f | right people refused, of %.0f |", o.Impostor.Total(), o.Genuine.Total())
	p.say("|---|---|---|")
	for t := from; t < to+0.001; t += 0.02 {
		fmr, in := o.FMR(t)
		fnmr, around := o.FNMR(t)
		p.say("| %.2f | %s | %s |", t, ppm(fmr, in), share(fnmr, around))
	}
}

var levelRates = []struct {
	name string
	rate float64
}{{"1 in 1,000", 1e-3}, {"1 in 10,000", 1e-4}, {"1 in 100,000", 1e-5}}

// fused prints all ways of comparing at the rates that levels are named by.
func (p *facesPrinter) fused(single *trials.Outcome, rates *trials.Rates, people []trials.Person) {
	p.say("\nWhere a rate is reached, and what it costs (lowest: the nearest strangers)\n")
	p.say("| enrolled, live | pairs of strangers | lowest | right people | rate | distance | refused |")
	p.say("|---|---|---|---|---|---|---|")
	p.atRates("one against one", single)
	for e := range rates {
		for l := range rates[e] {
			p.atRates(fmt.Sprintf("%d, %d", e+match.MinViews, l+1), &rates[e][l])
		}
	}
	p.say("\nThree enrolled against two live\n")
	p.thresholds(&rates[0][1], 0.22, 0.34)
	p.say("\nThree enrolled against three live\n")
	p.thresholds(&rates[0][2], 0.22, 0.34)
}

func (p *facesPrinter) atRates(name string, o *trials.Outcome) {
	for _, l := range levelRates {
		if l.rate*o.Impostor.Total() < 1 {
			continue // fewer strangers than one of whom would pass
		}
		t, refused := o.Impostor.At(l.rate), "nobody has so many photographs"
		if o.Genuine.Total() > 0 {
			refused = share(o.FNMR(t))
		}
		p.say("| %s | %.0f | %.3f | %.0f | %s | %.4f | %s |", name, o.Impostor.Total(), o.Impostor.Lowest(), o.Genuine.Total(), l.name, t, refused)
	}
}

// levels prints the table, what it does to the people it was made of, and whether it is the one that is shipped.
func (p *facesPrinter) levels(table match.Table, rates *trials.Rates, people []trials.Person) error {
	b, err := table.Encode()
	if err != nil {
		return err
	}
	p.say("\nThe table of levels (biometrics/match/levels.json)\n\n%s", bytes.TrimSpace(b))
	shipped, err := match.Shipped().Encode()
	if err != nil {
		return err
	}
	if bytes.Equal(b, shipped) {
		p.say("\nIt equals the shipped one.")
	} else {
		p.say("\nIt DIFFERS from the shipped one:\n\n%s", bytes.TrimSpace(shipped))
	}
	p.say("\nThe shipped bounds on these people\n")
	p.say("| level | enrolled, live | bound | strangers who pass, in a million | pairs | right people refused | the same, with a bound on every photograph |")
	p.say("|---|---|---|---|---|---|---|")
	for _, level := range []match.Level{match.OneIn10000, match.OneIn100000} {
		for _, el := range [][2]int{{3, 1}, {3, 2}, {3, 3}, {4, 2}, {5, 1}, {5, 2}, {5, 3}, {7, 1}} {
			o := &rates[el[0]-match.MinViews][el[1]-1]
			bounds := level.Bounds(el[0])
			refused, n := trials.Every(people, el[0], el[1], bounds)
			p.say("| %v | %d, %d | %.3f | %s | %.0f | %s | %s |", level, el[0], el[1], bounds.Fused, ppm(o.FMR(bounds.Fused)), o.Impostor.Total(),
				share(o.FNMR(bounds.Fused)), share(refused/n, trials.Wilson(refused, n)))
		}
	}
	return nil
}

// heldOut makes the table of one half of the people and judges it by the other half.
func (p *facesPrinter) heldOut(people []trials.Person, weights string) {
	a, b := trials.Halves(people)
	p.say("\nBounds made of one half of the people (by a hash of their names), judged on the other\n")
	p.say("| made of | judged on | level | enrolled, live | bound | strangers who pass, in a million | pairs | right people refused | people |")
	p.say("|---|---|---|---|---|---|---|---|---|")
	for _, way := range []struct {
		from, to      string
		tuned, judged []trials.Person
	}{{"A", "B", a, b}, {"B", "A", b, a}} {
		single := trials.Single(way.tuned)
		table := trials.Measure(way.tuned).Table(weights, &single)
		for i, level := range []match.Level{match.OneIn10000, match.OneIn100000} {
			for _, el := range [][2]int{{3, 2}, {3, 3}, {5, 2}, {5, 3}} {
				o := trials.Fused(way.judged, el[0], el[1])
				t := table.Levels[i].Fused[el[0]-match.MinViews]
				if math.IsInf(t, 0) {
					p.say("| %s | %s | %v | %d, %d | too few people to show it | | | | |", way.from, way.to, level, el[0], el[1])
					continue
				}
				p.say("| %s | %s | %v | %d, %d | %.3f | %s | %.0f | %s | %.0f |", way.from, way.to, level, el[0], el[1], t, ppm(o.FMR(t)), o.Impostor.Total(),
					share(o.FNMR(t)), o.Genuine.Total())
			}
		}
	}
}

// insiders prints what those who are enrolled reach by claiming to be each other. At the shipped bounds next to nobody passes, so the rules are compared at looser
// ones, too, which 1 in 1,000 strangers pass.
func (p *facesPrinter) insiders(people []trials.Person) error {
	p.say("\nPeople who are enrolled claim to be each other\n")
	p.say("| enrolled, live | bound | rule | people | of them tightened | insiders who pass, in a million | right people refused |")
	p.say("|---|---|---|---|---|---|---|")
	for _, el := range [][2]int{{3, 1}, {3, 2}} {
		o := trials.Fused(people, el[0], el[1])
		b := match.OneIn10000.Bounds(el[0])
		loose := b
		loose.Fused = o.Impostor.At(1e-3)
		for _, bounds := range []match.Bounds{b, loose} {
			found, err := trials.TryInsiders(people, el[0], el[1], bounds)
			if err != nil {
				return err
			}
			for _, r := range found {
				p.say("| %d, %d | %.3f | %s | %d | %d | %s | %s |", el[0], el[1], bounds.Fused, r.Rule, r.People, r.Tightened,
					ppm(r.Passed/r.Tries, trials.Wilson(r.Passed, r.Tries)), share(r.Refused/r.Owner, trials.Wilson(r.Refused, r.Owner)))
			}
		}
	}
	refused, n := trials.Doubles(people, 3, 1, match.OneIn10000.Bounds(match.MinViews))
	p.say("\nWho has two accounts, of 3 photographs each, is refused at one of them with 1 live since the other is nearer: %s of %.0f", share(refused/n, trials.Wilson(refused, n)), n)
	return nil
}

// search prints how long the search for lookalikes takes.
func (p *facesPrinter) search(s trials.Search) {
	p.say("\nWho is nearest among %d: median %.1f ms, slowest %.1f ms of %d searches; %.1f times as long as to read as much memory.", s.People,
		1e3*s.Median.Seconds(), 1e3*s.Slowest.Seconds(), s.Searches, s.Median.Seconds()/s.Reading.Seconds())
}

func (p *facesPrinter) mixed(people []trials.Person) {
	m := trials.Mixed(people, match.OneIn10000.Bounds(match.MinViews))
	p.say("\nTwo persons mixed: photographs of a person, and of a stranger among them\n")
	p.say("| what | tries | pass |")
	p.say("|---|---|---|")
	for _, r := range []struct {
		what     string
		k, tries int
	}{
		{"two and one, live, by their mean alone", m.ByMean, m.Tries},
		{"two and one, live, with a bound on every photograph too", m.ByFrames, m.Tries},
		{"two and one, as three views of a template", m.AsView, m.Tries},
		{"three and two, as five views of a template", m.AsHalf, m.HalfTries},
	} {
		k, n := float64(r.k), float64(r.tries)
		p.say("| %s | %d | %s |", r.what, r.tries, share(k/n, trials.Wilson(k, n)))
	}
}

// tried prints other scores at 1 in 10,000, each judged on the half of the people from whom it did not learn.
func (p *facesPrinter) tried(people []trials.Person) {
	a, b := trials.Halves(people)
	p.say("\nOther scores at 1 in 10,000 strangers: right people refused, in each half of the people; what learns from people learned from the other half\n")
	p.say("| score | 3 enrolled, 1 live: half A | half B | 3 enrolled, 2 live: half A | half B |")
	p.say("|---|---|---|---|---|")
	for _, t := range trials.Tries() {
		line := "| " + t.Name
		for _, live := range []int{1, 2} {
			for _, way := range [][2][]trials.Person{{b, a}, {a, b}} {
				o := trials.JudgeTry(t, way[0], way[1], 3, live)
				line += " | " + share(o.FNMR(o.Impostor.At(1e-4)))
			}
		}
		p.say("%s |", line)
	}
}
