package local

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"time"

	"visavis/config"
)

// Options say which server to run.
type Options struct {
	Program      string // visavisd
	Dir          string // its state is in Dir/server, its log in Dir/visavisd.log
	Organisation string
	Listen       string // HOST:PORT; empty for a free port of the loopback, which the folder keeps
	Address      string // where desks reach it; empty for Listen
	Virtual      bool   // lets in cameras that are no hardware
}

// Server is a visavisd and its state folder. One goroutine at a time uses it.
type Server struct {
	program string
	state   string
	log     string
	listen  string
	invite  string // of the first desk; empty when the folder was there

	cmd  *exec.Cmd
	done chan error
}

var inviteLine = regexp.MustCompile(`(?m)^visavis-invite-1:\S+$`)

// Open finds the state in its folder, or makes it there. The server does not run yet.
func Open(ctx context.Context, o Options) (*Server, error) {
	s := &Server{program: o.Program, state: filepath.Join(o.Dir, "server"), log: filepath.Join(o.Dir, "visavisd.log")}
	settings, err := config.Load(filepath.Join(s.state, config.FileName))
	if errors.Is(err, fs.ErrNotExist) {
		return s, s.make(ctx, o)
	}
	if err != nil {
		return nil, err
	}
	s.listen = settings.Server.Listen
	return s, s.AllowVirtual(o.Virtual)
}

// make runs `visavisd init`.
func (s *Server) make(ctx context.Context, o Options) error {
	if o.Listen == "" {
		var err error
		if o.Listen, err = FreePort(); err != nil {
			return err
		}
	}
	if o.Address == "" {
		o.Address = o.Listen
	}
	s.listen = o.Listen
	args := []string{"init", "--state", s.state, "--name", o.Organisation, "--listen", o.Listen, "--address", o.Address}
	if o.Virtual {
		args = append(args, "--allow-virtual-cameras")
	}
	out, err := s.run(ctx, args...)
	if err != nil {
		return err
	}
	if s.invite = inviteLine.FindString(out); s.invite == "" {
		return errors.New("visavisd init printed no invite")
	}
	return nil
}

// Start opens the state and runs the server on it.
func Start(ctx context.Context, o Options) (*Server, error) {
	s, err := Open(ctx, o)
	if err != nil {
		return nil, err
	}
	return s, s.Start(ctx)
}

// State is the server's state folder.
func (s *Server) State() string { return s.state }

// Log is the file to which the server's log is added.
func (s *Server) Log() string { return s.log }

// Listen is the address on which it listens.
func (s *Server) Listen() string { return s.listen }

// Invite returns an invite: the first desk's, as it was printed, or another one, the server's half alone, which serves for a desk of an
// organisation that was not founded yet. It is good once.
func (s *Server) Invite(ctx context.Context) (string, error) {
	if first := s.invite; first != "" {
		s.invite = ""
		return first, nil
	}
	out, err := s.run(ctx, "device", "invite", "--state", s.state)
	if err != nil {
		return "", err
	}
	text := inviteLine.FindString(out)
	if text == "" {
		return "", errors.New("visavisd device invite printed no invite")
	}
	return text, nil
}

// Audit returns the security events, oldest first, each with its columns.
func (s *Server) Audit(ctx context.Context) ([][]string, error) {
	out, err := s.run(ctx, "audit", "--state", s.state)
	if err != nil {
		return nil, err
	}
	var events [][]string
	for line := range strings.Lines(out) {
		events = append(events, strings.SplitN(strings.TrimSuffix(line, "\n"), "\t", 6))
	}
	return events, nil
}

// AllowVirtual changes the settings; a server that runs learns of it when it starts again.
func (s *Server) AllowVirtual(allow bool) error {
	path := filepath.Join(s.state, config.FileName)
	settings, err := config.Load(path)
	if err != nil || settings.Camera.AllowVirtual == allow {
		return err
	}
	settings.Camera.AllowVirtual = allow
	b, err := settings.Encode()
	if err != nil {
		return err
	}
	return os.WriteFile(path, b, 0o600)
}

// run runs one verb to its end.
func (s *Server) run(ctx context.Context, args ...string) (string, error) {
	cmd := exec.CommandContext(ctx, s.program, args...)
	var errs strings.Builder
	cmd.Stderr = &errs
	out, err := cmd.Output()
	if err != nil {
		return "", fmt.Errorf("visavisd %s: %w: %s", args[0], err, strings.TrimSpace(errs.String()))
	}
	return string(out), nil
}

// Start runs the server until Stop, Kill, or the end of ctx, and returns when it listens.
func (s *Server) Start(ctx context.Context) error {
	log, err := os.OpenFile(s.log, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	defer log.Close()
	before, err := log.Seek(0, io.SeekEnd)
	if err != nil {
		return err
	}
	cmd := exec.CommandContext(ctx, s.program, "serve", "--state", s.state)
	cmd.Cancel = func() error { return cmd.Process.Signal(syscall.SIGTERM) }
	cmd.Stderr = log
	if err := cmd.Start(); err != nil {
		return fmt.Errorf("start visavisd: %w", err)
	}
	s.cmd, s.done = cmd, make(chan error, 1)
	go func() { s.done <- cmd.Wait() }()
	if err := s.await(ctx, before); err != nil {
		return errors.Join(err, s.Kill())
	}
	return nil
}

var errEnded = errors.New("visavisd ended at once")

// patience is how long a server may take until it listens.
const patience = 20 * time.Second

// serving is the line of the log that says that it listens. That somebody listens would not do: it may be another server.
var serving = []byte("serving")

// await waits until the server says, in its log after what stood there before, that it accepts connections.
func (s *Server) await(ctx context.Context, before int64) error {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for {
		select {
		case err := <-s.done:
			s.done <- err
			return fmt.Errorf("%w: %v (its log is %s)", errEnded, err, s.log)
		case <-ctx.Done():
			return fmt.Errorf("visavisd does not listen on %s: %w (its log is %s)", s.listen, ctx.Err(), s.log)
		case <-tick.C:
			b, err := os.ReadFile(s.log)
			if err != nil {
				return err
			}
			if bytes.Contains(b[min(before, int64(len(b))):], serving) {
				return nil
			}
		}
	}
}

// Stop ends the server politely and waits for it. One that does not run is no error.
func (s *Server) Stop() error {
	if s.cmd == nil {
		return nil
	}
	_ = s.cmd.Process.Signal(syscall.SIGTERM) // it may have ended
	err := <-s.done
	s.cmd = nil
	if err != nil {
		return fmt.Errorf("visavisd did not end well: %w (its log is %s)", err, s.log)
	}
	return nil
}

// Kill ends the server as a power cut would: without a word, in the middle of whatever it does.
func (s *Server) Kill() error {
	if s.cmd == nil {
		return nil
	}
	_ = s.cmd.Process.Kill() // it may have ended
	<-s.done
	s.cmd = nil
	return nil
}

// FreePort is a loopback address on which nobody listens now.
func FreePort() (string, error) {
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	return ln.Addr().String(), ln.Close()
}
