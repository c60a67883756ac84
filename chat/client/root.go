package client

import (
	"context"
	"crypto/ed25519"
	"errors"
	"fmt"
	"io"
	"slices"

	"visavis/chat/pki"
	"visavis/chat/trust"
	"visavis/chat/wire"
	"visavis/models"
)

// The errors of who comes with a root sheet.
var (
	ErrSheet      = errors.New("the root sheet is not this organisation's, or not this server's")
	ErrDeskListed = errors.New("this desk is listed already: nothing has to be done for it")
)

// Root acts for the organisation by its root sheet, at an enrolled desk and with nobody logged in: it names admins, when all of them have lost
// their vaults, and lists a desk, when all of those are lost. It reads the directory and who waits, and can read no room. One goroutine owns it.
// It prints redacted; Wipe ends it.
type Root struct {
	desk  *Desk
	conn  *Conn
	key   ed25519.PrivateKey
	sheet trust.RootSheet
	dir   *trust.Directory // as the server has it, read before each deed
}

// OpenRoot proves the sheet to the server and reads the directory. A desk that knows its organisation takes no other's sheet and no older
// directory than it has seen. One that was enrolled by the server's half of an invite alone knows neither: it has the sheet to go by.
func (d *Desk) OpenRoot(ctx context.Context, c *Conn, sheet trust.RootSheet) (*Root, error) {
	r := &Root{desk: d, conn: c, key: sheet.Key(), sheet: sheet}
	fail := func(err error) (*Root, error) {
		r.Wipe()
		return nil, fmt.Errorf("open the root: %w", err)
	}
	switch {
	case sheet.CA != d.ca, sheet.Org != c.hello.Org, d.Founded() && !d.owns(sheet):
		return fail(ErrSheet)
	case !slices.Contains(c.hello.Features, wire.FeatureRoot):
		return fail(wire.Refuse(wire.CodeUnsupported))
	}
	exporter, err := pki.Exporter(c.state, wire.ExporterLabel, nil)
	if err != nil {
		return fail(err)
	}
	proof := trust.NewRootProof(trust.RootProof{Org: sheet.Org, Server: c.hello.Server, Desk: d.id, Exporter: [32]byte(exporter)}, r.key)
	if err := c.Call(ctx, wire.TypeRootOpen, wire.RootOpen{Proof: proof}, new(wire.Empty)); err != nil {
		return fail(err)
	}
	if err := r.read(ctx); err != nil {
		return fail(err)
	}
	return r, nil
}

// owns says whether a sheet is of this desk's organisation.
func (d *Desk) owns(sheet trust.RootSheet) bool {
	key := sheet.Key()
	defer clear(key)
	return sheet.CA == d.ca && sheet.Org == d.org && trust.RootFingerprint(key.Public().(ed25519.PublicKey)) == d.root
}

// read reads the directory from its beginning. What it comes to has to be the sheet's, no older than the hello said, and no older than the desk knows.
func (r *Root) read(ctx context.Context) error {
	seen, head := r.desk.pinned()
	dir := trust.NewDirectory(r.sheet.Org)
	for after := uint64(0); ; {
		var page wire.RootReadReply
		if err := r.conn.Call(ctx, wire.TypeRootRead, wire.RootRead{After: after}, &page); err != nil {
			return err
		}
		for _, signed := range page.Statements {
			_, _ = dir.Apply(signed) // one that is refused counts for nothing, here as for everybody
		}
		after += uint64(len(page.Statements))
		if after >= page.Last || len(page.Statements) == 0 {
			break
		}
	}
	switch {
	case dir.Len() == 0 || !r.key.Public().(ed25519.PublicKey).Equal(dir.Root()):
		return ErrSheet
	case dir.Len() < r.conn.hello.Seq || !goesOn(dir, seen, head):
		return ErrOldDirectory
	}
	r.dir = dir
	if !r.desk.Founded() {
		return nil
	}
	return r.desk.pin(dir.Tip())
}

// Directory is the organisation, as it was read last.
func (r *Root) Directory() *trust.Directory { return r.dir }

// Waiting lists who waits for approval, oldest first, as Session.Signups does; of whom they look like nothing is said.
func (r *Root) Waiting(ctx context.Context) ([]Waiting, error) {
	if err := r.read(ctx); err != nil {
		return nil, err
	}
	var list []Waiting
	var after wire.SignupList
	for {
		var page wire.SignupListReply
		if err := r.conn.Call(ctx, wire.TypeSignupList, after, &page); err != nil {
			return nil, err
		}
		for _, row := range page.Waiting {
			w, err := waiting(r.dir, row, approvable)
			if err != nil {
				return nil, err
			}
			list = append(list, w)
		}
		if !page.More || len(page.Waiting) == 0 || len(list) >= maxSignups {
			return list, nil
		}
		last := page.Waiting[len(page.Waiting)-1]
		after = wire.SignupList{At: last.At, Account: last.Account}
	}
}

// NameAdmin makes somebody whom the directory lists, and who has his vault, an admin.
func (r *Root) NameAdmin(ctx context.Context, account models.AccountID) error {
	return r.sign(ctx, func(add add) error {
		if _, listed := r.dir.Identity(account); !listed {
			return fmt.Errorf("account %s: %w", account.Short(), trust.ErrUnknown)
		}
		return add(r.dir.SignRole(models.AccountID{}, r.key, account, true, r.desk.now()))
	})
}

// Admit lets somebody who waits in, as an admin, when typed is the fingerprint that the person's own screen shows.
func (r *Root) Admit(ctx context.Context, w Waiting, typed string) error {
	if !w.Fingerprint().Matches(typed) {
		return ErrFingerprint
	}
	return r.sign(ctx, func(add add) error {
		b, err := trust.OpenBundle(w.bundle, r.dir)
		if err == nil {
			err = approvable(r.dir, b)
		}
		if err != nil {
			return err
		}
		if err := add(r.dir.SignRole(models.AccountID{}, r.key, b.Account, true, r.desk.now())); err != nil {
			return err
		}
		return add(r.dir.SignIdentity(models.AccountID{}, r.key, b, r.desk.now()))
	})
}

// ReplaceDesks revokes every desk that is listed and lists this one: for an organisation that has no desk left. The desk learns the organisation
// and the vault pepper from the sheet. Like Found, it is not for concurrent use with anything else of the desk.
func (r *Root) ReplaceDesks(ctx context.Context) error {
	request, err := trust.OpenDeskRequest(r.desk.request)
	if err != nil {
		return err
	}
	if !r.desk.Founded() { // kept before it is sent, as in Found
		r.desk.org, r.desk.root, r.desk.pepper = r.sheet.Org, trust.RootFingerprint(r.dir.Root()), r.sheet.Pepper
		if err := r.desk.save(); err != nil {
			return err
		}
	}
	return r.sign(ctx, func(add add) error {
		if _, listed := r.dir.Desk(r.desk.id); listed {
			return ErrDeskListed
		}
		for _, k := range r.dir.Desks() {
			if err := add(r.dir.SignRevokeDesk(models.AccountID{}, r.key, k.ID, r.desk.now())); err != nil {
				return err
			}
		}
		return add(r.dir.SignDesk(models.AccountID{}, r.key, request, r.desk.now()))
	})
}

// Revoke ends an account for ever: a lost admin's, whose name is free from then on, or one that does harm.
func (r *Root) Revoke(ctx context.Context, account models.AccountID) error {
	return r.sign(ctx, func(add add) error {
		return add(r.dir.SignRevokeAccount(models.AccountID{}, r.key, account, r.desk.now()))
	})
}

// ReplacePepper does what Session.ReplacePepper does, for an organisation that has no admin at hand; at a desk that is listed. It returns the text for
// the other desks, and the sheet that takes the old one's place.
func (r *Root) ReplacePepper(ctx context.Context) (text string, sheet trust.RootSheet, err error) {
	fail := func(err error) (string, trust.RootSheet, error) { return "", trust.RootSheet{}, err }
	if _, listed := r.dir.Desk(r.desk.id); !listed {
		return fail(fmt.Errorf("desk %s: %w", r.desk.id.Short(), trust.ErrUnknown))
	}
	if err := r.desk.followPeppers(r.dir); err != nil {
		return fail(err)
	}
	prev, err := r.desk.wrapping()
	if err != nil {
		return fail(err)
	}
	p, err := trust.NewSecret(r.desk.random())
	if err != nil {
		return fail(err)
	}
	if err := r.desk.addPepper(p); err != nil { // kept before it is named
		return fail(err)
	}
	if err := r.sign(ctx, func(add add) error {
		return add(r.dir.SignPepper(models.AccountID{}, r.key, trust.PepperID(p), trust.PepperID(prev), r.desk.now()))
	}); err != nil {
		return fail(err)
	}
	r.sheet.Pepper = p
	return trust.PepperText(r.desk.org, p), r.sheet, r.desk.followPeppers(r.dir)
}

// add takes the next statement of a deed.
type add func(signed []byte, err error) error

// rootAtOnce is how many statements one request carries.
const rootAtOnce = 8

// sign builds a deed's statements on the newest directory and sends them, again when another statement came first.
func (r *Root) sign(ctx context.Context, build func(add) error) error {
	var err error
	for range rebases {
		if err = r.read(ctx); err != nil {
			return err
		}
		var statements [][]byte
		if err = build(func(signed []byte, err error) error {
			if err != nil {
				return err
			}
			statements = append(statements, signed)
			_, err = r.dir.Apply(signed)
			return err
		}); err != nil {
			return err
		}
		if err = r.send(ctx, statements); !errors.Is(err, wire.Refuse(wire.CodeConflict)) {
			break
		}
	}
	return errors.Join(err, r.read(ctx))
}

func (r *Root) send(ctx context.Context, statements [][]byte) error {
	for some := range slices.Chunk(statements, rootAtOnce) {
		if err := r.conn.Call(ctx, wire.TypeRootAppend, wire.RootAppend{Statements: some}, new(wire.Empty)); err != nil {
			return err
		}
	}
	return nil
}

// Wipe overwrites the root key.
func (r *Root) Wipe() {
	clear(r.key)
	clear(r.sheet.Root[:])
	clear(r.sheet.Pepper[:])
}

func (*Root) String() string   { return "root(redacted)" }
func (*Root) GoString() string { return "root(redacted)" }

// Format keeps every verb from printing the root.
func (*Root) Format(w fmt.State, _ rune) { _, _ = io.WriteString(w, "root(redacted)") }
