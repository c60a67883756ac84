package presence_test

import (
	"flag"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"visavis/biometrics/eye"
	"visavis/biometrics/presence"
)

var cost = flag.Bool("cost", false, "measure what the watch costs, on build/visavis-puppet: a minute and a half")

// TestCost prints which share of a core an eye takes that watches a puppet, at several rates. What moves the puppet is in it, about as a real
// camera's frames have to be unpacked.
//
//	go test ./biometrics/presence -run Cost -cost -v
func TestCost(t *testing.T) {
	if !*cost {
		t.Skip("without -cost")
	}
	var first, last struct {
		cpu  time.Duration
		seen int
	}
	for i, rate := range []int{1, 2, presence.Rate, 2 * presence.Rate, eye.MaxDescribed} {
		last.cpu, last.seen = spent(t, rate)
		if i == 0 {
			first = last
		}
		t.Logf("%2d frames a second, %3d in all: %4.1f%% of a core", rate, last.seen, 100*last.cpu.Seconds()/span.Seconds())
		if last.cpu <= 0 {
			t.Error("watching costs nothing: the eye did not watch")
		}
	}
	frame := (last.cpu - first.cpu).Seconds() / float64(last.seen-first.seen)
	t.Logf("a frame takes %.0f ms, so %d a second %.1f%% of a core, without what moves the puppet", 1000*frame, presence.Rate, 100*frame*presence.Rate)
}

const span = 15 * time.Second

// spent is the time of a processor that an eye takes which watches at a rate for a span, once it has found the face.
func spent(t *testing.T, rate int) (cpu time.Duration, seen int) {
	t.Helper()
	top := filepath.Join("..", "..", "build")
	photo, err := filepath.Abs(filepath.Join(top, "faces", "sample2.jpg"))
	if err != nil {
		t.Fatal(err)
	}
	k, err := eye.Start(t.Context(), eye.Options{Path: filepath.Join(top, "visavis-puppet"), Args: []string{"--weights", filepath.Join(top, "weights")}})
	if err != nil {
		t.Skipf("no puppet to watch; `make build weights faces` makes one: %v", err)
	}
	defer k.Close()
	if _, err := k.Open(t.Context(), "puppet:?face=1&photo="+photo); err != nil {
		t.Fatal(err)
	}
	k.Watch(rate, false)
	var before time.Duration
	var over <-chan time.Time
	for {
		select {
		case e := <-k.Events():
			s, ok := e.(eye.Seen)
			switch {
			case ok && over == nil && s.Face.Quality.Good():
				before, over = children(t), time.After(span)
			case ok && over != nil:
				seen++
			}
		case <-over:
			if want := rate * int(span.Seconds()); seen < want*8/10 {
				t.Errorf("%d frames, want %d: this machine is too busy to measure", seen, want)
			}
			return children(t) - before, seen
		}
	}
}

// children is the processor's time of all running processes that this one started.
func children(t *testing.T) (cpu time.Duration) {
	t.Helper()
	const tick = 10 * time.Millisecond // USER_HZ is 100 on every Linux that Go runs on
	lists, err := filepath.Glob("/proc/self/task/*/children")
	if err != nil {
		t.Fatal(err)
	}
	for _, list := range lists {
		pids, err := os.ReadFile(list)
		if err != nil {
			t.Fatal(err)
		}
		for _, pid := range strings.Fields(string(pids)) {
			stat, err := os.ReadFile("/proc/" + pid + "/stat")
			if err != nil {
				t.Fatal(err)
			}
			_, after, _ := strings.Cut(string(stat), ") ")
			fields := strings.Fields(after)
			for _, f := range fields[11:13] { // utime and stime
				n, err := strconv.Atoi(f)
				if err != nil {
					t.Fatal(err)
				}
				cpu += time.Duration(n) * tick
			}
		}
	}
	return cpu
}
