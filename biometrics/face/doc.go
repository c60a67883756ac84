// Package face finds the one face in a frame and describes it: OpenCV's cascade or the frame before says where to look, dlib's detector
// decides whether it is a face, dlib's networks give its landmarks and its descriptor.
//
// It links OpenCV and dlib and belongs to the eye's process alone.
package face
