package aims

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"testing"
)

func TestFile(t *testing.T) {
	f := File(filepath.Join(t.TempDir(), "aims"))
	first := []Line{{"one", "at most 1", "0.5 (n 10)", Held}, {"two", "over 3", "2", Missed}}
	more := Line{"three", "at most 4", "no photographs", Skipped}
	if err := errors.Join(f.Add(first...), f.Add(more), f.Add()); err != nil {
		t.Fatal(err)
	}
	got, err := f.Read()
	if err != nil || !slices.Equal(got, append(first, more)) {
		t.Errorf("%v, %v", got, err)
	}
	var out bytes.Buffer
	if err := Print(&out, got); err != nil {
		t.Fatal(err)
	}
	const want = `what   aim        measured        
one    at most 1  0.5 (n 10)      held
two    over 3     2               missed
three  at most 4  no photographs  skipped

1 held, 1 missed, 1 skipped
`
	if out.String() != want {
		t.Errorf("%s", out.String())
	}
}

func TestFileRefuses(t *testing.T) {
	dir := t.TempDir()
	f := File(filepath.Join(dir, "aims"))
	if err := f.Add(Line{What: "a\tb"}); !errors.Is(err, ErrLine) {
		t.Errorf("a line that reads as another: %v", err)
	}
	if err := File("").Add(Line{What: "nowhere"}); err != nil {
		t.Error(err)
	}
	if _, err := File(filepath.Join(dir, "none")).Read(); !errors.Is(err, os.ErrNotExist) {
		t.Error(err)
	}
	if err := os.WriteFile(string(f), []byte("one\ttwo\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := f.Read(); !errors.Is(err, ErrLine) {
		t.Errorf("half a line: %v", err)
	}
	if err := os.WriteFile(string(f), []byte("one\ttwo\tthree\tperfect\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if got, err := f.Read(); err != nil || got[0].Outcome != Missed {
		t.Errorf("an outcome that nobody knows is %v, %v", got, err)
	}
	if Outcome(9).String() != "missed" || If(true) != Held || If(false) != Missed {
		t.Error("outcomes")
	}
}
