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
	MaxElapsed   time.Duration // between issuing a challenge and receiving its evidence
}

// DefaultPolicy is what is demanded unless an operator demands more.
func DefaultPolicy(weights string) Policy {
	return Policy{
		Weights:    weights,
		Level:      match.OneIn10000,
		Rules:      liveness.DefaultRules(),
		MaxElapsed: 2 * time.Minute,
	}
}

// Verify decides whether the evidence of challenge c shows the template's person, alive. elapsed is the server's own clock between
// issuing the challenge and receiving the evidence. That the evidence is signed, fresh and meant for this login is checked before
// (chat/trust).
func Verify(e biometrics.Evidence, c liveness.Challenge, elapsed time.Duration, t match.Template, p Policy) Verdict {
	f, faces := observe(e, c, elapsed, p)
	f.compare(faces, t)
	return f.judge(verifyChecks())
}

// Enrol decides whether the evidence of challenge c shows one living person, and makes the template: the views front, left, right.
// The template is the zero Template unless the verdict accepts.
func Enrol(e biometrics.Evidence, c liveness.Challenge, elapsed time.Duration, p Policy) (match.Template, Verdict) {
	f, faces := observe(e, c, elapsed, p)
	t := f.enrol(faces)
	v := f.judge(enrolChecks())
	if v.Decision != Accepted {
		return match.Template{}, v
	}
	return t, v
}
