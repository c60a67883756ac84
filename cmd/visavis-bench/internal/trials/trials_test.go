package trials

import (
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"visavis/biometrics"
	"visavis/biometrics/match"
)

// photograph is one of a made-up person: a direction of a face's norm, and a little of another.
func photograph(t testing.TB, person, number int, noise float64) Face {
	t.Helper()
	own, other := rand.New(rand.NewPCG(uint64(person), 1)), rand.New(rand.NewPCG(uint64(person), uint64(number)+2))
	var v [128]float64
	length := 0.0
	for i := range v {
		v[i] = own.NormFloat64() + noise*other.NormFloat64()
		length += v[i] * v[i]
	}
	var d biometrics.Descriptor
	for i := range d {
		d[i] = float32(1.42 * v[i] / math.Sqrt(length))
	}
	f, err := NewFace(number, d)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// crowd are made-up persons, of so many photographs each.
func crowd(t testing.TB, photographs ...int) (people []Person) {
	t.Helper()
	for p, n := range photographs {
		who := Person{Name: fmt.Sprint("person ", p)}
		for i := range n {
			who.Faces = append(who.Faces, photograph(t, p, i+1, 0.15))
		}
		people = append(people, who)
	}
	return people
}

func TestWilson(t *testing.T) {
	for _, tt := range []struct{ k, n, low, high float64 }{
		{0, 100, 0, 0.0370}, {50, 100, 0.4038, 0.5962}, {100, 100, 0.9630, 1}, {1, 10, 0.0179, 0.4042}, {0, 0, 0, 1},
	} {
		got := Wilson(tt.k, tt.n)
		if math.Abs(got.Low-tt.low) > 5e-5 || math.Abs(got.High-tt.high) > 5e-5 {
			t.Errorf("%v of %v: %.4f to %.4f", tt.k, tt.n, got.Low, got.High)
		}
	}
}

func TestTally(t *testing.T) {
	var tally Tally
	for _, d := range []float64{0.3, 0.25, 0.3, 1.9, math.NaN(), 2.5} {
		tally.Add(d, 0.5)
	}
	for threshold, want := range map[float64]float64{0: 0, 0.2495: 0, 0.25: 0.5, 0.2999: 0.5, 0.3: 1.5, 1.8999: 1.5, 2: 2} {
		if got := tally.Within(threshold); math.Abs(got-want) > 1e-9 {
			t.Errorf("within %v: %v, want %v", threshold, got, want)
		}
	}
	if tally.Total() != 3 || tally.Lowest() != 0.25 || math.Abs(tally.At(0.5)-1.8995) > 1e-9 || tally.At(0) != 0.25-step {
		t.Errorf("total %v, lowest %v, half at %v, none at %v", tally.Total(), tally.Lowest(), tally.At(0.5), tally.At(0))
	}
	var other Tally
	other.Add(0.1, 1)
	other.merge(&tally)
	if other.Total() != 4 || other.Lowest() != 0.1 {
		t.Error("not merged")
	}
	// 40,000 strangers of whom the nearest is at 0.3 show 1 in 10,000 up to there, 20,000 show it nowhere.
	for n, want := range map[float64]float64{40000: 0.3 - step, 20000: 0} {
		var strangers Tally
		strangers.Add(0.3, n/2)
		strangers.Add(0.5, n/2)
		if got := strangers.Shown(1e-4); math.Abs(got-want) > 1e-9 {
			t.Errorf("of %v: %v, want %v", n, got, want)
		}
	}
	if got := (&Tally{}).Shown(0.5); got != 0 {
		t.Errorf("nothing shows %v", got)
	}
}

func TestReadPairs(t *testing.T) {
	pairs, err := ReadPairs(strings.NewReader("2\nAnna\t1\t2\nBert\t3\t1\nAnna\t1\tBert\t1\nBert\t2\tCleo\t4\n"))
	want := []Pair{
		{[2]string{"Anna", "Anna"}, [2]int{1, 2}}, {[2]string{"Bert", "Bert"}, [2]int{3, 1}},
		{[2]string{"Anna", "Bert"}, [2]int{1, 1}}, {[2]string{"Bert", "Cleo"}, [2]int{2, 4}},
	}
	if err != nil || !slices.Equal(pairs, want) {
		t.Errorf("%v, %v", pairs, err)
	}
	for name, text := range map[string]string{
		"empty": "", "no number": "Anna\t1\t2\n", "none": "0\n", "too many": "99999999\n",
		"too few":             "1\nAnna\t1\t2\n",
		"one more":            "1\nAnna\t1\t2\nAnna\t1\tBert\t1\nAnna\t1\tBert\t1\n",
		"two where one":       "1\nAnna\t1\tBert\t2\nAnna\t1\tBert\t1\n",
		"one where two":       "1\nAnna\t1\t2\nAnna\t1\t2\n",
		"a word for a number": "1\nAnna\tx\t2\nAnna\t1\tBert\t1\n",
		"five words":          "1\nAnna\t1\t2\t3\t4\nAnna\t1\tBert\t1\n",
		"blanks and not tabs": "1\nAnna 1 2\nAnna 1 Bert 1\n",
	} {
		if pairs, err := ReadPairs(strings.NewReader(text)); !errors.Is(err, ErrPairs) {
			t.Errorf("%s: %v, %v", name, pairs, err)
		}
	}
}

func TestListedAndSingle(t *testing.T) {
	people := crowd(t, 3, 2, 1)
	listed, missing := Listed(people, []Pair{
		{[2]string{"person 0", "person 0"}, [2]int{1, 3}}, {[2]string{"person 0", "person 0"}, [2]int{1, 4}},
		{[2]string{"person 0", "person 1"}, [2]int{1, 2}}, {[2]string{"person 9", "person 1"}, [2]int{1, 2}},
	})
	if missing != 2 || listed.Genuine.Total() != 1 || listed.Impostor.Total() != 1 {
		t.Errorf("%d missing, %v and %v", missing, listed.Genuine.Total(), listed.Impostor.Total())
	}
	single := Single(people)
	if single.Genuine.Total() != 3+1 || single.Impostor.Total() != 3*2+3*1+2*1 {
		t.Errorf("%v genuine and %v impostors", single.Genuine.Total(), single.Impostor.Total())
	}
	if p, n := single.FNMR(0.6); p != 0 || n.Low != 0 {
		t.Errorf("refuses %v", p)
	}
	if p, _ := single.FMR(0.6); p != 0 {
		t.Errorf("lets %v in", p)
	}
}

// Every ordered pair of persons weighs 1, however many sets are drawn of each.
func TestFusedCountsPersons(t *testing.T) {
	people := crowd(t, 7, 5, 3, 3, 1, 2)
	o := Fused(people, 3, 2)
	if got, want := o.Impostor.Total(), 4*4.0; math.Abs(got-want) > 1e-9 { // 4 templates, 5 live sets, one of which is one's own
		t.Errorf("%v pairs of persons, want %v", got, want)
	}
	if got := o.Genuine.Total(); math.Abs(got-2) > 1e-9 {
		t.Errorf("%v right people, want 2", got)
	}
	if again := Fused(people, 3, 2); again != o {
		t.Error("another figure for the same photographs")
	}
	refused, n := Every(people, 3, 2, match.OneIn10000.Bounds(3))
	if n != 2 || refused != 0 {
		t.Errorf("%v of %v refused", refused, n)
	}
	none := match.Level(0).Bounds(3)
	if refused, n := Every(people, 3, 2, none); math.Abs(refused-n) > 1e-9 {
		t.Errorf("without a level %v of %v are refused", refused, n)
	}
}

func TestHalves(t *testing.T) {
	people := crowd(t, make([]int, 1000)...)
	a, b := Halves(people)
	if len(a)+len(b) != 1000 || len(a) < 430 || len(b) < 430 {
		t.Errorf("%d and %d", len(a), len(b))
	}
	if AtLeast(crowd(t, 3, 2, 1), 2) != 2 {
		t.Error("counts of photographs")
	}
}

// More views never have a looser bound, a rarer rate never either, and what too few people can show is not claimed.
func TestTableOfFewPeople(t *testing.T) {
	people := crowd(t, slices.Repeat([]int{8}, 30)...)
	rates := Measure(people)
	for views := match.MinViews; views <= match.MaxViews; views++ {
		if got := rates.Fused(views, 1e-9); views == match.MinViews && !math.IsInf(got, 1) {
			t.Errorf("%d views: 30 people show %v", views, got)
		}
		if views > match.MinViews && rates.Fused(views, 0.01) > rates.Fused(views-1, 0.01) {
			t.Errorf("%d views have a looser bound", views)
		}
	}
	single := Single(people)
	if _, err := rates.Table("w", &single).Encode(); !errors.Is(err, match.ErrTable) {
		t.Errorf("a table of 30 people: %v", err)
	}
}

func TestDown(t *testing.T) {
	for _, tt := range []struct{ d, unit, want float64 }{{0.2999, 0.001, 0.299}, {0.345, 0.005, 0.345}, {0.3449, 0.005, 0.34}, {0.3, 0.001, 0.3}} {
		if got := down(tt.d, tt.unit); got != tt.want {
			t.Errorf("%v: %v, want %v", tt.d, got, tt.want)
		}
	}
}

func TestInsiders(t *testing.T) {
	people := crowd(t, 5, 5, 5)
	double := Person{Name: "double"}
	for i := range 5 { // looks like the first, and is not
		double.Faces = append(double.Faces, photograph(t, 0, 50+i, 0.35))
	}
	b := match.OneIn10000.Bounds(3)
	b.Fused = 0.5
	found, err := TryInsiders(append(people, double), 3, 2, b)
	if err != nil || len(found) != 4 {
		t.Fatalf("%v, %v", found, err)
	}
	for _, r := range found {
		if r.People != 4 || r.Owner != 4 || r.Tries != 12 || r.Tightened != 2 {
			t.Errorf("%+v", r)
		}
	}
	if found[0].Passed == 0 || found[3].Passed > found[1].Passed || found[3].Passed > found[2].Passed {
		t.Errorf("%+v", found)
	}
}

func TestDoubles(t *testing.T) {
	people := crowd(t, 7, 6, 8)
	if refused, n := Doubles(people, 3, 1, match.OneIn10000.Bounds(3)); n != 2 || refused > 0.5 {
		t.Errorf("%v of %v", refused, n)
	}
	b := match.OneIn10000.Bounds(3)
	b.Rival = -1
	if refused, n := Doubles(people, 3, 1, b); refused < n-1e-9 {
		t.Errorf("where nobody else may be, %v of %v are refused", refused, n)
	}
}

func TestTimeSearch(t *testing.T) {
	s, err := TimeSearch(3000, 5)
	if err != nil || s.People != 3000 || s.Searches != 5 || !(0 < s.Median && s.Median <= s.Slowest) || s.Reading <= 0 {
		t.Errorf("%+v, %v", s, err)
	}
}

func TestMixed(t *testing.T) {
	m := Mixed(crowd(t, 5, 1, 4), match.OneIn10000.Bounds(3))
	if m.Tries != 2 || m.HalfTries != 1 || m.ByFrames != 0 || m.AsView != 0 || m.AsHalf != 0 {
		t.Errorf("%+v", m)
	}
}

// The first of what was tried is what is kept; none makes a right person's score less sure than a stranger's.
func TestTries(t *testing.T) {
	others, judged := crowd(t, slices.Repeat([]int{2}, 40)...), crowd(t, slices.Repeat([]int{6}, 12)...)
	tries := Tries()
	kept := JudgeTry(tries[0], others, judged, 3, 2)
	want := Fused(judged, 3, 2)
	if kept.Genuine != want.Genuine || kept.Impostor != want.Impostor {
		t.Error("the kept score is not the product's")
	}
	for _, try := range tries {
		o := JudgeTry(try, others[12:], judged, 3, 2)
		if got, _ := o.FNMR(o.Impostor.Lowest() - step); got > 0 {
			t.Errorf("%s: %v of the right people are farther than the nearest stranger", try.Name, got)
		}
	}
}
