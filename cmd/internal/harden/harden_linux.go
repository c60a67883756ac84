package harden

import (
	"fmt"

	"golang.org/x/sys/unix"
)

// Process keeps this process's memory, which holds keys, out of core dumps and from debuggers of the same user.
func Process() error {
	if err := unix.Prctl(unix.PR_SET_DUMPABLE, 0, 0, 0, 0); err != nil {
		return fmt.Errorf("forbid core dumps: %w", err)
	}
	return nil
}
