// Package liveness draws gesture challenges and judges, from landmarks and times, whether a head in front of the camera
// followed one. It can only refuse: a pass proves nothing about who it was.
//
// A server draws a [Challenge], a desk plays it and sends what its eye saw, and [Judge] says whether a solid head did as it was
// told. The signal is [Shift]: how far the base of the nose lies from the middle of the eyes, along the line through the eyes, in eye
// distances. A view of a plane keeps ratios along a line, so a print may be turned as one likes and its shift stays; a nose stands out
// of the plane of the eyes, so a head's shift moves. In a picture that is not mirrored it grows when the person turns to the person's
// own left. The other gestures are seen in the other dimensions of a [Pose], which a print that is moved can imitate: they make the
// order that a film would have to fit. What the numbers of [DefaultRules] were measured on stands in docs/biometrics.md.
//
// Time is the evidence's own: milliseconds since the first cue. The challenge's steps cut it into windows, and everything that is
// judged or matched is picked by window, from the offsets alone: no frame that was sent is passed over because of what it shows.
// The judge sees what was sent, though. A desk that lies can leave frames out, or make them up: what a desk signs is as good as the
// desk. [Judge] bounds what leaving out is worth: numbers may miss a third, a face has to be seen every 0.4 s, each step needs its
// frames, and the head has to be seen on its way from pose to pose.
package liveness
