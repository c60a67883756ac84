package main

import (
	"fmt"
	"text/tabwriter"
	"time"

	"visavis/models"
)

type userCmd struct {
	List   userListCmd   `cmd:"" help:"List the accounts, oldest first."`
	Delete userDeleteCmd `cmd:"" help:"Delete an account with its face template and its vault, for ever. What it said stays, unread by the server as before."`
}

var userStatusNames = map[models.UserStatus]string{
	models.UserWaiting: "waiting", models.UserActive: "active", models.UserDisabled: "disabled",
}

type userListCmd struct{ stateFlag }

// Run prints a table.
func (c *userListCmd) Run(e *env) error {
	return c.open(e.ctx, func(s *state) error {
		w := tabwriter.NewWriter(e.stdout, 0, 0, 2, ' ', 0)
		_, _ = fmt.Fprintln(w, "ID\tSTATUS\tSIGNED UP\tNAME")
		for _, status := range []models.UserStatus{models.UserWaiting, models.UserActive, models.UserDisabled} {
			users, err := s.store.UsersByStatus(e.ctx, status)
			if err != nil {
				return err
			}
			for _, u := range users {
				_, _ = fmt.Fprintf(w, "%s\t%s\t%s\t%q\n", u.ID, userStatusNames[u.Status], u.CreatedAt.Format(time.RFC3339), u.Name)
			}
		}
		return w.Flush()
	})
}

type userDeleteCmd struct {
	stateFlag
	ID string `arg:"" help:"The account's id, as list prints it."`
}

// Run deletes an account. The directory still lists its keys: an admin revokes them there.
func (c *userDeleteCmd) Run(e *env) error {
	var id models.AccountID
	if err := id.Parse(c.ID); err != nil {
		return fmt.Errorf("delete %q: %w, as `visavisd user list` prints it", c.ID, err)
	}
	return c.open(e.ctx, func(s *state) error {
		if err := s.store.DeleteUser(e.ctx, id); err != nil {
			return fmt.Errorf("delete the account %s: %w", id, err)
		}
		err := s.store.AddAudit(e.ctx, models.AuditEvent{At: time.Now(), Event: "user.delete", Outcome: "ok", Account: id, Detail: "by the operator"})
		if err != nil {
			return err
		}
		_, err = fmt.Fprintf(e.stdout, "Deleted %s: its face template, vault and counters. If the directory lists it, an admin revokes it there; "+
			"a session that it has ends with its connection.\n", id)
		return err
	})
}
