package main

import (
	"fmt"
	"time"
)

type auditCmd struct{ stateFlag }

const auditPage = 500

// Run prints a line an event: time, event, outcome, account, desk, detail, with tabs between. There is no secret among them.
func (c *auditCmd) Run(e *env) error {
	return c.open(e.ctx, func(s *state) error {
		var after uint64
		for {
			events, err := s.store.AuditAfter(e.ctx, after, auditPage)
			if err != nil {
				return err
			}
			for _, v := range events {
				after = v.Seq
				if _, err := fmt.Fprintf(e.stdout, "%s\t%s\t%s\t%s\t%s\t%s\n", v.At.Format(time.RFC3339), v.Event, v.Outcome,
					v.Account.Short(), v.Desk.Short(), v.Detail); err != nil {
					return err
				}
			}
			if len(events) < auditPage {
				return nil
			}
		}
	})
}
