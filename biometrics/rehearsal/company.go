package rehearsal

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"

	"visavis/biometrics"
	"visavis/biometrics/eye"
	"visavis/biometrics/pipe"
)

// Company is a number of rehearsing processes. Its methods are safe for concurrent use: each order waits for a process that is free.
type Company struct {
	weights string
	members []*member
	free    chan *member
}

// member is one process; whoever took it from the company's free ones owns it.
type member struct {
	process eye.Process
	once    sync.Once
	ended   error
	broken  error // it can not be asked any more
}

// leave is how long a process may take to end by itself.
const leave = 5 * time.Second

// Open starts n processes, one after the other: loading the weights takes a core for half a second. All must work with the same weights.
func Open(ctx context.Context, launch eye.Launcher, n int) (*Company, error) {
	c := &Company{free: make(chan *member, max(1, n))}
	for range max(1, n) {
		m, weights, err := join(ctx, launch)
		if err == nil && c.weights != "" && weights != c.weights {
			err = fmt.Errorf("%w: weights %q and %q", ErrProtocol, c.weights, weights)
		}
		if m != nil {
			c.members = append(c.members, m)
			c.free <- m
		}
		if err != nil {
			return nil, errors.Join(fmt.Errorf("open rehearsal: %w", err), c.Close())
		}
		c.weights = weights
	}
	return c, nil
}

// join starts a process and waits until it is ready.
func join(ctx context.Context, launch eye.Launcher) (*member, string, error) {
	p, err := launch(ctx)
	if err != nil {
		return nil, "", err
	}
	m := &member{process: p}
	first, err := m.hear(ctx)
	if err != nil {
		return m, "", err
	}
	var h hello
	if err := first.Unpack(&h); err != nil || first.Kind != kindHello || h.Version != Version || h.Weights == "" {
		return m, "", fmt.Errorf("%w: its first word is %q", ErrProtocol, strings.ToValidUTF8(fmt.Sprint(h), "?"))
	}
	return m, h.Weights, nil
}

// Weights names the model files' version.
func (c *Company) Weights() string { return c.weights }

// Play plays a challenge to a puppet. A refusal by the stage, as of a photograph that is not there, is ErrRefused with its words.
func (c *Company) Play(ctx context.Context, o Order) (biometrics.Evidence, error) {
	if err := o.Check(); err != nil {
		return biometrics.Evidence{}, err
	}
	var p played
	if err := c.ask(ctx, kindPlay, o, kindPlayed, &p); err != nil {
		return biometrics.Evidence{}, fmt.Errorf("play: %w", err)
	}
	if p.Failure != "" {
		return biometrics.Evidence{}, fmt.Errorf("%w: play: %s", ErrRefused, p.Failure)
	}
	return p.Evidence, nil
}

// Clip describes the frames of a film, or of a folder of pictures. Their offsets are the film's times; pictures stand ClipPace apart.
func (c *Company) Clip(ctx context.Context, path string) ([]biometrics.Observation, error) {
	if path == "" || len(path) > maxSource {
		return nil, fmt.Errorf("%w: a path of %d bytes", ErrOrder, len(path))
	}
	var p clipped
	if err := c.ask(ctx, kindClip, clip{Path: path}, kindClipped, &p); err != nil {
		return nil, fmt.Errorf("clip: %w", err)
	}
	if p.Failure != "" {
		return nil, fmt.Errorf("%w: clip: %s", ErrRefused, p.Failure)
	}
	return p.Frames, nil
}

func (c *Company) ask(ctx context.Context, k pipe.Kind, order any, want pipe.Kind, answer any) error {
	select {
	case <-ctx.Done():
		return ctx.Err()
	case m := <-c.free:
		defer func() { c.free <- m }()
		return m.ask(ctx, k, order, want, answer)
	}
}

func (m *member) ask(ctx context.Context, k pipe.Kind, order any, want pipe.Kind, answer any) (err error) {
	if m.broken != nil {
		return m.broken
	}
	defer func() { m.broken = err }() // whatever went wrong, the next answer would not be to the next order
	stop := context.AfterFunc(ctx, m.process.Kill)
	err = pipe.Write(m.process, pipe.Pack(k, order))
	stop()
	if err != nil {
		return m.gone(ctx, err)
	}
	got, err := m.hear(ctx)
	if err != nil {
		return err
	}
	if got.Kind != want {
		return fmt.Errorf("%w: answer of kind %d", ErrProtocol, got.Kind)
	}
	return got.Unpack(answer)
}

// hear reads the next message, or kills the process when ctx is done first.
func (m *member) hear(ctx context.Context) (pipe.Message, error) {
	defer context.AfterFunc(ctx, m.process.Kill)()
	got, err := pipe.Read(m.process, answerCaps())
	if err != nil && !errors.Is(err, ErrProtocol) {
		err = m.gone(ctx, err)
	}
	return got, err
}

func (m *member) gone(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	return fmt.Errorf("%w: %w", ErrEnded, err)
}

// Close ends the processes; nobody may ask any more.
func (c *Company) Close() error {
	var errs []error
	for _, m := range c.members {
		errs = append(errs, m.close())
	}
	return errors.Join(errs...)
}

func (m *member) close() error {
	m.once.Do(func() {
		_ = m.process.CloseInput()
		late := time.AfterFunc(leave, m.process.Kill)
		defer late.Stop()
		err := m.process.Wait()
		m.process.Kill() // closes its pipes
		if m.broken == nil {
			m.ended = err
		}
	})
	return m.ended
}
