package puppet

import (
	"math"
	"math/rand/v2"
	"time"

	"visavis/biometrics/liveness"
)

// The window's light on a face, and what a camera makes of it. No real pair of window and webcam was measured: these are what a monitor that gives
// a tenth to a quarter of a face's light would do.
const (
	weakest, strongest = 0.010, 0.030           // how much more red, and less blue, a warm window makes a face: 1.5 to 4.5 levels of 150
	aroundHead         = 0.15                   // of that, on what is around the head
	onGlass            = 0.10                   // of that, on a phone's or a monitor's own glass
	flicker            = 60 * time.Millisecond  // from a new tint to most of it in the picture: the display's time, and the exposure's
	balancing          = 2 * time.Second        // a white balance takes
	balanced           = 0.5                    // of a picture's tint it takes away
	nearPart           = 0.3                    // of the picture that the head fills
	shades             = 16                     // from the surroundings to the head
	fixed              = 16                     // parts of a level that sums are made in
	sensor             = 1.6                    // standard deviation of a sensor's noise, in levels
	adaption           = 400 * time.Millisecond // a frame's balance moves at most by as much time as this, however long nobody looked
)

// tints are how a tint shifts red, green and blue.
var tints = map[liveness.Tint][3]float64{
	liveness.Warm: {1, 0.1, -1},
	liveness.Cool: {-1, -0.1, 1},
}

// light is what happens to a picture between the scene and the sensor's numbers. One goroutine owns it.
type light struct {
	conditions Conditions
	strength   float64 // of the window's light on this person
	glass      bool    // the face is shown on glass, which reflects little of it
	fromLeft   bool    // Side
	at         time.Duration
	lamp, film [3]float64 // the window's tint, and the film's own, as they have arrived
	balance    [3]float64
	shade      []uint8 // of each pixel: shades-1 on the head
	strip      []int16 // of noise, in parts of a level; each frame enters it elsewhere
	random     *rand.Rand
}

func newLight(c Conditions, glass bool, random *rand.Rand) *light {
	l := &light{
		conditions: c, glass: glass, random: random, strength: weakest + (strongest-weakest)*random.Float64(), fromLeft: random.IntN(2) == 0,
		shade: make([]uint8, Width*Height), strip: make([]int16, 1<<18),
	}
	for i := range l.shade {
		x, y := (float64(i%Width)-centreX)/unit, (float64(i/Width)-centreY)/unit
		l.shade[i] = uint8(math.Round((shades - 1) * smooth((1.45-math.Hypot(x/skullX, y/skullY))/0.4)))
	}
	deviation := fixed * math.Hypot(sensor, float64(c.Noise)/10)
	for i := range l.strip {
		l.strip[i] = int16(max(-4000, min(4000, math.Round(deviation*random.NormFloat64()))))
	}
	return l
}

// shine takes the tints of window and film at a time.
func (l *light) shine(window, film liveness.Tint, at time.Duration) {
	passed := min(adaption, max(0, at-l.at))
	l.at = at
	towards := func(from *float64, to float64, slow time.Duration) {
		*from += (to - *from) * (1 - math.Exp(-float64(passed)/float64(slow)))
	}
	for c := range 3 {
		towards(&l.lamp[c], tints[window][c], flicker)
		towards(&l.film[c], tints[film][c], flicker)
		mean := nearPart*l.gain(c, 1) + (1-nearPart)*l.gain(c, 0)
		towards(&l.balance[c], -balanced*mean, balancing)
	}
}

// gain is how much more of a colour there is on the head (1), around it (0), or between.
func (l *light) gain(c int, head float64) float64 {
	reflects := 1.0
	if l.glass {
		reflects = onGlass
	}
	window := l.lamp[c] * (aroundHead + (reflects-aroundHead)*head)
	return l.strength * (window + l.film[c]*head)
}

// table is what becomes of each level of a colour in a shade, in parts of a level.
func (l *light) table(c, shade int) (t [256]int32) {
	head := float64(shade) / (shades - 1)
	back := float64(l.conditions.Back) / 100
	factor := l.conditions.brightness() * (1 + l.gain(c, head) + l.balance[c]) * (1 + back*(1-2*head))
	for v := range t {
		t[v] = int32(math.Round(fixed * factor * float64(v)))
	}
	return t
}

// develop turns a picture into what the sensor gives, in place.
func (l *light) develop(pix []byte) {
	var tables [shades][3][256]int32
	for s := range tables {
		for c := range 3 {
			tables[s][c] = l.table(c, s)
		}
	}
	columns := l.columns()
	at, last := l.random.IntN(len(l.strip)), len(l.strip)-1
	for i, s := range l.shade {
		p, t := pix[4*i:4*i+3:4*i+3], &tables[s]
		side := columns[i%Width]
		for c := range 3 {
			v := t[c][p[c]]
			v += v*side*int32(s)>>16 + int32(l.strip[(at+3*i+c)&last])
			p[c] = uint8(max(0, min(255, (v+fixed/2)/fixed)))
		}
	}
}

// columns are how much brighter each column is under light from a side, in parts of 65,536 for each shade.
func (l *light) columns() (t [Width]int32) {
	side := float64(l.conditions.Side) / 100 * (1 << 16) / (shades - 1)
	if l.fromLeft {
		side = -side
	}
	for x := range t {
		t[x] = int32(side * max(-1, min(1, (float64(x)-centreX)/(skullX*unit))))
	}
	return t
}
