package churn

import (
	"context"
	"crypto/rand"
	"fmt"
	"path/filepath"
	"sync/atomic"
	"time"

	"visavis/biometrics"
	"visavis/chat/client"
	"visavis/chat/pake"
	"visavis/chat/trust"
	"visavis/models"
)

// person is somebody with an account. Only seats change after the sign-up, and what comes of a revocation.
type person struct {
	name     string
	face     face
	password string
	account  models.AccountID
	print    trust.Fingerprint
	seats    []*seat

	ending atomic.Bool              // an admin is about to revoke the account, or has
	ends   map[models.RoomID]uint64 // how long each log was when that was done; nil before
	silent map[models.RoomID]uint64 // how far the logs were looked through for what he says after it
}

func newPerson(name string, n int) *person {
	return &person{name: name, face: face(n + 1), password: "umbrella " + name + " 7 quartz lantern"}
}

// consent is what everybody agrees to.
const consent = "My face is described by numbers and compared when I log in."

// bay is a workstation with its network. A revoked one leads to the one that stands in its place.
type bay struct {
	*client.Desk
	wires *wires
	next  atomic.Pointer[bay]
}

// now is the workstation that stands there.
func (b *bay) now() *bay {
	for next := b.next.Load(); next != nil; next = b.next.Load() {
		b = next
	}
	return b
}

// inviteTime is how long the first desk's invite can be used.
const inviteTime = time.Hour

// invite makes the server's half of the first desk's invite, as the operator does.
func (h *house) invite(ctx context.Context) (string, error) {
	code, now := []byte(rand.Text()), h.clock.Now()
	err := h.store.AddInvite(ctx, models.Invite{Code: trust.InviteCodeHash(code), CreatedAt: now, ExpiresAt: now.Add(inviteTime)})
	if err != nil {
		return "", err
	}
	return trust.Invite{Addresses: []string{h.address}, CA: h.options.Authority.Fingerprint(), Code: code}.Text()
}

// suites are the password parameters of desks.
func (w *world) suites() []pake.Suite {
	if w.CheapPasswords {
		return []pake.Suite{pake.SuiteTest}
	}
	return []pake.Suite{pake.SuiteV1}
}

// enrol makes a workstation of an invite.
func (w *world) enrol(ctx context.Context, invite string) (*bay, error) {
	w.enrolled++
	b := &bay{wires: &wires{}}
	name := fmt.Sprintf("desk %d", w.enrolled)
	o := client.Options{Now: w.clock.Now, Dial: b.wires.dial, Suites: w.suites()}
	var err error
	b.Desk, err = client.Enrol(ctx, o, filepath.Join(w.Dir, "desks", name), invite, name, []biometrics.CameraInfo{made})
	return b, err
}

// found makes organisation, first desk and first admin, who sits at it from then on.
func (w *world) found(ctx context.Context) error {
	invite, err := w.house.invite(ctx)
	if err != nil {
		return err
	}
	first, err := w.enrol(ctx, invite)
	if err != nil {
		return err
	}
	c, err := first.Connect(ctx)
	if err != nil {
		return err
	}
	defer c.Close()
	founder, err := first.Found(ctx, c, organisation)
	if err != nil {
		return err
	}
	defer founder.Wipe()
	w.pepper = founder.Sheet().Pepper
	admin := newPerson("admin", 0)
	bundle, err := w.signUp(ctx, first, admin)
	if err != nil {
		return err
	}
	if err := founder.Admit(ctx, c, bundle); err != nil {
		return err
	}
	w.office = w.newSeat(admin, first)
	return w.office.logIn(ctx)
}

// signUp signs somebody up and returns the bundle.
func (w *world) signUp(ctx context.Context, at *bay, p *person) ([]byte, error) {
	w.clock.Enter()
	defer w.clock.Leave()
	c, err := at.Connect(ctx)
	if err != nil {
		return nil, err
	}
	defer c.Close()
	up, err := at.SignUp(ctx, c, client.SignUp{Name: p.name, Email: p.name + "@example.org", Password: []byte(p.password), Consent: consent}, eye{p.face, w.clock})
	if err != nil {
		return nil, fmt.Errorf("sign up %s: %w", p.name, err)
	}
	p.account, p.print = up.Account, up.Fingerprint
	return up.Bundle, nil
}

// approve lets in everybody who waits, as an admin who reads the fingerprint off each one's screen.
func (w *world) approve(ctx context.Context) error {
	return w.official(ctx, func(admin *client.Session) error {
		list, err := admin.Signups(ctx)
		if err != nil {
			return err
		}
		for _, x := range list {
			p := w.byAccount[x.Account]
			if p == nil {
				return fmt.Errorf("%s waits, and nobody knows him: %w", x.Name, models.ErrNotFound)
			}
			if err := w.freshly(ctx, admin, func() error { return admin.Approve(ctx, x, string(p.print)) }); err != nil {
				return fmt.Errorf("approve %s: %w", p.name, err)
			}
		}
		return nil
	})
}

// newDesk enrols another workstation by the admin's invite and lists it in the directory.
func (w *world) newDesk(ctx context.Context) (b *bay, err error) {
	err = w.official(ctx, func(admin *client.Session) error {
		var invite string
		err := w.freshly(ctx, admin, func() (err error) { invite, err = admin.InviteDesk(ctx); return err })
		if err != nil {
			return err
		}
		if b, err = w.enrol(ctx, invite); err != nil {
			return err
		}
		desks, err := admin.Desks(ctx)
		if err != nil {
			return err
		}
		for _, x := range desks {
			if x.ID == b.ID() {
				return w.freshly(ctx, admin, func() error { return admin.ApproveDesk(ctx, x) })
			}
		}
		return fmt.Errorf("%s waits for nobody: %w", b.Name(), models.ErrNotFound)
	})
	return b, err
}

// revoke puts another desk into the place of one, and ends that for good; it then knocks in vain.
func (w *world) revoke(ctx context.Context, b *bay) error {
	instead, err := w.newDesk(ctx)
	if err != nil {
		return err
	}
	b.next.Store(instead)
	err = w.official(ctx, func(admin *client.Session) error {
		return w.freshly(ctx, admin, func() error { return admin.RevokeDesk(ctx, b.ID()) })
	})
	if err != nil {
		return err
	}
	w.counts.add(&w.counts.Revoked)
	w.counts.add(&w.counts.Asked)
	if c, err := b.Connect(ctx); err == nil {
		w.counts.add(&w.counts.Granted)
		w.counts.wrong(nil, "%s was revoked, and let in", b.Name())
		return c.Close()
	}
	return nil
}

// renew lets the admin sign the keys of those who used a desk that was revoked, having compared them.
func (w *world) renew(ctx context.Context) error {
	return w.official(ctx, func(admin *client.Session) error {
		waiting, err := admin.WaitingKeys(ctx)
		if err != nil {
			return err
		}
		for _, k := range waiting {
			err := w.freshly(ctx, admin, func() error { return admin.ApproveKeys(ctx, k, string(k.Fingerprint())) })
			if err != nil {
				return fmt.Errorf("approve the keys of %s: %w", k.Account.Short(), err)
			}
			w.counts.add(&w.counts.Keys)
		}
		return nil
	})
}
