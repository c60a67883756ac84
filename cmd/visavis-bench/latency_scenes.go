package main

import (
	"bufio"
	"fmt"
	"image"
	"image/jpeg"
	"math"
	"os"
	"path/filepath"

	"golang.org/x/image/draw"
)

// scene is what a photograph is set into: a frame whose background is the photograph itself, upside down and without detail.
type scene struct {
	width, height int
	upsideDown    bool // the photograph too: nobody is in view
}

// sceneMaker writes frames into a folder.
type sceneMaker struct {
	photos []string
	dir    string
	made   int
}

// The photograph's side, in parts of the frame's height. A face in a portrait is as wide as 0.4 of it.
var sceneSides = [...]float64{1, 0.83, 0.67}

// pictures sets n photographs, evenly from all, into frames: each in another size and place.
func (m *sceneMaker) pictures(s scene, n int) ([]string, error) {
	paths := make([]string, 0, n)
	for i := range n {
		photo, err := m.photo(i, n)
		if err != nil {
			return nil, err
		}
		side := sceneSides[i%len(sceneSides)] * float64(s.height)
		path, err := m.write(s.around(photo), photo, s, side, float64(i*37%100)/100, float64(i*61%100)/100)
		if err != nil {
			return nil, err
		}
		paths = append(paths, path)
	}
	return paths, nil
}

// streams sets n photographs into streamFrames frames each, in which they sway and come closer as a person before a camera does.
func (m *sceneMaker) streams(s scene, n int) ([][]string, error) {
	all := make([][]string, 0, n)
	for i := range n {
		photo, err := m.photo(i, n)
		if err != nil {
			return nil, err
		}
		background := s.around(photo)
		var paths []string
		for frame := range streamFrames {
			t := float64(frame) / streamRate
			side := (0.8 + 0.05*math.Sin(1.1*t)) * float64(s.height)
			path, err := m.write(background, photo, s, side, 0.5+0.2*math.Sin(1.7*t), 0.5+0.3*math.Sin(0.9*t))
			if err != nil {
				return nil, err
			}
			paths = append(paths, path)
		}
		all = append(all, paths)
	}
	return all, nil
}

func (m *sceneMaker) photo(i, n int) (image.Image, error) {
	path := m.photos[i*len(m.photos)/n%len(m.photos)]
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	photo, err := jpeg.Decode(bufio.NewReader(f))
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return photo, nil
}

// around is a scene's background.
func (s scene) around(photo image.Image) *image.RGBA {
	coarse := image.NewRGBA(image.Rect(0, 0, 16, 12))
	draw.ApproxBiLinear.Scale(coarse, coarse.Bounds(), turnedOver(photo), photo.Bounds(), draw.Src, nil)
	background := image.NewRGBA(image.Rect(0, 0, s.width, s.height))
	draw.ApproxBiLinear.Scale(background, background.Bounds(), coarse, coarse.Bounds(), draw.Src, nil)
	return background
}

// write sets a photograph, side pixels high, into a background, at a place between the upper left (0, 0) and the lower right (1, 1).
func (m *sceneMaker) write(background *image.RGBA, photo image.Image, s scene, side, x, y float64) (string, error) {
	frame := image.NewRGBA(background.Bounds())
	copy(frame.Pix, background.Pix)
	size := image.Pt(int(side*float64(photo.Bounds().Dx())/float64(photo.Bounds().Dy())), int(side))
	at := image.Pt(int(x*float64(s.width-size.X)), int(y*float64(s.height-size.Y)))
	if s.upsideDown {
		photo = turnedOver(photo)
	}
	draw.ApproxBiLinear.Scale(frame, image.Rectangle{at, at.Add(size)}, photo, photo.Bounds(), draw.Src, nil)
	m.made++
	path := filepath.Join(m.dir, fmt.Sprintf("%05d.jpg", m.made))
	f, err := os.Create(path)
	if err != nil {
		return "", err
	}
	if err := jpeg.Encode(f, frame, &jpeg.Options{Quality: 95}); err != nil {
		f.Close()
		return "", err
	}
	return path, f.Close()
}

// turnedOver is a picture upside down, with its own bounds.
func turnedOver(p image.Image) image.Image {
	b := p.Bounds()
	t := image.NewRGBA(b)
	for y := b.Min.Y; y < b.Max.Y; y++ {
		for x := b.Min.X; x < b.Max.X; x++ {
			t.Set(x, b.Max.Y-1-(y-b.Min.Y), p.At(x, y))
		}
	}
	return t
}
