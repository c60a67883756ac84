package churn

import (
	"context"
	"fmt"

	"visavis/chat/trust"
	"visavis/models"
)

// registry is what the directory's log says, read without the product's rules: when each account was revoked, and who is an admin. Only the run's own
// goroutine uses it.
type registry struct {
	places  map[models.Hash]uint64      // of each head: how many statements lead to it
	gone    map[models.AccountID]uint64 // with which statement an account was revoked, from 1
	admins  map[models.AccountID]bool
	granted []string // to whom the log gives what was not his to do
}

func newRegistry() *registry {
	return &registry{places: map[models.Hash]uint64{}, gone: map[models.AccountID]uint64{}, admins: map[models.AccountID]bool{}}
}

// read takes in what the log holds by now.
func (r *registry) read(ctx context.Context, logs models.Logs) error {
	const chunk = 1000
	for {
		entries, err := logs.Entries(ctx, models.RoomID{}, uint64(len(r.places)), chunk)
		if err != nil {
			return err
		}
		for _, e := range entries {
			if err := r.add(e); err != nil {
				return fmt.Errorf("directory, entry %d: %w", e.Seq, err)
			}
		}
		if len(entries) < chunk {
			return nil
		}
	}
}

func (r *registry) add(e models.Entry) error {
	s, err := trust.ParseStatement(e.Body)
	if err != nil {
		return err
	}
	r.places[trust.StatementHash(e.Body)] = uint64(len(r.places)) + 1
	if !s.Author.IsZero() && (!r.admins[s.Author] || r.gone[s.Author] > 0) {
		r.granted = append(r.granted, fmt.Sprintf("%s, no admin, made a %s in the directory", s.Author.Short(), s.Type))
	}
	switch s.Type {
	case trust.LabelRevoke.Type():
		var b revocation
		if err := trust.Decode(s.Body, trust.MaxStatement, &b); err != nil {
			return err
		}
		if b.Desk.IsZero() {
			r.gone[b.Account] = uint64(len(r.places))
		}
	case trust.LabelRole.Type():
		var b appointment
		if err := trust.Decode(s.Body, trust.MaxStatement, &b); err != nil {
			return err
		}
		r.admins[b.Account] = b.Admin
	}
	return nil
}

// without says whether who knew the directory up to so many statements knew that an account was revoked.
func (r *registry) without(a models.AccountID, known uint64) bool {
	at, gone := r.gone[a]
	return gone && known >= at
}
