package eye

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"visavis/biometrics"
)

// The light goes off when nobody watches, and on again on demand; to who asked for the camera it was open all the time.
func TestACameraRests(t *testing.T) {
	m := newMachine()
	inBubble(t, m, func(t *testing.T, k *Keeper, said *events) {
		k.Watch(25, true)
		opens(t, k, "")
		<-time.After(time.Second)
		k.Watch(0, false)
		<-time.After(lingerTime - 50*time.Millisecond)
		if m.lights() != 1 {
			t.Error("it was closed at once: whoever blinks would wait for it")
		}
		<-time.After(100 * time.Millisecond)
		if m.lights() != 0 {
			t.Error("nobody watches, and the light is on")
		}
		if _, open := k.Camera(); !open {
			t.Error("it does not count as open")
		}
		m.tries()
		said.counts()
		k.Watch(4, false)
		<-time.After(2 * time.Second)
		previews, faces := said.counts()
		if _, asked := m.tries(); previews != 0 || faces < 7 || faces > 9 || !slices.Equal(asked, []string{identity}) {
			t.Errorf("%d previews, %d faces, opened as %q", previews, faces, asked)
		}
		if m.lights() != 1 {
			t.Error("the light is off")
		}
		said.wait(t, 10*time.Second, "0s opened 1-4")
		m.mu.Lock()
		defer m.mu.Unlock()
		if want := []int{25, 4}; !slices.Equal(m.rates, want) {
			t.Errorf("it was asked for the rates %v, want %v", m.rates, want)
		}
	})
}

// A camera that was opened beforehand is held, without a picture being taken, but not for ever; Prepare opens it again.
func TestPrepare(t *testing.T) {
	m := newMachine()
	inBubble(t, m, func(t *testing.T, k *Keeper, said *events) {
		opens(t, k, "")
		said.wait(t, holdTime-time.Second, "0s opened 1-4")
		if m.lights() != 1 || m.reads != 0 {
			t.Errorf("%d open, %d pictures", m.lights(), m.reads)
		}
		said.wait(t, holdTime+time.Second)
		if m.lights() != 0 {
			t.Error("held for ever")
		}
		k.Prepare()
		<-time.After(time.Minute)
		k.Prepare() // somebody types still
		<-time.After(holdTime - time.Second)
		if m.lights() != 1 || m.reads != 0 {
			t.Errorf("prepared: %d open, %d pictures", m.lights(), m.reads)
		}
		m.tries()
		k.Watch(25, true)
		<-time.After(time.Second)
		if times, _ := m.tries(); times != nil || m.lights() != 1 {
			t.Errorf("opened %d times more", len(times))
		}
		k.CloseCamera()
		k.Prepare()
		<-time.After(time.Second)
		if m.lights() != 0 {
			t.Error("Prepare opened a camera that was given up")
		}
	})
}

// Attack: what is there when a camera wakes has to be what went to rest, since the evidence names it.
func TestAnotherCameraWakes(t *testing.T) {
	m := newMachine()
	inBubble(t, m, func(t *testing.T, k *Keeper, said *events) {
		k.Watch(25, true)
		opens(t, k, "")
		<-time.After(time.Second)
		k.Watch(0, false)
		<-time.After(10 * time.Second)
		m.set(func() { m.info.Virtual, m.info.Port = true, "3-1" })
		said.counts()
		k.Watch(25, true)
		said.wait(t, 12*time.Second, "0s opened 1-4", "11s failed missing, looks for it", "11.5s opened 3-1")
		if info, open := k.Camera(); !open || !info.Virtual {
			t.Errorf("%+v, %v", info, open)
		}
	})
}

// A camera that does not wake is looked for as one that was pulled out.
func TestACameraDoesNotWake(t *testing.T) {
	m := newMachine()
	inBubble(t, m, func(t *testing.T, k *Keeper, said *events) {
		k.Watch(25, true)
		opens(t, k, "")
		<-time.After(time.Second)
		k.Watch(0, false)
		<-time.After(9 * time.Second)
		m.set(func() { m.gone = true })
		k.Watch(25, true)
		<-time.After(1900 * time.Millisecond)
		m.set(func() { m.gone = false })
		said.wait(t, 14*time.Second, "0s opened 1-4", "10s failed missing, looks for it", "12s opened 1-4")
	})
}

// Trouble that may pass is told at once and each second, and its end; the camera stays open.
func TestTroublePasses(t *testing.T) {
	m := newMachine()
	inBubble(t, m, func(t *testing.T, k *Keeper, said *events) {
		k.Watch(25, true)
		opens(t, k, "")
		m.tries()
		m.set(func() { m.fault = passing(biometrics.ErrCameraDark) })
		said.wait(t, 2500*time.Millisecond, "0s opened 1-4", "40ms trouble dark", "1.04s trouble dark", "2.04s trouble dark")
		if previews, faces := said.counts(); previews != 0 || faces != 0 {
			t.Errorf("%d previews and %d faces of nothing", previews, faces)
		}
		m.set(func() { m.fault = passing(biometrics.ErrCameraSlow) })
		said.wait(t, 3*time.Second, "2.52s trouble slow")
		m.set(func() { m.fault = nil })
		said.wait(t, 4*time.Second, "3.04s trouble <nil>")
		if previews, faces := said.counts(); previews < 20 || faces < 12 {
			t.Errorf("%d previews and %d faces since", previews, faces)
		}
		if times, _ := m.tries(); times != nil || m.lights() != 1 {
			t.Error("it was opened again")
		}
		m.set(func() { m.fault = passing(biometrics.ErrCameraDark) })
		<-time.After(time.Second)
		k.CloseCamera()
		<-time.After(time.Second)
		m.set(func() { m.fault = nil })
		opens(t, k, "")
		<-time.After(time.Second)
		synctest.Wait()
		said.mu.Lock()
		defer said.mu.Unlock()
		if last := said.said[len(said.said)-1]; !strings.HasSuffix(last, " opened 1-4") {
			t.Errorf("a new camera has the old one's trouble: %q", said.said)
		}
	})
}

// While a driver takes its time to open, the eye does what else it is asked.
func TestASlowOpenBlocksNothing(t *testing.T) {
	m := newMachine()
	inBubble(t, m, func(t *testing.T, k *Keeper, said *events) {
		m.set(func() { m.hang = make(chan struct{}) })
		answer := make(chan error, 1)
		go func() {
			_, err := k.Open(t.Context(), "")
			answer <- err
		}()
		synctest.Wait()
		began := time.Now()
		if list, err := k.Cameras(t.Context()); err != nil || len(list) != 1 || time.Since(began) != 0 {
			t.Errorf("%v, %v after %v", list, err, time.Since(began))
		}
		if faces, err := k.Describe(t.Context(), [][]byte{[]byte("x")}); err != nil || len(faces) != 1 {
			t.Error(err)
		}
		k.CloseCamera()
		if err := <-answer; !errors.Is(err, biometrics.ErrCameraClosed) || time.Since(began) != 0 {
			t.Errorf("open: %v after %v", err, time.Since(began))
		}
		m.set(func() { m.hang = nil })
		opens(t, k, "")
		if m.lights() != 1 {
			t.Errorf("%d cameras are open", m.lights())
		}
	})
}

// Of three wishes in a row, while the first hangs, the last is granted, and the others are answered.
func TestTheLastWishIsGranted(t *testing.T) {
	m := newMachine()
	inBubble(t, m, func(t *testing.T, k *Keeper, said *events) {
		m.set(func() { m.hang = make(chan struct{}) })
		answers := make(chan error, 3)
		for range 3 {
			go func() {
				_, err := k.Open(context.WithoutCancel(t.Context()), "")
				answers <- err
			}()
			synctest.Wait()
		}
		close(m.hang)
		granted := 0
		for range 3 {
			if err := <-answers; err == nil {
				granted++
			} else if !errors.Is(err, biometrics.ErrCameraClosed) {
				t.Error(err)
			}
		}
		if granted != 1 || m.lights() != 1 {
			t.Errorf("%d were granted, %d cameras are open", granted, m.lights())
		}
	})
}

// Hardware is found again by what it is; what is not goes by the name that it was asked for.
func TestSourceOf(t *testing.T) {
	real := newMachine().info
	painted := real
	painted.Virtual = true
	for _, c := range []struct {
		info        biometrics.CameraInfo
		asked, want string
	}{
		{real, "", identity}, {real, "/dev/video0", identity}, {painted, "0", "0"}, {painted, "", ""},
		{biometrics.CameraInfo{Driver: "file", Virtual: true}, "film.avi", "film.avi"},
		{biometrics.CameraInfo{Port: "10000000.csi"}, "", "10000000.csi"},
		{biometrics.CameraInfo{}, "x", "x"},
	} {
		if got := sourceOf(c.info, c.asked); got != c.want {
			t.Errorf("%+v asked for as %q: %q", c.info, c.asked, got)
		}
	}
}
