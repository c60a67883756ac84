package doctor

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"visavis/biometrics"
	"visavis/biometrics/eye"
	"visavis/biometrics/weights"
)

// Options say what to examine.
type Options struct {
	Eye      eye.Options // which eye to start, and its clock; nil stands for the system's
	Weights  string      // folder of the face models
	Camera   string      // source; empty for the first camera that is hardware
	NoCamera bool        // this machine is to have none
	Picture  []byte      // a JPEG or PNG with a face, to measure the speed where nobody sits before a camera; may be nil

	Made   time.Time            // when this program was made: no clock is right that is before it; may be zero
	InStep func() (bool, error) // whether the system keeps its clock in step; nil for unknown
}

// Times of an examination.
const (
	startTime = 30 * time.Second // until the eye has its models
	listTime  = 5 * time.Second
	openTime  = 20 * time.Second
	firstTime = 5 * time.Second // until the first picture
	lookTime  = 4 * time.Second // from then on
)

type visit struct {
	o      Options
	clock  eye.Clock
	eye    *eye.Keeper
	report Report
	tell   func(Finding)
	sight  sight // what was seen through the camera
}

// Examine examines a desk. tell, which may be nil, gets each finding as soon as it was made. The error is the context's: all else is a finding.
func Examine(ctx context.Context, o Options, tell func(Finding)) (Report, error) {
	v := &visit{o: o, tell: tell}
	v.time()
	v.models()
	if !v.start(ctx) {
		return v.report, ctx.Err()
	}
	defer v.eye.Close()
	if source, ok := v.cameras(ctx); ok {
		v.camera(ctx, source)
	}
	v.speed(ctx)
	return v.report, ctx.Err()
}

func (v *visit) found(f Finding) {
	v.report.add(f)
	if v.tell != nil {
		v.tell(f)
	}
}

// time: certificates, challenges and tokens all have one.
func (v *visit) time() {
	v.clock = v.o.Eye.Clock
	if v.clock == nil {
		v.clock = system{}
	}
	const check = "clock"
	now := v.clock.Now()
	if now.Before(v.o.Made) {
		v.found(good(check, "%s, which is before this program was made", now.Format(time.DateOnly)).but(Fail, "set the clock: timedatectl set-ntp true"))
		return
	}
	stands := now.Format(time.DateTime)
	if v.o.InStep == nil {
		v.found(skipped(check, stands+"; whether that is right is not known here"))
		return
	}
	switch in, err := v.o.InStep(); {
	case err != nil:
		v.found(skipped(check, fmt.Sprintf("%s; whether that is right is not known here: %v", stands, err)))
	case !in:
		v.found(good(check, "%s; nothing keeps it in step, and a server refuses a desk that is minutes off", stands).but(Attention, "timedatectl set-ntp true"))
	default:
		v.found(good(check, "%s, kept in step", stands))
	}
}

type system struct{}

func (system) Now() time.Time                         { return time.Now() }
func (system) After(d time.Duration) <-chan time.Time { return time.After(d) }

func (v *visit) models() {
	const check = "models"
	set := weights.Dlib()
	switch err := set.Check(v.o.Weights); {
	case errors.Is(err, weights.ErrMissing):
		v.found(good(check, "not in %s: %v", v.o.Weights, oneLine(err)).but(Fail, "fetch them: make weights", "or name the folder that has them: --weights DIR"))
	case errors.Is(err, weights.ErrWrong):
		v.found(good(check, "in %s: %v", v.o.Weights, oneLine(err)).but(Fail, "remove what is wrong and fetch it anew: make weights"))
	case err != nil:
		v.found(good(check, "%v", oneLine(err)).but(Fail, "see that this account may read "+v.o.Weights))
	default:
		v.found(good(check, "%d files of %s in %s, each checked against its SHA-256", len(set.Files), weights.Version, v.o.Weights))
	}
}

// start starts the eye and waits for its models.
func (v *visit) start(ctx context.Context) bool {
	const check = "eye"
	began := v.clock.Now()
	keeper, err := eye.Start(ctx, v.o.Eye)
	if err != nil {
		v.found(good(check, "%v", oneLine(err)).but(Fail, "build it: make build", "or name its program: --eye PATH"))
		return false
	}
	late := v.clock.After(startTime)
	for {
		select {
		case e := <-keeper.Events():
			switch e := e.(type) {
			case eye.Ready:
				v.eye = keeper
				v.found(good(check, "ready in %.1f s, with %s", v.clock.Now().Sub(began).Seconds(), e.Weights))
				return true
			case eye.NoWeights: // the check of the models says why
				v.eye = keeper
				v.found(good(check, "started, but can describe nothing: %v", oneLine(e.Err)).but(Fail, "mend the models first"))
				return true
			case eye.Died:
				err = e.Err
			default:
				continue
			}
		case <-late:
			err = fmt.Errorf("not ready after %v", startTime)
		case <-ctx.Done():
			err = ctx.Err()
		}
		_ = keeper.Close()
		v.found(good(check, "%v", oneLine(err)).but(Fail, "run it by hand: what it writes says why", "install what it needs: .ci/install"))
		return false
	}
}

// cameras lists the cameras and picks one.
func (v *visit) cameras(ctx context.Context) (source string, ok bool) {
	const check = "cameras"
	if v.o.NoCamera {
		v.found(skipped(check, "none is wanted here"))
		return "", false
	}
	ctx, cancel := context.WithTimeout(ctx, listTime)
	defer cancel()
	list, err := v.eye.Cameras(ctx)
	if err != nil {
		v.found(good(check, "can not be listed: %v", oneLine(err)).but(Fail, "run it by hand: what it writes says why"))
		return v.o.Camera, v.o.Camera != ""
	}
	picked := max(0, slices.IndexFunc(list, func(c biometrics.CameraInfo) bool { return !c.Virtual }))
	for i, c := range list {
		f := good(check, "%s", describe(c))
		if c.Virtual && (v.o.Camera == c.Port || v.o.Camera == "" && i == picked) {
			f = f.but(Attention, "no hardware: a server refuses it unless its operator allowed virtual cameras")
		}
		v.found(f)
	}
	switch {
	case v.o.Camera != "":
		return v.o.Camera, true
	case len(list) > 0:
		return list[picked].Port, true
	}
	v.found(good(check, "none was found").but(Fail, "plug a webcam in; the kernel's list is /sys/class/video4linux", "inside a container or a virtual machine: pass the device on to it",
		"or name a source: --camera SOURCE; on a machine that is to have none: --no-camera"))
	return "", false
}

func describe(c biometrics.CameraInfo) string {
	s := fmt.Sprintf("%q, driver %s", c.Name, c.Driver)
	if c.Vendor != "" {
		s += fmt.Sprintf(", USB %s:%s", c.Vendor, c.Product)
	}
	if c.Serial != "" {
		s += ", serial " + c.Serial
	}
	if c.Port != "" {
		s += ", at " + c.Port
	}
	if c.Virtual {
		s += ", virtual"
	}
	return s
}
