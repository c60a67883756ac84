package server

import (
	"context"

	"visavis/chat/wire"
	"visavis/models"
)

// audit writes a security event; a store that can not keep it is logged, and what happened stays as it is.
func (c *conn) audit(event, outcome string) { c.auditOf(event, outcome, "") }

// denied writes down what a desk asked for in vain. One that tries on and on writes no more.
func (c *conn) denied(event string) {
	if c.srv.denials.take(c.desk.ID, c.srv.now()) == 0 {
		c.audit(event, "denied")
	}
}

func (c *conn) auditOf(event, outcome, detail string) {
	var account models.AccountID
	if s := c.whose(); s != nil {
		account = s.account
	}
	c.auditFor(account, event, outcome, detail)
}

func (c *conn) auditFor(account models.AccountID, event, outcome, detail string) {
	e := models.AuditEvent{At: c.srv.now().UTC(), Event: event, Outcome: outcome, Account: account, Desk: c.desk.ID, Detail: detail}
	if err := c.srv.store.AddAudit(context.WithoutCancel(c.ctx), e); err != nil {
		c.log.Error("audit event not stored", "event", event, "cause", err)
	}
}

// auditSettings writes down, at each start, what the operator lets pass that an organisation should know of.
func (s *Server) auditSettings(ctx context.Context) {
	if !s.Config.Camera.AllowVirtual {
		return
	}
	e := models.AuditEvent{At: s.now().UTC(), Event: "camera.virtual", Outcome: "allowed"}
	if err := s.store.AddAudit(context.WithoutCancel(ctx), e); err != nil {
		s.log.Error("audit event not stored", "event", e.Event, "cause", err)
	}
}

// dropSessions ends sessions from outside of their connections: those that gone names, for the reason why, and those whose time is over.
func (s *Server) dropSessions(ctx context.Context, why string, gone func(*session) bool) {
	for _, d := range s.sessions.drop(s.now(), why, gone) {
		s.log.Info("session ends", "account", d.account.Short(), "why", d.why)
		if d.conn != nil {
			d.conn.cancel(wire.Refuse(wire.CodeEnded))
		}
		e := models.AuditEvent{At: s.now().UTC(), Event: "session.end", Outcome: d.why, Account: d.account, Desk: d.desk}
		if err := s.store.AddAudit(context.WithoutCancel(ctx), e); err != nil {
			s.log.Error("audit event not stored", "event", e.Event, "cause", err)
		}
	}
}
