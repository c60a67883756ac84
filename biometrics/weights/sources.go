package weights

import (
	"bytes"
	"compress/bzip2"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"strings"
	"syscall"
	"time"
)

// Sources returns the usual sources, in order: the folder from unless it is empty, npm, the Go module, and upstream.
func Sources(from string) []Source {
	var s []Source
	if from != "" {
		s = append(s, Folder(from))
	}
	return append(s, Npm{}, GoModule{}, Upstream{})
}

// Folder is a directory that holds the files already, under their own names.
type Folder string

// Describe implements Source.
func (f Folder) Describe() string { return "folder " + string(f) }

// Open implements Source.
func (f Folder) Open(_ context.Context, _ Set, want []File) (map[string]io.ReadCloser, func(), error) {
	return openFiles(want, func(w File) string { return filepath.Join(string(f), w.Name) })
}

// openFiles opens what is there of the wanted files, each where place says; an empty place is nowhere.
func openFiles(want []File, place func(File) string) (map[string]io.ReadCloser, func(), error) {
	found := map[string]io.ReadCloser{}
	var failures []error
	for _, w := range want {
		at := place(w)
		if at == "" {
			continue
		}
		in, err := os.Open(at)
		switch {
		case errors.Is(err, os.ErrNotExist):
		case err != nil:
			failures = append(failures, err)
		default:
			found[w.Name] = in
		}
	}
	return found, nil, errors.Join(failures...)
}

// command runs a program in dir and returns its output; its errors hold what it said. It is a parameter so that tests run without a network.
type command func(ctx context.Context, dir, name string, args ...string) ([]byte, error)

func runCommand(ctx context.Context, dir, name string, args ...string) ([]byte, error) {
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.Dir = dir
	// What the program started ends with it, so that nobody writes into a folder that is being removed.
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }
	cmd.WaitDelay = time.Second
	var said bytes.Buffer
	cmd.Stderr = &said
	out, err := cmd.Output()
	if err != nil {
		text := strings.TrimSpace(said.String())
		return nil, fmt.Errorf("%s %s: %w: %s", name, strings.Join(args, " "), err, text[max(0, len(text)-500):])
	}
	return out, nil
}

// Npm fetches the set's npm package with the npm program, from whatever registry that is set up for. Nothing in the package is run.
type Npm struct {
	run command // nil runs npm
}

// Describe implements Source.
func (Npm) Describe() string { return "npm" }

// Open implements Source.
func (n Npm) Open(ctx context.Context, s Set, want []File) (map[string]io.ReadCloser, func(), error) {
	if s.Npm == "" || !anyFile(want, func(f File) string { return f.Npm }) {
		return nil, nil, nil
	}
	run := n.run
	if run == nil {
		run = runCommand
	}
	dir, err := os.MkdirTemp("", "visavis-npm-")
	if err != nil {
		return nil, nil, err
	}
	release := func() { os.RemoveAll(dir) }
	out, err := run(ctx, dir, "npm", "pack", "--ignore-scripts", "--json", s.Npm)
	if errors.Is(err, exec.ErrNotFound) {
		return nil, release, ErrNoNpm
	}
	if err != nil {
		return nil, release, err
	}
	var packed []struct {
		Filename string `json:"filename"`
	}
	if err := json.Unmarshal(out, &packed); err != nil || len(packed) != 1 {
		return nil, release, fmt.Errorf("npm pack %s: an answer of another form", s.Npm)
	}
	// Older npm puts the scope's slash into the name that it tells, and writes a dash.
	name := strings.ReplaceAll(strings.TrimPrefix(packed[0].Filename, "@"), "/", "-")
	if err := extract(filepath.Join(dir, filepath.Base(name)), dir, want); err != nil {
		return nil, release, err
	}
	found, _, err := openFiles(want, func(f File) string { return unlessEmpty(f.Npm, filepath.Join(dir, f.Name)) })
	return found, release, err
}

func anyFile(want []File, from func(File) string) bool {
	for _, f := range want {
		if from(f) != "" {
			return true
		}
	}
	return false
}

func unlessEmpty(condition, s string) string {
	if condition == "" {
		return ""
	}
	return s
}

// GoModule takes the files out of the module cache; go downloads the module when it is not there.
type GoModule struct {
	run command // nil runs go
}

// Describe implements Source.
func (GoModule) Describe() string { return "the Go module" }

// Open implements Source.
func (g GoModule) Open(ctx context.Context, s Set, want []File) (map[string]io.ReadCloser, func(), error) {
	if s.Module == "" || !anyFile(want, func(f File) string { return f.Module }) {
		return nil, nil, nil
	}
	run := g.run
	if run == nil {
		run = runCommand
	}
	out, err := run(ctx, "", "go", "mod", "download", "-json", s.Module)
	if err != nil {
		return nil, nil, err
	}
	var module struct{ Dir string }
	if err := json.Unmarshal(out, &module); err != nil || module.Dir == "" {
		return nil, nil, fmt.Errorf("go mod download %s: an answer of another form", s.Module)
	}
	return openFiles(want, func(f File) string {
		return unlessEmpty(f.Module, filepath.Join(module.Dir, filepath.FromSlash(path.Clean("/"+f.Module))))
	})
}

// Upstream fetches the files, compressed with bzip2, from where their makers publish them.
type Upstream struct {
	Client *http.Client // nil is one with upstream's deadlines
}

// The deadlines of upstream: a server may be slow, but not for ever.
const (
	headerTime   = 30 * time.Second // until it begins to answer
	downloadTime = 15 * time.Minute // until a file is whole: 20 MB at 25 kB a second
)

func newClient(header, whole time.Duration) *http.Client {
	transport := http.DefaultTransport.(*http.Transport).Clone()
	transport.ResponseHeaderTimeout = header
	return &http.Client{Transport: transport, Timeout: whole}
}

// Describe implements Source.
func (Upstream) Describe() string { return "upstream" }

// Open implements Source. It downloads nothing before the files are read.
func (u Upstream) Open(ctx context.Context, _ Set, want []File) (map[string]io.ReadCloser, func(), error) {
	client := u.Client
	if client == nil {
		client = newClient(headerTime, downloadTime)
	}
	found := map[string]io.ReadCloser{}
	for _, f := range want {
		if f.Bzip2 != "" {
			found[f.Name] = &download{ctx: ctx, client: client, url: f.Bzip2}
		}
	}
	return found, nil, nil
}

// download is a file that is asked for at its first Read.
type download struct {
	ctx    context.Context
	client *http.Client
	url    string
	body   io.ReadCloser
	plain  io.Reader
}

func (d *download) Read(p []byte) (int, error) {
	if d.plain == nil {
		if err := d.open(); err != nil {
			return 0, err
		}
	}
	return d.plain.Read(p)
}

func (d *download) open() error {
	req, err := http.NewRequestWithContext(d.ctx, http.MethodGet, d.url, nil)
	if err != nil {
		return err
	}
	resp, err := d.client.Do(req)
	if err != nil {
		return err
	}
	if resp.StatusCode != http.StatusOK {
		resp.Body.Close()
		return fmt.Errorf("get %s: %s", d.url, resp.Status)
	}
	d.body, d.plain = resp.Body, bzip2.NewReader(resp.Body)
	return nil
}

func (d *download) Close() error {
	if d.body == nil {
		return nil
	}
	return d.body.Close()
}
