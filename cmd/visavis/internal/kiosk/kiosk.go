package kiosk

import (
	"context"
	"errors"
	"fmt"
	"image"
	"log/slog"
	"net"
	"sync"
	"sync/atomic"
	"time"

	"visavis/biometrics"
	"visavis/biometrics/eye"
	"visavis/biometrics/presence"
	"visavis/chat/client"
	"visavis/cmd/visavis/internal/flow"
	"visavis/config"
)

// Options are a kiosk's surroundings.
type Options struct {
	Dir      string            // the desk's folder: its keys and settings
	Client   client.Options    // of the desk
	Eye      eye.Options       // which eye to keep
	Source   string            // a camera's source that overrides the settings
	Show     func(flow.State)  // every state, on Run's goroutine; must not block
	Frame    func(*image.RGBA) // every picture while one is wanted, on another goroutine; must not block
	Clock    eye.Clock         // nil is the system's
	Location *time.Location    // where the desk stands; nil is UTC
	Log      *slog.Logger      // nil discards; never gets a name, a text, or a secret

	// Renew starts another process of this window, which goes on with rest, and returns nil when that stands on the screen: Run returns then, and
	// this process is to end. It is called when a person has gone; rest has the lock and nothing that it opens. nil: never.
	Renew func(ctx context.Context, rest []byte) error
	Rest  []byte          // what the process before has left; nil when there was none
	Gone  <-chan struct{} // closed when the process before has ended: until then camera, session and desk's files are its own. Read with Rest alone
}

// keeper is what the kiosk needs of an eye.Keeper.
type keeper interface {
	eye.Watched
	Cameras(context.Context) ([]biometrics.CameraInfo, error)
	Open(ctx context.Context, source string) (biometrics.CameraInfo, error)
	Prepare()
	Watch(fps int, preview bool)
	Events() <-chan eye.Event
	Close() error
}

// world is what only tests replace.
type world struct {
	start func(context.Context, eye.Options) (keeper, error)
	look  func(eye.Watched, func(eye.Progress)) client.Eye
	trace func(flow.Event, []flow.Effect) // every step; nil for nobody
}

// Kiosk is a running desk. Post may be called from any goroutine, Run once.
type Kiosk struct {
	o     Options
	world world
	mail  mailbox
	tasks sync.WaitGroup
	life  *scope

	patience time.Duration          // with a server that does not answer
	looks    time.Duration          // how long a look may take, with all that belongs to it
	founding sync.RWMutex           // held for reading by whoever connects
	address  atomic.Pointer[string] // where the server was reached last

	// Run's goroutine owns the rest.
	state    flow.State
	used     bool   // something of a person was in this process's memory
	renewing *scope // another process is being started; nil otherwise
	renewed  bool   // it stands there
	desk     *client.Desk
	founder  *client.Founder // until the first admin was admitted
	settings config.Window

	eye   sight
	link  link
	entry *entry
	stay  *stay
	lock  *lock
	watch presence.Watch
}

// New makes a kiosk. Nothing happens before Run.
func New(o Options) (*Kiosk, error) {
	switch {
	case o.Dir == "":
		return nil, errors.New("kiosk: no folder for the desk")
	case o.Show == nil:
		return nil, errors.New("kiosk: nobody to show states to")
	}
	if o.Clock == nil {
		o.Clock = systemClock{}
	}
	if o.Location == nil {
		o.Location = time.UTC
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	o.Eye.Clock = o.Clock
	k := &Kiosk{o: o, state: flow.Start(), mail: newMailbox(), settings: config.DefaultWindow(), patience: callMost, looks: lookMost}
	k.world = world{
		start: func(ctx context.Context, o eye.Options) (keeper, error) { return eye.Start(ctx, o) },
		look:  client.Watched,
	}
	k.noteAddress()
	return k, nil
}

// A server that is gone without a word is noticed after 20 s: the window says that the link is down, and tries again.
const (
	aliveEvery = 5 * time.Second
	aliveTries = 3
)

// noteAddress keeps where the server was reached, to be shown.
func (k *Kiosk) noteAddress() {
	dial := k.o.Client.Dial
	if dial == nil {
		alive := net.KeepAliveConfig{Enable: true, Idle: aliveEvery, Interval: aliveEvery, Count: aliveTries}
		dial = (&net.Dialer{KeepAliveConfig: alive}).DialContext
	}
	k.o.Client.Dial = func(ctx context.Context, network, address string) (net.Conn, error) {
		c, err := dial(ctx, network, address)
		if err == nil {
			k.address.Store(&address)
		}
		return c, err
	}
}

// Post hands in what the person did. It never blocks.
func (k *Kiosk) Post(e flow.Event) { k.mail.put(message{event: e}) }

// Run carries out effects until ctx is done. Then it logs out, wipes and closes everything; no goroutine is left when it returns. It returns nil when
// another process goes on.
func (k *Kiosk) Run(ctx context.Context) error {
	k.life = newScope(context.WithoutCancel(ctx))
	defer k.end()
	goesOn := k.takeUp(ctx)
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if err := k.openEye(); err != nil {
		return fmt.Errorf("start the eye: %w", err)
	}
	if goesOn {
		k.goOn()
	} else {
		k.o.Show(k.state)
		k.load()
	}
	for {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-k.mail.wake:
		}
		for ctx.Err() == nil {
			m, ok := k.mail.take()
			if !ok {
				break
			}
			if k.handle(m); k.renewed {
				return nil
			}
		}
	}
}

func (k *Kiosk) handle(m message) {
	if m.do != nil {
		m.do()
		return
	}
	if !k.unveils(m.event) || k.watch.Here(k.o.Clock.Now()) {
		k.apply(m.event)
	}
}

// unveils says whether an event would show a room that is hidden from a second face: to the person alone, and not to that face when the person
// has gone.
func (k *Kiosk) unveils(e flow.Event) bool {
	next, _ := flow.Step(k.state, e)
	return k.state.Veiled && next.Page == flow.Inside && !next.Veiled
}

// apply takes a step, shows it and carries out its effects.
func (k *Kiosk) apply(e flow.Event) {
	next, effects := flow.Step(k.state, e)
	k.used = k.used || flow.IsPersonal(e, next)
	renew := k.renews(next)
	if renew {
		next, _ = flow.Step(next, flow.Renewal{})
	}
	k.state = next
	k.o.Show(next)
	if k.world.trace != nil {
		k.world.trace(e, effects)
	}
	if len(effects) == 0 {
		wipeTyped(e)
	}
	for _, effect := range effects {
		k.carryOut(effect)
	}
	if renew {
		k.renew()
	}
}

// wipeTyped wipes a password that nobody took.
func wipeTyped(e flow.Event) {
	switch e := e.(type) {
	case flow.LogInAsked:
		clear(e.Password)
	case flow.SignUpAsked:
		clear(e.Password)
	case flow.ProofGiven:
		clear(e.Password)
	case flow.RecoverAsked:
		clear(e.Phrase)
	case flow.CodeTyped:
		clear(e.Code)
	case flow.PasswordChosen:
		clear(e.Password)
	case flow.GroupsTyped:
		wipeGroups(e.Groups)
	case flow.PepperBrought:
		clear(e.Text)
	case flow.SheetTyped:
		clear(e.Text)
	case flow.PasswordAsked:
		clear(e.Old)
		clear(e.New)
	}
}

func (k *Kiosk) carryOut(e flow.Effect) {
	switch e := e.(type) {
	case flow.DoEnrol:
		k.enrol(e)
	case flow.DoFound:
		k.found(e)
	case flow.DoProve:
		k.prove(e)
	case flow.DoPrepare:
		k.prepare(e)
	case flow.DoRecover:
		k.recover(e)
	case flow.DoCode:
		k.showCode(e)
	case flow.DoRepassword:
		k.repassword(e)
	case flow.DoPrepareEye:
		k.eye.keeper.Prepare()
	case flow.DoWatch:
		k.watchPicture()
	case flow.DoLook:
		k.look(e.Purpose)
	case flow.DoSeal:
		k.seal()
	case flow.DoShowPhrase:
		k.showPhrase()
	case flow.DoCompare:
		k.compare(e)
	case flow.DoFinish:
		k.finish()
	case flow.DoAbandon:
		k.abandon()
	case flow.DoAwait:
		k.await()
	case flow.DoAct:
		k.act(e.Action)
	case flow.DoChangePassword:
		k.changePassword(e)
	case flow.DoAskProof:
		k.askProof()
	case flow.DoProveAgain:
		k.proveAgain(e)
	case flow.DoProveFace:
		k.proveFace()
	case flow.DoDropProof:
		k.dropProof()
	case flow.DoOpenRoot:
		k.openRoot(e)
	case flow.DoNameAdmin:
		k.nameAdmin(e)
	case flow.DoTakePepper:
		k.takePepper(e)
	case flow.DoLock:
		k.lockUp()
	case flow.DoLogOut:
		k.logOut()
	case flow.DoKeep:
		k.keepPrefs(e.Prefs)
	case flow.DoSight:
		k.setSight(e.Sight)
	case flow.DoCameras:
		k.listCameras()
	}
}

// farewell bounds how long a log-out waits for the server.
const farewell = 5 * time.Second

// end leaves nothing: neither goroutines nor a session.
func (k *Kiosk) end() {
	k.abandon()
	k.leave()
	if k.founder != nil {
		k.founder.Wipe()
	}
	k.closeLink()
	k.life.end()
	if k.eye.keeper != nil {
		_ = k.eye.keeper.Close()
	}
	for { // what was under way may have brought something that has to be dropped
		k.tasks.Wait()
		m, ok := k.mail.take()
		if !ok {
			return
		}
		if m.do != nil {
			m.do()
		}
		wipeTyped(m.event)
	}
}

type systemClock struct{}

func (systemClock) Now() time.Time                         { return time.Now() }
func (systemClock) After(d time.Duration) <-chan time.Time { return time.After(d) }
