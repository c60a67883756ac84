// Package camera gives frames from a webcam, a video file or a stream, and says which camera it was.
//
// It links OpenCV and belongs to the eye's process alone.
package camera
