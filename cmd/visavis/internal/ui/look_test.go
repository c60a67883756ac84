package ui

import (
	"image/color"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/theme"

	"visavis/biometrics"
	"visavis/biometrics/liveness"
	"visavis/cmd/visavis/internal/flow"
)

func TestLookByKeys(t *testing.T) {
	w := newWorld(t, screens[0])
	w.Show(desk(flow.Look))
	w.key(fyne.KeyReturn, fyne.KeySpace, fyne.KeyEscape)
	want := []flow.Event{flow.Pressed{}, flow.Pressed{}, flow.Cancelled{}}
	if events := w.take(); !reflect.DeepEqual(events, want) {
		t.Errorf("Enter, Space, Esc post %v", events)
	}
	looking := desk(flow.Look)
	looking.Busy, looking.Capture.Gesture = flow.Looking, liveness.TurnLeft
	w.Show(looking)
	w.key(fyne.KeyReturn, fyne.KeyEscape)
	if events := w.take(); !reflect.DeepEqual(events, want[2:]) {
		t.Errorf("Enter and Esc amid a look post %v", events)
	}
}

// TestWhatMayBeSkipped holds that a log-in's look has nothing to skip, and a sign-up's second and third have.
func TestWhatMayBeSkipped(t *testing.T) {
	for purpose, may := range map[flow.Purpose]bool{
		flow.ToLogIn: false, flow.ToSignUp: false, flow.ToUnlock: false, flow.ToAgain: true, flow.ToTry: true,
	} {
		w := newWorld(t, screens[1])
		s := desk(flow.Look)
		s.Capture.Purpose = purpose
		w.Show(s)
		p := w.page.(*lookPage)
		if p.skip.Visible() != may {
			t.Errorf("%s may be skipped: %t", purpose, !may)
		}
		w.key(fyne.KeyTab, fyne.KeyReturn)
		if events := w.take(); slices.Contains(events, flow.Event(flow.Skipped{})) != may {
			t.Errorf("%s: Tab, Enter post %v", purpose, events)
		}
	}
}

func TestGlassesByKeys(t *testing.T) {
	w := newWorld(t, screens[1])
	w.Show(desk(flow.Glasses))
	w.key(fyne.KeyReturn)
	w.window.Canvas().FocusPrevious()
	w.key(fyne.KeyReturn, fyne.KeyEscape)
	want := []flow.Event{flow.AgainAsked{}, flow.AgainAsked{Yes: true}, flow.Cancelled{}}
	if events := w.take(); !reflect.DeepEqual(events, want) {
		t.Errorf("posted %v, want %v", events, want)
	}
}

// TestAdvice holds that one thing is said at a time, the most urgent.
func TestAdvice(t *testing.T) {
	dark := []biometrics.Reason{biometrics.TooDark, biometrics.Backlit, biometrics.Turned}
	for name, c := range map[string]struct {
		busy    flow.Busy
		eye     flow.EyeStage
		capture flow.Capture
		want    string
		hint    string
	}{
		"no camera yet":       {flow.Idle, flow.EyeOpening, flow.Capture{}, say("eye.opening"), ""},
		"nothing judged yet":  {flow.Idle, flow.EyeOpen, flow.Capture{}, say("look.searching"), ""},
		"dark, before":        {flow.Idle, flow.EyeOpen, flow.Capture{Seen: true, Reasons: dark}, reasonWords(biometrics.Backlit), ""},
		"turned, before":      {flow.Idle, flow.EyeOpen, flow.Capture{Seen: true, Reasons: dark[2:]}, reasonWords(biometrics.Turned), ""},
		"good, before":        {flow.Idle, flow.EyeOpen, flow.Capture{Seen: true}, say("look.ready"), ""},
		"no gesture yet":      {flow.Looking, flow.EyeOpen, flow.Capture{Seen: true}, say("gesture.neutral"), ""},
		"dark, no gesture":    {flow.Looking, flow.EyeOpen, flow.Capture{Seen: true, Reasons: dark}, reasonWords(biometrics.Backlit), ""},
		"dark, amid gestures": {flow.Looking, flow.EyeOpen, flow.Capture{Gesture: liveness.TurnRight, Reasons: dark}, say("gesture.right"), reasonWords(biometrics.Backlit)},
		"turned, as asked":    {flow.Looking, flow.EyeOpen, flow.Capture{Gesture: liveness.TurnRight, Reasons: dark[2:]}, say("gesture.right"), ""},
		"near, as asked": {
			flow.Looking, flow.EyeOpen, flow.Capture{Gesture: liveness.ComeCloser, Reasons: []biometrics.Reason{biometrics.TooClose}}, say("gesture.closer"), "",
		},
		"reached":   {flow.Looking, flow.EyeOpen, flow.Capture{Gesture: liveness.LookUp, Reached: true}, say("gesture.up"), say("look.reached")},
		"finishing": {flow.Finishing, flow.EyeOpen, flow.Capture{Reasons: dark}, say("look.finishing.login"), ""},
	} {
		w := newWorld(t, screens[0])
		s := desk(flow.Look)
		s.Busy, s.Eye.Stage, s.Capture = c.busy, c.eye, c.capture
		s.Capture.Purpose = flow.ToLogIn
		w.Show(s)
		p := w.page.(*lookPage)
		if p.coach.words.Text != c.want || p.coach.hint.Text != c.hint {
			t.Errorf("%s: %q and %q, want %q and %q", name, p.coach.words.Text, p.coach.hint.Text, c.want, c.hint)
		}
	}
}

// TestEveryReasonIsShown holds that none is forgotten in the order in which they are shown, nor by the words.
func TestEveryReasonIsShown(t *testing.T) {
	n := 0
	for r := biometrics.Reason(0); !strings.HasPrefix(r.String(), "unknown"); r++ {
		n++
		if got, some := foremost([]biometrics.Reason{r}); !some || got != r {
			t.Errorf("%v is not shown", r)
		}
		if text := reasonWords(r); strings.HasPrefix(text, "reason.") {
			t.Errorf("%v has no words", r)
		}
	}
	if n != len(urgency) {
		t.Errorf("%d reasons, and an order of %d", n, len(urgency))
	}
	if _, some := foremost(nil); some {
		t.Error("something is wrong with a good picture")
	}
}

// TestEveryGestureIsDrawn holds that each has its drawing, its words, and a time that runs.
func TestEveryGestureIsDrawn(t *testing.T) {
	w := newWorld(t, screens[1])
	n := 0
	for g := liveness.Neutral; !strings.HasPrefix(g.String(), "unknown"); g++ {
		s := desk(flow.Look)
		s.Busy, s.Capture = flow.Looking, flow.Capture{Purpose: flow.ToLogIn, Gesture: g, Left: time.Second, Of: 2 * time.Second, Seen: true}
		w.Show(s)
		p := w.page.(*lookPage)
		if !p.coach.figure.Visible() || p.coach.figure.Resource == nil || !strings.Contains(p.coach.figure.Resource.Name(), gestureNames[g]) {
			t.Errorf("%v is not drawn", g)
		}
		if bar := p.coach.left.Size().Width / p.coach.ground.Size().Width; bar < 0.49 || bar > 0.51 {
			t.Errorf("%v: %.2f of its time is left, and half is", g, bar)
		}
		if p.coach.words.SizeName != textDisplay {
			t.Errorf("%v is too small to read at arm's length", g)
		}
		n++
	}
	if n != len(gestureNames) {
		t.Errorf("%d gestures, %d names", n, len(gestureNames))
	}
}

// TestAReasonStands holds that nothing flickers: what is wrong with every other picture stands, and goes when it could be read.
func TestAReasonStands(t *testing.T) {
	w := newWorld(t, screens[0])
	s := desk(flow.Look)
	s.Capture = flow.Capture{Purpose: flow.ToLogIn, Seen: true, Reasons: []biometrics.Reason{biometrics.TooFar}}
	good := s
	good.Capture.Reasons = nil
	other := s
	other.Capture.Reasons = []biometrics.Reason{biometrics.TooDark}
	w.Show(s)
	p := w.page.(*lookPage)
	var changes int
	last := p.coach.words.Text
	for i := range 60 { // three seconds, twenty pictures each
		w.pass(50 * time.Millisecond)
		w.Show([]flow.State{s, good, other}[i%3])
		if text := p.coach.words.Text; text != last {
			changes, last = changes+1, text
		}
	}
	if changes > 8 {
		t.Errorf("%d changes in three seconds", changes)
	}
	w.Show(s)
	w.pass(time.Second)
	w.Show(s)
	w.Show(good)
	w.pass(reasonTime)
	if p.coach.words.Text != say("look.ready") {
		t.Errorf("%q stays when nothing is wrong any more", p.coach.words.Text)
	}
	w.Show(s)
	w.Show(desk(flow.LogIn)) // a timer that is under way finds nobody
	w.pass(time.Second)
}

// lit shows a tint amid a look, and returns the ground when it has been eased to.
func (w *world) lit(s flow.State, tint liveness.Tint) color.Color {
	s.Page, s.Busy, s.Capture = flow.Look, flow.Looking, flow.Capture{Purpose: flow.ToLogIn, Gesture: liveness.Neutral, Tint: tint, Seen: true}
	w.Show(s)
	w.pass(time.Second)
	return w.page.(*lookPage).lamp.rect.FillColor
}

func TestTheLampShines(t *testing.T) {
	w := newWorld(t, screens[0])
	s := desk(flow.Look)
	for tint, name := range map[liveness.Tint]fyne.ThemeColorName{liveness.Warm: colorLampWarm, liveness.Cool: colorLampCool} {
		if got := w.lit(s, tint); got != theme.Color(name) {
			t.Errorf("tint %d is %v", tint, got)
		}
	}
	if got := w.lit(s, liveness.Plain); got != color.Transparent {
		t.Errorf("the plain light is %v", got)
	}
	calm := s
	calm.Prefs.Calm = true
	if got := w.lit(calm, liveness.Warm); got != color.Transparent {
		t.Errorf("a calm desk is lit %v", got)
	}
	asked := calm
	asked.Desk.Lamp = true
	if got := w.lit(asked, liveness.Warm); got != theme.Color(colorLampWarm) {
		t.Errorf("the organisation asks for light, and gets %v", got)
	}
	w.lit(s, liveness.Cool)
	done := s
	done.Busy = flow.Finishing
	w.Show(done)
	w.pass(time.Second)
	if got := w.page.(*lookPage).lamp.rect.FillColor; got != color.Transparent {
		t.Errorf("after the challenge the light is %v", got)
	}
	asked.Prefs.Theme, asked.Page = flow.ThemeDark, flow.Look
	if lookOf(asked).dark(theme.VariantDark) {
		t.Error("a dark window gives no light")
	}
	asked.Page = flow.LogIn
	if !lookOf(asked).dark(theme.VariantDark) {
		t.Error("a page that needs no light is not dark, as was picked")
	}
}

// TestTheLampNeverFlashes holds that no order of tints, however fast, makes more than 2.5 changes a second, and that each is eased.
func TestTheLampNeverFlashes(t *testing.T) {
	w := newWorld(t, screens[0])
	s := desk(flow.Look)
	s.Busy = flow.Looking
	var lastTint liveness.Tint
	var changes []time.Time
	var far float64
	last := w.lit(s, liveness.Plain)
	for i := range 400 { // eight seconds, a tint every 20 ms
		s.Capture = flow.Capture{Purpose: flow.ToLogIn, Gesture: liveness.Neutral, Tint: liveness.Warm + liveness.Tint(i%2)}
		w.Show(s)
		w.pass(20 * time.Millisecond)
		l := w.page.(*lookPage).lamp
		if l.tint != lastTint {
			lastTint, changes = l.tint, append(changes, w.now)
		}
		if last != color.Transparent {
			far = max(far, contrast(last, l.rect.FillColor))
		}
		last = l.rect.FillColor
	}
	for i := 1; i < len(changes); i++ {
		if gap := changes[i].Sub(changes[i-1]); gap < lampShort-20*time.Millisecond {
			t.Errorf("two changes within %v", gap)
		}
	}
	if len(changes) < 10 || len(changes) > 21 {
		t.Errorf("%d changes in eight seconds", len(changes))
	}
	if far > 1.1 {
		t.Errorf("a step of the light has a contrast of %.2f", far)
	}
}

// TestTheLampIsLow holds that the tints are alike in brightness, and apart in red and blue.
func TestTheLampIsLow(t *testing.T) {
	for _, shade := range []flow.Theme{flow.ThemeLight, flow.ThemeDark} {
		l := look{shade, 100}
		warm, cool := l.Color(colorLampWarm, theme.VariantLight), l.Color(colorLampCool, theme.VariantLight)
		if c := contrast(warm, cool); c > 1.1 {
			t.Errorf("%s: warm and cool have a contrast of %.2f", shade, c)
		}
		wr, _, wb, _ := warm.RGBA()
		cr, _, cb, _ := cool.RGBA()
		if ratio := float64(wr) / float64(wb) / (float64(cr) / float64(cb)); ratio < 1.5 {
			t.Errorf("%s: red to blue changes by %.2f", shade, ratio)
		}
	}
}

// TestTheRingFillsByPose holds that each side is filled by its own turn, as a mirror shows it, and the sign-up's alone.
func TestTheRingFillsByPose(t *testing.T) {
	w := newWorld(t, screens[0])
	s := desk(flow.Look)
	s.Busy = flow.Looking
	s.Capture = flow.Capture{Purpose: flow.ToSignUp, Gesture: liveness.LookUp, Poses: flow.Poses(0).With(liveness.TurnLeft)}
	w.Show(s)
	p := w.page.(*lookPage)
	for tick, want := range map[int]fyne.ThemeColorName{
		0: theme.ColorNamePrimary, 7: theme.ColorNameSeparator, 15: theme.ColorNameSeparator, 30: theme.ColorNameSeparator,
		45: theme.ColorNameSuccess, 52: theme.ColorNamePrimary, 59: theme.ColorNamePrimary,
	} {
		if got := p.ring.moods[tick]; got != want {
			t.Errorf("tick %d is %s, want %s", tick, got, want)
		}
	}
	s.Capture.Purpose, s.Capture.Fraction = flow.ToTry, 0.5
	w.Show(s)
	if p.ring.moods[29] != theme.ColorNamePrimary || p.ring.moods[31] != theme.ColorNameSeparator {
		t.Error("half of the time has gone, and the ring says something else")
	}
}

// TestTheLookFitsLargeText holds that whatever is said, in the largest text and the smallest window, its buttons can be seen and pressed, with a
// banner too, and that what is wrong can be read without a mouse.
func TestTheLookFitsLargeText(t *testing.T) {
	oneGoroutine(t)
	w := newWorld(t, screens[1])
	for _, kind := range []flow.Kind{flow.NotCaptured, flow.NotRecognised, flow.FaceRefused, flow.FacesUsed, flow.CameraGone, flow.Restarting} {
		for _, purpose := range []flow.Purpose{flow.ToLogIn, flow.ToAgain} {
			s := desk(flow.Look)
			s.Prefs.TextSize, s.Capture.Purpose, s.Problem.Kind = 130, purpose, kind
			name := string(kind) + " " + string(purpose)
			w.Show(s)
			p := w.page.(*lookPage)
			at := w.app.Driver().AbsolutePositionForObject
			if at(p.notice.object).Y+p.notice.object.Size().Height > at(p.start).Y {
				t.Errorf("%s: what is wrong has to be scrolled to", name)
			}
			s.Eye.Virtual, s.Desk.Virtual = true, true
			w.Show(s)
			if least := w.window.Content().MinSize(); least.Width > screens[1].Width || least.Height > screens[1].Height {
				t.Errorf("%s needs %v", name, least)
			}
			inBounds(t, w, name, screens[1])
		}
	}
}
