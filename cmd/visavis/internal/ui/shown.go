package ui

import (
	"cmp"

	"visavis/biometrics/liveness"
	"visavis/chat/e2e"
	"visavis/cmd/visavis/internal/flow"
)

// Shown is what stands on screen, for who drives the window from outside. It holds no text that somebody wrote.
type Shown struct {
	Page    flow.Page     `json:"page"`
	Panel   flow.Panel    `json:"panel,omitempty"`
	Busy    flow.Busy     `json:"busy,omitempty"`
	Problem flow.Kind     `json:"problem,omitempty"`
	Note    flow.Note     `json:"note,omitempty"`
	Link    flow.Link     `json:"link,omitempty"`
	Eye     flow.EyeStage `json:"eye,omitempty"`
	Gesture string        `json:"gesture,omitempty"` // neutral, left, right, and so on
	Look    flow.Purpose  `json:"look,omitempty"`    // what the look is for
	Tint    string        `json:"tint,omitempty"`    // warm or cool, while the window is lit so
	Looked  bool          `json:"looked,omitempty"`  // a second face looks at the screen
	Veiled  bool          `json:"veiled,omitempty"`  // what the room says can not be read
	Like    bool          `json:"like,omitempty"`    // a sign-up looks like somebody
	Back    bool          `json:"back,omitempty"`    // the camera was found again
	Rooms   int           `json:"rooms"`
	Lines   int           `json:"lines"`
	Signups int           `json:"signups"`
	Desks   int           `json:"desks"`
	Secret  bool          `json:"secret,omitempty"`  // a sheet, a phrase or an invite stands there, to be copied
	Proof   bool          `json:"proof,omitempty"`   // who sits there is asked to prove it, with
	Face    bool          `json:"face,omitempty"`    // the face; else with the password
	Doubt   flow.Kind     `json:"doubt,omitempty"`   // why what was given there did not do
	Asked   e2e.Recall    `json:"asked,omitzero"`    // which groups of the phrase are asked back
	Missed  int           `json:"missed,omitempty"`  // how often they were not right
	Audit   string        `json:"audit,omitempty"`   // what was found of the audit log: good, or what is wrong with it
	Resting bool          `json:"resting,omitempty"` // the page came by itself: nothing takes keys until the hands rest
	Frames  uint64        `json:"frames"`            // pictures painted since the window began
}

var gestureNames = map[liveness.Gesture]string{
	liveness.Neutral: "neutral", liveness.TurnLeft: "left", liveness.TurnRight: "right", liveness.LookUp: "up", liveness.LookDown: "down",
	liveness.TiltLeft: "tilt-left", liveness.TiltRight: "tilt-right", liveness.ComeCloser: "closer",
}

var tintNames = map[liveness.Tint]string{liveness.Warm: "warm", liveness.Cool: "cool"}

func shown(s flow.State, frames uint64) Shown {
	sh := Shown{
		Page: s.Page, Panel: s.Panel, Busy: s.Busy, Problem: s.Problem.Kind, Note: s.Note, Link: s.Link, Eye: s.Eye.Stage,
		Gesture: gestureNames[s.Capture.Gesture], Signups: len(s.Admin.Signups), Desks: len(s.Admin.Desks), Secret: !s.Secret.IsZero(), Frames: frames,
	}
	sh.Look, sh.Looked, sh.Veiled, sh.Back = s.Capture.Purpose, s.Onlooker, s.Veiled, s.Eye.Back
	sh.Proof, sh.Face, sh.Doubt, sh.Missed = s.Proof.Wanted && s.Proof.Busy == flow.Idle, s.Proof.ByFace, s.Proof.Problem.Kind, s.Recall.Tries
	if s.Page == flow.Recalled {
		sh.Asked = s.Recall.Places
	}
	if !s.Audit.Looked.IsZero() {
		sh.Audit = cmp.Or(string(s.Audit.Changed), "good")
	}
	if s.Lit() {
		sh.Tint = tintNames[s.Capture.Tint]
	}
	for _, x := range s.Admin.Signups {
		sh.Like = sh.Like || x.Like != ""
	}
	if s.Talk != nil {
		sh.Rooms = len(s.Talk.Rooms)
		if s.Talk.Open != nil {
			sh.Lines = len(s.Talk.Open.Lines)
		}
	}
	return sh
}
