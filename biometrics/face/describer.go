package face

import (
	"errors"
	"fmt"
	"image"
	"os"
	"sync"

	dlib "github.com/Kagami/go-face"
	"gocv.io/x/gocv"

	"visavis/biometrics"
	"visavis/biometrics/eye"
	"visavis/biometrics/weights"
)

// Errors.
var (
	ErrClosed    = errors.New("describer is closed")
	ErrFrame     = errors.New("not a frame")
	ErrNoCascade = errors.New("OpenCV's cascade of frontal faces is not installed (package opencv-data)")
)

// cascades are where distributions put OpenCV's cascade.
var cascades = [...]string{
	"/usr/share/opencv4/lbpcascades/lbpcascade_frontalface.xml",
	"/usr/local/share/opencv4/lbpcascades/lbpcascade_frontalface.xml",
	"/usr/share/opencv/lbpcascades/lbpcascade_frontalface.xml",
}

// Describer is a biometrics.Describer on OpenCV and dlib. Its methods may be called from several goroutines, but run one at a time.
type Describer struct {
	mu      sync.Mutex
	cascade gocv.CascadeClassifier
	dlib    *dlib.Recognizer // nil once closed: it must not reach C again
	track   track
}

var _ biometrics.Describer = (*Describer)(nil)

// New loads the models from weightsDir, after it has checked that they are the pinned ones; that takes about half a second.
func New(weightsDir string) (*Describer, error) {
	if err := weights.Dlib().Check(weightsDir); err != nil {
		return nil, fmt.Errorf("open face models: %w", err)
	}
	oneBLASThread()
	path, err := findCascade()
	if err != nil {
		return nil, err
	}
	cascade := gocv.NewCascadeClassifier()
	if !cascade.Load(path) {
		cascade.Close()
		return nil, fmt.Errorf("%w: %s does not load", ErrNoCascade, path)
	}
	recognizer, err := dlib.NewRecognizer(weightsDir)
	if err != nil {
		cascade.Close()
		return nil, fmt.Errorf("open face models: %w", err)
	}
	return &Describer{cascade: cascade, dlib: recognizer}, nil
}

func findCascade() (string, error) {
	for _, p := range cascades {
		if _, err := os.Stat(p); err == nil {
			return p, nil
		}
	}
	return "", ErrNoCascade
}

// Weights implements biometrics.Describer.
func (d *Describer) Weights() string { return weights.Version }

// Close frees the models. Closing twice is not an error.
func (d *Describer) Close() error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.dlib == nil {
		return nil
	}
	d.dlib.Close()
	d.dlib = nil
	return d.cascade.Close()
}

// Describe implements biometrics.Describer.
func (d *Describer) Describe(f biometrics.Frame) (biometrics.Face, error) {
	if min(f.Width, f.Height) <= 0 || max(f.Width, f.Height) > eye.MaxSide || len(f.Pix) != 4*f.Width*f.Height {
		return biometrics.Face{}, fmt.Errorf("describe: %w: %d×%d pixels in %d bytes", ErrFrame, f.Width, f.Height, len(f.Pix))
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.dlib == nil {
		return biometrics.Face{}, fmt.Errorf("describe: %w", ErrClosed)
	}
	p, err := newPicture(f)
	if err != nil {
		return biometrics.Face{}, fmt.Errorf("describe: %w", err)
	}
	defer p.close()
	found, err := d.find(p, f)
	if err != nil {
		return biometrics.Face{}, fmt.Errorf("describe: %w", err)
	}
	d.track.note(f, found)
	switch len(found) {
	case 0:
		return biometrics.Face{Quality: p.lightOf(p.bounds()).With(biometrics.NoFace)}, nil
	case 1:
		found[0].Quality = p.qualityOf(found[0])
		return found[0], nil
	default:
		return biometrics.Face{Quality: biometrics.Quality(0).With(biometrics.TwoFaces)}, nil
	}
}

// picture is a frame as OpenCV wants it. It owns its Mats.
type picture struct {
	bgr, grey gocv.Mat
}

// newPicture copies f, so that C keeps no pointer into Go's memory.
func newPicture(f biometrics.Frame) (*picture, error) {
	rgba, err := gocv.NewMatFromBytes(f.Height, f.Width, gocv.MatTypeCV8UC4, f.Pix)
	if err != nil {
		return nil, err
	}
	defer rgba.Close()
	p := &picture{gocv.NewMat(), gocv.NewMat()}
	gocv.CvtColor(rgba, &p.bgr, gocv.ColorRGBAToBGR)
	gocv.CvtColor(p.bgr, &p.grey, gocv.ColorBGRToGray)
	return p, nil
}

func (p *picture) close() {
	p.bgr.Close()
	p.grey.Close()
}

func (p *picture) bounds() image.Rectangle { return image.Rect(0, 0, p.grey.Cols(), p.grey.Rows()) }
