package recovery

import (
	"context"
	"errors"
	"fmt"
	"io"
	"text/tabwriter"
	"time"

	"visavis/chat/client"
	"visavis/chat/trust"
	"visavis/models"
)

// The errors of a command that can not be carried out.
var (
	ErrNobody = errors.New("nobody of that name: run it without a deed to see who there is")
	ErrTwo    = errors.New("two wait under that name: reject one, or let the other sign up anew")
	ErrLong   = errors.New("far longer than a root sheet")
)

// Deeds are what to do, in this order. With none of them, what there is is printed.
type Deeds struct {
	ReplaceDesks bool   // revoke every desk and list this one
	Revoke       string // a person's name
	Name         string // of a person whom the directory lists: to be an admin
	Admit        string // of a person who waits: to be let in, as an admin
	Fingerprint  string // on the screen of who is admitted
	Pepper       bool   // replace the vault pepper, and print it and the new sheet
	Renew        bool   // print the sheet with the newest pepper
}

// Options are what a recovery works with.
type Options struct {
	Dir    string    // the desk's state folder
	Sheet  io.Reader // the root sheet as it was printed, or typed from it
	Out    io.Writer
	Client client.Options
	Deeds
}

// maxSheet is more than any sheet has, in bytes.
const maxSheet = 8 << 10

// Run reads the sheet, proves it to the server and does the deeds.
func Run(ctx context.Context, o Options) error {
	text, err := io.ReadAll(io.LimitReader(o.Sheet, maxSheet+1))
	defer clear(text)
	if err == nil && len(text) > maxSheet {
		err = ErrLong
	}
	if err != nil {
		return fmt.Errorf("read the root sheet: %w", err)
	}
	sheet, err := trust.ParseRootSheet(string(text))
	if err != nil {
		return err
	}
	d, err := client.LoadDesk(o.Client, o.Dir)
	if err != nil {
		return err
	}
	c, err := d.Connect(ctx)
	if err != nil {
		return err
	}
	defer func() { _ = c.Close() }() // every deed was answered
	root, err := d.OpenRoot(ctx, c, sheet)
	if err != nil {
		return err
	}
	defer root.Wipe()
	w := &work{ctx: ctx, desk: d, sheet: sheet, root: root, out: o.Out}
	return w.do(o.Deeds)
}

// work is a recovery under way.
type work struct {
	ctx   context.Context
	desk  *client.Desk
	sheet trust.RootSheet
	root  *client.Root
	out   io.Writer
}

func (w *work) say(format string, args ...any) error {
	_, err := fmt.Fprintf(w.out, format+"\n", args...)
	return err
}

func (w *work) do(d Deeds) error {
	if d == (Deeds{}) {
		return w.show()
	}
	for _, deed := range []struct {
		wanted bool
		act    func() error
	}{
		{d.ReplaceDesks, w.replaceDesks},
		{d.Revoke != "", func() error { return w.revoke(d.Revoke) }},
		{d.Name != "", func() error { return w.name(d.Name) }},
		{d.Admit != "", func() error { return w.admit(d.Admit, d.Fingerprint) }},
		{d.Pepper, w.replacePepper},
		{d.Renew, w.renew},
	} {
		if !deed.wanted {
			continue
		}
		if err := deed.act(); err != nil {
			return err
		}
	}
	return nil
}

// show prints the organisation. Names are people's own words: quoted, they can not drive the terminal.
func (w *work) show() error {
	dir := w.root.Directory()
	waiting, err := w.root.Waiting(w.ctx)
	if err != nil {
		return err
	}
	if err := w.say("%q: %d desks.", dir.OrgName(), len(dir.Desks())); err != nil {
		return err
	}
	t := tabwriter.NewWriter(w.out, 0, 8, 2, ' ', 0)
	_, _ = fmt.Fprintln(t, "NAME\tIS\tACCOUNT")
	for _, p := range dir.Accounts() {
		is := "member"
		if dir.IsAdmin(p.Account) {
			is = "admin"
		}
		_, _ = fmt.Fprintf(t, "%q\t%s\t%s\n", p.Name, is, p.Account)
	}
	for _, p := range waiting {
		is := "waits since " + p.At.Format(time.RFC3339)
		if p.Blocked != nil {
			is = "waits, and can not be admitted: " + p.Blocked.Error()
		}
		_, _ = fmt.Fprintf(t, "%q\t%s\t%s\n", p.Name, is, p.Account)
	}
	return t.Flush()
}

func (w *work) replaceDesks() error {
	before := len(w.root.Directory().Desks())
	if err := w.root.ReplaceDesks(w.ctx); err != nil {
		return err
	}
	return w.say("Revoked %d desks and listed this one. Start its window anew.", before)
}

// replacePepper prints what is handled as a password: the pepper for the other desks, and the sheet.
func (w *work) replacePepper() error {
	text, sheet, err := w.root.ReplacePepper(w.ctx)
	if err != nil {
		return err
	}
	return w.say("Bring this to every other desk (`visavis pepper`), then destroy it:\n%s\n\nPrint this in the place of the old root sheet:\n%s", text, sheet.Text())
}

func (w *work) renew() error {
	sheet, err := w.desk.RenewSheet(w.sheet)
	if err != nil {
		return err
	}
	return w.say("Print this in the place of the old root sheet:\n%s", sheet.Text())
}

// listed finds a person of the directory.
func (w *work) listed(name string) (models.AccountID, error) {
	canonical, err := models.CanonicalName(name)
	if err != nil {
		return models.AccountID{}, err
	}
	p, ok := w.root.Directory().ByName(canonical)
	if !ok {
		return models.AccountID{}, fmt.Errorf("%q: %w", name, ErrNobody)
	}
	return p.Account, nil
}

func (w *work) revoke(name string) error {
	account, err := w.listed(name)
	if err != nil {
		return err
	}
	if err := w.root.Revoke(w.ctx, account); err != nil {
		return err
	}
	return w.say("Revoked %q.", name)
}

func (w *work) name(name string) error {
	account, err := w.listed(name)
	if err != nil {
		return err
	}
	if err := w.root.NameAdmin(w.ctx, account); err != nil {
		return err
	}
	return w.say("%q is an admin.", name)
}

func (w *work) admit(name, fingerprint string) error {
	canonical, err := models.CanonicalName(name)
	if err != nil {
		return err
	}
	waiting, err := w.root.Waiting(w.ctx)
	if err != nil {
		return err
	}
	var found []client.Waiting
	for _, p := range waiting {
		if p.Name == canonical {
			found = append(found, p)
		}
	}
	switch len(found) {
	case 0:
		return fmt.Errorf("%q: %w", name, ErrNobody)
	case 1:
	default:
		return fmt.Errorf("%q: %w", name, ErrTwo)
	}
	if err := w.root.Admit(w.ctx, found[0], fingerprint); err != nil {
		return err
	}
	return w.say("%q is let in, and is an admin.", name)
}
