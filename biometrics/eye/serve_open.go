package eye

import (
	"context"
	"fmt"
	"time"

	"visavis/biometrics"
	"visavis/biometrics/pipe"
	"visavis/biometrics/webcam"
)

// Webcam is implemented by a Camera with a light that says that it is on: it is told how many frames a second are of use, and closed while
// there are none. Rate is called between two Reads.
type Webcam interface {
	Rate(fps int)
}

// How long a webcam of which no frames are wanted stays open.
const (
	lingerTime = 3 * time.Second // after frames were wanted: its light is on
	holdTime   = 2 * time.Minute // before, as it was opened beforehand
)

// opening is a camera that is being opened, in a goroutine of its own.
type opening struct {
	ask    askOpen
	wakes  bool // one that rested: nobody waits for an answer
	given  bool // up: what comes is closed
	cancel context.CancelFunc
	done   chan openResult // buffered
}

type openResult struct {
	camera biometrics.Camera
	err    error
}

// result is where it comes; never for no opening.
func (o *opening) result() <-chan openResult {
	if o == nil {
		return nil
	}
	return o.done
}

// open opens what is asked for instead of what there is.
func (l *lens) open(ctx context.Context, a askOpen) {
	l.giveUp(ctx)
	if l.opening != nil {
		l.next = &a
		return
	}
	l.begin(ctx, a, false)
}

func (l *lens) begin(ctx context.Context, a askOpen, wakes bool) {
	ctx, cancel := context.WithCancel(ctx)
	o := &opening{ask: a, wakes: wakes, cancel: cancel, done: make(chan openResult, 1)}
	l.opening = o
	go func() {
		camera, err := l.backend.OpenCamera(ctx, a.Source)
		o.done <- openResult{camera, err}
	}()
}

// isOpen takes what came of opening.
func (l *lens) isOpen(ctx context.Context, r openResult) {
	o := l.opening
	l.opening = nil
	o.cancel()
	if o.given {
		l.discard(r)
		if a := l.next; a != nil {
			l.next = nil
			l.begin(ctx, *a, false)
		}
		return
	}
	if r.err == nil && o.wakes && r.camera.Info() != l.known.info {
		l.discard(r) // the evidence would name the other one
		r.err = fmt.Errorf("%w: another camera answers to %s", biometrics.ErrCameraMissing, webcam.Printable(o.ask.Source))
	}
	l.rests = false
	if r.err != nil {
		l.log.Warn("camera does not open", "source", webcam.Printable(o.ask.Source), "err", r.err)
		l.answer(ctx, o, biometrics.CameraInfo{}, r.err)
		return
	}
	l.camera, l.used = r.camera, false
	l.known = known{r.camera.Info(), sourceOf(r.camera.Info(), o.ask.Source)}
	l.roll++
	l.cue.attach(l.camera)
	l.answer(ctx, o, l.known.info, nil)
	l.pace()
}

// sourceOf is how a camera is found again that was asked for in some way: by what it is, when it is hardware.
func sourceOf(info biometrics.CameraInfo, asked string) string {
	if info.Virtual || webcam.Source(info) == "" {
		return asked
	}
	return webcam.Source(info)
}

// answer says what came of opening. A camera that was woken was open all the time, for who asked for it.
func (l *lens) answer(ctx context.Context, o *opening, info biometrics.CameraInfo, err error) {
	switch {
	case !o.wakes:
		l.send(ctx, pipe.Pack(kindOpened, opened{ID: o.ask.ID, Info: info, Failure: failureOf(err, ErrEye)}))
	case err != nil:
		l.send(ctx, pipe.Pack(kindCameraFailed, failureOf(err, ErrEye)))
	}
}

func (l *lens) discard(r openResult) {
	if r.camera == nil {
		return
	}
	if err := r.camera.Close(); err != nil {
		l.log.Warn("close camera", "err", err)
	}
}

// giveUp closes the camera, and what is being opened as soon as it is.
func (l *lens) giveUp(ctx context.Context) {
	l.close()
	l.rests = false
	if l.next != nil {
		l.answer(ctx, &opening{ask: *l.next}, biometrics.CameraInfo{}, biometrics.ErrCameraClosed)
		l.next = nil
	}
	if o := l.opening; o != nil && !o.given {
		o.given = true
		o.cancel()
		if !o.wakes {
			l.answer(ctx, o, biometrics.CameraInfo{}, biometrics.ErrCameraClosed)
		}
	}
}

// close closes the camera.
func (l *lens) close() {
	if l.camera == nil {
		return
	}
	l.cue.detach()
	if err := l.camera.Close(); err != nil {
		l.log.Warn("close camera", "err", err)
	}
	l.camera, l.trouble, l.idle = nil, nil, nil
}

// rest lets the device go of a camera that nobody watches.
func (l *lens) rest() {
	l.close()
	l.rests = true
}

// wake opens a camera that rests.
func (l *lens) wake(ctx context.Context) {
	if l.rests && l.opening == nil {
		l.begin(ctx, askOpen{Source: l.known.source}, true)
	}
}

// prepare opens a camera that rests, or keeps it open, since frames will soon be wanted.
func (l *lens) prepare(ctx context.Context) {
	l.wake(ctx)
	l.used = false
	l.pace()
}

// end closes everything, and waits for what is being opened.
func (l *lens) end() {
	l.close()
	if o := l.opening; o != nil {
		o.cancel()
		l.discard(<-o.done)
	}
}
