package chattest

import (
	"context"
	"math"
	"math/rand/v2"
	"time"

	"visavis/biometrics"
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

// How a made-up head moves, and at what rate it is seen.
const (
	frameMillis = 90  // between frames
	moveMillis  = 350 // to turn
	clearTurn   = 0.25
	noise       = 0.05 // of a descriptor, of its length
)

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
	ev := biometrics.Evidence{Camera: e.Info, Weights: weights.Version, Frames: []biometrics.Observation{}}
	end := uint32(c.Duration().Milliseconds())
	shift := 0.0
	for at, i := uint32(10), 0; at < end; at, i = at+frameMillis, i+1 {
		step := c.StepAt(time.Duration(at) * time.Millisecond)
		want := e.pose(c.Steps[step].Gesture)
		shift += (want - shift) * min(1, 2.5*frameMillis/moveMillis)
		o := biometrics.Observation{Number: uint32(i + 1), Offset: at, Cue: uint8(step)}
		o.Landmarks, o.Box = head(shift, random)
		face := e.Face
		if e.Replace != nil {
			if other, yes := e.Replace(i, step, o); yes {
				face = other
			}
		}
		o.Descriptor = face.descriptor(random, noise)
		ev.Frames = append(ev.Frames, o)
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

func (e *Eye) pose(g liveness.Gesture) float64 {
	turn := e.Turn
	switch {
	case turn == 0:
		turn = clearTurn
	case turn < 0:
		turn = 0
	}
	switch g {
	case liveness.TurnLeft:
		return turn
	case liveness.TurnRight:
		return -turn
	}
	return 0
}

// head is a face in the middle of a 640×480 frame whose nose stands where the shift puts it.
func head(shift float64, random *rand.Rand) (biometrics.Landmarks, biometrics.Box) {
	const eyes, half = 60.0, 14.0 // distance between the eyes, half an eye's width
	cx, cy := 320+random.Float64(), 220+random.Float64()
	jitter := func(x, y float64) biometrics.Point {
		return biometrics.Point{X: float32(x + 0.3*random.NormFloat64()), Y: float32(y + 0.3*random.NormFloat64())}
	}
	return biometrics.Landmarks{
		jitter(cx+eyes/2+half, cy), jitter(cx+eyes/2-half, cy),
		jitter(cx-eyes/2-half, cy), jitter(cx-eyes/2+half, cy),
		jitter(cx+shift*eyes, cy+40),
	}, biometrics.Box{X: float32(cx - 75), Y: float32(cy - 70), W: 150, H: 170}
}
