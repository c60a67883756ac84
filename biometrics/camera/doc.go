// Package camera gives frames from a webcam, a video file or a stream through OpenCV, and says which camera it was.
//
// It links OpenCV and belongs to the eye's process alone. What is known of webcams without it is in biometrics/webcam.
package camera
