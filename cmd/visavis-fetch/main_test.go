package main

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/alecthomas/kong"

	"visavis/biometrics/weights"
)

const childEnv = "VISAVIS_FETCH_TEST_CHILD"

// TestMain makes the test binary the program itself, for the test that stops one.
func TestMain(m *testing.M) {
	if os.Getenv(childEnv) != "" {
		main()
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// Who is told to end, by the terminal or by the system, leaves no temporary folder behind.
func TestSignals(t *testing.T) {
	for _, signal := range []os.Signal{os.Interrupt, syscall.SIGTERM} {
		bin, temp := t.TempDir(), t.TempDir()
		started := filepath.Join(bin, "started")
		if err := syscall.Mkfifo(started, 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(bin, "npm"), []byte("#!/bin/sh\necho yes >"+started+"\nsleep 60\n"), 0o700); err != nil {
			t.Fatal(err)
		}
		cmd := exec.Command(os.Args[0], "weights", "--dir", t.TempDir())
		cmd.Env = append(os.Environ(), childEnv+"=1", "TMPDIR="+temp, "PATH="+bin+":"+os.Getenv("PATH"))
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		if _, err := os.ReadFile(started); err != nil { // waits for npm
			t.Fatal(err)
		}
		if err := cmd.Process.Signal(signal); err != nil {
			t.Fatal(err)
		}
		if err := cmd.Wait(); cmd.ProcessState.ExitCode() != 1 {
			t.Errorf("%v: %v, want exit status 1", signal, err)
		}
		left, err := os.ReadDir(temp)
		if err != nil || len(left) > 0 {
			t.Errorf("%v: left behind %v, %v", signal, left, err)
		}
	}
}

func TestCommandLine(t *testing.T) {
	for line, want := range map[string]string{
		"weights --dir x": "weights", "demo-faces --dir x --from y": "demo-faces", "weights": "", "other --dir x": "", "": "",
	} {
		var c cli
		p, err := kong.New(&c, kong.Exit(func(int) {}))
		if err != nil {
			t.Fatal(err)
		}
		got, err := p.Parse(strings.Fields(line))
		if (err == nil) != (want != "") || err == nil && got.Command() != want {
			t.Errorf("%q: %v", line, err)
		}
	}
}

// The real pins on the real files: fetched again from where they are, into an empty folder.
func TestFetch(t *testing.T) {
	for name, s := range map[string]weights.Set{"weights": weights.Dlib(), "faces": weights.DemoFaces()} {
		from := "../../build/" + name
		if err := s.Check(from); errors.Is(err, weights.ErrMissing) && !errors.Is(err, weights.ErrWrong) {
			if os.Getenv("VISAVIS_CI") == "1" {
				t.Fatalf("%s: not there (make %s)", s.Name, name)
			}
			t.Skipf("%s: not there (make %s)", s.Name, name)
		} else if err != nil {
			t.Fatal(err)
		}
		var out strings.Builder
		dir := t.TempDir()
		for _, word := range []string{"fetched", "is there"} {
			out.Reset()
			if err := fetch(t.Context(), &out, s, target{Dir: dir, From: from}); err != nil {
				t.Fatal(err)
			}
			if got := strings.Count(out.String(), word); got != len(s.Files) {
				t.Errorf("%s", out.String())
			}
		}
		if err := s.Check(dir); err != nil {
			t.Error(err)
		}
	}
}
