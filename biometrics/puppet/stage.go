package puppet

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"net/url"
	"os"
	"strings"
	"sync"
	"time"

	"visavis/biometrics"
	"visavis/biometrics/eye"
)

const (
	// glance is the time from one look at the script to the next.
	glance = 200 * time.Millisecond
	// rest is how long nobody read, so that whoever reads again must not see who sat there before.
	rest = 500 * time.Millisecond
	// maxScript is how long a script may be, in bytes.
	maxScript = 4 << 10
)

// ErrScript is what the errors of a stage's script wrap.
var ErrScript = errors.New("not a stage's script")

// StageSource is the source of a stage whose script is the file of that path.
func StageSource(path string) string { return scheme + url.Values{"stage": {path}}.Encode() }

// ParseStage reads puppet:?stage=PATH, exactly as StageSource writes it.
func ParseStage(source string) (path string, err error) {
	query, _ := strings.CutPrefix(source, scheme)
	values, err := url.ParseQuery(query)
	if err != nil {
		return "", fmt.Errorf("%w: %w", ErrSource, err)
	}
	if path = values.Get("stage"); path == "" || StageSource(path) != source {
		return "", fmt.Errorf("%w: no stage, or more than that", ErrSource)
	}
	return path, nil
}

// Stage is a camera before which people take turns. A file, its script, names who sits there now: a puppet's source without "puppet:?", so
// photo=PATH&face=N…, or nobody. Who replaces the file changes the actor, and the camera stays open; a script that names nobody who can be
// found is logged, and the actor before stays. Like Camera, only Cue is safe to call beside another method.
type Stage struct {
	path   string
	find   Finder
	clock  eye.Clock
	log    *slog.Logger
	start  time.Time
	ctx    context.Context // ends what opens an actor
	cancel context.CancelFunc
	closed bool

	script  string // the newest that was read
	glanced time.Time
	read    time.Time    // the last frame was
	opening chan *Camera // who is being made ready; nil when nobody is

	mu  sync.Mutex // guards on and cue
	on  *Camera
	cue eye.Cue
}

// OpenStage opens the camera and makes its first actor ready. find is used by one goroutine at a time; see Remember. A nil clock is
// the system's, a nil log discards.
func OpenStage(ctx context.Context, path string, find Finder, clock eye.Clock, log *slog.Logger) (*Stage, error) {
	if clock == nil {
		clock = system{}
	}
	if log == nil {
		log = slog.New(slog.DiscardHandler)
	}
	script, err := readScript(path)
	if err != nil {
		return nil, fmt.Errorf("open stage: %w", err)
	}
	s := &Stage{path: path, find: find, clock: clock, log: log, script: script}
	if s.on, err = s.ready(ctx, script); err != nil {
		return nil, fmt.Errorf("open stage: %w", err)
	}
	s.start = clock.Now()
	s.glanced, s.read = s.start, s.start
	s.ctx, s.cancel = context.WithCancel(context.WithoutCancel(ctx))
	return s, nil
}

// readScript reads the file of a script.
func readScript(path string) (string, error) {
	f, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return "", fmt.Errorf("%w: %w", biometrics.ErrCameraMissing, err)
	}
	if err != nil {
		return "", err
	}
	defer f.Close()
	b, err := io.ReadAll(io.LimitReader(f, maxScript+1))
	if err != nil {
		return "", err
	}
	if len(b) > maxScript {
		return "", fmt.Errorf("%w: more than %d bytes", ErrScript, maxScript)
	}
	return strings.TrimSuffix(string(b), "\n"), nil
}

// ready makes the script's actor ready.
func (s *Stage) ready(ctx context.Context, script string) (*Camera, error) {
	o, err := ParseSource(scheme + script)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrScript, err)
	}
	return Open(ctx, o, s.find, s.clock)
}

// Info says that this is no camera.
func (s *Stage) Info() biometrics.CameraInfo {
	return biometrics.CameraInfo{Name: StageName, Driver: "puppet", Port: StageSource(s.path), Virtual: true}
}

// StageName is how a stage calls itself.
const StageName = "Puppet on a stage"

// Cue tells who is on the stage what to do.
func (s *Stage) Cue(cue eye.Cue) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.cue = cue
	s.on.Cue(cue)
}

// Read waits until the next frame is due and draws it.
func (s *Stage) Read() (biometrics.Frame, error) {
	if s.closed {
		return biometrics.Frame{}, fmt.Errorf("read stage: %w", biometrics.ErrCameraClosed)
	}
	s.glance()
	s.change(s.clock.Now().Sub(s.read) >= rest)
	f, err := s.on.Read()
	f.At += s.on.start.Sub(s.start)
	s.read = s.clock.Now()
	return f, err
}

// glance looks, when it is time, whether the script has changed, and begins to make its actor ready.
func (s *Stage) glance() {
	now := s.clock.Now()
	if s.opening != nil || now.Sub(s.glanced) < glance {
		return
	}
	s.glanced = now
	script, err := readScript(s.path)
	if err != nil {
		script = "" // between two scripts, or none: whoever sits there stays
	}
	if script == s.script {
		return
	}
	s.script = script
	opening := make(chan *Camera, 1)
	s.opening = opening
	go func() {
		c, err := s.ready(s.ctx, script)
		if err != nil {
			s.log.Warn("nobody new on the stage", "err", err)
		}
		opening <- c
	}()
}

// change lets the actor on who is ready, or waits for who is being made ready.
func (s *Stage) change(wait bool) {
	var next *Camera
	select {
	case next = <-s.opening:
		s.opening = nil
	default:
		if wait && s.opening != nil {
			next, s.opening = <-s.opening, nil
		}
	}
	if next == nil {
		return
	}
	s.mu.Lock()
	before := s.on
	s.on = next
	next.Cue(s.cue)
	s.mu.Unlock()
	s.log.Info("the stage has changed", "to", next.options.Mode)
	if err := before.Close(); err != nil {
		s.log.Warn("close who left the stage", "err", err)
	}
}

// Close waits for an actor who is still being made ready, and frees everybody. A second Close does nothing.
func (s *Stage) Close() error {
	if s.closed {
		return nil
	}
	s.closed = true
	s.cancel()
	var err error
	if s.opening != nil {
		if c := <-s.opening; c != nil {
			err = c.Close()
		}
	}
	return errors.Join(err, s.on.Close())
}
