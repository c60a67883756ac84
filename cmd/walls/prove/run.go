package main

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"syscall"
	"time"

	"visavis/cmd/walls/prove/guard"
)

// binary is a package's test binary. It runs once at a time: its folder tells it what is taken back.
type binary struct {
	path, folder, dir string
	made              string // a hash of what it was made of
}

// ending is how a run ended.
type ending string

const (
	passed   ending = "passed"
	failed   ending = "fails"
	panicked ending = "panics"
	hung     ending = "does not end"
	absent   ending = "does not run"
)

// run runs one test with an answer taken back, or with none (-1).
func (b *binary) run(ctx context.Context, test string, off int, most time.Duration) (ending, error) {
	number := ""
	if off >= 0 {
		number = strconv.Itoa(off)
	}
	if err := os.WriteFile(filepath.Join(b.folder, guard.Off), []byte(number), 0o600); err != nil {
		return "", err
	}
	if err := os.Remove(filepath.Join(b.folder, guard.Fired)); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return "", err
	}
	late, cancel := context.WithTimeout(ctx, most)
	defer cancel()
	cmd := exec.CommandContext(late, "nice", "-n", "10", b.path, "-test.run", pattern(test), "-test.count=1", "-test.v", "-test.timeout", "10m")
	cmd.Dir = b.dir
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} // and what it starts ends with it
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }
	cmd.WaitDelay = time.Second
	out, err := cmd.CombinedOutput()
	if ctx.Err() != nil {
		return "", ctx.Err()
	}
	return judge(test, out, err, late.Err() != nil), os.WriteFile(filepath.Join(b.folder, "output"), out, 0o600)
}

func judge(test string, out []byte, err error, late bool) ending {
	switch {
	case late:
		return hung
	case err == nil && bytes.Contains(out, []byte("--- PASS: "+test+" (")):
		return passed
	case err == nil:
		return absent
	case bytes.Contains(out, []byte("\npanic: ")) || bytes.Contains(out, []byte("fatal error: ")):
		return panicked
	}
	return failed
}

// pattern is the one that matches this test alone, and in it this case alone.
func pattern(test string) string {
	parts := strings.Split(test, "/")
	for i, p := range parts {
		parts[i] = "^" + regexp.QuoteMeta(p) + "$"
	}
	return strings.Join(parts, "/")
}

// fired are the answers that the run before gave.
func (b *binary) fired() (map[int]bool, error) {
	out, err := os.ReadFile(filepath.Join(b.folder, guard.Fired))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	answers := map[int]bool{}
	for lines := bufio.NewScanner(bytes.NewReader(out)); lines.Scan(); {
		n, err := strconv.Atoi(lines.Text())
		if err != nil {
			return nil, fmt.Errorf("what guards said: %w", err)
		}
		answers[n] = true
	}
	return answers, nil
}

// tests are the names of the binary's tests and fuzz targets.
func (b *binary) tests(ctx context.Context) ([]string, error) {
	cmd := exec.CommandContext(ctx, b.path, "-test.list", "^(Test|Fuzz)")
	cmd.Dir = b.dir
	out, err := cmd.Output()
	return strings.Fields(string(out)), err
}
