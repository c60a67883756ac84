package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"visavis/biometrics/eye"
	"visavis/biometrics/face/figures"
)

const (
	directPictures = 40 // that dlib describes from C++,
	directRounds   = 3  // so often each
	memoryReadings = 10
)

var oneThread = append(os.Environ(), "OPENBLAS_NUM_THREADS=1")

// measureEye has the eye time itself.
func measureEye(ctx context.Context, path, weights string, job figures.Job, log io.Writer) ([]figures.Row, error) {
	in, err := json.Marshal(job)
	if err != nil {
		return nil, err
	}
	cmd := exec.CommandContext(ctx, path, "--weights", weights, "--measure")
	cmd.Env, cmd.Stdin, cmd.Stderr = oneThread, bytes.NewReader(in), log
	out, err := cmd.Output()
	if err != nil {
		return nil, fmt.Errorf("%s: %w", filepath.Base(path), err)
	}
	rows, err := readLines[figures.Row](out)
	if err != nil || len(rows) != len(job.Pictures)+len(job.Streams) {
		return nil, fmt.Errorf("%s answered %d rows of %d: %w", filepath.Base(path), len(rows), len(job.Pictures)+len(job.Streams), err)
	}
	return rows, nil
}

// directRow is what the reference program says of a picture.
type directRow struct {
	Width  int       `json:"width"`
	Height int       `json:"height"`
	Faces  int       `json:"faces"`
	Millis []float64 `json:"millis"`
}

// measureReference has the program that drives dlib from C++ describe pictures.
func measureReference(ctx context.Context, path, weights string, pictures []string, log io.Writer) ([]directRow, error) {
	cmd := exec.CommandContext(ctx, path, append([]string{"--weights", weights, "--rounds", strconv.Itoa(directRounds)}, pictures...)...)
	cmd.Env, cmd.Stderr = oneThread, log
	out, err := cmd.Output()
	if err != nil {
		return nil, fmt.Errorf("%s: %w", filepath.Base(path), err)
	}
	return readLines[directRow](bytes.TrimPrefix(out, []byte("ready\n")))
}

func readLines[T any](out []byte) ([]T, error) {
	var rows []T
	for d := json.NewDecoder(bytes.NewReader(out)); ; {
		var row T
		if err := d.Decode(&row); errors.Is(err, io.EOF) {
			return rows, nil
		} else if err != nil {
			return rows, err
		}
		rows = append(rows, row)
	}
}

// startTimes are how long both programs took to be ready, in seconds.
type startTimes struct{ eye, bare []float64 }

// measureStarts starts both programs in turn.
func measureStarts(ctx context.Context, eyePath, reference, weights string, n int) (*startTimes, error) {
	s := &startTimes{}
	for i := -1; i < n; i++ { // the first fills the system's caches
		bare, err := bareStart(ctx, reference, weights)
		if err != nil {
			return nil, err
		}
		ready, err := eyeStart(ctx, eyePath, weights)
		if err != nil {
			return nil, err
		}
		if i >= 0 {
			s.bare, s.eye = append(s.bare, bare), append(s.eye, ready)
		}
	}
	return s, nil
}

func bareStart(ctx context.Context, path, weights string) (float64, error) {
	cmd := exec.CommandContext(ctx, path, "--weights", weights, "--load-only")
	cmd.Env = oneThread
	out, err := cmd.StdoutPipe()
	if err != nil {
		return 0, err
	}
	start := time.Now()
	if err := cmd.Start(); err != nil {
		return 0, err
	}
	line, err := bufio.NewReader(out).ReadString('\n')
	took := time.Since(start).Seconds()
	if ended := cmd.Wait(); err != nil || ended != nil || line != "ready\n" {
		return 0, fmt.Errorf("%s is not ready: %q: %w", filepath.Base(path), line, errors.Join(err, ended))
	}
	return took, nil
}

func eyeStart(ctx context.Context, path, weights string) (float64, error) {
	start := time.Now()
	k, err := eye.Start(ctx, eye.Options{Path: path, Args: []string{"--weights", weights}})
	if err != nil {
		return 0, err
	}
	defer k.Close()
	for event := range k.Events() {
		switch event := event.(type) {
		case eye.Ready:
			return time.Since(start).Seconds(), nil
		case eye.NoWeights:
			return 0, event.Err
		case eye.Died:
			return 0, event.Err
		}
	}
	return 0, eye.ErrClosed
}

// memory is what an eye's process held after so many pictures, in MB of a million bytes.
type memory struct {
	pictures []int
	resident []float64
}

// measureMemory has an eye describe n pictures and reads how much of its memory is resident meanwhile.
func measureMemory(e *env, path, weights string, files []string, n int) (*memory, error) {
	before := children()
	k, err := eye.Start(e.ctx, eye.Options{Path: path, Args: []string{"--weights", weights}, Log: eyeLog(e)})
	if err != nil {
		return nil, err
	}
	defer k.Close()
	var process string
	for pid := range children() {
		if !before[pid] {
			process = pid
		}
	}
	if process == "" {
		return nil, errNoMemory
	}
	m := &memory{}
	for i := range n {
		picture, err := os.ReadFile(files[i%len(files)])
		if err != nil {
			return nil, err
		}
		if _, err := k.Describe(e.ctx, [][]byte{picture}); err != nil {
			return nil, err
		}
		if (i+1)%max(1, n/memoryReadings) > 0 {
			continue
		}
		resident, err := residentOf(process)
		if err != nil {
			return nil, err
		}
		m.pictures, m.resident = append(m.pictures, i+1), append(m.resident, resident)
		_, _ = fmt.Fprintf(e.stderr, "\r%d of %d pictures described, %.0f MB ", i+1, n, resident)
	}
	_, _ = fmt.Fprintln(e.stderr)
	return m, nil
}

// children are the numbers of this process's children.
func children() map[string]bool {
	pids := map[string]bool{}
	lists, _ := filepath.Glob("/proc/self/task/*/children")
	for _, list := range lists {
		b, err := os.ReadFile(list)
		if err != nil {
			continue // a thread that has ended
		}
		for _, pid := range strings.Fields(string(b)) {
			pids[pid] = true
		}
	}
	return pids
}

var errNoMemory = errors.New("the system does not say how much memory a process holds")

func residentOf(pid string) (float64, error) {
	b, err := os.ReadFile(filepath.Join("/proc", pid, "status"))
	if err != nil {
		return 0, fmt.Errorf("%w: %w", errNoMemory, err)
	}
	for line := range strings.Lines(string(b)) {
		if fields := strings.Fields(line); len(fields) == 3 && fields[0] == "VmRSS:" {
			kB, err := strconv.ParseFloat(fields[1], 64)
			return kB * 1024 / 1e6, err
		}
	}
	return 0, errNoMemory
}
