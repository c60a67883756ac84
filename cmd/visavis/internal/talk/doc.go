// Package talk folds what a session is told into what a window shows of it: rooms, people, lines. It has no widgets, no keys and no network.
//
// One goroutine owns a [Model]; the [View] values that it hands out never change and may be read from any goroutine. Lines only ever grow
// behind what was handed out; what changes among them is copied first, so a long room costs nothing for each new line.
package talk
