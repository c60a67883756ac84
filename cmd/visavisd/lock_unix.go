//go:build unix

package main

import (
	"errors"
	"fmt"
	"os"

	"golang.org/x/sys/unix"
)

const lockFile = "serve.lock"

var errServed = errors.New("another visavisd serves this state: stop that one first")

// lock keeps a second server from the same state: each would number the rooms' entries by itself. The lock goes with the process.
func lock(path string) (release func(), err error) {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, fmt.Errorf("lock the state folder: %w", err)
	}
	if err := unix.Flock(int(f.Fd()), unix.LOCK_EX|unix.LOCK_NB); err != nil {
		_ = f.Close()
		if errors.Is(err, unix.EWOULDBLOCK) {
			return nil, fmt.Errorf("lock the state folder: %w", errServed)
		}
		return nil, fmt.Errorf("lock the state folder: %w", err)
	}
	return func() { _ = f.Close() }, nil
}
