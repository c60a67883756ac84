package doctor

import (
	"context"
	"fmt"
	"image"
	"slices"
	"time"

	"visavis/biometrics"
	"visavis/biometrics/eye"
)

const (
	rounds    = 7   // of which the middle one counts
	aimed     = 12  // faces a second, from which on a turn of the head is followed well
	needed    = 8   // under which turns are refused for want of frames on the way; docs/biometrics.md has the table
	emptySide = 640 // of the picture without a face
)

// speed says how many faces a second this machine describes.
func (v *visit) speed(ctx context.Context) {
	const check = "speed"
	if v.eye.Weights() == "" {
		v.found(skipped(check, "nothing can be described"))
		return
	}
	if s := &v.sight; s.faces > s.described/2 && s.described >= needed {
		fps := rate(s.described, s.since, s.until)
		v.found(judged(good(check, "%.0f faces a second described while the picture was shown, of at most %d", fps, eye.MaxDescribed), fps))
		return
	}
	picture, err := v.toDescribe()
	if err != nil {
		v.found(good(check, "not measured: %v", oneLine(err)).but(Attention, "name a picture with a face: --picture FILE"))
		return
	}
	took, face, err := v.timed(ctx, picture)
	switch ms := float64(took) / float64(time.Millisecond); {
	case err != nil:
		v.found(good(check, "not measured: %v", oneLine(err)).but(Fail, "run the eye by hand: what it writes says why"))
	case face:
		fps := float64(time.Second) / float64(took)
		v.found(judged(good(check, "a face found in a single picture and described in %.0f ms: %.0f a second", ms, fps), fps))
	default:
		v.found(skipped(check, fmt.Sprintf("a picture without a face takes %.0f ms; for a face sit down before the camera, or name a picture: --picture FILE", ms)))
	}
}

func judged(f Finding, fps float64) Finding {
	cures := []string{"close what else keeps this machine busy", "a faster machine"}
	switch {
	case fps < needed:
		return f.but(Fail, cures...)
	case fps < aimed:
		return f.but(Attention, cures...)
	}
	return f
}

// toDescribe is the picture that was named, or what the camera saw last, or an empty one.
func (v *visit) toDescribe() ([]byte, error) {
	if v.o.Picture != nil {
		return v.o.Picture, nil
	}
	if v.sight.last != nil {
		return jpegOf(v.sight.last)
	}
	return jpegOf(image.NewGray(image.Rect(0, 0, emptySide, emptySide*3/4)))
}

// timed describes a picture some times and returns the middle of the times.
func (v *visit) timed(ctx context.Context, picture []byte) (took time.Duration, face bool, err error) {
	var times []time.Duration
	for range rounds {
		began := v.clock.Now()
		faces, err := v.eye.Describe(ctx, [][]byte{picture})
		if err != nil {
			return 0, false, err
		}
		times = append(times, v.clock.Now().Sub(began))
		q := faces[0].Quality
		face = !q.Has(biometrics.NoFace) && !q.Has(biometrics.TwoFaces)
	}
	slices.Sort(times)
	return times[rounds/2], face, nil
}
