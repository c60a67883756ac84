package renew

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"os/exec"
	"strconv"
	"time"
)

// FirstFile is the descriptor that the first of Options.Files has in a window: behind the standard ones, and the keeper's.
const FirstFile = firstHand + inherited

const (
	firstHand = 3 // behind the standard descriptors
	inherited = 2 // the socket, and what was left
)

// Options say which window to keep.
type Options struct {
	Path  string     // the program
	Args  []string   // its arguments; the flag that names the keeper's descriptor is added
	Rest  []byte     // what the first window goes on with; nil for nothing
	Files []*os.File // what every window inherits
	Log   *slog.Logger

	Patience time.Duration // with a window that shows nothing, and one that does not end
}

// Keep starts a window, and another whenever one asks for it, until one ends by itself: how, is what it returns, as an *exec.ExitError where
// there was something wrong. When ctx is done it asks the window to end and waits for it.
func Keep(ctx context.Context, o Options) error {
	var rest *os.File
	if o.Rest != nil {
		f, err := sealed(o.Rest)
		if err != nil {
			return err
		}
		rest = f
	}
	w, err := o.start(rest)
	if err != nil {
		return err
	}
	w.tell(wordGo)
	for ended := ctx.Done(); ; {
		select {
		case m := <-w.said:
			if m.word == wordRenew && m.file != nil {
				w = o.renew(ctx, w, m.file)
			}
		case <-w.done:
			return w.err
		case <-ended:
			w.tell(wordEnd)
			ended = nil
		}
	}
}

// child is a process of the window.
type child struct {
	cmd  *exec.Cmd
	talk talk
	said chan message  // what it says; nothing after done
	done chan struct{} // closed when it has ended
	err  error         // how; read after done
}

// start starts a window with what was left, which it closes here.
func (o Options) start(rest *os.File) (*child, error) {
	if rest == nil {
		var err error
		if rest, err = os.Open(os.DevNull); err != nil {
			return nil, err
		}
	}
	defer rest.Close()
	ours, theirs, err := newTalk()
	if err != nil {
		return nil, err
	}
	defer theirs.Close()
	c := &child{talk: ours, said: make(chan message), done: make(chan struct{})}
	c.cmd = exec.Command(o.Path, append(o.Args[:len(o.Args):len(o.Args)], "--hand", strconv.Itoa(firstHand))...)
	c.cmd.Stdin, c.cmd.Stdout, c.cmd.Stderr = os.Stdin, os.Stdout, os.Stderr
	c.cmd.ExtraFiles = append([]*os.File{theirs, rest}, o.Files...)
	if err := c.cmd.Start(); err != nil {
		ours.close()
		return nil, fmt.Errorf("start the window: %w", err)
	}
	go c.watch()
	return c, nil
}

// watch hears what the window says and waits for its end.
func (c *child) watch() {
	heard := make(chan struct{})
	over := make(chan struct{})
	go func() {
		defer close(heard)
		for {
			m, err := c.talk.hear()
			if err != nil {
				return
			}
			select {
			case c.said <- m:
			case <-over:
				if m.file != nil {
					_ = m.file.Close()
				}
			}
		}
	}()
	c.err = c.cmd.Wait()
	close(over)
	c.talk.close()
	<-heard
	close(c.done)
}

// tell says something to the window; one that is gone shows by its end.
func (c *child) tell(w word) { _ = c.talk.say(w) }

// kill ends it at once.
func (c *child) kill() {
	_ = c.cmd.Process.Kill() // it may have ended
	<-c.done
}

// errSilent is a window that shows nothing, or does not end.
var errSilent = errors.New("nothing within the time for it")

// renew starts another window with what w has left, and returns which of the two goes on.
func (o Options) renew(ctx context.Context, w *child, rest *os.File) *child {
	began := time.Now()
	next, err := o.start(rest)
	if err == nil {
		if err = o.stands(ctx, w, next); err != nil {
			next.kill()
		}
	}
	if err != nil {
		o.Log.Warn("the window gets no new process", "err", err)
		w.tell(wordFail)
		return w
	}
	stood := time.Since(began)
	w.tell(wordDone)
	select {
	case <-w.done:
	case <-time.After(o.Patience):
		w.kill()
	}
	if w.err != nil {
		o.Log.Warn("the window's former process did not end well", "err", w.err)
	}
	next.tell(wordGo)
	o.Log.Info("the window goes on in a new process", "stood after", stood.Round(time.Millisecond), "its own after", time.Since(began).Round(time.Millisecond))
	return next
}

// stands waits until the next window has shown its page.
func (o Options) stands(ctx context.Context, w, next *child) error {
	late := time.NewTimer(o.Patience)
	defer late.Stop()
	for {
		select {
		case m := <-next.said:
			if m.word == wordShown {
				return nil
			}
		case <-next.done:
			return errors.Join(errors.New("it has ended"), next.err)
		case <-w.done:
			return errors.New("the former one has ended")
		case <-late.C:
			return errSilent
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}
