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

	"visavis/cmd/internal/harden"
)

// The exit codes.
const (
	exitFailed = 1
	exitUsage  = 2
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop) // from then on a second signal ends the process at once
	code := run(ctx, os.Args[1:], os.Stdout, os.Stderr)
	stop()
	os.Exit(code)
}

type cli struct {
	Init      initCmd      `cmd:"" help:"Make a state folder and print the invite of the first desk."`
	Serve     serveCmd     `cmd:"" help:"Serve until interrupted."`
	Device    deviceCmd    `cmd:"" help:"Invite, list and revoke desks."`
	User      userCmd      `cmd:"" help:"List and delete accounts."`
	Keys      keysCmd      `cmd:"" help:"List, rotate and drop the keys that face templates are sealed under."`
	Directory directoryCmd `cmd:"" help:"Print who belongs to the organisation, as it was signed, for whoever checks a proof away from the server."`
	Audit     auditCmd     `cmd:"" help:"Print the security events, oldest first, or verify that they are what they were."`
}

// env is what a command has of the world.
type env struct {
	ctx            context.Context
	stdout, stderr io.Writer
}

// run is main without the process; it returns the exit code.
func run(ctx context.Context, args []string, stdout, stderr io.Writer) (code int) {
	if err := harden.Process(); err != nil {
		_, _ = fmt.Fprintln(stderr, "visavisd:", err)
		return exitFailed
	}
	var c cli
	code = -1
	parser, err := kong.New(&c, kong.Name("visavisd"), kong.Description("The server of Visavis."), kong.UsageOnError(),
		kong.Writers(stdout, stderr), kong.Exit(func(n int) { panic(exited(n)) }))
	if err != nil {
		_, _ = fmt.Fprintln(stderr, "visavisd:", err)
		return exitFailed
	}
	defer func() { // --help leaves by kong's Exit, which must not return
		if r := recover(); r != nil {
			n, is := r.(exited)
			if !is {
				panic(r)
			}
			code = int(n)
		}
	}()
	parsed, err := parser.Parse(args)
	if err != nil {
		_, _ = fmt.Fprintf(stderr, "visavisd: %v: see visavisd --help\n", err)
		return exitUsage
	}
	if err := parsed.Run(&env{ctx, stdout, stderr}); err != nil && !errors.Is(err, context.Canceled) {
		_, _ = fmt.Fprintln(stderr, "visavisd:", err)
		return exitFailed
	}
	return 0
}

// exited is the code with which kong wants to leave.
type exited int
