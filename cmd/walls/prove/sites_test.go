package main

import (
	"fmt"
	"go/format"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"visavis/cmd/walls/attacks"
)

// What is marked, and how: each line stands in a function, behind it what the copy holds and the answers that defend.
func TestMark(t *testing.T) {
	for _, tt := range []struct {
		src, want, defends string
	}{
		{"if x > 1 { return ErrX }", "if guard_.If(0, x > 1) { return ErrX }", "yes"},
		{"if x > 1 { return fmt.Errorf(\"x\") }", "if guard_.If(0, x > 1) { return fmt.Errorf(\"x\") }", "yes"},
		{"if bad { return }", "if guard_.If(0, bad) { return }", "yes"},
		{"for { if bad { continue } }", "for { if guard_.If(0, bad) { continue } }", "yes"},
		{"if err != nil { return err }", "if guard_.If(0, err != nil) { return err }", "yes"},
		{"if why != Passed { return v }", "if guard_.If(0, why != Passed) { return v }", "yes"},
		{"if x > 1 { return v }", "if guard_.If(0, x > 1) { return v }", ""},
		{"if a && b { f(1) }", "if guard_.If(0, guard_.Unless(1, a) && guard_.Unless(2, b)) { if guard_.Do(3) { f(1) } }", ""},
		{"if a && b { err = ErrX }", "if guard_.If(0, a && b) { if guard_.Do(1) { err = ErrX } }", "yes"},
		{"if bad { return CauseMoved, nil }", "if guard_.If(0, bad) { return CauseMoved, nil }", "yes"},
		{"if good { return k, nil }", "if guard_.Unless(0, good) { return k, nil }", "no"},
		{"switch { case bad: return ErrX; default: return nil }", "switch { case guard_.If(0, bad): return ErrX; default: return nil }", "yes"},
		{"switch x { case 1: return ErrX }", "switch x { case 1: return ErrX }", ""},
		{"return a && b", "return guard_.Either(0, a && b)", "no"},
		{"return a == b", "return guard_.Either(0, a == b)", "no"},
		{"return a == (T{})", "return guard_.Either(0, a == (T{}))", "no"},
		{"return a < b", "return guard_.Either(0, a < b)", ""},
		{"return T{Off: true}", "return T{Off: guard_.If(0, true)}", "yes"},
		{"clear(key)", "if guard_.Do(0) { clear(key) }", "yes"},
		{"defer k.Wipe()", "if guard_.Do(0) { defer k.Wipe() }", "yes"},
		{"defer func() { _ = recover() }()", "if guard_.Do(0) { defer func() { _ = recover() }() }", "yes"},
		{"a.tries++", "if guard_.Do(0) { a.tries++ }", "yes"},
		{"a.key = nil", "if guard_.Do(0) { a.key = nil }", "yes"},
		{"n = m", "if guard_.Do(0) { n = m }", ""},
		{"n := m", "n := m", ""},
		{"_ = f()", "_ = f()", ""},
		{"defer mu.Unlock()", "defer mu.Unlock()", ""},
		{"panic(x)", "panic(x)", ""},
		{"for i < n { }", "for i < n { }", ""},
		{"const c = 1 == 2", "const c = 1 == 2", ""},
		{"return func() bool { return a == b }", "return func() bool { return guard_.Either(0, a == b) }", "no"},
		{"if f(func() bool { return a != b }) { return ErrX }", "if guard_.If(0, f(func() bool { return guard_.Either(1, a != b) })) { return ErrX }", "yes"},
	} {
		var s sites
		got, err := s.mark("x.go", []byte("package p\n\nfunc f() {\n"+tt.src+"\n}\n"))
		if err != nil {
			t.Errorf("%s: %v", tt.src, err)
			continue
		}
		lines := strings.Split(string(got), "\n")
		if lines[3] != tt.want {
			t.Errorf("%s is marked as %s", tt.src, lines[3])
		}
		if (len(s.all) > 0) != strings.Contains(lines[0], guardPackage) {
			t.Errorf("%s: the file begins with %s", tt.src, lines[0])
		}
		if len(s.all) > 0 && (s.all[0].Line != 4 || s.all[0].File != "x.go") {
			t.Errorf("%s stands at %s", tt.src, s.all[0])
		}
		if _, err := format.Source(got); err != nil {
			t.Errorf("%s: %v", lines[3], err)
		}
		defends := ""
		for answer, name := range []string{"no", "yes"} {
			if len(s.all) > 0 && s.all[0].gives(answer) && s.all[0].defends(answer) {
				defends += name
			}
		}
		if defends != tt.defends {
			t.Errorf("%s: %q defends", tt.src, defends)
		}
	}
}

// gives says whether a place's mark can take the answer back.
func (s site) gives(answer int) bool {
	return s.Call == "Either" || (s.Call == "Unless") == (answer == 0)
}

// What is taken out by hand is still there to be taken out, and the tests that are to notice stand on the page.
func TestMutantsFit(t *testing.T) {
	const top = "../../.."
	all, err := readMutants(top)
	if err != nil || len(all) == 0 {
		t.Fatalf("%d mutants, %v", len(all), err)
	}
	page, err := os.ReadFile(filepath.Join(top, attacks.Page))
	if err != nil {
		t.Fatal(err)
	}
	var named []string
	rows, _ := attacks.Rows(string(page))
	for _, r := range rows {
		for _, test := range r.Tests {
			named = append(named, r.Package+" "+test)
		}
	}
	for _, m := range all {
		if _, err := m.apply(top); err != nil {
			t.Error(err)
		}
		for _, test := range m.tests {
			if !slices.Contains(named, test) {
				t.Errorf("%s: %s does not name %q", m.name, attacks.Page, test)
			}
		}
	}
}

func TestJudge(t *testing.T) {
	failure := fmt.Errorf("exit status 1")
	for _, tt := range []struct {
		out  string
		err  error
		late bool
		want ending
	}{
		{"--- PASS: TestX (0.00s)\nPASS\n", nil, false, passed},
		{"--- PASS: TestXY (0.00s)\nPASS\n", nil, false, absent},
		{"--- SKIP: TestX (0.00s)\nPASS\n", nil, false, absent},
		{"testing: warning: no tests to run\nPASS\n", nil, false, absent},
		{"--- FAIL: TestX (0.00s)\nFAIL\n", failure, false, failed},
		{"--- FAIL: TestX (0.00s)\npanic: nil\n", failure, false, panicked},
		{"", failure, true, hung},
	} {
		if got := judge("TestX", []byte(tt.out), tt.err, tt.late); got != tt.want {
			t.Errorf("%q: %s", tt.out, got)
		}
	}
	if got := pattern("TestX/a_(b)/c"); got != `^TestX$/^a_\(b\)$/^c$` {
		t.Errorf("the pattern is %s", got)
	}
}
