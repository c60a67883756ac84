package demo

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"time"

	"visavis/biometrics/liveness"
	"visavis/cmd/visavis/internal/local"
)

// openServer makes a server, starts it, and puts a recorder between it and the desks.
func (s *story) openServer(ctx context.Context) error {
	listen, err := local.FreePort()
	if err != nil {
		return err
	}
	address, err := local.FreePort()
	if err != nil {
		return err
	}
	tape, err := os.OpenFile(filepath.Join(s.Keep, "wire.bin"), os.O_CREATE|os.O_TRUNC|os.O_RDWR|os.O_APPEND, 0o600)
	if err != nil {
		return err
	}
	wire, err := local.NewRelay(address, listen, tape)
	if err != nil {
		return errors.Join(err, tape.Close())
	}
	s.wire, s.tape = wire, tape
	s.server, err = local.Open(ctx, local.Options{
		Program: filepath.Join(s.Bin, "visavisd"), Dir: s.Keep, Organisation: "Café Visavis", Listen: listen, Address: address,
	})
	if err != nil {
		return err
	}
	return s.server.Start(ctx)
}

// lastVerdict is the detail of a desk's newest audit event of a name: distances and parallax, which no desk is ever told.
func (s *story) lastVerdict(ctx context.Context, d *desk, event string) (string, error) {
	events, err := s.server.Audit(ctx)
	if err != nil {
		return "", err
	}
	var last string
	for _, fields := range events {
		if len(fields) == 6 && fields[1] == event && fields[4] == d.ID().Short() {
			last = fields[5]
		}
	}
	return last, nil
}

// judged notes how long a desk waited for a verdict since its last gesture, and what the light said of a face that was let in.
func (s *story) judged(d *desk, letIn bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.verdicts = append(s.verdicts, time.Since(d.shown.over()))
	if !letIn {
		return
	}
	s.letIn++
	if v := liveness.Judge(d.shown.challenge, d.shown.seen.Frames, liveness.DefaultRules()); v.Lamp >= liveness.DefaultRules().MinLamp {
		s.lit++
	}
}

// quick tells how long verdicts took.
func (s *story) quick() {
	slices.Sort(s.verdicts)
	n := len(s.verdicts)
	at := func(share float64) float64 { return s.verdicts[min(n-1, int(share*float64(n)))].Seconds() }
	const aim = 0.5 // seconds; what a busy machine needs beyond is told, and is no untruth
	held := "held"
	if at(0.95) > aim {
		held = "missed on this machine, today"
	}
	s.true("from the last gesture to the verdict, at the desk, vault opened: %.2f s in the middle, %.2f s at 95%% of %d (aim %.1f s: %s)", at(0.5), at(0.95), n, aim, held)
	s.true("the window's light, which the puppets reflect, was found on %d of %d faces that were let in", s.lit, s.letIn)
}
