package webcam

import (
	"context"
	"errors"
	"reflect"
	"slices"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"visavis/biometrics"
)

func TestOpenErrors(t *testing.T) {
	for name, c := range map[string]struct {
		source string
		n      node
		err    error
		want   error
	}{
		"no such number":   {source: "7", want: biometrics.ErrCameraMissing},
		"no such path":     {source: "/dev/video99", want: biometrics.ErrCameraMissing},
		"no such identity": {source: "usb:046d:0825?port=1-5", want: biometrics.ErrCameraMissing},
		"busy":             {n: node{dev: "81:0", picture: true, busy: true}, want: biometrics.ErrCameraBusy},
		"the node is gone": {err: errNoNode, want: biometrics.ErrCameraMissing},
	} {
		synctest.Test(t, func(t *testing.T) {
			w := newWorld(t, 30)
			w.kernel = func(string, bool) (node, error) { return c.n, c.err }
			if _, err := w.opener.Open(t.Context(), c.source); !errors.Is(err, c.want) {
				t.Errorf("%s: %v", name, err)
			}
			if tried := w.port.tried(); tried != nil {
				t.Errorf("%s: tried %v", name, tried)
			}
		})
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := newWorld(t, 30).opener.Open(ctx, ""); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
}

// The backends are tried in order; the one that gave pictures is the first next time, for this camera.
func TestTheWinnerIsRemembered(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, 30)
		w.tree.plug(2, webcam("1-5", "B2"))
		w.port.open = map[Backend]func() (*film, error){Any: func() (*film, error) { return &film{rate: 30}, nil }}
		see := func(source string, want ...Backend) {
			t.Helper()
			c, err := w.opener.Open(t.Context(), source)
			if err != nil {
				t.Fatal(err)
			}
			if _, err := c.Read(); err != nil {
				t.Error(err)
			}
			c.Close()
			if tried := w.port.tried(); !reflect.DeepEqual(tried, want) {
				t.Errorf("%s: tried %v, want %v", source, tried, want)
			}
		}
		see("0", V4L2, GStreamer, Any)
		see("0", Any)
		see("2", V4L2, GStreamer, Any) // another camera
		w.tree.pull(0)
		w.tree.plug(6, webcam("1-4", "A1"))
		see("6", Any) // the same under another number
		w.port.open[Any], w.port.open[V4L2] = nil, func() (*film, error) { return &film{rate: 30}, nil }
		see("6", Any, V4L2) // it does not work any more
		see("6", V4L2)
	})
}

// What opens and then gives nothing, or not even an error, is not a winner: the next backend is tried the next time.
func TestABackendWithoutPictures(t *testing.T) {
	for _, silent := range []bool{false, true} {
		synctest.Test(t, func(t *testing.T) {
			w := newWorld(t, 30)
			w.film.started = time.Now().Add(-time.Minute)
			if w.film.breaks = 1; silent {
				w.film.breaks, w.film.silent = 0, 1
			}
			w.port.open[GStreamer] = func() (*film, error) { return &film{rate: 30}, nil }
			c := w.camera(t)
			_, err := c.Read()
			for errors.Is(err, ErrPassing) {
				_, err = c.Read()
			}
			if !errors.Is(err, biometrics.ErrCameraSlow) {
				t.Errorf("read: %v", err)
			}
			close(w.film.release)
			c.Close()
			w.port.tried()
			c = w.camera(t)
			if _, err := c.Read(); err != nil || !slices.Equal(w.port.tried(), []Backend{GStreamer}) {
				t.Errorf("silent %v: read: %v", silent, err)
			}
			c.Close()
		})
	}
}

// Who gives up in the very moment in which the camera opens leaves none open.
func TestCancelledAsItOpens(t *testing.T) {
	for range 20 {
		synctest.Test(t, func(t *testing.T) {
			w := newWorld(t, 30)
			ctx, cancel := context.WithCancel(t.Context())
			w.port.open[V4L2] = func() (*film, error) { cancel(); return w.film, nil }
			if _, err := w.opener.Open(ctx, ""); !errors.Is(err, context.Canceled) {
				t.Errorf("open: %v", err)
			}
			synctest.Wait()
			if w.film.closed() != 1 {
				t.Errorf("closed %d times", w.film.closed())
			}
		})
	}
}

// A backend that hangs gets its time and no more; it is not asked again while it hangs, and what it opens in the end is closed.
func TestABackendHangs(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, 30)
		release, late := make(chan struct{}), &film{rate: 30}
		w.port.open[V4L2] = func() (*film, error) { <-release; return late, nil }
		w.port.open[GStreamer] = func() (*film, error) { return w.film, nil }
		began := time.Now()
		for i, want := range [][]Backend{{V4L2, GStreamer}, {GStreamer}} {
			c, err := w.opener.Open(t.Context(), "")
			if err != nil {
				t.Fatal(err)
			}
			if took := time.Since(began); took != openTime*time.Duration(1-i) {
				t.Errorf("%d: opened after %v", i, took)
			}
			if tried := w.port.tried(); !reflect.DeepEqual(tried, want) {
				t.Errorf("%d: tried %v", i, tried)
			}
			c.Close()
			began = time.Now()
		}
		close(release)
		synctest.Wait()
		if late.closed() != 1 {
			t.Error("what was opened too late is still open")
		}
		c := w.camera(t)
		defer c.Close()
		if tried := w.port.tried(); !slices.Contains(tried, V4L2) {
			t.Errorf("tried %v: it answers again", tried)
		}
	})
}

// All backends hang: the person waits 12 seconds once, and not at all the next time; nothing piles up.
func TestAllHang(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, 30)
		release, opens := make(chan struct{}), atomic.Int32{}
		hang := func() (*film, error) { opens.Add(1); <-release; return nil, errNoBackend }
		w.port.open = map[Backend]func() (*film, error){V4L2: hang, GStreamer: hang, Any: hang}
		for _, want := range []time.Duration{3 * openTime, 0, 0} {
			began := time.Now()
			if _, err := w.opener.Open(t.Context(), ""); !errors.Is(err, biometrics.ErrCameraSlow) || time.Since(began) != want {
				t.Errorf("%v after %v, want %v", err, time.Since(began), want)
			}
		}
		if n := opens.Load(); n != 3 {
			t.Errorf("%d calls hang in the driver", n)
		}
		close(release)
	})
}

// A silent camera that was given up is still ours, in the driver's hands: that is no other program which has it.
func TestBusyWithOurselves(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, 30)
		w.film.silent = 1
		c := w.camera(t)
		for {
			if _, err := c.Read(); err != nil && !errors.Is(err, ErrPassing) {
				break
			}
		}
		c.Close()
		plugged := w.kernel
		w.kernel = func(path string, streams bool) (node, error) {
			n, err := plugged(path, streams)
			n.busy = streams && w.film.closed() == 0
			return n, err
		}
		if _, err := w.opener.Open(t.Context(), ""); !errors.Is(err, biometrics.ErrCameraSlow) || errors.Is(err, biometrics.ErrCameraBusy) {
			t.Errorf("while the driver has it: %v", err)
		}
		close(w.film.release)
		synctest.Wait()
		again := w.camera(t)
		again.Close()
	})
}

// Whoever closes a camera that takes long to start, and opens it again at once, gets it as soon as it is closed.
func TestClosedWhileItStarts(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, 0.4) // the first picture after 2.5 s
		c := w.camera(t)
		c.hand.ask <- request{}
		synctest.Wait() // it reads
		began := time.Now()
		c.Close()
		if took := time.Since(began); took != closeTime {
			t.Errorf("close took %v", took)
		}
		again := w.camera(t)
		if took := time.Since(began); took != 2500*time.Millisecond || w.film.closed() != 1 {
			t.Errorf("opened after %v; the first was closed %d times", took, w.film.closed())
		}
		if tried := w.port.tried(); !slices.Equal(tried, []Backend{V4L2, V4L2}) {
			t.Errorf("tried %v", tried)
		}
		again.Close()
	})
}

// Who closes a camera that drops pictures does not wait for the one that is wanted.
func TestCloseDoesNotWaitForALowRate(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, 30)
		c := w.camera(t)
		if _, err := c.Read(); err != nil {
			t.Fatal(err)
		}
		c.hand.ask <- request{from: time.Now().Add(time.Second)}
		synctest.Wait()
		began := time.Now()
		c.Close()
		if took := time.Since(began); took > 40*time.Millisecond || w.film.closed() != 1 {
			t.Errorf("close took %v, closed %d times", took, w.film.closed())
		}
	})
}

// The kernel itself may hang when it is asked about a node.
func TestTheKernelHangs(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, 30)
		release, asked := make(chan struct{}), atomic.Int32{}
		w.kernel = func(string, bool) (node, error) { asked.Add(1); <-release; return node{}, errNoNode }
		for range 3 {
			began := time.Now()
			if _, err := w.opener.Open(t.Context(), ""); !errors.Is(err, biometrics.ErrCameraSlow) || time.Since(began) != askTime {
				t.Errorf("%v after %v", err, time.Since(began))
			}
			if list, err := w.opener.List(); err != nil || len(list) != 1 {
				t.Errorf("%v, %v: it is there, whatever it does", list, err)
			}
		}
		if n := asked.Load(); n != 1 {
			t.Errorf("asked %d times", n)
		}
		close(release)
	})
}

// Who gives up waiting gets his way at once, and no camera stays open unseen.
func TestOpenIsCancelled(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, 30)
		release := make(chan struct{})
		w.port.open[V4L2] = func() (*film, error) { <-release; return w.film, nil }
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		began := time.Now()
		if _, err := w.opener.Open(ctx, ""); !errors.Is(err, context.DeadlineExceeded) || time.Since(began) != time.Second {
			t.Errorf("%v after %v", err, time.Since(began))
		}
		close(release)
		synctest.Wait()
		if w.film.closed() != 1 {
			t.Error("still open")
		}
	})
}

// Attack: a camera is pulled out while it opens, and what was plugged in for it has its number.
func TestANumberIsNoIdentity(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, 30)
		w.port.open[V4L2] = func() (*film, error) {
			w.tree.pull(0)
			w.tree.plug(0, usb{bus: "devices/platform/vhci_hcd.0/usb3", port: "3-1", vendor: "dead", product: "beef"})
			return w.film, nil
		}
		if c, err := w.opener.Open(t.Context(), "0"); !errors.Is(err, biometrics.ErrCameraMissing) {
			t.Errorf("%+v, %v", c.Info(), err)
		}
		synctest.Wait()
		if w.film.closed() != 1 {
			t.Error("it is still open")
		}
	})
}

// Attack: sysfs takes it for hardware, and its driver says what it is.
func TestADriverThatPaints(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, 30)
		w.kernel = func(string, bool) (node, error) {
			return node{dev: "81:0", driver: "v4l2 loopback", picture: true}, nil
		}
		c := w.camera(t)
		defer c.Close()
		if !c.Info().Virtual {
			t.Error("passes for a camera")
		}
		if list, err := w.opener.List(); err != nil || len(list) != 1 || !list[0].Info.Virtual {
			t.Errorf("%+v, %v", list, err)
		}
		w.kernel = func(string, bool) (node, error) { return node{dev: "81:0"}, nil }
		if list, err := w.opener.List(); err != nil || len(list) != 0 {
			t.Errorf("what gives no pictures is listed: %+v, %v", list, err)
		}
	})
}

// The size comes first; the camera's own coding where it gives the rate; MJPG where that helps.
func TestFormats(t *testing.T) {
	type modes map[string]float64 // rate by coding, at the size asked for
	for name, c := range map[string]struct {
		modes modes
		sized bool // MJPG alone has the size
		want  Format
	}{
		"fast uncompressed":         {modes: modes{"YUYV": 30, "MJPG": 30}, want: Format{640, 480, 30, "YUYV"}},
		"slow uncompressed":         {modes: modes{"YUYV": 10, "MJPG": 30}, want: Format{640, 480, 30, "MJPG"}},
		"slow, and no MJPG":         {modes: modes{"YUYV": 10}, want: Format{640, 480, 10, "YUYV"}},
		"MJPG is no faster":         {modes: modes{"YUYV": 15, "MJPG": 15}, want: Format{640, 480, 15, "YUYV"}},
		"a driver that says little": {modes: modes{"YUYV": 0, "MJPG": 0}, want: Format{640, 480, 0, "YUYV"}},
		"only MJPG has the size":    {modes: modes{"YUYV": 30, "MJPG": 30}, sized: true, want: Format{640, 480, 30, "MJPG"}},
	} {
		f := &film{grants: func(want Format) Format {
			rate, has := c.modes[want.Code]
			if !has {
				want.Code, rate = "YUYV", c.modes["YUYV"]
			}
			want.Rate = rate
			if c.sized && want.Code == "YUYV" {
				want.Width, want.Height = 320, 240
			}
			return want
		}}
		if got := negotiate(f, false); got != c.want {
			t.Errorf("%s: %+v", name, got)
		}
	}
	if got := negotiate(&film{}, true); got.Width != 1280 || got.Height != 720 {
		t.Errorf("wide: %+v", got)
	}
}
