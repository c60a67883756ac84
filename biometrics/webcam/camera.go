package webcam

import (
	"context"
	"errors"
	"fmt"
	"hash/maphash"
	"time"

	"visavis/biometrics"
)

// ErrPassing is wrapped by an error of Read beside what is wrong, when the camera stays open and the trouble may pass by itself: the next Read
// may bring a picture.
var ErrPassing = errors.New("it may pass")

// How long a picture may take.
const (
	firstPatience = 3 * time.Second // the first: the camera has to start
	patience      = time.Second
	lastPatience  = 5 * time.Second // until a silent camera is given up
	// pause without a Read makes the driver's waiting pictures stale.
	pause = 300 * time.Millisecond
	// stalePictures is how many of them there may be, for a driver that was asked for a queue of one.
	stalePictures = 2
	// fullRate is the rate from which every picture is decoded: cameras give 15 or 30.
	fullRate = 13
)

// Camera is an open camera, or a stream. It implements biometrics.Camera. Its owner uses it from one goroutine.
type Camera struct {
	o      Options
	info   biometrics.CameraInfo
	format Format
	start  time.Time
	hand   *hand
	closed bool

	device  *Device // nil for a stream, whose pictures are not judged
	opener  *Opener
	attempt attempt

	every   time.Duration // between two pictures that are wanted; 0 for all
	due     time.Time     // of the next of them
	asked   time.Time     // when the picture was asked for that has not come yet
	waits   bool          // for one
	last    time.Time     // when the last picture came
	frames  int
	seed    maphash.Seed
	health  health
	warming warmUp
}

var _ biometrics.Camera = (*Camera)(nil)

func newCamera(o Options, info biometrics.CameraInfo, h *hand, format Format) *Camera {
	return &Camera{o: o, info: info, format: format, start: o.Clock.Now(), hand: h, seed: maphash.MakeSeed()}
}

// OpenStream opens something else than a device, under the same deadlines.
func OpenStream(ctx context.Context, o Options, info biometrics.CameraInfo, open func() (Stream, error)) (*Camera, error) {
	o = o.filled()
	h, told := newHand(o.Clock, o.Log, func() (Stream, Format, error) {
		s, err := open()
		return s, Format{}, err
	})
	select {
	case x := <-told:
		if x.err != nil {
			<-h.done
			return nil, x.err
		}
		return newCamera(o, info, h, x.format), nil
	case <-ctx.Done():
		h.letGo()
		return nil, ctx.Err()
	case <-o.Clock.After(2 * openTime):
		h.letGo()
		return nil, biometrics.ErrCameraSlow
	}
}

// Info implements biometrics.Camera.
func (c *Camera) Info() biometrics.CameraInfo { return c.info }

// Format returns what the driver granted.
func (c *Camera) Format() Format { return c.format }

// Rate says how many pictures a second are wanted; 0 for as many as there are. Those between are not decoded.
func (c *Camera) Rate(fps int) {
	c.every = 0
	if fps > 0 && fps < fullRate {
		c.every = time.Second / time.Duration(fps)
	}
	c.due = time.Time{}
}

// Read implements biometrics.Camera. It blocks for at most a few seconds. The first pictures, while the exposure finds its place, are left
// out. An error that wraps ErrPassing leaves the camera open, and the next Read goes on; after any other the camera has to be closed.
func (c *Camera) Read() (biometrics.Frame, error) {
	for {
		f, err := c.next()
		if err != nil {
			return biometrics.Frame{}, fmt.Errorf("read camera: %w", err)
		}
		if c.device == nil {
			return f, nil
		}
		l := measure(f)
		counts := c.warming.counts(f.At, l)
		switch err := c.health.see(f.At, l, maphash.Bytes(c.seed, f.Pix)); {
		case errors.Is(err, biometrics.ErrCameraFrozen): // no driver was seen to come out of it
			return biometrics.Frame{}, fmt.Errorf("read camera: %w", err)
		case err != nil:
			return biometrics.Frame{}, fmt.Errorf("read camera: %w: %w", err, ErrPassing)
		}
		if counts {
			return f, nil
		}
	}
}

// next gets one picture.
func (c *Camera) next() (biometrics.Frame, error) {
	if c.closed {
		return biometrics.Frame{}, biometrics.ErrCameraClosed
	}
	if !c.waits {
		if err := c.demand(); err != nil {
			return biometrics.Frame{}, err
		}
	}
	limit := patience + c.every
	if c.frames == 0 {
		limit = firstPatience
	}
	select {
	case t := <-c.hand.got:
		return c.take(t)
	case <-c.o.Clock.After(limit):
		return biometrics.Frame{}, c.silent()
	}
}

// demand asks the hand for the next picture that is wanted.
func (c *Camera) demand() error {
	now := c.o.Clock.Now()
	var r request
	switch {
	case c.every > 0 && c.warming.over:
		if c.due = c.due.Add(c.every); c.due.Before(now.Add(-c.every)) {
			c.due = now
		}
		r.from = c.due
	case c.frames > 0 && now.Sub(c.last) > pause:
		r.stale = stalePictures
	}
	select {
	case c.hand.ask <- r:
	case <-c.hand.done:
		return c.over()
	}
	c.waits, c.asked = true, now
	return nil
}

// take hands a picture on.
func (c *Camera) take(t taken) (biometrics.Frame, error) {
	c.waits = false
	if t.err != nil {
		return biometrics.Frame{}, fmt.Errorf("%w: %w", c.over(), t.err)
	}
	if c.frames == 0 && c.opener != nil {
		c.opener.wins(c.attempt)
	}
	c.frames++
	c.last = c.o.Clock.Now()
	t.frame.At = c.last.Sub(c.start)
	return t.frame, nil
}

// over says what it means that a source has no more pictures.
func (c *Camera) over() error {
	if c.device == nil {
		return biometrics.ErrCameraEnded
	}
	err := c.opener.whatNow(*c.device)
	if c.frames == 0 && errors.Is(err, biometrics.ErrCameraSlow) {
		c.opener.loses(c.attempt)
	}
	return err
}

// silent says what it means that no picture comes.
func (c *Camera) silent() error {
	if c.device != nil {
		if err := c.opener.whatNow(*c.device); errors.Is(err, biometrics.ErrCameraMissing) {
			return err
		}
	}
	if c.o.Clock.Now().Sub(c.asked) < lastPatience {
		return fmt.Errorf("%w: %w", biometrics.ErrCameraSlow, ErrPassing)
	}
	if c.opener != nil && c.frames == 0 {
		c.opener.loses(c.attempt)
	}
	return biometrics.ErrCameraSlow
}

// Close implements biometrics.Camera: the device is free and its light off when it returns, unless the driver hangs. Closing twice is not an error.
func (c *Camera) Close() error {
	if c.closed {
		return nil
	}
	c.letGo()
	select {
	case <-c.hand.done:
	case <-c.o.Clock.After(closeTime):
		c.o.Log.Warn("camera does not close", "camera", c.info.Name)
	}
	return nil
}

func (c *Camera) letGo() {
	c.closed = true
	if c.opener != nil {
		c.opener.leave(c.attempt, c.hand)
		return
	}
	c.hand.letGo()
}
