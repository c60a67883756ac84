package kiosk

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"visavis/biometrics"
	"visavis/biometrics/eye"
	"visavis/chat/chattest"
	"visavis/cmd/visavis/internal/flow"
	"visavis/config"
)

// Settings that can not be written, as on a full disk, are used as long as the window runs, and leave no scraps; what stands there then, and is
// no settings, is not worth a desk that does not start.
func TestSettingsThatCanNotBeWritten(t *testing.T) {
	w := chattest.New(t, nil)
	d := founded(t, w)
	path := filepath.Join(d.dir, config.WindowFileName)
	_ = os.Remove(path)
	if err := os.MkdirAll(filepath.Join(path, "in the way"), 0o700); err != nil {
		t.Fatal(err)
	}
	p := d.state().Prefs
	p.Calm, p.Theme = true, flow.ThemeDark
	d.k.Post(flow.PrefsPicked{Prefs: p})
	d.settle()
	if s := d.state(); s.Prefs != p || s.Page != flow.LogIn || s.Lit() {
		t.Errorf("%+v at %s", s.Prefs, brief(s))
	}
	if scraps, err := filepath.Glob(path + ".*"); err != nil || len(scraps) > 0 {
		t.Errorf("scraps: %v, %v", scraps, err)
	}
	d.logIn("ada", 1)
	_ = d.stop()
	again := newDesk(t, w, "first")
	if s := again.until("the log-in all the same", on(flow.LogIn)); s.Prefs != flow.DefaultPrefs() {
		t.Errorf("%+v", s.Prefs)
	}
}

// A camera that says nothing is no empty chair at once: it is given the time that an eye is given to start again. Whatever a broken eye says of
// its camera, and however often, it does not keep a desk open that nobody sits at.
func TestABrokenEyeKeepsNoDeskOpen(t *testing.T) {
	w := chattest.New(t, nil)
	d := founded(t, w)
	d.logIn("ada", 1)
	d.before = 0
	d.sees(1, 1)
	d.emit(eye.CameraTrouble{Err: biometrics.ErrCameraSlow})
	for range 14 * 4 {
		d.clock.move(250 * time.Millisecond)
		d.stopped(func() { d.k.verdict(d.k.watch.Tick(d.clock.Now())) }) // the desk's own ticks may come later
	}
	if s := d.state(); s.Page != flow.Inside {
		t.Fatalf("locked before the grace was over: %s", d.pages())
	}
	said := []eye.Event{
		eye.CameraTrouble{Err: biometrics.ErrCameraSlow}, eye.CameraTrouble{}, eye.CameraFailed{Err: biometrics.ErrCameraMissing, Again: true},
		eye.CameraOpened{Info: chattest.Camera()}, eye.Died{Err: eye.ErrDied}, eye.Ready{}, eye.NoWeights{Err: eye.ErrNoWeights},
		eye.Seen{Face: biometrics.Face{Quality: biometrics.Quality(0).With(biometrics.NoFace)}},
	}
	for i := range 40 * 4 {
		d.clock.move(250 * time.Millisecond)
		for n := range said {
			d.emit(said[(i+n)%len(said)])
		}
		if d.state().Page == flow.Locked {
			return
		}
	}
	t.Errorf("open for ever: %s", d.pages())
}
