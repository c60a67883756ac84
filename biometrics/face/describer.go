package face

import (
	"errors"
	"fmt"
	"image"
	"os"
	"path/filepath"
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

// cascadeFolders are where distributions put OpenCV's cascades.
var cascadeFolders = [...]string{"/usr/share/opencv4/haarcascades", "/usr/local/share/opencv4/haarcascades", "/usr/share/opencv/haarcascades"}

const faceCascade = "haarcascade_frontalface_alt2.xml"

// Describer is a biometrics.Describer on OpenCV and dlib. Its methods may be called from several goroutines, but run one at a time.
type Describer struct {
	mu      sync.Mutex
	cascade gocv.CascadeClassifier
	eyes    *eyes
	dlib    *dlib.Recognizer // nil once closed: it must not reach C again
	stream  stream
}

var _ biometrics.Describer = (*Describer)(nil)

// New loads the models from weightsDir, and answers when they turned out to be the pinned ones; that takes about half a second. They are read
// twice at once: dlib's reading throws where a file is none of its own, and nothing that it read is used before the check is over.
func New(weightsDir string) (*Describer, error) {
	var models *dlib.Recognizer
	var modelsErr, checkErr error
	var loading sync.WaitGroup
	loading.Go(func() { checkErr = weights.Dlib().Check(weightsDir) })
	oneBLASThread()
	loading.Go(func() { models, modelsErr = dlib.NewRecognizer(weightsDir) })
	d, err := openCascades()
	loading.Wait()
	if err := errors.Join(checkErr, modelsErr, err); err != nil {
		if modelsErr == nil {
			models.Close()
		}
		if d != nil {
			err = errors.Join(err, d.cascade.Close(), d.eyes.close())
		}
		return nil, fmt.Errorf("open face models: %w", err)
	}
	d.dlib = models
	return d, nil
}

// openCascades is a Describer without models.
func openCascades() (*Describer, error) {
	cascade, err := openCascade(faceCascade)
	if err != nil {
		return nil, err
	}
	eyes, err := openEyes()
	if err != nil {
		return nil, errors.Join(err, cascade.Close())
	}
	return &Describer{cascade: cascade, eyes: eyes}, nil
}

// openCascade loads one of OpenCV's cascades; its caller closes it.
func openCascade(name string) (gocv.CascadeClassifier, error) {
	for _, folder := range cascadeFolders {
		path := filepath.Join(folder, name)
		if _, err := os.Stat(path); err != nil {
			continue
		}
		cascade := gocv.NewCascadeClassifier()
		if cascade.Load(path) {
			return cascade, nil
		}
		cascade.Close()
		return gocv.CascadeClassifier{}, fmt.Errorf("%w: %s does not load", ErrNoCascade, path)
	}
	return gocv.CascadeClassifier{}, ErrNoCascade
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
	return errors.Join(d.cascade.Close(), d.eyes.close())
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
	found, done, err := d.find(p, d.stream.begin(f))
	if err != nil {
		return biometrics.Face{}, fmt.Errorf("describe: %w", err)
	}
	d.stream.end(f, found, done)
	switch len(found) {
	case 0:
		whole := lightIn(f, p.bounds(), image.Rectangle{})
		return biometrics.Face{Quality: lightOf(whole, whole).With(biometrics.NoFace), Scene: sceneOf(f, image.Rectangle{})}, nil
	case 1:
		d.judge(p, &found[0])
		return found[0], nil
	default:
		return biometrics.Face{Quality: biometrics.Quality(0).With(biometrics.TwoFaces), Scene: sceneOf(f, image.Rectangle{})}, nil
	}
}
