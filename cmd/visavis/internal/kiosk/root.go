package kiosk

import (
	"context"
	"errors"

	"visavis/chat/client"
	"visavis/chat/trust"
	"visavis/cmd/visavis/internal/flow"
)

// root is a proven root sheet on a connection of its own. One task at a time works with it.
type root struct {
	*client.Root
	conn    *client.Conn
	waiting []client.Waiting
}

func (r *root) wipe() {
	if r != nil {
		r.Wipe()
		_ = r.conn.Close()
	}
}

// errSheet is what was typed and is no root sheet.
var errSheet = errors.New("not a root sheet")

// openRoot proves a root sheet.
func (k *Kiosk) openRoot(x flow.DoOpenRoot) {
	e, desk := k.newEntry(), k.desk
	begin(k, e.scope, patiently(k, func(ctx context.Context) (*root, error) {
		sheet, err := trust.ParseRootSheet(string(x.Text))
		clear(x.Text)
		if err != nil {
			return nil, errors.Join(errSheet, err)
		}
		c, err := k.dial(ctx, desk)
		if err != nil {
			return nil, err
		}
		opened, err := desk.OpenRoot(ctx, c, sheet)
		if err != nil {
			_ = c.Close()
			return nil, err
		}
		r := &root{Root: opened, conn: c}
		if err := r.read(ctx); err != nil {
			r.wipe()
			return nil, err
		}
		return r, nil
	}), func(r *root, err error) {
		if err != nil {
			k.abandon()
			k.apply(flow.Failed{Problem: problemOf(err, loggingIn)})
			return
		}
		e.root = r
		k.showRoot(e, flow.NoNote)
	}, (*root).wipe)
}

func (r *root) read(ctx context.Context) (err error) {
	r.waiting, err = r.Waiting(ctx)
	return err
}

// showRoot shows what there is, for as long as somebody works with it.
func (k *Kiosk) showRoot(e *entry, note flow.Note) {
	dir := e.root.Directory()
	x := flow.Root{Opened: true, Organisation: dir.OrgName(), Desks: len(dir.Desks())}
	for _, w := range e.root.waiting {
		p := flow.RootPerson{Account: w.Account, Name: w.Name, Waits: true}
		if w.Blocked != nil {
			p.Blocked = w.Blocked.Error()
		}
		x.People = append(x.People, p)
	}
	for _, id := range dir.Accounts() {
		x.People = append(x.People, flow.RootPerson{Account: id.Account, Name: id.Name, Admin: dir.IsAdmin(id.Account)})
	}
	k.apply(flow.RootIs{Root: x, Note: note})
	e.watching.end()
	e.watching = e.scope.within()
	k.after(e.watching, choosing, func() { k.apply(flow.Cancelled{Why: flow.NoteSheet}) })
}

// nameAdmin makes somebody an admin, or lets him in as one.
func (k *Kiosk) nameAdmin(x flow.DoNameAdmin) {
	e := k.entry
	if e == nil || e.root == nil {
		k.apply(flow.Failed{Problem: flow.Problem{Kind: flow.CutOff}, Anew: true})
		return
	}
	r := e.root
	e.root = nil
	begin(k, e.scope, patiently(k, func(ctx context.Context) (error, error) {
		err := r.name(ctx, x)
		if err == nil {
			err = r.read(ctx)
		}
		return err, nil
	}), func(err, _ error) {
		if err != nil && r.conn.Err() != nil {
			r.wipe()
			k.abandon()
			k.apply(flow.Failed{Problem: problemOf(err, loggingIn), Anew: true})
			return
		}
		e.root = r
		if err != nil {
			k.apply(flow.Failed{Problem: problemOf(err, inside)})
			return
		}
		k.showRoot(e, flow.NoteNamed)
	}, func(error) { r.wipe() })
}

func (r *root) name(ctx context.Context, x flow.DoNameAdmin) error {
	for _, w := range r.waiting {
		if w.Account == x.Account {
			return r.Admit(ctx, w, x.Print)
		}
	}
	return r.NameAdmin(ctx, x.Account)
}
