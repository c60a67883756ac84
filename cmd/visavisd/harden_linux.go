package main

import (
	"fmt"

	"golang.org/x/sys/unix"
)

// harden keeps the process's memory, which holds keys, out of core dumps and from debuggers of the same user.
func harden() error {
	if err := unix.Prctl(unix.PR_SET_DUMPABLE, 0, 0, 0, 0); err != nil {
		return fmt.Errorf("forbid core dumps: %w", err)
	}
	return nil
}
