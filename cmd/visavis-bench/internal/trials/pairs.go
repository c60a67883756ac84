package trials

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"

	"visavis/biometrics/match"
)

// Pair names two photographs to compare.
type Pair struct {
	Name   [2]string
	Number [2]int
}

// Same says whether both are of one person.
func (p Pair) Same() bool { return p.Name[0] == p.Name[1] }

// ErrPairs is what ReadPairs' errors wrap.
var ErrPairs = errors.New("not a list of pairs")

// ReadPairs reads a list in the form of Labeled Faces in the Wild: a line with a number n, then n lines `name i j` of one person and n lines
// `name i name j` of two, the words parted by tabs.
func ReadPairs(in io.Reader) ([]Pair, error) {
	lines := bufio.NewScanner(in)
	if !lines.Scan() {
		return nil, fmt.Errorf("%w: empty", ErrPairs)
	}
	n, err := strconv.Atoi(strings.TrimSpace(lines.Text()))
	if err != nil || n < 1 || n > 1<<20 {
		return nil, fmt.Errorf("%w: %q is no number of pairs", ErrPairs, lines.Text())
	}
	var pairs []Pair
	for lines.Scan() {
		p, err := readPair(strings.Split(strings.TrimSpace(lines.Text()), "\t"))
		if err != nil {
			return nil, fmt.Errorf("%w: line %d: %w", ErrPairs, len(pairs)+2, err)
		}
		if p.Same() != (len(pairs) < n) {
			return nil, fmt.Errorf("%w: line %d is of the wrong kind", ErrPairs, len(pairs)+2)
		}
		pairs = append(pairs, p)
	}
	if err := lines.Err(); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrPairs, err)
	}
	if len(pairs) != 2*n {
		return nil, fmt.Errorf("%w: %d pairs, want %d", ErrPairs, len(pairs), 2*n)
	}
	return pairs, nil
}

func readPair(words []string) (p Pair, err error) {
	switch len(words) {
	case 3:
		words = []string{words[0], words[1], words[0], words[2]}
	case 4:
	default:
		return Pair{}, fmt.Errorf("%d words", len(words))
	}
	for i := range 2 {
		p.Name[i] = words[2*i]
		if p.Number[i], err = strconv.Atoi(words[2*i+1]); err != nil {
			return Pair{}, err
		}
	}
	return p, nil
}

// Listed compares the listed pairs; missing counts those of which a photograph was not described.
func Listed(people []Person, pairs []Pair) (o Outcome, missing int) {
	o.Name = "listed pairs"
	at := map[string]Person{}
	for _, p := range people {
		at[p.Name] = p
	}
	for _, p := range pairs {
		a, okA := at[p.Name[0]].Face(p.Number[0])
		b, okB := at[p.Name[1]].Face(p.Number[1])
		switch {
		case !okA || !okB:
			missing++
		case p.Same():
			o.Genuine.Add(match.Distance(a.V, b.V), 1)
		default:
			o.Impostor.Add(match.Distance(a.V, b.V), 1)
		}
	}
	return o, missing
}

// Single compares every photograph with every other.
func Single(people []Person) Outcome {
	o := Outcome{Name: "one against one, all pairs"}
	o.Impostor = gather(len(people), func(t *Tally, i int) {
		for _, other := range people[i+1:] {
			for _, a := range people[i].Faces {
				for _, b := range other.Faces {
					t.Add(match.Distance(a.V, b.V), 1)
				}
			}
		}
	})
	for _, p := range people {
		for i, a := range p.Faces {
			for _, b := range p.Faces[i+1:] {
				o.Genuine.Add(match.Distance(a.V, b.V), 1)
			}
		}
	}
	return o
}
