package eye

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"sync"
	"time"

	"visavis/biometrics"
	"visavis/biometrics/pipe"
)

// Serve is the eye's end. It reads commands from in and writes events to out until in ends (nil), ctx is done, or the protocol or a pipe is
// broken. It returns after all its goroutines have ended and camera and describer are closed. A Read of in that blocks would
// be waited for: so in, when it is an io.Closer, is closed as soon as there is a reason to return.
func Serve(ctx context.Context, in io.Reader, out io.Writer, backend Backend, log *slog.Logger) error {
	return serve(ctx, in, out, backend, log, systemClock{})
}

// server is the state that the eye's goroutines share: channels, and the cue.
type server struct {
	in      io.Reader
	out     io.Writer
	backend Backend
	log     *slog.Logger
	clock   Clock
	start   time.Time

	cue     cueState
	orders  chan message           // reader → camera
	asks    chan asked             // reader → describer
	frames  slot[stamped]          // camera → describer
	preview slot[biometrics.Frame] // camera → writer
	control chan message           // everybody → writer
}

func serve(ctx context.Context, in io.Reader, out io.Writer, backend Backend, log *slog.Logger, clock Clock) error {
	if log == nil {
		log = slog.New(slog.DiscardHandler)
	}
	s := &server{
		in: in, out: out, backend: backend, log: log, clock: clock, start: clock.Now(),
		orders: make(chan message, 16), asks: make(chan asked, 4), control: make(chan message, 16),
		frames: newSlot[stamped](), preview: newSlot[biometrics.Frame](),
	}
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	var wg sync.WaitGroup
	// Queued before anybody else can queue, so written first.
	s.control <- pipe.Pack(kindHello, hello{Version: Version})
	for _, part := range []func(context.Context) error{s.write, s.read, s.watchCamera, s.describe} {
		wg.Go(func() {
			if err := part(ctx); err != nil {
				cancel(err)
			}
		})
	}
	if c, ok := in.(io.Closer); ok {
		stop := context.AfterFunc(ctx, func() { _ = c.Close() })
		defer stop()
	}
	wg.Wait()
	if err := context.Cause(ctx); !errors.Is(err, errInputEnded) {
		return err
	}
	return nil
}

var errInputEnded = errors.New("the input has ended")

// read hands commands on. It blocks while the camera opens and the orders before it wait, but never for a cue.
func (s *server) read(ctx context.Context) error {
	allowed := commandCaps()
	for {
		m, err := pipe.Read(s.in, allowed)
		switch {
		case errors.Is(err, io.EOF):
			return errInputEnded
		case err != nil:
			return fmt.Errorf("read a command: %w", err)
		}
		if err := s.command(ctx, m); err != nil {
			return err
		}
	}
}

func (s *server) command(ctx context.Context, m message) error {
	switch m.Kind {
	case kindCue:
		var c Cue
		if err := m.Unpack(&c); err != nil {
			return err
		}
		s.cue.set(c, s.clock.Now())
	case kindDescribe, kindAlone:
		var a askDescribe
		if err := m.Unpack(&a); err != nil {
			return err
		}
		return deliver(ctx, s.asks, asked{a, m.Kind == kindAlone})
	default:
		return deliver(ctx, s.orders, m)
	}
	return nil
}

// deliver waits until v is taken or ctx is done.
func deliver[T any](ctx context.Context, to chan<- T, v T) error {
	select {
	case to <- v:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// send queues m for the writer.
func (s *server) send(ctx context.Context, m message) { _ = deliver(ctx, s.control, m) }

// write owns the output. Answers and faces go before previews.
func (s *server) write(ctx context.Context) error {
	for {
		var m message
		select {
		case m = <-s.control:
		default:
			select {
			case m = <-s.control:
			case f := <-s.preview:
				m = packPreview(f)
			case <-ctx.Done():
				return nil
			}
		}
		if err := pipe.Write(s.out, m); err != nil {
			return fmt.Errorf("write an event: %w", err)
		}
	}
}
