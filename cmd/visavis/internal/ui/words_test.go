package ui

import (
	"fmt"
	"go/ast"
	"go/constant"
	"go/importer"
	"go/parser"
	"go/token"
	"go/types"
	"io/fs"
	"os"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"testing/fstest"

	"visavis/biometrics"
	"visavis/biometrics/liveness"
	"visavis/cmd/visavis/internal/flow"
)

// sources parses this package without its tests.
func sources(t *testing.T, dir string) (*token.FileSet, []*ast.File) {
	t.Helper()
	files := token.NewFileSet()
	var parsed []*ast.File
	names, err := fs.Glob(os.DirFS(dir), "*.go")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range names {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		f, err := parser.ParseFile(files, dir+"/"+name, nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		parsed = append(parsed, f)
	}
	return files, parsed
}

// literals calls f with every string literal of this package that is neither an import nor a tag nor a directive's.
func literals(t *testing.T, f func(at token.Position, text string)) {
	files, parsed := sources(t, ".")
	for _, file := range parsed {
		ast.Inspect(file, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.ImportSpec:
				return false
			case *ast.Field:
				n.Tag = nil
			case *ast.CallExpr:
				return !forProgrammers(n)
			case *ast.BasicLit:
				if n.Kind == token.STRING {
					text, err := strconv.Unquote(n.Value)
					if err != nil {
						t.Fatal(err)
					}
					f(files.Position(n.Pos()), text)
				}
			}
			return true
		})
	}
}

// forProgrammers says whether a call makes an error or ends the program: what is said there is not for the window.
func forProgrammers(call *ast.CallExpr) bool {
	f, ok := call.Fun.(*ast.SelectorExpr)
	if !ok {
		return false
	}
	from, _ := f.X.(*ast.Ident)
	return from != nil && (from.Name == "errors" && f.Sel.Name == "New" || from.Name == "fmt" && f.Sel.Name == "Errorf")
}

// TestNoLiteralTexts holds that whatever a person reads stands in the translations: a literal with a capital letter or a space between
// letters is taken for such a text. Errors of ours are not shown, and so excused.
func TestNoLiteralTexts(t *testing.T) {
	text := regexp.MustCompile(`\p{Lu}|\pL\s+\pL|\pL[.!?…]$`)
	excused := map[string]bool{"[U+%04X]": true} // how a control character is made visible
	literals(t, func(at token.Position, s string) {
		key := regexp.MustCompile(`^[a-z0-9-]+(\.[a-z0-9-]+)*\.?$`)
		if text.MatchString(s) && !excused[s] && !key.MatchString(s) {
			t.Errorf("%s: %q is no key: texts stand in translations", at, s)
		}
	})
}

// TestKeys holds that every key in use has a text, and that every text is in use. A literal that ends in a dot begins a family of keys.
func TestKeys(t *testing.T) {
	used, families := make(map[string]token.Position), make(map[string]bool)
	literals(t, func(at token.Position, s string) {
		used[s] = at
		if strings.HasSuffix(s, ".") && len(s) > 1 {
			families[s] = true
		}
	})
	words := english()
	for key := range words {
		plain := strings.TrimSuffix(key, ".one")
		family := false
		for f := range families {
			family = family || strings.HasPrefix(key, f)
		}
		if _, ok := used[plain]; !ok && !family {
			t.Errorf("%q is used nowhere", key)
		}
	}
	files, parsed := sources(t, ".")
	for _, file := range parsed {
		ast.Inspect(file, func(n ast.Node) bool {
			call, ok := n.(*ast.CallExpr)
			if !ok || len(call.Args) == 0 {
				return true
			}
			name, _ := call.Fun.(*ast.Ident)
			key, _ := call.Args[0].(*ast.BasicLit)
			if name != nil && name.Name == "say" && key != nil {
				if k, _ := strconv.Unquote(key.Value); words[k] == "" {
					t.Errorf("%s: %q has no text", files.Position(call.Pos()), k)
				}
			}
			return true
		})
	}
}

// constantsOf are the values of flow's constants of a type.
func constantsOf(t *testing.T, typeName string) []string {
	t.Helper()
	files, parsed := sources(t, "../flow")
	pkg, err := (&types.Config{Importer: importer.Default(), Error: func(error) {}}).Check("flow", files, parsed, nil)
	if pkg == nil {
		t.Fatal(err)
	}
	var values []string
	for _, name := range pkg.Scope().Names() {
		c, ok := pkg.Scope().Lookup(name).(*types.Const)
		if !ok {
			continue
		}
		if named, ok := c.Type().(*types.Named); ok && named.Obj().Name() == typeName && c.Val().Kind() == constant.String {
			values = append(values, constant.StringVal(c.Val()))
		}
	}
	if len(values) == 0 {
		t.Fatalf("flow has no constants of the type %s", typeName)
	}
	return values
}

// TestClosedSetsHaveWords holds that whatever flow can say has words: a new kind without them fails here.
func TestClosedSetsHaveWords(t *testing.T) {
	must := func(key string) {
		t.Helper()
		if english()[key] == "" {
			t.Errorf("%q has no text", key)
		}
	}
	for _, kind := range constantsOf(t, "Kind") {
		if kind != string(flow.NoProblem) {
			must("problem." + kind + ".what")
			must("problem." + kind + ".why")
			must("problem." + kind + ".cure")
		}
	}
	for _, note := range constantsOf(t, "Note") {
		if note != string(flow.NoNote) {
			must("note." + note + ".what")
			must("note." + note + ".why")
		}
	}
	for _, busy := range constantsOf(t, "Busy") {
		if busy != string(flow.Idle) {
			must("busy." + busy)
		}
	}
	for _, purpose := range constantsOf(t, "Purpose") {
		must("look.title." + purpose)
		must("look.lead." + purpose)
		must("look.finishing." + purpose)
	}
	for _, stage := range constantsOf(t, "EyeStage") {
		must(strings.TrimSuffix("eye."+stage, ".") + map[bool]string{true: ".starting"}[stage == ""])
	}
	for _, link := range constantsOf(t, "Link") {
		must(strings.TrimSuffix("link."+link, ".") + map[bool]string{true: ".opening"}[link == ""])
	}
	for r := biometrics.Reason(0); !strings.HasPrefix(r.String(), "unknown"); r++ {
		must(fmt.Sprintf("reason.%d", r))
	}
	for r := liveness.BadChallenge; !strings.HasPrefix(r.String(), "unknown"); r++ {
		if r != liveness.Followed {
			must(fmt.Sprintf("flaw.%d", r))
		}
	}
	for g := liveness.Neutral; !strings.HasPrefix(g.String(), "unknown"); g++ {
		must("gesture." + gestureNames[g])
	}
}

// TestEyeWords holds that a failed eye is named whatever its problem is.
func TestEyeWords(t *testing.T) {
	for _, kind := range constantsOf(t, "Kind") {
		text := eyeWords(flow.Eye{Stage: flow.EyeFailed, Problem: flow.Problem{Kind: flow.Kind(kind)}})
		if text == "" || strings.HasPrefix(text, "eye.") {
			t.Errorf("an eye that failed with %q is shown as %q", kind, text)
		}
	}
}

func TestSay(t *testing.T) {
	if got := say("look.lead.unlock", "name", "{name} {wait}"); !strings.HasPrefix(got, "{name} {wait}, turn") {
		t.Errorf("a value was read as a text: %q", got)
	}
	if got := say("no.such.key"); got != "no.such.key" {
		t.Errorf("an unknown key gives %q", got)
	}
}

func TestReadWordsRefuses(t *testing.T) {
	for name, files := range map[string]fstest.MapFS{
		"no JSON":        {"translations/a.en.json": {Data: []byte(`{`)}},
		"no text":        {"translations/a.en.json": {Data: []byte(`{"a": 1}`)}},
		"twice the same": {"translations/a.en.json": {Data: []byte(`{"a": "x"}`)}, "translations/b.en.json": {Data: []byte(`{"a": "y"}`)}},
	} {
		if _, err := readWords(files, "en"); err == nil {
			t.Errorf("%s is read without an error", name)
		}
	}
	other, err := readWords(fstest.MapFS{"translations/a.de.json": {Data: []byte(`{"a": "x"}`)}}, "en")
	if err != nil || len(other) != 0 {
		t.Errorf("texts of another language are read: %v, %v", other, err)
	}
}
