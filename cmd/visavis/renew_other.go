//go:build !linux

package main

import "context"

// keep shows the window in this process: there is no other way to hand things on here.
func (c *windowCmd) keep(ctx context.Context) error { return c.show(ctx, before{}) }

// kept is never asked for here.
func (c *windowCmd) kept(ctx context.Context) error { return c.keep(ctx) }
