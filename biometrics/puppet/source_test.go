package puppet

import (
	"errors"
	"testing"
)

func TestParseSourceRefuses(t *testing.T) {
	for _, tt := range []struct{ name, source string }{
		{"nothing", ""},
		{"a device", "/dev/video0"},
		{"another scheme", "file:?photo=a.jpg"},
		{"no question mark", "puppet:photo=a.jpg"},
		{"no photo", "puppet:?face=1"},
		{"an empty photo", "puppet:?photo="},
		{"two photos", "puppet:?photo=a.jpg&photo=b.jpg"},
		{"an unknown key", "puppet:?photo=a.jpg&zoom=2"},
		{"a key in capitals", "puppet:?Photo=a.jpg"},
		{"face zero", "puppet:?photo=a.jpg&face=0"},
		{"a negative face", "puppet:?photo=a.jpg&face=-1"},
		{"a face in hex", "puppet:?photo=a.jpg&face=0x1"},
		{"a face with a leading zero", "puppet:?photo=a.jpg&face=01"},
		{"a face too large", "puppet:?photo=a.jpg&face=65536"},
		{"a mistyped mode", "puppet:?photo=a.jpg&mode=turns"},
		{"an empty mode", "puppet:?photo=a.jpg&mode="},
		{"a mode in capitals", "puppet:?photo=a.jpg&mode=Turn"},
		{"a seed with a sign", "puppet:?photo=a.jpg&seed=%2B1"},
		{"a seed too large", "puppet:?photo=a.jpg&seed=18446744073709551616"},
		{"mix without another", "puppet:?photo=a.jpg&mode=mix"},
		{"another without mix", "puppet:?photo=a.jpg&with=b.jpg"},
		{"another's face without mix", "puppet:?photo=a.jpg&withface=2"},
		{"swap without another", "puppet:?photo=a.jpg&mode=swap"},
		{"another on a phone", "puppet:?photo=a.jpg&mode=phone&with=b.jpg"},
		{"a condition of nothing", "puppet:?photo=a.jpg&noise=0"},
		{"too much of one", "puppet:?photo=a.jpg&side=1001"},
		{"nobody in the dark", "puppet:?nobody&light=5"},
		{"a broken escape", "puppet:?photo=%zz"},
		{"a semicolon", "puppet:?photo=a.jpg;face=2"},
		{"nobody with a photo", "puppet:?nobody&photo=a.jpg"},
		{"nobody as a mode", "puppet:?mode=nobody"},
		{"nobody's value", "puppet:?nobody=1"},
		{"a stage", "puppet:?stage=a.txt"},
	} {
		if o, err := ParseSource(tt.source); !errors.Is(err, ErrSource) {
			t.Errorf("%s: %+v, %v", tt.name, o, err)
		}
	}
}

func TestParseSource(t *testing.T) {
	for source, want := range map[string]Options{
		"puppet:?photo=a.jpg":                                        {Photo: "a.jpg", Face: 1, Mode: Turn, Seed: 1},
		"puppet:?photo=a%20b.jpg&face=3&mode=flat&seed=0":            {Photo: "a b.jpg", Face: 3, Mode: Flat},
		"puppet:?photo=a.jpg&mode=mix&with=b.jpg":                    {Photo: "a.jpg", Face: 1, Mode: Mix, With: "b.jpg", WithFace: 1, Seed: 1},
		"puppet:?photo=a.jpg&mode=mix&with=b.jpg&withface=2":         {Photo: "a.jpg", Face: 1, Mode: Mix, With: "b.jpg", WithFace: 2, Seed: 1},
		"puppet:?photo=a.jpg&mode=still&seed=18446744073709551615":   {Photo: "a.jpg", Face: 1, Mode: Still, Seed: 1<<64 - 1},
		"puppet:?photo=a.jpg&mode=swap&with=b.jpg&noise=5":           {Photo: "a.jpg", Face: 1, Mode: Swap, With: "b.jpg", WithFace: 1, Seed: 1, Conditions: Conditions{Noise: 5}},
		"puppet:?photo=a.jpg&blur=1&light=2&side=3&back=4&glasses=5": {Photo: "a.jpg", Face: 1, Mode: Turn, Seed: 1, Conditions: Conditions{Blur: 1, Light: 2, Side: 3, Back: 4, Glasses: 5}},
		"puppet:?nobody": {Mode: Nobody},
	} {
		if got, err := ParseSource(source); err != nil || got != want {
			t.Errorf("%s: %+v, %v", source, got, err)
		}
	}
}

func FuzzParseSource(f *testing.F) {
	f.Add("puppet:?nobody")
	f.Add("puppet:?photo=a.jpg&mode=mix&with=b.jpg&withface=2&seed=9")
	f.Fuzz(func(t *testing.T, source string) {
		o, err := ParseSource(source)
		if err != nil {
			if !errors.Is(err, ErrSource) {
				t.Errorf("%v", err)
			}
			return
		}
		if again, err := ParseSource(o.String()); err != nil || again != o {
			t.Errorf("%q: %+v, again %+v, %v", source, o, again, err)
		}
	})
}
