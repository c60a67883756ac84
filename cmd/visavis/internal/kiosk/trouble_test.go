package kiosk

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"visavis/biometrics"
	"visavis/biometrics/eye"
	"visavis/chat/chattest"
	"visavis/cmd/visavis/internal/flow"
	"visavis/cmd/visavis/internal/talk"
	"visavis/models"
)

// inKitchen is ada logged in at the first desk, alone in a room that is open.
func inKitchen(t *testing.T, w *chattest.World) (*desk, models.RoomID) {
	t.Helper()
	d := founded(t, w)
	d.logIn("ada", 1)
	d.do(flow.Action{Verb: flow.CreateRoom, Text: "Kitchen"})
	s := d.until("the room", func(s flow.State) bool {
		return s.Busy == flow.Idle && s.Talk != nil && s.Talk.Open != nil && s.Talk.Open.Title == "Kitchen"
	})
	return d, s.Talk.Open.ID
}

func deliveries(s flow.State) string {
	var list []string
	if s.Talk != nil && s.Talk.Open != nil {
		for _, l := range s.Talk.Open.Lines {
			if l.Kind == talk.Message {
				list = append(list, fmt.Sprintf("%s:%d", l.Text, l.Delivery))
			}
		}
	}
	return strings.Join(list, " ")
}

// ready says that a face can be shown: to the camera, and to the server.
func ready(s flow.State) bool { return s.Link == flow.LinkUp && s.Eye.Stage == flow.EyeOpen }

func linked(l flow.Link) func(flow.State) bool { return func(s flow.State) bool { return s.Link == l } }

// The server goes and comes back: the person stays inside, and what was said meanwhile is stored once.
func TestTheServerIsLostAndComesBack(t *testing.T) {
	w := chattest.New(t, nil)
	d, room := inKitchen(t, w)
	d.do(flow.Action{Verb: flow.SendText, Room: room, Text: "before"})
	d.until("it is stored", func(s flow.State) bool { return deliveries(s) == "before:2" })
	d.cable.pull()
	d.until("the link is down", linked(flow.LinkDown))
	d.do(flow.Action{Verb: flow.SendText, Room: room, Text: "one"})
	d.do(flow.Action{Verb: flow.SendText, Room: room, Text: "two"})
	s := d.until("both wait", func(s flow.State) bool { return deliveries(s) == "before:2 one:1 two:1" })
	if s.Page != flow.Inside || !s.Problem.IsZero() {
		t.Errorf("%s", brief(s))
	}
	d.do(flow.Action{Verb: flow.CreateRoom, Text: "Attic"})
	d.until("a new room has to wait", func(s flow.State) bool { return s.Problem.Kind == flow.Unreachable && s.Busy == flow.Idle })
	d.cable.mend()
	d.until("the link is up", linked(flow.LinkUp))
	d.until("both are stored, in order, once", func(s flow.State) bool { return deliveries(s) == "before:2 one:2 two:2" })
	d.do(flow.Action{Verb: flow.SendText, Room: room, Text: "after"})
	d.until("and it goes on", func(s flow.State) bool { return deliveries(s) == "before:2 one:2 two:2 after:2" })
}

// While the server is away, nobody can keep a lock's key: it is a log-out.
func TestALockWithoutAServerIsALogOut(t *testing.T) {
	w := chattest.New(t, nil)
	d, _ := inKitchen(t, w)
	d.cable.pull()
	d.until("the link is down", linked(flow.LinkDown))
	d.k.Post(flow.LockAsked{})
	if s := d.until("logged out", on(flow.LogIn)); s.Problem.Kind != flow.LockedOffline || s.Person.Name != "" {
		t.Errorf("%+v", s)
	}
	d.cable.mend()
	d.until("the link is up", linked(flow.LinkUp))
	d.logIn("ada", 1)
}

// A server that falls while the desk is locked is waited for; the lock's time goes on.
func TestTheServerIsLostWhileLocked(t *testing.T) {
	w := chattest.New(t, nil)
	d, _ := inKitchen(t, w)
	d.k.Post(flow.LockAsked{})
	d.until("locked", on(flow.Locked))
	d.cable.pull()
	d.until("the link is down", linked(flow.LinkDown))
	d.k.Post(flow.Pressed{})
	d.until("no unlock without it", func(s flow.State) bool { return s.Page == flow.Locked && s.Problem.Kind == flow.Unreachable })
	d.cable.mend()
	d.until("the link is up", linked(flow.LinkUp))
	d.k.Post(flow.Pressed{})
	d.until("ada is back", on(flow.Inside))

	d.k.Post(flow.LockAsked{})
	d.until("locked", on(flow.Locked))
	w.Clock.Move(31 * time.Minute)
	d.k.Post(flow.Pressed{})
	if s := d.until("too late", on(flow.LogIn)); s.Problem.Kind != flow.LockedTooLong || s.Person.Name != "" {
		t.Errorf("%s", brief(s))
	}
	d.logIn("ada", 1)
}

// What the server has ended stays ended, however the link was lost.
func TestASessionThatTheServerEnded(t *testing.T) {
	w := chattest.New(t, nil)
	d, _ := inKitchen(t, w)
	d.cable.pull()
	d.until("the link is down", linked(flow.LinkDown))
	w.Clock.Move(13 * time.Hour)
	d.cable.mend()
	if s := d.until("the log-in", on(flow.LogIn)); s.Problem.Kind != flow.SessionEnded || s.Talk != nil {
		t.Errorf("%s", brief(s))
	}
	d.logIn("ada", 1)
}

// A server that starts anew knows no sessions: neither one that goes on nor one that is locked.
func TestAServerThatStartsAnew(t *testing.T) {
	w := chattest.New(t, nil)
	d, _ := inKitchen(t, w)
	w.Stop()
	d.until("the link is down", linked(flow.LinkDown))
	w.Start(nil)
	if s := d.until("the log-in", on(flow.LogIn)); s.Problem.Kind != flow.SessionEnded {
		t.Errorf("%s", brief(s))
	}
	d.logIn("ada", 1)
	d.k.Post(flow.LockAsked{})
	d.until("locked", on(flow.Locked))
	w.Stop()
	d.until("the link is down", linked(flow.LinkDown))
	w.Start(nil)
	if s := d.until("the log-in", on(flow.LogIn)); s.Problem.Kind != flow.LockedTooLong {
		t.Errorf("%s", brief(s))
	}
}

// A dead eye mends itself; while it is dead, the desk locks after its grace.
func TestADeadEye(t *testing.T) {
	w := chattest.New(t, nil)
	d := founded(t, w)
	if e := d.state().Eye; e.Stage != flow.EyeOpen || !e.Virtual || e.Camera != chattest.Camera().Name {
		t.Fatalf("%+v", e)
	}
	for _, c := range []struct {
		err  error
		says flow.Kind
	}{
		{biometrics.ErrCameraMissing, flow.CameraGone}, {biometrics.ErrCameraBusy, flow.CameraBusy},
		{biometrics.ErrCameraDenied, flow.CameraDenied}, {biometrics.ErrCameraDark, flow.CameraDark},
		{biometrics.ErrCameraBright, flow.CameraBright}, {biometrics.ErrCameraFrozen, flow.CameraFrozen}, {biometrics.ErrCameraSlow, flow.CameraSlow},
	} {
		d.eye.breakWith(fmt.Errorf("open camera: %w", c.err))
		d.emit(eye.CameraFailed{Err: c.err})
		d.until("it is said", func(s flow.State) bool { return s.Eye.Stage == flow.EyeFailed && s.Eye.Problem.Kind == c.says })
		d.eye.breakWith(nil)
		s := d.until("it is open again", func(s flow.State) bool { return s.Eye.Stage == flow.EyeOpen })
		if s.Eye.Back != (c.says == flow.CameraGone) {
			t.Errorf("after %s it is said to be found again: %t", c.says, s.Eye.Back)
		}
	}
	d.until("that is said for a while", func(s flow.State) bool { return !s.Eye.Back })
	d.emit(eye.CameraTrouble{Err: biometrics.ErrCameraDark})
	d.until("a shutter", func(s flow.State) bool { return s.Eye.Problem.Kind == flow.CameraDark })
	d.emit(eye.CameraTrouble{})
	d.until("it is opened", func(s flow.State) bool { return s.Eye.Stage == flow.EyeOpen })
	d.emit(eye.NoWeights{Err: eye.ErrNoWeights})
	d.until("it has no weights", func(s flow.State) bool { return s.Eye.Problem.Kind == flow.NoWeights })
	d.emit(eye.Ready{Weights: "made up"})
	d.until("it has", func(s flow.State) bool { return s.Eye.Stage == flow.EyeOpen })

	d.logIn("ada", 1)
	d.before = 0
	d.sees(1, 1)
	d.emit(eye.Died{Err: eye.ErrDied})
	if s := d.state(); s.Page != flow.Inside || s.Eye.Problem.Kind != flow.EyeDied {
		t.Fatalf("%s", brief(s))
	}
	for range 14 * 4 {
		d.clock.move(250 * time.Millisecond)
		d.settle()
	}
	if s := d.state(); s.Page != flow.Inside {
		t.Errorf("locked before the grace was over: %s", d.pages())
	}
	d.until("locked, since nobody can say who is there", on(flow.Locked))
	d.emit(eye.Ready{Weights: "made up"})
	d.emit(eye.CameraOpened{Info: chattest.Camera()})
	d.k.Post(flow.Pressed{})
	d.until("ada is back", on(flow.Inside))
}

// An eye that sees nothing good is no failed try; the person tries again.
func TestNoGoodPicture(t *testing.T) {
	w := chattest.New(t, nil)
	d := founded(t, w)
	d.k.Post(flow.LogInAsked{Name: "ada", Password: password("ada")})
	d.until("a look", on(flow.Look))
	for _, c := range []struct {
		err  error
		says flow.Kind
	}{
		{&eye.SettleError{Reason: biometrics.TooDark}, flow.NoGoodPicture}, {&eye.SettleError{Blind: true}, flow.NothingSeen},
		{eye.ErrDied, flow.Interrupted}, {biometrics.ErrCameraDark, flow.CameraDark},
	} {
		d.mu.Lock()
		d.face = w.Eye(1)
		d.face.Err = c.err
		d.mu.Unlock()
		d.k.Post(flow.Pressed{})
		s := d.until("trouble", func(s flow.State) bool { return s.Page == flow.Look && s.Problem.Kind == c.says && s.Busy == flow.Idle })
		if c.says == flow.NoGoodPicture && s.Problem.Reason != biometrics.TooDark {
			t.Errorf("%+v", s.Problem)
		}
	}
	d.showFace(1)
	d.k.Post(flow.Pressed{})
	d.until("ada inside", on(flow.Inside))
}

// Before the press, the picture's trouble is told; who never presses has gone, and the password with him.
func TestNobodyPresses(t *testing.T) {
	w := chattest.New(t, nil)
	d := founded(t, w)
	typed := password("ada")
	d.k.Post(flow.LogInAsked{Name: "ada", Password: typed})
	d.until("a look", on(flow.Look))
	var dark biometrics.Quality
	d.clock.move(time.Second)
	d.emit(eye.Seen{Face: biometrics.Face{Quality: dark.With(biometrics.TooDark)}})
	if c := d.state().Capture; !c.Seen || len(c.Reasons) != 1 || c.Reasons[0] != biometrics.TooDark {
		t.Errorf("%+v", c)
	}
	d.clock.move(2 * time.Minute)
	d.until("the log-in", on(flow.LogIn))
	for i, b := range typed {
		if b != 0 {
			t.Fatalf("byte %d of the password is still there", i)
		}
	}
}

// Passwords are wiped after whatever came of them.
func TestPasswordsAreWiped(t *testing.T) {
	w := chattest.New(t, nil)
	d := founded(t, w)
	wrong, right, weak := password("nobody"), password("ada"), flow.Password("1234567890")
	d.k.Post(flow.LogInAsked{Name: "ada", Password: wrong})
	d.until("a wrong password", said(flow.WrongPassword))
	d.k.Post(flow.Went{To: flow.SignUp})
	d.k.Post(flow.SignUpAsked{Name: "ben", Email: "b@example.org", Password: weak, Consent: "yes"})
	d.until("a weak password", said(flow.WeakPassword))
	d.k.Post(flow.Went{To: flow.LogIn})
	d.until("the log-in", on(flow.LogIn))
	d.k.Post(flow.LogInAsked{Name: "ada", Password: right})
	d.until("a look", on(flow.Look))
	d.k.Post(flow.Pressed{})
	d.until("inside", on(flow.Inside))
	for _, p := range []flow.Password{wrong, right, weak} {
		if strings.Trim(string(p), "\x00") != "" {
			t.Errorf("a password of %d bytes is still there", len(p))
		}
	}
}

// A sign-up's form is refused before a face is asked for.
func TestForms(t *testing.T) {
	w := chattest.New(t, nil)
	d := founded(t, w)
	d.k.Post(flow.Went{To: flow.SignUp})
	for _, c := range []struct {
		form flow.SignUpAsked
		says flow.Kind
	}{
		{flow.SignUpAsked{Name: "a b", Email: "b@example.org", Password: password("ben"), Consent: "yes"}, flow.BadName},
		{flow.SignUpAsked{Name: "ben", Email: "b@example.org", Password: password("ben")}, flow.NoConsent},
		{flow.SignUpAsked{Name: "ben", Email: "b@example.org", Password: flow.Password("ben ben ben"), Consent: "yes"}, flow.WeakPassword},
	} {
		d.k.Post(c.form)
		d.until("refused", func(s flow.State) bool {
			return s.Page == flow.SignUp && s.Problem.Kind == c.says && s.Busy == flow.Idle
		})
	}
	for _, c := range []struct {
		name, email string
		says        flow.Kind
	}{{"ada", "a@example.org", flow.NameTaken}, {"ben", "nowhere", flow.BadEmail}} {
		d.k.Post(flow.SignUpAsked{Name: c.name, Email: c.email, Password: password("somebody"), Consent: "yes"})
		d.until("refused by the server", func(s flow.State) bool { return s.Page == flow.SignUp && s.Problem.Kind == c.says })
	}
}

func TestBadInvites(t *testing.T) {
	w := chattest.New(t, nil)
	used := w.Invite()
	w.Enrol(used, "another")
	d := newDesk(t, w, "first")
	d.until("a desk without keys", on(flow.Enrol))
	for _, invite := range []string{"", "hello", used[:len(used)-2] + "xx", used} {
		d.k.Post(flow.EnrolAsked{Invite: flow.NewSecret(invite), Name: "counter"})
		d.until("refused", func(s flow.State) bool {
			return s.Page == flow.Enrol && s.Problem.Kind == flow.BadInvite && s.Busy == flow.Idle
		})
		d.k.Post(flow.Dismissed{})
	}
}

// A look that was left leads nowhere, whenever it is left; the next one works.
func TestCancelledLooks(t *testing.T) {
	w := chattest.New(t, nil)
	d := founded(t, w)
	hold := make(chan struct{})
	d.mu.Lock()
	d.hold = hold
	d.mu.Unlock()
	d.k.Post(flow.LogInAsked{Name: "ada", Password: password("ada")})
	d.until("a look", on(flow.Look))
	d.k.Post(flow.Pressed{})
	d.until("the challenge", func(s flow.State) bool { return s.Capture.Fraction > 0 })
	d.k.Post(flow.Cancelled{})
	d.until("the log-in", on(flow.LogIn))
	close(hold)
	d.mu.Lock()
	d.hold = nil
	d.mu.Unlock()
	d.logIn("ada", 1)

	d.k.Post(flow.LockAsked{})
	d.until("locked", on(flow.Locked))
	hold = make(chan struct{})
	d.mu.Lock()
	d.hold = hold
	d.mu.Unlock()
	d.k.Post(flow.Pressed{})
	d.until("the challenge", func(s flow.State) bool { return s.Capture.Fraction > 0 })
	d.k.Post(flow.Cancelled{})
	d.until("locked again", on(flow.Locked))
	d.mu.Lock()
	d.hold = nil
	d.mu.Unlock()
	d.k.Post(flow.Pressed{})
	d.until("ada is back", on(flow.Inside))
	d.k.Post(flow.LogOutAsked{})
	if s := d.until("logged out", on(flow.LogIn)); s.Note != flow.NoteLoggedOut {
		t.Errorf("%s", brief(s))
	}
}

// Settings are kept; a broken file is not worth a desk that does not start.
func TestSettings(t *testing.T) {
	w := chattest.New(t, nil)
	d := founded(t, w)
	d.logIn("ada", 1)
	p := d.state().Prefs
	p.Theme, p.TextSize, p.Camera, p.Away = flow.ThemeDark, 115, "/dev/video2", 30*time.Second
	d.k.Post(flow.PrefsPicked{Prefs: p})
	d.until("used", func(s flow.State) bool { return s.Prefs == p })
	d.settle()
	d.until("the other camera", func(flow.State) bool {
		d.eye.mu.Lock()
		defer d.eye.mu.Unlock()
		return len(d.eye.opened) > 0 && d.eye.opened[len(d.eye.opened)-1] == "/dev/video2"
	})
	d.seesNobody(100)
	if d.state().Page != flow.Inside {
		t.Errorf("25 s are not yet away: %s", d.pages())
	}
	if err := d.stop(); err == nil || errors.Is(err, errors.ErrUnsupported) {
		t.Fatal(err)
	}
	again := newDesk(t, w, "first")
	s := again.until("the log-in", on(flow.LogIn))
	if s.Prefs != p || s.Desk.Organisation != "Café Visavis" || s.Desk.Name != "counter" {
		t.Errorf("%+v %+v", s.Prefs, s.Desk)
	}
}

// However much is said at once, the window gets at most thirty views a second.
func TestViewsAreCoalesced(t *testing.T) {
	w := chattest.New(t, nil)
	d, room := inKitchen(t, w)
	d.sees(1, 2) // the last view is older than a thirtieth of a second
	views := 0
	d.stopped(func() {
		d.k.world.trace = func(e flow.Event, _ []flow.Effect) {
			if _, ok := e.(flow.TalkIs); ok {
				views++
			}
		}
	})
	for i := range 60 {
		d.do(flow.Action{Verb: flow.SendText, Room: room, Text: fmt.Sprintf("message %d", i)})
	}
	d.settle()
	d.stopped(func() {
		if views > 1 {
			t.Errorf("%d views while the clock stood still", views)
		}
	})
	d.until("all are stored", func(s flow.State) bool {
		return strings.Count(deliveries(s), ":2") == 60 && strings.HasSuffix(deliveries(s), "message 59:2")
	})
}
