package demo

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// tools: what an operator does without a window and a server, with this very program.
func (s *story) tools(ctx context.Context) error {
	if err := s.doctor(ctx); err != nil {
		return err
	}
	key, face := filepath.Join(s.Keep, "operator.keys"), filepath.Join(s.Keep, "ben.face")
	ben := s.cast["ben"]
	said, code, err := s.visavis(ctx, "enroll", "--key", key, "--out", face, "--name", "ben", "--allow-virtual", "--camera", ben.enrolled.source(seedSignUp))
	if err := s.ends(err, code, 0, "`visavis enroll` asked for five poses on a terminal: %q", said); err != nil {
		return err
	}
	for _, v := range []struct {
		what, name, photo string
		code              int
	}{
		{"ben's second photograph", "ben", ben.photo.path, 0},
		{"ada's photograph", "ben", s.cast["ada"].photo.path, 1},
		{"a template that was put in ada's place", "ada", ben.photo.path, 2},
	} {
		said, code, err := s.visavis(ctx, "verify", "--key", key, "--template", face, "--name", v.name, "--images", v.photo)
		if err := s.ends(err, code, v.code, "`visavis verify`, %s: %q, exit code %d", v.what, said, v.code); err != nil {
			return err
		}
	}
	return nil
}

// doctor holds this machine to what the story needs of it.
func (s *story) doctor(ctx context.Context) error {
	out, code, err := s.output(ctx, "doctor", "--json", "--no-camera", "--picture", s.cast["ben"].enrolled.path)
	if err != nil {
		return err
	}
	var report struct {
		OK       bool
		Findings []struct{ Check, State, Text string }
	}
	if err := json.Unmarshal(out, &report); err != nil {
		return fmt.Errorf("visavis doctor: %w", err)
	}
	speed := ""
	for _, f := range report.Findings {
		if f.Check == "speed" {
			speed = f.Text
		}
	}
	return s.check(report.OK == (code == 0) && speed != "", "`visavis doctor` looked at %d things here; of speed it says: %s", len(report.Findings), speed)
}

// ends tells a line if a program ended with a code.
func (s *story) ends(err error, code, want int, format string, args ...any) error {
	if err != nil {
		return err
	}
	if code != want {
		return fmt.Errorf("%w: exit code %d, not %d: %s", ErrUntrue, code, want, fmt.Sprintf(format, args...))
	}
	s.true(format, args...)
	return nil
}

// visavis runs this program, and returns the line that says what came of it: its last one, or what it complained of.
func (s *story) visavis(ctx context.Context, verb string, args ...string) (said string, code int, err error) {
	out, code, err := s.output(ctx, verb, args...)
	lines := strings.Split(strings.TrimSpace(string(out)), "\n")
	return strings.ReplaceAll(lines[len(lines)-1], s.Keep+string(filepath.Separator), ""), code, err
}

// output runs this program with a puppet's eye. Where it printed nothing, its complaint stands for that.
func (s *story) output(ctx context.Context, verb string, args ...string) ([]byte, int, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, 0, err
	}
	cmd := exec.CommandContext(ctx, self, append([]string{verb, "--eye", filepath.Join(s.Bin, "visavis-puppet"), "--weights", s.Weights}, args...)...)
	var out, complaint bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &complaint
	err = cmd.Run()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		return nil, 0, fmt.Errorf("visavis %s: %w", verb, err)
	}
	if out.Len() == 0 {
		out = complaint
	}
	return out.Bytes(), cmd.ProcessState.ExitCode(), nil
}
