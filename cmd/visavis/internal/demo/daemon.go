package demo

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"time"
)

// daemon is visavisd and its state folder.
type daemon struct {
	bin    string
	state  string
	log    string
	listen string

	cmd  *exec.Cmd
	done chan error
}

var inviteLine = regexp.MustCompile(`(?m)^visavis-invite-1:\S+$`)

// newDaemon runs `visavisd init` and returns the first desk's invite.
func newDaemon(ctx context.Context, bin, keep, listen, address string) (*daemon, string, error) {
	d := &daemon{bin: filepath.Join(bin, "visavisd"), state: filepath.Join(keep, "server"), log: filepath.Join(keep, "visavisd.log"), listen: listen}
	out, err := d.run(ctx, "init", "--state", d.state, "--name", "Café Visavis", "--listen", listen, "--address", address)
	if err != nil {
		return nil, "", err
	}
	invite := inviteLine.FindString(out)
	if invite == "" {
		return nil, "", errors.New("visavisd init printed no invite")
	}
	return d, invite, nil
}

// run runs one verb to its end.
func (d *daemon) run(ctx context.Context, args ...string) (string, error) {
	cmd := exec.CommandContext(ctx, d.bin, args...)
	var errs strings.Builder
	cmd.Stderr = &errs
	out, err := cmd.Output()
	if err != nil {
		return "", fmt.Errorf("visavisd %s: %w: %s", args[0], err, errs.String())
	}
	return string(out), nil
}

// start runs `visavisd serve` until stop, and returns when it listens.
func (d *daemon) start(ctx context.Context) error {
	log, err := os.OpenFile(d.log, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	defer log.Close()
	d.cmd = exec.CommandContext(ctx, d.bin, "serve", "--state", d.state)
	d.cmd.Cancel = func() error { return d.cmd.Process.Signal(syscall.SIGTERM) }
	d.cmd.Stderr = log
	if err := d.cmd.Start(); err != nil {
		return fmt.Errorf("start visavisd: %w", err)
	}
	d.done = make(chan error, 1)
	go func() { d.done <- d.cmd.Wait() }()
	return d.await(ctx)
}

// await waits until the server accepts connections.
func (d *daemon) await(ctx context.Context) error {
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	late := time.After(20 * time.Second)
	for {
		select {
		case err := <-d.done:
			d.done <- err
			return fmt.Errorf("visavisd ended: %w (its log is %s)", err, d.log)
		case <-late:
			return fmt.Errorf("visavisd does not listen on %s (its log is %s)", d.listen, d.log)
		case <-ctx.Done():
			return ctx.Err()
		case <-tick.C:
			nc, err := net.DialTimeout("tcp", d.listen, time.Second)
			if err == nil {
				return nc.Close()
			}
		}
	}
}

// stop ends the server politely and waits for it.
func (d *daemon) stop() error {
	if d.cmd == nil {
		return nil
	}
	_ = d.cmd.Process.Signal(syscall.SIGTERM) // it may have ended
	err := <-d.done
	d.cmd = nil
	if err != nil {
		return fmt.Errorf("visavisd did not end well: %w (its log is %s)", err, d.log)
	}
	return nil
}

// kill ends the server as a power cut would: without a word, in the middle of whatever it does.
func (d *daemon) kill() error {
	if err := d.cmd.Process.Kill(); err != nil {
		return err
	}
	<-d.done
	d.cmd = nil
	return nil
}

// allowVirtual changes one line of the settings.
func (d *daemon) allowVirtual() error {
	path := filepath.Join(d.state, "config.toml")
	b, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	changed := strings.Replace(string(b), "allow_virtual = false", "allow_virtual = true", 1)
	if changed == string(b) {
		return fmt.Errorf("no line allow_virtual = false in %s", path)
	}
	return os.WriteFile(path, []byte(changed), 0o600)
}

// lastVerdict is the newest detail of an audit event: distances and parallax, which no desk is ever told.
func (d *daemon) lastVerdict(ctx context.Context, event string) (string, error) {
	out, err := d.run(ctx, "audit", "--state", d.state)
	if err != nil {
		return "", err
	}
	var last string
	for sc := bufio.NewScanner(strings.NewReader(out)); sc.Scan(); {
		fields := strings.SplitN(sc.Text(), "\t", 6)
		if len(fields) == 6 && fields[1] == event {
			last = fields[5]
		}
	}
	return last, nil
}

// recorder stands between desks and server and keeps every byte that passes.
type recorder struct {
	ln   net.Listener
	to   string
	file *os.File
	bg   chan struct{}
}

// record starts a recorder that listens on address and hands everything on to to.
func record(address, to, path string) (*recorder, error) {
	file, err := os.OpenFile(path, os.O_CREATE|os.O_TRUNC|os.O_RDWR|os.O_APPEND, 0o600)
	if err != nil {
		return nil, err
	}
	ln, err := net.Listen("tcp", address)
	if err != nil {
		return nil, errors.Join(err, file.Close())
	}
	r := &recorder{ln: ln, to: to, file: file, bg: make(chan struct{})}
	go r.accept()
	return r, nil
}

func (r *recorder) accept() {
	defer close(r.bg)
	for {
		in, err := r.ln.Accept()
		if err != nil {
			return
		}
		go r.pass(in)
	}
}

// pass copies both ways; each end's closing closes the other.
func (r *recorder) pass(in net.Conn) {
	out, err := net.Dial("tcp", r.to)
	if err != nil {
		_ = in.Close()
		return
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		_, _ = io.Copy(out, io.TeeReader(in, r.file))
		_ = out.Close()
	}()
	_, _ = io.Copy(in, io.TeeReader(out, r.file))
	_ = in.Close()
	_ = out.Close()
	<-done
}

func (r *recorder) close() error {
	_ = r.ln.Close()
	<-r.bg
	return r.file.Close()
}

// freePort is a loopback address that nobody listens on now.
func freePort() (string, error) {
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	return ln.Addr().String(), ln.Close()
}
