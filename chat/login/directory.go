package login

import (
	"crypto/ed25519"
	"slices"

	"visavis/biometrics"
	"visavis/chat/trust"
	"visavis/models"
)

// Directory is what a log-in needs to know of the organisation. Implementations MUST be safe for concurrent use and answer from
// verified statements alone.
type Directory interface {
	// Desk returns the device key of a desk that is enrolled and not revoked.
	Desk(models.DeskID) (key ed25519.PublicKey, listed bool)
	// Camera says whether the desk may use the camera.
	Camera(models.DeskID, biometrics.CameraInfo) bool
	// Admitted says whether an identity statement names the account and nothing revoked it.
	Admitted(models.AccountID) bool
	// Bundle opens a sign-up bundle and checks its signatures and its desk's.
	Bundle(signed []byte) (trust.Bundle, error)
	// Code opens what an admin signed of a one-time code, and checks that he is one.
	Code(signed []byte) (trust.CodeGrant, error)
}

// Verified answers from a directory's statements.
func Verified(d *trust.Directory) Directory { return verified{d} }

type verified struct{ d *trust.Directory }

func (v verified) Desk(id models.DeskID) (ed25519.PublicKey, bool) {
	desk, listed := v.d.Desk(id)
	return desk.Device, listed
}

// Camera holds a desk to the cameras in its statement. A statement that names none leaves the choice to the gate's policy.
func (v verified) Camera(id models.DeskID, c biometrics.CameraInfo) bool {
	desk, listed := v.d.Desk(id)
	if !listed {
		return false
	}
	return len(desk.Cameras) == 0 || slices.ContainsFunc(desk.Cameras, func(l biometrics.CameraInfo) bool {
		return l.Vendor == c.Vendor && l.Product == c.Product && l.Serial == c.Serial && l.Port == c.Port && l.Virtual == c.Virtual
	})
}

func (v verified) Admitted(account models.AccountID) bool {
	_, admitted := v.d.Identity(account)
	return admitted
}

func (v verified) Bundle(signed []byte) (trust.Bundle, error) { return trust.OpenBundle(signed, v.d) }

func (v verified) Code(signed []byte) (trust.CodeGrant, error) {
	return trust.OpenCodeGrant(signed, v.d)
}
