package chattest

import "golang.org/x/sys/unix"

// memory is where Linux keeps files in memory, if anywhere.
const memory = "/dev/shm"

// leastMemory is the room that a place needs to be one: containers often have little.
const leastMemory = 512 << 20

func roomy(place string) bool {
	var fs unix.Statfs_t
	return unix.Statfs(place, &fs) == nil && fs.Type == unix.TMPFS_MAGIC && fs.Bavail*uint64(fs.Bsize) >= leastMemory
}
