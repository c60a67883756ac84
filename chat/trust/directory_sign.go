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
func (d *Directory) SignIdentity(by models.AccountID, key ed25519.PrivateKey, b Bundle, at time.Time) ([]byte, error) {
	d.mu.RLock()
	old, _ := d.people[b.Account].now()
	d.mu.RUnlock()
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
