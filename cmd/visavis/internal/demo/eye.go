package demo

import (
	"context"
	"log/slog"
	"sync"

	"visavis/biometrics/eye"
)

// crashable is a desk's eye process, which can be made to end as an exception in a driver would end it.
type crashable struct {
	mu      sync.Mutex
	process eye.Process
}

func (c *crashable) launcher(path string, args ...string) eye.Launcher {
	launch := eye.Command(path, args, slog.New(slog.DiscardHandler))
	return func(ctx context.Context) (eye.Process, error) {
		p, err := launch(ctx)
		c.mu.Lock()
		defer c.mu.Unlock()
		c.process = p
		return p, err
	}
}

// crash ends it. The keeper starts another.
func (c *crashable) crash() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.process != nil {
		c.process.Kill()
	}
}
