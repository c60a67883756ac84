package kiosk

import (
	"bytes"
	"context"
	"errors"
	"time"

	"visavis/biometrics"
	"visavis/biometrics/eye"
	"visavis/biometrics/liveness"
	"visavis/biometrics/match"
	"visavis/biometrics/presence"
	"visavis/chat/client"
	"visavis/chat/e2e"
	"visavis/chat/wire"
	"visavis/cmd/visavis/internal/flow"
)

// entry is a log-in or sign-up on its way, or a look to unlock: what is kept for it, until DoAbandon or its success.
type entry struct {
	scope    *scope
	name     string
	password []byte
	attempt  *attempt // a password that was right and is not used up
	form     *flow.SignUpAsked
	face     *enrolment       // of a sign-up whose form the server has
	phrase   []byte           // of a recovery, as it was typed
	recovery *recovery        // whose phrase was proven
	root     *root            // of who came with the root sheet
	noted    e2e.Phrase       // that is being written down
	half     bool             // what is kept is more than a form: a face, or an open vault
	waiting  *client.SignedUp // who waits for approval

	watching *scope // tells what is wrong with the picture
	told     time.Time
	faced    time.Time // somebody was in view
}

// proven is what somebody has proven to the server, or begun with it, on a connection: it ends with that. One task at a time works with it, who has
// taken it out of the entry. nil is nothing.
type proven[T interface{ Wipe() }] struct {
	it   T
	conn *client.Conn
}

type (
	attempt   = proven[*client.Attempt]   // a password that was right
	recovery  = proven[*client.Recovery]  // a phrase that was right
	enrolment = proven[*client.Enrolment] // a sign-up whose form the server has, and whose face is being captured
)

func (p *proven[T]) wipe() {
	if p != nil {
		p.it.Wipe()
	}
}

func (p *proven[T]) stands() bool { return p != nil && p.conn.Err() == nil }

// take takes it out of where it was kept: nil when its connection is gone, and with it what the server kept.
func take[T interface{ Wipe() }](kept **proven[T]) *proven[T] {
	p := *kept
	*kept = nil
	if !p.stands() {
		p.wipe()
		return nil
	}
	return p
}

// Times of an entry.
const (
	idlePress  = 2 * time.Minute  // nobody presses: a password is kept for nobody
	leftAfter  = 10 * time.Second // nobody is in view between two looks of a sign-up: who sits down next would be given its phrase
	awaitEvery = 3 * time.Second
	lookMost   = 2 * time.Minute // settling, a challenge, and a slow server

	noting   = 10 * time.Minute // writing a phrase down, and typing some of it: the server waits 20 for all of a sign-up, 15 for this
	bentOver = 2 * time.Minute  // no face is in view of who writes, or looks for paper
)

func (k *Kiosk) newEntry() *entry {
	k.abandon()
	k.entry = &entry{scope: k.life.within()}
	return k.entry
}

// abandon ends an entry and wipes what was kept for it.
func (k *Kiosk) abandon() {
	e := k.entry
	if e == nil {
		return
	}
	e.scope.end()
	e.wipe()
	if r := e.root; r != nil {
		e.root = nil
		k.tasks.Go(r.wipe)
	}
	k.entry = nil
}

// wipe drops what was typed, proven and shown.
func (e *entry) wipe() {
	e.pressed()
	e.wipeTyped()
	e.attempt.wipe()
	e.recovery.wipe()
	e.face.wipe()
	clear(e.noted[:])
	e.attempt, e.recovery, e.face = nil, nil, nil
}

// wipeTyped drops what was typed.
func (e *entry) wipeTyped() {
	clear(e.password)
	clear(e.phrase)
	if e.form != nil {
		clear(e.form.Password)
	}
	e.name, e.password, e.phrase, e.form = "", nil, nil, nil
}

func (k *Kiosk) prove(x flow.DoProve) {
	e := k.newEntry()
	e.name, e.password = x.Name, x.Password
	desk, dialer, name, password := k.desk, k.dialer(), x.Name, bytes.Clone(x.Password)
	begin(k, e.scope, patiently(k, func(ctx context.Context) (*attempt, error) {
		defer clear(password)
		return provePassword(ctx, desk, dialer, name, password)
	}), func(a *attempt, err error) {
		if err != nil {
			k.abandon()
			k.apply(flow.Failed{Problem: problemOf(err, loggingIn)})
			return
		}
		e.attempt = a
		k.apply(flow.Ready{})
	}, (*attempt).wipe)
}

func provePassword(ctx context.Context, desk *client.Desk, dialer func(context.Context) (*client.Conn, error), name string, password []byte) (*attempt, error) {
	c, err := dialer(ctx)
	if err != nil {
		return nil, err
	}
	a, err := desk.ProvePassword(ctx, c, name, password)
	if err != nil {
		return nil, err
	}
	return &attempt{a, c}, nil
}

// watchPicture tells what is wrong with the picture before the press; who does not press for long has gone.
func (k *Kiosk) watchPicture() {
	e := k.entry
	if e == nil {
		return
	}
	e.watching.end()
	s := e.scope.within()
	e.watching, e.faced = s, k.o.Clock.Now()
	patience := idlePress
	switch {
	case k.state.Page == flow.Renew:
		patience = choosing
	case k.state.Noting():
		patience = noting
	}
	k.after(s, patience, func() { k.apply(flow.Cancelled{Why: flow.NoteIdle}) })
}

// look is what a look works with, and what it brought.
type look struct {
	session *client.Session
	attempt *attempt // that can still be used
	owner   match.Vector
}

// look plays the challenge.
func (k *Kiosk) look(p flow.Purpose) {
	switch p {
	case flow.ToLogIn:
		k.lookToLogIn()
	case flow.ToSignUp, flow.ToAgain, flow.ToTry:
		k.lookToSignUp(p)
	case flow.ToRecover:
		if k.entry != nil {
			of := new(memory)
			seen := k.eyeOf(k.entry.scope, of)
			k.lookToRecover(func(ctx context.Context, r *recovery) error { return r.it.ShowFace(ctx, seen) }, of)
		}
	case flow.ToUnlock:
		k.lookToUnlock()
	}
}

// eyeOf is the eye for one look: it tells how far it has come, and keeps what the person looks like.
func (k *Kiosk) eyeOf(s *scope, of *memory) client.Eye {
	var watched eye.Watched = k.eye.keeper
	if !k.state.Lit() {
		watched = unlit{watched}
	}
	e := k.world.look(watched, func(p eye.Progress) {
		told := flow.Progress{Reasons: p.Quality.Reasons(), Finish: p.Phase == eye.Done}
		if p.Phase != eye.Settling {
			told.Gesture, told.Tint, told.Fraction = p.Gesture, p.Tint, p.Fraction
			told.Left, told.Of, told.Reached = p.Left, p.StepTime, p.Reached
		}
		k.hand(s, func() {
			k.watch.Posing(told.Gesture > liveness.Neutral)
			k.apply(told)
		})
	})
	return remembers{e, of}
}

// unlit is the eye of a window that shows no light: it is told of none.
type unlit struct{ eye.Watched }

// Cue tells the step alone.
func (u unlit) Cue(c eye.Cue) {
	if c.Tint != 0 {
		c.Tint = liveness.Plain
	}
	u.Watched.Cue(c)
}

// memory is what a window keeps of a capture. The server says only that a face was refused; what the window can see for itself, by the same rules,
// it may tell: a movement that was not clear.
type memory struct {
	owner match.Vector
	flaw  liveness.Reason
}

// refused is a problem of a look, with what the window has seen of it.
func (m *memory) refused(err error, where place) flow.Problem {
	p := problemOf(err, where)
	switch p.Kind {
	case flow.FaceRefused, flow.NotCaptured, flow.NotRecognised:
		if m.flaw != liveness.Followed {
			p.Flaw = m.flaw
		}
	}
	return p
}

// remembers notes the mean of the neutral frames of what was captured last. What was left before it was told that the pictures are taken is
// not shown to the server: that would log somebody in, or give a lock's key back, whom nobody waits for.
type remembers struct {
	client.Eye
	of *memory
}

func (r remembers) Capture(ctx context.Context, c liveness.Challenge) (biometrics.Evidence, error) {
	seen, err := r.Eye.Capture(ctx, c)
	if err == nil {
		err = ctx.Err()
	}
	if err == nil {
		*r.of = memory{presence.Owner(seen, c), liveness.Judge(c, seen.Frames, liveness.DefaultRules()).Why}
	}
	return seen, err
}

// pressed ends the watch before the press.
func (e *entry) pressed() {
	e.watching.end()
	e.watching = nil
}

func (k *Kiosk) lookToLogIn() {
	if k.entry == nil {
		return
	}
	of := new(memory)
	seen := k.eyeOf(k.entry.scope, of)
	k.finishLogIn(of, func(ctx context.Context, l *look, prove func(context.Context) (*attempt, error)) error {
		return l.logIn(ctx, seen, prove)
	})
}

// finishLogIn gives what a log-in asks for beside the password: a face, or a code.
func (k *Kiosk) finishLogIn(of *memory, second func(context.Context, *look, func(context.Context) (*attempt, error)) error) {
	e := k.entry
	if e == nil {
		return
	}
	e.pressed()
	a, desk, dialer, name, password := take(&e.attempt), k.desk, k.dialer(), e.name, bytes.Clone(e.password)
	begin(k, e.scope, func(ctx context.Context) (*look, error) {
		defer clear(password)
		ctx, cancel := context.WithTimeout(ctx, k.looks)
		defer cancel()
		l := &look{attempt: a}
		err := second(ctx, l, func(ctx context.Context) (*attempt, error) { return provePassword(ctx, desk, dialer, name, password) })
		if err != nil {
			l.attempt.wipe() // the next press proves the password again
			return nil, err
		}
		l.owner = of.owner
		return l, nil
	}, func(l *look, err error) {
		if err != nil {
			k.apply(flow.Failed{Problem: of.refused(err, looking)})
			return
		}
		k.abandon()
		if k.link.conn == l.attempt.conn {
			k.handOver()
		}
		k.closeLink()
		k.enter(l.session, l.owner, nil)
		k.apply(flow.LoggedIn{Person: k.stay.person, Problem: cameBy(l.session)})
		k.arrived()
	}, func(l *look) { logOutNow(l.session) })
}

// logIn shows the face for a proven password.
func (l *look) logIn(ctx context.Context, seen client.Eye, prove func(context.Context) (*attempt, error)) error {
	var c liveness.Challenge
	err := l.proven(ctx, prove, func() error {
		err := cameraAllowed(seen, l.attempt.conn)
		if err == nil {
			err = seen.Settle(ctx)
		}
		if err == nil {
			c, err = l.attempt.it.Challenge(ctx)
		}
		return err
	})
	if err != nil {
		return err
	}
	evidence, err := seen.Capture(ctx, c)
	if err != nil {
		return err
	}
	signed, err := l.attempt.it.Sign(evidence)
	if err != nil {
		return err
	}
	l.session, err = l.attempt.it.Finish(ctx, signed)
	if err == nil {
		l.attempt.wipe()
	}
	return err
}

// proven goes on with a proven password. Where the time of that was over, it is proven once more.
func (l *look) proven(ctx context.Context, prove func(context.Context) (*attempt, error), goOn func() error) (err error) {
	for fresh := !l.attempt.stands(); ; fresh = true {
		if fresh {
			l.attempt.wipe()
			if l.attempt, err = prove(ctx); err != nil {
				return proveAgain(err)
			}
		}
		if err = goOn(); fresh || !errors.Is(err, wire.Refuse(wire.CodeNotSignedIn)) {
			return err
		}
	}
}

// errPassword is a password that was right a moment ago.
var errPassword = errors.New("the password is not right any more")

func proveAgain(err error) error {
	if errors.Is(err, wire.Refuse(wire.CodeNotSignedIn)) {
		return errors.Join(errPassword, err)
	}
	return err
}

// cameraAllowed says before a face is shown what the server would say after it.
func cameraAllowed(e client.Eye, c *client.Conn) error {
	info, err := e.Camera()
	if err == nil && info.Virtual && !c.Hello().Virtual {
		err = wire.Refuse(wire.CodeVirtualCamera)
	}
	return err
}
