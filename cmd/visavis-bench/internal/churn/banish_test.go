package churn

import (
	"fmt"
	"testing"

	"visavis/chat/client"
	"visavis/chat/wire"
)

// TestVain: what is granted shows, and so does a refusal of another kind than it should be.
func TestVain(t *testing.T) {
	for name, tt := range map[string]struct {
		err            error
		granted, wrong int
	}{
		"granted":                {nil, 1, 1},
		"not allowed":            {wire.Refuse(wire.CodeNotAllowed), 0, 0},
		"not admitted":           {fmt.Errorf("log in: %w", wire.Refuse(wire.CodeNotAdmitted)), 0, 0},
		"over":                   {client.ErrOver, 0, 0},
		"the connection broke":   {client.ErrClosed, 0, 0},
		"the server is confused": {wire.Refuse(wire.CodeInternal), 0, 1},
		"the log is forked":      {client.ErrOldDirectory, 0, 1},
	} {
		s := &seat{w: &world{counts: &Counts{}}, who: ben}
		s.vain(t.Context(), "tries", func() error { return tt.err })
		if c := s.w.counts; c.Asked != 1 || c.Granted != tt.granted || len(c.wrongs) != tt.wrong {
			t.Errorf("%s: %d of %d granted, %v", name, c.Granted, c.Asked, c.wrongs)
		}
	}
}
