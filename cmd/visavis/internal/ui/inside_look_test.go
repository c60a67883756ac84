package ui

import (
	"fmt"
	"os"
	"testing"

	"visavis/cmd/visavis/internal/flow"
	"visavis/cmd/visavis/internal/talk"
)

// insideStates are the page and its panels, each as full as it gets, and as empty.
func insideStates() map[string]flow.State {
	with := func(change func(*flow.State)) flow.State {
		s := insideState()
		change(&s)
		return s
	}
	open := func(change func(*talk.Open)) flow.State {
		return with(func(s *flow.State) { change(s.Talk.Open) })
	}
	panel := func(p flow.Panel) flow.State { return with(func(s *flow.State) { s.Panel = p }) }
	return map[string]flow.State{
		"inside":         insideState(),
		"inside-first":   with(func(s *flow.State) { s.Talk, s.Admin, s.Person.Admin = &talk.View{}, flow.Admin{}, false }),
		"inside-none":    with(func(s *flow.State) { s.Talk.Open = nil }),
		"inside-loading": open(func(o *talk.Open) { o.Lines, o.Loading = nil, true }),
		"inside-empty":   open(func(o *talk.Open) { o.Lines = nil }),
		"inside-waiting": open(func(o *talk.Open) { o.Lines, o.Waiting, o.CanAsk = o.Lines[:5], true, false }),
		"inside-forked":  open(func(o *talk.Open) { o.Forked = true }),
		"inside-many":    open(func(o *talk.Open) { o.Lines = manyLines(10_000) }),
		"inside-problem": with(func(s *flow.State) { s.Problem = flow.Problem{Kind: flow.NotStored} }),
		"inside-looked":  with(func(s *flow.State) { s.Onlooker = true }),
		"inside-veiled":  with(func(s *flow.State) { s.Onlooker, s.Veiled = true, true }),
		"approvals":      panel(flow.Approvals),
		"approvals-like": with(func(s *flow.State) { s.Panel, s.Admin.Signups[0].Like = flow.Approvals, jose }),
		"approvals-same": with(func(s *flow.State) {
			s.Panel, s.Admin.Signups[0].Like, s.Admin.Signups[0].Same = flow.Approvals, long+", "+jose+", "+olga+", …", true
		}),
		"approvals-none": with(func(s *flow.State) { s.Panel, s.Admin.Signups = flow.Approvals, nil }),
		"approvals-scan": with(func(s *flow.State) { s.Panel, s.Scans = flow.Approvals, true }),
		"approvals-wrong": with(func(s *flow.State) {
			s.Panel, s.Problem = flow.Approvals, flow.Problem{Kind: flow.WrongPrint}
		}),
		"desks": panel(flow.Desks),
		"desks-invite": with(func(s *flow.State) {
			s.Panel, s.Secret = flow.Desks, flow.NewSecret("visavis-invite-1:"+fmt.Sprint(longInvite))
		}),
		"invite":     panel(flow.Invite),
		"invite-all": with(func(s *flow.State) { s.Panel, s.Talk.People = flow.Invite, s.Talk.People[:6] }),
		"newroom":    panel(flow.NewRoom),
		"members":    panel(flow.Members),
		"settings": with(func(s *flow.State) {
			s.Panel = flow.Settings
			s.Cameras = castCameras()
			s.Eye.Port = "usb-1.2"
		}),
		"settings-unplugged": with(func(s *flow.State) {
			s.Panel, s.Cameras, s.Prefs.Camera = flow.Settings, castCameras()[:1], "usb:1234:5678"
			s.Eye = flow.Eye{Stage: flow.EyeFailed, Problem: flow.Problem{Kind: flow.CameraGone}}
		}),
		"settings-lamp": with(func(s *flow.State) { s.Panel, s.Desk.Lamp, s.Cameras = flow.Settings, true, castCameras() }),
		"settings-none": with(func(s *flow.State) {
			s.Page, s.Panel, s.Eye = flow.LogIn, flow.Settings, flow.Eye{Stage: flow.EyeFailed, Problem: flow.Problem{Kind: flow.NoCamera}}
		}),
		"about": panel(flow.About),
	}
}

func castCameras() []flow.Camera {
	return []flow.Camera{
		{Name: "Integrated Camera", Kind: "04f2:b6d9", Port: "usb-1.2", Source: "usb:04f2:b6d9?port=usb-1.2"},
		{Name: "A camera with a name that goes on and on and on and on", Kind: "046d:0825 3F1A9C20AA00BB11", Port: "usb-0000:00:14.0-2.4.1", Source: "usb:046d:0825?serial=3F1A9C20AA00BB11"},
		{Name: "Puppet", Kind: "puppet", Port: "puppet", Source: "puppet", Virtual: true},
	}
}

const longInvite = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8gISIjJCUmJygpKissLS4vMDEyMzQ1Njc4OTo7PD0-P0BBQkNERUZHSElKS0xNTk9QUVJTVFVWV1hZWltcXV5fYGFiY2RlZmdoaWprbG1ub3BxcnN0dXZ3eHl6e3x9fn8"

// Every state of the page and its panels fits on both screens.
func TestInsideFits(t *testing.T) {
	oneGoroutine(t)
	looked := []flow.Theme{flow.ThemeLight}
	if os.Getenv("VISAVIS_PICTURES") != "" {
		looked = append(looked, flow.ThemeDark)
	}
	for name, s := range insideStates() {
		for _, size := range screens {
			for _, th := range looked {
				t.Run(fmt.Sprintf("%s-%s-%.0f", name, th, size.Width), func(t *testing.T) {
					w := newWorld(t, size)
					s.Prefs.Theme = th
					w.Show(s)
					w.Frame(portrait(640, 480))
					if got := w.window.Canvas().Size(); got.Width > size.Width || got.Height > size.Height {
						t.Errorf("the window grew to %v", got)
					}
					if got := w.page.content().MinSize(); got.Width > size.Width || got.Height > size.Height-headerRoom {
						t.Errorf("the page needs %v", got)
					}
					inBounds(t, w, name, size)
					if w.panel != nil {
						if got := w.panel.content().MinSize(); got.Width > size.Width-2*gapMax || got.Height > size.Height-2*gapXL-2*gapXL {
							t.Errorf("the panel needs %v", got)
						}
					}
					w.photograph(fmt.Sprintf("%s-%s-%.0f", name, th, size.Width))
				})
			}
		}
	}
}

const headerRoom = 48
