package main

import (
	"fmt"
	"os"
	"path/filepath"

	"visavis/biometrics/face/figures"
	"visavis/cmd/visavis-bench/internal/aims"
)

// latencyCmd measures how long the eye takes to describe a frame, beside go-face on whole frames in the same process, and beside a program that drives
// dlib from C++; how soon the eye is ready; and how much memory it holds.
type latencyCmd struct {
	Weights   string    `required:"" type:"existingdir" help:"Folder of dlib's model files."`
	Eye       string    `help:"The eye; by default visavis-eye beside this program, or on the path."`
	Reference string    `help:"The program that drives dlib from C++ (make reference); without it what it is compared in is skipped."`
	Images    string    `default:"build/faces" type:"existingdir" help:"Folder of photographs, which are set into frames."`
	N         int       `default:"200" help:"How many frames with a face are described as pictures."`
	Frames    int       `default:"10000" help:"How many pictures the eye describes before its memory is read."`
	Starts    int       `default:"7" help:"How often the eye is started."`
	Aims      aims.File `type:"path" help:"Add a line for each aim to this file."`
}

const (
	streams      = 4  // of each kind
	streamFrames = 60 // of each: four seconds
	streamRate   = 15 // frames a second
	fewer        = 4  // of pictures that are wide, or without a face, one of so many
)

// Run makes frames of photographs, has them measured and prints the table. A figure that misses its aim is said, and is no failure.
func (c *latencyCmd) Run(e *env) error {
	eyePath, err := eyePath(c.Eye)
	if err != nil {
		return err
	}
	dir, err := os.MkdirTemp("", "visavis-bench-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	photos, err := photosIn(c.Images)
	if err != nil {
		return err
	}
	_, _ = fmt.Fprintf(e.stderr, "setting %d photographs into frames\n", len(photos))
	sets, err := c.sets(photos, dir)
	if err != nil {
		return err
	}
	r := &latencyReport{images: c.Images, sets: sets}
	_, _ = fmt.Fprintln(e.stderr, "timing the describer and go-face, frame by frame")
	if r.rows, err = measureEye(e.ctx, eyePath, c.Weights, sets.job(), e.stderr); err != nil {
		return err
	}
	if c.Reference != "" {
		_, _ = fmt.Fprintln(e.stderr, "timing dlib from C++, and the start of both programs")
		if r.direct, err = measureReference(e.ctx, c.Reference, c.Weights, sets.found[:min(len(sets.found), directPictures)], e.stderr); err != nil {
			return err
		}
		if r.starts, err = measureStarts(e.ctx, eyePath, c.Reference, c.Weights, c.Starts); err != nil {
			return err
		}
	}
	if c.Frames > 0 {
		if r.memory, err = measureMemory(e, eyePath, c.Weights, sets.found, c.Frames); err != nil {
			return err
		}
	}
	lines := r.lines()
	r.print(e.stdout)
	if err := aims.Print(e.stdout, lines); err != nil {
		return err
	}
	return c.Aims.Add(lines...)
}

// frameSets are the files that are measured on.
type frameSets struct {
	found, wide, none                      []string   // pictures
	foundStreams, wideStreams, noneStreams [][]string // streams
}

// sets sets the photographs into frames.
func (c *latencyCmd) sets(photos []string, dir string) (s *frameSets, err error) {
	m := &sceneMaker{photos: photos, dir: dir}
	s = &frameSets{}
	normal, wide := scene{width: 640, height: 480}, scene{width: 1280, height: 720}
	none := normal
	none.upsideDown = true
	for _, set := range []struct {
		into *[]string
		of   scene
		n    int
	}{{&s.found, normal, c.N}, {&s.wide, wide, max(1, c.N/fewer)}, {&s.none, none, max(1, c.N/fewer)}} {
		if *set.into, err = m.pictures(set.of, set.n); err != nil {
			return nil, err
		}
	}
	for _, set := range []struct {
		into *[][]string
		of   scene
	}{{&s.foundStreams, normal}, {&s.wideStreams, wide}, {&s.noneStreams, none}} {
		if *set.into, err = m.streams(set.of, streams); err != nil {
			return nil, err
		}
	}
	return s, nil
}

// job asks for all of it, kind after kind.
func (s *frameSets) job() figures.Job {
	job := figures.Job{Rounds: 1, Rate: streamRate}
	for _, set := range [][]string{s.found, s.wide, s.none} {
		job.Pictures = append(job.Pictures, set...)
	}
	for _, set := range [][][]string{s.foundStreams, s.wideStreams, s.noneStreams} {
		job.Streams = append(job.Streams, set...)
	}
	return job
}

// photosIn lists the photographs below a folder of which one face is in the middle: all of a folder of persons, or, of the demo's photographs, the two
// of one man.
func photosIn(dir string) ([]string, error) {
	paths, err := filepath.Glob(filepath.Join(dir, "*", "*.jpg"))
	if err != nil {
		return nil, err
	}
	if len(paths) == 0 {
		if paths, err = filepath.Glob(filepath.Join(dir, "face*.jpg")); err != nil {
			return nil, err
		}
	}
	if len(paths) == 0 {
		return nil, fmt.Errorf("%s holds no photographs: a folder a person, files that end in .jpg", dir)
	}
	return paths, nil
}
