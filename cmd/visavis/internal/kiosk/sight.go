package kiosk

import (
	"context"
	"errors"
	"sync/atomic"
	"time"

	"visavis/biometrics"
	"visavis/biometrics/eye"
	"visavis/biometrics/webcam"
	"visavis/cmd/visavis/internal/flow"
)

// sight is the eye and its camera.
type sight struct {
	keeper  keeper
	preview atomic.Bool // the window wants pictures

	camera  *biometrics.CameraInfo // that is open
	failed  error                  // why none is
	dead    error                  // why there is no eye
	blind   error                  // why it can describe nothing
	trouble error                  // why the open camera gives nothing of use for now
	ready   bool
	lost    bool   // the camera that was open is unplugged
	back    bool   // and was found again just now
	said    *scope // until that is not said any more
	opening *scope // a try to open a camera, or the time until the next
	retry   backoff
	shown   flow.Eye
}

// Times of the eye.
const (
	openPatience = 20 * time.Second
	listPatience = 5 * time.Second
	progressRate = 100 * time.Millisecond // between two words on what is wrong with the picture
	backTime     = 6 * time.Second        // that a camera is said to be found again
)

// openEye starts the eye; its camera is opened as soon as the settings are known.
func (k *Kiosk) openEye() error {
	keeper, err := k.world.start(k.life.ctx, k.o.Eye)
	if err != nil {
		return err
	}
	k.eye.keeper = keeper
	k.tasks.Go(func() {
		for e := range keeper.Events() {
			if p, ok := e.(eye.Preview); ok {
				if k.o.Frame != nil && k.eye.preview.Load() {
					k.o.Frame(p.Image)
				}
				continue
			}
			k.hand(k.life, func() { k.eyeSays(e) }) // what comes faster than it is used is dropped by the keeper
		}
	})
	return nil
}

func (k *Kiosk) setSight(s flow.Sight) {
	k.eye.preview.Store(s.Preview)
	k.eye.keeper.Watch(s.Rate, s.Preview)
}

// openCamera opens the camera of flag or settings, instead of what is open.
func (k *Kiosk) openCamera() {
	k.eye.opening.end()
	s := k.life.within()
	k.eye.opening = s
	source := k.o.Source
	if source == "" {
		source = k.settings.Camera
	}
	keeper := k.eye.keeper
	begin(k, s, func(ctx context.Context) (biometrics.CameraInfo, error) {
		ctx, cancel := context.WithTimeout(ctx, openPatience)
		defer cancel()
		return keeper.Open(ctx, source)
	}, func(info biometrics.CameraInfo, err error) {
		s.end()
		k.eye.opening = nil
		if err != nil {
			k.cameraGone(err, false)
			return
		}
		k.cameraIs(info)
	}, nil)
}

func (k *Kiosk) cameraIs(info biometrics.CameraInfo) {
	k.eye.camera, k.eye.failed, k.eye.dead, k.eye.trouble = &info, nil, nil, nil
	k.eye.retry.reset()
	if k.eye.lost {
		k.eye.lost, k.eye.back = false, true
		k.eye.said.end()
		k.eye.said = k.life.within()
		k.after(k.eye.said, backTime, func() {
			k.eye.back = false
			k.tellEye()
		})
	}
	k.tellEye()
}

// cameraGone tries again by itself, unless the keeper does.
func (k *Kiosk) cameraGone(err error, kept bool) {
	missing := errors.Is(err, biometrics.ErrCameraMissing)
	k.eye.lost = missing && (k.eye.lost || k.eye.camera != nil)
	k.eye.camera, k.eye.failed, k.eye.trouble, k.eye.back = nil, err, nil, false
	k.watch.Blind(k.o.Clock.Now())
	if k.eye.opening == nil && !kept {
		s := k.life.within()
		k.eye.opening = s
		k.after(s, k.eye.retry.wait(), k.openCamera)
	}
	k.tellEye()
}

func (k *Kiosk) eyeSays(e eye.Event) {
	switch e := e.(type) {
	case eye.Seen:
		k.saw(e)
		return
	case eye.Ready:
		k.eye.ready, k.eye.dead, k.eye.blind = true, nil, nil
	case eye.NoWeights:
		k.eye.ready, k.eye.dead, k.eye.blind = false, nil, e.Err
		k.watch.Blind(k.o.Clock.Now())
	case eye.CameraOpened:
		k.cameraIs(e.Info)
	case eye.CameraFailed:
		k.cameraGone(e.Err, e.Again)
	case eye.CameraTrouble:
		if k.eye.trouble = e.Err; errors.Is(e.Err, biometrics.ErrCameraSlow) { // no pictures at all; dark and white ones are an empty chair
			k.watch.Blind(k.o.Clock.Now())
		}
	case eye.Died:
		k.eye.camera, k.eye.ready, k.eye.dead, k.eye.blind, k.eye.trouble = nil, false, e.Err, nil, nil
		k.watch.Blind(k.o.Clock.Now())
	}
	k.tellEye()
}

// saw uses one described frame: for who is before the desk, and for what is wrong with the picture.
func (k *Kiosk) saw(s eye.Seen) {
	now := k.o.Clock.Now()
	k.verdict(k.watch.Seen(now, s))
	k.tellProof(now, flow.Progress{Reasons: s.Face.Quality.Reasons()})
	e := k.entry
	if e == nil || e.watching == nil {
		return
	}
	if !s.Face.Quality.Has(biometrics.NoFace) {
		e.faced = now
	}
	patience := leftAfter
	if k.state.Noting() {
		patience = bentOver
	}
	if e.half && now.Sub(e.faced) >= patience {
		k.apply(flow.Cancelled{Why: flow.NoteLeft})
		return
	}
	if now.Sub(e.told) >= progressRate {
		e.told = now
		k.apply(flow.Progress{Reasons: s.Face.Quality.Reasons()})
	}
}

// tellEye says how the eye is, when that is new.
func (k *Kiosk) tellEye() {
	x := flow.Eye{Stage: flow.EyeStarting}
	if c := k.eye.camera; c != nil {
		x = flow.Eye{Stage: flow.EyeOpen, Camera: c.Name, Port: c.Port, Virtual: c.Virtual, Back: k.eye.back}
	} else if k.eye.ready {
		x.Stage = flow.EyeOpening
	}
	for _, err := range []error{k.eye.dead, k.eye.blind, k.eye.failed, k.eye.trouble} {
		if err != nil {
			x.Stage, x.Problem = flow.EyeFailed, problemOf(err, anywhere)
			if x.Problem.Kind == flow.NoCamera && k.eye.lost {
				x.Problem.Kind = flow.CameraGone
			}
			break
		}
	}
	if x != k.eye.shown {
		k.eye.shown = x
		k.apply(flow.EyeIs{Eye: x})
	}
}

// listCameras answers with an empty list when the eye does not.
func (k *Kiosk) listCameras() {
	keeper := k.eye.keeper
	begin(k, k.life, func(ctx context.Context) ([]biometrics.CameraInfo, error) {
		ctx, cancel := context.WithTimeout(ctx, listPatience)
		defer cancel()
		return keeper.Cameras(ctx)
	}, func(list []biometrics.CameraInfo, err error) {
		if err != nil && !errors.Is(err, context.Canceled) {
			k.o.Log.Warn("cameras can not be listed", "err", err)
		}
		cameras := make([]flow.Camera, 0, len(list))
		for _, c := range list {
			cameras = append(cameras, flow.Camera{Name: c.Name, Kind: kindOfCamera(c), Port: c.Port, Source: webcam.Source(c), Virtual: c.Virtual})
		}
		k.apply(flow.CamerasAre{Cameras: cameras})
	}, nil)
}

// kindOfCamera tells two cameras of one name apart.
func kindOfCamera(c biometrics.CameraInfo) string {
	switch {
	case c.Vendor == "":
		return c.Driver
	case c.Serial == "":
		return c.Vendor + ":" + c.Product
	}
	return c.Vendor + ":" + c.Product + " " + c.Serial
}
