// Package renew lets a window go on in another process, so that nothing of who has gone is left in its memory.
//
// A keeper, which holds nothing of anybody, starts one process of the window after the other. One that is to be renewed gives the keeper what
// the next shall go on with, in a sealed piece of memory without a name in any file system, and the keeper gives it to the next at its start:
//
//	window                    keeper                    next window
//	   | ── renew, with what is left ──▶ |
//	   |                         | ── starts ──────────────▶ |
//	   |                         | ◀────────────────── shown | its page stands over the old one's
//	   | ◀──────────────── done  |                           |
//	   ✝ ends: camera, connection and display are free       |
//	                             | ── go ──────────────────▶ |
//
// Where the next does not come to show anything, it is ended, the first is told so and goes on. It is an upgrade's moment, too: the next is
// what then lies where the program lay.
package renew
