package doctor

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"hash/maphash"
	"image"
	"image/jpeg"
	"strings"
	"time"

	"visavis/biometrics"
	"visavis/biometrics/eye"
)

// What a picture has to be.
const (
	slowRate  = 10  // pictures a second, under which a challenge can not be followed
	goodRate  = 20  // from which on a preview looks like a mirror
	lowSide   = 480 // the shorter side of a picture in which a face at arm's length is large enough
	darkTone  = 50  // of 255, mean
	whiteTone = 205
	often     = 0.2 // of the frames, from which on something wrong with them is worth a word
)

// sight is what was seen through the camera.
type sight struct {
	pictures   int
	from, till time.Time   // of the first and the last
	last       *image.RGBA // the last
	tone       float64     // sum of the pictures' mean levels
	still      bool        // all were the same
	sum        uint64

	described int
	faces     int
	since     time.Time // of the first description
	until     time.Time
	wrong     map[biometrics.Reason]int
	failed    error // the camera gave up
	trouble   error // it gives nothing of use now, and may again
}

// camera opens a camera and looks through it.
func (v *visit) camera(ctx context.Context, source string) {
	const check = "camera"
	opening, cancel := context.WithTimeout(ctx, openTime)
	defer cancel()
	began := v.clock.Now()
	info, err := v.eye.Open(opening, source)
	if err != nil {
		v.found(trouble(check, err))
		return
	}
	took := v.clock.Now().Sub(began)
	v.sight = v.look(ctx)
	v.eye.Watch(0, false)
	v.eye.CloseCamera()
	s := &v.sight
	switch {
	case s.failed != nil || s.trouble != nil:
		v.found(trouble(check, cmp.Or(s.failed, s.trouble)))
		return
	case s.pictures == 0:
		v.found(good(check, "%s opened in %.1f s and gave no picture", info.Name, took.Seconds()).but(Fail, "plug it in again, into another socket"))
		return
	case s.still && s.pictures > 2:
		v.found(trouble(check, biometrics.ErrCameraFrozen))
		return
	}
	f := good(check, "%s opened in %.1f s", info.Name, took.Seconds())
	if took > 5*time.Second {
		f = f.but(Attention, "slow to open: another socket, without a hub between, may help")
	}
	v.found(f)
	v.picture()
	v.light()
	v.face()
}

// cameraErrors are what is wrong with a camera, with more cures than the error itself can hold.
var cameraErrors = []struct {
	err  error
	more []string
}{
	{biometrics.ErrCameraBusy, []string{"who holds it: fuser -v /dev/video*"}},
	{biometrics.ErrCameraDenied, []string{"sudo usermod -aG video $USER"}},
	{biometrics.ErrCameraDark, nil},
	{biometrics.ErrCameraBright, nil},
	{biometrics.ErrCameraFrozen, []string{"another socket, without a hub between"}},
	{biometrics.ErrCameraSlow, []string{"another socket, without a hub between"}},
	{biometrics.ErrCameraMissing, nil},
	{biometrics.ErrCameraEnded, nil},
}

// trouble is a camera's error as a finding.
func trouble(check string, err error) Finding {
	for _, c := range cameraErrors {
		if errors.Is(err, c.err) {
			what, cure := split(c.err)
			f := good(check, "%s", what).but(Fail)
			if cure != "" {
				f.Cures = append(f.Cures, cure)
			}
			f.Cures = append(f.Cures, c.more...)
			return f
		}
	}
	if errors.Is(err, context.DeadlineExceeded) {
		return good(check, "it did not open in %v", openTime).but(Fail, "plug it in again, into another socket")
	}
	return good(check, "%s", oneLine(err)).but(Fail, "plug it in again; what the eye writes says more: run it by hand")
}

// look watches for some seconds.
func (v *visit) look(ctx context.Context) sight {
	s := sight{still: true, wrong: map[biometrics.Reason]int{}}
	seed := maphash.MakeSeed()
	v.eye.Watch(eye.MaxRate, true)
	over := v.clock.After(firstTime)
	for {
		select {
		case <-ctx.Done():
			return s
		case <-over:
			return s
		case e, ok := <-v.eye.Events():
			if !ok {
				return s
			}
			now := v.clock.Now()
			switch e := e.(type) {
			case eye.Preview:
				if s.pictures == 0 {
					over = v.clock.After(lookTime)
				}
				s.picture(e.Image, now, maphash.Bytes(seed, e.Image.Pix))
			case eye.Seen:
				s.seen(e, now)
			case eye.CameraTrouble:
				s.trouble = e.Err
			case eye.CameraFailed:
				s.failed = e.Err
				return s
			case eye.Died:
				s.failed = e.Err
				return s
			}
		}
	}
}

func (s *sight) picture(p *image.RGBA, now time.Time, sum uint64) {
	if s.pictures == 0 {
		s.from, s.sum = now, sum
	}
	s.still = s.still && sum == s.sum
	s.pictures++
	s.till, s.last = now, p
	s.tone += meanTone(p)
}

// meanTone is the mean level of a picture's pixels, every seventh of them.
func meanTone(p *image.RGBA) float64 {
	var sum, n float64
	for i := 0; i+3 < len(p.Pix); i += 4 * 7 {
		sum += 0.2126*float64(p.Pix[i]) + 0.7152*float64(p.Pix[i+1]) + 0.0722*float64(p.Pix[i+2])
		n++
	}
	return sum / max(n, 1)
}

func (s *sight) seen(e eye.Seen, now time.Time) {
	if s.described == 0 {
		s.since = now
	}
	s.described++
	s.until = now
	q := e.Face.Quality
	if !q.Has(biometrics.NoFace) && !q.Has(biometrics.TwoFaces) {
		s.faces++
	}
	for _, r := range q.Reasons() {
		s.wrong[r]++
	}
}

// rate is how many of n things there were a second; the first only begins the time.
func rate(n int, from, till time.Time) float64 {
	if n < 2 || !till.After(from) {
		return 0
	}
	return float64(n-1) / till.Sub(from).Seconds()
}

func (v *visit) picture() {
	const check = "picture"
	s := &v.sight
	fps := rate(s.pictures, s.from, s.till)
	size := s.last.Bounds().Size()
	f := good(check, "%.0f a second, %d×%d", fps, size.X, size.Y)
	switch {
	case fps < slowRate:
		f = f.but(Fail, "more light: in the dark a camera takes longer for each picture", "a socket of its own, without a hub between")
	case fps < goodRate:
		f = f.but(Attention, "more light: in the dark a camera takes longer for each picture", "a socket of its own, without a hub between")
	}
	if min(size.X, size.Y) < lowSide {
		f = f.but(min(f.State, Attention), "a small picture: people have to sit near; a camera with 640×480 or more is better")
	}
	v.found(f)
}

// light: Dark and bright are of the whole picture; what is wrong with the light on a face, the describer says.
func (v *visit) light() {
	const check = "light"
	s := &v.sight
	tone := s.tone / float64(s.pictures)
	f := good(check, "mean level %.0f of 255", tone)
	switch {
	case tone < darkTone || s.often(biometrics.TooDark):
		f = f.but(Attention, "more light, best from before the person: a lamp beside the screen")
	case s.often(biometrics.Backlit):
		f.Text += ", with the light behind the face"
		f = f.but(Attention, biometrics.Backlit.Cure())
	case tone > whiteTone || s.often(biometrics.TooBright):
		f = f.but(Attention, "less light on the face, or turn the camera away from the window")
	}
	v.found(f)
}

func (s *sight) often(r biometrics.Reason) bool {
	return s.described > 0 && float64(s.wrong[r]) >= often*float64(s.described)
}

// face: what else is wrong with the frames.
func (v *visit) face() {
	const check = "face"
	s := &v.sight
	switch {
	case s.described == 0:
		v.found(skipped(check, "the eye described no frame"))
		return
	case s.faces == 0 && !s.often(biometrics.TwoFaces):
		v.found(skipped(check, fmt.Sprintf("nobody in view in %d frames: sit down before it and run this once more", s.described)))
		return
	}
	f := good(check, "in view in %d of %d frames", s.faces, s.described)
	var what []string
	for _, r := range (^biometrics.Quality(0)).Reasons() {
		switch r {
		case biometrics.NoFace, biometrics.TooDark, biometrics.TooBright, biometrics.Backlit: // said already
			continue
		}
		if s.often(r) {
			what = append(what, fmt.Sprintf("%s in %d", r, s.wrong[r]))
			f = f.but(Attention, r.Cure())
		}
	}
	if len(what) > 0 {
		f.Text += "; " + strings.Join(what, ", ")
	}
	v.found(f)
}

// jpegOf is a picture as the eye takes it.
func jpegOf(p image.Image) ([]byte, error) {
	var b bytes.Buffer
	if err := jpeg.Encode(&b, p, &jpeg.Options{Quality: 95}); err != nil {
		return nil, err
	}
	return b.Bytes(), nil
}

func oneLine(err error) string {
	return strings.Join(strings.Fields(err.Error()), " ")
}
