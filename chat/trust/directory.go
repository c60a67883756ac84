package trust

import (
	"crypto/ed25519"
	"fmt"
	"sort"
	"sync"
	"time"

	"visavis/biometrics"
	"visavis/models"
)

// Identity is what the directory says of a person.
type Identity struct {
	Account   models.AccountID
	Name      string // canonical
	Signing   ed25519.PublicKey
	Boxes     []BoxKey
	Serial    uint64 // 1 for the first
	NotBefore time.Time
	Prev      models.Hash // statement of the serial before
	Hash      models.Hash // statement of this one
	Bundle    models.Hash // sign-up bundle it was made from
	Followed  bool        // the key before it signed this one
	Revoked   bool        // the account is; never active again
}

// Desk is what the directory says of a workstation.
type Desk struct {
	ID      models.DeskID
	Name    string
	Device  ed25519.PublicKey // signs evidence
	TLSKey  models.Hash       // SHA-256 of the TLS client key's SubjectPublicKeyInfo
	Cameras []biometrics.CameraInfo
	Request models.Hash // hash of the request it was made from
	Hash    models.Hash // its statement
	Revoked bool
}

// DirectoryChange says what a statement did.
type DirectoryChange struct {
	Type    Label // LabelFound, LabelIdentity, …; a label that is not in the registry for one we do not know
	Seq     uint64
	Head    models.Hash // after it
	Author  models.AccountID
	Account models.AccountID // whom it is about, or zero
	Desk    models.DeskID    // which desk, or zero
	At      time.Time        // the author's clock

	Replaced bool // of an identity: the account had another one before
	Followed bool // of an identity: the key before signed it
}

// Directory is the organisation: its people, desks and roles, as the chain of statements in room zero says. It keeps the past, so
// that what was signed under an earlier head is judged by that head. Safe for concurrent use.
type Directory struct {
	mu    sync.RWMutex
	org   models.OrgID
	name  string
	root  ed25519.PublicKey
	heads []models.Hash // by seq
	seqs  map[models.Hash]uint64

	people map[models.AccountID]history[Identity]
	desks  map[models.DeskID]history[Desk]
	admins map[models.AccountID]history[bool]
	taken  map[models.Hash]struct{} // keys ever listed: none enters twice
	names  map[string]models.AccountID
	newer  bool

	peppers []models.Hash // see Peppers

	renewed []models.AccountID // see Renewed

	witnessed Witnessed
}

// history is what a thing was, oldest first.
type history[T any] []struct {
	seq uint64
	v   T
}

func (h history[T]) at(seq uint64) (v T, ok bool) {
	for i := len(h) - 1; i >= 0; i-- {
		if h[i].seq <= seq {
			return h[i].v, true
		}
	}
	return v, false
}

func (h history[T]) now() (v T, ok bool) {
	if len(h) == 0 {
		return v, false
	}
	return h[len(h)-1].v, true
}

func (h history[T]) with(seq uint64, v T) history[T] {
	return append(h, struct {
		seq uint64
		v   T
	}{seq, v})
}

// NewDirectory is the state before statement 0. When org is not zero, only the statement 0 with that hash is accepted.
func NewDirectory(org models.OrgID) *Directory {
	return &Directory{
		org:    org,
		seqs:   make(map[models.Hash]uint64),
		people: make(map[models.AccountID]history[Identity]),
		desks:  make(map[models.DeskID]history[Desk]),
		admins: make(map[models.AccountID]history[bool]),
		taken:  make(map[models.Hash]struct{}),
		names:  make(map[string]models.AccountID),
	}
}

// Org returns the organisation's id; zero before statement 0, unless pinned.
func (d *Directory) Org() models.OrgID {
	d.mu.RLock()
	defer d.mu.RUnlock()
	return d.org
}

// OrgName returns what the founder called it.
func (d *Directory) OrgName() string {
	d.mu.RLock()
	defer d.mu.RUnlock()
	return d.name
}

// Root returns the root's public key; nil before statement 0.
func (d *Directory) Root() ed25519.PublicKey {
	d.mu.RLock()
	defer d.mu.RUnlock()
	return d.root
}

// Len returns how many statements were accepted.
func (d *Directory) Len() uint64 {
	d.mu.RLock()
	defer d.mu.RUnlock()
	return uint64(len(d.heads))
}

// Tip returns how many statements there are and the hash of the last one, of one moment.
func (d *Directory) Tip() (n uint64, head models.Hash) {
	d.mu.RLock()
	defer d.mu.RUnlock()
	return uint64(len(d.heads)), d.head()
}

// Head returns the hash of the last statement; zero before statement 0.
func (d *Directory) Head() models.Hash {
	d.mu.RLock()
	defer d.mu.RUnlock()
	return d.head()
}

func (d *Directory) head() models.Hash {
	if len(d.heads) == 0 {
		return models.Hash{}
	}
	return d.heads[len(d.heads)-1]
}

// Known says whether head is, or was, the head.
func (d *Directory) Known(head models.Hash) bool {
	_, ok := d.SeqOf(head)
	return ok
}

// SeqOf returns the place of head in the chain, from 0.
func (d *Directory) SeqOf(head models.Hash) (uint64, bool) {
	d.mu.RLock()
	defer d.mu.RUnlock()
	seq, ok := d.seqs[head]
	return seq, ok
}

// Newer says that the directory holds a statement that needs a newer desk: read on, but sign and send nothing.
func (d *Directory) Newer() bool {
	d.mu.RLock()
	defer d.mu.RUnlock()
	return d.newer
}

// Identity returns the active identity of account; false when there is none or it is revoked.
func (d *Directory) Identity(account models.AccountID) (Identity, bool) {
	d.mu.RLock()
	defer d.mu.RUnlock()
	id, ok := d.people[account].now()
	return id, ok && !id.Revoked
}

// IdentityAt returns the identity that was active under head. It fails with ErrUnknownHead, ErrUnknown or ErrRevoked.
func (d *Directory) IdentityAt(head models.Hash, account models.AccountID) (Identity, error) {
	d.mu.RLock()
	defer d.mu.RUnlock()
	seq, ok := d.seqs[head]
	if !ok {
		return Identity{}, ErrUnknownHead
	}
	return d.identityAtSeq(seq, account)
}

func (d *Directory) identityAtSeq(seq uint64, account models.AccountID) (Identity, error) {
	id, ok := d.people[account].at(seq)
	switch {
	case !ok:
		return Identity{}, fmt.Errorf("account %s: %w", account.Short(), ErrUnknown)
	case id.Revoked:
		return Identity{}, fmt.Errorf("account %s: %w", account.Short(), ErrRevoked)
	}
	return id, nil
}

// identityBySeq is IdentityAt for the head at a place in the chain.
func (d *Directory) identityBySeq(seq uint64, account models.AccountID) (Identity, error) {
	d.mu.RLock()
	defer d.mu.RUnlock()
	return d.identityAtSeq(seq, account)
}

// ByName returns the active identity with this canonical name.
func (d *Directory) ByName(name string) (Identity, bool) {
	d.mu.RLock()
	account, ok := d.names[name]
	d.mu.RUnlock()
	if !ok {
		return Identity{}, false
	}
	return d.Identity(account)
}

// Follows says whether id is the identity whose statement was from, or came after it by a chain in which each key signed the next.
func (d *Directory) Follows(id Identity, from models.Hash) bool {
	d.mu.RLock()
	defer d.mu.RUnlock()
	h := d.people[id.Account]
	for i := len(h) - 1; i >= 0; i-- {
		v := h[i].v
		if v.Revoked || v.Hash != id.Hash {
			continue
		}
		if v.Hash == from {
			return true
		}
		if !v.Followed {
			return false
		}
		id.Hash = v.Prev
	}
	return false
}

// Desk returns a desk that the directory lists; false when there is none or it is revoked.
func (d *Directory) Desk(id models.DeskID) (Desk, bool) {
	d.mu.RLock()
	defer d.mu.RUnlock()
	k, ok := d.desks[id].now()
	return k, ok && !k.Revoked
}

// DeskAt returns the desk as it was under head. It fails with ErrUnknownHead, ErrUnknown or ErrRevoked.
func (d *Directory) DeskAt(head models.Hash, id models.DeskID) (Desk, error) {
	d.mu.RLock()
	defer d.mu.RUnlock()
	seq, ok := d.seqs[head]
	if !ok {
		return Desk{}, ErrUnknownHead
	}
	k, ok := d.desks[id].at(seq)
	switch {
	case !ok:
		return Desk{}, fmt.Errorf("desk %s: %w", id.Short(), ErrUnknown)
	case k.Revoked:
		return Desk{}, fmt.Errorf("desk %s: %w", id.Short(), ErrRevoked)
	}
	return k, nil
}

// IsAdmin says whether account has an active identity and the role of an admin.
func (d *Directory) IsAdmin(account models.AccountID) bool {
	d.mu.RLock()
	defer d.mu.RUnlock()
	return d.isAdmin(account)
}

func (d *Directory) isAdmin(account models.AccountID) bool {
	id, ok := d.people[account].now()
	admin, _ := d.admins[account].now()
	return ok && !id.Revoked && admin
}

// Accounts returns the active identities, by name.
func (d *Directory) Accounts() []Identity {
	d.mu.RLock()
	defer d.mu.RUnlock()
	return active(d.people, func(id Identity) bool { return !id.Revoked }, func(a, b Identity) bool { return a.Name < b.Name })
}

// Desks returns the desks that are not revoked, by name.
func (d *Directory) Desks() []Desk {
	d.mu.RLock()
	defer d.mu.RUnlock()
	return active(d.desks, func(k Desk) bool { return !k.Revoked }, func(a, b Desk) bool {
		return a.Name < b.Name || a.Name == b.Name && a.ID.String() < b.ID.String()
	})
}

func active[K comparable, T any](all map[K]history[T], keep func(T) bool, less func(a, b T) bool) []T {
	var out []T
	for _, h := range all {
		if v, ok := h.now(); ok && keep(v) {
			out = append(out, v)
		}
	}
	sort.Slice(out, func(i, j int) bool { return less(out[i], out[j]) })
	return out
}
