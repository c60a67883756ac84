package pad

import (
	"net/url"
	"path/filepath"
	"strconv"
)

// Person is one of the cast: a face in one of the demo's photographs, counted from 1, left to right. Later is another photograph of the same person.
type Person struct {
	Name, Photo, Later string
	Face               int
}

// Cast are the demo's people, all strangers to each other.
func Cast() []Person {
	return []Person{
		{"Ada", "sample2.jpg", "", 1},
		{"Ben", "face.jpg", "face-detect.jpg", 1},
		{"Cleo", "sample3.jpg", "", 1},
		{"Dora", "sample4.jpg", "", 3},
		{"Eve", "sample5.jpg", "", 4},
	}
}

// Group is what a species counts for.
type Group uint8

// The groups.
const (
	Attack  Group = 1 // to be refused
	Honest  Group = 2 // bona fide, within what the quality rules call good
	Beyond  Group = 3 // bona fide, beyond it: to be told what is wrong before a challenge begins
	Forgery Group = 4 // the right movements from a screen: nothing but its light is against it, and no refusal is promised
)

// Species is one kind of presentation.
type Species struct {
	Name, What string
	Group      Group
	mode       string
	another    bool // the puppet needs a second person
	stranger   bool // claims to be somebody else
	conditions map[string]int
}

// AllSpecies lists them in the order of the report, but for replayed evidence, which needs no puppet (Replayed).
func AllSpecies() []Species {
	attack := func(name, what string) Species { return Species{Name: name, What: what, Group: Attack, mode: name} }
	honest := func(name, what string, conditions map[string]int) Species {
		return Species{Name: name, What: what, Group: Honest, mode: "turn", conditions: conditions}
	}
	beyond := func(name, what string, conditions map[string]int) Species {
		return Species{Name: name, What: what, Group: Beyond, mode: "turn", conditions: conditions}
	}
	swap, mix := attack("swap", "face swapped half-way"), attack("mix", "another face in one return")
	swap.another, mix.another = true, true
	return []Species{
		attack("flat", "flat print, moved as asked"),
		attack("bent", "bent print, moved as asked"),
		attack("eyes", "print worn as a mask, eyes cut out"),
		attack("phone", "picture on a phone, moved by hand as asked"),
		attack("monitor", "picture on a monitor, shifted and squeezed as asked"),
		attack("screen", "film of another challenge, on a phone"),
		swap,
		mix,
		attack("jitter", "still picture, shifted and squeezed as asked"),
		attack("still", "still picture, bit for bit"),
		{Name: "stranger", What: "another person's turning head", Group: Attack, mode: "turn", stranger: true},
		{Name: "relay", What: "head that does as asked, shown on a monitor", Group: Forgery, mode: "relay"},
		honest("plain", "even light", nil),
		honest("noise", "noise of 5 levels", map[string]int{"noise": 50}),
		honest("blur", "out of focus by 1 pixel", map[string]int{"blur": 100}),
		honest("dim", "half the light", map[string]int{"light": 50}),
		honest("bright", "a third more light", map[string]int{"light": 130}),
		honest("side", "one side of the face brighter by 30%, the other darker", map[string]int{"side": 30}),
		honest("back", "face darker by 20%, background brighter", map[string]int{"back": 20}),
		honest("glasses", "clear glasses, captured at the enrolment too", map[string]int{"glasses": 1}),
		beyond("dark", "a sixth of the light", map[string]int{"light": 16}),
		beyond("glare", "more than twice the light", map[string]int{"light": 240}),
		beyond("smeared", "out of focus by 6 pixels", map[string]int{"blur": 600}),
		beyond("window", "face darker by 60%, background brighter", map[string]int{"back": 60}),
	}
}

// Plain says that the species is bona fide and of a condition that no template takes part in: noise, blur, exposure, light from a side.
func (s Species) Plain() bool {
	return s.Group == Honest && s.conditions["glasses"] == 0 && s.conditions["back"] == 0
}

// source is the puppet's, of a person who is shown and another one.
func (s Species) source(faces, photo string, shown, other Person, seed uint64) string {
	v := url.Values{
		"photo": {filepath.Join(faces, photo)}, "face": {strconv.Itoa(shown.Face)}, "mode": {s.mode}, "seed": {strconv.FormatUint(seed, 10)},
	}
	if s.another {
		v.Set("with", filepath.Join(faces, other.Photo))
		v.Set("withface", strconv.Itoa(other.Face))
	}
	for key, n := range s.conditions {
		v.Set(key, strconv.Itoa(n))
	}
	return "puppet:?" + v.Encode()
}
