package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"time"

	"visavis/chat/server"
	"visavis/config"
)

type serveCmd struct{ stateFlag }

// Run serves until the context ends. A second signal ends the process at once.
func (c *serveCmd) Run(e *env) error {
	return c.openAlone(e.ctx, func(s *state) error {
		log := newLog(s.config.Log, e.stderr)
		renewed, err := s.recertify(time.Now())
		if err != nil {
			return err
		}
		if renewed {
			log.Info("issued the server's certificate again", "hosts", s.config.Hosts())
		}
		if s.config.Camera.AllowVirtual {
			log.Warn("virtual cameras are allowed: a film passes for a person")
		}
		srv, err := server.New(e.ctx, server.Options{
			Config: s.config, Store: s.store, Authority: s.authority, Certificate: s.certificate,
			Secrets: s.secrets, Ring: &s.ring, Log: log,
		})
		if err != nil {
			return err
		}
		ln, err := new(net.ListenConfig).Listen(e.ctx, "tcp", s.config.Server.Listen)
		if err != nil {
			return fmt.Errorf("listen on %s: %w", s.config.Server.Listen, err)
		}
		log.Info("serving", "address", ln.Addr().String(), "authority", s.authority.Fingerprint().Short())
		return serve(e.ctx, s.config.Limits.Shutdown.Std(), func() error { return srv.Serve(e.ctx, ln) }, log)
	})
}

var errSlowShutdown = errors.New("connections did not end in time")

// serve runs the server and gives it a time to end once ctx has.
func serve(ctx context.Context, patience time.Duration, run func() error, log *slog.Logger) error {
	done := make(chan error, 1)
	go func() { done <- run() }()
	select {
	case err := <-done:
		return err
	case <-ctx.Done():
	}
	log.Info("stopping", "within", patience)
	late := time.NewTimer(patience)
	defer late.Stop()
	select {
	case err := <-done:
		log.Info("stopped")
		return err
	case <-late.C:
		return fmt.Errorf("stop the server: %w (limits.shutdown is %v)", errSlowShutdown, patience)
	}
}

// newLog assumes validated settings.
func newLog(c config.Log, w io.Writer) *slog.Logger {
	var level slog.Level
	_ = level.UnmarshalText([]byte(c.Level)) // validated; info is the zero value
	o := &slog.HandlerOptions{Level: level}
	if c.Format == "json" {
		return slog.New(slog.NewJSONHandler(w, o))
	}
	return slog.New(slog.NewTextHandler(w, o))
}
