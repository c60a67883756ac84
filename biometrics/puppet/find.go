package puppet

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"image"
	"math"
	"os"
	"path/filepath"
	"slices"
	"sort"
	"sync"

	"gocv.io/x/gocv"

	"visavis/biometrics"
)

// ErrNoCascade says that OpenCV's cascades are not installed.
var ErrNoCascade = errors.New("OpenCV's cascade of frontal faces is not installed (package opencv-data)")

const (
	cascadeFile  = "haarcascades/haarcascade_frontalface_alt2.xml"
	cascadeSide  = 960  // a photograph is searched at this length
	cascadeFace  = 36   // for faces as small as this
	cascadeScale = 1.08 // between two sizes it tries
	cascadeVotes = 2    // few, since the describer has the last word
)

// cascadeTilts are the angles, in degrees, at which a photograph is searched: the cascade wants upright faces.
var cascadeTilts = [...]float64{0, -22, 22}

var cascadeFolders = [...]string{"/usr/share/opencv4", "/usr/local/share/opencv4", "/usr/share/opencv"}

// Search makes a Finder of a Describer, which sees one face at a time: a cascade says where faces may be, each place is cut out, and the
// describer says whether one is there. The Finder uses d only while it runs.
func Search(d biometrics.Describer) Finder {
	return func(photo biometrics.Frame) ([]biometrics.Landmarks, error) {
		places, err := candidates(photo)
		if err != nil {
			return nil, err
		}
		var found []biometrics.Face
		for _, p := range places {
			f, ok, err := describeAt(d, photo, p)
			if err != nil {
				return nil, err
			}
			if ok && !knows(found, f) {
				found = append(found, f)
			}
		}
		ls := make([]biometrics.Landmarks, len(found))
		for i, f := range found {
			ls[i] = f.Landmarks
		}
		return ls, nil
	}
}

// Remember returns a Finder that searches each photograph once with find, which takes a second or two. It is safe for concurrent use, one
// search at a time.
func Remember(find Finder) Finder {
	var mu sync.Mutex
	known := map[[sha256.Size]byte][]biometrics.Landmarks{}
	return func(photo biometrics.Frame) ([]biometrics.Landmarks, error) {
		mu.Lock()
		defer mu.Unlock()
		key := sha256.Sum256(photo.Pix)
		if faces, ok := known[key]; ok {
			return slices.Clone(faces), nil
		}
		faces, err := find(photo)
		if err != nil {
			return nil, err
		}
		known[key] = slices.Clone(faces)
		return faces, nil
	}
}

// candidates are places in the photograph, the largest first.
func candidates(photo biometrics.Frame) ([]image.Rectangle, error) {
	file, err := findCascade()
	if err != nil {
		return nil, err
	}
	cascade := gocv.NewCascadeClassifier()
	defer cascade.Close()
	if !cascade.Load(file) {
		return nil, fmt.Errorf("%w: %s does not load", ErrNoCascade, file)
	}
	rgba, err := gocv.NewMatFromBytes(photo.Height, photo.Width, gocv.MatTypeCV8UC4, photo.Pix)
	if err != nil {
		return nil, err
	}
	defer rgba.Close()
	grey := gocv.NewMat()
	defer grey.Close()
	gocv.CvtColor(rgba, &grey, gocv.ColorRGBAToGray)
	scale := min(1, float64(cascadeSide)/float64(max(photo.Width, photo.Height)))
	gocv.Resize(grey, &grey, image.Point{}, scale, scale, gocv.InterpolationArea)
	var places []image.Rectangle
	for _, degrees := range cascadeTilts {
		for _, hit := range tilted(cascade, grey, degrees) {
			places = append(places, image.Rect(int(float64(hit.Min.X)/scale), int(float64(hit.Min.Y)/scale),
				int(float64(hit.Max.X)/scale), int(float64(hit.Max.Y)/scale)))
		}
	}
	sort.SliceStable(places, func(i, j int) bool { return places[i].Dx() > places[j].Dx() })
	return places, nil
}

// tilted turns a picture about its middle, looks for faces, and answers upright boxes about the same places of the picture.
func tilted(cascade gocv.CascadeClassifier, grey gocv.Mat, degrees float64) []image.Rectangle {
	size := image.Pt(grey.Cols(), grey.Rows())
	turn := gocv.GetRotationMatrix2D(image.Pt(size.X/2, size.Y/2), degrees, 1)
	defer turn.Close()
	turned := gocv.NewMat()
	defer turned.Close()
	gocv.WarpAffine(grey, &turned, turn, size)
	hits := cascade.DetectMultiScaleWithParams(turned, cascadeScale, cascadeVotes, 0, image.Pt(cascadeFace, cascadeFace), image.Point{})
	sin, cos := math.Sincos(degrees * math.Pi / 180)
	for i, h := range hits {
		x, y := float64(h.Min.X+h.Max.X-size.X)/2, float64(h.Min.Y+h.Max.Y-size.Y)/2
		at := image.Pt(size.X/2+int(x*cos-y*sin), size.Y/2+int(x*sin+y*cos))
		hits[i] = image.Rectangle{Min: at, Max: at}.Inset(-h.Dx() / 2)
	}
	return hits
}

func findCascade() (string, error) {
	for _, folder := range cascadeFolders {
		file := filepath.Join(folder, cascadeFile)
		if _, err := os.Stat(file); err == nil {
			return file, nil
		}
	}
	return "", ErrNoCascade
}

// describeAt cuts out a place with a margin, a smaller one if a neighbour's face is in it too.
func describeAt(d biometrics.Describer, photo biometrics.Frame, place image.Rectangle) (biometrics.Face, bool, error) {
	for _, margin := range [...]float64{0.5, 0.25} {
		part := place.Inset(-int(margin * float64(place.Dx()))).Intersect(image.Rect(0, 0, photo.Width, photo.Height))
		f, err := d.Describe(cut(photo, part))
		if err != nil {
			return biometrics.Face{}, false, err
		}
		if f.Quality.Has(biometrics.NoFace) || f.Quality.Has(biometrics.TwoFaces) {
			continue
		}
		for i := range f.Landmarks {
			f.Landmarks[i].X += float32(part.Min.X)
			f.Landmarks[i].Y += float32(part.Min.Y)
		}
		f.Box.X += float32(part.Min.X)
		f.Box.Y += float32(part.Min.Y)
		return f, true, nil
	}
	return biometrics.Face{}, false, nil
}

func cut(f biometrics.Frame, part image.Rectangle) biometrics.Frame {
	out := biometrics.Frame{Width: part.Dx(), Height: part.Dy(), Pix: make([]byte, 0, 4*part.Dx()*part.Dy())}
	for y := part.Min.Y; y < part.Max.Y; y++ {
		row := 4 * y * f.Width
		out.Pix = append(out.Pix, f.Pix[row+4*part.Min.X:row+4*part.Max.X]...)
	}
	return out
}

// knows says whether the base of f's nose lies in a face already found.
func knows(found []biometrics.Face, f biometrics.Face) bool {
	nose := f.Landmarks[4]
	for _, g := range found {
		if nose.X >= g.Box.X && nose.X < g.Box.X+g.Box.W && nose.Y >= g.Box.Y && nose.Y < g.Box.Y+g.Box.H {
			return true
		}
	}
	return false
}
