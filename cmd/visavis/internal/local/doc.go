// Package local runs a real visavisd on this machine's loopback, in a folder of its own, for whoever tries the product out: `visavis try`, the
// demo, the tour of the window. It also picks the eye for that: a webcam's, or a puppet's where there is none.
package local
