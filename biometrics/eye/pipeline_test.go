package eye

import (
	"runtime"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"visavis/biometrics"
)

// ponderous is a describer that takes its time, and notes how old each frame was when it got it.
type ponderous struct {
	takes  time.Duration
	opened time.Time // when the camera was

	mu   sync.Mutex
	ages []time.Duration
}

func (p *ponderous) Describe(f biometrics.Frame) (biometrics.Face, error) {
	p.mu.Lock()
	p.ages = append(p.ages, time.Since(p.opened)-f.At)
	p.mu.Unlock()
	<-time.After(p.takes)
	return biometrics.Face{}, nil
}

func (p *ponderous) Weights() string { return "ponderous/1" }
func (p *ponderous) Close() error    { return nil }

// The preview keeps the camera's rate however long a description takes; and what is described is the newest frame.
func TestPreviewIsNotHeldUp(t *testing.T) {
	for _, c := range []struct {
		rate, watch         int
		takes               time.Duration
		previews, described int
	}{
		{30, MaxRate, 300 * time.Millisecond, 300, 33},
		{30, 25, 300 * time.Millisecond, 250, 33},
		{15, MaxRate, 300 * time.Millisecond, 150, 33},
		{30, MaxRate, 40 * time.Millisecond, 300, 150}, // MaxDescribed a second
		{30, MaxRate, 3 * time.Second, 300, 3},
	} {
		m := newMachine()
		m.every = time.Second / time.Duration(c.rate)
		p := &ponderous{takes: c.takes}
		m.slow = p
		inBubble(t, m, func(t *testing.T, k *Keeper, said *events) {
			k.Watch(c.watch, true)
			p.opened = time.Now()
			opens(t, k, "")
			<-time.After(10 * time.Second)
			synctest.Wait()
			previews, faces := said.counts()
			if previews < c.previews-2 || previews > c.previews+1 || faces < c.described-2 || faces > c.described+1 {
				t.Errorf("%+v: %d previews, %d faces", c, previews, faces)
			}
			p.mu.Lock()
			oldest := slices.Max(p.ages)
			p.mu.Unlock()
			// A frame is offered 15 times a second at most, and waits until the next is offered or it is taken.
			if oldest > time.Second/MaxDescribed+m.every {
				t.Errorf("%+v: a frame was %v old when it was described", c, oldest)
			}
			k.CloseCamera()
			<-time.After(c.takes)
		})
	}
}

// Ten thousand frames, which nobody takes: what waits is bounded, and the memory is as after the first thousand.
func TestTenThousandFramesLeaveNothing(t *testing.T) {
	const side, most = 64, 2 << 20
	m := newMachine()
	m.side = side
	m.every = time.Second / 25
	synctest.Test(t, func(t *testing.T) {
		k, err := Start(t.Context(), Options{Launch: Local(m, nil)})
		if err != nil {
			t.Fatal(err)
		}
		deaf, stop := k.Subscribe() // never read
		k.Watch(MaxRate, true)
		opens(t, k, "")
		after := func(frames int) uint64 {
			<-time.After(time.Duration(frames) * m.every)
			synctest.Wait()
			runtime.GC()
			var s runtime.MemStats
			runtime.ReadMemStats(&s)
			return s.HeapAlloc
		}
		early := after(2000) // more faces than maxQueued
		late := after(10000)
		m.mu.Lock()
		reads := m.reads
		m.mu.Unlock()
		if reads < 11900 {
			t.Errorf("only %d frames were read", reads)
		}
		if late > early+most {
			t.Errorf("%d bytes after 2,000 frames, %d after 12,000 of %d bytes each", early, late, 4*side*side)
		}
		k.mu.Lock()
		for s := range k.subs {
			s.mu.Lock()
			if n := len(s.queue); n > maxQueued || cap(s.queue) > 4*maxQueued {
				t.Errorf("%d events wait, in room for %d", n, cap(s.queue))
			}
			s.mu.Unlock()
		}
		k.mu.Unlock()
		if err := k.Close(); err != nil {
			t.Error(err)
		}
		stop()
		for range deaf {
		}
	})
}
