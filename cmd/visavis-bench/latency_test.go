package main

import (
	"image"
	"image/jpeg"
	"math"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"visavis/biometrics/face/figures"
	"visavis/cmd/visavis-bench/internal/aims"
)

func timesOf(walls ...float64) []figures.Time {
	times := make([]figures.Time, 0, len(walls))
	for _, w := range walls {
		times = append(times, figures.Time{Wall: w, CPU: w / 2})
	}
	return times
}

func TestRatioCountsTheMixAsItComes(t *testing.T) {
	rows := []figures.Row{
		{Ours: timesOf(10, 30), Whole: timesOf(40)},
		{Ours: timesOf(60), Whole: timesOf(60, 60)},
	}
	c := ratioOf(rows)
	if c.ours != 40 || c.whole != 50 || c.ratio != 0.8 || c.cpu != 0.8 || !(c.off > 0 && c.off < 1) {
		t.Errorf("%+v", c)
	}
	if c := ratioOf(nil); c != (cost{}) {
		t.Errorf("of nothing: %+v", c)
	}
	even := ratioOf([]figures.Row{{Ours: timesOf(1), Whole: timesOf(2)}, {Ours: timesOf(2), Whole: timesOf(4)}})
	if even.ratio != 0.5 || math.Abs(even.off) > 1e-9 {
		t.Errorf("frames that all cost half: %+v", even)
	}
}

func TestAimsAreJudged(t *testing.T) {
	half := []figures.Row{{Ours: timesOf(20), Whole: timesOf(40), Faces: 1, WholeFaces: 1}}
	for name, tc := range map[string]struct {
		line aims.Line
		want aims.Outcome
	}{
		"at the bound":            {ratioLine("", 0.5, half), aims.Held},
		"over it":                 {ratioLine("", 0.49, half), aims.Missed},
		"nothing to measure":      {ratioLine("", 1, nil), aims.Skipped},
		"as many faces":           {recallLine("", half), aims.Held},
		"one face fewer":          {recallLine("", []figures.Row{{WholeFaces: 1}}), aims.Missed},
		"two are as good as one":  {recallLine("", []figures.Row{{WholeFaces: 1, Faces: 2}}), aims.Held},
		"a stream with faces":     {nobodyLine(half, half), aims.Skipped},
		"an empty stream":         {nobodyLine([]figures.Row{{Ours: timesOf(1), Whole: timesOf(40)}}, half), aims.Held},
		"an empty stream, slowly": {nobodyLine([]figures.Row{{Ours: timesOf(9), Whole: timesOf(40)}}, half), aims.Missed},
		"no quality was measured": {(&latencyReport{}).judgeLine(half), aims.Missed},
		"no reference":            {(&latencyReport{}).directLine(half), aims.Skipped},
		"no starts":               {(&latencyReport{}).startLine(), aims.Skipped},
		"ready as soon":           {(&latencyReport{starts: &startTimes{[]float64{1.04}, []float64{1}}}).startLine(), aims.Held},
		"ready later":             {(&latencyReport{starts: &startTimes{[]float64{1.06}, []float64{1}}}).startLine(), aims.Missed},
		"memory was not read":     {(&latencyReport{}).memoryLine(), aims.Skipped},
		"as much as the bound":    {(&latencyReport{memory: &memory{[]int{1, 2}, []float64{230, 220}}}).memoryLine(), aims.Held},
		"more memory at the end":  {(&latencyReport{memory: &memory{[]int{1, 2}, []float64{200, 221}}}).memoryLine(), aims.Missed},
	} {
		if tc.line.Outcome != tc.want {
			t.Errorf("%s: %v (%s)", name, tc.line.Outcome, tc.line.Measured)
		}
	}
}

// Rows are told apart by their place in the job.
func TestRowsAreOfTheirKind(t *testing.T) {
	sets := &frameSets{
		found: make([]string, 3), wide: make([]string, 2), none: make([]string, 1),
		foundStreams: make([][]string, 2), wideStreams: make([][]string, 1), noneStreams: make([][]string, 1),
	}
	job := sets.job()
	r := &latencyReport{sets: sets, rows: make([]figures.Row, len(job.Pictures)+len(job.Streams))}
	for i := range r.rows {
		r.rows[i].Index = i
	}
	found, wide, none, foundStreams, wideStreams, noneStreams := r.kinds()
	first := 0
	for i, kind := range [][]figures.Row{found, wide, none, foundStreams, wideStreams, noneStreams} {
		if want := []int{3, 2, 1, 2, 1, 1}[i]; len(kind) != want || kind[0].Index != first {
			t.Errorf("kind %d: %d rows from %d", i, len(kind), kind[0].Index)
		}
		first += len(kind)
	}
}

// Frames have their size, and a photograph lies in them whole.
func TestScenesAreFrames(t *testing.T) {
	dir := t.TempDir()
	person := filepath.Join(dir, "somebody")
	if err := os.Mkdir(person, 0o700); err != nil {
		t.Fatal(err)
	}
	red := image.NewRGBA(image.Rect(0, 0, 50, 50))
	for i := 0; i < len(red.Pix); i += 4 {
		red.Pix[i], red.Pix[i+3] = 255, 255
	}
	f, err := os.Create(filepath.Join(person, "somebody_0001.jpg"))
	if err != nil {
		t.Fatal(err)
	}
	if err := jpeg.Encode(f, red, nil); err != nil {
		t.Fatal(err)
	}
	f.Close()
	photos, err := photosIn(dir)
	if err != nil || len(photos) != 1 {
		t.Fatalf("%v, %v", photos, err)
	}
	m := &sceneMaker{photos: photos, dir: t.TempDir()}
	paths, err := m.pictures(scene{width: 64, height: 48}, 4)
	if err != nil || len(paths) != 4 {
		t.Fatalf("%v, %v", paths, err)
	}
	for _, path := range paths {
		in, err := os.Open(path)
		if err != nil {
			t.Fatal(err)
		}
		frame, err := jpeg.Decode(in)
		in.Close()
		if err != nil || frame.Bounds() != image.Rect(0, 0, 64, 48) {
			t.Errorf("%v, %v", frame.Bounds(), err)
		}
	}
	if _, err := photosIn(t.TempDir()); err == nil {
		t.Error("an empty folder")
	}
}

func TestAnswersAreRead(t *testing.T) {
	rows, err := readLines[directRow]([]byte("{\"width\":2,\"millis\":[1.5]}\n{\"faces\":1}\n"))
	if err != nil || len(rows) != 2 || rows[0].Millis[0] != 1.5 || rows[1].Faces != 1 {
		t.Errorf("%+v, %v", rows, err)
	}
	if _, err := readLines[directRow]([]byte("{\"width\":")); err == nil {
		t.Error("half a line")
	}
}

func TestMemoryOfAProcessIsRead(t *testing.T) {
	if _, err := os.Stat("/proc/self/status"); err != nil {
		t.Skip("no /proc")
	}
	if mb, err := residentOf(strconv.Itoa(os.Getpid())); err != nil || mb < 1 || mb > 1e5 {
		t.Errorf("%.1f MB, %v", mb, err)
	}
	if _, err := residentOf("0"); err == nil || !strings.Contains(err.Error(), errNoMemory.Error()) {
		t.Errorf("nobody's: %v", err)
	}
}
