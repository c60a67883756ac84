package trust

import (
	"crypto/ed25519"
	"errors"
	"fmt"
	"slices"

	"visavis/biometrics"
	"visavis/models"
)

// Bodies of the directory's statements.
type (
	foundBody struct {
		_    struct{} `cbor:",toarray"`
		Name string
		Root []byte
	}
	identityBody struct {
		_          struct{} `cbor:",toarray"`
		Account    models.AccountID
		Name       string
		Signing    []byte
		Boxes      []BoxKey
		Serial     uint64
		NotBefore  int64
		Prev       models.Hash
		Proof      []byte // of possession: signed by Signing under LabelProof
		Bundle     models.Hash
		Succession []byte // signed by the key before under LabelSuccession, over what Proof is over; empty when an admin re-enrols
	}
	deskBody struct {
		_       struct{} `cbor:",toarray"`
		Desk    models.DeskID
		Name    string
		Device  []byte
		TLSKey  models.Hash
		Cameras []biometrics.CameraInfo
		Request models.Hash
	}
	roleBody struct {
		_       struct{} `cbor:",toarray"`
		Account models.AccountID
		Admin   bool
	}
	revokeBody struct {
		_       struct{}         `cbor:",toarray"`
		Account models.AccountID // one of the two is zero
		Desk    models.DeskID
	}
)

// MaxBoxKeys bounds the HPKE keys of one identity, MaxCameras the cameras of one desk.
const (
	MaxBoxKeys = 4
	MaxCameras = 8
)

// isName says whether a person's name is in its one form (models.CanonicalName).
func isName(name string) bool {
	c, err := models.CanonicalName(name)
	return err == nil && c == name
}

// step is a checked statement: what it changes, and the writing of it.
type step struct {
	change DirectoryChange
	commit func(*Directory)
	newer  bool // of a type that we do not know
}

// Apply accepts the next statement or refuses it and changes nothing; who walks the log skips a refused one and goes on.
// A statement of a type that we do not know advances the chain when an admin signed it, and sets Newer.
func (d *Directory) Apply(signed []byte) (DirectoryChange, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	st, err := d.check(signed)
	if err != nil {
		return DirectoryChange{}, fmt.Errorf("directory statement: %w", err)
	}
	st.commit(d)
	d.seqs[st.change.Head] = st.change.Seq
	d.heads = append(d.heads, st.change.Head)
	return st.change, nil
}

// Check says whether Apply would accept the statement now, and changes nothing. It refuses, with ErrNewer, also a statement of a type that
// Apply would note and go on: whoever keeps the log must not let one stop everybody's signing.
func (d *Directory) Check(signed []byte) error {
	d.mu.RLock()
	defer d.mu.RUnlock()
	st, err := d.check(signed)
	if err == nil && st.newer {
		err = ErrNewer
	}
	if err != nil {
		return fmt.Errorf("directory statement: %w", err)
	}
	return nil
}

// check judges a statement by the state before it.
func (d *Directory) check(signed []byte) (step, error) {
	s, e, err := parseStatement(signed)
	if err != nil {
		return step{}, err
	}
	st := step{change: DirectoryChange{Type: s.label(), Seq: s.Seq, Head: StatementHash(signed), Author: s.Author, At: s.at()}}
	if !s.Room.IsZero() || !s.Dir.IsZero() || !s.State.IsZero() {
		return step{}, fmt.Errorf("%w: not the directory's", ErrFormat)
	}
	if len(d.heads) == 0 {
		st.commit, err = d.checkFound(s, e, st.change.Head)
		return st, err
	}
	if s.Org != d.org {
		return step{}, ErrOrg
	}
	if s.Prev != d.head() || s.Seq != uint64(len(d.heads)) {
		return step{}, ErrPrev
	}
	key, err := d.author(s.Author)
	if err != nil {
		return step{}, err
	}
	if err := e.check(s.label(), key); err != nil {
		return step{}, err
	}
	if s.label() == LabelFound {
		return step{}, fmt.Errorf("founded already: %w", ErrPrev)
	}
	rule, known := directoryRules[s.label()]
	err = s.Ext.Check()
	if known && err != nil && !errors.Is(err, ErrNewer) {
		return step{}, err
	}
	if !known || err != nil {
		st.newer, st.commit = true, func(d *Directory) { d.newer = true }
		return st, nil
	}
	st.commit, err = rule(d, s, &st.change)
	if err != nil && d.newer { // it may rest on one that we could not follow: read on, as rooms do
		st.newer, st.commit, err = true, func(*Directory) {}, nil
	}
	return st, err
}

// author returns the key of one who may sign statements at all: the root, or an admin.
func (d *Directory) author(account models.AccountID) (ed25519.PublicKey, error) {
	if account.IsZero() {
		return d.root, nil
	}
	if !d.isAdmin(account) {
		return nil, fmt.Errorf("author %s: %w", account.Short(), ErrNotAllowed)
	}
	id, _ := d.people[account].now()
	return id.Signing, nil
}

func (d *Directory) checkFound(s Statement, e envelope, hash models.Hash) (func(*Directory), error) {
	var b foundBody
	if s.label() != LabelFound || s.Seq != 0 || !s.Prev.IsZero() || !s.Org.IsZero() || !s.Author.IsZero() {
		return nil, fmt.Errorf("%w: not a founding statement", ErrPrev)
	}
	if err := Decode(s.Body, MaxStatement, &b); err != nil {
		return nil, err
	}
	if err := checkText("organisation's name", b.Name, MaxName); err != nil {
		return nil, err
	}
	if err := e.check(LabelFound, b.Root); err != nil {
		return nil, err
	}
	if err := s.Ext.Check(); err != nil {
		return nil, err
	}
	if !d.org.IsZero() && d.org != hash {
		return nil, ErrOrg
	}
	return func(d *Directory) { d.org, d.name, d.root = hash, b.Name, b.Root }, nil
}

// directoryRules check a statement's body and its author's right to it.
var directoryRules = map[Label]func(*Directory, Statement, *DirectoryChange) (func(*Directory), error){
	LabelIdentity:    (*Directory).checkIdentity,
	LabelDesk:        (*Directory).checkDesk,
	LabelRole:        (*Directory).checkRole,
	LabelRevoke:      (*Directory).checkRevoke,
	LabelPepperNamed: (*Directory).checkPepper,
	LabelAudit:       (*Directory).checkAudit,
}

func (d *Directory) checkIdentity(s Statement, c *DirectoryChange) (func(*Directory), error) {
	var b identityBody
	if err := Decode(s.Body, MaxStatement, &b); err != nil {
		return nil, err
	}
	c.Account = b.Account
	if s.Author.IsZero() && !d.rootMayEnrol(b.Account) {
		return nil, fmt.Errorf("the root enrols admins only: %w", ErrNotAllowed)
	}
	if !isName(b.Name) || b.Account.IsZero() {
		return nil, fmt.Errorf("%w: name or account", ErrFormat)
	}
	old, had := d.people[b.Account].now()
	if had && old.Revoked {
		return nil, ErrRevoked
	}
	if b.Serial != old.Serial+1 || b.Prev != old.Hash {
		return nil, fmt.Errorf("identity: %w", ErrPrev)
	}
	if owner, ok := d.names[b.Name]; ok && owner != b.Account {
		return nil, fmt.Errorf("name: %w", ErrTaken)
	}
	keys, err := d.checkPersonKeys(b.Signing, b.Boxes)
	if err != nil {
		return nil, err
	}
	if !provesKeys(LabelProof, b.Signing, b.Proof, s.Org, b.keys()) {
		return nil, fmt.Errorf("proof of possession: %w", ErrSignature)
	}
	followed := len(b.Succession) > 0
	c.Replaced, c.Followed = had, followed
	if followed && (!had || !provesKeys(LabelSuccession, old.Signing, b.Succession, s.Org, b.keys())) {
		return nil, fmt.Errorf("succession: %w", ErrSignature)
	}
	// New keys that the old one did not sign may be another person's: a server gives account ids to newcomers. They do not
	// get another's name in the bargain, nor, unless the root says so, a role that somebody else was trusted with.
	if had && !followed && b.Name != old.Name {
		return nil, fmt.Errorf("name of account %s: %w", b.Account.Short(), ErrTaken)
	}
	wasAdmin, _ := d.admins[b.Account].now()
	falls := wasAdmin && !followed && !s.Author.IsZero()
	id := Identity{Account: b.Account, Name: b.Name, Signing: b.Signing, Boxes: b.Boxes, Serial: b.Serial, NotBefore: fromMillis(b.NotBefore),
		Prev: b.Prev, Hash: c.Head, Bundle: b.Bundle, Followed: followed}
	return func(d *Directory) {
		delete(d.names, old.Name)
		d.names[id.Name] = id.Account
		d.take(keys)
		d.people[id.Account] = d.people[id.Account].with(s.Seq, id)
		if had && !followed && !slices.Contains(d.renewed, id.Account) {
			d.renewed = append(d.renewed, id.Account)
		}
		if falls {
			d.admins[id.Account] = d.admins[id.Account].with(s.Seq, false)
		}
	}, nil
}

// rootMayEnrol: the first admin, and whoever the root has named an admin before (recovery).
func (d *Directory) rootMayEnrol(account models.AccountID) bool {
	if admin, _ := d.admins[account].now(); admin {
		return true
	}
	for a := range d.admins {
		if d.isAdmin(a) {
			return false
		}
	}
	return true
}

// checkPersonKeys returns the names under which the keys are taken.
func (d *Directory) checkPersonKeys(signing []byte, boxes []BoxKey) ([]models.Hash, error) {
	if err := CheckSigningKey(signing); err != nil {
		return nil, err
	}
	if len(boxes) == 0 || len(boxes) > MaxBoxKeys {
		return nil, fmt.Errorf("%w: %d box keys", ErrFormat, len(boxes))
	}
	keys := []models.Hash{LabelRoot.Hash(signing)}
	for _, k := range boxes {
		if err := k.Check(); err != nil {
			return nil, err
		}
		if slices.Contains(keys, k.ID) {
			return nil, fmt.Errorf("box key: %w", ErrTaken)
		}
		keys = append(keys, k.ID)
	}
	return keys, d.free(keys)
}

func (d *Directory) checkDesk(s Statement, c *DirectoryChange) (func(*Directory), error) {
	var b deskBody
	if err := Decode(s.Body, MaxStatement, &b); err != nil {
		return nil, err
	}
	c.Desk = b.Desk
	if s.Author.IsZero() && d.hasDesk() {
		return nil, fmt.Errorf("the root enrols the first desk only: %w", ErrNotAllowed)
	}
	if err := checkDeskFields(b.Desk, b.Name, b.Device, b.TLSKey, b.Cameras); err != nil {
		return nil, err
	}
	if len(d.desks[b.Desk]) > 0 {
		return nil, fmt.Errorf("desk id: %w", ErrTaken)
	}
	keys := []models.Hash{LabelRoot.Hash(b.Device), b.TLSKey}
	if err := d.free(keys); err != nil {
		return nil, err
	}
	k := Desk{ID: b.Desk, Name: b.Name, Device: b.Device, TLSKey: b.TLSKey, Cameras: b.Cameras, Request: b.Request, Hash: c.Head}
	return func(d *Directory) {
		d.take(keys)
		d.desks[k.ID] = d.desks[k.ID].with(s.Seq, k)
	}, nil
}

func (d *Directory) hasDesk() bool {
	for _, h := range d.desks {
		if k, _ := h.now(); !k.Revoked {
			return true
		}
	}
	return false
}

func (d *Directory) checkRole(s Statement, c *DirectoryChange) (func(*Directory), error) {
	var b roleBody
	if err := Decode(s.Body, MaxStatement, &b); err != nil {
		return nil, err
	}
	c.Account = b.Account
	id, ok := d.people[b.Account].now()
	// The root names an admin before it enrols him when it recovers; an admin names whom the directory knows.
	if b.Account.IsZero() || ok && id.Revoked || !ok && !s.Author.IsZero() {
		return nil, fmt.Errorf("role of %s: %w", b.Account.Short(), ErrUnknown)
	}
	return func(d *Directory) { d.admins[b.Account] = d.admins[b.Account].with(s.Seq, b.Admin) }, nil
}

func (d *Directory) checkRevoke(s Statement, c *DirectoryChange) (func(*Directory), error) {
	var b revokeBody
	if err := Decode(s.Body, MaxStatement, &b); err != nil {
		return nil, err
	}
	c.Account, c.Desk = b.Account, b.Desk
	if b.Account.IsZero() == b.Desk.IsZero() {
		return nil, fmt.Errorf("%w: an account or a desk", ErrFormat)
	}
	if !b.Desk.IsZero() {
		k, ok := d.desks[b.Desk].now()
		if !ok || k.Revoked {
			return nil, fmt.Errorf("desk %s: %w", b.Desk.Short(), ErrUnknown)
		}
		k.Revoked = true
		return func(d *Directory) { d.desks[b.Desk] = d.desks[b.Desk].with(s.Seq, k) }, nil
	}
	id, ok := d.people[b.Account].now()
	if !ok || id.Revoked {
		return nil, fmt.Errorf("account %s: %w", b.Account.Short(), ErrUnknown)
	}
	id.Revoked = true
	return func(d *Directory) {
		delete(d.names, id.Name)
		d.people[b.Account] = d.people[b.Account].with(s.Seq, id)
	}, nil
}

func (d *Directory) free(keys []models.Hash) error {
	for _, k := range keys {
		if _, ok := d.taken[k]; ok {
			return fmt.Errorf("key: %w", ErrTaken)
		}
	}
	return nil
}

func (d *Directory) take(keys []models.Hash) {
	for _, k := range keys {
		d.taken[k] = struct{}{}
	}
}
