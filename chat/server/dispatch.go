package server

import (
	"context"
	"errors"
	"runtime/debug"
	"time"

	"visavis/chat/login"
	"visavis/chat/wire"
	"visavis/models"
)

// need is what a connection must have proved before a request is looked at. The zero need is met by nobody.
type need uint8

const (
	needEnrol   need = 1 // speaks the enrolment protocol
	needDesk    need = 2 // proved a desk's certificate
	needSession need = 3 // a person is logged in
	needAdmin   need = 4 // the person is an admin by the directory
	needLocked  need = 5 // a session is locked
	needHeld    need = 6 // a session is open or locked
	needRoot    need = 7 // proved the root's key, and nobody is logged in
	needLister  need = 8 // an admin, or who proved the root's key
)

// rule is who may ask for something. The zero rule is met by nobody.
type rule struct {
	need    need
	fresh   bool   // and only just after a proof that the person is still there
	guest   bool   // also on a connection whose desk is elsewhere
	feature string // that both hellos have to name; empty for what every desk of the protocol knows
}

// handler serves one type of request. It returns the reply's body; errLater says that it answers by itself.
type handler struct {
	rule
	serve func(*conn, context.Context, wire.Frame) (any, error)
}

var errLater = errors.New("answered later")

// with makes a handler of a function that takes the decoded body.
func with[B any](n need, f func(*conn, context.Context, B) (any, error)) handler {
	return handler{rule{need: n}, func(c *conn, ctx context.Context, fr wire.Frame) (any, error) {
		var body B
		if err := fr.Decode(&body); err != nil {
			return nil, err
		}
		return f(c, ctx, body)
	}}
}

// freshly is h for a person who has just proved to be there.
func (h handler) freshly() handler {
	h.rule.fresh = true
	return h
}

// byGuests is h for connections whose desk is elsewhere too.
func (h handler) byGuests() handler {
	h.guest = true
	return h
}

// under is h for desks and servers that both named the feature.
func (h handler) under(feature string) handler {
	h.feature = feature
	return h
}

// handlers is the protocol: hello is served apart, before all others.
func handlers() map[string]handler {
	return map[string]handler{
		wire.TypeDeskEnrol: with(needEnrol, (*conn).deskEnrol),

		wire.TypeRootAppend:      with(needDesk, (*conn).rootAppend),
		wire.TypeRootOpen:        with(needDesk, (*conn).rootOpen).under(wire.FeatureRoot),
		wire.TypeRootRead:        with(needRoot, (*conn).rootRead),
		wire.TypeSignupStart:     with(needDesk, (*conn).signupStart),
		wire.TypeSignupChallenge: with(needDesk, (*conn).signupChallenge),
		wire.TypeSignupFace:      with(needDesk, (*conn).signupFace),
		wire.TypeSignupFinish:    with(needDesk, (*conn).signupFinish),
		wire.TypeLoginStart:      with(needDesk, (*conn).loginStart),
		wire.TypeLoginPassword:   with(needDesk, (*conn).loginPassword),
		wire.TypeLoginChallenge:  with(needDesk, (*conn).loginChallenge),
		wire.TypeLoginFace:       with(needDesk, (*conn).loginFace),
		wire.TypeSignupStatus:    with(needDesk, (*conn).signupStatus),
		wire.TypeResume:          with(needDesk, (*conn).sessionResume).byGuests(),

		wire.TypeLockKey:    with(needSession, (*conn).lockKey),
		wire.TypeLock:       with(needSession, (*conn).sessionLock),
		wire.TypeVaultGet:   with(needSession, (*conn).vaultGet),
		wire.TypeVaultPut:   with(needSession, (*conn).vaultPut),
		wire.TypeRoomDirect: with(needSession, (*conn).roomDirect).under(wire.FeatureRooms),
		wire.TypeLogRead:    with(needSession, (*conn).logRead).under(wire.FeatureRooms),
		wire.TypeBoxAsk:     with(needSession, (*conn).boxAsk).under(wire.FeatureRooms),
		wire.TypeBoxGive:    with(needSession, (*conn).boxGive).under(wire.FeatureRooms),
		wire.TypeRoomList:   with(needSession, (*conn).roomList),
		wire.TypeLogFollow:  {rule{need: needSession}, (*conn).logFollow},
		wire.TypeBoxPut:     with(needSession, (*conn).boxPut),
		wire.TypeBoxGet:     with(needSession, (*conn).boxGet),
		wire.TypeLogAppend:  {rule{need: needSession}, (*conn).logAppend}, // into the directory: freshly

		wire.TypePasswordStart:  with(needSession, (*conn).passwordStart).freshly().under(wire.FeatureKeys),
		wire.TypePasswordFinish: with(needSession, (*conn).passwordFinish).under(wire.FeatureKeys), // what was begun freshly
		wire.TypeKeysChange:     with(needSession, (*conn).keysChange).under(wire.FeatureKeys),

		wire.TypeProveBegin:     with(needSession, (*conn).proveBegin).under(wire.FeatureProve),
		wire.TypeProvePassword:  with(needSession, (*conn).provePassword).under(wire.FeatureProve),
		wire.TypeProveLook:      with(needSession, (*conn).proveLook).under(wire.FeatureProve),
		wire.TypeProveChallenge: with(needSession, (*conn).proveChallenge).under(wire.FeatureProve),
		wire.TypeProveFace:      with(needSession, (*conn).proveFace).under(wire.FeatureProve),

		wire.TypeLogout:        with(needHeld, (*conn).logout),
		wire.TypeLockStart:     with(needLocked, (*conn).lockStart),
		wire.TypeLockChallenge: with(needLocked, (*conn).lockChallenge),
		wire.TypeLockFace:      with(needLocked, (*conn).lockFace),

		wire.TypeRecoverStart:     with(needDesk, (*conn).recoverStart).under(wire.FeatureRecovery),
		wire.TypeRecoverPhrase:    with(needDesk, (*conn).recoverPhrase).under(wire.FeatureRecovery),
		wire.TypeRecoverChallenge: with(needDesk, (*conn).recoverChallenge).under(wire.FeatureRecovery),
		wire.TypeRecoverFace:      with(needDesk, (*conn).recoverFace).under(wire.FeatureRecovery),
		wire.TypeRecoverCode:      with(needDesk, (*conn).recoverCode).under(wire.FeatureRecovery),
		wire.TypeRecoverRegister:  with(needDesk, (*conn).recoverRegister).under(wire.FeatureRecovery),
		wire.TypeRecoverFinish:    with(needDesk, (*conn).recoverFinish).under(wire.FeatureRecovery),
		wire.TypeLoginCode:        with(needDesk, (*conn).loginCode).under(wire.FeatureRecovery),
		wire.TypeRenewStart:       with(needDesk, (*conn).renewStart).under(wire.FeatureRecovery),
		wire.TypeCodeMake:         with(needAdmin, (*conn).codeMake).under(wire.FeatureRecovery).freshly(),
		wire.TypeFaceReset:        with(needAdmin, (*conn).faceReset).under(wire.FeatureRecovery).freshly(),
		wire.TypeRenewAllow:       with(needAdmin, (*conn).renewAllow).under(wire.FeatureRecovery).freshly(),
		wire.TypeRenewList:        with(needAdmin, (*conn).renewList).under(wire.FeatureRecovery),
		wire.TypeRenewReject:      with(needAdmin, (*conn).renewReject).under(wire.FeatureRecovery).freshly(),

		wire.TypeSignupList:   with(needLister, (*conn).signupList),
		wire.TypeSignupAlike:  with(needAdmin, (*conn).signupAlike).under(wire.FeatureAlike),
		wire.TypeSignupReject: with(needAdmin, (*conn).signupReject).freshly(),
		wire.TypeKeysList:     with(needAdmin, (*conn).keysList).under(wire.FeatureKeys),
		wire.TypeKeysReject:   with(needAdmin, (*conn).keysReject).freshly().under(wire.FeatureKeys),
		wire.TypeDeskInvite:   with(needAdmin, (*conn).deskInvite).freshly(),
		wire.TypeDeskList:     with(needAdmin, (*conn).deskList),
		wire.TypePepperCount:  with(needAdmin, (*conn).pepperCount).under(wire.FeaturePepper),
		wire.TypeAuditHead:    with(needAdmin, (*conn).auditHead).under(wire.FeatureAudit),
	}
}

// dispatch serves one request and answers it. Only the reader calls it.
func (c *conn) dispatch(f wire.Frame) {
	start := c.srv.now()
	body, err := c.handle(f)
	if errors.Is(err, errLater) {
		return
	}
	c.answer(f, body, err)
	c.log.Debug("request", "type", f.Type, "took", c.srv.now().Sub(start), "refused", err != nil)
}

func (c *conn) handle(f wire.Frame) (body any, err error) {
	defer func() {
		if p := recover(); p != nil { // ends this connection; the state it touched is this connection's own
			c.log.Error("panic in a handler", "type", f.Type, "panic", p, "stack", string(debug.Stack()))
			err = wire.Refuse(wire.CodeInternal)
			c.cancel(err)
		}
	}()
	if f.Type == wire.TypeHello {
		var hello wire.Hello
		if err := f.Decode(&hello); err != nil {
			return nil, err
		}
		return c.hello(hello)
	}
	h, ok := c.srv.handlers[f.Type]
	switch {
	case !ok:
		return nil, wire.Refuse(wire.CodeUnknownType)
	case !c.greeted:
		return nil, wire.Refuse(wire.CodeProtocol)
	}
	if err := c.meets(h.rule); err != nil {
		return nil, err
	}
	return h.serve(c, c.ctx, f)
}

// meets is the one place that says who may ask for what.
func (c *conn) meets(r rule) error {
	var ok bool
	switch r.need {
	case needEnrol:
		ok = c.enrol
	case needDesk:
		ok = !c.enrol && c.whose() == nil
	case needSession:
		ok = c.session != nil
	case needAdmin:
		ok = c.session != nil && c.srv.hub.isAdmin(c.session.account)
	case needRoot:
		ok = c.root && c.whose() == nil
	case needLister:
		ok = c.meets(rule{need: needAdmin}) == nil || c.meets(rule{need: needRoot}) == nil
	case needLocked:
		ok = c.locked != nil
	case needHeld:
		ok = c.whose() != nil
	}
	if !ok || r.feature != "" && !c.shared[r.feature] {
		return wire.Refuse(wire.CodeNotAllowed)
	}
	if !r.guest && c.isGuest() {
		return wire.Refuse(wire.CodeElsewhere)
	}
	if !r.fresh || c.proof.fresh(c.srv.now(), c.srv.Config.Session.Fresh.Std()) {
		return nil
	}
	if !c.shared[wire.FeatureProve] { // it would not know what is asked of it
		return wire.Refuse(wire.CodeNotAllowed)
	}
	return wire.Refuse(wire.CodeProve)
}

// answer sends the reply or the refusal of a request; a refusal of the protocol itself ends the connection.
func (c *conn) answer(f wire.Frame, body any, err error) {
	if err == nil {
		c.reply(wire.NewFrame(wire.Response, f.ID, f.Type, body))
		return
	}
	refusal := c.refusal(f, err)
	switch refusal.Code {
	case wire.CodeProtocol, wire.CodeTooLarge, wire.CodeUnknownType, wire.CodeUnsupported, wire.CodeGoodbye:
		c.cancel(refusal)
	default:
		c.reply(wire.NewFrame(wire.Failure, f.ID, f.Type, refusal))
	}
}

// loginCodes are the five refusals on the wire.
var loginCodes = map[login.Refusal]wire.Code{
	login.NotSignedIn:     wire.CodeNotSignedIn,
	login.NotAdmitted:     wire.CodeNotAdmitted,
	login.FaceNotAccepted: wire.CodeFace,
	login.DeskNotAccepted: wire.CodeDesk,
}

// sentinels maps errors of the rooms below to codes; the first match counts.
var sentinels = []struct {
	err  error
	code wire.Code
}{
	{wire.ErrMalformed, wire.CodeProtocol},
	{login.ErrNameTaken, wire.CodeExists},
	{login.ErrEmail, wire.CodeEmail},
	{login.ErrConsent, wire.CodeConsent},
	{login.ErrSignup, wire.CodeInvalid},
	{login.ErrPassword, wire.CodeInvalid},
	{login.ErrVault, wire.CodeInvalid},
	{login.ErrOtherPhrase, wire.CodeNotAllowed},
	{login.ErrFaces, wire.CodeFull},
	{login.ErrCodeGrant, wire.CodeInvalid},
	{login.ErrNoRenewal, wire.CodeNotAllowed},
	{models.ErrName, wire.CodeInvalid},
	{models.ErrNotFound, wire.CodeNotFound},
	{models.ErrExists, wire.CodeExists},
	{models.ErrConflict, wire.CodeConflict},
	{models.ErrInvalid, wire.CodeInvalid},
	{models.ErrClosed, wire.CodeGoodbye},
	{context.Canceled, wire.CodeGoodbye},
}

// refusal is the one place where an error becomes what a peer may know. The cause stays in the log.
func (c *conn) refusal(f wire.Frame, err error) *wire.Error {
	var refused *wire.Error
	if errors.As(err, &refused) {
		c.log.Info("refused", "type", f.Type, "code", refused.Code)
		return refused
	}
	var le *login.Error
	if errors.As(err, &le) {
		c.log.Info("refused", "type", f.Type, "refusal", le.Refusal.String(), "cause", errors.Unwrap(le))
		if le.Refusal == login.Wait {
			return wire.Wait(le.Seconds())
		}
		if code, ok := loginCodes[le.Refusal]; ok {
			return wire.Refuse(code)
		}
	}
	code := wire.CodeInternal
	for _, s := range sentinels {
		if errors.Is(err, s.err) {
			code = s.code
			break
		}
	}
	if code == wire.CodeInternal {
		c.log.Error("request failed", "type", f.Type, "cause", err)
	} else {
		c.log.Info("refused", "type", f.Type, "code", code, "cause", err)
	}
	return wire.Refuse(code)
}

// deadline is when a connection that sends nothing ends.
func (c *conn) deadline() time.Time {
	l, s := c.srv.Config.Limits, c.srv.Config.Session
	switch {
	case !c.greeted:
		return c.began.Add(l.Hello.Std())
	case c.enrol:
		return c.began.Add(enrolTime)
	case c.session != nil:
		return earlier(time.Now().Add(s.Idle.Std()), c.ends)
	case c.locked != nil:
		return c.ends
	case c.pending():
		return c.began.Add(c.srv.pendingTime)
	}
	return time.Time{} // a desk waits for people as long as it likes
}

func earlier(a, b time.Time) time.Time {
	if a.Before(b) {
		return a
	}
	return b
}
