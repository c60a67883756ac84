//go:build race

package dump

const raceDetector = true
