package e2e

import (
	"bytes"
	"crypto/hpke"
	"fmt"
	"io"
	"maps"
	"time"

	"visavis/chat/fernet"
	"visavis/chat/trust"
	"visavis/models"
	"visavis/models/canon"
)

// MaxVault bounds a sealed vault, in bytes.
const MaxVault = 256 << 10

// Vault is what a person owns beside the password: keys, and what was seen of the organisation, so that no server can
// show another. It is owned by one goroutine and prints redacted.
type Vault struct {
	Org      models.OrgID
	Account  models.AccountID
	Keys     *Keys
	Root     models.Hash // trust.RootFingerprint
	Head     models.Hash // of the directory, the latest seen; zero for none
	HeadSeq  uint64
	Rooms    map[models.RoomID]RoomPin
	Invites  map[models.Hash]PendingInvite // by trust.InviteCodeHash: desks that this admin invited
	Settings map[string]string

	number uint64           // version as stored; 0 before the first
	prev   models.Hash      // hash of that version
	clear  trust.VaultClear // the wraps that every version repeats until the password changes
	key    []byte           // vault key

	follows models.Hash // hash of the version before the stored one
	base    lists       // as in the stored version
	sealed  struct {    // what Reseal or Rewrap made last
		hash models.Hash
		lists
		wraps
	}
}

// RoomPin is how far a person has seen a room.
type RoomPin struct {
	_     struct{} `cbor:",toarray"`
	Seq   uint64   // of the log entry
	Head  models.Hash
	State models.Hash
}

// PendingInvite is what an admin needs to check the request of a desk that he invited.
type PendingInvite struct {
	_      struct{} `cbor:",toarray"`
	Secret trust.Secret
	Until  int64 // Unix milliseconds
}

type vaultBody struct {
	_ struct{} `cbor:",toarray"`
	trust.Header
	Account  models.AccountID
	Number   uint64
	Prev     models.Hash
	Clear    models.Hash // hash of the clear part and the outer Ext
	Signing  []byte
	Boxes    [][]byte
	Root     models.Hash
	Head     models.Hash
	HeadSeq  uint64
	Rooms    []roomPin // sorted by room
	Invites  []pendingInvite
	Settings map[string]string
	Ext      trust.Ext
}

type roomPin struct {
	_    struct{} `cbor:",toarray"`
	Room models.RoomID
	Pin  RoomPin
}

type pendingInvite struct {
	_      struct{} `cbor:",toarray"`
	Code   models.Hash
	Invite PendingInvite
}

// wrappedKey is the plaintext of both wraps.
type wrappedKey struct {
	_ struct{} `cbor:",toarray"`
	trust.Header
	Account models.AccountID
	Pepper  models.Hash
	Key     []byte
}

// NewVault is the vault of a person who signs up.
func NewVault(keys *Keys, org models.OrgID, account models.AccountID, root models.Hash) *Vault {
	return &Vault{Org: org, Account: account, Keys: keys, Root: root, Rooms: make(map[models.RoomID]RoomPin),
		Invites: make(map[models.Hash]PendingInvite), Settings: make(map[string]string)}
}

// Version returns the stored version that the vault stands at; 0 before the first.
func (v *Vault) Version() uint64 { return v.number }

// VaultMark names a stored version; the zero mark is of none.
type VaultMark struct {
	Number uint64
	Hash   models.Hash
}

// Mark names the stored version that the vault stands at.
func (v *Vault) Mark() VaultMark { return VaultMark{Number: v.number, Hash: v.prev} }

// Since says that the vault is the marked version or may have grown from it: nothing older, and no other of the same number.
func (v *Vault) Since(m VaultMark) bool {
	switch v.number {
	case m.Number:
		return v.prev == m.Hash
	case m.Number + 1:
		return v.follows == m.Hash
	}
	return v.number > m.Number
}

// Reseal seals the next version under the same vault key: when pins or settings changed. Invites that ended long before at are dropped. Call
// Saved once the server has stored it; when it answers with a conflict, open the stored version, Merge it into this one, and reseal.
func (v *Vault) Reseal(at time.Time) (models.Vault, error) {
	return v.seal(wraps{key: v.key, clear: v.clear}, at)
}

// seal makes the next version under the vault key that w wraps.
func (v *Vault) seal(w wraps, at time.Time) (models.Vault, error) {
	fail := func(err error) (models.Vault, error) { return models.Vault{}, fmt.Errorf("seal vault: %w", err) }
	if w.key == nil {
		return fail(ErrFormat)
	}
	v.prune(at)
	b := vaultBody{Header: trust.NewHeader(trust.LabelVaultBody, v.Org), Account: v.Account, Number: v.number + 1, Prev: v.prev, Clear: w.clear.Hash(nil),
		Root: v.Root, Head: v.Head, HeadSeq: v.HeadSeq, Settings: v.Settings}
	if err := v.Keys.put(&b); err != nil {
		return fail(err)
	}
	defer clear(b.Signing) // a copy, as what stands in Ext; the boxes' seeds are not
	defer clear(b.Ext[extKeys])
	for _, id := range sortedKeys(v.Rooms) {
		b.Rooms = append(b.Rooms, roomPin{Room: id, Pin: v.Rooms[id]})
	}
	for _, code := range sortedKeys(v.Invites) {
		b.Invites = append(b.Invites, pendingInvite{Code: code, Invite: v.Invites[code]})
	}
	plain, err := canon.Marshal(b)
	if err != nil {
		return fail(err)
	}
	defer clear(plain)
	key, err := bodyKey(w.key, person{Org: v.Org, Account: v.Account}, b.Number)
	if err != nil {
		return fail(err)
	}
	defer key.Wipe()
	token, err := fernet.Seal(plain, key, at)
	if err != nil {
		return fail(err)
	}
	body := canon.MustMarshal(trust.SealedVault{Header: trust.NewHeader(trust.LabelVault, v.Org), Account: v.Account, Number: b.Number, Prev: v.prev, Clear: w.clear, Body: token})
	if len(body) > MaxVault {
		return fail(fmt.Errorf("%w: %d bytes", ErrTooLong, len(body)))
	}
	v.sealed.hash, v.sealed.lists, v.sealed.wraps = VaultHash(body), v.lists(), w
	return models.Vault{Account: v.Account, Version: b.Number, Prev: v.prev, Body: body}, nil
}

// Saved says that the server has stored what SealVault, Rewrap or Reseal made.
func (v *Vault) Saved(stored models.Vault) {
	v.number, v.prev, v.follows = stored.Version, VaultHash(stored.Body), stored.Prev
	if v.prev == v.sealed.hash {
		v.base = v.sealed.lists
		v.take(v.sealed.wraps)
	}
}

// VaultHash is the hash that the next version names.
func VaultHash(body []byte) models.Hash { return trust.LabelVault.Hash(body) }

// OpenVault opens a stored version. Whatever is wrong, wrong password included, is ErrVault.
func OpenVault(stored models.Vault, u Unlock) (*Vault, error) {
	return openVault(stored, func(c trust.VaultClear, of person) ([]byte, error) {
		if c.Pepper != trust.PepperID(u.Pepper) {
			return nil, fmt.Errorf("another pepper: %w", trust.ErrIdentity)
		}
		key, err := u.wrapping(of)
		if err != nil {
			return nil, err
		}
		defer key.Wipe()
		plain, _, err := fernet.Open(c.Wrapped, key)
		return plain, err
	})
}

// OpenVaultByPhrase opens a stored version with the recovery phrase.
func OpenVaultByPhrase(stored models.Vault, phrase Phrase) (*Vault, error) {
	return openVault(stored, func(c trust.VaultClear, of person) ([]byte, error) {
		box, sign, err := phrase.recoveryKeys(of)
		if err != nil {
			return nil, err
		}
		clear(sign)
		return hpke.Open(box, hpke.HKDFSHA256(), hpke.AES256GCM(), recoveryInfo(of), c.RecoveryBox)
	})
}

func openVault(stored models.Vault, unwrap func(trust.VaultClear, person) ([]byte, error)) (*Vault, error) {
	fail := func(err error) (*Vault, error) { return nil, fmt.Errorf("%w: %w", ErrVault, err) }
	s, err := trust.OpenSealedVault(stored, MaxVault)
	if err != nil {
		return fail(err)
	}
	of := person{Org: s.Org, Account: s.Account}
	plain, err := unwrap(s.Clear, of)
	if err != nil {
		return fail(err)
	}
	defer clear(plain)
	var w wrappedKey
	if err := trust.Decode(plain, MaxVault, &w); err != nil {
		return fail(err)
	}
	if err := w.Header.Check(trust.LabelVaultKey); err != nil {
		return fail(err)
	}
	if w.Org != s.Org || w.Account != s.Account || w.Pepper != s.Clear.Pepper {
		return fail(fmt.Errorf("another's vault key: %w", ErrFormat))
	}
	v, err := openBody(s, w.Key)
	if err != nil {
		clear(w.Key)
		return fail(err)
	}
	v.Saved(stored)
	v.base = v.lists()
	return v, nil
}

func openBody(s trust.SealedVault, vaultKey []byte) (*Vault, error) {
	key, err := bodyKey(vaultKey, person{Org: s.Org, Account: s.Account}, s.Number)
	if err != nil {
		return nil, err
	}
	defer key.Wipe()
	plain, _, err := fernet.Open(s.Body, key)
	if err != nil {
		return nil, err
	}
	defer clear(plain)
	b, err := decodeVaultBody(plain)
	defer b.wipe()
	if err != nil {
		return nil, err
	}
	if b.Org != s.Org || b.Account != s.Account || b.Number != s.Number || b.Prev != s.Prev || b.Clear != s.Clear.Hash(s.Ext) {
		return nil, fmt.Errorf("outside and inside differ: %w", ErrFormat)
	}
	keys, err := keysFrom(b.Signing, b.Boxes)
	if err == nil {
		err = keys.takeExt(b.Ext)
	}
	if err != nil {
		return nil, err
	}
	v := NewVault(keys, b.Org, b.Account, b.Root)
	v.Head, v.HeadSeq, v.key, v.clear = b.Head, b.HeadSeq, vaultKey, s.Clear
	for _, p := range b.Rooms {
		v.Rooms[p.Room] = p.Pin
	}
	for _, i := range b.Invites {
		v.Invites[i.Code] = i.Invite
	}
	maps.Copy(v.Settings, b.Settings)
	return v, nil
}

// wipe overwrites the copies of the keys that decoding made.
func (b *vaultBody) wipe() {
	clear(b.Signing)
	for _, seed := range b.Boxes {
		clear(seed)
	}
	clear(b.Invites)
}

func decodeVaultBody(plain []byte) (vaultBody, error) {
	var b vaultBody
	if err := trust.Decode(plain, MaxVault, &b); err != nil {
		return b, err
	}
	if err := b.Header.Check(trust.LabelVaultBody); err != nil {
		return b, err
	}
	for i := 1; i < len(b.Rooms); i++ {
		if bytes.Compare(b.Rooms[i-1].Room[:], b.Rooms[i].Room[:]) >= 0 {
			return b, fmt.Errorf("pins: %w", ErrFormat)
		}
	}
	for i := 1; i < len(b.Invites); i++ {
		if bytes.Compare(b.Invites[i-1].Code[:], b.Invites[i].Code[:]) >= 0 {
			return b, fmt.Errorf("invites: %w", ErrFormat)
		}
	}
	return b, nil // its Ext is for the keys to judge
}

// Wipe overwrites the keys; the vault is not used afterwards.
func (v *Vault) Wipe() {
	v.Keys.Wipe()
	clear(v.key)
	clear(v.sealed.key)
	clear(v.Invites)
	clear(v.base.invites)
	clear(v.sealed.invites)
}

func (v *Vault) String() string   { return "vault of " + v.Account.Short() + redacted }
func (v *Vault) GoString() string { return v.String() }

// Format keeps every verb from printing the keys.
func (v *Vault) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, v.String()) }

// MarshalText keeps JSON, TOML and slog from printing them.
func (v *Vault) MarshalText() ([]byte, error) { return []byte(v.String()), nil }
