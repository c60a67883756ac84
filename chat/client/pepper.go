package client

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"

	"visavis/chat/e2e"
	"visavis/chat/trust"
	"visavis/chat/wire"
	"visavis/models"
)

// maxPeppers bounds those that a desk holds: the one that vaults are wrapped under, those of before, and one that is not known to be any yet.
const maxPeppers = 8

// The errors of vault peppers.
var (
	ErrPepper  = errors.New("this desk lacks the vault pepper that is needed: an admin brings it, as a text, from a desk that has it")
	ErrPeppers = errors.New("this desk holds as many vault peppers as it can: an admin drops those that no vault needs any more")
)

// peppers are what a desk holds beside the pepper that it wraps under. The zero value is a desk's of before the first replacement.
type peppers struct {
	others []trust.Pepper // the newest first
	named  models.Hash    // that the directory names last, as far as this desk has seen; zero for none
}

// wrapping is the pepper that vaults are wrapped under. A desk that knows of a newer one than it holds has none: who stole the older one has
// part of what opens such a vault.
func (d *Desk) wrapping() (trust.Pepper, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	lacks := func() bool { return !d.peppers.named.IsZero() && d.peppers.named != trust.PepperID(d.pepper) }
	if lacks() {
		_ = d.catchUp() // a command may have brought it; what can not be read leaves all as it is
	}
	if lacks() {
		return trust.Pepper{}, ErrPepper
	}
	return d.pepper, nil
}

// pepperOf is the pepper of an id.
func (d *Desk) pepperOf(id models.Hash) (trust.Pepper, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	is := func(p trust.Pepper) bool { return trust.PepperID(p) == id }
	i := slices.IndexFunc(d.held(), is)
	if i < 0 {
		_ = d.catchUp() // as in wrapping
		i = slices.IndexFunc(d.held(), is)
	}
	if i < 0 {
		return trust.Pepper{}, ErrPepper
	}
	return d.held()[i], nil
}

// held are all peppers; mu is held.
func (d *Desk) held() []trust.Pepper { return append([]trust.Pepper{d.pepper}, d.peppers.others...) }

// hold makes list, in which nothing stands twice, what the desk holds, and writes it; what can not be written is not held. mu is held.
func (d *Desk) hold(list []trust.Pepper) error {
	pepper, others, stood := d.pepper, d.peppers.others, d.stands
	d.arrange(list)
	err := d.write()
	if err != nil {
		d.pepper, d.peppers.others, d.stands = pepper, others, stood
	}
	return err
}

// arrange makes list what the desk holds, the one that is named first; mu is held.
func (d *Desk) arrange(list []trust.Pepper) {
	slices.SortStableFunc(list, func(a, b trust.Pepper) int {
		switch named := d.peppers.named; named {
		case trust.PepperID(a):
			return -1
		case trust.PepperID(b):
			return 1
		}
		return 0
	})
	d.pepper, d.peppers.others = list[0], list[1:]
}

// AddPepper takes a pepper that was brought as a text. The desk opens vaults with it at once; it wraps vaults under it from when the directory names
// it: whoever comes by may type a text, and only an admin's signature makes it the organisation's.
func (d *Desk) AddPepper(text string) error {
	if !d.Founded() {
		return errUnfounded()
	}
	p, err := trust.ParsePepper(text, d.org)
	if err != nil {
		return err
	}
	return d.addPepper(p)
}

func (d *Desk) addPepper(p trust.Pepper) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	list := d.held()
	switch {
	case slices.Contains(list, p):
		return nil
	case len(list) >= maxPeppers:
		return ErrPeppers
	}
	return d.hold(slices.Insert(list, 1, p))
}

// followPeppers learns from a directory that is known to be the right one which pepper is the newest, and forgets those that are none.
func (d *Desk) followPeppers(dir *trust.Directory) error {
	ids := dir.Peppers()
	var newest models.Hash
	if len(ids) > 0 {
		newest = ids[len(ids)-1]
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	list := slices.DeleteFunc(d.held(), func(p trust.Pepper) bool { return p != d.pepper && !slices.Contains(ids, trust.PepperID(p)) })
	if d.peppers.named == newest && len(list) == 1+len(d.peppers.others) {
		return nil
	}
	d.peppers.named = newest
	return d.hold(list)
}

// dropPeppers forgets those that are not needed.
func (d *Desk) dropPeppers(needed func(models.Hash) bool) (dropped int, err error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	before := len(d.peppers.others)
	d.peppers.others = slices.DeleteFunc(d.peppers.others, func(p trust.Pepper) bool { return !needed(trust.PepperID(p)) })
	return before - len(d.peppers.others), d.write()
}

// unlockFor is what opens a stored vault: its clear part names the pepper. What is no vault is left to whoever opens it.
func (d *Desk) unlockFor(stored models.Vault, export []byte) (e2e.Unlock, error) {
	u := e2e.Unlock{Export: export}
	sealed, err := trust.OpenSealedVault(stored, e2e.MaxVault)
	if err != nil {
		return u, fmt.Errorf("%w: %w", ErrVault, err)
	}
	u.Pepper, err = d.pepperOf(sealed.Clear.Pepper)
	return u, err
}

// settingPepper is where an admin's vault keeps the newest pepper that he made, in hex: it comes with him to desks that lack it.
const settingPepper = "pepper"

// followPepper moves the vault under the newest pepper when the desk has it, with a new vault key: who opens an older version of the vault,
// under a pepper that was stolen, opens none from then on. A desk that lacks it leaves the vault as it is.
func (s *Session) followPepper(ctx context.Context) error {
	if err := s.desk.followPeppers(s.dir); err != nil {
		return err
	}
	s.mu.Lock()
	kept := s.vault.Settings[settingPepper]
	s.mu.Unlock()
	if b, err := hex.DecodeString(kept); err == nil && len(b) == len(trust.Pepper{}) && slices.Contains(s.dir.Peppers(), trust.PepperID(trust.Pepper(b))) {
		if err := s.desk.addPepper(trust.Pepper(b)); err != nil && !errors.Is(err, ErrPeppers) {
			return err
		}
	}
	newest, err := s.desk.wrapping()
	if errors.Is(err, ErrPepper) {
		return nil
	}
	s.mu.Lock()
	done := s.vault.Pepper() == trust.PepperID(newest)
	s.mu.Unlock()
	if err != nil || done {
		return err
	}
	if err := s.storeVault(ctx, vaultWrite{
		seal: func() (models.Vault, error) { // another desk may have been faster: then it is done twice
			return s.vault.Rewrap(e2e.Unlock{Export: s.export, Pepper: newest}, s.desk.random(), s.desk.now())
		},
		put: func(next models.Vault) error {
			return s.call(ctx, wire.TypeVaultPut, wire.VaultPut{Version: next.Version, Prev: next.Prev, Vault: next.Body}, new(wire.Empty))
		},
		saved: func() {},
	}); err != nil {
		return fmt.Errorf("move the vault to the newest pepper: %w", err)
	}
	return nil
}

// ReplacePepper makes a new vault pepper, after a desk was lost: this desk has it from now on, and the admin's vault; the directory names it; and each
// person's vault moves under it at his next log-in at a desk that has it. It returns the text that brings it to the other desks. The server learns its id.
func (s *Session) ReplacePepper(ctx context.Context) (text string, err error) {
	prev, err := s.desk.wrapping()
	if err != nil {
		return "", err
	}
	p, err := trust.NewSecret(s.desk.random())
	if err != nil {
		return "", err
	}
	// Kept before it is named: a crash in between leaves a pepper that is none, not vaults under one that nobody has.
	if err := s.desk.addPepper(p); err != nil {
		return "", err
	}
	s.mu.Lock()
	s.vault.Settings[settingPepper] = hex.EncodeToString(p[:])
	s.mu.Unlock()
	if err := s.saveVault(ctx); err != nil {
		return "", err
	}
	if err := s.direct(ctx, func(by trust.Author) ([]byte, error) {
		return s.dir.SignPepper(by.Account, by.Key, trust.PepperID(p), trust.PepperID(prev), by.At)
	}); err != nil {
		return "", err
	}
	return trust.PepperText(s.desk.org, p), s.followPepper(ctx)
}

// PepperText is the newest pepper, to be brought to a desk that lacks it. It is for admins, who hand it on in every invite.
func (s *Session) PepperText() (string, error) {
	if !s.IsAdmin() {
		return "", wire.Refuse(wire.CodeNotAllowed)
	}
	p, err := s.desk.wrapping()
	if err != nil {
		return "", err
	}
	return trust.PepperText(s.desk.org, p), nil
}

// PepperUse is how many vaults the server says are under a pepper.
type PepperUse struct {
	Pepper models.Hash
	Vaults uint64
	Newest bool
}

// PepperUses lists the peppers that vaults are under, and the newest in any case, first.
func (s *Session) PepperUses(ctx context.Context) ([]PepperUse, error) {
	if err := s.readDirectory(ctx); err != nil {
		return nil, err
	}
	if err := s.desk.followPeppers(s.dir); err != nil {
		return nil, err
	}
	var reply wire.PepperCountReply
	if err := s.call(ctx, wire.TypePepperCount, wire.Empty{}, &reply); err != nil {
		return nil, err
	}
	newest, err := s.desk.wrapping()
	if err != nil {
		return nil, err
	}
	uses := []PepperUse{{Pepper: trust.PepperID(newest), Newest: true}}
	for _, c := range reply.Counts {
		if c.Pepper == uses[0].Pepper {
			uses[0].Vaults = c.Vaults
			continue
		}
		uses = append(uses, PepperUse{Pepper: c.Pepper, Vaults: c.Vaults})
	}
	return uses, nil
}

// OlderPeppers is how many peppers the desk holds beside the one that vaults are wrapped under.
func (d *Desk) OlderPeppers() int {
	d.mu.Lock()
	defer d.mu.Unlock()
	return len(d.peppers.others)
}

// DropPeppers forgets, at this desk, the peppers that no vault is under any more, as the server says; a lie costs a walk with a text. The newest stays.
func (s *Session) DropPeppers(ctx context.Context) (dropped int, err error) {
	uses, err := s.PepperUses(ctx)
	if err != nil {
		return 0, err
	}
	return s.desk.dropPeppers(func(id models.Hash) bool {
		return slices.ContainsFunc(uses, func(u PepperUse) bool { return u.Pepper == id })
	})
}

// RenewSheet is the root sheet with the newest pepper of this desk: to be printed in the place of the old one.
func (d *Desk) RenewSheet(sheet trust.RootSheet) (trust.RootSheet, error) {
	if !d.owns(sheet) {
		return trust.RootSheet{}, ErrSheet
	}
	p, err := d.wrapping()
	sheet.Pepper = p
	return sheet, err
}
