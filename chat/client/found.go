package client

import (
	"context"
	"crypto/ed25519"
	"fmt"
	"io"

	"visavis/chat/pki"
	"visavis/chat/trust"
	"visavis/chat/wire"
	"visavis/models"
)

// Founder holds the organisation's root while its first admin is made. It prints redacted; Wipe ends it.
type Founder struct {
	desk  *Desk
	root  ed25519.PrivateKey
	dir   *trust.Directory // what was signed here: there is nothing else yet
	first [][]byte         // the directory's first statements
}

// Found makes the organisation: on the very first desk, its client draws the root key and the vault pepper, signs statement 0 and the
// desk's own, and keeps the pepper. The server learns neither. A Founder beside an error is one whose statements the server may not have yet:
// Publish them over another connection, or Wipe it and remove the desk's folder.
func (d *Desk) Found(ctx context.Context, c *Conn, organisation string) (*Founder, error) {
	if d.Founded() || !c.hello.Org.IsZero() {
		return nil, fmt.Errorf("found %q: %w", organisation, wire.Refuse(wire.CodeExists))
	}
	root, err := pki.NewKey(d.random())
	if err != nil {
		return nil, err
	}
	pepper, err := trust.NewSecret(d.random())
	if err != nil {
		return nil, err
	}
	dir := trust.NewDirectory(models.OrgID{})
	found, err := trust.Found(organisation, root, d.now())
	if err != nil {
		return nil, err
	}
	if _, err := dir.Apply(found); err != nil {
		return nil, err
	}
	request, err := trust.OpenDeskRequest(d.request)
	if err != nil {
		return nil, err
	}
	desk, err := dir.SignDesk(models.AccountID{}, root, request, d.now())
	if err != nil {
		return nil, err
	}
	if _, err := dir.Apply(desk); err != nil {
		return nil, err
	}
	// Kept before it is sent: a crash in between loses an organisation that nobody is in, not the pepper of one that lives.
	d.org, d.root, d.pepper = dir.Org(), trust.RootFingerprint(dir.Root()), pepper
	if err := d.save(); err != nil {
		return nil, err
	}
	f := &Founder{desk: d, root: root, dir: dir, first: [][]byte{found, desk}}
	d.founding.Store(true)
	return f, f.Publish(ctx, c)
}

// Publish gives the server the directory's first statements. It may be repeated, over a new connection, until it succeeds.
func (f *Founder) Publish(ctx context.Context, c *Conn) error {
	// A server that names the organisation may lack the desk: what it has it takes again.
	if err := f.append(ctx, c, f.first...); err != nil {
		return err
	}
	f.desk.founding.Store(false)
	return nil
}

func (f *Founder) append(ctx context.Context, c *Conn, statements ...[]byte) error {
	return c.Call(ctx, wire.TypeRootAppend, wire.RootAppend{Statements: statements}, new(wire.Empty))
}

// Admit makes the person of a sign-up the first admin. The person is at this desk, so the bundle is the one that was just made here.
// It may be repeated, with the same bundle or another, until SignupStatus says that somebody was admitted: an error may be an answer that was
// lost, and what the server has it takes no second time.
func (f *Founder) Admit(ctx context.Context, c *Conn, bundle []byte) error {
	dir := trust.NewDirectory(models.OrgID{}) // as the server has it: what was signed in vain before is none of it
	for _, s := range f.first {
		if _, err := dir.Apply(s); err != nil {
			return err
		}
	}
	b, err := trust.OpenBundle(bundle, dir)
	if err != nil {
		return err
	}
	identity, err := dir.SignIdentity(models.AccountID{}, f.root, b, f.desk.now())
	if err != nil {
		return err
	}
	if _, err := dir.Apply(identity); err != nil {
		return err
	}
	role, err := dir.SignRole(models.AccountID{}, f.root, b.Account, true, f.desk.now())
	if err != nil {
		return err
	}
	if _, err := dir.Apply(role); err != nil {
		return err
	}
	return f.append(ctx, c, identity, role)
}

// Organisation is its name, as it was signed.
func (f *Founder) Organisation() string { return f.dir.OrgName() }

// Sheet is the root sheet: to be printed before the founder is wiped, and kept on paper alone.
func (f *Founder) Sheet() trust.RootSheet {
	return trust.RootSheet{Org: f.desk.org, CA: f.desk.ca, Root: trust.Secret(f.root.Seed()), Pepper: f.desk.pepper}
}

// Wipe overwrites the root key.
func (f *Founder) Wipe() { clear(f.root) }

func (*Founder) String() string   { return "founder(redacted)" }
func (*Founder) GoString() string { return "founder(redacted)" }

// Format keeps every verb from printing the root.
func (*Founder) Format(w fmt.State, _ rune) { _, _ = io.WriteString(w, "founder(redacted)") }
