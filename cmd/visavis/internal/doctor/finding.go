package doctor

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"
)

// State says how bad a finding is. The zero value is the worst.
type State uint8

// The states.
const (
	Fail      State = 0 // nobody can log in here with this
	Attention State = 1 // it works, and would work better
	OK        State = 2
	Skipped   State = 3 // not examined
	stateEnd  State = 4
)

var stateTexts = [stateEnd]string{"fail", "attention", "ok", "skipped"}

func (s State) String() string {
	if s >= stateEnd {
		return stateTexts[Fail]
	}
	return stateTexts[s]
}

// MarshalText writes the state's name.
func (s State) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// Finding is what one check found.
type Finding struct {
	Check string   `json:"check"`
	State State    `json:"state"`
	Text  string   `json:"text"`
	Cures []string `json:"cures,omitempty"` // what to do, the likeliest first
}

func good(check, format string, args ...any) Finding {
	return Finding{Check: check, State: OK, Text: fmt.Sprintf(format, args...)}
}

func skipped(check, why string) Finding { return Finding{Check: check, State: Skipped, Text: why} }

func (f Finding) but(s State, cures ...string) Finding {
	f.State = s
	f.Cures = append(f.Cures, cures...)
	return f
}

// Report is all that was found.
type Report struct {
	OK       bool      `json:"ok"` // nothing failed
	Findings []Finding `json:"findings"`
}

func (r *Report) add(f Finding) {
	r.Findings = append(r.Findings, f)
	r.OK = true
	for _, f := range r.Findings {
		r.OK = r.OK && f.State != Fail
	}
}

// JSON writes the report for scripts.
func (r Report) JSON(out io.Writer) error {
	enc := json.NewEncoder(out)
	enc.SetIndent("", "  ")
	return enc.Encode(r)
}

// Print writes one finding for people: a line, and below it each cure.
func (f Finding) Print(out io.Writer) {
	_, _ = fmt.Fprintf(out, "  %-9s  %-8s  %s\n", f.State, f.Check, f.Text)
	for _, cure := range f.Cures {
		_, _ = fmt.Fprintf(out, "  %-9s  %-8s  → %s\n", "", "", cure)
	}
}

// Conclude writes what all findings come to.
func (r Report) Conclude(out io.Writer) {
	count := map[State]int{}
	for _, f := range r.Findings {
		count[f.State]++
	}
	switch {
	case !r.OK:
		_, _ = fmt.Fprintf(out, "\n%s to be mended first, %s to look at.\n", things(count[Fail]), things(count[Attention]))
	case count[Attention] > 0:
		_, _ = fmt.Fprintf(out, "\nThis works; %s to look at.\n", things(count[Attention]))
	default:
		_, _ = fmt.Fprintln(out, "\nAll is well.")
	}
}

func things(n int) string {
	switch n {
	case 0:
		return "nothing"
	case 1:
		return "one thing"
	}
	return fmt.Sprintf("%d things", n)
}

// split takes an error that says "what: cure" apart.
func split(sentinel error) (what, cure string) {
	what, cure, _ = strings.Cut(sentinel.Error(), ": ")
	return what, cure
}
