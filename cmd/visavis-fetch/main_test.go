package main

import (
	"errors"
	"os"
	"strings"
	"testing"

	"github.com/alecthomas/kong"

	"visavis/biometrics/weights"
)

func TestCommandLine(t *testing.T) {
	for line, want := range map[string]string{
		"weights --dir x": "weights", "demo-faces --dir x --from y": "demo-faces", "weights": "", "other --dir x": "", "": "",
	} {
		var c cli
		p, err := kong.New(&c, kong.Exit(func(int) {}))
		if err != nil {
			t.Fatal(err)
		}
		got, err := p.Parse(strings.Fields(line))
		if (err == nil) != (want != "") || err == nil && got.Command() != want {
			t.Errorf("%q: %v", line, err)
		}
	}
}

// The real pins on the real files: fetched again from where they are, into an empty folder.
func TestFetch(t *testing.T) {
	for name, s := range map[string]weights.Set{"weights": weights.Dlib(), "faces": weights.DemoFaces()} {
		from := "../../build/" + name
		if err := s.Check(from); errors.Is(err, weights.ErrMissing) && !errors.Is(err, weights.ErrWrong) {
			if os.Getenv("VISAVIS_CI") == "1" {
				t.Fatalf("%s: not there (make %s)", s.Name, name)
			}
			t.Skipf("%s: not there (make %s)", s.Name, name)
		} else if err != nil {
			t.Fatal(err)
		}
		var out strings.Builder
		dir := t.TempDir()
		for _, word := range []string{"fetched", "is there"} {
			out.Reset()
			if err := fetch(t.Context(), &out, s, target{Dir: dir, From: from}); err != nil {
				t.Fatal(err)
			}
			if got := strings.Count(out.String(), word); got != len(s.Files) {
				t.Errorf("%s", out.String())
			}
		}
		if err := s.Check(dir); err != nil {
			t.Error(err)
		}
	}
}
