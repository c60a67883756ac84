package trust

import (
	"crypto/ed25519"
	"fmt"
	"time"

	"visavis/models"
)

// Found returns statement 0 of a new organisation; its StatementHash is the organisation's id.
func Found(name string, root ed25519.PrivateKey, at time.Time) ([]byte, error) {
	body := foundBody{Name: name, Root: root.Public().(ed25519.PublicKey)}
	signed, err := signStatement(LabelFound, Statement{}, body, root, at)
	if err != nil {
		return nil, err
	}
	if _, err := NewDirectory(models.OrgID{}).Apply(signed); err != nil {
		return nil, err
	}
	return signed, nil
}

// sign returns the next statement, by by (zero for the root), if the directory would accept it.
func (d *Directory) sign(l Label, by models.AccountID, key ed25519.PrivateKey, body any, at time.Time) ([]byte, error) {
	d.mu.RLock()
	defer d.mu.RUnlock()
	if d.newer {
		return nil, fmt.Errorf("sign %s: %w", l.Type(), ErrNewer)
	}
	s := Statement{Header: Header{Org: d.org}, Seq: uint64(len(d.heads)), Prev: d.head(), Author: by}
	signed, err := signStatement(l, s, body, key, at)
	if err == nil {
		_, err = d.check(signed)
	}
	if err != nil {
		return nil, fmt.Errorf("sign %s: %w", l.Type(), err)
	}
	return signed, nil
}

// SignIdentity approves the person of a sign-up bundle. The caller has opened the bundle with OpenBundle, and has compared its fingerprint.
// An account that the directory knows, or knew, is ErrTaken: a fingerprint says nothing of whose account the server named.
func (d *Directory) SignIdentity(by models.AccountID, key ed25519.PrivateKey, b Bundle, at time.Time) ([]byte, error) {
	if _, known := d.latest(b.Account); known {
		return nil, fmt.Errorf("sign %s: account %s: %w", LabelIdentity.Type(), b.Account.Short(), ErrTaken)
	}
	return d.signIdentity(by, key, b, Identity{}, at)
}

// SignReEnrol gives a known account the keys of a bundle, under the name that it has. When the key before signed them (Succession), the
// account stays what it is; else it is no admin any more, unless the root signs.
func (d *Directory) SignReEnrol(by models.AccountID, key ed25519.PrivateKey, b Bundle, at time.Time) ([]byte, error) {
	old, known := d.latest(b.Account)
	if !known {
		return nil, fmt.Errorf("sign %s: account %s: %w", LabelIdentity.Type(), b.Account.Short(), ErrUnknown)
	}
	return d.signIdentity(by, key, b, old, at)
}

// latest is what the directory last said of an account, revoked or not.
func (d *Directory) latest(account models.AccountID) (Identity, bool) {
	d.mu.RLock()
	defer d.mu.RUnlock()
	return d.people[account].now()
}

func (d *Directory) signIdentity(by models.AccountID, key ed25519.PrivateKey, b Bundle, old Identity, at time.Time) ([]byte, error) {
	return d.sign(LabelIdentity, by, key, identityBody{Account: b.Account, Name: b.Name, Signing: b.Signing, Boxes: b.Boxes, Serial: old.Serial + 1,
		NotBefore: millis(at), Prev: old.Hash, Proof: b.Proof, Bundle: b.Hash, Succession: b.Succession}, at)
}

// SignDesk lists a desk. The caller has checked the request: its MAC, or that it is this desk's own.
func (d *Directory) SignDesk(by models.AccountID, key ed25519.PrivateKey, r DeskRequest, at time.Time) ([]byte, error) {
	return d.sign(LabelDesk, by, key, deskBody{Desk: r.Desk, Name: r.Name, Device: r.Device, TLSKey: r.TLSKey, Cameras: r.Cameras, Request: r.Hash}, at)
}

// SignRole makes account an admin, or no longer one.
func (d *Directory) SignRole(by models.AccountID, key ed25519.PrivateKey, account models.AccountID, admin bool, at time.Time) ([]byte, error) {
	return d.sign(LabelRole, by, key, roleBody{Account: account, Admin: admin}, at)
}

// SignRevokeAccount ends an account, for ever.
func (d *Directory) SignRevokeAccount(by models.AccountID, key ed25519.PrivateKey, account models.AccountID, at time.Time) ([]byte, error) {
	return d.sign(LabelRevoke, by, key, revokeBody{Account: account}, at)
}

// SignRevokeDesk ends a desk, for ever.
func (d *Directory) SignRevokeDesk(by models.AccountID, key ed25519.PrivateKey, desk models.DeskID, at time.Time) ([]byte, error) {
	return d.sign(LabelRevoke, by, key, revokeBody{Desk: desk}, at)
}
