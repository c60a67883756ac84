// Command visavis-bench prints figures that anybody can reproduce: how well faces are told apart, which attacks are refused, how fast the
// eye is, whether messages get to whom they should and nobody else. It is pure Go: what it needs of vision it asks of visavis-eye and visavis-puppet. A figure that misses its aim is said, and
// is no failure, unless a limit was named.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"

	"github.com/alecthomas/kong"
)

type cli struct {
	Pad         padCmd     `cmd:"" help:"Which attacks are refused, and which people, on puppets and on clips of yours."`
	Faces       facesCmd   `cmd:"" help:"How well faces are told apart, on photographs of many persons; the table of levels."`
	FaceLatency latencyCmd `cmd:"" help:"How long the eye takes to describe a frame, to be ready, and how much memory it holds."`
	Churn       churnCmd   `cmd:"" help:"People who join, leave, are put out and cut off, and write all the while: who reads what, counted."`
	Aims        aimsCmd    `cmd:"" help:"Print what the other verbs aimed at and measured, as one table."`
}

// env is what a verb has of the world.
type env struct {
	ctx            context.Context
	stdout, stderr io.Writer
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	context.AfterFunc(ctx, stop) // from then on a second signal ends the process at once
	var c cli
	k := kong.Parse(&c, kong.Name("visavis-bench"), kong.Description("Reproducible figures of Visavis."), kong.UsageOnError())
	if err := k.Run(&env{ctx, os.Stdout, os.Stderr}); err != nil && !errors.Is(err, context.Canceled) {
		_, _ = fmt.Fprintln(os.Stderr, "visavis-bench:", err)
		os.Exit(1)
	}
}
