package webcam

import "visavis/biometrics"

// light is how bright a picture is, in levels of 0 to 255, from a grid of its pixels.
type light struct {
	mean      float64
	low, high int // 5% of the pixels are darker than low, 2% brighter than high
}

// gridPixels is about how many pixels are looked at.
const gridPixels = 4096

// measure looks at a grid of f's pixels. The colours count as the eye sees them (Rec. 601).
func measure(f biometrics.Frame) light {
	step := 1
	for (f.Width/step)*(f.Height/step) > 2*gridPixels {
		step++
	}
	var levels [256]int
	n, sum := 0, 0
	for y := step / 2; y < f.Height; y += step {
		row := f.Pix[4*f.Width*y:]
		for x := step / 2; x < f.Width; x += step {
			grey := (299*int(row[4*x]) + 587*int(row[4*x+1]) + 114*int(row[4*x+2]) + 500) / 1000
			levels[grey]++
			sum += grey
			n++
		}
	}
	if n == 0 {
		return light{}
	}
	l := light{mean: float64(sum) / float64(n)}
	below := 0
	for level, count := range levels {
		if below*100 < n*5 {
			l.low = level
		}
		if below*100 < n*98 {
			l.high = level
		}
		below += count
	}
	return l
}

const (
	// blackLevel: where hardly a pixel is brighter, there is no face to see, nor a room. A lens behind its shutter stays below, also with the
	// sensor's noise.
	blackLevel = 20
	// whiteLevel: where hardly a pixel is darker, the sensor is blinded.
	whiteLevel = 250
)

func (l light) black() bool { return l.high <= blackLevel }
func (l light) white() bool { return l.low >= whiteLevel }
