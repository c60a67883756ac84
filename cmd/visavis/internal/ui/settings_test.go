package ui

import (
	"testing"
	"time"

	"visavis/cmd/visavis/internal/flow"
)

func TestSettings(t *testing.T) {
	w := newWorld(t, screens[1])
	s := insideStates()["settings"]
	w.Show(s)
	w.take()
	picked := func(text string) flow.Prefs {
		t.Helper()
		w.press(text)
		return w.only().(flow.PrefsPicked).Prefs
	}
	if got := picked(say("settings.theme.dark")); got.Theme != flow.ThemeDark || got.TextSize != 100 {
		t.Errorf("got %+v", got)
	}
	if got := picked("130 %"); got.TextSize != 130 {
		t.Errorf("got %+v", got)
	}
	if got := picked(say("settings.seconds", "count", 60)); got.Away != time.Minute {
		t.Errorf("got %+v", got)
	}
	if got := picked(say("settings.virtual", "name", "Puppet")); got.Camera != "puppet" {
		t.Errorf("got %+v", got)
	}
	w.Frame(portrait(64, 48))
	if w.kit.pictures.now == nil {
		t.Error("there is no live picture")
	}
	s.Panel = flow.NoPanel
	w.Show(s)
	if w.kit.pictures.now != nil || len(w.kit.pictures.views) != 0 {
		t.Error("a picture outlived the panel")
	}
	s = insideStates()["settings-none"]
	w.Show(s)
	p := w.panel.(*settings)
	for _, b := range p.away.buttons {
		if !b.Disabled() {
			t.Error("a passer-by may change how soon an empty chair locks")
		}
	}
	if !p.shield.Disabled() {
		t.Error("a passer-by may take the veil off others' rooms")
	}
}

// TestCalm holds that the light may be left out, unless the organisation asks for it, and that showing a choice is no choosing.
func TestCalm(t *testing.T) {
	w := newWorld(t, screens[1])
	s := insideStates()["settings"]
	s.Prefs.Calm = true
	w.Show(s)
	if events := w.take(); len(events) != 0 {
		t.Fatalf("to show the settings posts %v", events)
	}
	p := w.panel.(*settings)
	if !p.calm.Checked || !p.shield.Checked {
		t.Error("what was picked is not shown")
	}
	p.calm.SetChecked(false)
	if got := w.only().(flow.PrefsPicked).Prefs; got.Calm {
		t.Error("it stays calm")
	}
	w.take()
	p.shield.SetChecked(false)
	if got := w.only().(flow.PrefsPicked).Prefs; got.Shield != flow.ShieldNotice {
		t.Errorf("%+v", got)
	}
	s.Desk.Lamp = true
	w.Show(s)
	if !p.calm.Disabled() || p.calm.Checked || p.why.Text != say("settings.calm.asked") {
		t.Error("the organisation asks for the light, and the settings do not say so")
	}
}

// TestUnpluggedCamera holds that a camera that was picked and is not there is said to be waited for, and one that is there is not.
func TestUnpluggedCamera(t *testing.T) {
	for _, c := range []struct {
		picked  string
		cameras []flow.Camera
		says    bool
	}{
		{"", nil, false}, {"", castCameras(), false}, {castCameras()[0].Source, castCameras(), false},
		{castCameras()[1].Source, castCameras()[:1], true}, {castCameras()[1].Source, nil, true},
	} {
		w := newWorld(t, screens[0])
		s := insideStates()["settings"]
		s.Prefs.Camera, s.Cameras = c.picked, c.cameras
		w.Show(s)
		if got := w.says(say("settings.unplugged")); got != c.says {
			t.Errorf("%q of %d: %t", c.picked, len(c.cameras), got)
		}
	}
}
