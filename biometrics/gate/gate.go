package gate

import (
	"time"

	"visavis/biometrics"
	"visavis/biometrics/liveness"
	"visavis/biometrics/match"
)

// Policy is what an organisation demands. The zero Policy denies everybody.
type Policy struct {
	Weights      string      // version of the model files that this server works with
	AllowVirtual bool        // accept cameras that are no hardware: for demo and tests, said in the server's hello
	Level        match.Level // how alike two faces must be
	Rules        liveness.Rules
	Lamp         Lamp          // what the window's light on the face counts for
	MaxElapsed   time.Duration // between issuing a challenge and receiving its evidence
}

// DefaultPolicy is what is demanded unless an operator demands more.
func DefaultPolicy(weights string) Policy {
	return Policy{
		Weights:    weights,
		Level:      match.OneIn10000,
		Rules:      liveness.DefaultRules(),
		Lamp:       LampNoted,
		MaxElapsed: 2 * time.Minute,
	}
}

// Claim is whom somebody says to be, among those who are enrolled. The zero Claim is nobody.
type Claim struct {
	Template match.Template
	// Others is the distance from a face to the nearest centroid of anybody else who is approved (match.Gallery.Others), match.Nobody where there can
	// be no other. Nil denies: a claim is judged among others, or said to be alone.
	Others func(match.Vector) float64
}

// Verify decides whether the evidence of challenge c, of kind Entry, shows the claim's person, alive. elapsed is the server's own clock between
// issuing the challenge and receiving the evidence. That the evidence is signed, fresh and meant for this login is checked before
// (chat/trust).
func Verify(e biometrics.Evidence, c liveness.Challenge, elapsed time.Duration, claim Claim, p Policy) Verdict {
	f, faces := observe(e, c, elapsed, p)
	f.claim(faces, claim)
	return f.judge(verifyChecks())
}

// Enrol decides whether the evidence of challenge c, of kind Enrolment, shows one living person, and makes the template: a view of each pose, the
// front first. earlier are the views of a template that the same sign-up made before, perhaps with glasses: the evidence must show that
// person again, and at most match.MaxViews of all views are kept, the most diverse. The template is the zero Template unless the
// verdict accepts.
func Enrol(e biometrics.Evidence, c liveness.Challenge, elapsed time.Duration, p Policy, earlier ...match.Vector) (match.Template, Verdict) {
	f, faces := observe(e, c, elapsed, p)
	t := f.enrol(faces, earlier)
	v := f.judge(enrolChecks())
	if v.Decision != Accepted {
		return match.Template{}, v
	}
	return t, v
}
