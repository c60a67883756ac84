package main

import (
	"context"
	"fmt"
	"time"

	"visavis/models"
)

type auditCmd struct {
	List   auditListCmd   `cmd:"" default:"withargs" help:"Print the security events, oldest first. What audit alone does."`
	Verify auditVerifyCmd `cmd:"" help:"Compute the log's tree anew from the events, compare it with what is stored and with heads of before, and print its head."`
}

type auditListCmd struct{ stateFlag }

const auditPage = 500

// Run prints a line an event: time, event, outcome, account, desk, detail, with tabs between. There is no secret among them.
func (c *auditListCmd) Run(e *env) error {
	return c.open(e.ctx, func(s *state) error {
		return eachEvent(e.ctx, s.store, func(v models.AuditEvent) error {
			_, err := fmt.Fprintf(e.stdout, "%s\t%s\t%s\t%s\t%s\t%s\n", v.At.Format(time.RFC3339), v.Event, v.Outcome,
				v.Account.Short(), v.Desk.Short(), v.Detail)
			return err
		})
	})
}

// eachEvent calls f for every event, in order.
func eachEvent(ctx context.Context, log models.Audits, f func(models.AuditEvent) error) error {
	var after uint64
	for {
		events, err := log.AuditAfter(ctx, after, auditPage)
		if err != nil {
			return err
		}
		for _, v := range events {
			after = v.Seq
			if err := f(v); err != nil {
				return err
			}
		}
		if len(events) < auditPage {
			return nil
		}
	}
}
