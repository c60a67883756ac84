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
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// child is an eye in a process of its own, which leads a process group: whatever it starts ends with it.
type child struct {
	in  io.WriteCloser
	out *os.File
	cmd *exec.Cmd

	mu     sync.Mutex
	reaped bool // its number may belong to somebody else from now on
}

// outputGrace is how long the last words of an eye that has ended may take to be read, should somebody outside of its group hold its output.
const outputGrace = time.Second

// Command is the Launcher of a program. What it writes to stderr goes to log, a record a line.
func Command(path string, args []string, log *slog.Logger) Launcher {
	return func(context.Context) (Process, error) {
		p, err := launch(path, args, log)
		if err != nil {
			return nil, fmt.Errorf("start the eye: %w", err)
		}
		return p, nil
	}
}

func launch(path string, args []string, log *slog.Logger) (*child, error) {
	cmd := exec.Command(path, args...)
	// Read when the libraries are loaded, so it is too late for the eye itself: a thread a core only costs, for matrices this small; and a
	// silent camera keeps OpenCV for ten seconds by default.
	cmd.Env = append(os.Environ(), "OPENBLAS_NUM_THREADS=1", "OPENCV_VIDEOIO_V4L_SELECT_TIMEOUT=5")
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	cmd.WaitDelay = closeGrace // should somebody else still hold its stderr
	cmd.Stderr = &lineLog{log: log}
	in, err := cmd.StdinPipe()
	if err != nil {
		return nil, err
	}
	out, theirs, err := os.Pipe() // not StdoutPipe, whose reader must be done before Wait is called
	if err != nil {
		in.Close()
		return nil, err
	}
	defer theirs.Close()
	cmd.Stdout = theirs
	if err := cmd.Start(); err != nil {
		out.Close()
		in.Close()
		return nil, err
	}
	return &child{in: in, out: out, cmd: cmd}, nil
}

func (c *child) Read(p []byte) (int, error)  { return c.out.Read(p) }
func (c *child) Write(p []byte) (int, error) { return c.in.Write(p) }
func (c *child) CloseInput() error           { return c.in.Close() }

// Kill closes the pipes too, so that no Read or Write waits for who inherited their other ends.
func (c *child) Kill() {
	c.killGroup(false)
	_ = c.in.Close()
	_ = c.out.Close()
}

// killGroup kills every process of the group, as long as its number is known to be theirs.
func (c *child) killGroup(last bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.reaped {
		_ = unix.Kill(-c.cmd.Process.Pid, unix.SIGKILL)
	}
	c.reaped = c.reaped || last
}

// Wait kills what the eye leaves behind before it gives up the process's number. Then its output ends, but for what is held outside of the group.
func (c *child) Wait() error {
	for unix.Waitid(unix.P_PID, c.cmd.Process.Pid, nil, unix.WEXITED|unix.WNOWAIT, nil) == unix.EINTR {
	}
	c.killGroup(true)
	_ = c.out.SetReadDeadline(time.Now().Add(outputGrace))
	return c.cmd.Wait()
}

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
