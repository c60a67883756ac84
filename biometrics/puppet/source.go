package puppet

import (
	"cmp"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"
)

// Mode is what a puppet does with a cue: a person who obeys, or one of the attacks.
type Mode uint8

// The modes. Only Turn is bona fide.
const (
	Turn    Mode = iota + 1 // a head that does as asked
	Flat                    // a flat print of the photograph, moved by the same angles
	Bent                    // a bent print
	Eyes                    // a print worn as a mask, with holes through which living eyes look
	Phone                   // the photograph on a phone that a hand moves as asked
	Monitor                 // the photograph on a monitor, by a program that shifts, squeezes, tilts and grows it as asked
	Replay                  // a film of the person in another challenge, fed as a stream
	Screen                  // the same film on a phone in a hand
	Relay                   // a head that does as asked, shown on a monitor: what a live forgery looks like
	Swap                    // a head that does as asked, and is another person's from the middle on
	Mix                     // a head that does as asked, and shows another person's face in one of the neutral returns
	Jitter                  // the photograph, shifted, squeezed, tilted and grown as asked, fed as a stream
	Still                   // the same picture, bit for bit
	Nobody                  // an empty room: it has no other option
)

var modes = []string{
	Turn: "turn", Flat: "flat", Bent: "bent", Eyes: "eyes", Phone: "phone", Monitor: "monitor", Replay: "replay", Screen: "screen",
	Relay: "relay", Swap: "swap", Mix: "mix", Jitter: "jitter", Still: "still", Nobody: nobody,
}

func (m Mode) String() string {
	if m == 0 || int(m) >= len(modes) {
		return fmt.Sprintf("unknown mode %d", uint8(m))
	}
	return modes[m]
}

// another says that the mode needs a second person.
func (m Mode) another() bool { return m == Mix || m == Swap }

// Conditions are how the camera sees what is before it; all zero is an even light and a common webcam. Each is at most maxCondition.
type Conditions struct {
	Noise   int // more noise of the sensor: standard deviation, in tenths of a level
	Blur    int // out of focus: standard deviation, in hundredths of a pixel
	Light   int // the picture's brightness, in per cent; 0 is 100
	Side    int // light from a side: how much brighter one side of the head is than its middle, in per cent
	Back    int // light from behind: how much the head is darker and the rest brighter, in per cent
	Glasses int // 1: clear ones; more: their lenses' tint, in per cent
}

const maxCondition = 1000

// Options say which puppet to make. Faces are numbered from 1, left to right.
type Options struct {
	Photo    string
	Face     int
	Mode     Mode
	With     string // Mix, Swap: the other person's photograph
	WithFace int
	Seed     uint64 // of motion and noise: equal options on an equal clock give equal frames
	Conditions
}

// ErrSource is what ParseSource's errors wrap.
var ErrSource = errors.New("not a puppet's source")

const (
	scheme = "puppet:?"
	nobody = "nobody"
)

// ParseSource reads puppet:?photo=PATH&face=N&mode=MODE&with=PATH&withface=N&seed=N and a number for each of the conditions noise, blur, light,
// side, back and glasses, in URL query syntax. Only photo is required; face and seed are 1 and mode is turn if they are absent. With
// belongs to the modes mix and swap, which need it. An unknown or repeated key, an empty value and a number not in plain decimal are
// refused. puppet:?nobody is an empty room.
func ParseSource(source string) (Options, error) {
	query, ok := strings.CutPrefix(source, scheme)
	if !ok {
		return Options{}, fmt.Errorf("%w: it does not begin with %s", ErrSource, scheme)
	}
	if query == nobody {
		return Options{Mode: Nobody}, nil
	}
	values, err := url.ParseQuery(query)
	if err != nil {
		return Options{}, fmt.Errorf("%w: %w", ErrSource, err)
	}
	o := Options{Face: 1, Mode: Turn, Seed: 1}
	for key, vs := range values {
		set, known := settings[key]
		if !known {
			return Options{}, fmt.Errorf("%w: unknown key %q", ErrSource, key)
		}
		if len(vs) != 1 || vs[0] == "" {
			return Options{}, fmt.Errorf("%w: %s needs one value", ErrSource, key)
		}
		if err := set(&o, vs[0]); err != nil {
			return Options{}, fmt.Errorf("%w: %s: %w", ErrSource, key, err)
		}
	}
	if o.With != "" && o.WithFace == 0 {
		o.WithFace = 1
	}
	return o, o.check()
}

func (o Options) check() error {
	switch {
	case o == Options{Mode: Nobody}:
		return nil
	case o.Mode == Nobody:
		return fmt.Errorf("%w: nobody has no photo, face or seed", ErrSource)
	case o.Photo == "":
		return fmt.Errorf("%w: no photo", ErrSource)
	case o.Mode == 0 || int(o.Mode) >= len(modes):
		return fmt.Errorf("%w: %v", ErrSource, o.Mode)
	case o.Face < 1 || (o.Mode.another() && o.WithFace < 1):
		return fmt.Errorf("%w: faces are numbered from 1", ErrSource)
	case o.Mode.another() && o.With == "":
		return fmt.Errorf("%w: mode %v needs with", ErrSource, o.Mode)
	case !o.Mode.another() && (o.With != "" || o.WithFace != 0):
		return fmt.Errorf("%w: with belongs to modes mix and swap", ErrSource)
	}
	for key, v := range o.conditions() {
		if *v < 0 || *v > maxCondition {
			return fmt.Errorf("%w: %s is %d, at most %d", ErrSource, key, *v, maxCondition)
		}
	}
	return nil
}

// conditions are where each is kept, by its key.
func (c *Conditions) conditions() map[string]*int {
	return map[string]*int{"noise": &c.Noise, "blur": &c.Blur, "light": &c.Light, "side": &c.Side, "back": &c.Back, "glasses": &c.Glasses}
}

// String is the source that ParseSource reads as o.
func (o Options) String() string {
	if o.Mode == Nobody {
		return scheme + nobody
	}
	v := url.Values{"photo": {o.Photo}, "face": {strconv.Itoa(o.Face)}, "mode": {o.Mode.String()}, "seed": {strconv.FormatUint(o.Seed, 10)}}
	if o.With != "" {
		v["with"], v["withface"] = []string{o.With}, []string{strconv.Itoa(o.WithFace)}
	}
	for key, c := range o.conditions() {
		if *c != 0 {
			v[key] = []string{strconv.Itoa(*c)}
		}
	}
	return scheme + v.Encode()
}

var settings = map[string]func(*Options, string) error{
	"photo":    func(o *Options, v string) error { o.Photo = v; return nil },
	"with":     func(o *Options, v string) error { o.With = v; return nil },
	"face":     func(o *Options, v string) error { return number(&o.Face, v) },
	"withface": func(o *Options, v string) error { return number(&o.WithFace, v) },
	"noise":    func(o *Options, v string) error { return number(&o.Noise, v) },
	"blur":     func(o *Options, v string) error { return number(&o.Blur, v) },
	"light":    func(o *Options, v string) error { return number(&o.Light, v) },
	"side":     func(o *Options, v string) error { return number(&o.Side, v) },
	"back":     func(o *Options, v string) error { return number(&o.Back, v) },
	"glasses":  func(o *Options, v string) error { return number(&o.Glasses, v) },
	"mode": func(o *Options, v string) error {
		i := slices.Index(modes, v)
		if i <= 0 || Mode(i) == Nobody {
			return fmt.Errorf("%q is none of %s", v, strings.Join(modes[1:Nobody], ", "))
		}
		o.Mode = Mode(i)
		return nil
	},
	"seed": func(o *Options, v string) error {
		n, err := strconv.ParseUint(v, 10, 64)
		if err != nil || strconv.FormatUint(n, 10) != v {
			return fmt.Errorf("%q is not a plain number", v)
		}
		o.Seed = n
		return nil
	},
}

func number(n *int, v string) error {
	u, err := strconv.ParseUint(v, 10, 16)
	if err != nil || strconv.FormatUint(u, 10) != v || u == 0 {
		return fmt.Errorf("%q is not a plain number from 1", v)
	}
	*n = int(u)
	return nil
}

// brightness is the condition's, as a factor.
func (c Conditions) brightness() float64 { return float64(cmp.Or(c.Light, 100)) / 100 }
