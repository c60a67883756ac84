package puppet

import (
	"errors"
	"image"
	"math/rand/v2"
	"time"

	"visavis/biometrics/eye"
	"visavis/biometrics/liveness"
)

// play is what a mode shows: who is on it, what is held before the camera, and how both move.
type play struct {
	mode   Mode
	seed   uint64
	self   *actor
	other  *actor  // Mix, Swap
	motion *motion // of the face
	hand   *motion // of the thing; nil where it stays, or goes with the face
	thing  *thing  // nil where the head itself is before the camera
	film   *film
}

// thing is a sheet or a screen.
type thing struct {
	sheet  actor
	screen *screen
	room   []byte // behind a screen
	worn   bool   // goes with the face
}

// film is another challenge, which the person was filmed in.
type film struct{ challenge liveness.Challenge }

// scene is what is before the camera at one time.
type scene struct {
	who        actor
	pose, held pose
}

// rehearse makes a mode's play. The caller closes it, with an error too.
func rehearse(o Options, cast casting) (p play, err error) {
	p = play{mode: o.Mode, seed: o.Seed, motion: newMotion(standing, rand.New(rand.NewPCG(o.Seed, 1)))}
	if o.Mode == Nobody {
		p.self, err = newRoom()
		return p, err
	}
	if p.self, err = cast(o.Photo, o.Face); err != nil {
		return p, err
	}
	if o.Glasses > 0 {
		p.self.wear(o.Glasses)
	}
	if o.Mode.another() {
		if p.other, err = cast(o.With, o.WithFace); err != nil {
			return p, err
		}
	}
	if o.Mode == Replay || o.Mode == Screen {
		var key [32]byte
		for i := range 8 {
			key[i] = byte(o.Seed >> (8 * i))
		}
		c, err := liveness.Draw(rand.NewChaCha8(key), liveness.Entry)
		if err != nil {
			return p, err
		}
		p.film = &film{c}
	}
	return p, p.stage(rand.New(rand.NewPCG(o.Seed, 3)))
}

// stage makes what the mode holds before the camera.
func (p *play) stage(random *rand.Rand) (err error) {
	switch p.mode {
	case Flat:
		p.self.body = printed()
	case Bent:
		p.self.body = bent(1.4 + 2*random.Float64())
	case Jitter:
		p.self.body = shifted()
	case Eyes:
		p.thing = &thing{sheet: p.self.copied(printed()), worn: true}
		p.thing.sheet.trim()
		p.thing.sheet.cutEyes()
	case Phone:
		p.self.body = unmoved()
		p.hand, p.motion = newMotion(inHand, random), nil
		p.thing, err = newThing(phoneGlass, phoneFrame, printed())
	case Screen:
		p.hand = newMotion(inHand, random)
		p.thing, err = newThing(phoneGlass, phoneFrame, printed())
	case Monitor:
		p.self.body = shifted()
		p.thing, err = newThing(monitorGlass, monitorFrame, unmoved())
	case Relay:
		p.thing, err = newThing(monitorGlass, monitorFrame, unmoved())
	}
	return err
}

func newThing(glass image.Rectangle, thick int, b body) (*thing, error) {
	room, err := newRoom()
	if err != nil {
		return nil, err
	}
	defer room.close()
	s, err := newScreen(glass, thick)
	if err != nil {
		return nil, err
	}
	return &thing{sheet: actor{body: b}, screen: s, room: room.skin.ToBytes()}, nil
}

// glass says that the face is shown on a screen.
func (p *play) glass() bool { return p.thing != nil && p.thing.screen != nil }

// obey takes the challenge's cue, which a film knows nothing of.
func (p *play) obey(c eye.Cue, t time.Duration) {
	if p.motion != nil && p.film == nil {
		p.motion.obey(c, t)
	}
	if p.hand != nil && p.film == nil {
		p.hand.obey(c, t)
	}
}

// project plays the film that began so long ago, and answers its light.
func (p *play) project(since, at time.Duration, began bool) liveness.Tint {
	if p.film == nil || !began {
		return liveness.Plain
	}
	c := p.film.challenge
	i := c.StepAt(since)
	p.motion.obey(eye.Cue{Challenge: c.ID, Step: uint8(i), Gesture: c.Steps[i].Gesture}, at)
	return c.TintAt(since)
}

func (p *play) scene(at time.Duration) scene {
	s := scene{who: *p.self, pose: atRest(), held: atRest()}
	if p.motion != nil && p.mode != Still && p.mode != Nobody {
		s.pose = p.motion.pose(at)
	}
	if p.hand != nil {
		s.held = p.hand.pose(at)
	}
	if p.thing != nil && p.thing.worn {
		s.held = s.pose
	}
	if p.other != nil && p.exchanged(at) {
		s.who = *p.other
	}
	return s
}

// exchanged says that the other person is shown: by Mix in the first or second neutral return, by Swap from the middle of the way to the
// second gesture on, or until then.
func (p *play) exchanged(at time.Duration) bool {
	if p.mode == Mix {
		return p.motion.resting && p.motion.returns == 1+int(p.seed%2) && p.motion.settled(at)
	}
	second := p.motion.returns >= 2 || p.motion.returns == 1 && !p.motion.resting && at-p.motion.since >= reaction+turning/2
	return second == (p.seed%2 == 0)
}

func (p *play) close() error {
	var errs []error
	for _, a := range []*actor{p.self, p.other} {
		if a != nil {
			errs = append(errs, a.close())
		}
	}
	if p.thing != nil {
		errs = append(errs, p.thing.close())
	}
	return errors.Join(errs...)
}

func (t *thing) close() error {
	if t.screen == nil {
		return t.sheet.close()
	}
	var errs []error
	for _, m := range t.screen.mats() {
		errs = append(errs, m.Close())
	}
	return errors.Join(errs...)
}
