package puppet

import (
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"
)

// Mode is what a puppet does with a cue.
type Mode uint8

const (
	Turn   Mode = iota + 1 // turns the head as asked
	Flat                   // turns a flat print of the photograph by the same angles
	Mix                    // turns as asked, and shows another person's face in one of the neutral returns
	Still                  // shows the same picture, bit for bit
	Nobody                 // shows an empty room: it has no other option
)

var modes = []string{Turn: "turn", Flat: "flat", Mix: "mix", Still: "still", Nobody: nobody}

func (m Mode) String() string {
	if m == 0 || int(m) >= len(modes) {
		return fmt.Sprintf("unknown mode %d", uint8(m))
	}
	return modes[m]
}

// Options say which puppet to make. Faces are numbered from 1, left to right.
type Options struct {
	Photo    string
	Face     int
	Mode     Mode
	With     string // Mix: the other person's photograph
	WithFace int
	Seed     uint64 // of motion and noise: equal options on an equal clock give equal frames
}

// ErrSource is what ParseSource's errors wrap.
var ErrSource = errors.New("not a puppet's source")

const (
	scheme = "puppet:?"
	nobody = "nobody"
)

// ParseSource reads puppet:?photo=PATH&face=N&mode=turn|flat|mix|still&with=PATH&withface=N&seed=N, in URL query syntax. Only photo is
// required; face and seed are 1 and mode is turn if they are absent. With belongs to mode mix, which needs it. An unknown or
// repeated key, an empty value and a number not in plain decimal are refused. puppet:?nobody is an empty room.
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
	case o.Face < 1 || (o.Mode == Mix && o.WithFace < 1):
		return fmt.Errorf("%w: faces are numbered from 1", ErrSource)
	case o.Mode == Mix && o.With == "":
		return fmt.Errorf("%w: mode mix needs with", ErrSource)
	case o.Mode != Mix && (o.With != "" || o.WithFace != 0):
		return fmt.Errorf("%w: with belongs to mode mix", ErrSource)
	}
	return nil
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
	return scheme + v.Encode()
}

var settings = map[string]func(*Options, string) error{
	"photo":    func(o *Options, v string) error { o.Photo = v; return nil },
	"with":     func(o *Options, v string) error { o.With = v; return nil },
	"face":     func(o *Options, v string) error { return number(&o.Face, v) },
	"withface": func(o *Options, v string) error { return number(&o.WithFace, v) },
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
