// Package trials compares described photographs of many persons with each other, as a log-in would, and counts who passes for whom.
//
// Photographs of a person are drawn into templates and live sets by chances that depend on the person's name alone, so that the same photographs
// give the same figures. Each pair of persons counts once, however many sets are drawn of them.
package trials
