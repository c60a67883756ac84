package local_test

import (
	"bytes"
	"errors"
	"io"
	"io/fs"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"go.uber.org/goleak"

	"visavis/cmd/visavis/internal/local"
)

const mark = ".made-here"

// Somebody names his home folder, or a dot.
func TestClaimLeavesForeignFoldersAlone(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "keep")
	precious := filepath.Join(dir, "precious")
	if err := errors.Join(os.Mkdir(dir, 0o700), os.WriteFile(precious, nil, 0o600)); err != nil {
		t.Fatal(err)
	}
	if _, err := local.Claim(dir, mark); !errors.Is(err, local.ErrForeign) {
		t.Errorf("claim: %v", err)
	}
	if err := local.Renew(dir, mark); !errors.Is(err, local.ErrForeign) {
		t.Errorf("renew: %v", err)
	}
	if _, err := os.Stat(precious); err != nil {
		t.Fatalf("it was emptied: %v", err)
	}
	if err := local.Renew(precious, mark); err == nil {
		t.Error("a file was claimed")
	}
}

func TestClaimKeepsAndRenewEmpties(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "a", "keep")
	for i, fresh := range []bool{true, true, false} {
		got, err := local.Claim(dir, mark)
		if err != nil || got != fresh {
			t.Fatalf("claim %d: fresh %v, %v", i, got, err)
		}
		if i == 1 {
			if err := os.WriteFile(filepath.Join(dir, "state"), nil, 0o600); err != nil {
				t.Fatal(err)
			}
		}
	}
	for range 2 {
		if err := local.Renew(dir, mark); err != nil {
			t.Fatal(err)
		}
		names, err := os.ReadDir(dir)
		if err != nil || len(names) != 1 || names[0].Name() != mark {
			t.Errorf("%v, %v", names, err)
		}
	}
}

// visavisd builds the real one.
func visavisd(t *testing.T) string {
	t.Helper()
	if testing.Short() {
		t.Skip("builds the server")
	}
	path := filepath.Join(t.TempDir(), "visavisd")
	build := exec.Command("go", "build", "-buildvcs=false", "-o", path, "visavis/cmd/visavisd")
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	return path
}

func TestServer(t *testing.T) {
	o := local.Options{Program: visavisd(t), Dir: t.TempDir(), Organisation: "Café Visavis", Virtual: true}
	defer goleak.VerifyNone(t)
	s, err := local.Start(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := s.Stop(); err != nil {
			t.Error(err)
		}
	}()
	first, err := s.Invite(t.Context())
	if err != nil || !strings.HasPrefix(first, "visavis-invite-1:") {
		t.Fatalf("the first invite: %v", err)
	}
	if second, err := s.Invite(t.Context()); err != nil || second == first {
		t.Errorf("the second invite, while it serves: %v", err)
	}
	events, err := s.Audit(t.Context())
	if err != nil || len(events) == 0 || len(events[0]) != 6 {
		t.Errorf("audit %q, %v", events, err)
	}
	if again, err := local.Start(t.Context(), o); err == nil {
		t.Error("two servers on one state")
	} else if again.Stop() != nil {
		t.Error("the second was not ended")
	}
	for _, end := range []func() error{s.Kill, s.Kill, s.Stop} {
		if err := end(); err != nil {
			t.Error(err)
		}
	}
	if nc, err := net.Dial("tcp", s.Listen()); err == nil {
		nc.Close()
		t.Error("a killed server listens")
	}
	o.Virtual = false
	again, err := local.Start(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	settings, err := os.ReadFile(filepath.Join(again.State(), "config.toml"))
	if err != nil || !bytes.Contains(settings, []byte("allow_virtual = false")) || again.Listen() != s.Listen() {
		t.Errorf("the folder was not taken over: %v", err)
	}
	if err := again.Stop(); err != nil {
		t.Error(err)
	}
	if log, err := os.ReadFile(again.Log()); err != nil || !bytes.Contains(log, []byte("stopped")) {
		t.Errorf("log: %v", err)
	}
}

func TestNoServer(t *testing.T) {
	if _, err := local.Start(t.Context(), local.Options{Program: "visavisd-that-is-not-there", Dir: t.TempDir(), Organisation: "o"}); err == nil {
		t.Error("started nothing")
	}
}

// echo answers what it is told.
func echo(t *testing.T) string {
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	var wg sync.WaitGroup
	wg.Go(func() {
		for {
			c, err := ln.Accept()
			if err != nil {
				return
			}
			wg.Go(func() {
				_, _ = io.Copy(c, c)
				_ = c.Close()
			})
		}
	})
	t.Cleanup(func() {
		_ = ln.Close()
		wg.Wait()
	})
	return ln.Addr().String()
}

// said is what comes back of a word.
func said(t *testing.T, address, word string) (string, error) {
	t.Helper()
	c, err := net.Dial("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	_, _ = io.WriteString(c, word)
	b := make([]byte, len(word))
	_, err = io.ReadFull(c, b)
	return string(b), err
}

func TestRelay(t *testing.T) {
	to := echo(t)
	leaks := goleak.IgnoreCurrent()
	defer goleak.VerifyNone(t, leaks)
	file, err := os.CreateTemp(t.TempDir(), "wire")
	if err != nil {
		t.Fatal(err)
	}
	r, err := local.NewRelay("127.0.0.1:0", to, file)
	if err != nil {
		t.Fatal(err)
	}
	if got, err := said(t, r.Address(), "hello"); err != nil || got != "hello" {
		t.Errorf("%q, %v", got, err)
	}
	open, err := net.Dial("tcp", r.Address())
	if err != nil {
		t.Fatal(err)
	}
	defer open.Close()
	if _, err := io.WriteString(open, "x"); err != nil {
		t.Fatal(err)
	}
	if _, err := io.ReadFull(open, make([]byte, 1)); err != nil {
		t.Fatal(err)
	}
	r.Cut()
	if _, err := open.Read(make([]byte, 1)); err == nil {
		t.Error("a connection outlives the cut")
	}
	if got, err := said(t, r.Address(), "hello"); err == nil {
		t.Errorf("through the cut came %q", got)
	}
	r.Mend()
	if got, err := said(t, r.Address(), "again"); err != nil || got != "again" {
		t.Errorf("%q, %v", got, err)
	}
	if err := errors.Join(r.Close(), r.Close()); err != nil {
		t.Error(err)
	}
	if b, err := os.ReadFile(file.Name()); err != nil || bytes.Count(b, []byte("hello")) != 2 {
		t.Errorf("recorded %q, %v", b, err)
	}
}

// program writes a shell script that stands for visavis-eye.
func program(t *testing.T, dir, script string) {
	t.Helper()
	if err := os.WriteFile(filepath.Join(dir, "visavis-eye"), []byte("#!/bin/sh\n"+script+"\n"), 0o700); err != nil {
		t.Fatal(err)
	}
}

func TestPickEye(t *testing.T) {
	for _, tt := range []struct {
		name, check string
		pick        local.Pick
		virtual     bool
		fails       bool
	}{
		{"nothing picked", "echo no camera", "", false, true},
		{"a pick that is none", "echo no camera", "phone", false, true},
		{"an eye that does not start", "exit 1", local.Auto, false, true},
		{"no camera", "echo no camera", local.Auto, true, false},
		{"a virtual camera alone", `echo 'virtual camera "Loop" driver v4l2loopback'`, local.Auto, true, false},
		{"a camera", `echo 'camera "Webcam" driver uvcvideo'`, local.Auto, false, false},
		{"a camera, and a puppet wanted", `echo 'camera "Webcam" driver uvcvideo'`, local.Puppet, true, false},
		{"no camera, and one wanted", "exit 1", local.Webcam, false, false},
	} {
		bin := t.TempDir()
		program(t, bin, tt.check)
		e, err := local.PickEye(t.Context(), local.Parts{Bin: bin, Weights: "w", Faces: "f"}, tt.pick)
		if (err != nil) != tt.fails || e.Virtual != tt.virtual {
			t.Errorf("%s: %+v, %v", tt.name, e, err)
		}
	}
	if _, err := local.PickEye(t.Context(), local.Parts{Bin: t.TempDir()}, local.Auto); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("no eye: %v", err)
	}
}
