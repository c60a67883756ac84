// Package storetest is the suite that every models.Store passes: each MUST of its interfaces, what is refused first.
package storetest
