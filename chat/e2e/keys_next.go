package e2e

import (
	"bytes"
	"crypto/ed25519"
	"fmt"
	"io"
	"slices"

	"visavis/chat/trust"
	"visavis/models"
	"visavis/models/canon"
)

// extKeys is where a vault's body keeps what belongs to its keys and is not one of them. It is even: who does not know it would lose keys.
const extKeys = 2

// vaultKeys stands under extKeys. It is left out where there is nothing to say.
type vaultKeys struct {
	_     struct{}        `cbor:",toarray"`
	Desks []models.DeskID // that have seen the present keys, sorted
	Next  []keysToCome    // one or none
}

type keysToCome struct {
	_       struct{} `cbor:",toarray"`
	Signing []byte   // seeds
	Box     []byte
	Bundle  []byte // as it is asked for
	Known   bool
	Desks   []models.DeskID // that have seen these keys, sorted
}

// nextKeys shall come after the present ones, once the directory lists them. They are in the vault before anybody is asked.
type nextKeys struct {
	signing ed25519.PrivateKey
	box     boxKey
	bundle  []byte
	known   bool
	desks   []models.DeskID
}

func (n *nextKeys) wipe() {
	if n != nil {
		clear(n.signing)
		n.box.wipe()
	}
}

// id tells two changes apart; the zero id is of none.
func (n *nextKeys) id() models.Hash {
	if n == nil {
		return models.Hash{}
	}
	return trust.LabelBundle.Hash(n.bundle)
}

// Asked is a change of keys that the directory does not list yet.
type Asked struct {
	Bundle []byte // with a succession, for the server and an admin
	Known  bool   // somebody may have the password
}

// Change draws the keys that shall come after the present ones, in place of what was to come, and signs what asks for them: of, whose org, account,
// name, consent, desk and time are set, with the desk's device key.
func (k *Keys) Change(of trust.Bundle, device ed25519.PrivateKey, known bool, random io.Reader) error {
	fail := func(err error) error { return fmt.Errorf("change keys: %w", err) }
	fresh, err := NewKeys(random)
	if err != nil {
		return fail(err)
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	of.Signing, of.Boxes = public(fresh.signing, fresh.boxes[0])
	of.Succession = trust.SignSuccession(of, k.signing)
	n := &nextKeys{signing: fresh.signing, box: fresh.boxes[0], known: known, desks: []models.DeskID{of.Desk}}
	if n.bundle, err = trust.NewBundle(of, fresh.signing, device); err != nil {
		n.wipe()
		return fail(err)
	}
	k.next.wipe()
	k.next = n
	return nil
}

// Asked returns the change that waits for the directory; false when there is none.
func (k *Keys) Asked() (Asked, bool) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.next == nil {
		return Asked{}, false
	}
	return Asked{Bundle: bytes.Clone(k.next.bundle), Known: k.next.known}, true
}

// Follow says whether these are the keys of id. Where id lists the ones to come, they are the present ones from then on; the box key before
// stays, for what is old.
func (k *Keys) Follow(id trust.Identity) bool {
	k.mu.Lock()
	defer k.mu.Unlock()
	if n := k.next; n != nil && areListed(id, n.signing, n.box) {
		k.past = append(k.past, k.signing)
		k.signing, k.boxes, k.desks, k.next = n.signing, append([]boxKey{n.box}, k.boxes...), n.desks, nil
	}
	return areListed(id, k.signing, k.boxes[0])
}

// Use notes that a desk has seen the keys, and says whether that is new: then the vault is to be saved.
func (k *Keys) Use(desk models.DeskID) bool {
	k.mu.Lock()
	defer k.mu.Unlock()
	var a, b bool
	k.desks, a = with(k.desks, desk)
	if k.next != nil {
		k.next.desks, b = with(k.next.desks, desk)
	}
	return a || b
}

// with returns sorted desks with one more, and whether it is new among them.
func with(desks []models.DeskID, desk models.DeskID) ([]models.DeskID, bool) {
	at, had := slices.BinarySearchFunc(desks, desk, compareDesks)
	if had {
		return desks, false
	}
	return slices.Insert(slices.Clone(desks), at, desk), true
}

func compareDesks(a, b models.DeskID) int { return bytes.Compare(a[:], b[:]) }

// SeenBy says whether a desk that gone names has seen the keys that count in the end: those to come, if any are, else the present ones. They
// are to be changed then, since whoever has that desk may have them.
func (k *Keys) SeenBy(gone func(models.DeskID) bool) bool {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.next != nil {
		return slices.ContainsFunc(k.next.desks, gone)
	}
	return slices.ContainsFunc(k.desks, gone)
}

// put writes the keys into a vault's body. The seeds of the boxes are not copies.
func (k *Keys) put(b *vaultBody) (err error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	b.Signing = k.signing.Seed()
	for _, box := range k.boxes {
		b.Boxes = append(b.Boxes, box.seed)
	}
	b.Ext, err = k.ext()
	return err
}

// ext is what a vault says beside the seeds; nil for nothing. mu is held.
func (k *Keys) ext() (trust.Ext, error) {
	if len(k.desks) == 0 && k.next == nil {
		return nil, nil
	}
	x := vaultKeys{Desks: k.desks}
	if n := k.next; n != nil {
		seed := n.signing.Seed()
		defer clear(seed)
		x.Next = []keysToCome{{Signing: seed, Box: n.box.seed, Bundle: n.bundle, Known: n.known, Desks: n.desks}}
	}
	raw, err := canon.Marshal(x)
	return trust.Ext{extKeys: raw}, err
}

// takeExt reads what ext wrote, and refuses everything else that a reader has to know.
func (k *Keys) takeExt(ext trust.Ext) error {
	raw, ok := ext[extKeys]
	if err := ext.Check(extKeys); err != nil || !ok {
		return err
	}
	defer clear(raw)
	return k.decodeExt(raw)
}

func (k *Keys) decodeExt(raw []byte) error {
	var x vaultKeys
	if err := trust.Decode(raw, MaxVault, &x); err != nil {
		return err
	}
	if len(x.Next) > 1 || !areSorted(x.Desks) {
		return fmt.Errorf("keys: %w", ErrFormat)
	}
	k.desks = x.Desks
	for _, n := range x.Next {
		defer clear(n.Signing)
		defer clear(n.Box)
		if len(n.Signing) != seedSize || len(n.Box) != seedSize || len(n.Bundle) == 0 || len(n.Bundle) > trust.MaxBundle || !areSorted(n.Desks) {
			return fmt.Errorf("keys to come: %w", ErrFormat)
		}
		box, err := newBoxKey(n.Box)
		if err != nil {
			return err
		}
		k.next = &nextKeys{signing: ed25519.NewKeyFromSeed(n.Signing), box: box, bundle: n.Bundle, known: n.Known, desks: n.Desks}
	}
	return nil
}

func areSorted(desks []models.DeskID) bool {
	for i := 1; i < len(desks); i++ {
		if compareDesks(desks[i-1], desks[i]) >= 0 {
			return false
		}
	}
	return true
}
