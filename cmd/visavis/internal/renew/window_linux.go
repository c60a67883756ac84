package renew

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"sync"

	"golang.org/x/sys/unix"
)

// MaxRest bounds what a window can leave to the next.
const MaxRest = 1 << 20

// ErrNone says that the keeper found no process that goes on.
var ErrNone = errors.New("no other process shows the window")

// Window is the window's side. Its methods may be called from any goroutine.
type Window struct {
	talk  talk
	rest  []byte
	gone  chan struct{}
	end   chan struct{}
	shown sync.Once
	heard sync.WaitGroup

	renewing sync.Mutex // one try at a time
	answers  chan error
}

// Inherit is called by a window whose keeper gave it first as a descriptor; the one behind it holds what the window before has left.
func Inherit(first int) (*Window, error) {
	for i := range inherited {
		unix.CloseOnExec(first + i) // the eye has no business with them
	}
	left := os.NewFile(uintptr(first+1), "rest")
	defer left.Close()
	rest, err := io.ReadAll(io.NewSectionReader(left, 0, MaxRest+1))
	if err != nil {
		return nil, fmt.Errorf("read what the window has left: %w", err)
	}
	if len(rest) > MaxRest {
		return nil, fmt.Errorf("the window has left more than %d bytes", MaxRest)
	}
	t, err := talkOn(os.NewFile(uintptr(first), "hand"))
	if err != nil {
		return nil, fmt.Errorf("talk to the keeper: %w", err)
	}
	w := &Window{talk: t, rest: rest, gone: make(chan struct{}), end: make(chan struct{}), answers: make(chan error, 1)}
	w.heard.Go(w.hear)
	return w, nil
}

// hear takes the keeper's words until it is gone.
func (w *Window) hear() {
	defer close(w.end)
	gone := sync.OnceFunc(func() { close(w.gone) })
	for {
		m, err := w.talk.hear()
		if err != nil {
			return
		}
		if m.file != nil {
			_ = m.file.Close()
		}
		switch m.word {
		case wordGo:
			gone()
		case wordDone:
			w.answer(nil)
		case wordFail:
			w.answer(ErrNone)
		case wordEnd:
			return
		}
	}
}

// answer is for who waits; an answer that nobody waits for any more gives way.
func (w *Window) answer(err error) {
	select {
	case <-w.answers:
	default:
	}
	w.answers <- err
}

// Rest is what the window before has left; empty for the first.
func (w *Window) Rest() []byte { return w.rest }

// Gone is closed when the window before has ended, or there was none.
func (w *Window) Gone() <-chan struct{} { return w.gone }

// End is closed when the window is to end: its keeper says so, or is gone.
func (w *Window) End() <-chan struct{} { return w.end }

// Shown says that the window's page stands on the screen. Only the first call counts.
func (w *Window) Shown() {
	w.shown.Do(func() { _ = w.talk.say(wordShown) }) // End says that nobody hears
}

// Renew hands rest on and returns nil when the next window stands: this process is to end then. After an error it goes on.
func (w *Window) Renew(ctx context.Context, rest []byte) error {
	w.renewing.Lock()
	defer w.renewing.Unlock()
	if len(rest) > MaxRest {
		return fmt.Errorf("hand on %d bytes, more than %d", len(rest), MaxRest)
	}
	f, err := sealed(rest)
	if err != nil {
		return fmt.Errorf("hand on: %w", err)
	}
	defer f.Close()
	select {
	case <-w.answers: // to a try that was given up
	default:
	}
	if err := w.talk.say(wordRenew, f); err != nil {
		return fmt.Errorf("ask the keeper: %w", err)
	}
	select {
	case err := <-w.answers:
		return err
	case <-w.end:
		return ErrNone
	case <-ctx.Done():
		return ctx.Err()
	}
}

// sealed is memory that holds b, under no name, and can not be changed any more.
func sealed(b []byte) (*os.File, error) {
	fd, err := unix.MemfdCreate("rest", unix.MFD_CLOEXEC|unix.MFD_ALLOW_SEALING)
	if err != nil {
		return nil, os.NewSyscallError("memfd_create", err)
	}
	f := os.NewFile(uintptr(fd), "rest")
	_, err = f.Write(b)
	if err == nil {
		_, err = unix.FcntlInt(uintptr(fd), unix.F_ADD_SEALS, unix.F_SEAL_SEAL|unix.F_SEAL_SHRINK|unix.F_SEAL_GROW|unix.F_SEAL_WRITE)
	}
	if err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return f, nil
}

// Close ends the talk with the keeper.
func (w *Window) Close() {
	w.talk.close()
	w.heard.Wait()
}
