package match

import (
	"slices"
	"testing"
)

func TestDiverse(t *testing.T) {
	a := unit(t, made(1))
	front, again := near(t, a, 0.01, 2), near(t, a, 0.02, 2)
	left, right := near(t, a, 0.25, 3), near(t, a, 0.25, 4)
	all := []Vector{front, again, left, {}, right}
	if got := Diverse(3, all...); !slices.Equal(got, []Vector{front, left, right}) {
		t.Error("the second front view was kept, or the order lost")
	}
	if got := Diverse(9, all...); len(got) != 4 || slices.ContainsFunc(got, Vector.IsZero) {
		t.Errorf("%d of 5 views, one of which is no face", len(got))
	}
	if len(Diverse(0, all...)) != 0 || len(Diverse(3)) != 0 || len(Diverse(-1, all...)) != 0 {
		t.Error("chosen from nothing, or nothing wanted")
	}
}

func TestTrimmed(t *testing.T) {
	a := unit(t, made(1))
	blink := near(t, a, 0.3, 9)
	vs := []Vector{near(t, a, 0.05, 2), blink, near(t, a, 0.06, 3), near(t, a, 0.05, 4), near(t, a, 0.07, 5)}
	if got := Trimmed(vs); !slices.Equal(got, slices.Delete(slices.Clone(vs), 1, 2)) {
		t.Errorf("%d kept", len(got))
	}
	for n := range 4 {
		if got := Trimmed(vs[:n]); len(got) != n {
			t.Errorf("%d of %d kept", len(got), n)
		}
	}
	if got := Trimmed([]Vector{a, a, a, {}, a}); len(got) != 5 {
		t.Error("what is no face was hidden from whoever makes the mean")
	}
}
