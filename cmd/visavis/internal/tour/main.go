package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"
	"time"
)

func main() {
	o := options{}
	flag.StringVar(&o.bin, "bin", "build", "where visavis, visavisd and visavis-puppet are")
	flag.StringVar(&o.weights, "weights", "build/weights", "dlib's model files")
	flag.StringVar(&o.faces, "faces", "build/faces", "the photographs that the puppets are made of")
	flag.StringVar(&o.keep, "keep", "build/ui", "where photographs and logs stay; emptied first")
	flag.StringVar(&o.golden, "golden", "cmd/visavis/internal/tour/testdata/golden", "the golden pictures")
	flag.StringVar(&o.empty, "empty", "", "the empty window to compare the start with; none measures nothing")
	flag.BoolVar(&o.update, "update", false, "make the golden pictures instead of comparing with them")
	flag.BoolVar(&o.memory, "memory", false, "only what a window keeps in memory: a minute and a half")
	flag.DurationVar(&o.limit, "limit", 20*time.Minute, "how long the whole tour may take")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop) // a second signal ends the process at once
	ctx, cancel := context.WithTimeout(ctx, o.limit)
	err := o.absolute()
	if err == nil {
		err = run(ctx, os.Stdout, o)
	}
	cancel()
	if err != nil {
		fmt.Fprintln(os.Stderr, "tour:", err)
		os.Exit(1)
	}
}

// options are the flags.
type options struct {
	bin, weights, faces, keep, golden, empty string
	update, memory                           bool
	limit                                    time.Duration
}

// absolute makes the folders absolute: windows and eyes are told of them.
func (o *options) absolute() error {
	for _, path := range []*string{&o.bin, &o.weights, &o.faces, &o.keep, &o.golden, &o.empty} {
		if *path == "" {
			continue
		}
		abs, err := filepath.Abs(*path)
		if err != nil {
			return err
		}
		*path = abs
	}
	return nil
}
