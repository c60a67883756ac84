package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/rogpeppe/go-internal/txtar"
)

// mutants is where the defences stand that are no guard, and how each is taken out.
const mutants = "cmd/walls/prove/testdata/mutants"

// mutant is a defence that is taken out by hand: texts of files that are replaced, and the tests that have to notice.
type mutant struct {
	name    string
	tests   []string // PACKAGE TEST
	changes []change
}

// change is one text that stands once in a file, and what is put in its place.
type change struct{ file, old, new string }

// readMutants reads them all. A file begins with its tests, a line each; then come, in turns, "FILE old" and "FILE new".
func readMutants(top string) ([]mutant, error) {
	files, err := filepath.Glob(filepath.Join(top, mutants, "*.txtar"))
	if err != nil {
		return nil, err
	}
	var all []mutant
	for _, path := range files {
		a, err := txtar.ParseFile(path)
		if err != nil {
			return nil, err
		}
		m := mutant{name: strings.TrimSuffix(filepath.Base(path), ".txtar"), tests: strings.Split(strings.TrimSpace(string(a.Comment)), "\n")}
		if len(a.Files) == 0 || len(a.Files)%2 != 0 {
			return nil, fmt.Errorf("%s: %d parts", path, len(a.Files))
		}
		for pair := range slices.Chunk(a.Files, 2) {
			file, isOld := strings.CutSuffix(pair[0].Name, " old")
			if !isOld || pair[1].Name != file+" new" {
				return nil, fmt.Errorf("%s: %q is not followed by what is new", path, pair[0].Name)
			}
			m.changes = append(m.changes, change{file, strings.TrimSuffix(string(pair[0].Data), "\n"), strings.TrimSuffix(string(pair[1].Data), "\n")})
		}
		all = append(all, m)
	}
	return all, nil
}

// apply returns the files as they are without the defence.
func (m mutant) apply(top string) (map[string][]byte, error) {
	out := map[string][]byte{}
	for _, c := range m.changes {
		path := filepath.Join(top, c.file)
		src, done := out[path]
		if !done {
			var err error
			if src, err = os.ReadFile(path); err != nil {
				return nil, fmt.Errorf("%s: %w", m.name, err)
			}
		}
		if n := strings.Count(string(src), c.old); n != 1 {
			return nil, fmt.Errorf("%s: what it replaces stands %d times in %s", m.name, n, c.file)
		}
		out[path] = []byte(strings.Replace(string(src), c.old, c.new, 1))
	}
	return out, nil
}

// takenOut are the mutants that a test has to notice.
func (h *hunt) takenOut(test string) []mutant {
	return slices.DeleteFunc(slices.Clone(h.hand), func(m mutant) bool { return !slices.Contains(m.tests, h.path+" "+test) })
}

// byHand runs a test without each of the defences that are taken out by hand for it: it has to notice all of them.
func (h *hunt) byHand(ctx context.Context, test string, as base) (verdict, error) {
	var all verdict
	for _, m := range h.takenOut(test) {
		ending, err := h.without(ctx, m, test, as)
		if err != nil {
			return verdict{}, fmt.Errorf("%s: %w", m.name, err)
		}
		if ending == passed || ending == absent {
			return verdict{Why: "passes without " + m.name}, nil
		}
		if all.Guard != "" {
			all.Guard += ", "
		}
		all.Ending, all.Guard = ending, all.Guard+filepath.Join(mutants, m.name)
	}
	return all, nil
}

// without runs a test on the product without one defence.
func (h *hunt) without(ctx context.Context, m mutant, test string, as base) (ending, error) {
	files, err := m.apply(h.top)
	if err != nil {
		return "", err
	}
	bin, err := h.compileWith(ctx, m.name, files, module+h.path)
	if err != nil {
		return "", err
	}
	defer os.Remove(bin.path)
	return bin.run(ctx, test, -1, max(least, 5*as.took))
}

// compileWith makes a package's test binary of the product as it is, but for some files.
func (b *bench) compileWith(ctx context.Context, name string, files map[string][]byte, path string) (*binary, error) {
	folder := filepath.Join(b.keep, "mutants", name)
	replace := map[string]string{}
	for from, src := range files {
		rel, err := filepath.Rel(b.top, from)
		if err != nil {
			return nil, err
		}
		to := filepath.Join(folder, rel)
		if err := write(to, src); err != nil {
			return nil, err
		}
		replace[from] = to
	}
	list, err := json.Marshal(map[string]any{"Replace": replace})
	if err != nil {
		return nil, err
	}
	overlay, out := filepath.Join(folder, "overlay.json"), filepath.Join(folder, "package.test")
	if err := write(overlay, list); err != nil {
		return nil, err
	}
	if _, err := b.goTool(ctx, "test", "-c", "-vet=off", "-overlay", overlay, "-o", out, path); err != nil {
		return nil, err
	}
	return &binary{path: out, folder: folder, dir: b.packages[path].Dir}, nil
}
