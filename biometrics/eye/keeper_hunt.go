package eye

import (
	"errors"
	"time"

	"visavis/biometrics"
)

const (
	// huntTime is from look to look for a camera that was pulled out, which costs a look into sysfs.
	huntTime = 500 * time.Millisecond
	// huntMost is from try to try to open one that is there and does not work, the last of ever longer ones.
	huntMost = 8 * time.Second
	// huntSlow is how many tries a driver may leave unanswered until the eye is started anew, once: that frees what still hangs in it.
	huntSlow = 3
)

// hunt is the search for a camera that was open and is lost.
type hunt struct {
	open    bool          // it was open once: who asked for it was told so, and counts on it
	since   time.Time     // when it was opened last
	why     error         // that it is lost now; nil while it is open
	wait    time.Duration // until the next look
	slow    int           // looks in a row that the driver did not answer
	renewed bool          // the eye was started anew for it
}

// mends says whether a camera that failed in this way may work again, by itself or since somebody plugs it in.
func mends(err error) bool {
	for _, e := range []error{
		biometrics.ErrCameraMissing, biometrics.ErrCameraBusy, biometrics.ErrCameraDenied, biometrics.ErrCameraDark, biometrics.ErrCameraBright,
		biometrics.ErrCameraFrozen, biometrics.ErrCameraSlow, ErrEye,
	} {
		if errors.Is(err, e) {
			return true
		}
	}
	return false
}

// cameraLost notes that a camera is not open, for who holds the lock. The hunter looks for one that was.
func (k *Keeper) cameraLost(err error) {
	k.info = nil
	h := &k.hunt
	if !h.open || !mends(err) {
		k.wanted, k.hunt = false, hunt{}
		k.offer(CameraFailed{Err: err})
		return
	}
	news := h.why == nil || failureOf(h.why, ErrEye).Code != failureOf(err, ErrEye).Code
	lived := h.why == nil && k.clock.Now().Sub(h.since) >= livedLong
	h.renewed = h.renewed && !lived
	if h.wait == 0 || lived || errors.Is(err, biometrics.ErrCameraMissing) {
		h.wait = huntTime
	} else { // also for one that opens and fails again at once
		h.wait = min(2*h.wait, huntMost)
	}
	if errors.Is(err, biometrics.ErrCameraSlow) {
		h.slow++
	} else {
		h.slow = 0
	}
	h.why = err
	if news {
		k.offer(CameraFailed{Err: err, Again: true})
	}
	select {
	case k.lost <- struct{}{}:
	default:
	}
}

// huntCamera lives as long as the keeper, and looks for the camera that was lost: once after each time that it was found missing.
func (k *Keeper) huntCamera() {
	defer close(k.hunter)
	for {
		select {
		case <-k.lost:
		case <-k.ctx.Done():
			return
		}
		wait := k.nextLook()
		if wait == 0 {
			continue
		}
		select {
		case <-k.clock.After(wait):
			k.look()
		case <-k.ctx.Done():
			return
		}
	}
}

// nextLook says how long to wait for the next look; zero when there is nothing to look for.
func (k *Keeper) nextLook() time.Duration {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.hunt.why == nil {
		return 0
	}
	return k.hunt.wait
}

// look asks the eye to open the camera that was lost, unless it was asked already or the next eye will be. What comes of it cameraAnswered notes.
func (k *Keeper) look() {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.hunt.why == nil || k.asking || k.session == nil {
		return
	}
	if k.hunt.slow >= huntSlow && !k.hunt.renewed {
		k.hunt.renewed = true
		k.session.end(errSlow)
		return
	}
	k.asking = true
	k.session.openCamera(k.source, k.wish)
}
