package demo

import (
	"context"
	"errors"
	"os"
	"path/filepath"

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

// lastVerdict is the newest detail of an audit event: distances and parallax, which no desk is ever told.
func (s *story) lastVerdict(ctx context.Context, event string) (string, error) {
	events, err := s.server.Audit(ctx)
	if err != nil {
		return "", err
	}
	var last string
	for _, fields := range events {
		if len(fields) == 6 && fields[1] == event {
			last = fields[5]
		}
	}
	return last, nil
}
