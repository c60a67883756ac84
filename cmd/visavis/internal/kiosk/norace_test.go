//go:build !race

package kiosk

const raceDetector = false
