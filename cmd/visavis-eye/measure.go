package main

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
	"time"

	"golang.org/x/sys/unix"

	"visavis/biometrics"
	"visavis/biometrics/camera"
	"visavis/biometrics/face"
	"visavis/biometrics/face/figures"
)

// maxJob bounds a job that is read, in bytes.
const maxJob = 16 << 20

// measure times the describer as a job says, which comes as JSON, and prints a row a line. It is for visavis-bench: go-face on whole frames, which the
// describer is compared with, is native code that only the eye has.
func measure(weights string, in io.Reader, out io.Writer) error {
	var job figures.Job
	decode := json.NewDecoder(io.LimitReader(in, maxJob))
	decode.DisallowUnknownFields()
	if err := decode.Decode(&job); err != nil {
		return fmt.Errorf("read the job: %w", err)
	}
	d, err := face.New(weights)
	if err != nil {
		return err
	}
	defer d.Close()
	start := time.Now()
	clocks := face.Clocks{Wall: func() time.Duration { return time.Since(start) }, CPU: processorTime}
	rows := json.NewEncoder(out)
	for i, path := range job.Pictures {
		f, err := picture(path)
		if err != nil {
			return err
		}
		if i == 0 { // what the first call allocates is no part of a frame's price
			if _, err := d.MeasurePicture(f, 2, clocks); err != nil {
				return err
			}
		}
		row, err := d.MeasurePicture(f, job.Rounds, clocks)
		if err != nil {
			return err
		}
		row.Index = i
		if err := rows.Encode(row); err != nil {
			return err
		}
	}
	for i, paths := range job.Streams {
		row, err := measureStream(d, paths, job.Rate, clocks)
		if err != nil {
			return err
		}
		row.Index = i
		if err := rows.Encode(row); err != nil {
			return err
		}
	}
	return nil
}

func measureStream(d *face.Describer, paths []string, rate int, clocks face.Clocks) (figures.Row, error) {
	frames := make([]biometrics.Frame, 0, len(paths))
	for _, path := range paths {
		f, err := picture(path)
		if err != nil {
			return figures.Row{}, err
		}
		frames = append(frames, f)
	}
	return d.MeasureStream(frames, rate, clocks)
}

// processorTime is what all threads of this process have used.
func processorTime() time.Duration {
	var t unix.Timespec
	if err := unix.ClockGettime(unix.CLOCK_PROCESS_CPUTIME_ID, &t); err != nil {
		return 0
	}
	return time.Duration(t.Nano())
}

// picture reads a picture file of a size that the eye describes.
func picture(path string) (biometrics.Frame, error) {
	b, err := os.ReadFile(path)
	if err != nil {
		return biometrics.Frame{}, err
	}
	f, err := camera.Decode(b)
	if err != nil {
		return biometrics.Frame{}, fmt.Errorf("%s: %w", path, err)
	}
	return f, nil
}
