package webcam

import (
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"visavis/biometrics"
)

// after returns when the first error comes, from the first picture on, and which.
func after(c *Camera, patience time.Duration) (time.Duration, error) {
	started := time.Now()
	for time.Since(started) < patience {
		if _, err := c.Read(); err != nil {
			return time.Since(started), err
		}
	}
	return 0, nil
}

// Each fault is recognised within one second of pictures, at every rate that cameras have; the first picture comes after one interval.
func TestFaultsWithinASecond(t *testing.T) {
	for name, c := range map[string]struct {
		picture func(n int) biometrics.Frame
		want    error
		passing bool
	}{
		"shutter":              {func(int) biometrics.Frame { return grey(0) }, biometrics.ErrCameraDark, true},
		"shutter, with noise":  {func(n int) biometrics.Frame { return noise(n, 12) }, biometrics.ErrCameraDark, true},
		"blinded":              {func(int) biometrics.Frame { return grey(255) }, biometrics.ErrCameraBright, true},
		"blinded, with noise":  {func(n int) biometrics.Frame { return noise(n, 252) }, biometrics.ErrCameraBright, true},
		"frozen":               {func(int) biometrics.Frame { return noise(7, 100) }, biometrics.ErrCameraFrozen, false},
		"frozen, and bright":   {func(int) biometrics.Frame { f := noise(7, 90); bright(f, 0.6, 255); return f }, biometrics.ErrCameraFrozen, false},
		"frozen after a while": {func(n int) biometrics.Frame { return noise(min(n, 20), 100) }, biometrics.ErrCameraFrozen, false},
	} {
		for _, rate := range []float64{4, 5, 15, 30} {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t, rate)
				w.film.picture = c.picture
				cam := w.camera(t)
				defer cam.Close()
				every := time.Duration(float64(time.Second) / rate)
				begins := every // when the picture came that was the first to be wrong
				if name == "frozen after a while" {
					begins = 21 * every
				}
				at, err := after(cam, time.Minute)
				if !errors.Is(err, c.want) || errors.Is(err, ErrPassing) != c.passing {
					t.Errorf("%s, %v a second: %v", name, rate, err)
				}
				if took := at - begins; took < faultTime || took > time.Second {
					t.Errorf("%s, %v a second: recognised after %v", name, rate, took)
				}
			})
		}
	}
}

// Two pictures are no proof, however far apart they are.
func TestTwoPicturesAreNoFault(t *testing.T) {
	black := light{}
	var h health
	for i, want := range []error{nil, nil, biometrics.ErrCameraDark} {
		if err := h.see(time.Duration(i)*time.Second, black, uint64(i)); err != want {
			t.Errorf("picture %d: %v", i, err)
		}
	}
}

// What a healthy camera does is no fault.
func TestNoFault(t *testing.T) {
	for name, picture := range map[string]func(n int) biometrics.Frame{
		"noise":                       nil,
		"each picture three times":    func(n int) biometrics.Frame { return noise(n/3, 100) },
		"a dim room":                  func(n int) biometrics.Frame { f := noise(n, 12); bright(f, 0.05, 60); return f },
		"a window in the picture":     func(n int) biometrics.Frame { f := noise(n, 90); bright(f, 0.55, 255); return f },
		"black for half a second":     func(n int) biometrics.Frame { return noise(n, []byte{2, 100}[min(1, n%30/15)]) },
		"white for half a second":     func(n int) biometrics.Frame { return noise(n, []byte{255, 100}[min(1, n%30/15)]) },
		"still for three of ten":      func(n int) biometrics.Frame { return noise(n-n%10+max(3, n%10), 100) },
		"one picture, and then again": func(n int) biometrics.Frame { return noise(n%2, 100) },
	} {
		synctest.Test(t, func(t *testing.T) {
			w := newWorld(t, 30)
			w.film.picture = picture
			cam := w.camera(t)
			defer cam.Close()
			if at, err := after(cam, 10*time.Second); err != nil {
				t.Errorf("%s: %v after %v", name, err, at)
			}
		})
	}
}

// bright paints the lower part of a picture; the noise of these tests is in the upper one.
func bright(f biometrics.Frame, part float64, level byte) {
	for i := range int(part * float64(len(f.Pix))) {
		f.Pix[len(f.Pix)-1-i] = level
	}
}

// A shutter that is opened, or a light that goes on, brings the picture back at once, and the camera stays open.
func TestLightComesBack(t *testing.T) {
	for _, level := range []byte{0, 255} {
		synctest.Test(t, func(t *testing.T) {
			w := newWorld(t, 30)
			w.film.picture = func(n int) biometrics.Frame {
				if n < 90 {
					return noise(n, level)
				}
				return noise(n, 100)
			}
			cam := w.camera(t)
			defer cam.Close()
			began := time.Now()
			for {
				f, err := cam.Read()
				if err != nil {
					if !errors.Is(err, ErrPassing) {
						t.Fatal(err)
					}
					continue
				}
				if f.Pix[0] > 120 || f.Pix[0] < 80 {
					continue // before it was recognised
				}
				break
			}
			if took := time.Since(began) - 91*time.Second/30; took < -time.Millisecond || took > time.Millisecond {
				t.Errorf("level %d: the picture is back after %v", level, took)
			}
			if w.film.closed() != 0 || len(w.port.tried()) != 1 {
				t.Error("the camera was opened again")
			}
		})
	}
}

// The first pictures do not count: while the exposure moves, and at most a second.
func TestWarmUp(t *testing.T) {
	for name, c := range map[string]struct {
		rate  float64
		level func(n int) byte
		first int // number of the first picture that counts
	}{
		"steady":             {30, func(int) byte { return 100 }, 4},
		"exposure rises":     {30, func(n int) byte { return byte(min(120, 25+10*n)) }, 12},
		"never finds it":     {30, func(n int) byte { return byte(60 + 100*(n%2)) }, 31},
		"slow and unsteady":  {5, func(n int) byte { return byte(60 + 100*(n%2)) }, 5},
		"slow, but it rises": {5, func(n int) byte { return byte(min(100, 40+20*n)) }, 5},
	} {
		synctest.Test(t, func(t *testing.T) {
			w := newWorld(t, c.rate)
			n := 0
			w.film.picture = func(i int) biometrics.Frame { n = i; return noise(i, c.level(i)) }
			cam := w.camera(t)
			defer cam.Close()
			if _, err := cam.Read(); err != nil || n != c.first {
				t.Errorf("%s: the first picture is number %d, want %d (%v)", name, n, c.first, err)
			}
			before := n
			if _, err := cam.Read(); err != nil || n != before+1 {
				t.Errorf("%s: then number %d (%v)", name, n, err)
			}
		})
	}
}

// A camera whose driver says nothing is told as slow after a second, and given up after five; when it speaks again before, nothing was lost.
func TestSilence(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, 30)
		w.film.silent = 60
		cam := w.camera(t)
		at, err := after(cam, time.Minute)
		if !errors.Is(err, biometrics.ErrCameraSlow) || !errors.Is(err, ErrPassing) || at.Round(time.Millisecond) != 3*time.Second {
			t.Errorf("%v after %v", err, at)
		}
		go func() { <-time.After(700 * time.Millisecond); w.film.release <- struct{}{} }()
		if _, err := cam.Read(); err != nil {
			t.Errorf("it speaks again: %v", err)
		}
		w.film.silent = 1
		if at, err = after(cam, time.Minute); !errors.Is(err, ErrPassing) {
			t.Errorf("%v after %v", err, at)
		}
		for errors.Is(err, ErrPassing) {
			var more time.Duration
			more, err = after(cam, time.Minute)
			at += more
		}
		if !errors.Is(err, biometrics.ErrCameraSlow) || at < 5*time.Second || at > 5*time.Second+40*time.Millisecond {
			t.Errorf("%v after %v", err, at)
		}
		began := time.Now()
		if err := cam.Close(); err != nil || time.Since(began) != closeTime {
			t.Errorf("close: %v after %v", err, time.Since(began))
		}
		if w.film.closed() != 0 {
			t.Error("closed under the driver's hand")
		}
		close(w.film.release)
		synctest.Wait()
		if w.film.closed() != 1 {
			t.Error("the device was not closed when the driver gave it back")
		}
	})
}

// A camera that was pulled out is missing; one whose driver gives up while it is plugged in does not answer.
func TestEndOfPictures(t *testing.T) {
	for name, c := range map[string]struct {
		pulled, silent bool
		want           error
		at             time.Duration
	}{
		"pulled out":                    {true, false, biometrics.ErrCameraMissing, time.Second},
		"pulled out, the driver hangs":  {true, true, biometrics.ErrCameraMissing, 2 * time.Second},
		"the driver gives up by itself": {false, false, biometrics.ErrCameraSlow, time.Second},
	} {
		synctest.Test(t, func(t *testing.T) {
			w := newWorld(t, 30)
			if c.silent {
				w.film.silent = 30
			} else {
				w.film.breaks = 30
			}
			cam := w.camera(t)
			if c.pulled {
				w.tree.pull(0)
			}
			at, err := after(cam, time.Minute)
			if !errors.Is(err, c.want) || errors.Is(err, ErrPassing) || at.Round(time.Millisecond) != c.at {
				t.Errorf("%s: %v after %v", name, err, at)
			}
			close(w.film.release)
			cam.Close()
			if w.film.closed() != 1 {
				t.Errorf("%s: closed %d times", name, w.film.closed())
			}
		})
	}
}

// Who looks four times a second decodes four pictures a second, whatever the camera gives.
func TestLowRate(t *testing.T) {
	for _, rate := range []float64{5, 15, 30} {
		synctest.Test(t, func(t *testing.T) {
			w := newWorld(t, rate)
			cam := w.camera(t)
			defer cam.Close()
			for range 3 {
				if _, err := cam.Read(); err != nil {
					t.Fatal(err)
				}
			}
			cam.Rate(4)
			before, _ := w.film.counts()
			began, n := time.Now(), 0
			for time.Since(began) < 10*time.Second {
				if _, err := cam.Read(); err != nil {
					t.Fatal(err)
				}
				n++
			}
			reads, skips := w.film.counts()
			if n < 38 || n > 42 || reads-before != n || rate > 5 && skips == 0 {
				t.Errorf("%v a second: %d pictures in ten seconds, %d decoded, %d dropped", rate, n, reads-before, skips)
			}
			cam.Rate(25)
			began, n = time.Now(), 0
			for time.Since(began) < time.Second {
				if _, err := cam.Read(); err != nil {
					t.Fatal(err)
				}
				n++
			}
			if n < int(rate) || n > int(rate)+1 {
				t.Errorf("%v a second: %d pictures in one second", rate, n)
			}
		})
	}
}

// A device that is gone gives no picture, and does not wait either: what is to be dropped before the next one costs no core.
func TestADeviceThatEndsAtALowRate(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, 30)
		w.film.breaks = 40
		cam := w.camera(t)
		defer cam.Close()
		cam.Rate(4)
		if _, err := after(cam, time.Minute); err == nil || errors.Is(err, ErrPassing) {
			t.Errorf("it has ended: %v", err)
		}
		if _, skips := w.film.counts(); skips > 40+maxSkips {
			t.Errorf("asked %d times for a picture to be dropped", skips)
		}
	})
}

// At a presence's rate too, a fault is recognised within a second.
func TestFaultAtALowRate(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, 30)
		w.film.picture = func(n int) biometrics.Frame {
			if n > 300 {
				return grey(0)
			}
			return noise(n, 100)
		}
		cam := w.camera(t)
		defer cam.Close()
		cam.Rate(4)
		at, err := after(cam, time.Minute)
		if took := at - 301*time.Second/30; !errors.Is(err, biometrics.ErrCameraDark) || took > 1250*time.Millisecond {
			t.Errorf("%v after %v", err, took)
		}
	})
}

// Pictures that waited in the driver's queue while nobody looked are old.
func TestOldPicturesAreDropped(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, 30)
		cam := w.camera(t)
		defer cam.Close()
		if _, err := cam.Read(); err != nil {
			t.Fatal(err)
		}
		<-time.After(time.Second)
		if _, err := cam.Read(); err != nil {
			t.Fatal(err)
		}
		if _, skips := w.film.counts(); skips != stalePictures {
			t.Errorf("%d were dropped", skips)
		}
	})
}

// A stream's pictures are nobody's sensor: a still one is told as it is.
func TestStream(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := &film{rate: 25, picture: func(int) biometrics.Frame { return grey(0) }, breaks: 60}
		info := biometrics.CameraInfo{Driver: "stream", Virtual: true}
		cam, err := OpenStream(t.Context(), Options{}, info, func() (Stream, error) { return f, nil })
		if err != nil || cam.Info() != info {
			t.Fatal(err)
		}
		for range 60 {
			if _, err := cam.Read(); err != nil {
				t.Fatal(err)
			}
		}
		if _, err := cam.Read(); !errors.Is(err, biometrics.ErrCameraEnded) {
			t.Errorf("its end: %v", err)
		}
		if cam.Close(); f.closed() != 1 {
			t.Error("not closed")
		}
		if _, err := cam.Read(); !errors.Is(err, biometrics.ErrCameraClosed) {
			t.Errorf("after Close: %v", err)
		}
		if err := cam.Close(); err != nil || f.closed() != 1 {
			t.Error("closed twice")
		}
	})
}
