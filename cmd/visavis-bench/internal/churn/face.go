package churn

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

// face is a made-up one: a direction in the space of descriptors. Two are about 1.2 apart on the unit sphere, farther than strangers are.
type face uint64

// The norm that dlib's descriptors have, and by how much of it one changes from frame to frame.
const (
	faceNorm  = 1.45
	faceNoise = 0.05
)

func (f face) descriptor(noise *rand.Rand) biometrics.Descriptor {
	own := rand.New(rand.NewPCG(uint64(f), 1))
	var v [len(biometrics.Descriptor{})]float64
	var sum float64
	for i := range v {
		v[i] = own.NormFloat64() + faceNoise*noise.NormFloat64()
		sum += v[i] * v[i]
	}
	var d biometrics.Descriptor
	for i := range d {
		d[i] = float32(v[i] * faceNorm / math.Sqrt(sum))
	}
	return d
}

// made is the camera that every desk has.
var made = biometrics.CameraInfo{Name: "made up", Driver: "puppet", Virtual: true}

// eye is a client.Eye without a camera, which plays a challenge on the world's clock, whose inside its owner is.
type eye struct {
	face  face
	clock *Clock
}

// afterwards is the time between a challenge's end and the evidence.
const afterwards = 200 * time.Millisecond

// Camera implements client.Eye.
func (eye) Camera() (biometrics.CameraInfo, error) { return made, nil }

// Settle implements client.Eye.
func (eye) Settle(context.Context) error { return nil }

// Capture implements client.Eye.
func (e eye) Capture(ctx context.Context, c liveness.Challenge) (biometrics.Evidence, error) {
	random := rand.New(rand.NewPCG(uint64(e.face), uint64(e.clock.Now().UnixNano())))
	look := func(liveness.Gesture) biometrics.Descriptor { return e.face.descriptor(random) }
	seen := biometrics.Evidence{Camera: made, Weights: weights.Version, Frames: actor.Honest().Play(c, random, look)}
	return seen, e.clock.Wait(ctx, c.Duration()+afterwards)
}
