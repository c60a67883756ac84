package gate

import (
	"errors"
	"fmt"
)

// Lamp is what a policy makes of how well the face's colour follows the light that the window shows. It can only refuse.
type Lamp uint8

// The zero Lamp ignores the light.
const (
	LampIgnored  Lamp = 0 // not looked at: desks in calm mode show no light
	LampNoted    Lamp = 1 // written into the audit, refuses nobody
	LampRequired Lamp = 2 // a face that does not follow the light is refused, and so is one of which that can not be said
	lampEnd      Lamp = 3
)

var lampNames = [lampEnd]string{LampIgnored: "ignored", LampNoted: "noted", LampRequired: "required"}

// ErrLamp is ParseLamp's error.
var ErrLamp = errors.New("unknown lamp policy: ignored, noted or required")

// ParseLamp reads what String writes, as settings name it.
func ParseLamp(name string) (Lamp, error) {
	for l, n := range lampNames {
		if n == name {
			return Lamp(l), nil
		}
	}
	return LampRequired, fmt.Errorf("%w: %q", ErrLamp, name)
}

// String names the policy.
func (l Lamp) String() string {
	if l >= lampEnd {
		return fmt.Sprintf("unknown lamp policy %d", uint8(l))
	}
	return lampNames[l]
}

// refuses says whether the score, of a bound, is a reason to refuse. Of an unknown policy nothing less than a good score is none.
func (l Lamp) refuses(score, least float64) bool {
	return l != LampIgnored && l != LampNoted && !(score >= least)
}
