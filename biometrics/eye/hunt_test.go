package eye

import (
	"errors"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"visavis/biometrics"
)

// Pulled out and plugged in again: the same camera is found by what it is, within a second, and watched as before.
func TestReplug(t *testing.T) {
	m := newMachine()
	inBubble(t, m, func(t *testing.T, k *Keeper, said *events) {
		k.Watch(25, true)
		opens(t, k, "")
		said.wait(t, 1010*time.Millisecond, "0s opened 1-4")
		m.set(func() { m.gone = true })
		said.wait(t, 5*time.Second, "1.04s failed missing, looks for it") // said once
		if _, open := k.Camera(); open {
			t.Error("it counts as open")
		}
		m.tries()
		said.counts()
		m.set(func() { m.gone = false })
		said.wait(t, 5900*time.Millisecond, "5.04s opened 1-4")
		if _, asked := m.tries(); !slices.Equal(asked, []string{identity}) {
			t.Errorf("it was asked for as %q", asked)
		}
		if previews, faces := said.counts(); previews < 15 || faces < 10 {
			t.Errorf("%d previews and %d faces since", previews, faces)
		}
		if info, open := k.Camera(); !open || info != m.info {
			t.Errorf("%+v, %v", info, open)
		}
	})
}

// A camera that is there and does not work is tried ever more seldom, one that is missing twice a second, and a change is told.
func TestHuntingTimes(t *testing.T) {
	m := newMachine()
	inBubble(t, m, func(t *testing.T, k *Keeper, said *events) {
		k.Watch(25, false)
		opens(t, k, "")
		m.tries()
		m.set(func() { m.fault, m.refuse = biometrics.ErrCameraFrozen, biometrics.ErrCameraBusy })
		said.wait(t, 40*time.Second, "0s opened 1-4", "40ms failed frozen, looks for it", "540ms failed busy, looks for it")
		times, _ := m.tries()
		var waits []time.Duration
		for i, at := range times {
			waits = append(waits, at.Sub(append([]time.Time{said.began.Add(40 * time.Millisecond)}, times...)[i]))
		}
		want := []time.Duration{500 * time.Millisecond, time.Second, 2 * time.Second, 4 * time.Second, 8 * time.Second, 8 * time.Second, 8 * time.Second, 8 * time.Second}
		if !slices.Equal(waits, want) {
			t.Errorf("waits %v, want %v", waits, want)
		}
		m.set(func() { m.refuse = biometrics.ErrCameraMissing })
		said.wait(t, 50*time.Second, "47.54s failed missing, looks for it")
		m.set(func() { m.refuse, m.fault = nil, nil })
		said.wait(t, 51*time.Second, "50.04s opened 1-4")
	})
}

// A camera that opens and freezes again is not opened twice a second for ever.
func TestHuntingACameraThatFreezesAgain(t *testing.T) {
	m := newMachine()
	inBubble(t, m, func(t *testing.T, k *Keeper, said *events) {
		k.Watch(25, false)
		opens(t, k, "")
		m.tries()
		m.set(func() { m.fault = biometrics.ErrCameraFrozen })
		<-time.After(time.Minute)
		if times, _ := m.tries(); len(times) < 6 || len(times) > 12 {
			t.Errorf("opened %d times in a minute", len(times))
		}
		m.set(func() { m.fault = nil })
		<-time.After(time.Minute)
		m.tries()
		m.set(func() { m.fault = biometrics.ErrCameraFrozen })
		began := time.Now()
		<-time.After(2 * time.Second)
		if times, _ := m.tries(); len(times) == 0 || times[0].Sub(began) > 600*time.Millisecond {
			t.Errorf("after a good minute: %v", times)
		}
	})
}

// What was never open is not looked for: who asked was told. Nor is a recording that has ended, nor what was given up.
func TestNoHunt(t *testing.T) {
	m := newMachine()
	inBubble(t, m, func(t *testing.T, k *Keeper, said *events) {
		k.Watch(25, false)
		m.set(func() { m.refuse = biometrics.ErrCameraBusy })
		if _, err := k.Open(t.Context(), ""); !errors.Is(err, biometrics.ErrCameraBusy) {
			t.Error(err)
		}
		said.wait(t, 10*time.Second, "0s failed busy")
		m.set(func() { m.refuse = nil })
		opens(t, k, "")
		m.set(func() { m.fault = biometrics.ErrCameraEnded })
		said.wait(t, 20*time.Second, "10s opened 1-4", "10.04s failed ended")
		m.set(func() { m.fault = nil })
		opens(t, k, "")
		m.set(func() { m.gone = true })
		said.wait(t, 21*time.Second, "20s opened 1-4", "20.04s failed missing, looks for it")
		k.CloseCamera()
		m.tries()
		m.set(func() { m.gone = false })
		said.wait(t, 30*time.Second)
		if times, _ := m.tries(); times != nil {
			t.Errorf("a camera that was given up was opened %d times", len(times))
		}
		noCamera(t, k)
	})
}

// Another wish ends the search, also one that is not granted.
func TestAnotherWishEndsTheHunt(t *testing.T) {
	m := newMachine()
	inBubble(t, m, func(t *testing.T, k *Keeper, said *events) {
		k.Watch(25, false)
		opens(t, k, "")
		m.set(func() { m.gone = true })
		said.wait(t, 3*time.Second, "0s opened 1-4", "40ms failed missing, looks for it")
		if _, err := k.Open(t.Context(), "another"); !errors.Is(err, biometrics.ErrCameraMissing) {
			t.Error(err)
		}
		m.tries()
		m.set(func() { m.gone = false })
		said.wait(t, 20*time.Second, "3s failed missing")
		if times, _ := m.tries(); times != nil {
			t.Errorf("opened %d times", len(times))
		}
	})
}

// A driver that hangs is freed by a new eye, once; the search goes on in it.
func TestASlowDriverGetsANewEye(t *testing.T) {
	m := newMachine()
	inBubble(t, m, func(t *testing.T, k *Keeper, said *events) {
		k.Watch(25, false)
		opens(t, k, "")
		m.set(func() { m.fault, m.refuse = biometrics.ErrCameraSlow, biometrics.ErrCameraSlow })
		said.wait(t, time.Minute, "0s opened 1-4", "40ms failed slow, looks for it", "3.54s died")
		m.set(func() { m.fault, m.refuse = nil, nil })
		<-time.After(10 * time.Second)
		synctest.Wait()
		if _, open := k.Camera(); !open {
			t.Error("it works again and is not open")
		}
	})
}

// The eye dies while a camera is looked for: the next one is told to look for the same.
func TestTheEyeDiesWhileItHunts(t *testing.T) {
	m := newMachine()
	inBubble(t, m, func(t *testing.T, k *Keeper, said *events) {
		k.Watch(25, false)
		opens(t, k, "")
		m.set(func() { m.gone = true })
		<-time.After(time.Second)
		k.mu.Lock()
		k.session.process.Kill()
		k.mu.Unlock()
		<-time.After(time.Second)
		m.set(func() { m.gone = false })
		said.wait(t, 3*time.Second, "0s opened 1-4", "40ms failed missing, looks for it", "1s died", "2.1s opened 1-4")
		if _, asked := m.tries(); asked[len(asked)-1] != identity {
			t.Errorf("asked for %q", asked)
		}
	})
}
