package ui

import (
	"fmt"
	"maps"
	"os"
	"testing"
	"time"

	"visavis/chat/e2e"
	"visavis/cmd/visavis/internal/flow"
	"visavis/cmd/visavis/internal/talk"
	"visavis/models"
	"visavis/models/audit"
)

// insideStates are the page and its panels, each as full as it gets, and as empty.
func insideStates() map[string]flow.State {
	states := roomStates()
	maps.Copy(states, twiceStates())
	return states
}

func roomStates() map[string]flow.State {
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
		"keys": with(func(s *flow.State) { s.Panel, s.Keys = flow.MyKeys, flow.OwnKeys{Since: morning} }),
		"keys-waits": with(func(s *flow.State) {
			s.Panel, s.Keys = flow.MyKeys, flow.OwnKeys{Since: morning, Asked: true, Known: true, Compared: true, Fingerprint: print4}
		}),
		"keys-wrong": with(func(s *flow.State) {
			s.Panel, s.Problem = flow.MyKeys, flow.Problem{Kind: flow.WrongProof}
		}),
		"approvals-keys": with(func(s *flow.State) {
			s.Panel, s.Admin.Signups = flow.Approvals, []flow.Signup{{Account: account(60), Name: long, At: morning, Keys: flow.CompareExposed}}
		}),
		"desks": panel(flow.Desks),
		"desks-invite": with(func(s *flow.State) {
			s.Panel, s.Secret = flow.Desks, flow.NewSecret("visavis-invite-1:"+fmt.Sprint(longInvite))
		}),
		"help": panel(flow.Help),
		"help-code": with(func(s *flow.State) {
			s.Panel, s.Secret, s.Until = flow.Help, flow.NewSecret("abcd-efgh-ij23"), morning
		}),
		"approvals-anew": with(func(s *flow.State) { s.Panel, s.Admin.Signups[0].Renews = flow.Approvals, true }),
		"invite":         panel(flow.Invite),
		"invite-all":     with(func(s *flow.State) { s.Panel, s.Talk.People = flow.Invite, s.Talk.People[:6] }),
		"newroom":        panel(flow.NewRoom),
		"inside-hold": with(func(s *flow.State) {
			s.Talk.Open.Changed = []talk.Newcomer{{Person: talk.Person{ID: account(4), Name: long, Standing: e2e.StandingChanged}, Identity: models.Hash{1}}}
			s.Talk.Open.Lines = append(s.Talk.Open.Lines, talk.Line{ID: 99, Kind: talk.Message, At: morning, By: lena, Mine: true, Text: "For you alone.", Delivery: talk.Held, Message: models.MessageID{99}})
		}),
		"inside-direct": with(func(s *flow.State) {
			s.Talk.Rooms[0].Peer, s.Talk.Rooms[0].Title = account(2), jose
			s.Talk.Open.Room = s.Talk.Rooms[0]
			s.Talk.Open.Members, s.Talk.Open.CanAsk = s.Talk.Open.Members[:2], false
			s.Talk.Open.Rules.MaxAge = 86400
		}),
		"people": with(func(s *flow.State) {
			s.Panel = flow.People
			for i := range s.Talk.People {
				s.Talk.People[i].Standing = e2e.Standing(1 + i%4)
			}
		}),
		"people-alone":     with(func(s *flow.State) { s.Panel, s.Talk.People = flow.People, s.Talk.People[:1] }),
		"someone":          someoneState(e2e.StandingOpen, jose),
		"someone-verified": someoneState(e2e.StandingVerified, jose),
		"someone-handedon": someoneState(e2e.StandingHandedOn, long),
		"someone-changed":  someoneState(e2e.StandingChanged, long),
		"someone-scan":     with(func(s *flow.State) { *s = someoneState(e2e.StandingOpen, jose); s.Scans = true }),
		"someone-looking":  with(func(s *flow.State) { s.Panel, s.Peer = flow.Someone, flow.Peer{Account: account(2)} }),
		"rules":            panel(flow.RoomRules),
		"rules-member": with(func(s *flow.State) {
			s.Panel, s.Talk.Open.Owner, s.Talk.Open.Rules.MaxAge = flow.RoomRules, false, 86400
		}),
		"pepper":        pepperState(flow.Peppers{Looked: true, Moved: 41, All: 41}, ""),
		"pepper-moving": pepperState(flow.Peppers{Looked: true, Moved: 17, All: 41, Older: 1}, ""),
		"pepper-text":   pepperState(flow.Peppers{Looked: true, Moved: 1, All: 41, Older: 1}, somePepper),
		"pepper-problem": func() flow.State {
			s := pepperState(flow.Peppers{}, "")
			s.Problem = flow.Problem{Kind: flow.NoPepper}
			return s
		}(),
		"audit-good":    auditState(flow.NoProblem),
		"audit-cut":     auditState(flow.AuditCut),
		"audit-looking": panel(flow.AuditLog),
		"members":       panel(flow.Members),
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

// someoneState shows somebody of a standing.
func someoneState(standing e2e.Standing, name string) flow.State {
	s := insideState()
	s.Panel, s.Peer = flow.Someone, flow.Peer{Account: account(2), Name: name, Identity: models.Hash{2}, Number: castNumber, Standing: standing}
	if standing != e2e.StandingOpen {
		s.Peer.Verified = morning.Add(-40 * 24 * time.Hour)
	}
	return s
}

const castNumber = "590936942083681270057161815678090786738248387351329381369043"

func auditState(k flow.Kind) flow.State {
	s := insideState()
	s.Panel = flow.AuditLog
	s.Audit = flow.Audit{Looked: morning, Changed: k, Kept: audit.Head{Size: 41_207, Root: models.Hash{1, 2, 3, 250}}, Shown: audit.Head{Size: 39_900, Root: models.Hash{4, 5, 6}}}
	return s
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
