package harden

import (
	"os"
	"testing"

	"golang.org/x/sys/unix"
)

// A hardened process leaves no core dump, and its memory is root's to read and nobody else's.
func TestNotDumpable(t *testing.T) {
	before, err := unix.PrctlRetInt(unix.PR_GET_DUMPABLE, 0, 0, 0, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = unix.Prctl(unix.PR_SET_DUMPABLE, uintptr(before), 0, 0, 0) }()
	if err := Process(); err != nil {
		t.Fatal(err)
	}
	if n, err := unix.PrctlRetInt(unix.PR_GET_DUMPABLE, 0, 0, 0, 0); err != nil || n != 0 {
		t.Errorf("dumpable: %d, %v", n, err)
	}
	var mem unix.Stat_t
	if err := unix.Stat("/proc/self/mem", &mem); err != nil || mem.Uid != 0 {
		t.Errorf("user %d has the memory of a process of user %d, %v", mem.Uid, os.Getuid(), err)
	}
}
