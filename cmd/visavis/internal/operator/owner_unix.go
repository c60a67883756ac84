//go:build unix

package operator

import (
	"io/fs"
	"os"
	"syscall"
)

// mine says whether a file belongs to the user who runs the program: another's own keys are known to another, whoever else may read them.
func mine(info fs.FileInfo) bool {
	stat, ok := info.Sys().(*syscall.Stat_t)
	return ok && int(stat.Uid) == os.Geteuid()
}
