package main

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"path/filepath"
	"text/tabwriter"
	"time"

	"visavis/chat/trust"
	"visavis/models"
)

type deviceCmd struct {
	Invite inviteCmd `cmd:"" help:"Print the server's half of another invite. An admin's client makes whole ones: this is for emergencies."`
	List   listCmd   `cmd:"" help:"List the desks, oldest first."`
	Revoke revokeCmd `cmd:"" help:"Revoke a desk for ever; a running server cuts its connections."`
}

type stateFlag struct {
	State string `required:"" type:"path" placeholder:"DIR" help:"The state folder."`
}

// open opens the state, runs f and closes it.
func (f stateFlag) open(ctx context.Context, run func(*state) error) error {
	s, err := openState(ctx, f.State)
	if err != nil {
		return err
	}
	err = run(s)
	if s.store.Held() {
		err = errors.Join(err, s.store.Forget(ctx))
	}
	return errors.Join(err, s.close())
}

// openAlone is open for what a running server must not miss: it holds the server's lock, and refuses while one runs.
func (f stateFlag) openAlone(ctx context.Context, run func(*state) error) error {
	if err := findState(f.State); err != nil { // before the lock leaves a file in a folder that is none of ours
		return err
	}
	release, err := lock(filepath.Join(f.State, lockFile))
	if err != nil {
		return err
	}
	defer release()
	return f.open(ctx, run)
}

const inviteCodeBytes = 16

// invite adds an invite by nobody but the operator and returns its text.
func (s *state) invite(ctx context.Context, now time.Time) (string, error) {
	i := trust.Invite{Addresses: s.config.Server.Addresses, CA: s.authority.Fingerprint(), Code: make([]byte, inviteCodeBytes)}
	_, _ = rand.Read(i.Code) // never fails
	text, err := i.Text()
	if err != nil {
		return "", fmt.Errorf("write an invite: %w", err)
	}
	expires := now.Add(s.config.Limits.Invite.Std())
	if err := s.store.AddInvite(ctx, models.Invite{Code: i.CodeHash(), CreatedAt: now, ExpiresAt: expires}); err != nil {
		return "", err
	}
	return text, s.audit(ctx, "device.invite", models.DeskID{}, now)
}

// audit records what the operator did.
func (s *state) audit(ctx context.Context, event string, desk models.DeskID, now time.Time) error {
	return s.store.AddAudit(ctx, models.AuditEvent{At: now, Event: event, Outcome: "ok", Desk: desk, Detail: "by the operator"})
}

type inviteCmd struct{ stateFlag }

// Run prints an invite.
func (c *inviteCmd) Run(e *env) error {
	return c.open(e.ctx, func(s *state) error {
		text, err := s.invite(e.ctx, time.Now())
		if err != nil {
			return err
		}
		_, err = fmt.Fprintln(e.stdout, text)
		return err
	})
}

type listCmd struct{ stateFlag }

var statusNames = map[models.DeskStatus]string{
	models.DeskPending: "pending", models.DeskActive: "active", models.DeskRevoked: "revoked",
}

// Run prints a table.
func (c *listCmd) Run(e *env) error {
	return c.open(e.ctx, func(s *state) error {
		desks, err := s.store.Desks(e.ctx)
		if err != nil {
			return err
		}
		w := tabwriter.NewWriter(e.stdout, 0, 8, 2, ' ', 0)
		_, _ = fmt.Fprintln(w, "ID\tSTATUS\tENROLLED\tNAME")
		for _, d := range desks { // the name is the desk's own words: quoted, it can not drive the terminal
			_, _ = fmt.Fprintf(w, "%s\t%s\t%s\t%q\n", d.ID, statusNames[d.Status], d.CreatedAt.Format(time.RFC3339), d.Name)
		}
		return w.Flush()
	})
}

type revokeCmd struct {
	stateFlag
	ID string `arg:"" help:"The desk's id, as list prints it."`
}

// Run revokes a desk.
func (c *revokeCmd) Run(e *env) error {
	var id models.DeskID
	if err := id.Parse(c.ID); err != nil {
		return fmt.Errorf("revoke %q: %w, as `visavisd device list` prints it", c.ID, err)
	}
	return c.open(e.ctx, func(s *state) error {
		now := time.Now()
		if err := s.store.SetDeskStatus(e.ctx, id, models.DeskRevoked, now); err != nil {
			return fmt.Errorf("revoke the desk %s: %w", id, err)
		}
		if err := s.audit(e.ctx, "desk.revoke", id, now); err != nil {
			return err
		}
		_, err := fmt.Fprintf(e.stdout, "Revoked %s. An admin should say so in the directory as well, and its users change their keys.\n", id)
		return err
	})
}
