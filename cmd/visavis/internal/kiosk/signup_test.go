package kiosk

import (
	"errors"
	"strings"
	"testing"

	"visavis/biometrics"
	"visavis/biometrics/eye"
	"visavis/biometrics/liveness"
	"visavis/biometrics/presence"
	"visavis/chat/chattest"
	"visavis/chat/client"
	"visavis/chat/wire"
	"visavis/cmd/visavis/internal/flow"
)

// beginsSignUp fills in a form and comes to the first look.
func (d *desk) beginsSignUp(name string, f chattest.Face) flow.Password {
	d.t.Helper()
	d.showFace(f)
	typed := password(name)
	d.k.Post(flow.Went{To: flow.SignUp})
	d.k.Post(flow.SignUpAsked{Name: name, Email: name + "@example.org", Password: typed, Consent: chattest.Consent})
	d.until("the first look", looksTo(flow.ToSignUp))
	return typed
}

// TestASignUpInSteps captures twice, with somebody else's face in between, and is tried, with somebody else's face first.
func TestASignUpInSteps(t *testing.T) {
	w := chattest.New(t, nil)
	d := founded(t, w)
	typed := d.beginsSignUp("ben", 2)
	d.k.Post(flow.Pressed{})
	d.until("the question of glasses", on(flow.Glasses))
	d.k.Post(flow.AgainAsked{Yes: true})
	d.until("the second look", looksTo(flow.ToAgain))
	d.showFace(3)
	d.k.Post(flow.Pressed{})
	s := d.until("another's face is no second view", said(flow.NotCaptured))
	if s.Capture.Purpose != flow.ToAgain {
		t.Fatalf("it goes on with %s", s.Capture.Purpose)
	}
	d.showFace(2)
	d.k.Post(flow.Pressed{})
	d.until("the try", looksTo(flow.ToTry))
	d.showFace(3)
	d.k.Post(flow.Pressed{})
	d.until("a stranger is not recognised", said(flow.NotRecognised))
	d.showFace(2)
	d.k.Post(flow.Pressed{})
	s = d.until("the phrase", on(flow.Phrase))
	if s.Note != flow.NoteKnown {
		t.Errorf("%+v", s.Note)
	}
	if strings.Trim(string(typed), "\x00") != "" {
		t.Error("the password is still there")
	}
}

// TestFacesAreUsedUp holds that a sign-up whose face can not be captured begins anew by itself, with its form.
func TestFacesAreUsedUp(t *testing.T) {
	w := chattest.New(t, nil)
	d := founded(t, w)
	d.beginsSignUp("ben", 2)
	d.k.Post(flow.Pressed{})
	d.until("the question of glasses", on(flow.Glasses))
	d.k.Post(flow.AgainAsked{})
	d.until("the try", looksTo(flow.ToTry))
	d.showFace(3)
	for range 5 {
		d.k.Post(flow.Pressed{})
		d.settle() // it looks, or has looked
		d.until("not recognised", func(s flow.State) bool { return s.Busy == flow.Idle && s.Problem.Kind == flow.NotRecognised })
	}
	d.showFace(2)
	d.k.Post(flow.Pressed{})
	d.until("no more tries", said(flow.FacesUsed))
	d.k.Post(flow.Skipped{})
	if s := d.until("the phrase all the same", on(flow.Phrase)); s.Note != flow.NoNote {
		t.Errorf("nobody was recognised, and it says %q", s.Note)
	}
}

// TestACutSignUp holds that a sign-up that ended with its connection says so and begins again with the first pictures: the form is kept.
func TestACutSignUp(t *testing.T) {
	w := chattest.New(t, nil)
	d := founded(t, w)
	d.beginsSignUp("ben", 2)
	d.k.Post(flow.Pressed{})
	d.until("the question of glasses", on(flow.Glasses))
	d.k.Post(flow.AgainAsked{})
	d.until("the try", looksTo(flow.ToTry))
	d.cable.pull()
	d.until("the link is down", func(s flow.State) bool { return s.Link == flow.LinkDown })
	d.cable.mend()
	d.k.Post(flow.Pressed{})
	s := d.until("it begins anew", func(s flow.State) bool { return s.Busy == flow.Idle && !s.Problem.IsZero() })
	if s.Page != flow.Look || s.Capture.Purpose != flow.ToSignUp {
		t.Fatalf("%s, to %s", brief(s), s.Capture.Purpose)
	}
	d.k.Post(flow.Pressed{})
	d.until("the question of glasses, once more", on(flow.Glasses))
	d.k.Post(flow.AgainAsked{})
	d.until("the try", looksTo(flow.ToTry))
	d.k.Post(flow.Skipped{})
	d.until("the phrase", on(flow.Phrase))
}

// TestALeftSignUp holds that who leaves at the question or at the try leaves nothing.
func TestALeftSignUp(t *testing.T) {
	w := chattest.New(t, nil)
	d := founded(t, w)
	for _, try := range []bool{false, true} {
		typed := d.beginsSignUp("ben", 2)
		d.k.Post(flow.Pressed{})
		d.until("the question of glasses", on(flow.Glasses))
		if try {
			d.k.Post(flow.AgainAsked{})
			d.until("the try", looksTo(flow.ToTry))
		}
		d.k.Post(flow.Cancelled{})
		d.until("the form", on(flow.SignUp))
		d.settle()
		if strings.Trim(string(typed), "\x00") != "" {
			t.Error("the password is still there")
		}
		d.k.Post(flow.Went{To: flow.LogIn})
		d.until("the log-in", on(flow.LogIn))
	}
}

// TestAnIdleQuestion holds that nobody's password is kept for a question that nobody answers.
func TestAnIdleQuestion(t *testing.T) {
	w := chattest.New(t, nil)
	d := founded(t, w)
	typed := d.beginsSignUp("ben", 2)
	d.k.Post(flow.Pressed{})
	d.still("the question of glasses", on(flow.Glasses))
	d.clock.move(idlePress)
	if s := d.still("nobody answered", on(flow.SignUp)); s.Note != flow.NoteIdle {
		t.Errorf("%q", s.Note)
	}
	d.settle()
	if strings.Trim(string(typed), "\x00") != "" {
		t.Error("the password is still there")
	}
}

// TestAHalfMadeSignUpIsNobodyElses: who is gone from the question or the try for ten seconds has left the sign-up, and whoever sits down then
// finds none to go on with. Before the first capture nothing is there to be taken, and who looks away for a moment stays.
func TestAHalfMadeSignUpIsNobodyElses(t *testing.T) {
	w := chattest.New(t, nil)
	d := founded(t, w)
	for _, try := range []bool{false, true} {
		d.beginsSignUp("ben", 2)
		d.seesNobody(60)
		d.still("the first look waits", looksTo(flow.ToSignUp))
		d.k.Post(flow.Pressed{})
		d.still("the question of glasses", on(flow.Glasses))
		if try {
			d.k.Post(flow.AgainAsked{})
			d.still("the try", looksTo(flow.ToTry))
		}
		d.seesNobody(39)
		d.sees(2, 1)
		d.seesNobody(39)
		d.settle()
		if s := d.state(); s.Page == flow.SignUp {
			t.Fatalf("it ended with %q", s.Note)
		}
		d.seesNobody(2)
		if s := d.still("it ends", on(flow.SignUp)); s.Note != flow.NoteLeft {
			t.Errorf("%q", s.Note)
		}
		d.sees(3, 4)
		d.k.Post(flow.Skipped{})
		d.k.Post(flow.AgainAsked{})
		if s := d.still("the next person's form", on(flow.SignUp)); !s.Secret.IsZero() || d.k.entry != nil {
			t.Error("something of the sign-up is left")
		}
		d.k.Post(flow.Went{To: flow.LogIn})
		d.until("the log-in", on(flow.LogIn))
	}
}

// TestTyping holds that the camera is made ready while somebody types.
func TestTyping(t *testing.T) {
	w := chattest.New(t, nil)
	d := founded(t, w)
	d.eye.mu.Lock()
	before := d.eye.ready
	d.eye.mu.Unlock()
	d.k.Post(flow.Typing{})
	d.settle()
	d.eye.mu.Lock()
	defer d.eye.mu.Unlock()
	if d.eye.ready != before+1 {
		t.Errorf("asked %d times", d.eye.ready-before)
	}
}

// TestAnOnlooker holds that a second face veils the room and no more, and that it is taken off when the face is gone.
func TestAnOnlooker(t *testing.T) {
	w := chattest.New(t, nil)
	d, _ := inKitchen(t, w)
	if d.k.state.Sight().Rate != presence.Rate {
		t.Errorf("it looks %d times a second, and the watch is made for %d", d.k.state.Sight().Rate, presence.Rate)
	}
	var two biometrics.Quality
	two = two.With(biometrics.TwoFaces)
	for range 12 {
		d.clock.move(250e6)
		d.emit(eye.Seen{Face: biometrics.Face{Quality: two}})
	}
	s := d.state()
	if !s.Onlooker || !s.Veiled || s.Page != flow.Inside {
		t.Fatalf("three seconds of two faces: %s, %t, %t", brief(s), s.Onlooker, s.Veiled)
	}
	d.k.Post(flow.ShowAsked{})
	d.settle()
	if s := d.state(); s.Veiled || !s.Onlooker {
		t.Error("the person asked to be shown the room")
	}
	d.sees(d.before, 16)
	if s := d.state(); s.Onlooker || s.Veiled || s.Page != flow.Inside {
		t.Errorf("alone again: %s, %t", brief(s), s.Onlooker)
	}
}

// TestTheVeilIsThePersons holds that an onlooker who is alone at the desk for a moment does not take the veil off, by its button or by the settings,
// and that it stays while the person is away.
func TestTheVeilIsThePersons(t *testing.T) {
	w := chattest.New(t, nil)
	d, _ := inKitchen(t, w)
	d.k.Post(flow.PrefsPicked{Prefs: flow.Prefs{Theme: flow.ThemeSystem, TextSize: 100, Away: 30e9, Shield: flow.ShieldBlur}})
	two := biometrics.Quality(0).With(biometrics.TwoFaces)
	for range 12 {
		d.clock.move(250e6)
		d.emit(eye.Seen{Face: biometrics.Face{Quality: two}})
	}
	d.seesNobody(20) // the person has gone, and the onlooker keeps out of the camera's view
	bare := d.state().Prefs
	bare.Shield = flow.ShieldNotice
	for _, e := range []flow.Event{flow.ShowAsked{}, flow.PrefsPicked{Prefs: bare}} {
		d.k.Post(e)
		d.settle()
		if s := d.state(); !s.Veiled || s.Page != flow.Inside || s.Prefs.Shield != flow.ShieldBlur {
			t.Errorf("%T with nobody in view: %s, veiled %t, %s", e, brief(s), s.Veiled, s.Prefs.Shield)
		}
	}
	d.sees(d.before, 16)
	if s := d.state(); s.Veiled || s.Onlooker {
		t.Error("the person is back alone, and the veil is not off")
	}
}

// cued notes what an eye is told.
type cued struct {
	eye.Watched
	cues []eye.Cue
}

func (c *cued) Cue(x eye.Cue) { c.cues = append(c.cues, x) }

// TestAnUnlitWindowTellsOfNoLight holds that the eye is told of the light that the window shows, and of no other.
func TestAnUnlitWindowTellsOfNoLight(t *testing.T) {
	c := new(cued)
	u := unlit{c}
	u.Cue(eye.Cue{Step: 1, Gesture: liveness.TurnLeft, Tint: liveness.Warm})
	u.Cue(eye.Cue{})
	if len(c.cues) != 2 || c.cues[0].Tint != liveness.Plain || c.cues[0].Gesture != liveness.TurnLeft || c.cues[1] != (eye.Cue{}) {
		t.Errorf("%+v", c.cues)
	}
}

// TestAFlawIsTold holds that a face that was refused is told what its movements lacked, where that is what was wrong.
func TestAFlawIsTold(t *testing.T) {
	refused := wire.Refuse(wire.CodeFace)
	for _, c := range []struct {
		err   error
		where place
		flaw  liveness.Reason
		want  flow.Problem
	}{
		{refused, looking, liveness.NotUp, flow.Problem{Kind: flow.FaceRefused, Flaw: liveness.NotUp}},
		{refused, capturing, liveness.NotDown, flow.Problem{Kind: flow.NotCaptured, Flaw: liveness.NotDown}},
		{refused, trying, liveness.Followed, flow.Problem{Kind: flow.NotRecognised}},
		{refused, trying, liveness.Unjudged, flow.Problem{Kind: flow.NotRecognised}},
		{wire.Wait(9), looking, liveness.NotUp, flow.Problem{Kind: flow.TooMany, Wait: 9e9}},
	} {
		if got := (&memory{flaw: c.flaw}).refused(c.err, c.where); got != c.want {
			t.Errorf("%v at %d: %+v, want %+v", c.err, c.where, got, c.want)
		}
	}
}

func TestLikeness(t *testing.T) {
	one := client.Lookalike{Name: "ada", Grade: client.Alike}
	same := client.Lookalike{Name: "ben", Grade: client.SameFace}
	for _, c := range []struct {
		list  []client.Lookalike
		names string
		same  bool
	}{
		{nil, "", false}, {[]client.Lookalike{one}, "ada", false}, {[]client.Lookalike{same, one}, "ben, ada", true},
		{[]client.Lookalike{one, one, one, one, same}, "ada, ada, ada, …", true},
	} {
		if names, is := likeness(c.list); names != c.names || is != c.same {
			t.Errorf("%d: %q, %t", len(c.list), names, is)
		}
	}
}

// seer is an eye with a camera and nothing else.
type seer struct {
	probe
	info biometrics.CameraInfo
}

func (s seer) Camera() (biometrics.CameraInfo, error) { return s.info, nil }

// TestAVirtualCameraIsNamedFirst holds that nobody makes gestures before a camera that the server refuses afterwards.
func TestAVirtualCameraIsNamedFirst(t *testing.T) {
	for virtual, want := range map[bool]error{true: wire.Refuse(wire.CodeVirtualCamera), false: nil} {
		if err := cameraAllowed(seer{info: biometrics.CameraInfo{Virtual: virtual}}, new(client.Conn)); !errors.Is(err, want) {
			t.Errorf("virtual %t: %v", virtual, err)
		}
	}
}

// TestACalmWindowsEyeKnowsOfNoLight holds that a look tells the eye of light only where the window shows it.
func TestACalmWindowsEyeKnowsOfNoLight(t *testing.T) {
	for _, c := range []struct{ calm, asked, dark bool }{{false, false, false}, {true, false, true}, {true, true, false}} {
		var watched eye.Watched
		k := &Kiosk{eye: sight{keeper: new(fakeEye)}}
		k.state.Prefs.Calm, k.state.Desk.Lamp = c.calm, c.asked
		k.world.look = func(w eye.Watched, _ func(eye.Progress)) client.Eye { watched = w; return probe{} }
		k.eyeOf(newScope(t.Context()), new(memory))
		if _, dark := watched.(unlit); dark != c.dark {
			t.Errorf("calm %t, asked for %t: told of no light %t", c.calm, c.asked, dark)
		}
	}
}
