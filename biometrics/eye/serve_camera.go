package eye

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"visavis/biometrics"
)

// stamped is a frame with the cue that was in force when it was read.
type stamped struct {
	frame  biometrics.Frame
	roll   uint32 // counts the cameras that were opened: a new one's frames are numbered anew
	cue    Cue
	offset time.Duration // from the challenge's first cue; 0 outside a challenge
}

// cueState is the cue in force. It is told to the camera under the lock, so never after the camera was closed.
type cueState struct {
	mu    sync.Mutex
	cue   Cue
	since time.Time // when the challenge's first cue came
	cued  Cued      // the open camera, when it wants to know
}

func (c *cueState) set(cue Cue, now time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if cue.Challenge != c.cue.Challenge {
		c.since = now
	}
	c.cue = cue
	if c.cued != nil {
		c.cued.Cue(cue)
	}
}

func (c *cueState) attach(camera biometrics.Camera) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.cued, _ = camera.(Cued)
	if c.cued != nil {
		c.cued.Cue(c.cue)
	}
}

func (c *cueState) detach() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.cued = nil
}

func (c *cueState) stamp(f biometrics.Frame, now time.Time) stamped {
	c.mu.Lock()
	defer c.mu.Unlock()
	s := stamped{frame: f, cue: c.cue}
	if c.cue.Challenge != ([16]byte{}) {
		s.offset = now.Sub(c.since)
	}
	return s
}

// lens is what the camera goroutine owns.
type lens struct {
	*server
	camera    biometrics.Camera // nil when none is open
	roll      uint32
	watch     watch
	previews  pace
	described pace
}

// watchCamera obeys orders and, while there is something to watch, reads frames as they come.
func (s *server) watchCamera(ctx context.Context) error {
	l := &lens{server: s}
	defer l.close()
	for {
		if l.camera == nil || l.watch.FPS == 0 {
			select {
			case m := <-s.orders:
				if err := l.obey(ctx, m); err != nil {
					return err
				}
			case <-ctx.Done():
				return nil
			}
			continue
		}
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
	}
}

func (l *lens) obey(ctx context.Context, m message) error {
	switch m.kind {
	case kindCameras:
		var a askCameras
		if err := m.unpack(&a); err != nil {
			return err
		}
		list, err := l.backend.Cameras()
		l.send(ctx, pack(kindCameraList, cameraList{ID: a.ID, Cameras: list[:min(len(list), maxCameras)], Failure: failureOf(err, ErrEye)}))
	case kindOpen:
		var a askOpen
		if err := m.unpack(&a); err != nil {
			return err
		}
		l.open(ctx, a)
	case kindClose:
		l.close()
	case kindWatch:
		var w watch
		if err := m.unpack(&w); err != nil {
			return err
		}
		l.watch = w
		l.previews, l.described = newPace(min(int(w.FPS), MaxRate)), newPace(min(int(w.FPS), MaxDescribed))
	default:
		return fmt.Errorf("%w: kind %d is no order", ErrProtocol, m.kind)
	}
	return nil
}

func (l *lens) open(ctx context.Context, a askOpen) {
	l.close()
	camera, err := l.backend.OpenCamera(ctx, a.Source)
	answer := opened{ID: a.ID, Failure: failureOf(err, ErrEye)}
	if err == nil {
		l.camera, answer.Info = camera, camera.Info()
		l.roll++
		l.cue.attach(camera)
	} else {
		l.log.Warn("camera does not open", "source", a.Source, "err", err)
	}
	l.send(ctx, pack(kindOpened, answer))
}

func (l *lens) close() {
	if l.camera == nil {
		return
	}
	l.cue.detach()
	if err := l.camera.Close(); err != nil {
		l.log.Warn("close camera", "err", err)
	}
	l.camera = nil
}

// readFrame reads one frame, stamps it and offers it. Both takers only read its pixels.
func (l *lens) readFrame(ctx context.Context) {
	f, err := l.camera.Read()
	now := l.clock.Now()
	if err == nil {
		err = checkFrame(f)
	}
	if err != nil {
		l.log.Warn("camera gives no more frames", "err", err)
		l.close()
		l.send(ctx, pack(kindCameraFailed, failureOf(err, ErrEye)))
		return
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

var errBadFrame = errors.New("frame of a wrong size")

func checkFrame(f biometrics.Frame) error {
	if min(f.Width, f.Height) <= 0 || max(f.Width, f.Height) > MaxSide || f.Width*f.Height > MaxPixels || len(f.Pix) != 4*f.Width*f.Height {
		return fmt.Errorf("%w: %d×%d pixels in %d bytes", errBadFrame, f.Width, f.Height, len(f.Pix))
	}
	return nil
}
