package puppet

import (
	"context"
	"errors"
	"fmt"
	"image"
	"image/color"
	"math"
	"math/rand/v2"
	"sync"
	"time"

	"gocv.io/x/gocv"

	"visavis/biometrics"
	"visavis/biometrics/eye"
)

// interval is the time from frame to frame: 25 a second.
const interval = 40 * time.Millisecond

// shrink is by how much a map is smaller than the picture: it is smooth, and growing it costs less than marching rays.
const shrink = 4

// Camera is a puppet's camera. It implements biometrics.Camera and eye.Cued; only Cue is safe to call beside another method.
type Camera struct {
	options Options
	clock   eye.Clock
	start   time.Time
	next    time.Time
	self    *actor
	other   *actor // Mix
	grain   *grain
	canvas  canvas
	closed  bool

	mu     sync.Mutex // guards motion
	motion *motion
}

// canvas holds the Mats that each frame is drawn with.
type canvas struct{ between, full, picture gocv.Mat }

// Open makes a puppet. A nil clock is the system's. find is called for each photograph, before Open returns. A photograph that is not there is biometrics.ErrCameraMissing.
func Open(ctx context.Context, o Options, find Finder, clock eye.Clock) (*Camera, error) {
	if err := o.check(); err != nil {
		return nil, err
	}
	if clock == nil {
		clock = system{}
	}
	self, err := o.self(find)
	if err != nil {
		return nil, fmt.Errorf("open puppet: %w", err)
	}
	var other *actor
	if o.Mode == Mix {
		if other, err = newActor(o.With, o.WithFace, false, find); err != nil {
			return nil, errors.Join(fmt.Errorf("open puppet: %w", err), self.close())
		}
	}
	now := clock.Now()
	c := &Camera{
		options: o, clock: clock, start: now, next: now, self: self, other: other,
		canvas: canvas{gocv.NewMat(), gocv.NewMat(), gocv.NewMat()},
		motion: newMotion(rand.New(rand.NewPCG(o.Seed, 1))),
		grain:  newGrain(rand.New(rand.NewPCG(o.Seed, 2))),
	}
	if err := ctx.Err(); err != nil {
		return nil, errors.Join(fmt.Errorf("open puppet: %w", err), c.Close())
	}
	return c, nil
}

// self is who the options name.
func (o Options) self(find Finder) (*actor, error) {
	if o.Mode == Nobody {
		return newRoom()
	}
	return newActor(o.Photo, o.Face, o.Mode == Flat, find)
}

// Info says that this is no camera.
func (c *Camera) Info() biometrics.CameraInfo {
	return biometrics.CameraInfo{Name: "puppet", Driver: "puppet", Port: c.options.String(), Virtual: true}
}

// Cue tells the puppet what to do.
func (c *Camera) Cue(cue eye.Cue) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.motion.obey(cue, c.clock.Now().Sub(c.start))
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
	p, who := c.stage(at)
	pix, err := c.draw(who, p)
	if err != nil {
		return biometrics.Frame{}, fmt.Errorf("read puppet: %w", err)
	}
	return biometrics.Frame{Width: Width, Height: Height, Pix: pix, At: at}, nil
}

// stage says who is on it, in which pose.
func (c *Camera) stage(at time.Duration) (pose, *actor) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.options.Mode == Still || c.options.Mode == Nobody {
		return pose{scale: 1}, c.self
	}
	p := c.motion.pose(at)
	if c.other != nil && c.motion.cue.Step == c.mixed() && c.motion.settled(at) {
		return p, c.other
	}
	return p, c.self
}

// mixed is the step at which Mix shows the other face: one of the neutral returns, 2, 4 and 6.
func (c *Camera) mixed() uint8 { return uint8(2 + 2*(c.options.Seed%3)) }

func (c *Camera) draw(who *actor, p pose) ([]byte, error) {
	low := math.Floor(p.yaw)
	a, err := who.mapAt(int(low))
	if err != nil {
		return nil, err
	}
	b, err := who.mapAt(int(low) + 1)
	if err != nil {
		return nil, err
	}
	gocv.AddWeighted(a, 1-(p.yaw-low), b, p.yaw-low, 0, &c.canvas.between)

	// The sway moves the picture as a whole: it goes into the growing of the map, so that the photograph is sampled once.
	sin, cos := math.Sin(p.roll)/p.scale, math.Cos(p.roll)/p.scale
	const half = (shrink - 1) / 2.0
	x0, y0 := centreX-half, centreY-half
	m := affine([6]float64{
		cos / shrink, sin / shrink, (x0 - cos*(centreX+p.x) - sin*(centreY+p.y)) / shrink,
		-sin / shrink, cos / shrink, (y0 + sin*(centreX+p.x) - cos*(centreY+p.y)) / shrink,
	})
	defer m.Close()
	gocv.WarpAffineWithParams(c.canvas.between, &c.canvas.full, m, image.Pt(Width, Height),
		gocv.InterpolationLinear|gocv.WarpInverseMap, gocv.BorderReplicate, color.RGBA{})
	none := gocv.NewMat()
	defer none.Close()
	gocv.Remap(who.skin, &c.canvas.picture, &c.canvas.full, &none, gocv.InterpolationLinear, gocv.BorderConstant, color.RGBA{R: 120, G: 124, B: 128, A: 255})
	pix := c.canvas.picture.ToBytes()
	if c.options.Mode != Still {
		c.grain.add(pix)
	}
	return pix, nil
}

// mapAt is the map of a pose, in pixels of the skin, a quarter the picture's size; the actor owns it.
func (a *actor) mapAt(degrees int) (gocv.Mat, error) {
	if m, ok := a.maps[degrees]; ok {
		return m, nil
	}
	m := gocv.NewMatWithSize(Height/shrink, Width/shrink, gocv.MatTypeCV32F|gocv.MatChannels2)
	points, err := m.DataPtrFloat32()
	if err != nil {
		return gocv.Mat{}, errors.Join(err, m.Close())
	}
	seen := a.body(float64(degrees) * math.Pi / 180)
	for i := range len(points) / 2 {
		px := float64(i%(Width/shrink)*shrink) + (shrink-1)/2.0
		py := float64(i/(Width/shrink)*shrink) + (shrink-1)/2.0
		x, y := seen((px-centreX)/unit, (py-centreY)/unit)
		points[2*i], points[2*i+1] = float32(centreX+unit*x), float32(centreY+unit*y)
	}
	a.maps[degrees] = m
	return m, nil
}

// Close frees the Mats. A second Close does nothing.
func (c *Camera) Close() error {
	if c.closed {
		return nil
	}
	c.closed = true
	err := errors.Join(c.self.close(), c.canvas.between.Close(), c.canvas.full.Close(), c.canvas.picture.Close())
	if c.other != nil {
		err = errors.Join(err, c.other.close())
	}
	return err
}

// system is the system's clock.
type system struct{}

func (system) Now() time.Time                         { return time.Now() }
func (system) After(d time.Duration) <-chan time.Time { return time.After(d) }
