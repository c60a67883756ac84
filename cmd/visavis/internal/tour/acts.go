package main

import "context"

// act is a part of the tour.
type act struct {
	title string
	play  func(*tour, context.Context) error
}

// acts are played in this order.
var acts = []act{}
