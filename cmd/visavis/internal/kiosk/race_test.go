//go:build race

package kiosk

const raceDetector = true
