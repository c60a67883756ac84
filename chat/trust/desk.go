package trust

import (
	"crypto/ed25519"
	"crypto/hmac"
	"crypto/sha256"
	"fmt"
	"time"

	"visavis/biometrics"
	"visavis/models"
	"visavis/models/canon"
)

// MaxDeskRequest bounds a signed request, in bytes.
const MaxDeskRequest = 8 << 10

// DeskRequest is what a new desk says of itself.
type DeskRequest struct {
	Org     models.OrgID // zero for the very first desk
	Desk    models.DeskID
	Name    string
	Device  ed25519.PublicKey
	TLSKey  models.Hash // SHA-256 of the TLS client key's SubjectPublicKeyInfo
	Cameras []biometrics.CameraInfo
	Code    []byte // of the invite
	Time    time.Time
	Hash    models.Hash // of the signed request; OpenDeskRequest fills it in
}

type deskRequestPayload struct {
	_ struct{} `cbor:",toarray"`
	Header
	Core []byte // deskRequestCore
	MAC  []byte // HMAC-SHA256 of label ‖ 0x00 ‖ Core under the invite's secret; empty for the very first desk
	Ext  Ext
}

type deskRequestCore struct {
	_       struct{} `cbor:",toarray"`
	Org     models.OrgID
	Desk    models.DeskID
	Name    string
	Device  []byte
	TLSKey  models.Hash
	Cameras []biometrics.CameraInfo
	Code    []byte
	Time    int64
}

func deskMAC(secret Secret, core []byte) []byte {
	m := hmac.New(sha256.New, secret[:])
	m.Write(LabelDeskMAC.prepend(core))
	return m.Sum(nil)
}

// NewDeskRequest signs r with the device key, and with the invite's secret when there is one (zero for the very first desk).
func NewDeskRequest(r DeskRequest, secret Secret, device ed25519.PrivateKey) ([]byte, error) {
	core := canon.MustMarshal(deskRequestCore{Org: r.Org, Desk: r.Desk, Name: r.Name, Device: r.Device, TLSKey: r.TLSKey, Cameras: r.Cameras,
		Code: r.Code, Time: millis(r.Time)})
	p := deskRequestPayload{Header: NewHeader(LabelDeskRequest, r.Org), Core: core}
	if !secret.IsZero() {
		p.MAC = deskMAC(secret, core)
	}
	signed := Sign(LabelDeskRequest, canon.MustMarshal(p), device)
	if _, err := OpenDeskRequest(signed); err != nil {
		return nil, fmt.Errorf("make a desk's request: %w", err)
	}
	return signed, nil
}

// OpenDeskRequest checks a request's form and its signature under the device key in it. That is all that the server can check,
// beside the code; an admin's client uses OpenDeskRequestFor.
func OpenDeskRequest(signed []byte) (DeskRequest, error) {
	r, _, err := openDeskRequest(signed)
	return r, err
}

// OpenDeskRequestFor checks in addition that whoever made the request held the invite's secret, which the server does not: it
// fails with ErrMAC when the server put in keys of its own.
func OpenDeskRequestFor(signed []byte, secret Secret) (DeskRequest, error) {
	r, p, err := openDeskRequest(signed)
	if err != nil {
		return DeskRequest{}, err
	}
	if secret.IsZero() || !hmac.Equal(p.MAC, deskMAC(secret, p.Core)) {
		return DeskRequest{}, fmt.Errorf("desk's request: %w", ErrMAC)
	}
	return r, nil
}

func openDeskRequest(signed []byte) (DeskRequest, deskRequestPayload, error) {
	fail := func(err error) (DeskRequest, deskRequestPayload, error) {
		return DeskRequest{}, deskRequestPayload{}, fmt.Errorf("desk's request: %w", err)
	}
	var e envelope
	var p deskRequestPayload
	var c deskRequestCore
	if err := Decode(signed, MaxDeskRequest, &e); err != nil {
		return fail(err)
	}
	if err := Decode(e.Payload, MaxDeskRequest, &p); err != nil {
		return fail(err)
	}
	if err := p.Header.Check(LabelDeskRequest); err != nil {
		return fail(err)
	}
	if err := Decode(p.Core, MaxDeskRequest, &c); err != nil {
		return fail(err)
	}
	if err := checkDeskFields(c.Desk, c.Name, c.Device, c.TLSKey, c.Cameras); err != nil {
		return fail(err)
	}
	if c.Org != p.Org || len(c.Code) > MaxInviteCode || len(p.MAC) != 0 && len(p.MAC) != sha256.Size {
		return fail(ErrFormat)
	}
	if err := e.check(LabelDeskRequest, c.Device); err != nil {
		return fail(err)
	}
	if err := p.Ext.Check(); err != nil {
		return fail(err)
	}
	return DeskRequest{Org: c.Org, Desk: c.Desk, Name: c.Name, Device: c.Device, TLSKey: c.TLSKey, Cameras: c.Cameras, Code: c.Code,
		Time: fromMillis(c.Time), Hash: LabelDeskRequest.Hash(signed)}, p, nil
}

func checkDeskFields(id models.DeskID, name string, device []byte, tlsKey models.Hash, cameras []biometrics.CameraInfo) error {
	if err := checkText("desk's name", name, MaxName); err != nil {
		return err
	}
	if id.IsZero() || tlsKey.IsZero() || len(cameras) > MaxCameras {
		return fmt.Errorf("%w: desk", ErrFormat)
	}
	for _, c := range cameras {
		if err := checkCamera(c); err != nil {
			return err
		}
	}
	return CheckSigningKey(device)
}

func checkCamera(c biometrics.CameraInfo) error {
	for _, s := range []string{c.Name, c.Driver, c.Vendor, c.Product, c.Serial, c.Port} {
		if s == "" {
			continue
		}
		if err := checkText("camera", s, 256); err != nil {
			return err
		}
	}
	return nil
}
