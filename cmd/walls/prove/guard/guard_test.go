package guard

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// with reads the state of a run that is told by a folder, and puts the process's own back afterwards.
func with(t *testing.T, off string) (dir string) {
	dir = t.TempDir()
	if off != "" {
		if err := os.WriteFile(filepath.Join(dir, Off), []byte(off), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	before, where := state, Dir
	t.Cleanup(func() {
		if state.out != nil {
			_ = state.out.Close()
		}
		state, Dir = before, where
	})
	Dir = dir
	state = load()
	return dir
}

func answers() (out []bool) {
	for _, cond := range []bool{false, true} {
		out = append(out, If(1, cond), Unless(2, cond), Either(3, cond))
	}
	return append(out, Do(4))
}

func TestNothingIsTakenBackUntold(t *testing.T) {
	for i, got := range answers() {
		if got != (i >= 3) {
			t.Errorf("answer %d is %v", i, got)
		}
	}
}

func TestAnswersAreRecordedOnce(t *testing.T) {
	dir := with(t, "")
	answers()
	answers()
	b, err := os.ReadFile(filepath.Join(dir, Fired))
	if got := strings.Fields(string(b)); err != nil || strings.Join(got, " ") != "4 6 3 7 9" {
		t.Errorf("%v, %v", got, err)
	}
}

func TestAnswersAreTakenBack(t *testing.T) {
	for off, want := range map[string]string{
		"3": "F F F F T T T", // If's yes
		"4": "F T F T T T T", // Unless' no
		"6": "F F T T T T T", // Either's no
		"7": "F F F T T F T", // Either's yes
		"9": "F F F T T T F",
		"2": "F F F T T T T", // nobody's
	} {
		with(t, off)
		var got []string
		for _, a := range answers() {
			got = append(got, map[bool]string{false: "F", true: "T"}[a])
		}
		if strings.Join(got, " ") != want {
			t.Errorf("%s: %v, want %s", off, got, want)
		}
	}
}
