package det

import (
	"bytes"
	"image/png"
	"testing"

	"visavis/cmd/visavis-bench/internal/trials"
)

func TestDraw(t *testing.T) {
	var o trials.Outcome
	for i := range 2000 {
		o.Impostor.Add(0.2+float64(i)/4000, 1)
		o.Genuine.Add(0.1+float64(i)/8000, 1)
	}
	b, err := Draw("title", Level{"1 in 10,000", 1e-4}, Curve{"one", &o}, Curve{"nothing", &trials.Outcome{}})
	if err != nil {
		t.Fatal(err)
	}
	m, err := png.Decode(bytes.NewReader(b))
	if err != nil || m.Bounds().Dx() < 500 {
		t.Fatalf("%v, %v", m.Bounds(), err)
	}
	colours := map[[3]uint32]int{}
	for y := range m.Bounds().Dy() {
		for x := range m.Bounds().Dx() {
			r, g, b, _ := m.At(x, y).RGBA()
			colours[[3]uint32{r >> 8, g >> 8, b >> 8}]++
		}
	}
	if n := colours[[3]uint32{0, 114, 178}]; n < 200 {
		t.Errorf("%d pixels of the curve", n)
	}
}

func TestDecades(t *testing.T) {
	want := map[float64]string{1e-6: "1 in 10⁶", 1e-5: "10 in 10⁶", 1e-4: "100 in 10⁶", 1e-3: "0.1%", 1e-2: "1%", 1e-1: "10%"}
	for _, tick := range (decades{}).Ticks(leastFMR, mostFMR) {
		if tick.Label == "" {
			continue
		}
		for v, label := range want {
			if tick.Value > v*0.99 && tick.Value < v*1.01 && tick.Label != label {
				t.Errorf("%v: %q", tick.Value, tick.Label)
			}
		}
	}
}
