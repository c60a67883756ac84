package det

import (
	"bytes"
	"fmt"
	"image/color"
	"math"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"

	"visavis/cmd/visavis-bench/internal/trials"
)

// Curve is one way of comparing.
type Curve struct {
	Name    string
	Outcome *trials.Outcome
}

// Level is a false-match rate to mark.
type Level struct {
	Name string
	Rate float64
}

// The ends of the axes: logarithmic, both.
const (
	leastFMR, mostFMR   = 1e-6, 1e-1
	leastFNMR, mostFNMR = 1e-3, 1
)

// colours are told apart by people who see no red or no green, too (Okabe and Ito).
var colours = []color.RGBA{{0, 114, 178, 255}, {213, 94, 0, 255}, {0, 158, 115, 255}, {204, 121, 167, 255}, {86, 180, 233, 255}}

// Draw returns the curves as a PNG.
func Draw(title string, mark Level, curves ...Curve) ([]byte, error) {
	p := plot.New()
	p.Title.Text = title
	p.Title.Padding = vg.Points(8)
	axis(&p.X, "false-match rate: strangers who pass", leastFMR, mostFMR)
	axis(&p.Y, "false-non-match rate: right people refused", leastFNMR, mostFNMR)
	p.Legend.Top, p.Legend.Left = true, false
	p.Legend.Padding, p.Legend.XOffs = vg.Points(3), vg.Points(-8)
	grid := plotter.NewGrid()
	grid.Vertical.Color, grid.Horizontal.Color = color.Gray{225}, color.Gray{225}
	p.Add(grid)
	for i, c := range curves {
		line, err := plotter.NewLine(points(c.Outcome))
		if err != nil {
			return nil, fmt.Errorf("draw %s: %w", c.Name, err)
		}
		line.Color, line.Width = colours[i%len(colours)], vg.Points(2)
		p.Add(line)
		p.Legend.Add(c.Name, line)
	}
	at, err := plotter.NewLine(plotter.XYs{{X: mark.Rate, Y: leastFNMR}, {X: mark.Rate, Y: mostFNMR}})
	if err != nil {
		return nil, fmt.Errorf("draw %s: %w", mark.Name, err)
	}
	at.Dashes = []vg.Length{vg.Points(5), vg.Points(4)}
	p.Add(at)
	p.Legend.Add(mark.Name, at)
	to, err := p.WriterTo(7*vg.Inch, 5*vg.Inch, "png")
	if err != nil {
		return nil, fmt.Errorf("draw: %w", err)
	}
	var b bytes.Buffer
	if _, err := to.WriteTo(&b); err != nil {
		return nil, fmt.Errorf("draw: %w", err)
	}
	return b.Bytes(), nil
}

func axis(a *plot.Axis, label string, least, most float64) {
	a.Label.Text = label
	a.Label.Padding = vg.Points(6)
	a.Scale = plot.LogScale{}
	a.Min, a.Max = least, most
	a.Tick.Marker = decades{}
	a.Tick.Label.XAlign = draw.XCenter
	if a.Padding = vg.Points(4); most == mostFNMR {
		a.Tick.Label.XAlign = draw.XRight
	}
}

// decades marks every power of ten, in per cent or as one in so many.
type decades struct{}

// Ticks implements plot.Ticker.
func (decades) Ticks(least, most float64) (ticks []plot.Tick) {
	for e := math.Round(math.Log10(least)); e <= math.Round(math.Log10(most)); e++ {
		v := math.Pow(10, e)
		label := fmt.Sprintf("%g%%", 100*v)
		if v < 0.001 {
			label = fmt.Sprintf("%g in 10⁶", 1e6*v)
		}
		ticks = append(ticks, plot.Tick{Value: v, Label: label})
		for n := 2.0; n < 10 && n*v < most; n++ {
			ticks = append(ticks, plot.Tick{Value: n * v})
		}
	}
	return ticks
}

// points go through all thresholds, as far as the axes show them.
func points(o *trials.Outcome) (xy plotter.XYs) {
	for i := range 1400 {
		t := float64(i) / 2000
		x, _ := o.FMR(t)
		y, _ := o.FNMR(t)
		if x < leastFMR || x > mostFMR || math.IsNaN(y) {
			continue
		}
		xy = append(xy, plotter.XY{X: x, Y: max(y, leastFNMR)})
	}
	return xy
}
