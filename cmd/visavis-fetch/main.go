// Command visavis-fetch puts the data files into place that Visavis needs but does not ship: dlib's face models, and the demo's photographs.
// Every file is pinned by its SHA-256.
package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"

	"github.com/alecthomas/kong"

	"visavis/biometrics/weights"
)

type target struct {
	Dir  string `required:"" type:"path" help:"Folder to fill."`
	From string `type:"path" help:"Folder that has the files already; it is asked first."`
}

type cli struct {
	Weights   target `cmd:"" help:"Fetch dlib's face models."`
	DemoFaces target `cmd:"" help:"Fetch the photographs of the demo and the tests."`
}

func main() {
	var c cli
	command := kong.Parse(&c, kong.Name("visavis-fetch"), kong.Description("Fetches the data files that Visavis needs, each pinned by its SHA-256."))
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	var err error
	switch command.Command() {
	case "weights":
		err = fetch(ctx, os.Stdout, weights.Dlib(), c.Weights)
	case "demo-faces":
		err = fetch(ctx, os.Stdout, weights.DemoFaces(), c.DemoFaces)
	}
	command.FatalIfErrorf(err)
}

// fetch says each thing that it does, in a line.
func fetch(ctx context.Context, out io.Writer, s weights.Set, t target) error {
	fmt.Fprintf(out, "%s, into %s\n", s.Name, t.Dir)
	return s.Ensure(ctx, t.Dir, weights.Sources(t.From), func(p weights.Progress) {
		if p.File == "" {
			fmt.Fprintln(out, p.Text)
			return
		}
		fmt.Fprintf(out, "  %-44s %s\n", p.File, p.Text)
	})
}
