package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"

	"visavis/models"
	"visavis/models/audit"
)

// What verify finds beside what package audit has names for, and the cure of all of it.
var (
	errAuditHole = errors.New("the audit log has a hole")
	errAuditTree = errors.New("an event of the audit log is not what it was when it was written, or its stored hashes are not")
	errAuditCure = errors.New("compare with a backup, and find out who could write the database; a backup that was restored looks the same")
)

type auditVerifyCmd struct {
	stateFlag
	Head []string `sep:"none" placeholder:"FILE|SIZE:ROOT" help:"What the log was before, as this command prints it and an admin's desk keeps it; may be repeated."`
}

// Run prints the log's head, "SIZE:ROOT", when the log is in order.
func (c *auditVerifyCmd) Run(e *env) error {
	heads := make([]audit.Head, len(c.Head))
	for i, text := range c.Head {
		var err error
		if heads[i], err = readHead(text); err != nil {
			return fmt.Errorf("--head %s: %w", text, err)
		}
	}
	return c.open(e.ctx, func(s *state) error {
		head, err := verifyAudit(e.ctx, s.store, heads)
		if err != nil {
			return fmt.Errorf("verify the audit log: %w: %w", err, errAuditCure)
		}
		_, err = fmt.Fprintln(e.stdout, head)
		return err
	})
}

// readHead reads a head, or the file that holds one.
func readHead(text string) (audit.Head, error) {
	if h, err := audit.ParseHead(text); err == nil {
		return h, nil
	}
	b, err := readSmall(text)
	var h audit.Head
	if err == nil {
		h, err = audit.ParseHead(strings.TrimSpace(string(b)))
	}
	if errors.Is(err, fs.ErrNotExist) || errors.Is(err, audit.ErrHead) {
		return audit.Head{}, fmt.Errorf("%w, nor a file that holds one: give SIZE:ROOT, as `visavisd audit verify` prints it", audit.ErrHead)
	}
	return h, err
}

// verifier reads a log from its beginning, with its tree beside it.
type verifier struct {
	log   models.Audits
	tree  audit.Tree
	heads []audit.Head  // that are still to come, the smallest first
	good  uint64        // so many events are those of a head
	fresh []models.Hash // that were completed, and not compared with the stored ones yet
	next  int64         // tlog's index of the first of them
	odd   uint64        // the first event that does not fit its stored hashes; 0 for none
}

// verifyAudit reads the whole log and returns its head. What is wrong by a head of before is said before what is wrong by the stored hashes: who
// rewrites events can rewrite those.
func verifyAudit(ctx context.Context, log models.Audits, heads []audit.Head) (audit.Head, error) {
	v := &verifier{log: log, heads: slices.Clone(heads)}
	slices.SortFunc(v.heads, func(a, b audit.Head) int { return cmp.Compare(a.Size, b.Size) })
	least, err := log.AuditSize(ctx)
	if err != nil {
		return audit.Head{}, err
	}
	if err := v.reached(ctx); err != nil { // a head of no events
		return audit.Head{}, err
	}
	if err := eachEvent(ctx, log, func(e models.AuditEvent) error { return v.add(ctx, e) }); err != nil {
		return audit.Head{}, err
	}
	most, err := log.AuditSize(ctx) // a running server may have written meanwhile
	if err != nil {
		return audit.Head{}, err
	}
	return v.end(ctx, least, most)
}

// comparedAtOnce is how many stored hashes are read at a time.
const comparedAtOnce = 1000

func (v *verifier) add(ctx context.Context, e models.AuditEvent) error {
	hashes, err := v.tree.Add(e)
	if err != nil {
		return fmt.Errorf("%w: %w", errAuditHole, err)
	}
	v.fresh = append(v.fresh, hashes...)
	if len(v.fresh) >= comparedAtOnce {
		if err := v.compare(ctx); err != nil {
			return err
		}
	}
	return v.reached(ctx)
}

// compare holds the hashes that were computed against those that are stored.
func (v *verifier) compare(ctx context.Context) error {
	indexes := make([]int64, len(v.fresh))
	for i := range indexes {
		indexes[i] = v.next + int64(i)
	}
	stored, err := v.log.AuditHashes(ctx, indexes)
	for i := 0; errors.Is(err, models.ErrNotFound) && i < len(indexes); i++ { // one of them is missing: up to there they are compared
		var one []models.Hash
		if one, err = v.log.AuditHashes(ctx, indexes[i:i+1]); err == nil {
			stored, err = append(stored, one...), models.ErrNotFound
			continue
		}
		break
	}
	if err != nil && !errors.Is(err, models.ErrNotFound) {
		return err
	}
	for i, h := range v.fresh {
		if v.odd == 0 && (i >= len(stored) || stored[i] != h) {
			v.odd, _, _ = audit.Index(indexes[i])
		}
	}
	v.next += int64(len(v.fresh))
	v.fresh = v.fresh[:0]
	return nil
}

// reached compares the heads of the size that the tree has now.
func (v *verifier) reached(ctx context.Context) error {
	for len(v.heads) > 0 {
		now, err := v.tree.Head()
		if err != nil || v.heads[0].Size != now.Size {
			return err
		}
		if v.heads[0] != now {
			return errors.Join(v.compare(ctx), v.rewritten(v.heads[0]))
		}
		v.good, v.heads = now.Size, v.heads[1:]
	}
	return nil
}

// rewritten says what can be told of where the log differs from a head.
func (v *verifier) rewritten(head audit.Head) error {
	where := fmt.Sprintf("it can be any of events %d to %d, since the stored hashes were rewritten with them", v.good+1, head.Size)
	if v.odd != 0 {
		where = fmt.Sprintf("the first that does not fit its stored hashes is event %d", v.odd)
	}
	return fmt.Errorf("%w: its first %d events are not those of %s; %s", audit.ErrRewritten, head.Size, head, where)
}

// end judges what is left when the log was read; it had least events before, and most afterwards.
func (v *verifier) end(ctx context.Context, least, most uint64) (audit.Head, error) {
	head, err := v.tree.Head()
	if err == nil {
		err = v.compare(ctx)
	}
	switch {
	case err != nil:
	case len(v.heads) > 0:
		last := v.heads[len(v.heads)-1]
		err = fmt.Errorf("%w: it had %d and has %d: events %d to %d", audit.ErrCut, last.Size, head.Size, head.Size+1, last.Size)
	case head.Size < least || head.Size > most:
		err = fmt.Errorf("%w: it says that it has %d events, and its last one is event %d", errAuditHole, most, head.Size)
	case v.odd != 0:
		err = fmt.Errorf("%w: event %d", errAuditTree, v.odd)
	}
	if err != nil {
		return audit.Head{}, err
	}
	return head, nil
}
