package main

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"image"
	"image/png"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"time"
)

// display is a private X server without a window manager, its screen filled by one window, and the hands before it.
type display struct {
	name string // ":7"
	size image.Point
	cmd  *exec.Cmd
	done chan error
}

// openDisplay starts Xvfb, which picks a free number and says it.
func openDisplay(ctx context.Context, size image.Point, log string) (*display, error) {
	said, theirs, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	defer said.Close()
	defer theirs.Close()
	file, err := os.Create(log)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	d := &display{size: size, done: make(chan error, 1)}
	d.cmd = exec.CommandContext(ctx, "Xvfb", "-displayfd", "3", "-screen", "0", fmt.Sprintf("%dx%dx24", size.X, size.Y), "-nolisten", "tcp", "-noreset")
	d.cmd.Stdout, d.cmd.Stderr, d.cmd.ExtraFiles = file, file, []*os.File{theirs}
	if err := d.cmd.Start(); err != nil {
		return nil, fmt.Errorf("start Xvfb: %w", err)
	}
	go func() { d.done <- d.cmd.Wait() }()
	theirs.Close()
	if err := said.SetReadDeadline(time.Now().Add(20 * time.Second)); err != nil {
		return nil, errors.Join(err, d.close())
	}
	number, err := bufio.NewReader(said).ReadString('\n')
	if err != nil {
		return nil, errors.Join(fmt.Errorf("the display server names no display: %w (its log is %s)", err, log), d.close())
	}
	d.name = ":" + strings.TrimSpace(number)
	return d, nil
}

func (d *display) close() error {
	_ = d.cmd.Process.Signal(syscall.SIGTERM) // it may have ended
	<-d.done
	return nil
}

// tool runs a program at the display.
func (d *display) tool(ctx context.Context, stdin []byte, name string, args ...string) ([]byte, error) {
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.Env = append(os.Environ(), "DISPLAY="+d.name)
	var errs bytes.Buffer
	cmd.Stderr = &errs
	if stdin != nil {
		cmd.Stdin = bytes.NewReader(stdin)
	}
	out, err := cmd.Output()
	if err != nil {
		return nil, fmt.Errorf("%s: %w: %s", name, err, strings.TrimSpace(errs.String()))
	}
	return out, nil
}

// keys presses keys, by xdotool's names, one after the other: Tab, Return, ctrl+v.
func (d *display) keys(ctx context.Context, names ...string) error {
	_, err := d.tool(ctx, nil, "xdotool", append([]string{"key", "--delay", "30"}, names...)...)
	return err
}

// types types a text in ASCII.
func (d *display) types(ctx context.Context, text string) error {
	_, err := d.tool(ctx, nil, "xdotool", "type", "--delay", "30", text)
	return err
}

// clicks clicks with the left button.
func (d *display) clicks(ctx context.Context, at image.Point) error {
	_, err := d.tool(ctx, nil, "xdotool", "mousemove", fmt.Sprint(at.X), fmt.Sprint(at.Y), "click", "1")
	return err
}

// clipboard is what the window copied.
func (d *display) clipboard(ctx context.Context) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	out, err := d.tool(ctx, nil, "xclip", "-selection", "clipboard", "-out")
	return string(out), err
}

// paste gives a text to the clipboard, once, and presses ctrl+v.
func (d *display) paste(ctx context.Context, text string) error {
	ctx, cancel := context.WithTimeout(ctx, 20*time.Second)
	defer cancel()
	// In the foreground: it ends when the text was taken, and nothing of it is left.
	cmd := exec.CommandContext(ctx, "xclip", "-quiet", "-selection", "clipboard", "-in", "-loops", "1")
	cmd.Env = append(os.Environ(), "DISPLAY="+d.name)
	cmd.Stdin = strings.NewReader(text)
	said, err := cmd.StderrPipe()
	if err != nil {
		return err
	}
	if err := cmd.Start(); err != nil {
		return err
	}
	// It says that it waits when it owns the selection.
	if _, err := bufio.NewReader(said).ReadByte(); err != nil {
		return errors.Join(fmt.Errorf("xclip: %w", err), cmd.Wait())
	}
	if err := d.keys(ctx, "ctrl+v"); err != nil {
		cancel()
		return errors.Join(err, cmd.Wait())
	}
	if err := cmd.Wait(); err != nil {
		return fmt.Errorf("nobody took the clipboard: %w", err)
	}
	return nil
}

// photograph takes the whole screen.
func (d *display) photograph(ctx context.Context) (image.Image, error) {
	ctx, cancel := context.WithTimeout(ctx, 20*time.Second)
	defer cancel()
	out, err := d.tool(ctx, nil, "import", "-window", "root", "-depth", "8", "-quality", "10", "png:-")
	if err != nil {
		return nil, err
	}
	return png.Decode(bytes.NewReader(out))
}

// savePNG writes a picture: quickly, or small.
func savePNG(path string, m image.Image, level png.CompressionLevel) error {
	var b bytes.Buffer
	if err := (&png.Encoder{CompressionLevel: level}).Encode(&b, m); err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return err
	}
	return os.WriteFile(path, b.Bytes(), 0o600)
}
