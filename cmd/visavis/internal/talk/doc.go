// Package talk folds what a session is told into what a window shows of it: rooms, people, lines. It has no widgets, no keys and no network.
package talk
