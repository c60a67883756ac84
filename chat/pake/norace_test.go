//go:build !race

package pake

// poolSlack is how many allocations two equal works may be apart.
const poolSlack = 0
