package gate

import (
	"math"
	"time"

	"visavis/biometrics"
	"visavis/biometrics/liveness"
	"visavis/biometrics/match"
)

type facts struct{}

func observe(e biometrics.Evidence, c liveness.Challenge, elapsed time.Duration, p Policy) facts {
	return facts{}
}
func (f *facts) compare(t match.Template) {}
func (f *facts) enrol() match.Template    { return match.Template{} }
func (f facts) judge(cs any) Verdict      { return Verdict{Fused: math.NaN()} }

var verifyChecks, enrolChecks any
