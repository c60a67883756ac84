//go:build race

package pake

// poolSlack is how many allocations two equal works may be apart: the race detector empties pools at random. A step that is left out was seen as 7.
const poolSlack = 3
