// Package harden keeps the memory of a program that holds keys out of core dumps and from debuggers.
package harden
