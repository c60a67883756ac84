package trust

import (
	"crypto/ed25519"
	"crypto/hpke"
	"math/rand/v2"
	"testing"
	"time"

	"visavis/biometrics"
	"visavis/models"
	"visavis/models/canon"
)

var testTime = time.Date(2026, 11, 22, 9, 0, 0, 0, time.UTC)

// org is an organisation under test, whose every key is at hand.
type org struct {
	t      testing.TB
	random *rand.ChaCha8
	dir    *Directory
	root   ed25519.PrivateKey
	device ed25519.PrivateKey
	desk   models.DeskID
	log    [][]byte
}

// user is a person with keys.
type user struct {
	account models.AccountID
	name    string
	key     ed25519.PrivateKey
	box     BoxKey
}

func check[T any](t testing.TB) func(T, error) T {
	return func(v T, err error) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

func newOrg(t testing.TB) *org {
	o := &org{t: t, random: rand.NewChaCha8([32]byte{2}), dir: NewDirectory(models.OrgID{})}
	o.root, o.device = o.key(), o.key()
	o.fill(o.desk[:])
	o.apply(check[[]byte](t)(Found("Acme", o.root, testTime)))
	o.apply(check[[]byte](t)(o.dir.SignDesk(models.AccountID{}, o.root, o.request(o.desk, "hall", o.device), testTime)))
	return o
}

func (o *org) fill(b []byte) { _, _ = o.random.Read(b) }

func (o *org) key() ed25519.PrivateKey {
	var seed [32]byte
	o.fill(seed[:])
	return ed25519.NewKeyFromSeed(seed[:])
}

func (o *org) user(name string) user {
	u := user{name: name, key: o.key()}
	o.fill(u.account[:])
	var seed [32]byte
	o.fill(seed[:])
	private, err := hpke.MLKEM768X25519().NewPrivateKey(seed[:])
	if err != nil {
		o.t.Fatal(err)
	}
	u.box = NewBoxKey(private.PublicKey().Bytes())
	return u
}

func (o *org) request(id models.DeskID, name string, device ed25519.PrivateKey) DeskRequest {
	r := DeskRequest{Org: o.dir.Org(), Desk: id, Name: name, Device: device.Public().(ed25519.PublicKey), Code: []byte("12345678"), Time: testTime,
		Cameras: []biometrics.CameraInfo{{Name: "cam", Driver: "uvcvideo", Vendor: "046d", Product: "0825", Serial: "1", Port: "1-2"}}}
	o.fill(r.TLSKey[:])
	return r
}

func (o *org) apply(signed []byte) {
	o.t.Helper()
	check[DirectoryChange](o.t)(o.dir.Apply(signed))
	o.log = append(o.log, signed)
}

func (o *org) raw(u user) []byte {
	o.t.Helper()
	return check[[]byte](o.t)(NewBundle(o.plain(u), u.key, o.device))
}

func (o *org) plain(u user) Bundle {
	return Bundle{Org: o.dir.Org(), Account: u.account, Name: u.name, Signing: u.key.Public().(ed25519.PublicKey), Boxes: []BoxKey{u.box},
		Consent: models.Hash{9}, Desk: o.desk, Time: testTime}
}

func (o *org) bundle(u user) Bundle {
	o.t.Helper()
	return check[Bundle](o.t)(OpenBundle(o.raw(u), o.dir))
}

// admin enrols name as an admin, by the root.
func (o *org) admin(name string) user {
	o.t.Helper()
	u := o.user(name)
	o.apply(check[[]byte](o.t)(o.dir.SignRole(models.AccountID{}, o.root, u.account, true, testTime)))
	o.apply(check[[]byte](o.t)(o.dir.SignIdentity(models.AccountID{}, o.root, o.bundle(u), testTime)))
	return u
}

// member enrols name, by an admin.
func (o *org) member(by user, name string) user {
	o.t.Helper()
	u := o.user(name)
	o.apply(check[[]byte](o.t)(o.dir.SignIdentity(by.account, by.key, o.bundle(u), testTime)))
	return u
}

func must(v any) []byte { return canon.MustMarshal(v) }
