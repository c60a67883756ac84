package webcam

import (
	"log/slog"
	"sync"
	"time"

	"visavis/biometrics"
)

// Backend is one way to reach a camera.
type Backend uint8

// The backends, in the order in which they are tried.
const (
	V4L2      Backend = 1
	GStreamer Backend = 2
	Any       Backend = 3 // whatever else there is
)

// String names a backend.
func (b Backend) String() string {
	switch b {
	case V4L2:
		return "V4L2"
	case GStreamer:
		return "GStreamer"
	case Any:
		return "any"
	}
	return "no backend"
}

// Format is what a camera gives, or is asked for.
type Format struct {
	Width, Height int
	Rate          float64 // pictures a second; 0 when the driver does not say
	Code          string  // of the coding, four letters as "MJPG"; empty for the driver's own choice
}

// Port opens devices: OpenCV's, or a test's that breaks. Open may block for as long as a driver does.
type Port interface {
	Open(d Device, b Backend) (Stream, error)
}

// Stream is an open device. All its methods, and the Port's Open that made it, are called from one goroutine.
type Stream interface {
	// Ask asks for a format and returns what the driver grants, before the first picture.
	Ask(Format) Format
	// Read waits for the next picture, which the caller then owns; its At is not set. An error means that there will be none.
	Read() (biometrics.Frame, error)
	// Skip waits for the next picture and drops it, without decoding it where that can be.
	Skip()
	Close() error
}

// Clock is where the time comes from.
type Clock interface {
	Now() time.Time
	After(time.Duration) <-chan time.Time
}

type systemClock struct{}

func (systemClock) Now() time.Time                         { return time.Now() }
func (systemClock) After(d time.Duration) <-chan time.Time { return time.After(d) }

// hand does everything that touches one device, so that whoever waits for it can stop waiting. It opens, gives a picture for each time that it
// is asked, and closes when it was let go, or when the driver gives it back later.
type hand struct {
	clock Clock
	ask   chan request
	got   chan taken // buffered: nobody may wait any more
	quit  chan struct{}
	done  chan struct{}
	once  sync.Once
	open  bool // the device was: what the hand has still to do is to close it; its owner's
}

// request is for a picture; those before a time, and some that may have waited in the driver's queue, are dropped.
type request struct {
	from  time.Time
	stale int
}

// taken is one picture, or why there is none.
type taken struct {
	frame biometrics.Frame
	err   error
}

// opened is what came of opening.
type opened struct {
	format Format
	err    error
}

// maxSkips bounds the pictures that are dropped at once: a device that is gone gives none, and does not wait either.
const maxSkips = 64

// newHand begins to open. What comes of it is told once.
func newHand(clock Clock, log *slog.Logger, open func() (Stream, Format, error)) (*hand, <-chan opened) {
	h := &hand{clock: clock, ask: make(chan request), got: make(chan taken, 1), quit: make(chan struct{}), done: make(chan struct{})}
	told := make(chan opened, 1)
	go func() {
		defer close(h.done)
		s, format, err := open()
		told <- opened{format, err}
		if err != nil {
			return
		}
		h.serve(s)
		if err := s.Close(); err != nil {
			log.Warn("close camera", "err", err)
		}
	}()
	return h, told
}

func (h *hand) serve(s Stream) {
	for !h.left() {
		select {
		case <-h.quit:
			return
		case r := <-h.ask:
			for n := 0; !h.left() && (n < r.stale || n < maxSkips && h.clock.Now().Before(r.from)); n++ {
				s.Skip()
			}
			if h.left() {
				return
			}
			f, err := s.Read()
			h.got <- taken{f, err}
		}
	}
}

// letGo makes the hand close the device, as soon as it can.
func (h *hand) letGo() { h.once.Do(func() { close(h.quit) }) }

// left says whether it was let go.
func (h *hand) left() bool {
	select {
	case <-h.quit:
		return true
	default:
		return false
	}
}

// gone says whether the hand has closed the device.
func (h *hand) gone() bool {
	select {
	case <-h.done:
		return true
	default:
		return false
	}
}
