package puppet

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"time"

	"gocv.io/x/gocv"

	"visavis/biometrics"
	"visavis/biometrics/eye"
)

// interval is the time from frame to frame: 25 a second.
const interval = 40 * time.Millisecond

// Camera is a puppet's camera. It implements biometrics.Camera and eye.Cued; only Cue is safe to call beside another method.
type Camera struct {
	options Options
	clock   eye.Clock
	start   time.Time
	next    time.Time
	play    play
	light   *light
	canvas  canvas
	closed  bool

	mu    sync.Mutex // guards what follows, and the motions of play
	cue   eye.Cue
	shown time.Duration // when the first challenge's first cue came: a film begins then
}

// Open makes a puppet. A nil clock is the system's. find is called for each photograph, before Open returns. A photograph that is not there is biometrics.ErrCameraMissing.
func Open(ctx context.Context, o Options, find Finder, clock eye.Clock) (*Camera, error) {
	return open(ctx, o, func(path string, face int) (*actor, error) { return newActor(path, face, find) }, clock)
}

// casting makes the actor of a photograph's face.
type casting func(path string, face int) (*actor, error)

func open(ctx context.Context, o Options, cast casting, clock eye.Clock) (*Camera, error) {
	if err := o.check(); err != nil {
		return nil, err
	}
	if clock == nil {
		clock = system{}
	}
	play, err := rehearse(o, cast)
	if err != nil {
		return nil, errors.Join(fmt.Errorf("open puppet: %w", err), play.close())
	}
	now := clock.Now()
	c := &Camera{
		options: o, clock: clock, start: now, next: now, play: play, canvas: newCanvas(),
		light: newLight(o.Conditions, play.glass(), rand.New(rand.NewPCG(o.Seed, 2))),
	}
	if err := ctx.Err(); err != nil {
		return nil, errors.Join(fmt.Errorf("open puppet: %w", err), c.Close())
	}
	return c, nil
}

// Info says that this is no camera.
func (c *Camera) Info() biometrics.CameraInfo {
	return biometrics.CameraInfo{Name: "puppet", Driver: "puppet", Port: c.options.String(), Virtual: true}
}

// Cue tells the puppet what to do.
func (c *Camera) Cue(cue eye.Cue) {
	c.mu.Lock()
	defer c.mu.Unlock()
	now := c.clock.Now().Sub(c.start)
	if c.cue.Challenge == [16]byte{} && cue.Challenge != c.cue.Challenge {
		c.shown = now
	}
	c.cue = cue
	c.play.obey(cue, now)
}

// Read waits until the next frame is due and draws it. A reader that comes late gets one at once, and misses those between.
func (c *Camera) Read() (biometrics.Frame, error) {
	if c.closed {
		return biometrics.Frame{}, fmt.Errorf("read puppet: %w", biometrics.ErrCameraClosed)
	}
	now := c.clock.Now()
	if wait := c.next.Sub(now); wait > 0 {
		<-c.clock.After(wait)
		now = c.clock.Now()
	}
	if c.next = c.next.Add(interval); c.next.Before(now) {
		c.next = now
	}
	at := now.Sub(c.start)
	pix, err := c.draw(c.scene(at))
	if err != nil {
		return biometrics.Frame{}, fmt.Errorf("read puppet: %w", err)
	}
	return biometrics.Frame{Width: Width, Height: Height, Pix: pix, At: at}, nil
}

// scene is what is before the camera at a time, in which light.
func (c *Camera) scene(at time.Duration) scene {
	c.mu.Lock()
	defer c.mu.Unlock()
	film := c.play.project(at-c.shown, at, c.cue.Challenge != [16]byte{})
	c.light.shine(c.cue.Tint, film, at)
	return c.play.scene(at)
}

func (c *Camera) draw(s scene) ([]byte, error) {
	picture, err := c.canvas.draw(s.who, s.pose)
	if err != nil {
		return nil, err
	}
	pix := picture.ToBytes()
	if t := c.play.thing; t != nil {
		if pix, err = c.before(t, s, picture, pix); err != nil {
			return nil, err
		}
	}
	if c.options.Mode != Still {
		c.light.develop(pix)
	}
	if c.options.Blur > 0 {
		return blurred(pix, float64(c.options.Blur)/100)
	}
	return pix, nil
}

// before draws the thing that is held before the camera: it shows the picture, or stands before it.
func (c *Camera) before(t *thing, s scene, picture gocv.Mat, pix []byte) ([]byte, error) {
	a := t.sheet
	if t.screen != nil {
		a.skin = t.screen.show(picture)
		pix = t.room
	}
	front, err := c.canvas.draw(a, s.held)
	if err != nil {
		return nil, err
	}
	whole := front.ToBytes()
	over(whole, pix)
	return whole, nil
}

// Close frees the Mats. A second Close does nothing.
func (c *Camera) Close() error {
	if c.closed {
		return nil
	}
	c.closed = true
	return errors.Join(c.play.close(), c.canvas.close())
}

// system is the system's clock.
type system struct{}

func (system) Now() time.Time                         { return time.Now() }
func (system) After(d time.Duration) <-chan time.Time { return time.After(d) }
