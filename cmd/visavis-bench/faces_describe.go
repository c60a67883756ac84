package main

import (
	"bytes"
	"context"
	"encoding/gob"
	"errors"
	"fmt"
	"image"
	"image/draw"
	_ "image/jpeg" // photographs come as either
	"image/png"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"visavis/biometrics"
	"visavis/biometrics/eye"
	"visavis/cmd/visavis-bench/internal/trials"
)

// described is what the eye made of a folder of photographs. It holds descriptors of people: it is kept in memory, and on disk only where whoever
// develops names a folder outside of the repository (DESCRIBED).
type described struct {
	Weights string
	Paths   []string // of all photographs, relative to the folder, sorted
	Faces   map[string]biometrics.Descriptor
	Cropped int // described only after a crop to the middle
	Took    time.Duration
}

// margins are the shares that are cut off each side, one after the other, until one face is left: who a photograph is named by is in its middle.
var margins = [...]float64{0, 0.20, 0.28}

func (c *facesCmd) describe(e *env) (*described, error) {
	paths, err := photographs(c.Images)
	if err != nil {
		return nil, err
	}
	kept := os.Getenv("DESCRIBED")
	if d, err := recall(kept, paths); err != nil || d != nil {
		return d, err
	}
	path, err := eyePath(c.Eye)
	if err != nil {
		return nil, err
	}
	if c.Weights == "" {
		return nil, errors.New("say where the face models are: --weights DIR")
	}
	d := &described{Paths: paths, Faces: map[string]biometrics.Descriptor{}}
	w := describing{d: d, dir: c.Images, e: e, options: eye.Options{Path: path, Args: []string{"--weights", c.Weights}, Log: eyeLog(e)}}
	if err := w.run(c.Eyes); err != nil {
		return nil, err
	}
	return d, keep(kept, d)
}

var numbered = regexp.MustCompile(`_(\d+)\.(jpg|jpeg|png)$`)

// photographs lists the pictures below a folder.
func photographs(dir string) ([]string, error) {
	var paths []string
	root := os.DirFS(dir)
	err := fs.WalkDir(root, ".", func(path string, d fs.DirEntry, err error) error {
		if err == nil && d.Type().IsRegular() && numbered.MatchString(path) {
			paths = append(paths, path)
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	if len(paths) == 0 {
		return nil, fmt.Errorf("%s holds no photographs: a folder a person, files that end in _1.jpg and so on", dir)
	}
	slices.Sort(paths)
	return paths, nil
}

// describing shares the photographs out among eyes.
type describing struct {
	d       *described
	dir     string
	e       *env
	options eye.Options
	next    atomic.Int64
	mu      sync.Mutex // d.Faces, d.Cropped, d.Weights
}

func (w *describing) run(eyes int) error {
	if eyes <= 0 {
		eyes = runtime.GOMAXPROCS(0)
	}
	ctx, cancel := context.WithCancelCause(w.e.ctx)
	defer cancel(nil)
	start := time.Now()
	var wg sync.WaitGroup
	for range eyes {
		wg.Go(func() {
			if err := w.work(ctx, start); err != nil {
				cancel(err)
			}
		})
	}
	wg.Wait()
	w.d.Took = time.Since(start)
	_, _ = fmt.Fprintln(w.e.stderr)
	return context.Cause(ctx)
}

// work is one eye's share.
func (w *describing) work(ctx context.Context, start time.Time) error {
	k, err := eye.Start(ctx, w.options)
	if err != nil {
		return err
	}
	defer k.Close()
	for ctx.Err() == nil {
		n := int(w.next.Add(1)) - 1
		if n >= len(w.d.Paths) {
			break
		}
		if err := w.one(ctx, k, w.d.Paths[n]); err != nil {
			return fmt.Errorf("%s: %w", w.d.Paths[n], err)
		}
		if n%100 == 99 || n+1 == len(w.d.Paths) {
			_, _ = fmt.Fprintf(w.e.stderr, "\r%d of %d photographs described, %.0f s ", n+1, len(w.d.Paths), time.Since(start).Seconds())
		}
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	if said := k.Weights(); w.d.Weights == "" {
		w.d.Weights = said
	} else if said != w.d.Weights && said != "" {
		return fmt.Errorf("eyes of two weights: %q and %q", w.d.Weights, said)
	}
	return nil
}

func (w *describing) one(ctx context.Context, k *eye.Keeper, path string) error {
	data, err := os.ReadFile(filepath.Join(w.dir, path))
	if err != nil {
		return err
	}
	for _, margin := range margins {
		picture, err := middle(data, margin)
		if err != nil {
			return err
		}
		faces, err := k.Describe(ctx, [][]byte{picture})
		if err != nil {
			return err
		}
		if q := faces[0].Quality; q.Has(biometrics.NoFace) || q.Has(biometrics.TwoFaces) {
			continue
		}
		w.mu.Lock()
		defer w.mu.Unlock()
		w.d.Faces[path] = faces[0].Descriptor
		if margin > 0 {
			w.d.Cropped++
		}
		return nil
	}
	return nil
}

// middle cuts a share off each side of a picture. What is cut is kept without loss: JPEG's would move the descriptor.
func middle(data []byte, margin float64) ([]byte, error) {
	if margin == 0 {
		return data, nil
	}
	whole, _, err := image.Decode(bytes.NewReader(data))
	if err != nil {
		return nil, err
	}
	b := whole.Bounds()
	dx, dy := int(margin*float64(b.Dx())), int(margin*float64(b.Dy()))
	cut := image.NewRGBA(image.Rect(0, 0, b.Dx()-2*dx, b.Dy()-2*dy))
	draw.Draw(cut, cut.Rect, whole, b.Min.Add(image.Pt(dx, dy)), draw.Src)
	var out bytes.Buffer
	if err := png.Encode(&out, cut); err != nil {
		return nil, err
	}
	return out.Bytes(), nil
}

// people sorts the described photographs by whom they are named by: the folder.
func (d *described) people() ([]trials.Person, error) {
	var people []trials.Person
	for _, path := range d.Paths {
		seen, ok := d.Faces[path]
		if !ok {
			continue
		}
		number, err := strconv.Atoi(numbered.FindStringSubmatch(path)[1])
		if err != nil {
			return nil, fmt.Errorf("%s: %w", path, err)
		}
		face, err := trials.NewFace(number, seen)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", path, err)
		}
		name := filepath.Base(filepath.Dir(path))
		if n := len(people); n == 0 || people[n-1].Name != name {
			people = append(people, trials.Person{Name: name})
		}
		last := &people[len(people)-1]
		last.Faces = append(last.Faces, face)
	}
	return people, nil
}

const keptName = "faces.gob"

// recall returns what an earlier run kept of the same photographs, or nil.
func recall(folder string, paths []string) (*described, error) {
	if folder == "" {
		return nil, nil
	}
	b, err := os.ReadFile(filepath.Join(folder, keptName))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	var d described
	if err := gob.NewDecoder(bytes.NewReader(b)).Decode(&d); err != nil {
		return nil, fmt.Errorf("%s in DESCRIBED: %w", keptName, err)
	}
	if !slices.Equal(d.Paths, paths) {
		return nil, nil
	}
	return &d, nil
}

func keep(folder string, d *described) error {
	if folder == "" {
		return nil
	}
	var b bytes.Buffer
	if err := gob.NewEncoder(&b).Encode(d); err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(folder, keptName), b.Bytes(), 0o600)
}
