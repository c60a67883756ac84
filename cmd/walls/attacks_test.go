package walls_test

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"visavis/cmd/walls/attacks"
)

// suite is what a package's test files hold: the tests by name, and each text in one as a case of a table would be called after it: NAME/CASE.
type suite map[string]bool

// suiteOf parses a package's test files; nothing is compiled. A test that names a folder of scripts has them as cases. It returns an error for a
// folder without tests.
func suiteOf(dir string) (suite, error) {
	files, err := filepath.Glob(filepath.Join(dir, "*_test.go"))
	if err != nil || len(files) == 0 {
		return nil, fmt.Errorf("%s has no tests", dir)
	}
	s := suite{}
	for _, name := range files {
		f, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.SkipObjectResolution)
		if err != nil {
			return nil, err
		}
		for _, d := range f.Decls {
			if test, ok := d.(*ast.FuncDecl); ok && test.Recv == nil && isTest(test.Name.Name) {
				s.add(dir, test)
			}
		}
	}
	return s, nil
}

// isTest: a fuzz target's corpus is a test; TestMain is none.
func isTest(name string) bool {
	return name != "TestMain" && (strings.HasPrefix(name, "Test") || strings.HasPrefix(name, "Fuzz"))
}

func (s suite) add(dir string, test *ast.FuncDecl) {
	s[test.Name.Name] = true
	ast.Inspect(test, func(n ast.Node) bool {
		lit, ok := n.(*ast.BasicLit)
		if !ok {
			return true
		}
		text := literal(lit)
		s[test.Name.Name+"/"+strings.ReplaceAll(text, " ", "_")] = true
		scripts, _ := filepath.Glob(filepath.Join(dir, text, "*.txtar")) // a text that is no pattern is no folder either
		for _, script := range scripts {
			s[test.Name.Name+"/"+strings.TrimSuffix(filepath.Base(script), ".txtar")] = true
		}
		return true
	})
}

// lacks says what of a row is not in its package, or stands twice.
func (s suite) lacks(row attacks.Row) (lines []string) {
	for i, test := range row.Tests {
		switch {
		case slices.Contains(row.Tests[:i], test):
			lines = append(lines, test+" stands twice")
		case !s[test] || strings.HasSuffix(test, "/"):
			lines = append(lines, fmt.Sprintf("%s has no test %s", row.Package, test))
		}
	}
	return lines
}

// A page that names a test which is gone says that an attack is held, and nobody holds it.
func TestAttacksAreTested(t *testing.T) {
	rows, wrong := attacks.Rows(houseText(t, attacks.Page))
	for _, line := range wrong {
		t.Errorf("%s, %s", attacks.Page, line)
	}
	if len(rows) < 100 {
		t.Fatalf("%s has %d rows", attacks.Page, len(rows))
	}
	suites, seen := map[string]suite{}, map[string]bool{}
	for _, row := range rows {
		s, known := suites[row.Package]
		if !known {
			var err error
			if s, err = suiteOf(filepath.Join(repoTop, row.Package)); err != nil {
				t.Fatalf("%q: %v", row.Attack, err)
			}
			suites[row.Package] = s
		}
		for _, line := range s.lacks(row) {
			t.Errorf("%q: %s", row.Attack, line)
		}
		if seen[row.Attack] {
			t.Errorf("%q stands twice", row.Attack)
		}
		seen[row.Attack] = true
	}
}

// What is wrong with a page of attacks is seen.
func TestBrokenAttackPagesAreSeen(t *testing.T) {
	const good = "| A thief reads | `models` | `TestOne`, `TestTwo/a_case` |"
	for name, line := range map[string]string{
		"no package":            "| A thief reads |  | `TestOne` |",
		"no tests":              "| A thief reads | `models` |  |",
		"a package in no quote": "| A thief reads | models | `TestOne` |",
		"tests without a comma": "| A thief reads | `models` | `TestOne` `TestTwo` |",
		"a space in a case":     "| A thief reads | `models` | `TestTwo/a case` |",
		"a cell more":           good + " x |",
		"an indented row":       " " + good,
		"a way out of the tree": "| A thief reads | `../models` | `TestOne` |",
	} {
		if rows, wrong := attacks.Rows(good + "\n" + line); len(rows) != 1 || len(wrong) != 1 {
			t.Errorf("%s: %d rows, %q", name, len(rows), wrong)
		}
	}

	dir := t.TempDir()
	if _, err := suiteOf(dir); err == nil {
		t.Error("a folder without tests has a suite")
	}
	const source = "package p\n\nfunc TestMain() {}\n\nfunc TestOne() {}\n\nfunc TestTwo() { _ = \"a case\" }\n\nfunc (x) TestThree() {}\n\n" +
		"func TestScripts() { _ = \"scripts\" }\n"
	if err := os.WriteFile(filepath.Join(dir, "p_test.go"), []byte(source), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Mkdir(filepath.Join(dir, "scripts"), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "scripts", "steals.txtar"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	s, err := suiteOf(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		tests string
		lacks int
	}{
		{"TestOne TestTwo TestTwo/a_case", 0},
		{"TestOne TestOne", 1},
		{"TestTwo/a_case TestTwo/a_case", 1},
		{"TestFour", 1},
		{"TestThree", 1},
		{"TestMain", 1},
		{"TestTwo/another_case", 1},
		{"TestTwo/", 1},
		{"TestOne/a_case", 1},
		{"Two", 1},
		{"TestScripts/steals", 0},
		{"TestScripts/lies", 1},
	} {
		if lines := s.lacks(attacks.Row{Package: "p", Tests: strings.Fields(tt.tests)}); len(lines) != tt.lacks {
			t.Errorf("%s: %q", tt.tests, lines)
		}
	}
}
