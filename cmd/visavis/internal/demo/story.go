package demo

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"visavis/chat/client"
	"visavis/chat/wire"
	"visavis/cmd/visavis/internal/local"
	"visavis/models"
)

// Options say where the story finds its parts.
type Options struct {
	Bin     string // visavisd and visavis-puppet
	Weights string
	Faces   string
	Keep    string // new, empty, or an earlier story's: the server's state, logs and the recorded wire stay there
}

// ErrUntrue says that a line of the story did not hold.
var ErrUntrue = errors.New("the story is not true")

// story tells lines and remembers what must never be found in clear.
type story struct {
	Options
	out   io.Writer
	start time.Time

	wire   *local.Relay // between desks and server
	tape   *os.File     // every byte that passes there
	server *local.Server
	desks  []*desk
	cast   map[string]*person

	mu       sync.Mutex // guards what two desks at once write
	secret   []needle   // must be found nowhere
	lines    int
	verdicts []time.Duration // from a last gesture to the desk's knowing the verdict
	lit      int             // of the faces that were let in, those on which the window's light was found
	letIn    int

	founder        *client.Founder
	ada, ben, cleo *client.Session
	room           models.RoomID
	snapshot       string // the database as it was while the server ran
}

// Run tells the story to out and returns nil only if every line was true.
func Run(ctx context.Context, out io.Writer, o Options) (err error) {
	s := &story{Options: o, out: out, start: time.Now(), cast: cast(o.Faces)}
	if err := s.prepare(); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.close()) }()
	for _, act := range []struct {
		title string
		play  func(*story, context.Context) error
	}{
		{"A server, two desks, and the first admin", (*story).founding},
		{"Members sign up with their faces", (*story).signUps},
		{"Members log in and talk", (*story).talk},
		{"Cleo walks away, and a cable is pulled", (*story).away},
		{"The server is killed in the middle of a sentence", (*story).crash},
		{"Ten ways to show a face that is not there", (*story).attacks},
		{"What else must fail, fails", (*story).refusals},
		{"A desk is revoked", (*story).revocation},
		{"What the server, its disk and the wire know", (*story).searches},
	} {
		s.title(act.title)
		if err := act.play(s, ctx); err != nil {
			s.tell("✗", "%v", err)
			return fmt.Errorf("%s: %w", act.title, err)
		}
	}
	s.printf("\n%d lines, all true, in %.0f s. The server's files and the recorded wire are in %s.\n", s.lines, time.Since(s.start).Seconds(), o.Keep)
	return nil
}

// mark is the file by which the demo knows a folder of its own: no other is ever emptied.
const mark = ".visavis-demo"

// prepare checks that everything is there before it empties the folder of an earlier story.
func (s *story) prepare() error {
	needed := []string{filepath.Join(s.Bin, "visavisd"), filepath.Join(s.Bin, "visavis-puppet")}
	needed = append(needed, filepath.Join(s.Faces, severalPeople))
	for _, p := range s.cast {
		needed = append(needed, p.enrolled.path, p.photo.path)
	}
	for _, path := range needed {
		if _, err := os.Stat(path); err != nil {
			return fmt.Errorf("%w: `make demo` builds and fetches everything", err)
		}
	}
	return local.Renew(s.Keep, mark)
}

func (s *story) printf(format string, args ...any) { _, _ = fmt.Fprintf(s.out, format, args...) }

func (s *story) title(t string) { s.printf("\n%s\n", t) }

func (s *story) tell(mark, format string, args ...any) {
	s.printf("  %s %5.1f s  %s\n", mark, time.Since(s.start).Seconds(), fmt.Sprintf(format, args...))
}

// true tells a line that was checked.
func (s *story) true(format string, args ...any) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.lines++
	s.tell("✓", format, args...)
}

// note tells a line that is no claim.
func (s *story) note(format string, args ...any) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.tell("·", format, args...)
}

// check tells a line that holds, or ends the story.
func (s *story) check(ok bool, format string, args ...any) error {
	if !ok {
		return fmt.Errorf("%w: not so: %s", ErrUntrue, fmt.Sprintf(format, args...))
	}
	s.true(format, args...)
	return nil
}

// refused tells a line about something that must fail, with exactly this code.
func (s *story) refused(err error, code wire.Code, format string, args ...any) error {
	what := fmt.Sprintf(format, args...)
	var refusal *wire.Error
	switch {
	case err == nil:
		return fmt.Errorf("%w: %s was let through", ErrUntrue, what)
	case !errors.As(err, &refusal) || refusal.Code != code:
		return fmt.Errorf("%w: %s: refused in another way: %w", ErrUntrue, what, err)
	}
	s.true("%s: refused. %q", what, refusal.Text)
	return nil
}

func (s *story) close() error {
	var errs []error
	for _, d := range s.desks {
		errs = append(errs, d.close())
	}
	if s.server != nil {
		errs = append(errs, s.server.Stop())
	}
	if s.wire != nil {
		errs = append(errs, s.wire.Close(), s.tape.Close())
	}
	return errors.Join(errs...)
}

// hide remembers words that must be found nowhere.
func (s *story) hide(what string, word []byte) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.secret = append(s.secret, needle{what, word})
}

// atOnce runs both, as two desks do, and ends both with the first that fails.
func atOnce(ctx context.Context, first, second func(context.Context) error) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	var other error
	var running sync.WaitGroup
	running.Go(func() {
		if other = second(ctx); other != nil {
			cancel(other)
		}
	})
	err := first(ctx)
	if err != nil {
		cancel(err)
	}
	running.Wait()
	if cause := context.Cause(ctx); cause != nil {
		return cause
	}
	return errors.Join(err, other)
}

// seconds is how long f takes.
func seconds(f func() error) (float64, error) {
	start := time.Now()
	err := f()
	return time.Since(start).Seconds(), err
}

// list joins words as people do.
func list(words []string) string {
	if len(words) < 2 {
		return strings.Join(words, "")
	}
	return strings.Join(words[:len(words)-1], ", ") + " and " + words[len(words)-1]
}
