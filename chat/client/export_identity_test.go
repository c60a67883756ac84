package client

import (
	"context"

	"visavis/chat/trust"
)

// ReEnrol signs a bundle of a known account's into the directory, as an admin.
func (s *Session) ReEnrol(ctx context.Context, bundle []byte) error {
	return s.direct(ctx, func(by trust.Author) ([]byte, error) {
		b, err := trust.OpenBundle(bundle, s.dir)
		if err != nil {
			return nil, err
		}
		return s.dir.SignReEnrol(by.Account, by.Key, b, by.At)
	})
}

// ReadDirectory reads it to its end.
func (s *Session) ReadDirectory(ctx context.Context) error { return s.readDirectory(ctx) }
