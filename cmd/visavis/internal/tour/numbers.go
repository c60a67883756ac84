package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"
)

const (
	previewTime = 10 * time.Second
	startRuns   = 5 // of each window
	drumming    = 4 * time.Millisecond
	keyPresses  = 100
	keyEvery    = 40 * time.Millisecond
	keyPatience = 5 * time.Second
)

// ticks is the processor time a process has used, in hundredths of a second.
func ticks(pid int) (int, error) {
	b, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return 0, err
	}
	_, rest, _ := strings.Cut(string(b), ") ") // a name may hold blanks
	fields := strings.Fields(rest)
	if len(fields) < 13 {
		return 0, fmt.Errorf("/proc/%d/stat has %d fields", pid, len(fields))
	}
	user, err := strconv.Atoi(fields[11])
	if err != nil {
		return 0, err
	}
	system, err := strconv.Atoi(fields[12])
	return user + system, err
}

// preview measures the frames a second that a window draws, and the part of a core that it needs for that, over a time.
func preview(ctx context.Context, w *window, over time.Duration) (rate, core float64, err error) {
	first, err := w.until(ctx, patience, "a picture of the camera", func(s shown) bool { return s.Frames > 0 && s.Eye == "open" })
	if err != nil {
		return 0, 0, err
	}
	pid, err := w.shows()
	if err != nil {
		return 0, 0, err
	}
	before, err := ticks(pid)
	if err != nil {
		return 0, 0, err
	}
	start := time.Now()
	last, err := w.until(ctx, over+patience, "pictures", func(shown) bool { return time.Since(start) >= over })
	if err != nil {
		return 0, 0, err
	}
	took := time.Since(start).Seconds()
	after, err := ticks(pid)
	return float64(last.Frames-first.Frames) / took, float64(after-before) / 100 / took, err
}

// startTime is the time from a program's start to the first letter that it takes.
func startTime(ctx context.Context, d *display, p program) (_ time.Duration, err error) {
	hands, err := newFingers(d, 'a')
	if err != nil {
		return 0, err
	}
	defer hands.close()
	ctx, cancel := context.WithCancel(ctx)
	drummed := make(chan error, 1)
	start := time.Now()
	w, err := launch(p)
	if err != nil {
		cancel()
		return 0, err
	}
	go func() { drummed <- hands.drum(ctx, drumming) }()
	at, err := w.letter(ctx, 0, patience)
	cancel()
	w.kill()
	return time.Unix(0, at).Sub(start), errors.Join(err, <-drummed)
}

// starts measures cold starts of two programs in turn and returns the medians.
func starts(ctx context.Context, d *display, a, b program) (ofA, ofB time.Duration, err error) {
	times := map[string][]time.Duration{}
	for range startRuns {
		for _, p := range []program{a, b} {
			t, err := startTime(ctx, d, p)
			if err != nil {
				return 0, 0, fmt.Errorf("start %s: %w", p.name, err)
			}
			times[p.name] = append(times[p.name], t)
		}
	}
	median := func(ts []time.Duration) time.Duration { slices.Sort(ts); return ts[len(ts)/2] }
	return median(times[a.name]), median(times[b.name]), nil
}

// keyTimes measures how long letters take from the keyboard into the text.
func keyTimes(ctx context.Context, d *display, w *window) (p50, p95 time.Duration, err error) {
	hands, err := newFingers(d, 'e')
	if err != nil {
		return 0, 0, err
	}
	defer hands.close()
	w.mu.Lock()
	n := len(w.typed)
	w.mu.Unlock()
	var times []time.Duration
	tick := time.NewTicker(keyEvery)
	defer tick.Stop()
	for i := range keyPresses {
		<-tick.C
		pressed, err := hands.press()
		if err != nil {
			return 0, 0, err
		}
		at, err := w.letter(ctx, n+i, keyPatience)
		if err != nil {
			return 0, 0, err
		}
		times = append(times, time.Unix(0, at).Sub(pressed))
	}
	slices.Sort(times)
	return times[len(times)/2], times[len(times)*95/100], nil
}

// children are the processes that a process has started.
func children(pid int) ([]int, error) {
	lists, err := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/children", pid))
	if err != nil {
		return nil, err
	}
	var pids []int
	for _, list := range lists {
		b, err := os.ReadFile(list)
		if err != nil {
			continue // the thread has ended
		}
		for _, word := range strings.Fields(string(b)) {
			child, err := strconv.Atoi(word)
			if err != nil {
				return nil, err
			}
			pids = append(pids, child)
		}
	}
	return pids, nil
}
