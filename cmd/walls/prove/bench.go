package main

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
)

const module = "visavis/"

// support are the packages that only tests use: they make the attacks, and hold no defence.
var support = []string{
	"visavis/chat/chattest", "visavis/models/storetest", "visavis/models/canon/grammar", "visavis/biometrics/actor",
	"visavis/cmd/visavis-bench/...", "visavis/cmd/walls/...", "visavis/cmd/visavis/internal/tour", "visavis/cmd/visavis/internal/demo",
}

func onlyTests(path string) bool {
	return slices.ContainsFunc(support, func(p string) bool {
		prefix, tree := strings.CutSuffix(p, "/...")
		return path == p || tree && strings.HasPrefix(path, prefix+"/")
	})
}

// listed is what `go list` says of a package.
type listed struct {
	ImportPath, Dir                                      string
	GoFiles, EmbedFiles, TestGoFiles, XTestGoFiles, Deps []string
}

// bench is a copy of the product's sources with guards in them, and the test binaries made of it.
type bench struct {
	top, keep string
	sites     sites
	packages  map[string]listed   // of the module, by import path
	native    map[string]bool     // whose tests reach native code
	reached   map[string][]string // by a package's tests, of the module
	overlay   string
}

// newBench lists what the tests of packages reach and marks all of it that is product.
func newBench(ctx context.Context, top, keep string, packages []string) (*bench, error) {
	b := &bench{top: top, keep: keep, packages: map[string]listed{}, native: map[string]bool{}, reached: map[string][]string{}, overlay: filepath.Join(keep, "overlay.json")}
	out, err := b.goTool(ctx, append([]string{"list", "-e", "-json", "-deps", "-test"}, packages...)...)
	if err != nil {
		return nil, err
	}
	for d := json.NewDecoder(bytes.NewReader(out)); ; {
		var p listed
		if err := d.Decode(&p); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			return nil, fmt.Errorf("list packages: %w", err)
		}
		switch path, tests := strings.CutSuffix(p.ImportPath, ".test"); {
		case !strings.HasPrefix(path, module) || strings.Contains(path, " "): // not ours, or made anew for a test
		case tests:
			b.native[path] = slices.ContainsFunc(p.Deps, isNative)
			b.reached[path] = p.Deps
		default:
			b.packages[path] = p
		}
	}
	return b, b.copy()
}

// copy writes the marked sources and the list that has the compiler take them.
func (b *bench) copy() error {
	replace := map[string]string{}
	for _, path := range sorted(b.packages) {
		p := b.packages[path]
		if onlyTests(path) {
			continue
		}
		for _, name := range p.GoFiles {
			from := filepath.Join(p.Dir, name)
			file, err := filepath.Rel(b.top, from)
			if err != nil {
				return err
			}
			src, err := os.ReadFile(from)
			if err != nil {
				return err
			}
			marked, err := b.sites.mark(file, src)
			if err != nil {
				return fmt.Errorf("mark %s: %w", file, err)
			}
			to := filepath.Join(b.keep, "src", file)
			if err := write(to, marked); err != nil {
				return err
			}
			replace[from] = to
		}
	}
	list, err := json.Marshal(map[string]any{"Replace": replace})
	if err != nil {
		return err
	}
	return write(b.overlay, list)
}

// compile makes a package's test binary, told by the linker where its folder is.
func (b *bench) compile(ctx context.Context, path string) (*binary, error) {
	if b.native[path] {
		return nil, errNative
	}
	p := b.packages[path]
	folder := filepath.Join(b.keep, "run", strings.ReplaceAll(strings.TrimPrefix(path, module), "/", "-"))
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return nil, err
	}
	out := filepath.Join(folder, "package.test")
	_, err := b.goTool(ctx, "test", "-c", "-vet=off", "-overlay", b.overlay, "-ldflags", "-X "+guardPackage+".Dir="+folder, "-o", out, path)
	if err != nil {
		return nil, err
	}
	made, err := b.hash(p)
	return &binary{path: out, folder: folder, dir: p.Dir, made: made}, err
}

func isNative(path string) bool {
	return strings.HasPrefix(path, "gocv.io/") || strings.HasPrefix(path, "github.com/Kagami/go-face") || strings.HasPrefix(path, "github.com/go-gl/")
}

// errNative says that a package's tests reach what the prover does not compile.
var errNative = errors.New("reaches native code")

// hash is over all of the product that a package's tests are made of, and what they read beside them.
func (b *bench) hash(p listed) (string, error) {
	h := sha256.New()
	add := func(dir string, names ...string) error {
		for _, name := range names {
			data, err := os.ReadFile(filepath.Join(dir, name))
			if err != nil {
				return err
			}
			fmt.Fprintf(h, "%s %d\n", name, len(data))
			h.Write(data)
		}
		return nil
	}
	for _, dep := range b.reached[p.ImportPath] {
		path, _, _ := strings.Cut(dep, " ") // made anew for the test
		d := b.packages[path]               // of what is not the module's, go.mod speaks
		if err := add(d.Dir, slices.Concat(d.GoFiles, d.EmbedFiles)...); err != nil {
			return "", err
		}
	}
	if err := add(b.top, "go.mod"); err != nil {
		return "", err
	}
	if err := add(p.Dir, slices.Concat(p.TestGoFiles, p.XTestGoFiles)...); err != nil {
		return "", err
	}
	err := filepath.WalkDir(filepath.Join(p.Dir, "testdata"), func(path string, d fs.DirEntry, err error) error {
		if errors.Is(err, fs.ErrNotExist) {
			return nil
		}
		if err != nil || d.IsDir() {
			return err
		}
		return add("", path)
	})
	return hex.EncodeToString(h.Sum(nil)[:16]), err
}

// goTool runs the go command on the pure half of the product, at a low priority.
func (b *bench) goTool(ctx context.Context, args ...string) ([]byte, error) {
	cmd := exec.CommandContext(ctx, "nice", append([]string{"-n", "10", "go"}, args...)...)
	cmd.Dir = b.top
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		return nil, fmt.Errorf("go %s: %w\n%s", args[0], err, stderr.Bytes())
	}
	return out, nil
}

func write(path string, data []byte) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return err
	}
	if old, err := os.ReadFile(path); err == nil && bytes.Equal(old, data) {
		return nil // the compiler's cache goes by content, and the eye by time
	}
	return os.WriteFile(path, data, 0o600)
}
