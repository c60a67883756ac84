package operator

import (
	"context"
	"fmt"
	"io"
	"strings"
	"time"

	"visavis/biometrics"
	"visavis/biometrics/eye"
	"visavis/biometrics/gate"
	"visavis/biometrics/liveness"
	"visavis/biometrics/match"
)

// Booth is a person before an open, watched camera, who reads what to do from a terminal.
type Booth struct {
	Eye    eye.Watched
	Out    io.Writer // where the gestures are asked for
	Random io.Reader // good for keys
	Policy gate.Policy
}

// Policy is a log-in's, but that no light is looked for: a terminal does not change its colour.
func Policy(weights string, level match.Level, virtual bool) gate.Policy {
	p := gate.DefaultPolicy(weights)
	p.Level, p.AllowVirtual, p.Lamp = level, virtual, gate.LampIgnored
	return p
}

// Enrol plays one enrolment and makes the template; with earlier views, of the same person's first enrolment, of both. The template is the
// zero Template unless the outcome accepts. An error says that nothing could be judged.
func (b *Booth) Enrol(ctx context.Context, earlier ...match.Vector) (match.Template, Outcome, error) {
	seen, c, elapsed, err := b.play(ctx, liveness.Enrolment)
	if err != nil {
		return match.Template{}, Outcome{}, err
	}
	t, v := gate.Enrol(seen, c, elapsed, b.Policy, earlier...)
	return t, outcome(v), nil
}

// Verify plays one entry and says whether the template's person is there, alive.
func (b *Booth) Verify(ctx context.Context, t match.Template) (Outcome, error) {
	seen, c, elapsed, err := b.play(ctx, liveness.Entry)
	if err != nil {
		return Outcome{}, err
	}
	return outcome(gate.Verify(seen, c, elapsed, gate.Claim{Template: t, Others: match.Nobody}, b.Policy)), nil
}

// play draws a challenge and plays it. Settling is done before the draw, as at a log-in.
func (b *Booth) play(ctx context.Context, kind liveness.Kind) (biometrics.Evidence, liveness.Challenge, time.Duration, error) {
	p := prompter{out: b.Out, told: map[string]bool{}}
	if err := eye.Settle(ctx, b.Eye, p.show); err != nil {
		return biometrics.Evidence{}, liveness.Challenge{}, 0, err
	}
	c, err := liveness.Draw(b.Random, kind)
	if err != nil {
		return biometrics.Evidence{}, liveness.Challenge{}, 0, err
	}
	began := b.Eye.Clock().Now()
	seen, err := eye.Capture(ctx, b.Eye, c, p.show)
	if err != nil {
		return biometrics.Evidence{}, liveness.Challenge{}, 0, err
	}
	return seen, c, b.Eye.Clock().Now().Sub(began), nil
}

// outcome tells no distances: whoever reads them could climb them like a hill.
func outcome(v gate.Verdict) Outcome {
	o := Outcome{Accepted: v.Decision == gate.Accepted, Why: v.Why.String()}
	if v.Why == gate.NotLive {
		o.Why = fmt.Sprintf("%s: %s (%s)", v.Why, v.Live, v.Live.Cure())
	}
	return o
}

// prompter asks for the gestures, one line each.
type prompter struct {
	out  io.Writer
	last string          // line of a gesture
	told map[string]bool // lines before the first gesture, each told once: what is wrong comes and goes
}

// show prints what to do when that is new.
func (p *prompter) show(g eye.Progress) {
	var line string
	switch g.Phase {
	case eye.Settling:
		line = "look into the camera"
		if rs := g.Quality.Reasons(); len(rs) > 0 {
			line = fmt.Sprintf("%s: %s", rs[0], rs[0].Cure())
		}
		if p.told[line] {
			return
		}
		p.told[line] = true
	case eye.Playing:
		line = fmt.Sprintf("%2d of %d   %s", g.Step+1, g.Steps, strings.ToUpper(g.Gesture.String()))
	case eye.Done:
		line = "thank you"
	}
	if line == p.last {
		return
	}
	p.last = line
	_, _ = fmt.Fprintf(p.out, "  %s\n", line)
}
