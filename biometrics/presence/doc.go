// Package presence says who is before the desk: the person who logged in, somebody else, or nobody, and whether a second face looks at the screen.
// It is pure: frames and times come in by parameter. It can only lock; nothing that it says ever lets anybody in.
//
// What it costs: the camera is open, and its light on, as long as somebody is logged in. Of a camera's pictures the eye decodes and describes
// Rate a second and skips the others; TestCost measures what that takes of a processor, and docs/biometrics.md has the numbers.
package presence
