package puppet_test

import (
	"bytes"
	"errors"
	"testing"
	"time"

	"visavis/biometrics"
	"visavis/biometrics/eye"
	"visavis/biometrics/liveness"
	"visavis/biometrics/puppet"
)

// everyMode is one puppet of each mode that shows somebody.
func everyMode(photo string) []puppet.Options {
	var all []puppet.Options
	for m := puppet.Turn; m < puppet.Nobody; m++ {
		o := puppet.Options{Photo: photo, Face: 1, Mode: m, Seed: 4}
		if m == puppet.Mix || m == puppet.Swap {
			o.With, o.WithFace = photo, 2
		}
		all = append(all, o)
	}
	return all
}

// TestEveryModeIsASource: it can be asked for by its own text, is nothing but itself, and never calls itself hardware.
func TestEveryModeIsASource(t *testing.T) {
	photo, find := drawing(t)
	seen := map[string]puppet.Mode{}
	for _, o := range everyMode(photo) {
		if again, err := puppet.ParseSource(o.String()); err != nil || again != o {
			t.Errorf("%v: %+v, %v", o.Mode, again, err)
		}
		var clock stepped
		c := open(t, o, find, &clock)
		if i := c.Info(); !i.Virtual || i.Driver != "puppet" {
			t.Errorf("%v: %+v", o.Mode, i)
		}
		var frames []byte
		for step, g := range []liveness.Gesture{liveness.Neutral, liveness.TurnLeft, liveness.Neutral, liveness.TurnRight} {
			frames = append(frames, settledFrame(t, &clock, c, uint8(step), g).Pix...)
		}
		if other, known := seen[string(frames)]; known {
			t.Errorf("%v shows what %v shows", o.Mode, other)
		}
		seen[string(frames)] = o.Mode
	}
}

// redness is how much more red than blue the middle of the face has.
func redness(f biometrics.Frame) float64 {
	sum, n := 0, 0
	for y := 230; y < 300; y++ {
		for x := 280; x < 360; x++ {
			sum += int(f.Pix[4*(y*f.Width+x)]) - int(f.Pix[4*(y*f.Width+x)+2])
			n++
		}
	}
	return float64(sum) / float64(n)
}

// TestLightIsOnFacesAndPaperAndHardlyOnGlass, by some levels, not at once, and less after a while: a camera balances its white.
func TestLightIsOnFacesAndPaperAndHardlyOnGlass(t *testing.T) {
	photo, find := drawing(t)
	for _, o := range everyMode(photo) {
		var clock stepped
		c := open(t, o, find, &clock)
		cue := eye.Cue{Challenge: [16]byte{1}, Gesture: liveness.Neutral, Tint: liveness.Plain}
		shine := func(tint liveness.Tint, wait time.Duration) float64 {
			cue.Tint = tint
			c.Cue(cue)
			for ; wait > 0; wait -= 300 * time.Millisecond {
				<-clock.After(300 * time.Millisecond)
				read(t, c)
			}
			return redness(read(t, c))
		}
		// Twice each, for a head sways over the drawing's patterns: what the light does must come back.
		warm, late := shine(liveness.Warm, 600*time.Millisecond), 0.0
		cool := shine(liveness.Cool, 600*time.Millisecond)
		warm += shine(liveness.Warm, 600*time.Millisecond)
		cool += shine(liveness.Cool, 600*time.Millisecond)
		late = shine(liveness.Cool, 6*time.Second)
		by := (warm - cool) / 2
		t.Logf("%-8v warm to cool %.1f levels, after a while %.1f", o.Mode, by, late-cool/2)
		switch o.Mode {
		case puppet.Replay, puppet.Screen: // they show another light
		case puppet.Still:
			if by != 0 {
				t.Errorf("still: %.2f", by)
			}
		case puppet.Phone, puppet.Monitor, puppet.Relay:
			if by > 3 || by <= 0 {
				t.Errorf("%v: %.2f levels on glass", o.Mode, by)
			}
		default:
			if by < 8 || by > 14 || late-cool/2 <= 0 {
				t.Errorf("%v: %.2f levels, after a while %.2f less", o.Mode, by, late-cool/2)
			}
		}
	}
}

// TestFilmsDoNotListen: what a film shows is its own challenge's, whatever is asked for.
func TestFilmsDoNotListen(t *testing.T) {
	photo, find := drawing(t)
	for _, m := range []puppet.Mode{puppet.Replay, puppet.Screen} {
		var here, there stepped
		o := puppet.Options{Photo: photo, Face: 1, Mode: m, Seed: 4}
		a, b := open(t, o, find, &here), open(t, o, find, &there)
		var film [][]byte
		for step, g := range []liveness.Gesture{liveness.Neutral, liveness.TurnLeft, liveness.TurnRight, liveness.LookUp} {
			x, y := settledFrame(t, &here, a, uint8(step), g), settledFrame(t, &there, b, uint8(step), liveness.Neutral)
			if !bytes.Equal(x.Pix, y.Pix) {
				t.Errorf("%v: step %d differs by what was asked for", m, step)
			}
			film = append(film, x.Pix)
		}
		if bytes.Equal(film[1], film[2]) {
			t.Errorf("%v stands still", m)
		}
	}
}

// TestSwapIsOneAndThenAnother, in both orders, and the second one stays.
func TestSwapIsOneAndThenAnother(t *testing.T) {
	photo, find := drawing(t)
	for seed := range uint64(2) {
		var here, there stepped
		self := open(t, puppet.Options{Photo: photo, Face: 1, Mode: puppet.Turn, Seed: seed}, find, &here)
		swap := open(t, puppet.Options{Photo: photo, Face: 1, Mode: puppet.Swap, With: photo, WithFace: 2, Seed: seed}, find, &there)
		for step, g := range []liveness.Gesture{liveness.Neutral, liveness.TurnLeft, liveness.Neutral, liveness.LookUp, liveness.Neutral, liveness.TurnRight, liveness.Neutral} {
			a, b := settledFrame(t, &here, self, uint8(step), g), settledFrame(t, &there, swap, uint8(step), g)
			if other := !bytes.Equal(a.Pix, b.Pix); other != ((step >= 3) == (seed == 0)) {
				t.Errorf("seed %d, step %d: another's face: %v", seed, step, other)
			}
		}
	}
}

// TestConditionsChangeThePicture, each in its own way, and are said by the source.
func TestConditionsChangeThePicture(t *testing.T) {
	photo, find := drawing(t)
	plain := puppet.Options{Photo: photo, Face: 1, Mode: puppet.Turn, Seed: 4}
	first := read(t, open(t, plain, find, &stepped{}))
	for _, c := range []puppet.Conditions{{Noise: 60}, {Blur: 120}, {Light: 40}, {Light: 150}, {Side: 40}, {Back: 30}, {Glasses: 1}, {Glasses: 40}} {
		o := plain
		o.Conditions = c
		if again, err := puppet.ParseSource(o.String()); err != nil || again != o {
			t.Errorf("%+v: %+v, %v", c, again, err)
		}
		if d := difference(first, read(t, open(t, o, find, &stepped{}))); d < 0.8 {
			t.Errorf("%+v changes the face by %.2f levels", c, d)
		}
	}
}

// TestAlbumOpensTheSame: what it kept gives the frames that a photograph gives that is read anew, and glasses that one wears no other has on.
func TestAlbumOpensTheSame(t *testing.T) {
	photo, find := drawing(t)
	searches := 0
	album := puppet.NewAlbum(func(f biometrics.Frame) ([]biometrics.Landmarks, error) {
		searches++
		return find(f)
	})
	worn := puppet.Options{Photo: photo, Face: 1, Mode: puppet.Turn, Seed: 4, Conditions: puppet.Conditions{Glasses: 20}}
	bare := worn
	bare.Conditions = puppet.Conditions{}
	swap := bare
	swap.Mode, swap.With, swap.WithFace = puppet.Swap, photo, 2
	for _, o := range []puppet.Options{worn, bare, swap, worn} {
		c, err := album.Open(t.Context(), o, &stepped{})
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(read(t, c).Pix, read(t, open(t, o, find, &stepped{})).Pix) {
			t.Errorf("%v: another frame", o)
		}
		if err := c.Close(); err != nil {
			t.Error(err)
		}
	}
	if err := album.Close(); err != nil || searches != 1 {
		t.Errorf("%d searches, %v", searches, err)
	}
	bare.Photo = "nowhere.jpg"
	if c, err := album.Open(t.Context(), bare, &stepped{}); !errors.Is(err, biometrics.ErrCameraMissing) || c != nil {
		t.Errorf("%v", err)
	}
}
