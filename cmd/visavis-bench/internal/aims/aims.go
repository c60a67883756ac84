package aims

import (
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"text/tabwriter"
)

// Outcome is what became of an aim. The zero value is the worst.
type Outcome uint8

// The outcomes.
const (
	Missed  Outcome = 0
	Held    Outcome = 1
	Skipped Outcome = 2 // not measured: there was nothing to measure on
)

var texts = [...]string{Missed: "missed", Held: "held", Skipped: "skipped"}

func (o Outcome) String() string {
	if int(o) >= len(texts) {
		return texts[Missed]
	}
	return texts[o]
}

// If is Held if ok.
func If(ok bool) Outcome {
	if ok {
		return Held
	}
	return Missed
}

// Line is one aim.
type Line struct {
	What     string // what was measured, on what
	Aim      string // "at most 0.60"
	Measured string // "0.57 (n 1,000, 0.55 to 0.59)", or why it was not
	Outcome  Outcome
}

// File is a file of lines, to be used as a flag; the empty one takes none.
type File string

// ErrLine says that a file holds something else than lines.
var ErrLine = errors.New("not a file of aims")

// Add adds lines.
func (f File) Add(lines ...Line) (err error) {
	if f == "" {
		return nil
	}
	out, err := os.OpenFile(string(f), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o644)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, out.Close()) }()
	for _, l := range lines {
		if strings.ContainsAny(l.What+l.Aim+l.Measured, "\t\n") {
			return fmt.Errorf("%w: %q", ErrLine, l)
		}
		if _, err := fmt.Fprintf(out, "%s\t%s\t%s\t%s\n", l.What, l.Aim, l.Measured, l.Outcome); err != nil {
			return err
		}
	}
	return nil
}

// Read returns the lines, in their order.
func (f File) Read() ([]Line, error) {
	b, err := os.ReadFile(string(f))
	if err != nil {
		return nil, err
	}
	var lines []Line
	for text := range strings.Lines(string(b)) {
		fields := strings.Split(strings.TrimSuffix(text, "\n"), "\t")
		if len(fields) != 4 {
			return nil, fmt.Errorf("%s: %w: %q", f, ErrLine, text)
		}
		l := Line{What: fields[0], Aim: fields[1], Measured: fields[2]}
		for o, name := range texts {
			if name == fields[3] {
				l.Outcome = Outcome(o)
			}
		}
		lines = append(lines, l)
	}
	return lines, nil
}

// Print writes lines as a table, and below it how many were held.
func Print(out io.Writer, lines []Line) error {
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	var count [len(texts)]int
	_, _ = fmt.Fprintln(w, "what\taim\tmeasured\t")
	for _, l := range lines {
		count[l.Outcome]++
		_, _ = fmt.Fprintf(w, "%s\t%s\t%s\t%s\n", l.What, l.Aim, l.Measured, l.Outcome)
	}
	if err := w.Flush(); err != nil {
		return err
	}
	_, err := fmt.Fprintf(out, "\n%d held, %d missed, %d skipped\n", count[Held], count[Missed], count[Skipped])
	return err
}
