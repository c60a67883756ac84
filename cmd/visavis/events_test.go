package main

import (
	"os"
	"syscall"
	"testing"
	"time"

	"visavis/cmd/visavis/internal/ui"
)

// left is a pipe's end for writing, as a program is left one: a number.
func left(t *testing.T) (*os.File, int) {
	t.Helper()
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = r.Close() })
	fd, err := syscall.Dup(int(w.Fd()))
	if err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return r, fd
}

// Whoever asked for events and does not read them keeps neither the window nor its end.
func TestEventsThatNobodyReads(t *testing.T) {
	_, fd := left(t)
	e := newEvents(fd)
	for range 4 * queued {
		e.shown(ui.Shown{Page: "login"})
	}
	done := make(chan struct{})
	go func() { e.close(); close(done) }()
	select {
	case <-done:
	case <-time.After(10 * lastWords):
		t.Fatal("the program does not end")
	}
}

// The eye, which is started later, does not inherit the way to say what the window shows.
func TestEventsAreNotInherited(t *testing.T) {
	_, fd := left(t)
	e := newEvents(fd)
	defer e.close()
	flags, _, errno := syscall.Syscall(syscall.SYS_FCNTL, uintptr(fd), syscall.F_GETFD, 0)
	if errno != 0 || flags&syscall.FD_CLOEXEC == 0 {
		t.Errorf("flags %d, errno %d", flags, errno)
	}
}
