package ui

import (
	"fmt"
	"os"
	"testing"
	"time"

	"fyne.io/fyne/v2"

	"visavis/biometrics"
	"visavis/biometrics/liveness"
	"visavis/chat/e2e"
	"visavis/cmd/visavis/internal/flow"
)

// sizes of the screens that everything has to fit.
var screens = []fyne.Size{{Width: 1280, Height: 800}, {Width: 1024, Height: 600}}

const (
	someSheet = "visavis root sheet 1\norg: ABCD-EFGH-IJKL-MNOP-QRST-UVWX-YZ23-4567-ABCD-EFGH-IJKL-MNOP-QRST-UV\n" +
		"ca: 4567-EFGH-IJKL-MNOP-QRST-UVWX-YZ23-4567-ABCD-EFGH-IJKL-MNOP-QRST-UV\n" +
		"root: QRST-EFGH-IJKL-MNOP-QRST-UVWX-YZ23-4567-ABCD-EFGH-IJKL-MNOP-QRST-UV\n" +
		"pepper: IJKL-EFGH-IJKL-MNOP-QRST-UVWX-YZ23-4567-ABCD-EFGH-IJKL-MNOP-QRST-UV\n"
	somePhrase = "abcd-efgh-ijkl-mnop-qrst-uvwx-yz23-4567"
	somePrint  = "ABCD-EFGH-IJKL-MNOP-QRST"
)

// desk is a state with what every page shows.
func desk(page flow.Page) flow.State {
	s := flow.Start()
	s.Page = page
	s.Desk = flow.Desk{Name: "Reception", Organisation: "Riverside Clinic", Server: "chat.example.org:7443"}
	s.Link, s.Eye = flow.LinkUp, flow.Eye{Stage: flow.EyeOpen, Camera: "Integrated Camera"}
	return s
}

// entryStates are pages before and around a session, each as full as it gets.
func entryStates() map[string]flow.State {
	with := func(page flow.Page, change func(*flow.State)) flow.State {
		s := desk(page)
		change(&s)
		return s
	}
	look := func(c flow.Capture, busy flow.Busy) flow.State {
		return with(flow.Look, func(s *flow.State) { s.Capture, s.Busy = c, busy })
	}
	failed := func(page flow.Page, p flow.Problem) flow.State {
		return with(page, func(s *flow.State) { s.Problem = p })
	}
	recall := func(s *flow.State) { s.Recall.Places, s.Capture.Purpose = e2e.Recall{2, 5, 8}, flow.ToTry }
	return map[string]flow.State{
		"starting":        flow.Start(),
		"starting-failed": failed(flow.Starting, flow.Problem{Kind: flow.DeskFile}),
		"enrol":           with(flow.Enrol, func(s *flow.State) { s.Desk = flow.Desk{} }),
		"enrol-refused":   failed(flow.Enrol, flow.Problem{Kind: flow.BadInvite}),
		"found":           desk(flow.Found),
		"found-busy":      with(flow.Found, func(s *flow.State) { s.Busy = flow.Founding }),
		"sheet":           with(flow.Sheet, func(s *flow.State) { s.Secret = flow.NewSecret(someSheet) }),
		"login":           desk(flow.LogIn),
		"login-busy":      with(flow.LogIn, func(s *flow.State) { s.Busy = flow.Checking }),
		"login-note":      with(flow.LogIn, func(s *flow.State) { s.Note = flow.NoteLoggedOut }),
		"login-many":      failed(flow.LogIn, flow.Problem{Kind: flow.TooMany, Wait: 95 * time.Second}),
		"login-down": with(flow.LogIn, func(s *flow.State) {
			s.Problem, s.Link = flow.Problem{Kind: flow.Unreachable}, flow.LinkDown
			s.Eye = flow.Eye{Stage: flow.EyeFailed, Problem: flow.Problem{Kind: flow.EyeDied}}
		}),
		"login-puppet": with(flow.LogIn, func(s *flow.State) { s.Eye.Virtual = true }),
		"signup":       desk(flow.SignUp),
		"signup-first": with(flow.SignUp, func(s *flow.State) { s.Founder = true }),
		"signup-weak":  failed(flow.SignUp, flow.Problem{Kind: flow.WeakPassword}),
		"recover":      desk(flow.Recover),
		"recover-no":   failed(flow.Recover, flow.Problem{Kind: flow.WrongPhrase}),
		"root":         desk(flow.ByRoot),
		"root-no":      failed(flow.ByRoot, flow.Problem{Kind: flow.OtherSheet}),
		"root-people":  rootState(flow.Idle, flow.Problem{}),
		"root-wrong":   rootState(flow.Idle, flow.Problem{Kind: flow.WrongPrint}),
		"bring":        desk(flow.Bring),
		"bring-no":     failed(flow.Bring, flow.Problem{Kind: flow.BadPepper}),
		"login-bring":  failed(flow.LogIn, flow.Problem{Kind: flow.NoPepper}),
		"renew":        desk(flow.Renew),
		"renew-weak":   failed(flow.Renew, flow.Problem{Kind: flow.WeakPassword}),
		"look-recover": look(flow.Capture{Purpose: flow.ToRecover, Seen: true}, flow.Idle),
		"look-code":    with(flow.Look, func(s *flow.State) { s.Capture.Purpose, s.Problem.Kind = flow.ToLogIn, flow.WrongCode }),
		"look-ready":   look(flow.Capture{Purpose: flow.ToLogIn, Seen: true}, flow.Idle),
		"look-dark":    look(flow.Capture{Purpose: flow.ToSignUp, Seen: true, Reasons: []biometrics.Reason{biometrics.TooDark}}, flow.Idle),
		"look-up":      look(flow.Capture{Purpose: flow.ToSignUp, Seen: true, Gesture: liveness.LookUp, Poses: 1 << liveness.TurnLeft, Left: time.Second, Of: 2 * time.Second, Tint: liveness.Warm}, flow.Looking),
		"look-down":    look(flow.Capture{Purpose: flow.ToAgain, Seen: true, Gesture: liveness.LookDown, Reached: true, Left: time.Second, Of: 2 * time.Second}, flow.Looking),
		"look-tilt":    look(flow.Capture{Purpose: flow.ToLogIn, Seen: true, Gesture: liveness.TiltRight, Fraction: 0.6, Left: time.Second, Of: 3 * time.Second, Tint: liveness.Cool}, flow.Looking),
		"look-closer":  look(flow.Capture{Purpose: flow.ToLogIn, Seen: true, Gesture: liveness.ComeCloser, Fraction: 0.6, Left: time.Second, Of: 3 * time.Second, Reasons: []biometrics.Reason{biometrics.Backlit}}, flow.Looking),
		"look-neutral": look(flow.Capture{Purpose: flow.ToLogIn, Seen: true, Gesture: liveness.Neutral, Fraction: 0.6, Left: time.Second, Of: 3 * time.Second}, flow.Looking),
		"look-again":   look(flow.Capture{Purpose: flow.ToAgain, Seen: true}, flow.Idle),
		"look-try": with(flow.Look, func(s *flow.State) {
			s.Capture, s.Note = flow.Capture{Purpose: flow.ToTry, Seen: true}, flow.NoteCaptured
		}),
		"look-unknown":  with(flow.Look, func(s *flow.State) { s.Capture.Purpose, s.Problem.Kind = flow.ToTry, flow.NotRecognised }),
		"look-uncaught": with(flow.Look, func(s *flow.State) { s.Capture.Purpose, s.Problem.Kind = flow.ToSignUp, flow.NotCaptured }),
		"glasses":       desk(flow.Glasses),
		"look-left":     look(flow.Capture{Purpose: flow.ToLogIn, Seen: true, Gesture: liveness.TurnLeft, Fraction: 0.3}, flow.Looking),
		"look-right":    look(flow.Capture{Purpose: flow.ToLogIn, Seen: true, Gesture: liveness.TurnRight, Fraction: 0.7}, flow.Looking),
		"look-finish":   look(flow.Capture{Purpose: flow.ToSignUp, Seen: true, Fraction: 1}, flow.Finishing),
		"look-refused":  with(flow.Look, func(s *flow.State) { s.Capture.Purpose, s.Problem.Kind = flow.ToLogIn, flow.FaceRefused }),
		"look-unlock":   with(flow.Look, func(s *flow.State) { s.Capture.Purpose, s.Person.Name, s.Busy = flow.ToUnlock, "alice", flow.Looking }),
		"phrase":        with(flow.Phrase, func(s *flow.State) { s.Secret = flow.NewSecret(somePhrase) }),
		"recall":        with(flow.Recalled, recall),
		"recall-wrong":  with(flow.Recalled, func(s *flow.State) { recall(s); s.Recall.Wrong[1], s.Recall.Tries = true, 1 }),
		"recall-finish": with(flow.Recalled, func(s *flow.State) { recall(s); s.Busy = flow.Finishing }),
		"waiting":       with(flow.Waiting, func(s *flow.State) { s.Applicant = flow.Applicant{Name: "alice", Fingerprint: somePrint} }),
		"locked":        with(flow.Locked, func(s *flow.State) { s.Person.Name = "alice" }),
		"locked-away":   with(flow.Locked, func(s *flow.State) { s.Person.Name, s.Note = "alice", flow.NoteAway }),
		"locked-sealed": with(flow.Locked, func(s *flow.State) { s.Person.Name, s.Busy = "alice", flow.Locking }),
	}
}

// TestPictures photographs every page, to be looked at.
func TestPictures(t *testing.T) {
	if os.Getenv("VISAVIS_PICTURES") == "" {
		t.Skip("VISAVIS_PICTURES names no folder for pictures")
	}
	large := desk(flow.SignUp)
	large.Prefs.TextSize = 130
	w := newWorld(t, screens[1])
	w.Show(large)
	w.photograph("signup-large")
	large.Page = flow.Look
	w.Show(large)
	w.Frame(portrait(640, 480))
	w.photograph("look-large")
	for _, size := range screens {
		for _, shade := range []flow.Theme{flow.ThemeLight, flow.ThemeDark} {
			for name, s := range entryStates() {
				s.Prefs.Theme = shade
				w := newWorld(t, size)
				w.Show(s)
				if s.Page == flow.Look {
					w.Frame(portrait(640, 480))
					w.pass(time.Second)
				}
				if s.Page == flow.Locked {
					inside := insideState()
					inside.Prefs = s.Prefs
					w.Show(inside)
					w.Show(s)
				}
				w.photograph(fmt.Sprintf("%s-%s-%.0f", name, shade, size.Width))
			}
		}
	}
}
