//go:build !linux

package main

import "errors"

// inStep is not known here.
func inStep() (bool, error) { return false, errors.New("this system does not say") }
