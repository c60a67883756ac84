package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"sync"
	"syscall"
	"time"
)

// shown is what the window says of itself each time it has put something on screen: a line of --events.
type shown struct {
	Page, Panel, Busy, Problem, Note, Link, Eye, Gesture, Look, Tint string

	Rooms, Lines, Signups, Desks int
	Looked, Veiled, Like         bool // a second face looks; the room can not be read; a sign-up looks like somebody
	Secret                       bool // a sheet, a phrase or an invite is shown
	Proof, Face                  bool // whoever is inside is asked to prove who he is: by his face, or else his password
	Doubt, Audit                 string
	Asked                        []int // which groups of a phrase are asked back
	Missed                       int   // how often they were not right
	Resting                      bool  // the page came by itself: nothing takes keys yet
	Frames                       uint64
	Typed                        int64 // instead of the rest: when a typed letter changed a text, in Unix nanoseconds
}

// window is a running program that reports events, and what it reported.
type window struct {
	name string
	cmd  *exec.Cmd
	done chan struct{}
	err  error // of the process, once done is closed

	mu     sync.Mutex
	events []shown
	typed  []int64
	raw    []string
	news   chan struct{} // closed and replaced with every event
	read   int           // events before this one were waited for
}

// program says what to start.
type program struct {
	name string
	path string
	args []string // "--events 3" is added
	env  []string
	log  string
}

// launch starts a program that writes events to its descriptor 3.
func launch(p program) (*window, error) {
	events, theirs, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	defer theirs.Close()
	log, err := os.OpenFile(p.log, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return nil, errors.Join(err, events.Close())
	}
	defer log.Close()
	w := &window{name: p.name, cmd: exec.Command(p.path, append(p.args, "--events", "3")...), done: make(chan struct{}), news: make(chan struct{})}
	w.cmd.Env = append(os.Environ(), p.env...)
	w.cmd.Stdout, w.cmd.Stderr, w.cmd.ExtraFiles = log, log, []*os.File{theirs}
	if err := w.cmd.Start(); err != nil {
		return nil, errors.Join(err, events.Close())
	}
	go func() {
		defer close(w.done)
		w.take(events)
		_ = events.Close()
		w.err = w.cmd.Wait()
	}()
	return w, nil
}

// take reads events until the program ends.
func (w *window) take(events io.Reader) {
	for lines := bufio.NewScanner(events); lines.Scan(); {
		var s shown
		if json.Unmarshal(lines.Bytes(), &s) != nil {
			continue
		}
		w.mu.Lock()
		w.raw = append(w.raw, lines.Text())
		if s.Typed != 0 {
			w.typed = append(w.typed, s.Typed)
		} else {
			w.events = append(w.events, s)
		}
		close(w.news)
		w.news = make(chan struct{})
		w.mu.Unlock()
	}
}

// now is the newest event.
func (w *window) now() shown {
	w.mu.Lock()
	defer w.mu.Unlock()
	if len(w.events) == 0 {
		return shown{}
	}
	return w.events[len(w.events)-1]
}

// errNever says that a window did not come to show what it should.
var errNever = errors.New("the window never showed")

// until waits for an event of which is holds, from the last one that was waited for on.
func (w *window) until(ctx context.Context, patience time.Duration, what string, is func(shown) bool) (shown, error) {
	late := time.NewTimer(patience)
	defer late.Stop()
	for {
		w.mu.Lock()
		for ; w.read < len(w.events); w.read++ {
			if s := w.events[w.read]; is(s) {
				w.mu.Unlock()
				return s, nil
			}
		}
		w.read = max(0, len(w.events)-1) // the newest counts for whoever waits next
		news := w.news
		w.mu.Unlock()
		select {
		case <-news:
		case <-w.done:
			return shown{}, fmt.Errorf("%w %s: %s has ended: %v", errNever, what, w.name, w.err)
		case <-late.C:
			return shown{}, fmt.Errorf("%w %s within %v: %s", errNever, what, patience, w.name)
		case <-ctx.Done():
			return shown{}, ctx.Err()
		}
	}
}

// rested waits until the window takes keys.
func (w *window) rested(ctx context.Context, patience time.Duration) error {
	late := time.NewTimer(patience)
	defer late.Stop()
	for {
		w.mu.Lock()
		news, resting := w.news, len(w.events) > 0 && w.events[len(w.events)-1].Resting
		w.mu.Unlock()
		if !resting {
			return nil
		}
		select {
		case <-news:
		case <-w.done:
			return fmt.Errorf("%w that it takes keys: %s has ended: %v", errNever, w.name, w.err)
		case <-late.C:
			return fmt.Errorf("%w that it takes keys within %v: %s", errNever, patience, w.name)
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// fresh forgets what was shown before: the next wait begins with what comes now.
func (w *window) fresh() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.read = len(w.events)
}

// last lists the last events.
func (w *window) last(n int) string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return "    " + strings.Join(w.raw[max(0, len(w.raw)-n):], "\n    ")
}

// letters is how many typed letters were reported, and when the n-th was; waits for it.
func (w *window) letter(ctx context.Context, n int, patience time.Duration) (int64, error) {
	late := time.NewTimer(patience)
	defer late.Stop()
	for {
		w.mu.Lock()
		news := w.news
		if n < len(w.typed) {
			defer w.mu.Unlock()
			return w.typed[n], nil
		}
		w.mu.Unlock()
		select {
		case <-news:
		case <-w.done:
			return 0, fmt.Errorf("%w a letter: %s has ended: %v", errNever, w.name, w.err)
		case <-late.C:
			return 0, fmt.Errorf("%w letter %d within %v", errNever, n+1, patience)
		case <-ctx.Done():
			return 0, ctx.Err()
		}
	}
}

// stop ends the program politely, and not so if it does not.
func (w *window) stop() error {
	_ = w.cmd.Process.Signal(syscall.SIGTERM)
	select {
	case <-w.done:
	case <-time.After(10 * time.Second):
		_ = w.cmd.Process.Kill()
		<-w.done
		return fmt.Errorf("%s did not end when it was asked to", w.name)
	}
	return nil
}

// shows is the process that shows the window: the program's one child, which it keeps, or the program itself where it has none.
func (w *window) shows() (int, error) {
	pid := w.cmd.Process.Pid
	kept, err := children(pid)
	switch {
	case err != nil:
		return 0, err
	case len(kept) == 0:
		return pid, nil
	case len(kept) > 1:
		return 0, fmt.Errorf("%s has %d child processes, not one window", w.name, len(kept))
	}
	return kept[0], nil
}

// kill ends the program at once; its eye ends by itself.
func (w *window) kill() {
	_ = w.cmd.Process.Kill() // it may have ended
	<-w.done
}
