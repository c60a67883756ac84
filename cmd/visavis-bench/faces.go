package main

import (
	"bytes"
	"errors"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"

	"visavis/biometrics/match"
	"visavis/cmd/visavis-bench/internal/aims"
	"visavis/cmd/visavis-bench/internal/det"
	"visavis/cmd/visavis-bench/internal/trials"
)

// facesCmd measures how well faces are told apart, and makes the table of levels that biometrics/match ships.
type facesCmd struct {
	Images  string    `required:"" type:"existingdir" help:"Folder of photographs: a folder a person, and in it files that end in the photograph's number, as in Labeled Faces in the Wild."`
	Pairs   string    `type:"existingfile" help:"List of pairs to compare beside all others, in the form of Labeled Faces in the Wild."`
	Weights string    `type:"existingdir" help:"Folder of dlib's model files."`
	Eye     string    `help:"The eye; by default visavis-eye beside this program, or on the path."`
	Det     string    `type:"path" help:"Draw the DET curves into this PNG file."`
	Levels  string    `type:"path" help:"Write the table of levels into this file."`
	Aims    aims.File `type:"path" help:"Add a line for each aim to this file."`
	Tried   bool      `help:"Print other scores too, which were tried and not kept."`
	Eyes    int       `default:"0" help:"Eyes that describe side by side; by default one a processor."`
}

// Run describes every photograph, compares all with all, and prints what it finds.
func (c *facesCmd) Run(e *env) error {
	pairs, err := c.readPairs()
	if err != nil {
		return err
	}
	described, err := c.describe(e)
	if err != nil {
		return err
	}
	people, err := described.people()
	if err != nil {
		return err
	}
	p := &facesPrinter{out: e.stdout}
	p.acquired(described, people)
	single := trials.Single(people)
	p.single(&single, people, pairs)
	rates := trials.Measure(people)
	p.fused(&single, rates, people)
	table := rates.Table(described.Weights, &single)
	if err := p.levels(table, rates, people); err != nil {
		return err
	}
	p.heldOut(people, described.Weights)
	if err := p.insiders(people); err != nil {
		return err
	}
	p.mixed(people)
	search, err := trials.TimeSearch(100_000, 50)
	if err != nil {
		return err
	}
	p.search(search)
	if c.Tried {
		p.tried(people)
	}
	lines, err := facesAims(&single, rates, table, search)
	if err != nil {
		return err
	}
	return errors.Join(c.write(table, &single, rates), c.Aims.Add(lines...))
}

func (c *facesCmd) readPairs() ([]trials.Pair, error) {
	if c.Pairs == "" {
		return nil, nil
	}
	b, err := os.ReadFile(c.Pairs)
	if err != nil {
		return nil, err
	}
	return trials.ReadPairs(bytes.NewReader(b))
}

// write leaves the files that were asked for.
func (c *facesCmd) write(table match.Table, single *trials.Outcome, rates *trials.Rates) error {
	if c.Levels != "" {
		b, err := table.Encode()
		if err != nil {
			return err
		}
		if err := os.WriteFile(c.Levels, b, 0o644); err != nil {
			return err
		}
	}
	if c.Det == "" {
		return nil
	}
	b, err := det.Draw("Photographs of other days against each other", det.Level{Name: "1 in 10,000", Rate: 1e-4},
		det.Curve{Name: "one against one", Outcome: single},
		det.Curve{Name: "3 enrolled, 1 live", Outcome: &rates[0][0]},
		det.Curve{Name: "3 enrolled, 2 live", Outcome: &rates[0][1]},
		det.Curve{Name: "5 enrolled, 1 live", Outcome: &rates[2][0]},
	)
	if err != nil {
		return err
	}
	return os.WriteFile(c.Det, b, 0o644)
}

// eyePath finds the eye: where it was said, beside this program, or on the path.
func eyePath(said string) (string, error) {
	if said != "" {
		return said, nil
	}
	if self, err := os.Executable(); err == nil {
		beside := filepath.Join(filepath.Dir(self), "visavis-eye")
		if info, err := os.Stat(beside); err == nil && info.Mode().IsRegular() {
			return beside, nil
		}
	}
	path, err := exec.LookPath("visavis-eye")
	if err != nil {
		return "", errors.New("no eye: name visavis-eye with --eye, or put it beside this program")
	}
	return path, nil
}

// eyeLog keeps an eye's words, but for those of everyday.
func eyeLog(e *env) *slog.Logger {
	return slog.New(slog.NewTextHandler(e.stderr, &slog.HandlerOptions{Level: slog.LevelWarn}))
}
