package main

import "golang.org/x/sys/unix"

// inStep asks the kernel whether somebody keeps its clock in step.
func inStep() (bool, error) {
	const timeError = 5 // TIME_ERROR: the clock is not synchronised
	state, err := unix.Adjtimex(new(unix.Timex))
	return err == nil && state != timeError, err
}
