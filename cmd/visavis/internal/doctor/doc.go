// Package doctor examines what a desk needs to see a face: clock, face models, eye, cameras, picture, light and speed, and says of each
// trouble what to do about it.
package doctor
