package pad

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"time"

	"visavis/biometrics"
	"visavis/biometrics/gate"
	"visavis/biometrics/liveness"
	"visavis/biometrics/match"
	"visavis/biometrics/rehearsal"
	"visavis/models/canon"
)

// Company plays; package rehearsal's does.
type Company interface {
	Weights() string
	Play(context.Context, rehearsal.Order) (biometrics.Evidence, error)
	Clip(ctx context.Context, path string) ([]biometrics.Observation, error)
}

// Bench presents. Its methods are safe for concurrent use once Enrol has returned.
type Bench struct {
	Company Company
	Faces   string // folder of the photographs
	Keep    string // folder of what was played before, for the next run; empty for none. It holds descriptors of faces.
	Cast    []Person

	policy    gate.Policy
	templates []match.Template
	glassed   []match.Template // the same, after a second capture with glasses
	wearers   []int            // of whom that capture was accepted
	tries     []int            // that each enrolment took
}

// Paces: people are described as an eye would see them, and so is whoever does as asked with a face that is not the claimed person's throughout.
// Other attacks are described where it decides something, and given up once they are hopeless, but for one in wholly; of those the light can be
// judged too, and that giving up was right.
const (
	eyePace    = rehearsal.Pace(80)
	wholePace  = rehearsal.Pace(120)
	attackPace = rehearsal.Few
	wholly     = 10
)

// order is how the n-th of a species is played.
func (s Species) order(source string, c liveness.Challenge, n int) rehearsal.Order {
	o := rehearsal.Order{Source: source, Challenge: c, Pace: eyePace}
	if s.Group == Attack && !s.another && !s.stranger {
		o.Pace, o.Early = attackPace, true
		if n%wholly == 0 {
			o.Pace, o.Early = wholePace, false
		}
	}
	return o
}

// chance is a presentation's own.
func chance(what string, n int) (key [32]byte) {
	return sha256.Sum256(binary.BigEndian.AppendUint64([]byte("visavis-bench pad "+what+" "), uint64(n)))
}

// play answers what was kept, or plays and keeps. What was kept belongs to one order, so another puppet or describer asks for another folder.
func (b *Bench) play(ctx context.Context, o rehearsal.Order) (biometrics.Evidence, error) {
	if b.Keep == "" {
		return b.Company.Play(ctx, o)
	}
	sum := sha256.Sum256(append(canon.MustMarshal(o), b.Company.Weights()...))
	path := filepath.Join(b.Keep, fmt.Sprintf("%x.cbor", sum[:12]))
	data, err := os.ReadFile(path)
	if err == nil {
		var e biometrics.Evidence
		if err := canon.Unmarshal(data, &e); err != nil {
			return e, fmt.Errorf("%s: %w", path, err)
		}
		return e, nil
	}
	if !errors.Is(err, fs.ErrNotExist) {
		return biometrics.Evidence{}, err
	}
	e, err := b.Company.Play(ctx, o)
	if err != nil {
		return e, err
	}
	if err := os.WriteFile(path+".new", canon.MustMarshal(e), 0o600); err != nil {
		return e, err
	}
	return e, os.Rename(path+".new", path)
}

// Enrol enrols the whole cast, each person in a challenge of his own; who is refused is asked again, as a desk would.
func (b *Bench) Enrol(ctx context.Context) error {
	b.policy = gate.DefaultPolicy(b.Company.Weights())
	b.policy.AllowVirtual = true
	b.templates, b.glassed, b.wearers, b.tries = nil, nil, nil, nil
	for i, p := range b.Cast {
		bare, tries, err := b.capture(ctx, Species{Name: "enrol", mode: "turn"}, i)
		if err != nil {
			return fmt.Errorf("enrol %s: %w", p.Name, err)
		}
		glassed, _, err := b.capture(ctx, Species{Name: "enrol with glasses", mode: "turn", conditions: map[string]int{"glasses": 1}}, i, bare.Views...)
		switch {
		case err == nil:
			b.wearers = append(b.wearers, i)
		case errors.Is(err, errRefused): // a second capture is optional
			glassed = bare
		default:
			return fmt.Errorf("enrol %s with glasses: %w", p.Name, err)
		}
		b.templates, b.glassed, b.tries = append(b.templates, bare), append(b.glassed, glassed), append(b.tries, tries)
	}
	return nil
}

const enrolTries = 5

var errRefused = errors.New("refused")

// capture makes a template of the i-th of the cast, and joins it to views of the same person that were captured before.
func (b *Bench) capture(ctx context.Context, s Species, i int, earlier ...match.Vector) (t match.Template, tries int, err error) {
	p := b.Cast[i]
	var refused error
	for try := range enrolTries {
		c, err := liveness.Draw(rand.NewChaCha8(chance(s.Name+" "+p.Name, try)), liveness.Enrolment)
		if err != nil {
			return t, 0, err
		}
		source := s.source(b.Faces, p.Photo, p, Person{}, uint64(10*i+try))
		e, err := b.play(ctx, rehearsal.Order{Source: source, Challenge: c, Pace: eyePace})
		if err != nil {
			return t, 0, err
		}
		t, v := gate.Enrol(e, c, c.Duration()+time.Second, b.policy, earlier...)
		if v.Decision == gate.Accepted {
			return t, try + 1, nil
		}
		refused = fmt.Errorf("%w: %v, %v", errRefused, v.Why, v.Live)
	}
	return t, 0, refused
}

// Enrolled is one of the cast's templates.
type Enrolled struct {
	Name    string
	Tries   int     // until an enrolment was accepted
	Views   int     // in the template
	Glasses bool    // a second capture with glasses was accepted
	Apart   float64 // the farthest two parts of its views
	Nearest float64 // of the others' centroids
	Bound   float64 // of the fused distance, tightened by the nearest
}

// Enrolled lists the templates.
func (b *Bench) Enrolled() []Enrolled {
	var all []Enrolled
	for i, t := range b.templates {
		all = append(all, Enrolled{b.Cast[i].Name, b.tries[i], len(t.Views), slices.Contains(b.wearers, i), match.Apart(t.Views...), b.others(i)(t.Centroid), b.bound(i)})
	}
	return all
}

// others is the distance to the nearest of everybody but one.
func (b *Bench) others(me int) func(match.Vector) float64 {
	return func(v match.Vector) float64 {
		nearest := match.Nobody(v)
		for i, t := range b.templates {
			if i != me {
				nearest = min(nearest, match.Distance(v, t.Centroid))
			}
		}
		return nearest
	}
}

// presentation is one evidence, and whom it claims to be.
type presentation struct {
	challenge liveness.Challenge
	evidence  biometrics.Evidence
	claimed   int
	glasses   bool // are worn, as at the second capture
	who       string
}

// present presents the n-th of a species. Glasses are worn by those who were captured with them.
func (b *Bench) present(ctx context.Context, s Species, n int) (presentation, error) {
	p := presentation{claimed: n % len(b.Cast), glasses: s.conditions["glasses"] > 0}
	if p.glasses {
		if len(b.wearers) == 0 {
			return p, fmt.Errorf("%s: nobody was captured with glasses", s.Name)
		}
		p.claimed = b.wearers[n%len(b.wearers)]
	}
	shown, photo := b.Cast[p.claimed], ""
	p.who = shown.Name
	other := b.Cast[(p.claimed+1+n/len(b.Cast)%(len(b.Cast)-1))%len(b.Cast)]
	if s.stranger {
		shown, other = other, shown
	}
	if photo = shown.Photo; s.Group == Honest && shown.Later != "" && n/len(b.Cast)%2 == 1 {
		photo = shown.Later
	}
	c, err := liveness.Draw(rand.NewChaCha8(chance(s.Name, n)), liveness.Entry)
	if err != nil {
		return p, err
	}
	p.challenge = c
	o := s.order(s.source(b.Faces, photo, shown, other, uint64(1000+n)), c, n)
	if p.evidence, err = b.play(ctx, o); err != nil {
		return p, fmt.Errorf("%s %d: %w", s.Name, n, err)
	}
	return p, nil
}

// judge asks the gate, as a server would, and what it would say of the face alone, had nobody to move.
func (b *Bench) judge(p presentation) (whole, face gate.Verdict) {
	claim := gate.Claim{Template: b.templates[p.claimed], Others: b.others(p.claimed)}
	if p.glasses {
		claim.Template = b.glassed[p.claimed]
	}
	elapsed := p.challenge.Duration() + time.Second
	anyhow := b.policy
	anyhow.Rules = anyMovement()
	return gate.Verify(p.evidence, p.challenge, elapsed, claim, b.policy), gate.Verify(p.evidence, p.challenge, elapsed, claim, anyhow)
}

// anyMovement are rules that ask for no movement but that some is seen: frames of one face from beginning to end are left of them.
func anyMovement() liveness.Rules {
	const all = 1e9
	r := liveness.DefaultRules()
	for _, most := range []*float64{
		&r.MaxJump, &r.MaxSpeed, &r.MaxMove, &r.MaxScale, &r.MaxTwist, &r.MaxSpin, &r.MaxNeutral, &r.MaxNeutralLift, &r.MaxNeutralRoll, &r.MaxNeutralSize, &r.MaxAside,
	} {
		*most = all
	}
	for _, least := range []*float64{&r.MinTurn, &r.MinUp, &r.MinDown, &r.MinTilt, &r.MinCloser, &r.MinParallax} {
		*least = -all
	}
	r.OnTheWay, r.MinSeen, r.MaxSameFace, r.MaxSamePoints = 0, 0, all, all
	return r
}
