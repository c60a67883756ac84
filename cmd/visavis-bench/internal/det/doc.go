// Package det draws detection error tradeoff curves: how many strangers pass against how many of the right people are refused.
package det
