package walls_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"
)

// A wall says what the packages inside it must not use. A pattern is an import path; one that ends in "/..." also means everything
// below, and "std" means the standard library.
type wall struct {
	inside, but []string // the packages it stands around, and those of them that it does not
	direct      bool     // judges the imports of a package itself, not all that it reaches
	never       []string // what is forbidden; or
	only        []string // what alone is allowed
	why         string
}

var native = []string{"gocv.io/x/gocv/...", "github.com/Kagami/go-face/..."}

const (
	everything = "visavis/..."
	gui        = "fyne.io/fyne/..."
)

var walls = []wall{
	{
		inside: []string{"visavis/cmd/visavisd"}, never: append([]string{gui, "visavis/biometrics/camera", "visavis/biometrics/face"}, native...),
		why: "the server is built without cgo, and sees no camera",
	}, {
		inside: []string{"visavis/cmd/visavisd", "visavis/chat/server", "visavis/chat/login"}, never: []string{"visavis/chat/e2e", "visavis/chat/client"},
		why: "what can open a message must not be in the server",
	}, {
		inside: []string{"visavis/chat/trust", "visavis/chat/wire", "visavis/chat/pki"}, never: []string{"visavis/chat/e2e", "visavis/chat/server", "visavis/chat/client"},
		why: "server and client share it, so it holds neither's secrets",
	}, {
		inside: []string{"visavis/cmd/visavis/..."}, never: append([]string{"visavis/models/sqlstore", "modernc.org/sqlite/...", "visavis/chat/server"}, native...),
		why: "the window is up at once: the demo starts a real visavisd, and the camera is the eye's",
	}, {
		inside: []string{"visavis/chat/client"}, never: []string{"visavis/chat/server", "visavis/chat/login", "visavis/models/sqlstore"},
		why: "a client that shares the server's code proves nothing about the protocol",
	}, {
		inside: []string{"visavis/biometrics/match"}, only: []string{"std", "visavis/biometrics"},
		why: "who is let in is decided by arithmetic that anyone can read",
	}, {
		inside: []string{"visavis/biometrics/actor"}, only: []string{"std", "visavis/biometrics", "visavis/biometrics/liveness"},
		why: "a made-up person needs no camera, and no product code",
	}, {
		inside: []string{"visavis/biometrics/webcam"}, only: []string{"std", "visavis/biometrics", "golang.org/x/sys/..."},
		why: "what breaks in cameras is tested without any",
	}, {
		inside: []string{"visavis/biometrics"}, only: []string{"std"},
		why: "the words that everybody uses depend on nobody",
	}, {
		inside: []string{"visavis/config"}, never: []string{everything},
		why: "it is a leaf, so that everything may import it",
	}, {
		inside: []string{"visavis/models"}, never: []string{everything},
		why: "the records that everybody uses depend on nobody's code",
	}, {
		inside: []string{"visavis/models/audit"},
		only: []string{
			"std", "visavis/models", "visavis/models/canon", "golang.org/x/mod/sumdb/tlog", "golang.org/x/text/...", "github.com/fxamacker/cbor/...", "github.com/x448/float16",
		},
		why: "who checks the log by himself reads this and no more",
	}, {
		inside: []string{everything}, but: []string{"visavis/biometrics/face"}, direct: true, never: native[1:],
		why: "only biometrics/face knows dlib, and how to link it",
	}, {
		inside: []string{everything}, but: []string{"visavis/biometrics/camera", "visavis/biometrics/face", "visavis/biometrics/puppet"},
		direct: true, never: native[:1],
		why: "native memory stays in three small rooms",
	}, {
		inside: []string{everything},
		but: []string{
			"visavis/biometrics/camera", "visavis/biometrics/face", "visavis/biometrics/puppet",
			"visavis/cmd/visavis-eye", "visavis/cmd/visavis-puppet",
		},
		never: native,
		why:   "an exception in OpenCV ends its process, so that process is the eye and nothing else",
	}, {
		inside: []string{everything}, but: []string{"visavis/cmd/visavis-puppet"}, never: []string{"visavis/biometrics/puppet"},
		why: "a false head is for tests and the demo, and never packaged",
	}, {
		inside: []string{"visavis/cmd/visavis-eye", "visavis/biometrics/camera", "visavis/biometrics/face"},
		never:  []string{"visavis/chat/...", "visavis/models/sqlstore"},
		why:    "the eye holds no keys and speaks to nobody but the window",
	}, {
		inside: []string{everything}, but: []string{"visavis/cmd/visavis/..."}, never: []string{gui},
		why: "only the workstation has a window",
	}, {
		inside: []string{everything}, but: []string{"visavis/cmd/visavis"}, direct: true, never: []string{"fyne.io/fyne/v2/app"},
		why: "screens without the driver are tested without a display",
	}, {
		inside: []string{
			"visavis/cmd/visavis/internal/flow", "visavis/cmd/visavis/internal/talk",
			"visavis/cmd/visavis/internal/kiosk", "visavis/cmd/visavis/internal/doctor", "visavis/cmd/visavis/internal/operator",
		},
		never: []string{gui},
		why:   "what the window does is decided without widgets, so that it is tested without them",
	}, {
		inside: []string{"visavis/cmd/visavis/internal/flow", "visavis/cmd/visavis/internal/talk"},
		never:  []string{"visavis/chat/client", "visavis/biometrics/eye"},
		why:    "the window's rules know neither camera nor network: they are told",
	}, {
		inside: []string{"visavis/cmd/visavis/internal/ui"}, never: []string{"visavis/chat/client", "visavis/biometrics/eye", "visavis/cmd/visavis/internal/kiosk"},
		why: "widgets show a state and tell what a person did; whoever carries it out holds the keys",
	}, {
		inside: []string{"visavis/cmd/..."}, but: []string{"visavis/cmd/visavis/internal/tour"}, // it is a test with a main
		never: []string{"visavis/models/storetest", "visavis/chat/chattest", "visavis/models/canon/grammar"},
		why:   "no program carries the tests' code",
	}, {
		// The toolkit's painter without a screen, which blurs what a lock hides, brings it along.
		inside: []string{"visavis/cmd/..."}, but: []string{"visavis/cmd/visavis", "visavis/cmd/visavis/internal/ui", "visavis/cmd/visavis/internal/tour"},
		never: []string{"testing"},
		why:   "no program is a test",
	}, {
		inside: []string{everything}, but: []string{"visavis/cmd/..."}, direct: true, never: []string{"visavis/cmd/..."},
		why: "arrows run downwards: programs are on top",
	},
}

// pkg is what `go list` says of a package.
type pkg struct {
	ImportPath    string
	Standard      bool
	Imports, Deps []string
}

// house is every package of a module and what they reach.
type house map[string]pkg

func list(t *testing.T, dir string) house {
	t.Helper()
	// -e: a package that does not compile is somebody else's finding. Cgo is on, or the native imports would not be seen.
	cmd := exec.Command("go", "list", "-e", "-deps", "-json=ImportPath,Standard,Imports,Deps", "./...")
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "CGO_ENABLED=1", "GOWORK=off", "GOFLAGS=-mod=readonly")
	cmd.Stderr = os.Stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("go list in %s: %v", dir, err)
	}
	h := house{}
	for d := json.NewDecoder(strings.NewReader(string(out))); ; {
		var p pkg
		if err := d.Decode(&p); errors.Is(err, io.EOF) {
			return h
		} else if err != nil {
			t.Fatal(err)
		}
		h[p.ImportPath] = p
	}
}

// own returns the module's packages, sorted.
func (h house) own() (paths []string) {
	for p := range h {
		if matches(everything, p) {
			paths = append(paths, p)
		}
	}
	slices.Sort(paths)
	return paths
}

func matches(pattern, p string) bool {
	if below, ok := strings.CutSuffix(pattern, "/..."); ok {
		return p == below || strings.HasPrefix(p, below+"/")
	}
	return p == pattern
}

func (h house) in(patterns []string, p string) bool {
	return slices.ContainsFunc(patterns, func(pattern string) bool {
		return matches(pattern, p) || pattern == "std" && h[p].Standard
	})
}

// breaks returns one line for each package that breaks w.
func (h house) breaks(w wall) (lines []string) {
	for _, p := range h.own() {
		if !h.in(w.inside, p) || h.in(w.but, p) {
			continue
		}
		used := h[p].Deps
		if w.direct {
			used = h[p].Imports
		}
		for _, u := range used {
			if u != p && (h.in(w.never, u) || w.only != nil && !h.in(w.only, u)) {
				lines = append(lines, fmt.Sprintf("%s: %s", strings.Join(h.way(p, u), " → "), w.why))
				break
			}
		}
	}
	return lines
}

// way is a shortest chain of imports.
func (h house) way(from, to string) []string {
	came := map[string]string{from: ""}
	for queue := []string{from}; len(queue) > 0; queue = queue[1:] {
		if queue[0] == to {
			break
		}
		for _, next := range h[queue[0]].Imports {
			if _, seen := came[next]; !seen {
				came[next] = queue[0]
				queue = append(queue, next)
			}
		}
	}
	var chain []string
	for at := to; at != ""; at = came[at] {
		chain = append(chain, at)
	}
	slices.Reverse(chain)
	return chain
}

func TestWalls(t *testing.T) {
	h := list(t, "../..")
	if len(h.own()) < 10 {
		t.Fatalf("go list found %d packages: this test looks in the wrong place", len(h.own()))
	}
	for _, w := range walls {
		for _, line := range h.breaks(w) {
			t.Error(line)
		}
	}
}

// TestBrokenWallsAreSeen: in testdata/broken every wall is broken, some by way of another package.
func TestBrokenWallsAreSeen(t *testing.T) {
	h := list(t, "testdata/broken")
	for _, w := range walls {
		lines := h.breaks(w)
		if len(lines) == 0 {
			t.Errorf("nobody saw the hole in the wall around %v: %s", w.inside, w.why)
		}
		for _, line := range lines {
			if !strings.Contains(line, " → ") || !strings.HasSuffix(line, ": "+w.why) {
				t.Errorf("the message does not say by which way, or why: %s", line)
			}
		}
	}
	const want = "visavis/cmd/visavisd → visavis/chat/server → visavis/chat/e2e: what can open a message must not be in the server"
	if !slices.Contains(h.breaks(walls[1]), want) {
		t.Errorf("%q does not have %q", h.breaks(walls[1]), want)
	}
}
