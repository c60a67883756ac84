package walls_test

import (
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// repoTop is the repository as seen from this package.
const repoTop = "../.."

// maxLines is how long a file of Go may grow before it has to be split by noun.
const maxLines = 450

// longFiles lists the files that may be longer, each with the reason.
var longFiles = map[string]string{}

// notOurs are the folders whose files the rules of the house do not bind: what is built, and test data, which is compared byte by byte.
var notOurs = []string{".git", "build", "state", "testdata"}

// houseFiles returns every file of the repository that someone reads and writes, slash-separated from its top.
func houseFiles(t *testing.T) []string {
	t.Helper()
	var names []string
	err := fs.WalkDir(os.DirFS(repoTop), ".", func(name string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && slices.Contains(notOurs, d.Name()):
			return fs.SkipDir
		case d.Type().IsRegular() && written(name):
			names = append(names, name)
		}
		return nil
	})
	if err != nil {
		t.Fatalf("walk the repository: %v", err)
	}
	if !slices.Contains(names, "go.mod") {
		t.Fatalf("no go.mod at %s: this is not the repository's top", repoTop)
	}
	return names
}

// written tells text that a person wrote from checksums and pictures.
func written(name string) bool {
	switch filepath.Ext(name) {
	case ".go", ".md", ".toml", ".sql", ".txt", ".conf", ".mod":
		return true
	}
	return name == "Makefile" || strings.HasPrefix(name, ".ci/")
}

func houseText(t *testing.T, name string) string {
	t.Helper()
	b, err := os.ReadFile(filepath.Join(repoTop, name))
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// refuseLines fails the test at every line of the house that matches.
func refuseLines(t *testing.T, pattern *regexp.Regexp, why string) {
	t.Helper()
	for _, name := range houseFiles(t) {
		for i, line := range strings.Split(houseText(t, name), "\n") {
			if found := pattern.FindString(line); found != "" {
				t.Errorf("%s:%d: %q: %s", name, i+1, strings.TrimSpace(found), why)
			}
		}
	}
}

func TestFilesFitTheirRoom(t *testing.T) {
	seen := map[string]bool{}
	for _, name := range houseFiles(t) {
		if filepath.Ext(name) != ".go" || strings.HasSuffix(name, "_test.go") {
			continue
		}
		lines := strings.Count(houseText(t, name), "\n")
		_, excused := longFiles[name]
		seen[name] = lines > maxLines
		if lines > maxLines && !excused {
			t.Errorf("%s has %d lines, over %d: split it by noun, or give the reason in longFiles", name, lines, maxLines)
		}
	}
	for name, why := range longFiles {
		if !seen[name] {
			t.Errorf("%s is excused (%s) and needs no excuse: take it out of longFiles", name, why)
		}
	}
}

func TestNothingLeftForLater(t *testing.T) {
	refuseLines(t, regexp.MustCompile(`\b(TO`+`DO|FIX`+`ME|XX`+`X|HA`+`CK)\b`), "finish it, or open an issue")
}

func TestNoPlacesOfOneMachine(t *testing.T) {
	const begins = `(^|[^\w.~/-])` // where a path begins, not amid a web address
	refuseLines(t, regexp.MustCompile(begins+`/(home|root|Users|work|tmp|mnt)/\w+`), "a path of somebody's machine: take it as a flag, or use t.TempDir")
	// The checkout's own place, and whoever works in it.
	places := []string{os.Getenv("HOME")}
	if abs, err := filepath.Abs(repoTop); err == nil {
		places = append(places, filepath.Dir(abs))
	}
	for _, place := range places {
		if len(place) > 1 {
			refuseLines(t, regexp.MustCompile(begins+regexp.QuoteMeta(place+"/")), "a path of this machine")
		}
	}
}

// Every package says in doc.go what it is for; a name that fits anything says nothing.
func TestEveryRoomHasItsPurpose(t *testing.T) {
	packages := map[string]bool{}
	for _, name := range houseFiles(t) {
		if filepath.Ext(name) == ".go" && !strings.HasSuffix(name, "_test.go") {
			packages[filepath.ToSlash(filepath.Dir(name))] = true
		}
	}
	for dir := range packages {
		if slices.Contains([]string{"util", "utils", "common", "helpers", "misc"}, filepath.Base(dir)) {
			t.Errorf("%s: name it for what is in it", dir)
		}
		name := filepath.Join(repoTop, dir, "doc.go")
		f, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.ParseComments|parser.PackageClauseOnly)
		if os.IsNotExist(err) && filepath.Dir(dir) == "cmd" {
			// A program may say it above main.
			f, err = parser.ParseFile(token.NewFileSet(), filepath.Join(repoTop, dir, "main.go"), nil, parser.ParseComments|parser.PackageClauseOnly)
		}
		switch {
		case err != nil:
			t.Errorf("%s: say in doc.go what the package is for: %v", dir, err)
		case strings.TrimSpace(f.Doc.Text()) == "":
			t.Errorf("%s: doc.go has no package comment", dir)
		case f.Name.Name != "main" && !strings.HasPrefix(f.Doc.Text(), "Package "+f.Name.Name+" "):
			t.Errorf("%s: the package comment does not begin with %q", dir, "Package "+f.Name.Name)
		}
	}
}

// link is a Markdown link to a place in the repository: not to the web, not within the page.
var link = regexp.MustCompile(`\]\(([^)#:]+)(#[^)]*)?\)`)

func TestLinksLeadSomewhere(t *testing.T) {
	for _, name := range houseFiles(t) {
		if filepath.Ext(name) != ".md" {
			continue
		}
		for _, m := range link.FindAllStringSubmatch(houseText(t, name), -1) {
			target := filepath.Join(repoTop, filepath.Dir(name), m[1])
			if _, err := os.Stat(target); err != nil {
				t.Errorf("%s: the link to %s leads nowhere", name, m[1])
			}
		}
	}
}
