// Package puppet is a camera that shows a moving head made from one photograph, for tests, benches and the demo.
//
// The head is an ellipsoid with a nose, and the photograph its skin: for each frame a map says which pixel of the levelled photograph is
// seen where. It sways, and its sensor has noise, so no two frames are equal; both come from a seed. It does what the cue says (eye.Cued), in a
// person's time: turns, nods, tilts, comes closer; and the window's light is on its face, by a few levels, until the camera has balanced its white.
// Conditions make the light worse, the picture worse, or put glasses on. Every mode but Turn is an attack: prints, screens, films, exchanged
// faces (Mode). On a stage (Stage) people take turns before one camera, as a file says, and nobody is one of them.
//
// It proves that the path works, and nothing about faces: its numbers stand apart from those of real heads in docs/biometrics.md. Only
// cmd/visavis-puppet and tests import it.
package puppet
