// Package actor is a made-up person who follows a challenge: where the head is, frame by frame, as landmarks and colours. It is for tests
// that have no camera, and measures nothing about real faces.
package actor
