package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"visavis/biometrics/template"
	"visavis/models"
)

type keysCmd struct {
	List   keysListCmd   `cmd:"" help:"List the keys, the newest first, and how many face templates each one seals."`
	Rotate keysRotateCmd `cmd:"" help:"Make a new key and seal every face template anew under it, or finish what was begun. The server must not run."`
	Drop   keysDropCmd   `cmd:"" help:"Drop the old keys that seal nothing any more. The server must not run."`
}

// usage is how many templates each key seals. What is no template counts for the zero id.
type usage map[template.KeyID]int

// count reads the clear part of all templates.
func count(ctx context.Context, store templates) (usage, error) {
	n := usage{}
	return n, eachTemplate(ctx, store, func(t models.SealedTemplate) error {
		id, _ := template.KeyOf(t.Sealed)
		n[id]++
		return nil
	})
}

func (u usage) all() (n int) {
	for _, some := range u {
		n += some
	}
	return n
}

const templatePage = 100

// templates is what of a store the keys have to do with.
type templates interface {
	Templates(ctx context.Context, after models.SealedTemplate, limit int) ([]models.SealedTemplate, error)
	ReplaceTemplate(ctx context.Context, t models.SealedTemplate, to []byte) error
	AddAudit(context.Context, models.AuditEvent) error
	Forget(context.Context) error
}

// eachTemplate calls f for every template, in the order of the accounts' ids. Those that f changes are not seen twice.
func eachTemplate(ctx context.Context, store templates, f func(models.SealedTemplate) error) error {
	var after models.SealedTemplate
	for {
		page, err := store.Templates(ctx, after, templatePage)
		if err != nil {
			return err
		}
		for _, t := range page {
			after = t
			if err := f(t); err != nil {
				return err
			}
		}
		if len(page) < templatePage {
			return nil
		}
	}
}

type keysListCmd struct{ stateFlag }

// Run prints a table. There is no secret in it.
func (c *keysListCmd) Run(e *env) error {
	return c.open(e.ctx, func(s *state) error {
		used, err := count(e.ctx, s.store)
		if err != nil {
			return err
		}
		w := tabwriter.NewWriter(e.stdout, 0, 8, 2, ' ', 0)
		_, _ = fmt.Fprintln(w, "KEY\tPLACE\tTEMPLATES")
		for i, id := range s.ring.IDs() {
			place := "newest: seals"
			if i > 0 {
				place = fmt.Sprintf("%d before it: opens", i)
			}
			_, _ = fmt.Fprintf(w, "%s\t%s\t%d\n", id, place, used[id])
			delete(used, id)
		}
		if n := used.all(); n > 0 {
			_, _ = fmt.Fprintf(w, "none of these\tthey do not open: restore templates.key from a backup, or delete the accounts\t%d\n", n)
		}
		return w.Flush()
	})
}

type keysRotateCmd struct {
	stateFlag
	Drop bool `help:"Then drop the old keys. A backup of the database from before needs the templates.key from before."`
}

// Run rotates. Killed at any point, it is run again and goes on where it was.
func (c *keysRotateCmd) Run(e *env) error {
	return c.openAlone(e.ctx, func(s *state) error {
		r := s.rotation(e)
		if err := r.rotate(e.ctx); err != nil || !c.Drop {
			return err
		}
		return r.drop(e.ctx)
	})
}

type keysDropCmd struct{ stateFlag }

// Run drops.
func (c *keysDropCmd) Run(e *env) error {
	return c.openAlone(e.ctx, func(s *state) error { return s.rotation(e).drop(e.ctx) })
}

func (s *state) rotation(e *env) *rotation {
	return &rotation{ring: s.ring, store: s.store, write: func(b []byte) error { return s.replace(templateFile, b) }, now: time.Now,
		say: func(format string, args ...any) error {
			_, err := fmt.Fprintf(e.stdout, format+"\n", args...)
			return err
		}}
}

var errUnopened = errors.New("face templates that do not open were left as they are: restore the templates.key that opens them from a backup, " +
	"or delete the accounts; `visavisd audit` has the rest of what was done")

// rotation is one change of the template keys. What it does is on the disk when it is said.
type rotation struct {
	ring  template.Ring
	store templates
	write func(ring []byte) error // durably, in the old ring's place
	now   func() time.Time
	say   func(format string, args ...any) error
}

// rotate makes a new key, unless one that was made before has not sealed everything yet, and seals every template under the newest. The ring is on
// the disk before anything is sealed under its key: no crash leaves a template that no ring opens.
func (r *rotation) rotate(ctx context.Context) error {
	behind, all, err := r.behind(ctx)
	if err != nil {
		return err
	}
	if behind > 0 {
		if err := r.say("Going on: %d of %d face templates are sealed under an old key.", behind, all); err != nil {
			return err
		}
	} else {
		next, err := r.ring.Renewed(nil)
		if err != nil {
			return fmt.Errorf("make a key: %w: `visavisd keys drop` makes room", err)
		}
		if err := r.replace(ctx, next, "keys.new", next.IDs()[:1]); err != nil {
			return err
		}
		behind = all
	}
	return r.reseal(ctx, behind)
}

// behind counts the templates that an old key of the ring seals.
func (r *rotation) behind(ctx context.Context) (n, all int, err error) {
	old := r.ring.IDs()[1:]
	err = eachTemplate(ctx, r.store, func(t models.SealedTemplate) error {
		all++
		if id, err := template.KeyOf(t.Sealed); err == nil && slices.Contains(old, id) {
			n++
		}
		return nil
	})
	return n, all, err
}

// replace writes a ring in the place of the one before. It is in the audit log first: no key comes or goes that the log does not name.
func (r *rotation) replace(ctx context.Context, next template.Ring, event string, ids []template.KeyID) error {
	var names []string
	for _, id := range ids {
		names = append(names, id.Short())
	}
	if err := r.audit(ctx, event, "begun", strings.Join(names, " ")); err != nil {
		return err
	}
	if err := r.write(next.Encode()); err != nil {
		return err
	}
	r.ring = next
	return nil
}

func (r *rotation) audit(ctx context.Context, event, outcome, detail string) error {
	return r.store.AddAudit(ctx, models.AuditEvent{At: r.now(), Event: event, Outcome: outcome, Detail: "by the operator: " + detail})
}

// reseal seals what is not under the newest key, of which there are behind. One that does not open is said and left.
func (r *rotation) reseal(ctx context.Context, behind int) error {
	newest := r.ring.IDs()[0]
	done, failed := 0, 0
	err := eachTemplate(ctx, r.store, func(t models.SealedTemplate) error {
		if id, err := template.KeyOf(t.Sealed); err == nil && id == newest {
			return nil
		}
		sealed, err := template.Reseal(r.ring, t.Account, t.Sealed, r.now())
		if err != nil {
			failed++
			return r.say("The face template of %s: %v", t.Account, err)
		}
		err = r.store.ReplaceTemplate(ctx, t, sealed)
		if errors.Is(err, models.ErrNotFound) {
			return nil // deleted meanwhile
		}
		if err != nil {
			return err
		}
		if done++; done%templatePage != 0 {
			return nil
		}
		return r.say("Sealed %d of %d face templates.", done, behind)
	})
	if err != nil {
		return err
	}
	if err := r.store.Forget(ctx); err != nil {
		return err
	}
	if err := r.audit(ctx, "keys.rotate", "ok", fmt.Sprintf("%d templates under %s, %d left", done, newest.Short(), failed)); err != nil {
		return err
	}
	if err := r.say("Sealed %d face templates under key %s.", done, newest); err != nil || failed == 0 {
		return err
	}
	return fmt.Errorf("%d %w", failed, errUnopened)
}

// drop takes the old keys that seal nothing out of the ring.
func (r *rotation) drop(ctx context.Context) error {
	used, err := count(ctx, r.store)
	if err != nil {
		return err
	}
	var gone []template.KeyID
	for _, id := range r.ring.IDs()[1:] {
		if n := used[id]; n > 0 {
			if err := r.say("Key %s stays: it seals %d face templates; `visavisd keys rotate` seals them anew.", id, n); err != nil {
				return err
			}
			continue
		}
		gone = append(gone, id)
	}
	if len(gone) > 0 {
		next, err := r.ring.Without(gone...)
		if err != nil {
			return fmt.Errorf("drop old keys: %w", err)
		}
		if err := r.replace(ctx, next, "keys.drop", gone); err != nil {
			return err
		}
		if err := r.audit(ctx, "keys.drop", "ok", fmt.Sprintf("%d keys", len(gone))); err != nil {
			return err
		}
	}
	return r.say("Dropped %d old keys; %d left.", len(gone), len(r.ring.IDs()))
}
