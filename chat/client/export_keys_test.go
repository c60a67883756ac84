package client

import (
	"context"

	"visavis/chat/trust"
)

// Until waits for something that the session's own work brings about.
func (s *Session) Until(ctx context.Context, ok func() bool) error {
	return s.until(ctx, func() bool { return ok() })
}

// HasKeys says whether the session's keys are those that id lists.
func (s *Session) HasKeys(id trust.Identity) bool { return s.vault.Keys.Are(id) }

// Asked says whether keys are to come.
func (s *Session) Asked() bool { _, ok := s.vault.Keys.Asked(); return ok }
