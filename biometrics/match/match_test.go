package match

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"visavis/biometrics"
)

// made is a descriptor of a made-up person: a random direction of a face's norm.
func made(person uint64) biometrics.Descriptor {
	rng := rand.New(rand.NewPCG(person, 0))
	var d biometrics.Descriptor
	var sum float64
	for i := range d {
		d[i] = float32(rng.NormFloat64())
		sum += float64(d[i]) * float64(d[i])
	}
	for i := range d {
		d[i] *= float32(1.42 / math.Sqrt(sum))
	}
	return d
}

func unit(t testing.TB, d biometrics.Descriptor) Vector {
	t.Helper()
	v, err := Unit(d)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// near is a vector at the given distance from v, turned towards the direction of another.
func near(t testing.TB, v Vector, distance float64, other uint64) Vector {
	t.Helper()
	w := unit(t, made(other))
	var dot float64
	for i := range v.v {
		dot += float64(v.v[i]) * float64(w.v[i])
	}
	var across [size]float64
	for i := range across {
		across[i] = float64(w.v[i]) - dot*float64(v.v[i])
	}
	n := norm(&across)
	angle := 2 * math.Asin(distance/2)
	var out [size]float64
	for i := range out {
		out[i] = math.Cos(angle)*float64(v.v[i]) + math.Sin(angle)*across[i]/n
	}
	return scaled(&out, norm(&out))
}

func with(d biometrics.Descriptor, i int, x float32) biometrics.Descriptor {
	d[i] = x
	return d
}

func times(d biometrics.Descriptor, f float32) biometrics.Descriptor {
	for i := range d {
		d[i] *= f
	}
	return d
}

func TestUnitRefuses(t *testing.T) {
	nan, inf := float32(math.NaN()), float32(math.Inf(1))
	for _, tt := range []struct {
		name string
		d    biometrics.Descriptor
		want error
	}{
		{"zeros", biometrics.Descriptor{}, ErrNorm},
		{"one NaN", with(made(1), 127, nan), ErrNotFinite},
		{"one infinity", with(made(1), 0, inf), ErrNotFinite},
		{"one negative infinity", with(made(1), 64, -inf), ErrNotFinite},
		{"infinities that cancel out", with(with(made(1), 0, inf), 1, -inf), ErrNotFinite},
		{"the largest numbers", with(made(1), 3, math.MaxFloat32), ErrNorm},
		{"unit length already", times(made(1), 1/1.42), ErrNorm},
		{"a little short", times(made(1), 1.09/1.42), ErrNorm},
		{"a little long", times(made(1), 1.81/1.42), ErrNorm},
		{"one number alone", with(biometrics.Descriptor{}, 5, 1.9), ErrNorm},
	} {
		if v, err := Unit(tt.d); !errors.Is(err, tt.want) || !v.IsZero() {
			t.Errorf("%s: %v, want %v", tt.name, err, tt.want)
		}
	}
	for _, n := range []float32{1.11, 1.42, 1.79} {
		if _, err := Unit(times(made(1), n/1.42)); err != nil {
			t.Errorf("norm %v: %v", n, err)
		}
	}
}

func TestDistance(t *testing.T) {
	a := unit(t, made(1))
	var opposite biometrics.Descriptor
	for i, x := range made(1) {
		opposite[i] = -x
	}
	for _, tt := range []struct {
		name string
		b    Vector
		want float64
	}{
		{"itself", a, 0},
		{"itself, of another norm", unit(t, times(made(1), 1.1)), 0},
		{"its opposite: Euclidean, squared it would be 4", unit(t, opposite), 2},
		{"near", near(t, a, 0.27, 2), 0.27}, // squared it would be 0.07
		{"far", near(t, a, 1.2, 2), 1.2},
	} {
		if d := Distance(a, tt.b); math.Abs(d-tt.want) > 1e-6 {
			t.Errorf("%s: %v, want %v", tt.name, d, tt.want)
		}
		if Distance(a, tt.b) != Distance(tt.b, a) {
			t.Errorf("%s: not symmetric", tt.name)
		}
	}
}

// The zero Vector is what a forgotten error leaves behind: two of them must not be one person.
func TestZeroIsNearNothing(t *testing.T) {
	a := unit(t, made(1))
	long := a
	long.v[0] += 0.1
	broken := a
	broken.v[0] = float32(math.NaN())
	for _, pair := range [][2]Vector{{}, {a, {}}, {{}, a}, {broken, a}, {a, broken}, {broken, broken}, {long, long}} {
		if d := Distance(pair[0], pair[1]); !math.IsNaN(d) || d <= math.Inf(1) {
			t.Errorf("distance %v", d)
		}
	}
}

func TestMean(t *testing.T) {
	a := unit(t, made(1))
	b := near(t, a, 0.4, 2)
	m, err := Mean(a, b)
	if err != nil {
		t.Fatal(err)
	}
	if da, db := Distance(a, m), Distance(b, m); math.Abs(da-db) > 1e-5 || da > 0.21 {
		t.Errorf("the middle is %v and %v away", da, db)
	}
	if one, err := Mean(a); err != nil || Distance(one, a) > 1e-6 {
		t.Errorf("mean of one: %v", err)
	}
	var opposite biometrics.Descriptor
	for i, x := range made(1) {
		opposite[i] = -x
	}
	for _, tt := range []struct {
		name string
		vs   []Vector
		want error
	}{
		{"none", nil, ErrNoVectors},
		{"the zero Vector", []Vector{{}}, ErrNorm},
		{"the zero Vector among others", []Vector{a, {}, b}, ErrNorm},
		{"opposites", []Vector{a, unit(t, opposite)}, ErrNorm},
		{"persons who have nothing in common", []Vector{a, unit(t, made(2)), unit(t, made(3)), unit(t, made(4)), unit(t, made(5)), unit(t, made(6))}, ErrNorm},
	} {
		if m, err := Mean(tt.vs...); !errors.Is(err, tt.want) || !m.IsZero() {
			t.Errorf("%s: %v, want %v", tt.name, err, tt.want)
		}
	}
}

func TestVectorBinaryForm(t *testing.T) {
	v := unit(t, made(1))
	b, err := v.MarshalBinary()
	if err != nil || len(b) != 512 {
		t.Fatalf("%d bytes, %v", len(b), err)
	}
	var again Vector
	if err := again.UnmarshalBinary(b); err != nil || again != v {
		t.Errorf("read again: %v", err)
	}
	nan := bytes.Clone(b)
	copy(nan, []byte{0x7f, 0xc0, 0, 0})
	for name, bad := range map[string][]byte{"empty": nil, "short": b[:511], "long": append(bytes.Clone(b), 0), "zeros": make([]byte, 512), "NaN": nan} {
		if err := again.UnmarshalBinary(bad); err == nil || again != v {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := (Vector{}).MarshalBinary(); !errors.Is(err, ErrNorm) {
		t.Errorf("the zero Vector: %v", err)
	}
}

func TestLevels(t *testing.T) {
	for views := MinViews; views <= MaxViews; views++ {
		for _, l := range []Level{OneIn10000, OneIn100000} {
			b := l.Bounds(views)
			if !(0.15 < b.Fused && b.Fused < b.Front && b.Front <= b.Turned && b.Turned < 0.5 && b.Step < 0.5 && b.View < 0.5 && b.Rival < 0.1) {
				t.Errorf("%v, %d views: %+v", l, views, b)
			}
		}
		if a, b := OneIn10000.Bounds(views), OneIn100000.Bounds(views); !(b.Fused < a.Fused && b.Front <= a.Front) {
			t.Errorf("%d views: the rarer rate has %.3f, the other %.3f", views, b.Fused, a.Fused)
		}
	}
	for _, tt := range []struct {
		l     Level
		views int
	}{{0, 3}, {levelEnd, 3}, {255, 3}, {OneIn10000, 0}, {OneIn10000, MinViews - 1}, {OneIn10000, MaxViews + 1}, {OneIn10000, -1}} {
		for _, nearest := range []float64{0, 1, math.Inf(1), math.NaN()} {
			b := tt.l.Bounds(tt.views).Tightened(nearest)
			for _, bound := range []float64{b.Fused, b.Front, b.Turned, b.Step, b.View, 2 + b.Rival} {
				if 0 <= bound {
					t.Errorf("%v, %d views, accepts equal vectors", tt.l, tt.views)
				}
			}
		}
	}
}

func TestLevelNames(t *testing.T) {
	for _, l := range []Level{OneIn10000, OneIn100000} {
		if again, err := ParseLevel(levels[l].name); err != nil || again != l || l.OneIn() < 10000 {
			t.Errorf("%v: %v, %v", l, again, err)
		}
	}
	for _, name := range []string{"", "1-in-1000", "1-IN-10000", "1-in-10000 "} {
		if l, err := ParseLevel(name); !errors.Is(err, ErrLevel) || l != 0 {
			t.Errorf("%q: %v, %v", name, l, err)
		}
	}
	if s := Level(9).String(); s != "unknown level 9" || Level(9).OneIn() != 0 || Level(0).OneIn() != 0 {
		t.Errorf("%q", s)
	}
}

func TestTightened(t *testing.T) {
	b := OneIn10000.Bounds(MinViews)
	floor, share := Shipped().Floor, Shipped().Share
	for name, tt := range map[string]struct{ nearest, want float64 }{
		"nobody else":          {math.Inf(1), b.Fused},
		"a stranger":           {0.6, b.Fused},
		"somebody alike":       {(floor + b.Fused) / 2 / share, (floor + b.Fused) / 2},
		"a twin":               {0.1, floor},
		"the same, twice":      {0, floor},
		"not a number":         {math.NaN(), floor},
		"less than nothing":    {-1, floor},
		"less than any":        {math.Inf(-1), floor},
		"just on the bound":    {b.Fused / share, b.Fused},
		"as near as the floor": {floor / share, floor},
	} {
		got := b.Tightened(tt.nearest)
		if math.Abs(got.Fused-tt.want) > 1e-9 {
			t.Errorf("%s: %.4f, want %.4f", name, got.Fused, tt.want)
		}
		if math.Abs((b.Fused-got.Fused)-(b.Front-got.Front)) > 1e-9 || got.Turned != b.Turned || got.Step != b.Step || got.View != b.View || got.Rival != b.Rival {
			t.Errorf("%s: %+v", name, got)
		}
		if again := got.Tightened(tt.nearest); math.Abs(again.Fused-got.Fused) > 1e-9 {
			t.Errorf("%s: tightened again it is %.4f", name, again.Fused)
		}
	}
}

func TestNewTemplate(t *testing.T) {
	a := unit(t, made(1))
	views := []Vector{near(t, a, 0.15, 2), near(t, a, 0.2, 3), near(t, a, 0.2, 4)}
	tmpl, err := NewTemplate("w1", OneIn10000, views...)
	if err != nil {
		t.Fatal(err)
	}
	if d := Distance(tmpl.Centroid, a); d > 0.15 {
		t.Errorf("the centroid is %v from the face", d)
	}
	views[0] = Vector{}
	if tmpl.Views[0].IsZero() {
		t.Error("the template keeps its argument")
	}
	views[0] = near(t, a, 0.15, 2)
	stranger := unit(t, made(9))
	alike := near(t, a, 0.5, 9)
	// Seven views, three of them of somebody who is not so far: from the mean of the others none is farther than 0.39.
	halfway := near(t, a, 0.42, 9)
	hidden := []Vector{a, near(t, a, 0.1, 3), near(t, a, 0.1, 4), near(t, a, 0.1, 5), halfway, near(t, halfway, 0.1, 6), near(t, halfway, 0.1, 7)}
	for _, tt := range []struct {
		name    string
		weights string
		level   Level
		views   []Vector
		want    error
	}{
		{"no weights", "", OneIn10000, views, ErrWeights},
		{"two views", "w1", OneIn10000, views[:2], ErrViews},
		{"nine views", "w1", OneIn10000, append(append(append([]Vector{}, views...), views...), views...), ErrViews},
		{"a view that failed", "w1", OneIn10000, []Vector{views[0], {}, views[2]}, ErrNorm},
		{"no level", "w1", 0, views, ErrNotOneFace},
		{"a stranger's view", "w1", OneIn10000, []Vector{views[0], views[1], stranger}, ErrNotOneFace},
		{"a stranger's view first", "w1", OneIn10000, []Vector{stranger, views[1], views[2]}, ErrNotOneFace},
		{"a relative's view", "w1", OneIn10000, []Vector{views[0], alike, views[2]}, ErrNotOneFace},
		{"half and half", "w1", OneIn10000, []Vector{views[0], views[1], alike, near(t, alike, 0.1, 5)}, ErrNotOneFace},
		{"half and half, whom the others' mean hides", "w1", OneIn10000, hidden, ErrNotOneFace},
	} {
		if tmpl, err := NewTemplate(tt.weights, tt.level, tt.views...); !errors.Is(err, tt.want) || tmpl.Views != nil {
			t.Errorf("%s: %v, want %v", tt.name, err, tt.want)
		}
	}
	again, err := Restore("w1", views...)
	if err != nil || again.Centroid != tmpl.Centroid {
		t.Errorf("Restore: %v", err)
	}
}

func TestApart(t *testing.T) {
	a := unit(t, made(1))
	many := slices.Repeat([]Vector{a}, 2*MaxViews+1)
	for name, vs := range map[string][]Vector{"none": nil, "one": {a}, "zero": {a, a, {}}, "zero first": {{}, a, a}, "too many": many} {
		if d := Apart(vs...); !math.IsNaN(d) {
			t.Errorf("%s: %v", name, d)
		}
	}
	if d := Apart(a, a, near(t, a, 0.3, 2)); math.Abs(d-0.3) > 1e-5 {
		t.Errorf("one at 0.3: %v", d)
	}
	b := near(t, a, 0.3, 2)
	for _, vs := range [][]Vector{{b, a, b, a}, {a, a, b, b}, {b, a, a, b, b, a}, many[:2*MaxViews-1], {a, a, a, b}} {
		want := 0.3
		if slices.Index(vs, b) < 0 {
			want = 0
		}
		if d := Apart(vs...); math.Abs(d-want) > 1e-5 {
			t.Errorf("%d views, half and half at 0.3: %v", len(vs), d)
		}
	}
}

func TestVectorsPrintRedacted(t *testing.T) {
	v := unit(t, made(1))
	digits := fmt.Sprint(v.v[0])[:5]
	var out bytes.Buffer
	slog.New(slog.NewTextHandler(&out, nil)).Info("face", "v", v)
	slog.New(slog.NewJSONHandler(&out, nil)).Info("face", "v", v, "t", Template{Views: []Vector{v}, Centroid: v})
	j, err := json.Marshal(Template{Views: []Vector{v}, Centroid: v})
	if err != nil {
		t.Fatal(err)
	}
	out.Write(j)
	for _, verb := range []string{"%v", "%+v", "%#v", "%x", "%g"} {
		fmt.Fprintf(&out, verb+verb+verb, v, &v, Template{Views: []Vector{v}, Centroid: v})
	}
	if strings.Contains(out.String(), digits) || !strings.Contains(out.String(), redacted) {
		t.Errorf("prints %s", out.String())
	}
}

func FuzzUnmarshalBinary(f *testing.F) {
	b, err := unit(f, made(1)).MarshalBinary()
	if err != nil {
		f.Fatal(err)
	}
	f.Add(b)
	f.Add(b[:511])
	f.Add(make([]byte, 512))
	f.Fuzz(func(t *testing.T, b []byte) {
		var v Vector
		if v.UnmarshalBinary(b) != nil {
			return
		}
		if again, err := v.MarshalBinary(); err != nil || !bytes.Equal(again, b) {
			t.Errorf("%v", err)
		}
		if d := Distance(v, v); d != 0 {
			t.Errorf("distance from itself %v", d)
		}
	})
}
