// Package puppet is a camera that shows a moving head made from one photograph, for tests and the demo.
//
// The head is an ellipsoid with a nose, and the photograph its skin: for each whole degree a map says which pixel of the levelled
// photograph is seen where, and a frame is one remap through two neighbouring maps. It sways, and its sensor has noise, so no two
// frames are equal; both come from a seed. It does what the cue says (eye.Cued), in a person's time. Some modes are attacks: a flat print
// turned the same way, another person's face for a part of the challenge, a still picture. On a stage (Stage) people take turns before one
// camera, as a file says, and nobody is one of them.
//
// It proves that the path works, and nothing about faces: its numbers stand apart from those of real heads in docs/biometrics.md. Only
// cmd/visavis-puppet and tests import it.
package puppet
