//go:build linux

package renew

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"go.uber.org/goleak"
	"golang.org/x/sys/unix"
)

// TestMain is also every window that is kept here: the flag that names the keeper's descriptor makes it one.
func TestMain(m *testing.M) {
	if len(os.Args) == 4 && os.Args[2] == "--hand" {
		window(os.Args[1])
		return
	}
	goleak.VerifyTestMain(m)
}

// window is a window that does as its name says, and tells of itself on the first of the files.
func window(does string) {
	w, err := Inherit(firstHand)
	must(err)
	defer w.Close()
	out := os.NewFile(FirstFile, "out")
	tell := func(format string, args ...any) { must2(fmt.Fprintf(out, format+"\n", args...)) }
	n, before := 0, 0
	if len(w.Rest()) > 0 {
		must2(fmt.Sscanf(string(w.Rest()), "%d after %d", &n, &before))
	}
	switch {
	case n > 0 && does == "the next fails":
		os.Exit(4)
	case n > 0 && does == "the next is silent":
		<-w.End()
		return
	}
	w.Shown()
	select {
	case <-w.Gone():
	case <-w.End():
		return
	}
	if before > 0 {
		tell("%d: %d", n, errno(unix.Kill(before, 0)))
	}
	fds, err := os.ReadDir("/proc/self/fd")
	must(err)
	tell("fds %d", len(fds))
	switch {
	case does == "ends badly":
		os.Exit(5)
	case does == "stays", n == generations:
		tell("stays")
		<-w.End()
		tell("ends")
		return
	}
	if err := w.Renew(context.Background(), fmt.Appendf(nil, "%d after %d", n+1, os.Getpid())); err != nil {
		tell("not renewed: %v", errors.Is(err, ErrNone))
		<-w.End()
		tell("ends")
	}
}

// errno is an error of the system as a number.
func errno(err error) int {
	var e syscall.Errno
	_ = errors.As(err, &e)
	return int(e)
}

func must2(_ int, err error) { must(err) }

func must(err error) {
	if err != nil {
		panic(err)
	}
}

const generations = 5

// kept keeps a window and returns what it tells, and what ends it.
func kept(t *testing.T, does string, patience time.Duration) (lines *bufio.Scanner, end func() error) {
	t.Helper()
	in, out, err := os.Pipe()
	must(err)
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() {
		ended <- Keep(ctx, Options{Path: os.Args[0], Args: []string{does}, Files: []*os.File{out}, Log: slog.New(slog.DiscardHandler), Patience: patience})
		_ = out.Close()
	}()
	t.Cleanup(func() { _ = in.Close() })
	return bufio.NewScanner(in), func() error { cancel(); return <-ended }
}

// next is the next line.
func next(t *testing.T, lines *bufio.Scanner) string {
	t.Helper()
	if !lines.Scan() {
		t.Fatalf("no more lines: %v", lines.Err())
	}
	return lines.Text()
}

// One process follows the other: each goes on with what the one before has left, when that has ended, and none has more open files than the first.
func TestGenerations(t *testing.T) {
	lines, end := kept(t, "goes on", time.Minute)
	first := next(t, lines)
	for n := 1; n <= generations; n++ {
		if got, want := next(t, lines), fmt.Sprintf("%d: %d", n, syscall.ESRCH); got != want {
			t.Fatalf("%q, want %q", got, want)
		}
		if got := next(t, lines); got != first {
			t.Errorf("generation %d: %s, the first had %s", n, got, first)
		}
	}
	if got := next(t, lines); got != "stays" {
		t.Fatal(got)
	}
	if n := len(children(t)); n != 1 {
		t.Errorf("%d processes are left", n)
	}
	if err := end(); err != nil {
		t.Error(err)
	}
	if got := next(t, lines); got != "ends" {
		t.Error(got)
	}
}

// A window that can not be renewed is told so and goes on, and nothing is left of the next.
func TestNoNext(t *testing.T) {
	for does, patience := range map[string]time.Duration{"the next fails": time.Minute, "the next is silent": 300 * time.Millisecond} {
		lines, end := kept(t, does, patience)
		next(t, lines)
		if got := next(t, lines); got != "not renewed: true" {
			t.Fatalf("%s: %q", does, got)
		}
		if n := len(children(t)); n != 1 {
			t.Errorf("%s: %d processes are left", does, n)
		}
		if err := end(); err != nil {
			t.Errorf("%s: %v", does, err)
		}
	}
}

// How a window ends is how its keeper does.
func TestEndsAsItsWindow(t *testing.T) {
	lines, end := kept(t, "ends badly", time.Minute)
	var exit *exec.ExitError
	for lines.Scan() { // until it has ended by itself
	}
	if err := end(); !errors.As(err, &exit) || exit.ExitCode() != 5 {
		t.Errorf("%v", err)
	}
}

// A window whose keeper is gone is to end.
func TestKeeperIsGone(t *testing.T) {
	ours, theirs, err := newTalk()
	must(err)
	null, err := os.Open(os.DevNull)
	must(err)
	at := dupPair(t, theirs, null)
	w, err := Inherit(at)
	must(err)
	defer w.Close()
	ours.close()
	<-w.End()
	if err := w.Renew(t.Context(), nil); err == nil {
		t.Error("renewed by nobody")
	}
	select {
	case <-w.Gone():
		t.Error("told to go on by nobody")
	default:
	}
}

// dupPair puts two files at descriptors that stand side by side, as a window finds them.
func dupPair(t *testing.T, a, b *os.File) int {
	t.Helper()
	const at = 200
	must(unix.Dup2(int(a.Fd()), at))
	must(unix.Dup2(int(b.Fd()), at+1))
	must(errors.Join(a.Close(), b.Close()))
	return at
}

// What is handed on has no name, and nobody changes it.
func TestSealed(t *testing.T) {
	want := bytes.Repeat([]byte("rest"), 1000)
	f, err := sealed(want)
	must(err)
	defer f.Close()
	got := make([]byte, len(want)+1)
	if n, _ := f.ReadAt(got, 0); !bytes.Equal(got[:n], want) {
		t.Errorf("%d bytes", n)
	}
	if _, err := f.WriteAt([]byte("x"), 0); !errors.Is(err, unix.EPERM) {
		t.Errorf("written: %v", err)
	}
	if err := f.Truncate(0); !errors.Is(err, unix.EPERM) {
		t.Errorf("cut: %v", err)
	}
	if path, err := os.Readlink(filepath.Join("/proc/self/fd", strconv.Itoa(int(f.Fd())))); err != nil || !strings.HasPrefix(path, "/memfd:") {
		t.Errorf("it lies at %q, %v", path, err)
	}
	if err := new(Window).Renew(t.Context(), make([]byte, MaxRest+1)); err == nil {
		t.Error("too much was handed on")
	}
}

// children are the processes that this one has.
func children(t *testing.T) []string {
	t.Helper()
	lists, err := filepath.Glob("/proc/self/task/*/children")
	must(err)
	var all []string
	for _, list := range lists {
		b, _ := os.ReadFile(list) // of a thread that has ended
		all = append(all, strings.Fields(string(b))...)
	}
	slices.Sort(all)
	return all
}
