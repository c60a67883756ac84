package main

import (
	"fmt"
	"io"
	"math"
	"slices"

	"visavis/biometrics/face/figures"
	"visavis/cmd/visavis-bench/internal/aims"
)

// The aims, in parts of go-face on the whole of the same frames where nothing else is said.
const (
	aimFound  = 0.60
	aimWide   = 0.30
	aimNobody = 0.12
	aimJudge  = 1.0  // ms
	aimReady  = 1.05 // of the program that only loads
	aimMemory = 220  // MB
)

// latencyReport is everything that was measured.
type latencyReport struct {
	images string
	sets   *frameSets
	rows   []figures.Row
	direct []directRow
	starts *startTimes
	memory *memory
}

// kinds parts the rows as the job was put together.
func (r *latencyReport) kinds() (found, wide, none, foundStreams, wideStreams, noneStreams []figures.Row) {
	rest := r.rows
	for _, kind := range []struct {
		into *[]figures.Row
		n    int
	}{
		{&found, len(r.sets.found)}, {&wide, len(r.sets.wide)}, {&none, len(r.sets.none)},
		{&foundStreams, len(r.sets.foundStreams)}, {&wideStreams, len(r.sets.wideStreams)}, {&noneStreams, len(r.sets.noneStreams)},
	} {
		*kind.into, rest = rest[:kind.n], rest[kind.n:]
	}
	return found, wide, none, foundStreams, wideStreams, noneStreams
}

// lines are the table of aims.
func (r *latencyReport) lines() []aims.Line {
	found, wide, none, foundStreams, wideStreams, noneStreams := r.kinds()
	empty := whereNobody(none)
	lines := []aims.Line{
		ratioLine("a frame of a stream with a face, 640×480", aimFound, foundStreams),
		ratioLine("a picture with a face, 640×480", aimFound, whereSomebody(found)),
		ratioLine("a frame of a stream with a face, 1280×720", aimWide, wideStreams),
		ratioLine("a picture with a face, 1280×720", aimWide, whereSomebody(wide)),
		nobodyLine(noneStreams, foundStreams),
		recallLine("640×480", found), recallLine("1280×720", wide),
		r.judgeLine(found), apartLine("followed", found, func(r figures.Row) float64 { return r.FollowedApart }),
		apartLine("found in the whole frame", found, func(r figures.Row) float64 { return r.SearchedApart }),
	}
	if len(empty) > 0 {
		lines = append(lines, aims.Line{
			What: "a picture without a face, 640×480, which is searched by all means", Aim: "stated", Outcome: aims.Held,
			Measured: fmt.Sprintf("%.2f of go-face (n %d): %.1f ms against %.1f", ratioOf(empty).ratio, len(empty), ratioOf(empty).ours, ratioOf(empty).whole),
		})
	}
	return append(lines, r.directLine(found), r.startLine(), r.memoryLine())
}

// whereSomebody keeps the pictures in which either saw a face.
func whereSomebody(rows []figures.Row) []figures.Row {
	return slices.DeleteFunc(slices.Clone(rows), func(r figures.Row) bool { return r.WholeFaces == 0 && r.Faces == 0 })
}

// whereNobody keeps those in which neither did.
func whereNobody(rows []figures.Row) []figures.Row {
	return slices.DeleteFunc(slices.Clone(rows), func(r figures.Row) bool { return r.WholeFaces > 0 || r.Faces > 0 })
}

// cost is what frames cost on average, ours as they come, in milliseconds, with what a ratio of means may be off by (95%), and their ratio by
// the processor's time.
type cost struct{ ours, whole, ratio, off, cpu float64 }

func ratioOf(rows []figures.Row) cost {
	var c cost
	if len(rows) == 0 {
		return c
	}
	var ours, whole, oursCPU, wholeCPU []float64
	for _, r := range rows {
		ours, whole = append(ours, mean(walls(r.Ours))), append(whole, mean(walls(r.Whole)))
		oursCPU, wholeCPU = append(oursCPU, mean(cpus(r.Ours))), append(wholeCPU, mean(cpus(r.Whole)))
	}
	c = cost{ours: mean(ours), whole: mean(whole)}
	c.ratio, c.cpu = c.ours/c.whole, mean(oursCPU)/mean(wholeCPU)
	var sum float64
	for i := range rows {
		sum += math.Pow(ours[i]-c.ratio*whole[i], 2)
	}
	if n := float64(len(rows)); n > 1 {
		c.off = 1.96 * math.Sqrt(sum/(n-1)/n) / c.whole
	}
	return c
}

func walls(times []figures.Time) []float64 {
	return each(times, func(t figures.Time) float64 { return t.Wall })
}

func cpus(times []figures.Time) []float64 {
	return each(times, func(t figures.Time) float64 { return t.CPU })
}

func each[T any](all []T, of func(T) float64) []float64 {
	values := make([]float64, 0, len(all))
	for _, v := range all {
		values = append(values, of(v))
	}
	return values
}

func mean(values []float64) float64 {
	if len(values) == 0 {
		return 0
	}
	sum := 0.0
	for _, v := range values {
		sum += v
	}
	return sum / float64(len(values))
}

// quantile is the value below which a part of the values lies.
func quantile(values []float64, part float64) float64 {
	if len(values) == 0 {
		return 0
	}
	sorted := slices.Sorted(slices.Values(values))
	return sorted[min(int(part*float64(len(sorted))), len(sorted)-1)]
}

func frames(rows []figures.Row) int {
	n := 0
	for _, r := range rows {
		n += len(r.Ours)
	}
	return n
}

func ratioLine(what string, aim float64, rows []figures.Row) aims.Line {
	line := aims.Line{What: what, Aim: fmt.Sprintf("at most %.2f of go-face on the whole frame", aim)}
	if len(rows) == 0 {
		line.Measured, line.Outcome = "no face was found", aims.Skipped
		return line
	}
	c := ratioOf(rows)
	line.Measured = fmt.Sprintf("%.2f ± %.2f (n %d): %.1f ms against %.1f; by processor time %.2f", c.ratio, c.off, frames(rows), c.ours, c.whole, c.cpu)
	line.Outcome = aims.If(c.ratio <= aim)
	return line
}

// nobodyLine judges an empty view by go-face on the same frames, and says also what part that is of a frame with a face.
func nobodyLine(none, found []figures.Row) aims.Line {
	none = whereNobody(none)
	line := ratioLine("a frame of a stream without a face, 640×480", aimNobody, none)
	if line.Outcome == aims.Skipped {
		line.Measured = "go-face or the describer saw faces in all of them"
	} else if whole := ratioOf(found).whole; whole > 0 {
		line.Measured += fmt.Sprintf("; %.2f of go-face on a frame with a face", ratioOf(none).ours/whole)
	}
	return line
}

// recallLine compares in how many pictures either finds a face at all.
func recallLine(size string, rows []figures.Row) aims.Line {
	var ours, whole, onlyOurs, onlyWhole int
	for _, r := range rows {
		switch {
		case r.Faces > 0 && r.WholeFaces == 0:
			onlyOurs++
		case r.Faces == 0 && r.WholeFaces > 0:
			onlyWhole++
		}
		ours += min(r.Faces, 1)
		whole += min(r.WholeFaces, 1)
	}
	return aims.Line{
		What: "pictures in which a face is found, " + size, Aim: "not fewer than go-face on the whole frame", Outcome: aims.If(ours >= whole),
		Measured: fmt.Sprintf("%d of %d against %d (%d only ours, %d only go-face's)", ours, len(rows), whole, onlyOurs, onlyWhole),
	}
}

func (r *latencyReport) judgeLine(found []figures.Row) aims.Line {
	var all []float64
	for _, row := range found {
		all = append(all, walls(row.Judging)...)
	}
	median := quantile(all, 0.5)
	return aims.Line{
		What: "all of a frame's quality, which is part of the times above", Aim: fmt.Sprintf("at most %.0f ms", aimJudge), Outcome: aims.If(len(all) > 0 && median <= aimJudge),
		Measured: fmt.Sprintf("median %.2f ms, 9 of 10 within %.2f (n %d)", median, quantile(all, 0.9), len(all)),
	}
}

// apartLine says how far the descriptor of one face depends on the way it was found.
func apartLine(way string, rows []figures.Row, of func(figures.Row) float64) aims.Line {
	var all []float64
	for _, r := range rows {
		if v := of(r); v > 0 {
			all = append(all, v)
		}
	}
	return aims.Line{
		What: "one face found by the cascade and " + way + ": its descriptors apart, unit vectors", Aim: "stated", Outcome: aims.Held,
		Measured: fmt.Sprintf("median %.3f, 9 of 10 within %.3f, farthest %.3f (n %d)", quantile(all, 0.5), quantile(all, 0.9), quantile(all, 1), len(all)),
	}
}

func (r *latencyReport) directLine(found []figures.Row) aims.Line {
	line := aims.Line{What: "dlib driven from C++ on the whole frame, 640×480, without JPEG", Aim: "stated"}
	if len(r.direct) == 0 {
		line.Measured, line.Outcome = "no reference program", aims.Skipped
		return line
	}
	var direct []float64
	for _, row := range r.direct {
		direct = append(direct, row.Millis...)
	}
	ours := ratioOf(found[:len(r.direct)])
	line.Measured = fmt.Sprintf("median %.1f ms (n %d); ours, on the same pictures, %.2f of its mean", quantile(direct, 0.5), len(direct), ours.ours/mean(direct))
	line.Outcome = aims.Held
	return line
}

func (r *latencyReport) startLine() aims.Line {
	line := aims.Line{What: "the eye is ready", Aim: fmt.Sprintf("at most %.2f of a program that only loads", aimReady)}
	if r.starts == nil {
		line.Measured, line.Outcome = "no reference program", aims.Skipped
		return line
	}
	eye, bare := quantile(r.starts.eye, 0.5), quantile(r.starts.bare, 0.5)
	line.Measured = fmt.Sprintf("%.2f: median %.2f s against %.2f (n %d each)", eye/bare, eye, bare, len(r.starts.eye))
	line.Outcome = aims.If(eye/bare <= aimReady)
	return line
}

func (r *latencyReport) memoryLine() aims.Line {
	line := aims.Line{What: "the eye's resident memory", Aim: fmt.Sprintf("at most %d MB", aimMemory)}
	if r.memory == nil || len(r.memory.resident) == 0 {
		line.Measured, line.Outcome = "not measured", aims.Skipped
		return line
	}
	first, last := r.memory.resident[0], r.memory.resident[len(r.memory.resident)-1]
	line.Measured = fmt.Sprintf("%.0f MB after %d pictures, %.0f after %d", last, r.memory.pictures[len(r.memory.pictures)-1], first, r.memory.pictures[0])
	line.Outcome = aims.If(last <= aimMemory)
	return line
}

// print says what was measured on.
func (r *latencyReport) print(out io.Writer) {
	_, _ = fmt.Fprintf(out, `How long the eye takes to describe a frame, beside go-face on the whole of it, in the same process, one frame after the other.
Photographs of %s, set into frames. go-face gets its frame as JPEG, made beforehand; what the eye makes of a frame for go-face is in its times.
Pictures are taken for files, and searched by all means; streams are %d frames, %d a second. One thread for linear algebra.

`, r.images, streamFrames, streamRate)
}
