// Package eye is the small protocol between a program and the process that owns camera and weights: both of its ends, and the keeper that
// starts that process, restarts it when it dies and hands on what it saw.
//
// A frame of the protocol is a uint32 big-endian length, a kind byte and a body: canonical CBOR, or for previews a width and a height as
// uint16 and raw RGBA. Every length is checked before anything is allocated for it.
//
// The eye ([Serve]) has four goroutines, each with one thing to own: the reader owns the input and hands commands on; the camera goroutine
// owns the camera; the describer goroutine owns the describer and always takes the newest frame; the writer owns the output. Between
// them lie slots that hold one frame, the newest, never queues of frames. The eye stamps frames with the cue; it decides nothing.
package eye
