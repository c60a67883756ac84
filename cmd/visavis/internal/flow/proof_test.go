package flow

import (
	"reflect"
	"testing"

	"visavis/biometrics"
	"visavis/biometrics/liveness"
)

// asking is an admin's deed that waits for a proof, at a desk with such an eye.
func asking(e Eye) State {
	a := Action{Verb: ApproveSignup, Text: "abcd"}
	s := State{Page: Inside, Person: Person{Name: "ada", Admin: true}, Eye: e, Busy: Acting, Doing: a}
	s, _ = Step(s, ProofWanted{a})
	return s
}

// The face is asked for where there is an eye, and the password where there is none, or none that the server takes.
func TestWhichProofIsAskedFor(t *testing.T) {
	for _, c := range []struct {
		name   string
		eye    Eye
		server Desk
		face   bool
	}{
		{"a camera", Eye{Stage: EyeOpen}, Desk{}, true},
		{"it is being opened", Eye{Stage: EyeOpening}, Desk{}, false},
		{"it starts", Eye{}, Desk{}, false},
		{"another program has it", Eye{Stage: EyeFailed, Problem: Problem{Kind: CameraBusy}}, Desk{}, false},
		{"a film", Eye{Stage: EyeOpen, Virtual: true}, Desk{}, false},
		{"a film, at a server of demonstrations", Eye{Stage: EyeOpen, Virtual: true}, Desk{Virtual: true}, true},
	} {
		s := asking(Eye{Stage: EyeOpen})
		s.Proof, s.Capture, s.Eye, s.Desk = Proof{}, Capture{}, c.eye, c.server
		s, effects := Step(s, ProofWanted{s.Doing})
		if !s.Proof.Wanted || s.Proof.ByFace != c.face || s.MayFace() != c.face || len(effects) == 0 || effects[0] != (DoAskProof{}) {
			t.Errorf("%s: %+v, %v", c.name, s.Proof, effects)
		}
		if turned, _ := Step(s, ProofTurned{ByFace: true}); turned.Proof.ByFace != c.face {
			t.Errorf("%s: it can be turned to the face: %t", c.name, turned.Proof.ByFace)
		}
	}
}

// Every end of a look: what is put right before the camera is tried again, after all else the password is asked for and says why.
func TestEveryEndOfALook(t *testing.T) {
	for kind, face := range map[Kind]bool{
		NoGoodPicture: true, NothingSeen: true, Interrupted: true, EyeDied: true, Unreachable: true, Restarting: true,
		FaceRefused: false, TooMany: false, VirtualCamera: false, NoCamera: false, CameraBusy: false, CameraGone: false, CameraSlow: false, NoWeights: false, Unknown: false,
	} {
		s := asking(Eye{Stage: EyeOpen})
		s, effects := Step(s, ProofPressed{})
		if s.Proof.Busy != Looking || !reflect.DeepEqual(effects, []Effect{DoProveFace{}}) {
			t.Fatalf("pressed: %+v, %v", s.Proof, effects)
		}
		s, _ = Step(s, Progress{Gesture: liveness.TurnLeft, Tint: liveness.Warm})
		s, _ = Step(s, Proven{Problem{Kind: kind}})
		if s.Proof.Problem.Kind != kind || s.Proof.ByFace != face || s.Proof.Busy != Idle || s.Doing.Verb != ApproveSignup || s.Capture.Gesture != 0 {
			t.Errorf("%s: %+v, %+v", kind, s.Proof, s.Capture)
		}
	}
}

// A look goes on as it was told, and with it the deed; nothing of it stays.
func TestALookForADeed(t *testing.T) {
	s := asking(Eye{Stage: EyeOpen})
	s, _ = Step(s, Progress{Reasons: []biometrics.Reason{biometrics.TooDark}, Finish: true}) // before the press nothing is finished
	if s.Proof.Busy != Idle || len(s.Capture.Reasons) != 1 || s.Sight() != (Sight{previewRate, true}) {
		t.Fatalf("%+v %+v", s.Proof, s.Capture)
	}
	s, _ = Step(s, ProofPressed{})
	for _, e := range []Event{ProofPressed{}, ProofGiven{}, ProofTurned{}, ProofWanted{s.Doing}, PanelOpened{Settings}} {
		if next, effects := Step(s, e); !reflect.DeepEqual(next, s) || len(effects) != 0 {
			t.Errorf("%T amid a look: %+v, %v", e, next.Proof, effects)
		}
	}
	s, _ = Step(s, EyeIs{Eye{Stage: EyeFailed}}) // the look under way says so itself
	if s.Proof.Busy != Looking || !s.Proof.ByFace {
		t.Fatalf("%+v", s.Proof)
	}
	s, _ = Step(s, Progress{Finish: true})
	if s.Proof.Busy != Finishing {
		t.Fatalf("%+v", s.Proof)
	}
	s, effects := Step(s, Proven{})
	if s.Proof != (Proof{}) || !reflect.ValueOf(s.Capture).IsZero() || s.Busy != Acting || !reflect.DeepEqual(effects, []Effect{DoDropProof{}, DoAct{s.Doing}, DoSight{Sight{watchRate, false}}}) {
		t.Errorf("%+v, %v", s, effects)
	}
}

// A camera that goes away before the press leaves the password, and its end says why nobody was asked any more.
func TestALookThatIsNotBegun(t *testing.T) {
	s, effects := Step(asking(Eye{Stage: EyeOpen}), EyeIs{Eye{Stage: EyeFailed, Problem: Problem{Kind: CameraGone}}})
	if !s.Proof.Wanted || s.Proof.ByFace || len(effects) != 2 || effects[0] != (DoAskProof{}) {
		t.Errorf("%+v, %v", s.Proof, effects)
	}
	if s, _ = Step(s, EyeIs{Eye{Stage: EyeOpen}}); s.Proof.ByFace {
		t.Error("the password's field is taken away from who types into it")
	}
	s, effects = Step(s, ProofLeft{Why: NoteUnproven})
	if s.Proof.Wanted || s.Busy != Idle || s.Doing != (Action{}) || s.Note != NoteUnproven || !reflect.DeepEqual(effects, []Effect{DoDropProof{}}) {
		t.Errorf("%+v, %v", s, effects)
	}
}
