package liveness

import (
	"io"
	"slices"
	"time"
)

// Tint is the light that the window shows while a challenge is played.
type Tint uint8

const (
	Plain   Tint = 1 // the window as it is
	Warm    Tint = 2 // more red, less blue
	Cool    Tint = 3 // less red, more blue
	tintEnd Tint = 4
)

// Shade is one tint for a time.
type Shade struct {
	_      struct{} `cbor:",toarray"`
	Tint   Tint
	Millis uint16
}

// shadeMillis are the times of a shade: under three changes a second.
var shadeMillis = [4]uint16{400, 550, 700, 850}

// drawLight draws shades until they cover a time. Each tint but the last one's is as likely as any other.
func drawLight(r io.ByteReader, cover time.Duration) ([]Shade, error) {
	var light []Shade
	last := Plain
	for left := cover; left > 0; {
		b, err := r.ReadByte()
		if err != nil {
			return nil, err
		}
		next := (last+Tint(b>>7))%(tintEnd-1) + 1
		s := Shade{Tint: next, Millis: shadeMillis[b%4]}
		light, last = append(light, s), next
		left -= time.Duration(s.Millis) * time.Millisecond
	}
	return light, nil
}

// validLight accepts exactly what drawLight can give.
func validLight(light []Shade, cover time.Duration) bool {
	last := Plain
	for _, s := range light {
		if cover <= 0 || s.Tint == 0 || s.Tint >= tintEnd || s.Tint == last || !slices.Contains(shadeMillis[:], s.Millis) {
			return false
		}
		last, cover = s.Tint, cover-time.Duration(s.Millis)*time.Millisecond
	}
	return cover <= 0
}

// TintAt is the light at a time since the first cue; Plain before and after.
func (c Challenge) TintAt(since time.Duration) Tint {
	if since < 0 || since >= c.Duration() {
		return Plain
	}
	var end time.Duration
	for _, s := range c.Light {
		if end += time.Duration(s.Millis) * time.Millisecond; since < end {
			return s.Tint
		}
	}
	return Plain
}
