package main

import (
	"visavis/chat/trust"
	"visavis/models"
)

type directoryCmd struct{ stateFlag }

const directoryPage = 200

// Run prints the directory as a text: every statement that stands in its log, a line each. There is no secret in it but people.
func (c *directoryCmd) Run(e *env) error {
	return c.open(e.ctx, func(s *state) error {
		for after := uint64(0); ; {
			list, err := s.store.Entries(e.ctx, models.RoomID{}, after, directoryPage)
			if err != nil {
				return err
			}
			for _, x := range list {
				after = x.Seq
				if err := trust.WriteStatement(e.stdout, x.Body); err != nil {
					return err
				}
			}
			if len(list) < directoryPage {
				return nil
			}
		}
	})
}
