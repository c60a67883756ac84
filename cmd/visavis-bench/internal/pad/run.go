package pad

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"sync"
	"time"

	"visavis/biometrics"
	"visavis/biometrics/liveness"
	"visavis/biometrics/match"
	"visavis/biometrics/rehearsal"
)

// Progress is told after each play.
type Progress func(species string, done, of int)

// Run presents a species n times, with so many at once, and counts. Beyond is not judged, but listened to.
func (b *Bench) Run(ctx context.Context, s Species, n, atOnce int, tell Progress) (Tally, []Film, error) {
	shown := make([]presentation, n)
	err := b.each(ctx, n, atOnce, func(ctx context.Context, i int) (err error) {
		shown[i], err = b.present(ctx, s, i)
		return err
	}, func(done int) { tell(s.Name, done, n) })
	if err != nil {
		return Tally{}, nil, err
	}
	t := Tally{Species: s, Reasons: map[string]int{}}
	var films []Film
	for _, p := range shown {
		if s.Group == Beyond {
			t.listen(p.evidence)
			continue
		}
		whole, face := b.judge(p)
		t.add(p, whole, face, b.policy.Rules)
		if s.Group == Honest {
			films = append(films, Film{p})
		}
	}
	return t, films, nil
}

// each calls do for 0 to n−1, with so many at once; the first error ends it.
func (b *Bench) each(ctx context.Context, n, atOnce int, do func(context.Context, int) error, tell func(done int)) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	next, done := make(chan int), 0
	var mu sync.Mutex
	var wait sync.WaitGroup
	for range max(1, atOnce) {
		wait.Go(func() {
			for i := range next {
				if err := do(ctx, i); err != nil {
					cancel(err)
					return
				}
				mu.Lock()
				done++
				tell(done)
				mu.Unlock()
			}
		})
	}
	for i := range n {
		select {
		case next <- i:
			continue
		case <-ctx.Done():
		}
		break
	}
	close(next)
	wait.Wait()
	return context.Cause(ctx)
}

// first is how many frames are listened to before a challenge would begin.
const first = 5

// listen counts what a person would be told before the challenge: the first reason in most of the first frames.
func (t *Tally) listen(e biometrics.Evidence) {
	t.N++
	reasons := map[biometrics.Reason]int{}
	for _, o := range e.Frames[:min(first, len(e.Frames))] {
		if !o.Quality.Good() {
			reasons[o.Quality.Reasons()[0]]++
		}
	}
	for r, k := range reasons {
		if 2*k > first {
			t.Reasons[r.String()]++
			return
		}
	}
	t.Accepted++ // nothing was said
}

// Film is a bona fide presentation that is replayed.
type Film struct{ shown presentation }

// patience is how many challenges are drawn to find one that a film covers: the shortest films find few.
const patience = 10

// Replayed plays every film, as it was described, against up to so many challenges that it was not made for. A film that ends too early would be refused
// for that alone, so only challenges that it covers are drawn.
func (b *Bench) Replayed(films []Film, each int) (Tally, error) {
	t := Tally{Species: Species{Name: "replay", What: "film of another challenge, fed as a stream", Group: Attack}}
	for i, f := range films {
		random := rand.NewChaCha8(chance("replay", i))
		for found, tries := 0, 0; found < each && tries < patience*each; tries++ {
			c, err := liveness.Draw(random, liveness.Entry)
			if err != nil {
				return t, err
			}
			if c.Duration() > f.shown.challenge.Duration() {
				continue
			}
			found++
			p := f.shown
			p.challenge, p.evidence.Frames = c, relabelled(p.evidence.Frames, c)
			whole, face := b.judge(p)
			t.add(p, whole, face, b.policy.Rules)
		}
	}
	return t, nil
}

// relabelled are a film's frames as an eye would stamp them that is told another challenge's cues.
func relabelled(frames []biometrics.Observation, c liveness.Challenge) []biometrics.Observation {
	var out []biometrics.Observation
	for _, o := range frames {
		at := time.Duration(o.Offset) * time.Millisecond
		if at >= c.Duration() {
			break
		}
		o.Cue = uint8(c.StepAt(at))
		out = append(out, o)
	}
	return out
}

// glanceSteps is a session of nothing but a look into the camera: five frames.
var glanceSteps = []liveness.Step{{Gesture: liveness.Neutral, Millis: 650}}

const glancePace = rehearsal.Pace(130)

// Fused is what looks into the camera say of the fused score alone.
type Fused struct {
	Misses   Count // false non-matches: beyond the bound of their person
	Failures Count // failures to acquire: a frame without a face
	Farthest float64
	Bound    float64 // the least of the cast's
}

// Fused lets the cast look into the camera n times, under the given conditions in turn.
func (b *Bench) Fused(ctx context.Context, conditions []Species, n, atOnce int, tell Progress) (f Fused, err error) {
	far := make([]float64, n)
	err = b.each(ctx, n, atOnce, func(ctx context.Context, i int) (err error) {
		far[i], err = b.glance(ctx, conditions[i%len(conditions)], i/len(conditions))
		return err
	}, func(done int) { tell("fused", done, n) })
	if err != nil {
		return f, err
	}
	f = Fused{Failures: Count{N: n}, Bound: math.Inf(1)}
	for i, d := range far {
		if math.IsNaN(d) {
			f.Failures.K++
			continue
		}
		bound := b.bound(i / len(conditions) % len(b.Cast))
		f.Misses.N++
		f.Farthest, f.Bound = max(f.Farthest, d), min(f.Bound, bound)
		if !(d <= bound) {
			f.Misses.K++
		}
	}
	return f, nil
}

// bound is what a person's fused score is held against, beside the others of the cast.
func (b *Bench) bound(i int) float64 {
	t := b.templates[i]
	return b.policy.Level.Bounds(len(t.Views)).Tightened(b.others(i)(t.Centroid)).Fused
}

// glance is the fused distance of one look; NaN without one.
func (b *Bench) glance(ctx context.Context, s Species, n int) (float64, error) {
	i := n % len(b.Cast)
	p := b.Cast[i]
	photo := p.Photo
	if p.Later != "" && n/len(b.Cast)%2 == 1 {
		photo = p.Later
	}
	key := chance("fused "+s.Name, n)
	c := liveness.Challenge{ID: [16]byte(key[:16]), Kind: liveness.Entry, Steps: glanceSteps}
	e, err := b.play(ctx, rehearsal.Order{Source: s.source(b.Faces, photo, p, Person{}, uint64(50_000+n)), Challenge: c, Pace: glancePace})
	if err != nil {
		return 0, fmt.Errorf("fused %s %d: %w", s.Name, n, err)
	}
	var vs []match.Vector
	for _, o := range e.Frames {
		v, err := match.Unit(o.Descriptor)
		if err != nil {
			return math.NaN(), nil
		}
		vs = append(vs, v)
	}
	mean, err := match.Mean(vs...)
	if err != nil {
		return 0, fmt.Errorf("fused %s %d: %w", s.Name, n, err)
	}
	return match.Distance(mean, b.templates[i].Centroid), nil
}
