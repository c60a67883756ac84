package kiosk

import (
	"context"
	"errors"
	"io"
	"net"
	"time"

	"visavis/biometrics"
	"visavis/biometrics/eye"
	"visavis/biometrics/liveness"
	"visavis/chat/client"
	"visavis/chat/e2e"
	"visavis/chat/pake"
	"visavis/chat/pki"
	"visavis/chat/trust"
	"visavis/chat/wire"
	"visavis/cmd/visavis/internal/flow"
	"visavis/models"
	"visavis/models/audit"
)

// place is where an error showed: the same refusal means another thing to somebody who signs up than to somebody inside.
type place uint8

const (
	anywhere   place = 0
	startingUp place = 1
	enrolling  place = 2
	loggingIn  place = 3
	signingUp  place = 4
	looking    place = 5
	inside     place = 6
	capturing  place = 7 // a sign-up's face
	trying     place = 8 // whether a sign-up's face is known
	proving    place = 9 // that who is inside is still there
)

// meaning is what an error is called: everywhere, and where it is called otherwise.
type meaning struct {
	err  error
	kind flow.Kind
	at   map[place]flow.Kind
}

// code is a wire code as an error.
func code(c wire.Code) error { return wire.Refuse(c) }

// meanings is the one table of what goes wrong, by the first row that fits: an error that wraps others stands before those.
var meanings = []meaning{
	// The sign-up's and the look's own.
	{errRejected, flow.Rejected, nil},
	{errPassword, flow.WrongPassword, nil},
	{client.ErrFacesUsed, flow.FacesUsed, nil},
	{errPhrase, flow.BadPhrase, nil},
	{errTypedCode, flow.BadCode, nil},
	{errPepperText, flow.BadPepper, nil},
	{errSheet, flow.BadSheet, nil},
	{errNoProof, flow.BadProof, nil},
	{client.ErrPhrase, flow.WrongPhrase, nil},
	{client.ErrCode, flow.WrongCode, nil},
	{client.ErrCodeUnasked, flow.NotTrustworthy, nil},
	{client.ErrNoRenewal, flow.NoRenewal, nil},
	{client.ErrStep, flow.Interrupted, nil},

	// An admin's.
	{audit.ErrCut, flow.AuditCut, nil},
	{audit.ErrRewritten, flow.AuditRewritten, nil},
	{audit.ErrUnproven, flow.AuditUnproven, nil},
	{client.ErrAuditFile, flow.AuditUnproven, nil},
	{client.ErrFingerprint, flow.WrongPrint, nil},
	{client.ErrSignupDesk, flow.Gone, nil},
	{client.ErrAlike, flow.Overtaken, nil},
	{client.ErrSignup, flow.NotTrustworthy, nil},
	{client.ErrDeskRequest, flow.NotTrustworthy, nil},

	// The desk's.
	{client.ErrNotEnrolled, flow.NotEnrolled, nil},
	{client.ErrEnrolled, flow.DeskFile, nil},
	{client.ErrDeskFile, flow.DeskFile, nil},
	{client.ErrServer, flow.WrongServer, nil},
	{client.ErrOldDirectory, flow.OldServer, nil},
	{client.ErrOldVault, flow.OldServer, nil},
	{client.ErrPepper, flow.NoPepper, nil},
	{client.ErrPeppers, flow.NoPepper, nil},
	{client.ErrVault, flow.BadVault, nil},

	// The eye's and its camera's. An eye that died wraps why.
	{eye.ErrInterrupted, flow.Interrupted, nil},
	{eye.ErrDied, flow.EyeDied, map[place]flow.Kind{looking: flow.Interrupted, capturing: flow.Interrupted, trying: flow.Interrupted}},
	{eye.ErrNoWeights, flow.NoWeights, nil},
	{biometrics.ErrCameraMissing, flow.NoCamera, nil},
	{biometrics.ErrCameraBusy, flow.CameraBusy, nil},
	{biometrics.ErrCameraDenied, flow.CameraDenied, nil},
	{biometrics.ErrCameraDark, flow.CameraDark, nil},
	{biometrics.ErrCameraBright, flow.CameraBright, nil},
	{biometrics.ErrCameraFrozen, flow.CameraFrozen, nil},
	{biometrics.ErrCameraSlow, flow.CameraSlow, nil},
	{biometrics.ErrCameraEnded, flow.NoCamera, nil},
	{biometrics.ErrCameraClosed, flow.NoCamera, nil},
	{eye.ErrNoCamera, flow.NoCamera, nil},
	{eye.ErrFilm, flow.NoCamera, nil},
	{eye.ErrPicture, flow.EyeDied, nil},
	{eye.ErrEye, flow.EyeDied, nil},
	{eye.ErrProtocol, flow.EyeDied, nil},
	{eye.ErrClosed, flow.EyeDied, nil},
	{eye.ErrChallenge, flow.ServerTrouble, nil},
	{liveness.ErrChallenge, flow.ServerTrouble, nil},
	{liveness.ErrLandmarks, flow.Interrupted, nil},

	// What was typed.
	{models.ErrName, flow.BadName, nil},
	{trust.ErrChecksum, flow.BadInvite, nil},
	{e2e.ErrTooLong, flow.TooLong, nil},

	// The server's refusals.
	{code(wire.CodeInternal), flow.ServerTrouble, nil},
	{code(wire.CodeProtocol), flow.ServerTrouble, nil},
	{code(wire.CodeTooLarge), flow.TooLong, nil},
	{code(wire.CodeUnknownType), flow.ServerTrouble, nil},
	{code(wire.CodeUnsupported), flow.ServerTrouble, nil},
	{code(wire.CodeInvalid), flow.ServerTrouble, map[place]flow.Kind{enrolling: flow.BadInvite, signingUp: flow.BadName}},
	{code(wire.CodeNotAllowed), flow.NotAllowed, map[place]flow.Kind{enrolling: flow.BadInvite}},
	{code(wire.CodeNotFound), flow.Gone, map[place]flow.Kind{enrolling: flow.BadInvite}},
	{code(wire.CodeExists), flow.Overtaken, map[place]flow.Kind{signingUp: flow.NameTaken}},
	{code(wire.CodeConflict), flow.Overtaken, nil},
	{code(wire.CodeNotDurable), flow.NotStored, map[place]flow.Kind{loggingIn: flow.ServerTrouble, looking: flow.ServerTrouble}},
	{code(wire.CodeSlow), flow.Unreachable, nil},
	{code(wire.CodeGoodbye), flow.Restarting, nil},
	{code(wire.CodeEnded), flow.SessionEnded, nil},
	{code(wire.CodeNotSignedIn), flow.WrongPassword, map[place]flow.Kind{
		looking: flow.Interrupted, capturing: flow.Interrupted, trying: flow.Interrupted, signingUp: flow.Interrupted, inside: flow.SessionEnded,
		proving: flow.WrongProof,
	}},
	{code(wire.CodeNotAdmitted), flow.NotAdmitted, nil},
	{code(wire.CodeFace), flow.FaceRefused, map[place]flow.Kind{capturing: flow.NotCaptured, trying: flow.NotRecognised}},
	{code(wire.CodeWait), flow.TooMany, nil},
	{code(wire.CodeDesk), flow.DeskRefused, nil},
	{code(wire.CodeVirtualCamera), flow.VirtualCamera, nil},
	{code(wire.CodeWeakPassword), flow.WeakPassword, nil},
	{code(wire.CodeFull), flow.ServerTrouble, nil},
	{code(wire.CodeEmail), flow.BadEmail, nil},
	{code(wire.CodeConsent), flow.NoConsent, nil},
	{code(wire.CodeProve), flow.ProofOld, nil},
	{code(wire.CodeElsewhere), flow.DeskElsewhere, nil},

	// The password's.
	{pake.ErrPassword, flow.WrongPassword, map[place]flow.Kind{proving: flow.WrongProof}},
	{pake.ErrSuite, flow.ServerTrouble, nil},
	{pake.ErrRecord, flow.ServerTrouble, nil},
	{pake.ErrSecrets, flow.ServerTrouble, nil},

	// The rooms' and the vault's.
	{e2e.ErrVault, flow.BadVault, nil},
	{e2e.ErrLock, flow.BadVault, nil},
	{trust.ErrLockKey, flow.BadVault, nil},
	{e2e.ErrFork, flow.Forked, nil},
	{e2e.ErrIdentity, flow.NotTrustworthy, nil},
	{e2e.ErrOrder, flow.ServerTrouble, nil},
	{e2e.ErrDirectoryBehind, flow.ServerTrouble, nil},
	{e2e.ErrNeedsGeneration, flow.Overtaken, nil},
	{e2e.ErrNotMember, flow.NotAllowed, nil},
	{e2e.ErrNewer, flow.NewerDesk, nil},
	{e2e.ErrFormat, flow.ServerTrouble, nil},
	{client.ErrIdentityChanged, flow.NewIdentity, nil},
	{e2e.ErrIdentityChanged, flow.NewIdentity, nil},
	{e2e.ErrManifest, flow.ServerTrouble, nil},
	{e2e.ErrChunkToken, flow.ServerTrouble, nil},
	{e2e.ErrChunkMoved, flow.ServerTrouble, nil},
	{e2e.ErrChunkOrder, flow.ServerTrouble, nil},
	{e2e.ErrChunkLength, flow.ServerTrouble, nil},
	{e2e.ErrFileCut, flow.ServerTrouble, nil},
	{e2e.ErrFileLong, flow.ServerTrouble, nil},
	{e2e.ErrFileHash, flow.ServerTrouble, nil},
	{client.ErrSheet, flow.OtherSheet, nil},
	{client.ErrDeskListed, flow.Overtaken, nil},
	{client.ErrNoPeer, flow.Gone, nil},
	{client.ErrRoom, flow.Gone, nil},
	{client.ErrKeys, flow.NotTrustworthy, nil},
	{client.ErrPasswordUnsure, flow.PasswordUnsure, nil},

	// The directory's.
	{trust.ErrFormat, flow.ServerTrouble, map[place]flow.Kind{enrolling: flow.BadInvite}},
	{trust.ErrNewer, flow.NewerDesk, nil},
	{trust.ErrSignature, flow.NotTrustworthy, nil},
	{trust.ErrKey, flow.NotTrustworthy, nil},
	{trust.ErrOrg, flow.WrongServer, nil},
	{trust.ErrPrev, flow.Overtaken, nil},
	{trust.ErrState, flow.Overtaken, nil},
	{trust.ErrNotAllowed, flow.NotAllowed, nil},
	{trust.ErrUnknown, flow.Gone, nil},
	{trust.ErrTaken, flow.NameTaken, nil},
	{trust.ErrRevoked, flow.NotAllowed, nil},
	{trust.ErrIdentity, flow.NotTrustworthy, nil},
	{trust.ErrUnknownHead, flow.ServerTrouble, nil},
	{trust.ErrStaleHead, flow.Overtaken, nil},
	{trust.ErrFull, flow.NotAllowed, nil},
	{trust.ErrMAC, flow.NotTrustworthy, nil},
	{trust.ErrCode, flow.WrongProof, nil},

	// The connection's: its end wraps why, which stands above.
	{wire.ErrMalformed, flow.ServerTrouble, nil},
	{pki.ErrMismatch, flow.WrongServer, nil},
	{pki.ErrNoPeer, flow.WrongServer, nil},
	{pki.ErrRefused, flow.WrongServer, nil},
	{client.ErrOver, flow.SessionEnded, nil},
	{client.ErrHanded, flow.SessionEnded, nil},
	{client.ErrClosed, flow.Unreachable, nil},
	{client.ErrEnded, flow.SessionEnded, nil},
	{context.DeadlineExceeded, flow.Unreachable, nil},
	{context.Canceled, flow.Unreachable, nil},
	{io.EOF, flow.Unreachable, nil},
	{io.ErrUnexpectedEOF, flow.Unreachable, nil},
}

// problemOf is what a person is told of an error.
func problemOf(err error, where place) flow.Problem {
	if err == nil {
		return flow.Problem{}
	}
	p := typed(err)
	if p.Kind == flow.NoProblem {
		p.Kind = kindOf(err, where)
	}
	var refusal *wire.Error
	if errors.As(err, &refusal) && p.Kind == flow.TooMany {
		p.Wait = time.Duration(refusal.Seconds) * time.Second
	}
	switch {
	case p.Kind == flow.ServerTrouble && refusal != nil:
		p.Detail = refusal.Code.Text()
	case p.Kind == flow.Unknown && where == startingUp:
		p.Kind, p.Detail = flow.DeskFile, err.Error()
	case p.Kind == flow.Unknown:
		p.Detail = err.Error()
	}
	return p
}

// typed are the errors that say more than which one they are.
func typed(err error) flow.Problem {
	var settle *eye.SettleError
	var weak *pake.WeakPassword
	switch {
	case errors.As(err, &settle) && settle.Blind:
		return flow.Problem{Kind: flow.NothingSeen}
	case settle != nil:
		return flow.Problem{Kind: flow.NoGoodPicture, Reason: settle.Reason}
	case errors.As(err, &weak):
		return flow.Problem{Kind: flow.WeakPassword, Detail: weak.Cure}
	}
	return flow.Problem{}
}

func kindOf(err error, where place) flow.Kind {
	for _, m := range meanings {
		if errors.Is(err, m.err) {
			if kind, ok := m.at[where]; ok {
				return kind
			}
			return m.kind
		}
	}
	var network net.Error
	var dns *net.OpError
	if errors.As(err, &network) || errors.As(err, &dns) {
		return flow.Unreachable
	}
	return flow.Unknown
}

// sessionEnded is why a session is over, when the server has its own reason, or that it is.
func sessionEnded(err error) flow.Problem { return only(err, flow.SessionEnded) }

func lockedTooLong(err error) flow.Problem { return only(err, flow.LockedTooLong) }

func lockedOffline(err error) flow.Problem { return only(err, flow.LockedOffline) }

// only keeps of an error's kinds those that a person has to know of at a session's end; every other is called usual.
func only(err error, usual flow.Kind) flow.Problem {
	switch p := problemOf(err, inside); p.Kind {
	case flow.OldServer, flow.WrongServer, flow.BadVault, flow.DeskRefused, flow.NotTrustworthy:
		return p
	}
	return flow.Problem{Kind: usual}
}
