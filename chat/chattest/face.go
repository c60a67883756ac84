package chattest

import (
	"context"
	"math"
	"math/rand/v2"
	"time"

	"visavis/biometrics"
	"visavis/biometrics/actor"
	"visavis/biometrics/liveness"
	"visavis/biometrics/weights"
)

// Face is a made-up face: a direction in the space of descriptors. Faces of different numbers are about 1.2 apart on the unit sphere, as
// far as strangers never are nearer.
type Face uint64

// descriptor is the face's own direction with a little noise, at the norm that dlib's descriptors have.
func (f Face) descriptor(noise *rand.Rand, amount float64) biometrics.Descriptor {
	own := rand.New(rand.NewPCG(uint64(f), 1))
	var v [128]float64
	var sum float64
	for i := range v {
		v[i] = own.NormFloat64() + amount*noise.NormFloat64()
		sum += v[i] * v[i]
	}
	var d biometrics.Descriptor
	for i := range d {
		d[i] = float32(v[i] * 1.45 / math.Sqrt(sum))
	}
	return d
}

// noise is how much of a descriptor's length changes from frame to frame.
const noise = 0.05

// Eye is a client.Eye without a camera: it plays a challenge on the world's clock. Its fields are how it cheats; the zero ones do not.
type Eye struct {
	Face  Face
	Clock *Clock
	Info  biometrics.CameraInfo
	Seed  uint64

	Turn    float64                                                      // how clearly it turns; 0 means as a living head does, negative does not turn at all
	Replace func(i int, step int, o biometrics.Observation) (Face, bool) // another face in some frames
	Change  func(*biometrics.Evidence)                                   // the last word on the evidence
	Err     error                                                        // what Settle answers
	Taken   []biometrics.Evidence                                        // everything that it captured
}

// Camera implements client.Eye.
func (e *Eye) Camera() (biometrics.CameraInfo, error) { return e.Info, nil }

// Settle implements client.Eye.
func (e *Eye) Settle(context.Context) error { return e.Err }

// Capture implements client.Eye. It moves the clock on by the challenge's length.
func (e *Eye) Capture(_ context.Context, c liveness.Challenge) (biometrics.Evidence, error) {
	random := rand.New(rand.NewPCG(e.Seed, uint64(c.ID[0])))
	ev := biometrics.Evidence{Camera: e.Info, Weights: weights.Version}
	look := func(liveness.Gesture) biometrics.Descriptor { return e.Face.descriptor(random, noise) }
	ev.Frames = e.manner().Play(c, random, look)
	for i, o := range ev.Frames {
		if e.Replace == nil {
			break
		}
		if other, yes := e.Replace(i, int(o.Cue), o); yes {
			ev.Frames[i].Descriptor = other.descriptor(random, noise)
		}
	}
	if e.Clock != nil {
		e.Clock.Move(c.Duration() + 200*time.Millisecond)
	}
	if e.Change != nil {
		e.Change(&ev)
	}
	e.Taken = append(e.Taken, ev)
	return ev, nil
}

// Look is one descriptor of the eye's face.
func (e *Eye) Look() biometrics.Descriptor {
	return e.Face.descriptor(rand.New(rand.NewPCG(e.Seed, uint64(len(e.Taken)))), noise)
}

func (e *Eye) manner() actor.Manner {
	m := actor.Honest()
	if e.Turn != 0 {
		m.Turn = max(0, e.Turn)
	}
	return m
}
