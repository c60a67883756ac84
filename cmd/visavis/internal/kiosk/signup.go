package kiosk

import (
	"bytes"
	"context"
	"errors"

	"visavis/chat/client"
	"visavis/chat/pake"
	"visavis/chat/wire"
	"visavis/cmd/visavis/internal/flow"
	"visavis/models"
)

// prepare checks a sign-up's form, here and at the server, before anybody is asked for a face.
func (k *Kiosk) prepare(x flow.DoPrepare) {
	e := k.newEntry()
	form := x.Form
	e.form = &form
	start := k.signUpStart(e)
	begin(k, e.scope, patiently(k, func(ctx context.Context) (*enrolment, error) {
		return start(ctx)
	}), func(x *enrolment, err error) {
		if err != nil {
			k.abandon()
			k.apply(flow.Failed{Problem: problemOf(err, signingUp)})
			return
		}
		e.face = x
		k.apply(flow.Ready{})
	}, (*enrolment).wipe)
}

// signUpStart gives the form to the server. What it returns is called once, in a goroutine.
func (k *Kiosk) signUpStart(e *entry) func(context.Context) (*enrolment, error) {
	form := client.SignUp{Name: e.form.Name, Email: e.form.Email, Password: bytes.Clone(e.form.Password), Consent: e.form.Consent, Renews: e.form.Renews}
	desk, dialer := k.desk, k.dialer()
	return func(ctx context.Context) (*enrolment, error) {
		defer clear(form.Password)
		canonical, err := models.CanonicalName(form.Name)
		switch {
		case err != nil:
			return nil, err
		case form.Consent == "":
			return nil, wire.Refuse(wire.CodeConsent)
		}
		if err := pake.CheckStrength(form.Password, canonical, form.Email); err != nil {
			return nil, err
		}
		c, err := dialer(ctx)
		if err != nil {
			return nil, err
		}
		x, err := desk.StartSignUp(ctx, c, form)
		if err != nil {
			return nil, err
		}
		return &enrolment{x, c}, nil
	}
}

// captured is what came of a look: the sign-up goes on with what is left of it, whatever the error.
type captured struct {
	face *enrolment
	err  error
}

// lookToSignUp captures a face, once more with glasses or without, or tries whether it is known. A sign-up that ended with its connection is
// started again, with the form.
func (k *Kiosk) lookToSignUp(p flow.Purpose) {
	e := k.entry
	if e == nil || e.form == nil {
		return
	}
	e.pressed()
	x := e.face
	if p == flow.ToSignUp {
		x = take(&e.face)
	}
	e.face = nil
	if x == nil && p != flow.ToSignUp {
		k.apply(flow.Failed{Problem: flow.Problem{Kind: flow.CutOff}, Anew: true})
		return
	}
	var anew func(context.Context) (*enrolment, error)
	if x == nil {
		anew = k.signUpStart(e) // and only then: it has a copy of the password
	}
	of := new(memory)
	seen := k.eyeOf(e.scope, of)
	begin(k, e.scope, func(ctx context.Context) (captured, error) {
		ctx, cancel := context.WithTimeout(ctx, k.looks)
		defer cancel()
		if anew != nil {
			var err error
			if x, err = anew(ctx); err != nil {
				return captured{err: err}, nil
			}
		}
		return captured{x, show(ctx, x.it, p, seen)}, nil
	}, func(c captured, _ error) {
		if e.face = c.face; c.err != nil {
			k.notCaptured(e, p, of, c.err)
			return
		}
		if p == flow.ToTry {
			k.apply(flow.Tried{})
			return
		}
		e.half = true
		k.apply(flow.Captured{})
	}, func(c captured) { c.face.wipe() })
}

// show shows a face for a step.
func show(ctx context.Context, x *client.Enrolment, p flow.Purpose, seen client.Eye) error {
	switch p {
	case flow.ToAgain:
		return x.Again(ctx, seen)
	case flow.ToTry:
		return x.Try(ctx, seen)
	}
	return x.Enrol(ctx, seen)
}

// notCaptured says why, and begins anew where nothing can go on: the server has forgotten the sign-up, or takes no more faces for it.
func (k *Kiosk) notCaptured(e *entry, p flow.Purpose, of *memory, err error) {
	where := capturing
	if p == flow.ToTry {
		where = trying
	}
	over := !e.face.stands() || errors.Is(err, wire.Refuse(wire.CodeNotSignedIn)) ||
		p == flow.ToSignUp && errors.Is(err, client.ErrFacesUsed)
	if e.face == nil { // not even begun
		where = signingUp
	}
	if over {
		e.face.wipe()
		e.face, e.half = nil, false
	}
	why := of.refused(err, where)
	if over && p != flow.ToSignUp && why.Kind == flow.Unreachable { // the server is asked anew; the pictures before are gone with its connection
		why.Kind = flow.CutOff
	}
	k.apply(flow.Failed{Problem: why, Anew: over})
}

// seal draws keys and phrase of who was captured. Nothing is made of them before the phrase is on paper.
func (k *Kiosk) seal() {
	e := k.entry
	if e == nil {
		return
	}
	e.pressed()
	x := take(&e.face)
	if x == nil { // and not only when it was written down
		k.apply(flow.Failed{Problem: flow.Problem{Kind: flow.CutOff}, Anew: true})
		return
	}
	up, err := x.it.Seal()
	if err != nil {
		x.wipe()
		k.apply(flow.Failed{Problem: problemOf(err, signingUp), Anew: true})
		return
	}
	e.face = x
	e.wipeTyped()
	k.note(&up.Phrase)
}

// finishSignUp makes the account of who has noted the phrase. The first admin is admitted at once.
func (k *Kiosk) finishSignUp(e *entry) {
	x, founder := e.face, k.founder
	e.face = nil
	admitted := false
	begin(k, e.scope, patiently(k, func(ctx context.Context) (*client.SignedUp, error) {
		defer x.wipe()
		up, err := x.it.Finish(ctx)
		clear(up.Phrase[:])
		if err != nil {
			return nil, err
		}
		admitted = founder != nil && founder.Admit(ctx, x.conn, up.Bundle) == nil // otherwise await tries again
		return &up, nil
	}), func(up *client.SignedUp, err error) {
		if err != nil {
			k.apply(flow.Failed{Problem: unfinished(err, signingUp)})
			return
		}
		e.wipe()
		if admitted {
			k.admitted()
			k.abandon()
		} else {
			e.waiting = up
		}
		k.apply(flow.SignedUp{Applicant: flow.Applicant{Name: up.Name, Fingerprint: up.Fingerprint, Admitted: admitted}})
	}, nil)
}

// admitted ends the root: the organisation has its first admin.
func (k *Kiosk) admitted() {
	if k.founder != nil {
		k.founder.Wipe()
		k.founder = nil
	}
}

// errRejected is a sign-up that is gone.
var errRejected = errors.New("the sign-up was rejected")

// await asks what became of the sign-up, whatever the network does.
func (k *Kiosk) await() {
	e := k.entry
	if e == nil || e.waiting == nil {
		k.apply(flow.Failed{Problem: problemOf(errRejected, signingUp)})
		return
	}
	up, desk, dialer, founder := *e.waiting, k.desk, k.dialer(), k.founder
	begin(k, e.scope, func(ctx context.Context) (client.Status, error) {
		c, err := dialer(ctx)
		if err != nil {
			return 0, err
		}
		ctx, cancel := context.WithTimeout(ctx, dialPatience)
		defer cancel()
		if founder != nil {
			_ = founder.Admit(ctx, c, up.Bundle) // it may have worked before, and its answer was lost
		}
		return desk.SignupStatus(ctx, c, up)
	}, func(s client.Status, err error) {
		switch {
		case err == nil && s == client.StatusAdmitted:
			k.admitted()
			k.abandon()
			k.apply(flow.Approved{})
		case err == nil && s == client.StatusGone:
			k.abandon()
			k.apply(flow.Failed{Problem: problemOf(errRejected, signingUp)})
		default:
			k.after(e.scope, awaitEvery, k.await)
		}
	}, nil)
}
