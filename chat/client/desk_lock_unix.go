//go:build unix

package client

import (
	"fmt"
	"os"

	"golang.org/x/sys/unix"
)

// lockFolder waits until no other program writes into a desk's folder. The lock goes with the process; it is the folder's own, and leaves no file.
func lockFolder(dir string) (release func(), err error) {
	f, err := os.Open(dir)
	if err != nil {
		return nil, err
	}
	for {
		err = unix.Flock(int(f.Fd()), unix.LOCK_EX)
		if err != unix.EINTR {
			break
		}
	}
	if err != nil {
		_ = f.Close()
		return nil, fmt.Errorf("lock %s: %w", dir, err)
	}
	return func() { _ = f.Close() }, nil
}
