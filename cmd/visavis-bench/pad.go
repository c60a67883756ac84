package main

import (
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"slices"
	"strings"
	"time"

	"visavis/biometrics/eye"
	"visavis/biometrics/rehearsal"
	"visavis/cmd/visavis-bench/internal/aims"
	"visavis/cmd/visavis-bench/internal/pad"
)

// padCmd is the verb pad.
type padCmd struct {
	Puppet     string   `default:"build/visavis-puppet" help:"The program that plays."`
	Weights    string   `default:"build/weights" help:"Folder of dlib's model files."`
	Faces      string   `default:"build/faces" help:"Folder of the demo's photographs."`
	N          int      `name:"n" default:"200" help:"Presentations of each attack; of each bona fide condition an eighth, five times as many looks for the fused score."`
	Species    []string `help:"Only these, by name; all otherwise. 'none' for clips alone."`
	Clips      string   `help:"Folder of clips: DIR/<live|print|screen|replay>/<film or folder of pictures>."`
	Limit      float64  `default:"1" help:"Fail when a species' APCER may be higher: the upper end of its 95% interval."`
	BpcerLimit float64  `name:"bpcer-limit" default:"1" help:"Fail when BPCER over all bona fide conditions is higher."`
	Keep       string   `help:"Folder that keeps what was played, so that a run goes on where it was broken off. It holds the descriptors of the demo's puppets, in clear; of clips nothing is kept."`
	Processes  int      `default:"1" help:"How many play at once."`

	Aims aims.File `type:"path" help:"Add a line for each aim to this file."`
}

// For each attack of a species so many: a part of a presentation of each bona fide condition, and looks for the fused score; and challenges
// that each film is played against.
const (
	honestShare = 8
	fusedShare  = 5
	replays     = 10
)

// Run implements the verb.
func (c *padCmd) Run(e *env) (err error) {
	if c.Keep != "" {
		if err := os.MkdirAll(c.Keep, 0o700); err != nil {
			return err
		}
	}
	species, err := c.chosen()
	if err != nil {
		return err
	}
	log := slog.New(slog.NewTextHandler(e.stderr, &slog.HandlerOptions{Level: slog.LevelWarn}))
	company, err := rehearsal.Open(e.ctx, eye.Command(c.Puppet, []string{"--rehearse", "--weights", c.Weights}, log), c.Processes)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, company.Close()) }()
	bench := &pad.Bench{Company: company, Faces: c.Faces, Keep: c.Keep, Cast: pad.Cast()}
	r := &padRun{padCmd: c, env: e, bench: bench, clock: progress{out: e.stderr, began: time.Now()}}
	if len(species) > 0 {
		err = r.puppets(species)
	}
	if err == nil && c.Clips != "" {
		err = r.shown()
	}
	return errors.Join(append(r.over, err)...)
}

// chosen are the species that were asked for.
func (c *padCmd) chosen() ([]pad.Species, error) {
	all := pad.AllSpecies()
	if len(c.Species) == 0 {
		return all, nil
	}
	if slices.Equal(c.Species, []string{"none"}) {
		return nil, nil
	}
	var chosen []pad.Species
	for _, name := range c.Species {
		i := slices.IndexFunc(all, func(s pad.Species) bool { return s.Name == name })
		if i < 0 {
			var names []string
			for _, s := range all {
				names = append(names, s.Name)
			}
			return nil, fmt.Errorf("no species %q: there are %s", name, strings.Join(names, ", "))
		}
		chosen = append(chosen, all[i])
	}
	return chosen, nil
}

// many is how often a species is presented.
func (c *padCmd) many(s pad.Species) int {
	switch s.Group {
	case pad.Honest:
		return max(1, c.N/honestShare)
	case pad.Beyond, pad.Forgery:
		return max(1, c.N/(2*honestShare))
	}
	return c.N
}

// padRun is one run of the verb.
type padRun struct {
	*padCmd
	*env
	bench *pad.Bench
	clock progress
	over  []error // limits that were exceeded
}

// puppets presents each species, and what follows from them.
func (r *padRun) puppets(species []pad.Species) error {
	var plain []pad.Species
	for _, s := range species {
		r.clock.all += r.many(s)
		if s.Plain() {
			plain = append(plain, s)
		}
	}
	if len(plain) > 0 {
		r.clock.all += fusedShare * r.N
	}
	if err := r.bench.Enrol(r.ctx); err != nil {
		return err
	}
	r.printEnrolled()
	tallies, films := map[pad.Group][]pad.Tally{}, []pad.Film(nil)
	for _, s := range species {
		t, shown, err := r.bench.Run(r.ctx, s, r.many(s), r.Processes, r.clock.tell)
		if err != nil {
			return err
		}
		tallies[s.Group] = append(tallies[s.Group], t)
		films = append(films, shown...)
	}
	if len(films) > 0 {
		t, err := r.bench.Replayed(films, replays)
		if err != nil {
			return err
		}
		tallies[pad.Attack] = append(tallies[pad.Attack], t)
	}
	r.printAttacks(tallies[pad.Attack], "Attacks")
	r.printAttacks(tallies[pad.Forgery], "A head that does as asked, on a screen: no refusal is promised")
	r.printHonest(tallies[pad.Honest])
	r.printBeyond(tallies[pad.Beyond])
	if len(plain) == 0 {
		return r.Aims.Add(padAims(tallies, nil)...)
	}
	f, err := r.bench.Fused(r.ctx, plain, fusedShare*r.N, r.Processes, r.clock.tell)
	if err != nil {
		return err
	}
	r.printFused(f)
	return r.Aims.Add(padAims(tallies, &f)...)
}

// progress is a line that says how far a run is.
type progress struct {
	out   io.Writer
	began time.Time
	said  time.Time
	done  int
	all   int
}

// tell is called after each play, by one goroutine at a time.
func (p *progress) tell(species string, done, of int) {
	p.done++
	now := time.Now()
	if now.Sub(p.said) < time.Second && done < of {
		return
	}
	p.said = now
	left := time.Duration(float64(now.Sub(p.began)) / float64(p.done) * float64(max(0, p.all-p.done)))
	_, _ = fmt.Fprintf(p.out, "\r%-10s %4d of %4d; %d of %d plays, about %v left   ", species, done, of, p.done, p.all, left.Round(time.Second))
	if done == of {
		_, _ = fmt.Fprintln(p.out)
	}
}
