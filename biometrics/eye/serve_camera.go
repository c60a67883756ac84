package eye

import (
	"context"
	"errors"
	"fmt"
	"time"

	"visavis/biometrics"
	"visavis/biometrics/pipe"
	"visavis/biometrics/webcam"
)

// lens is what the camera goroutine owns. At most one of camera, opening and rests says what becomes of the camera that was asked for.
type lens struct {
	*server
	camera    biometrics.Camera // nil when none is open
	known     known             // camera, or the one that rests
	rests     bool              // it was let go, and is opened again when frames are wanted
	used      bool              // frames of it were wanted since it was opened
	idle      <-chan time.Time  // it is let go then
	opening   *opening          // nil when none is being opened
	next      *askOpen          // to be opened when the one that was given up has let go
	trouble   error             // that the open camera has, and may get rid of
	told      time.Time         // when the trouble was told last
	roll      uint32
	watch     watch
	previews  pace
	described pace
}

// known is a camera as it was told, and how it is found again.
type known struct {
	info   biometrics.CameraInfo
	source string
}

// troubleEvery is how often a trouble that lasts is told: who begins to listen later has to know it.
const troubleEvery = time.Second

// watchCamera obeys orders and, while there is something to watch, reads frames as they come. Cameras are opened beside it, so that a driver
// which takes its time keeps nobody from another order.
func (s *server) watchCamera(ctx context.Context) error {
	l := &lens{server: s}
	defer l.end()
	for {
		if l.camera != nil && l.watch.FPS > 0 {
			select {
			case m := <-s.orders:
				if err := l.obey(ctx, m); err != nil {
					return err
				}
			case <-ctx.Done():
				return nil
			default:
				l.readFrame(ctx)
			}
			continue
		}
		select {
		case m := <-s.orders:
			if err := l.obey(ctx, m); err != nil {
				return err
			}
		case r := <-l.opening.result():
			l.isOpen(ctx, r)
		case <-l.idle:
			l.rest()
		case <-ctx.Done():
			return nil
		}
	}
}

func (l *lens) obey(ctx context.Context, m message) error {
	switch m.Kind {
	case kindCameras:
		var a askCameras
		if err := m.Unpack(&a); err != nil {
			return err
		}
		list, err := l.backend.Cameras()
		l.send(ctx, pipe.Pack(kindCameraList, cameraList{ID: a.ID, Cameras: list[:min(len(list), maxCameras)], Failure: failureOf(err, ErrEye)}))
	case kindOpen:
		var a askOpen
		if err := m.Unpack(&a); err != nil {
			return err
		}
		l.open(ctx, a)
	case kindClose:
		l.giveUp(ctx)
	case kindPrepare:
		l.prepare(ctx)
	case kindWatch:
		var w watch
		if err := m.Unpack(&w); err != nil {
			return err
		}
		l.watchAt(ctx, w)
	default:
		return fmt.Errorf("%w: kind %d is no order", ErrProtocol, m.Kind)
	}
	return nil
}

// watchAt sets how many frames are wanted, and wakes a camera that rests.
func (l *lens) watchAt(ctx context.Context, w watch) {
	l.watch = w
	l.previews, l.described = newPace(min(int(w.FPS), MaxRate)), newPace(min(int(w.FPS), MaxDescribed))
	if w.FPS > 0 {
		l.wake(ctx)
	}
	l.pace()
}

// pace tells a webcam what is wanted of it, and lets it go later when that is nothing.
func (l *lens) pace() {
	l.idle = nil
	c, ok := l.camera.(Webcam)
	switch {
	case !ok:
	case l.watch.FPS == 0 && l.used:
		l.idle = l.clock.After(lingerTime)
	case l.watch.FPS == 0:
		l.idle = l.clock.After(holdTime)
	case l.watch.Preview:
		c.Rate(int(l.watch.FPS))
	default:
		c.Rate(min(int(l.watch.FPS), MaxDescribed))
	}
}

// readFrame reads one frame, stamps it and offers it. Both takers only read its pixels.
func (l *lens) readFrame(ctx context.Context) {
	l.used = true
	f, err := l.camera.Read()
	now := l.clock.Now()
	if err == nil {
		err = checkFrame(f)
	}
	switch {
	case errors.Is(err, webcam.ErrPassing):
		l.isTroubled(ctx, err, now)
		return
	case err != nil:
		l.log.Warn("camera gives no more frames", "err", err)
		l.close()
		l.send(ctx, pipe.Pack(kindCameraFailed, failureOf(err, ErrEye)))
		return
	case l.trouble != nil:
		l.trouble = nil
		l.send(ctx, pipe.Pack(kindCameraTrouble, failure{}))
	}
	at := now.Sub(l.start)
	if l.watch.Preview && l.previews.due(at) {
		l.preview.put(f)
	}
	if l.described.due(at) {
		frame := l.cue.stamp(f, now)
		frame.roll = l.roll
		l.frames.put(frame)
	}
}

// isTroubled tells what is wrong with a camera that stays open, when it is new and each second.
func (l *lens) isTroubled(ctx context.Context, err error, now time.Time) {
	if l.trouble != nil && failureOf(l.trouble, ErrEye).Code == failureOf(err, ErrEye).Code && now.Sub(l.told) < troubleEvery {
		return
	}
	if l.trouble == nil {
		l.log.Warn("camera has trouble", "err", err)
	}
	l.trouble, l.told = err, now
	l.send(ctx, pipe.Pack(kindCameraTrouble, failureOf(err, ErrEye)))
}

var errBadFrame = errors.New("frame of a wrong size")

func checkFrame(f biometrics.Frame) error {
	if min(f.Width, f.Height) <= 0 || max(f.Width, f.Height) > MaxSide || f.Width*f.Height > MaxPixels || len(f.Pix) != 4*f.Width*f.Height {
		return fmt.Errorf("%w: %d×%d pixels in %d bytes", errBadFrame, f.Width, f.Height, len(f.Pix))
	}
	return nil
}
