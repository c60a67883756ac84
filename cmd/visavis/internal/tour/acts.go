package main

import "context"

// act is a part of the tour.
type act struct {
	title string
	play  func(*tour, context.Context) error
}

// acts are played in this order.
var acts = []act{
	{"The first desk of a new server", (*tour).firstDesk},
	{"The first admin", (*tour).firstAdmin},
	{"Looking around", (*tour).around},
	{"A second desk", (*tour).secondDesk},
	{"A second person", (*tour).secondPerson},
	{"A conversation", (*tour).conversation},
	{"What goes wrong, and mends itself", (*tour).mending},
	{"When something is lost", (*tour).lost},
	{"A server that is killed", (*tour).deadServer},
	{"Walking away", (*tour).walkingAway},
	{"Nothing is left", (*tour).nothingLeft},
	{"A wrong face", (*tour).wrongFace},
	{"What is left in memory", (*tour).memory},
	{"In figures", (*tour).figures},
}

// short is the tour of what a window keeps in memory, alone.
var short = []act{
	{"The first desk of a new server", (*tour).firstDesk},
	{"The first admin", (*tour).firstAdmin},
	{"What is left in memory", (*tour).memory},
}
