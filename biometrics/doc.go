// Package biometrics holds the words of the face: frames, faces, descriptors, evidence, and the ports of camera and describer.
package biometrics
