// Package webcam knows the machine's cameras: it lists and recognises them, opens one under a deadline with whatever can open it, and says
// within a second what is wrong with its pictures.
//
// What touches a device is a [Port]; biometrics/camera has OpenCV's, the tests have one that breaks in every way that a camera does. All
// calls of one opened camera come from one goroutine, its hand, which is left behind when a driver hangs and cleans up when it returns.
package webcam
