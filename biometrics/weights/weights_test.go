package weights

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

const content = "the right content"

func fileOf(name, body string) File {
	sum := sha256.Sum256([]byte(body))
	return File{Name: name, SHA256: hex.EncodeToString(sum[:]), Size: int64(len(body)), Npm: "in/" + name, Module: "images/" + name}
}

func testSet() Set {
	return Set{Name: "test files", Npm: "pkg@1.0.0", Module: "example.com/m@v1.0.0", Files: []File{fileOf("a.dat", content), fileOf("b.dat", content+"!")}}
}

func write(t *testing.T, dir, name, body string) {
	t.Helper()
	if err := os.WriteFile(filepath.Join(dir, name), []byte(body), 0o600); err != nil {
		t.Fatal(err)
	}
}

func names(t *testing.T, dir string) string {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	var all []string
	for _, e := range entries {
		all = append(all, e.Name())
	}
	return strings.Join(all, " ")
}

func TestEnsureFromAFolder(t *testing.T) {
	from, to := t.TempDir(), filepath.Join(t.TempDir(), "new")
	write(t, from, "a.dat", content)
	write(t, from, "b.dat", content+"!")
	var said []Progress
	if err := testSet().Ensure(t.Context(), to, []Source{Folder(from)}, func(p Progress) { said = append(said, p) }); err != nil {
		t.Fatal(err)
	}
	if err := testSet().Check(to); err != nil || names(t, to) != "a.dat b.dat" {
		t.Errorf("%v, %s", err, names(t, to))
	}
	if len(said) != 3 {
		t.Errorf("said %v", said)
	}
}

// asked counts how often a source is asked.
type asked struct {
	Source
	n int
}

func (a *asked) Open(ctx context.Context, s Set, want []File) (map[string]io.ReadCloser, func(), error) {
	a.n++
	return a.Source.Open(ctx, s, want)
}

func TestEnsureDoesNothingWhenAllIsRight(t *testing.T) {
	dir := t.TempDir()
	write(t, dir, "a.dat", content)
	write(t, dir, "b.dat", content+"!")
	source := &asked{Source: Folder(t.TempDir())}
	if err := testSet().Ensure(t.Context(), dir, []Source{source}, nil); err != nil || source.n != 0 {
		t.Errorf("%v, asked %d times", err, source.n)
	}
}

// A poisoned source gets nothing into place: not a changed byte, not a longer file, not half a file, not a leftover.
func TestEnsureRefusesWrongFiles(t *testing.T) {
	for name, body := range map[string]string{
		"changed byte": strings.ToUpper(content), "longer": content + "x", "half": content[:5], "empty": "",
	} {
		t.Run(name, func(t *testing.T) {
			from, to := t.TempDir(), t.TempDir()
			write(t, from, "a.dat", body)
			write(t, from, "b.dat", content+"!")
			err := testSet().Ensure(t.Context(), to, []Source{Folder(from)}, nil)
			if !errors.Is(err, ErrWrong) || !errors.Is(err, ErrNowhere) || !strings.Contains(err.Error(), "a.dat") {
				t.Errorf("error %v", err)
			}
			if got := names(t, to); got != "b.dat" {
				t.Errorf("folder holds %q", got)
			}
		})
	}
}

func TestEnsureReplacesAWrongFileFromTheNextSource(t *testing.T) {
	poisoned, good, to := t.TempDir(), t.TempDir(), t.TempDir()
	write(t, to, "a.dat", "old")
	write(t, to, "b.dat", content+"!")
	write(t, poisoned, "a.dat", "poison")
	write(t, good, "a.dat", content)
	if err := testSet().Ensure(t.Context(), to, []Source{Folder(poisoned), Folder(good)}, nil); err != nil {
		t.Fatal(err)
	}
	if err := testSet().Check(to); err != nil {
		t.Error(err)
	}
}

func TestCheckNamesEveryBadFile(t *testing.T) {
	dir := t.TempDir()
	write(t, dir, "b.dat", content+"?")
	err := testSet().Check(dir)
	if !errors.Is(err, ErrMissing) || !errors.Is(err, ErrWrong) || !strings.Contains(err.Error(), "a.dat") || !strings.Contains(err.Error(), "b.dat") {
		t.Errorf("error %v", err)
	}
}

func pack(t *testing.T, path string, entries ...[2]string) {
	t.Helper()
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	w := tar.NewWriter(z)
	for _, e := range entries {
		if err := w.WriteHeader(&tar.Header{Name: e[0], Size: int64(len(e[1])), Mode: 0o644, Typeflag: tar.TypeReg}); err != nil {
			t.Fatal(err)
		}
		_, _ = w.Write([]byte(e[1]))
	}
	w.Close()
	z.Close()
	if err := os.WriteFile(path, b.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
}

func TestNpm(t *testing.T) {
	to := t.TempDir()
	var used string
	npm := Npm{run: func(_ context.Context, dir, name string, args ...string) ([]byte, error) {
		used = dir
		if got := name + " " + strings.Join(args, " "); got != "npm pack --ignore-scripts --json pkg@1.0.0" {
			t.Errorf("ran %s", got)
		}
		pack(t, filepath.Join(dir, "scope-pkg-1.0.0.tgz"),
			[2]string{"package/../../evil", "x"}, [2]string{"package/in/a.dat", content}, [2]string{"package/in/b.dat", content + "!"},
			[2]string{"package/in/a.dat", "a second time"})
		return []byte(`[{"filename":"@scope/pkg-1.0.0.tgz"}]`), nil
	}}
	if err := testSet().Ensure(t.Context(), to, []Source{npm}, nil); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(used); !os.IsNotExist(err) {
		t.Errorf("%s is left behind", used)
	}
}

func TestNpmErrors(t *testing.T) {
	fail := errors.New("no network")
	for name, tc := range map[string]struct {
		answer string
		err    error
	}{
		"fails": {"", fail}, "no JSON": {"surprise", nil}, "no package": {"[]", nil}, "no tarball": {`[{"filename":"../../etc/passwd"}]`, nil},
	} {
		npm := Npm{run: func(context.Context, string, string, ...string) ([]byte, error) { return []byte(tc.answer), tc.err }}
		err := testSet().Ensure(t.Context(), t.TempDir(), []Source{npm}, nil)
		if !errors.Is(err, ErrNowhere) || tc.err != nil && !errors.Is(err, tc.err) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// Without the npm program, whoever reads the error knows what to do.
func TestNpmIsNotInstalled(t *testing.T) {
	t.Setenv("PATH", t.TempDir())
	t.Setenv("TMPDIR", t.TempDir())
	err := testSet().Ensure(t.Context(), t.TempDir(), []Source{Npm{}}, nil)
	if !errors.Is(err, ErrNoNpm) || !strings.Contains(err.Error(), "apt-get install npm") || !strings.Contains(err.Error(), "--from") {
		t.Errorf("error %v", err)
	}
	if left := names(t, os.TempDir()); left != "" {
		t.Errorf("left behind: %s", left)
	}
}

// A program that is stopped half-way takes along what it started, and leaves no folder.
func TestNpmIsCancelled(t *testing.T) {
	bin := t.TempDir()
	started := filepath.Join(bin, "started")
	script := "#!/bin/sh\nsleep 60 &\n: > " + started + "\nsleep 60\n"
	if err := os.WriteFile(filepath.Join(bin, "npm"), []byte(script), 0o700); err != nil {
		t.Fatal(err)
	}
	t.Setenv("PATH", bin+":"+os.Getenv("PATH"))
	t.Setenv("TMPDIR", t.TempDir())
	ctx, cancel := context.WithCancel(t.Context())
	go func() {
		for {
			if _, err := os.Stat(started); err == nil {
				cancel()
				return
			}
			time.Sleep(5 * time.Millisecond)
		}
	}()
	began := time.Now()
	if err := testSet().Ensure(ctx, t.TempDir(), []Source{Npm{}}, nil); !errors.Is(err, context.Canceled) {
		t.Errorf("error %v", err)
	}
	if took := time.Since(began); took > 30*time.Second {
		t.Errorf("it took %v", took)
	}
	if left := names(t, os.TempDir()); left != "" {
		t.Errorf("left behind: %s", left)
	}
}

func TestGoModule(t *testing.T) {
	module := t.TempDir()
	if err := os.Mkdir(filepath.Join(module, "images"), 0o700); err != nil {
		t.Fatal(err)
	}
	write(t, module, "images/a.dat", content)
	write(t, module, "images/b.dat", content+"!")
	g := GoModule{run: func(context.Context, string, string, ...string) ([]byte, error) {
		return []byte(`{"Dir":"` + module + `"}`), nil
	}}
	if err := testSet().Ensure(t.Context(), t.TempDir(), []Source{g}, nil); err != nil {
		t.Error(err)
	}
}

// compressedHex is "the right content", by bzip2.
const compressedHex = "425a68393141592653595dc7acc4000007918040000ae194002000221a68321003066b0e8d6f924d0f1772453850905dc7acc4"

func TestUpstream(t *testing.T) {
	body, err := hex.DecodeString(compressedHex)
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/a.dat.bz2" {
			http.NotFound(w, r)
			return
		}
		_, _ = w.Write(body)
	}))
	defer server.Close()
	s := testSet()
	for i := range s.Files {
		s.Files[i].Bzip2 = server.URL + "/" + s.Files[i].Name + ".bz2"
	}
	to := t.TempDir()
	err = s.Ensure(t.Context(), to, []Source{Upstream{Client: server.Client()}}, nil)
	if err == nil || !strings.Contains(err.Error(), "404") || names(t, to) != "a.dat" {
		t.Errorf("%v, folder holds %q", err, names(t, to))
	}
}

// A server that says nothing, or begins and says no more, is given up.
func TestUpstreamHangs(t *testing.T) {
	for name, begin := range map[string]bool{"no answer": false, "half an answer": true} {
		t.Run(name, func(t *testing.T) {
			over := make(chan struct{})
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if begin {
					_, _ = w.Write([]byte("BZh9"))
					_ = http.NewResponseController(w).Flush()
				}
				<-over
			}))
			defer server.Close()
			defer close(over)
			s := testSet()
			s.Files = s.Files[:1]
			s.Files[0].Bzip2 = server.URL
			client := newClient(50*time.Millisecond, 200*time.Millisecond)
			defer client.CloseIdleConnections()
			to := t.TempDir()
			err := s.Ensure(t.Context(), to, []Source{Upstream{Client: client}}, nil)
			var late net.Error
			if !errors.As(err, &late) || !late.Timeout() || names(t, to) != "" {
				t.Errorf("%v, folder holds %q", err, names(t, to))
			}
		})
	}
}

func TestEnsureIsCancelled(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	second := &asked{Source: Folder(t.TempDir())}
	err := testSet().Ensure(ctx, t.TempDir(), []Source{Folder(t.TempDir()), second}, nil)
	if !errors.Is(err, context.Canceled) || second.n != 0 {
		t.Errorf("%v, asked %d times", err, second.n)
	}
}

func TestPinsAreWellFormed(t *testing.T) {
	for _, s := range []Set{Dlib(), DemoFaces()} {
		seen := map[string]bool{}
		for _, f := range s.Files {
			sum, err := hex.DecodeString(f.SHA256)
			if err != nil || len(sum) != sha256.Size || f.Size <= 0 || seen[f.Name] || filepath.Base(f.Name) != f.Name {
				t.Errorf("%s: %+v", s.Name, f)
			}
			if strings.Contains(f.Name, "68") {
				t.Errorf("%s may not be used", f.Name)
			}
			if f.Npm != "" == (s.Npm == "") && f.Module == "" {
				t.Errorf("%s comes from nowhere", f.Name)
			}
			seen[f.Name] = true
		}
	}
}
