package main

import (
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"testing"

	"github.com/elastic/go-seccomp-bpf/arch"
	kernel "github.com/landlock-lsm/go-landlock/landlock/syscall"
	"golang.org/x/sys/unix"
)

// intrude is what somebody does who runs code of his own in the eye, on a thread from before it was confined and on one from after. Its arguments: a
// folder with a weights folder, a film and a secret in it; addresses of a TCP, a UDP and a Unix listener. It prints what came of each deed.
func intrude() {
	dir, tcp, udp, local := os.Args[1], os.Args[2], os.Args[3], os.Args[4]
	weights, film := filepath.Join(dir, "weights"), filepath.Join(dir, "film")
	deeds := []struct {
		name string
		do   func() error
	}{
		{"reads the weights", func() error { return reads(filepath.Join(weights, "model")) }},
		{"reads the film", func() error { return reads(film) }},
		{"reads the system's library", func() error { _, err := os.ReadDir("/usr/lib"); return err }},
		{"writes to a device", func() error { return os.WriteFile("/dev/null", []byte("x"), 0) }},
		{"reads a file of its user", func() error { return reads(filepath.Join(dir, "secret")) }},
		{"lists a folder of its user", func() error { _, err := os.ReadDir(dir); return err }},
		{"writes a file", func() error { return os.WriteFile(filepath.Join(dir, "left"), []byte("face"), 0o600) }},
		{"writes over a model", func() error { return os.WriteFile(filepath.Join(weights, "model"), []byte("mine"), 0o600) }},
		{"writes over the film", func() error { return os.WriteFile(film, []byte("mine"), 0o600) }},
		{"removes the film", func() error { return os.Remove(film) }},
		{"looks into its parent", func() error { return reads(fmt.Sprintf("/proc/%d/environ", os.Getppid())) }},
		{"signals its parent", func() error { return syscall.Kill(os.Getppid(), 0) }},
		{"starts a program", func() error { return exec.Command("/usr/bin/true").Run() }},
		{"speaks TCP", func() error { return dials("tcp", tcp) }},
		{"speaks UDP", func() error { return dials("udp", udp) }},
		{"speaks to a program's socket", func() error { return dials("unix", local) }},
		{"makes a ring of calls", func() error { return calls("io_uring_setup", 1, 0) }},
		{"makes a space of names", func() error { return unix.Unshare(unix.CLONE_NEWUSER) }},
		{"takes hold of its parent", func() error { return calls("ptrace", unix.PTRACE_SEIZE, uintptr(os.Getppid())) }},
	}
	try := func(thread string) {
		runtime.LockOSThread()
		for _, d := range deeds {
			fmt.Printf("%s/%s: %v\n", thread, d.name, d.do() == nil)
		}
	}
	confined, done := make(chan struct{}), make(chan struct{})
	started := make(chan struct{})
	go func() {
		runtime.LockOSThread()
		close(started)
		<-confined
		try("before")
		close(done)
	}()
	<-started
	if err := confine(weights, []string{film}, slog.New(slog.NewTextHandler(os.Stderr, nil))); err != nil {
		fmt.Println(err)
		os.Exit(1)
	}
	close(confined)
	<-done
	go func() {
		try("after")
		os.Exit(0)
	}()
	select {}
}

func reads(path string) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	_, err = io.ReadAll(f)
	return err
}

func dials(network, address string) error {
	c, err := net.Dial(network, address)
	if err != nil {
		return err
	}
	defer c.Close()
	_, err = c.Write([]byte("face"))
	return err
}

func calls(name string, a, b uintptr) error {
	machine, err := arch.GetInfo("")
	if err != nil {
		return err
	}
	_, _, errno := unix.Syscall(uintptr(machine.SyscallNames[name]), a, b, 0)
	if errno == unix.EPERM {
		return errno
	}
	return nil // whatever else it says, it was heard
}

// Who runs code of his own in the eye, through a picture that breaks its decoder, reaches neither the files of its user nor the network nor another
// program, from whichever thread.
func TestEyeIsConfined(t *testing.T) {
	if abi, err := kernel.LandlockGetABIVersion(); err != nil || abi < 6 {
		t.Skipf("this kernel's landlock is version %d: files and signals are confined from 6 on", abi)
	}
	dir := t.TempDir()
	for path, text := range map[string]string{"weights/model": "model", "film": "film", "secret": "secret"} {
		path = filepath.Join(dir, path)
		if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o700), os.WriteFile(path, []byte(text), 0o600)); err != nil {
			t.Fatal(err)
		}
	}
	tcp, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer tcp.Close()
	udp, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer udp.Close()
	local, err := net.Listen("unix", filepath.Join(dir, "socket"))
	if err != nil {
		t.Fatal(err)
	}
	defer local.Close()

	cmd := exec.Command(os.Args[0], dir, tcp.Addr().String(), udp.LocalAddr().String(), local.Addr().String())
	cmd.Env = append(os.Environ(), childEnv+"=intruder", "OPENBLAS_NUM_THREADS=2")
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	allowed := []string{"reads the weights", "reads the film", "reads the system's library", "writes to a device"}
	lines := strings.Split(strings.TrimSpace(string(out)), "\n")
	if len(lines) != 2*19 {
		t.Errorf("%d deeds", len(lines))
	}
	for _, line := range lines {
		name, did, _ := strings.Cut(line, ": ")
		_, deed, _ := strings.Cut(name, "/")
		want := "false"
		for _, a := range allowed {
			if a == deed {
				want = "true"
			}
		}
		if did != want {
			t.Errorf("%s: %s", name, did)
		}
	}
	if left, err := os.ReadFile(filepath.Join(dir, "film")); err != nil || string(left) != "film" {
		t.Errorf("the film: %q, %v", left, err)
	}
}
