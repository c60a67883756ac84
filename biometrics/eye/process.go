package eye

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/exec"
	"sync"
)

// child is an eye in a process of its own.
type child struct {
	io.ReadCloser
	io.WriteCloser
	cmd *exec.Cmd
}

// Command is the Launcher of a program. What it writes to stderr goes to log, a record a line.
func Command(path string, args []string, log *slog.Logger) Launcher {
	return func(context.Context) (Process, error) {
		cmd := exec.Command(path, args...)
		// Read when the library is loaded, so it is too late for the eye itself: a thread a core only costs, for matrices this small.
		cmd.Env = append(os.Environ(), "OPENBLAS_NUM_THREADS=1")
		in, err := cmd.StdinPipe()
		if err != nil {
			return nil, fmt.Errorf("start the eye: %w", err)
		}
		out, err := cmd.StdoutPipe()
		if err != nil {
			return nil, fmt.Errorf("start the eye: %w", err)
		}
		cmd.WaitDelay = closeGrace // should somebody else still hold its stderr
		cmd.Stderr = &lineLog{log: log}
		if err := cmd.Start(); err != nil {
			return nil, fmt.Errorf("start the eye: %w", err)
		}
		return &child{out, in, cmd}, nil
	}
}

func (c *child) CloseInput() error { return c.WriteCloser.Close() }
func (c *child) Close() error      { return c.ReadCloser.Close() }
func (c *child) Kill()             { _ = c.cmd.Process.Kill() }
func (c *child) Wait() error       { return c.cmd.Wait() }

// lineLog logs what is written to it, line by line; long lines are cut.
type lineLog struct {
	log  *slog.Logger
	line []byte
}

const maxLine = 2000

func (l *lineLog) Write(p []byte) (int, error) {
	n := len(p)
	for len(p) > 0 {
		part, rest, whole := bytes.Cut(p, []byte{'\n'})
		l.line = append(l.line, part[:min(len(part), maxLine-len(l.line))]...)
		if whole {
			l.log.Info("eye", "said", string(l.line))
			l.line = l.line[:0]
		}
		p = rest
	}
	return n, nil
}

// Local is a Launcher that runs Serve in this process over in-memory pipes: for tests of whoever uses a Keeper.
func Local(backend Backend, log *slog.Logger) Launcher {
	return func(context.Context) (Process, error) {
		ctx, cancel := context.WithCancel(context.Background())
		inR, inW := io.Pipe()
		outR, outW := io.Pipe()
		l := &local{Reader: outR, Writer: inW, in: inW, out: outR, cancel: cancel, ended: make(chan struct{})}
		go func() {
			defer close(l.ended)
			l.err = Serve(ctx, inR, outW, backend, log)
			_ = outW.Close()
			_ = inR.Close()
		}()
		return l, nil
	}
}

type local struct {
	io.Reader
	io.Writer
	in     *io.PipeWriter
	out    *io.PipeReader
	cancel context.CancelFunc
	once   sync.Once
	ended  chan struct{}
	err    error
}

func (l *local) CloseInput() error { return l.in.Close() }

func (l *local) Kill() {
	l.once.Do(func() {
		l.cancel()
		_ = l.out.Close()
	})
}

func (l *local) Wait() error {
	<-l.ended
	return l.err
}
