package match

import (
	"bytes"
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"slices"
	"sync"
)

//go:embed levels.json
var shippedLevels []byte

// Table holds bounds as they were measured for one version of the weights; distances of other weights have other bounds. `visavis-bench faces`
// makes it and says whether it equals the one that is shipped.
type Table struct {
	Weights string  `json:"weights"`
	Share   float64 `json:"share"` // of the distance to the nearest other person, which a tightened Fused does not exceed
	Floor   float64 `json:"floor"` // no Fused is tightened below this
	Rival   float64 `json:"rival"` // Bounds.Rival of every level
	Levels  []Rates `json:"levels"`
}

// Rates are the bounds of one level, named by its rate. Each is a distance of unit vectors, 0 to 2.
type Rates struct {
	OneIn  int                              `json:"one_in"`
	Fused  [MaxViews - MinViews + 1]float64 `json:"fused"` // for MinViews enrolled views, and each number up to MaxViews
	Front  float64                          `json:"front"`
	Turned float64                          `json:"turned"`
	Step   float64                          `json:"step"`
	View   float64                          `json:"view"`
}

// ErrTable is what ParseTable's errors wrap.
var ErrTable = errors.New("not a table of levels")

// strictest is the loosest rate that a level may have.
const strictest = 10000

// ParseTable reads a table and refuses one that would let in whom no level may: a rate looser than 1 in 10,000, a bound that is no distance, more
// views with a looser bound than fewer, or a rarer rate with a looser bound.
func ParseTable(b []byte) (Table, error) {
	var t Table
	d := json.NewDecoder(bytes.NewReader(b))
	d.DisallowUnknownFields()
	if err := d.Decode(&t); err != nil {
		return Table{}, fmt.Errorf("%w: %w", ErrTable, err)
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return Table{}, fmt.Errorf("%w: something follows it", ErrTable)
	}
	if err := t.validate(); err != nil {
		return Table{}, err
	}
	return t, nil
}

func (t Table) validate() error {
	if t.Weights == "" || len(t.Levels) == 0 {
		return fmt.Errorf("%w: no weights, or no level", ErrTable)
	}
	if !distances(t.Share, t.Floor, t.Rival) {
		return fmt.Errorf("%w: share %v, floor %v, rival %v", ErrTable, t.Share, t.Floor, t.Rival)
	}
	for i, l := range t.Levels {
		switch {
		case l.OneIn < strictest:
			return fmt.Errorf("%w: 1 in %d is looser than 1 in %d", ErrTable, l.OneIn, strictest)
		case !distances(slices.Concat(l.Fused[:], []float64{l.Front, l.Turned, l.Step, l.View})...):
			return fmt.Errorf("%w: 1 in %d: a bound that is no distance", ErrTable, l.OneIn)
		case !falling(l.Fused[:]) || l.Front < l.Fused[0]:
			return fmt.Errorf("%w: 1 in %d: more views, or one frame, with a bound that does not fit", ErrTable, l.OneIn)
		case i > 0 && (l.OneIn <= t.Levels[i-1].OneIn || !within(l.Fused, t.Levels[i-1].Fused)):
			return fmt.Errorf("%w: 1 in %d is not the stricter one", ErrTable, l.OneIn)
		}
	}
	return nil
}

// distances says whether all could be distances that tell people apart: above 0, below 1.
func distances(ds ...float64) bool {
	return !slices.ContainsFunc(ds, func(d float64) bool { return !(d > 0 && d < 1) })
}

func falling(ds []float64) bool {
	return slices.IsSortedFunc(ds, func(a, b float64) int { return -compare(a, b) })
}

func compare(a, b float64) int {
	switch {
	case a < b:
		return -1
	case a > b:
		return 1
	}
	return 0
}

func within(a, b [MaxViews - MinViews + 1]float64) bool {
	for i := range a {
		if a[i] > b[i] {
			return false
		}
	}
	return true
}

// Encode is the form that ParseTable reads, and that is shipped.
func (t Table) Encode() ([]byte, error) {
	if err := t.validate(); err != nil {
		return nil, err
	}
	b, err := json.MarshalIndent(t, "", "  ")
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrTable, err)
	}
	return append(b, '\n'), nil
}

// Shipped is the table that Level.Bounds reads. Should it not parse, it is the zero Table and nobody is let in.
func Shipped() Table { return shipped() }

var shipped = sync.OnceValue(func() Table {
	t, err := ParseTable(shippedLevels)
	if err != nil {
		return Table{}
	}
	return t
})

// nobodys bounds are below every distance.
var nobodys = Bounds{Fused: -1, Front: -1, Turned: -1, Step: -1, View: -1, Rival: math.NaN()}

// bounds looks a level up.
func (t Table) bounds(oneIn, views int) Bounds {
	i := slices.IndexFunc(t.Levels, func(l Rates) bool { return l.OneIn == oneIn })
	if i < 0 || views < MinViews || views > MaxViews {
		return nobodys
	}
	l := t.Levels[i]
	return Bounds{
		Fused: l.Fused[views-MinViews], Front: l.Front, Turned: l.Turned, Step: l.Step, View: l.View, Rival: t.Rival,
		share: t.Share, floor: t.Floor,
	}
}
