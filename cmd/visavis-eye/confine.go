package main

import (
	"fmt"
	"log/slog"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	seccomp "github.com/elastic/go-seccomp-bpf"
	"github.com/elastic/go-seccomp-bpf/arch"
	"github.com/landlock-lsm/go-landlock/landlock"
	kernel "github.com/landlock-lsm/go-landlock/landlock/syscall"
)

// What decodes pictures is large and written in C++: whoever makes it run his own code shall find nothing to take along and nobody to give it to.
// From confine on, no thread of this process opens a file but those below, writes one, starts a program, opens a socket or reaches another process.

// readable are folders and files that OpenCV, dlib and the system's libraries read while they work: plugins, tables, what the machine is.
var (
	readableDirs  = []string{"/usr", "/lib", "/lib64", "/sys", "/run/udev", "/proc/self"}
	readableFiles = []string{"/etc/ld.so.cache", "/etc/localtime", "/proc/cpuinfo", "/proc/meminfo"}
)

// denied are the system calls that lead out: to the network and other programs' sockets, to other programs, into the kernel, or past a filter.
var denied = []string{
	"socket", "execve", "execveat", "ptrace", "process_vm_readv", "process_vm_writev", "pidfd_getfd", "kcmp",
	"io_uring_setup", "io_uring_enter", "io_uring_register", "bpf", "perf_event_open", "userfaultfd", "add_key", "request_key", "keyctl",
	"mount", "umount2", "pivot_root", "chroot", "move_mount", "open_tree", "fsopen", "fsconfig", "fsmount", "unshare", "setns",
	"init_module", "finit_module", "delete_module", "kexec_load", "open_by_handle_at",
}

// confine takes what the process does not need, as far as the kernel can take it. Of cameras that are none of the kernel's, only those in sources
// can be reached: films, and where one is an address, the network.
func confine(weights string, sources []string, log *slog.Logger) error {
	online := slices.ContainsFunc(sources, isAddress)
	if err := confineFiles(weights, sources, online); err != nil {
		return fmt.Errorf("confine the eye's files: %w", err)
	}
	if abi, err := kernel.LandlockGetABIVersion(); err != nil || abi < 1 {
		log.Warn("the eye reaches its user's files", "why", "this kernel has no landlock")
	}
	if !seccomp.Supported() {
		log.Warn("the eye reaches the network", "why", "this kernel has no seccomp")
		return nil
	}
	if err := confineCalls(online); err != nil {
		return fmt.Errorf("confine the eye's system calls: %w", err)
	}
	return nil
}

func isAddress(source string) bool { return strings.Contains(source, "://") }

// confineFiles also keeps signals and abstract sockets within the process, where the kernel is new enough.
func confineFiles(weights string, sources []string, online bool) error {
	dirs, files := slices.Clone(readableDirs), slices.Clone(readableFiles)
	if weights != "" {
		dirs = append(dirs, weights)
	}
	if cache, err := os.UserCacheDir(); err == nil {
		dirs = append(dirs, filepath.Join(cache, "gstreamer-1.0")) // where it remembers its plugins
	}
	for _, s := range sources {
		if info, err := os.Stat(s); err == nil && info.Mode().IsRegular() {
			files = append(files, s)
		}
	}
	// A camera's node may come and go, so all of /dev; who may open what in it is for the system to say.
	rules := []landlock.Rule{landlock.RWDirs("/dev").WithIoctlDev().IgnoreIfMissing()}
	config := landlock.V7
	if online {
		dirs = append(dirs, "/etc") // names and certificates
		config.HandledAccessNet, config.Scoped = 0, 0
	}
	rules = append(rules, landlock.RODirs(dirs...).IgnoreIfMissing(), landlock.ROFiles(files...).IgnoreIfMissing())
	return config.BestEffort().Restrict(rules...)
}

// confineCalls lets through every call that is known but those that are denied: what is not known, and calls in another machine's way, fail.
func confineCalls(online bool) error {
	machine, err := arch.GetInfo("")
	if err != nil {
		return err
	}
	deny := denied
	if online {
		deny = slices.DeleteFunc(slices.Clone(denied), func(name string) bool { return name == "socket" })
	}
	allowed := slices.DeleteFunc(slices.Sorted(maps.Keys(machine.SyscallNames)), func(name string) bool { return slices.Contains(deny, name) })
	return seccomp.LoadFilter(seccomp.Filter{NoNewPrivs: true, Flag: seccomp.FilterFlagTSync, Policy: seccomp.Policy{
		DefaultAction: seccomp.ActionErrno,
		Syscalls:      []seccomp.SyscallGroup{{Names: allowed, Action: seccomp.ActionAllow}},
	}})
}
