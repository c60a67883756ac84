package eye

import (
	"context"
	"errors"
	"fmt"
	"unicode/utf8"

	"visavis/biometrics"
)

// Open opens a camera; one that is open is closed first, and stays closed should this one not open. When ctx ends meanwhile, no camera is
// open afterwards; when its deadline passes, the eye hangs in the driver and is restarted. Who is overtaken by another Open or by CloseCamera
// gets biometrics.ErrCameraClosed.
func (k *Keeper) Open(ctx context.Context, source string) (biometrics.CameraInfo, error) {
	info, err := k.open(ctx, source)
	if err != nil {
		return biometrics.CameraInfo{}, fmt.Errorf("open camera: %w", err)
	}
	return info, nil
}

func (k *Keeper) open(ctx context.Context, source string) (biometrics.CameraInfo, error) {
	if len(source) > maxSource || !utf8.ValidString(source) {
		return biometrics.CameraInfo{}, fmt.Errorf("%w: a name of %d bytes that none has", biometrics.ErrCameraMissing, len(source))
	}
	s, wish, q, err := k.askOpen(ctx, source)
	if err != nil {
		return biometrics.CameraInfo{}, err
	}
	m, err := s.await(ctx, q)
	if err != nil {
		k.closeCamera(wish) // nobody waits for it any more: it must not stay open unseen
		if errors.Is(err, context.DeadlineExceeded) {
			s.end(errSlow)
		}
		return biometrics.CameraInfo{}, err
	}
	info, err := infoOf(m)
	if err == nil && k.overtaken(wish) {
		return biometrics.CameraInfo{}, biometrics.ErrCameraClosed
	}
	return info, err
}

// askOpen makes source the newest wish. It is told to the eye that holds what was wished for before, or to none.
func (k *Keeper) askOpen(ctx context.Context, source string) (*session, uint64, *question, error) {
	for {
		s, err := k.current(ctx)
		if err != nil {
			return nil, 0, nil, err
		}
		k.mu.Lock()
		if k.session == s {
			defer k.mu.Unlock()
			k.forget()
			k.asking = true
			return s, k.wish, s.openCamera(source, k.wish), nil
		}
		k.mu.Unlock()
	}
}

func (k *Keeper) overtaken(wish uint64) bool {
	k.mu.Lock()
	defer k.mu.Unlock()
	return wish != k.wish
}

// CloseCamera closes the camera, if one is open or being opened, and forgets it.
func (k *Keeper) CloseCamera() { k.closeCamera(0) }

// closeCamera closes what was wished for, whatever it is or, with a number, only that.
func (k *Keeper) closeCamera(wish uint64) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if wish != 0 && wish != k.wish {
		return
	}
	k.forget()
	if k.session != nil {
		k.session.tell(message{Kind: kindClose})
	}
}

// Camera returns the open camera.
func (k *Keeper) Camera() (info biometrics.CameraInfo, open bool) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.info == nil {
		return biometrics.CameraInfo{}, false
	}
	return *k.info, true
}

// forget gives up what was wished for, for who holds the lock.
func (k *Keeper) forget() {
	k.wish++
	k.wanted, k.asking, k.info, k.hunt = false, false, nil, hunt{}
}

// cameraAnswered notes what came of opening a camera. When another camera or none was wished for since, the eye has that order already.
func (k *Keeper) cameraAnswered(wish uint64, source string, info biometrics.CameraInfo, err error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if wish != k.wish {
		return
	}
	k.asking = false
	if err != nil {
		k.cameraLost(err)
		return
	}
	k.wanted, k.source, k.info = true, sourceOf(info, source), &info
	k.hunt = hunt{open: true, since: k.clock.Now(), wait: k.hunt.wait, renewed: k.hunt.renewed}
	k.offer(CameraOpened{info})
}

// cameraGone notes that the open camera failed. One that nobody thinks open was given up meanwhile, and its end is of no matter.
func (k *Keeper) cameraGone(err error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.info != nil {
		k.cameraLost(err)
	}
}

// cameraTroubled notes that the open camera gives nothing of use, or does again.
func (k *Keeper) cameraTroubled(err error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.info != nil {
		k.offer(CameraTrouble{err})
	}
}
