package e2e

import (
	"bytes"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// debianPython is the interpreter that Debian's python3-cryptography belongs to; another python3 may come first on PATH.
const debianPython = "/usr/bin/python3"

// repoTop is the repository as seen from this package.
const repoTop = "../.."

// missing skips, but where everything has to be there: in CI.
func missing(t *testing.T, what string) {
	t.Helper()
	if os.Getenv("VISAVIS_CI") == "1" {
		t.Fatal(what + ": apt-get install python3-cryptography libargon2-1")
	}
	t.Skip(what + ": not compared with another implementation")
}

// checker makes a folder with what the check reads: itself, the documents, the vectors. It may be spoilt.
func checker(t *testing.T) string {
	t.Helper()
	if _, err := os.Stat(debianPython); err != nil {
		missing(t, "no "+debianPython)
	}
	if exec.Command(debianPython, "-c", "import cryptography.fernet, ctypes; ctypes.CDLL('libargon2.so.1')").Run() != nil {
		missing(t, "no cryptography module or libargon2 for "+debianPython)
	}
	top := t.TempDir()
	files := []string{"docs/crypto.md", "docs/protocol.md"}
	for _, pattern := range []string{"docs/check/*.py", "chat/*/testdata/v1/*.json", "chat/fernet/testdata/*.json", "biometrics/*/testdata/v1/*.json", "models/*/testdata/v1/*.json"} {
		found, err := fs.Glob(os.DirFS(repoTop), pattern)
		if err != nil || len(found) == 0 {
			t.Fatalf("%s: %d files, %v", pattern, len(found), err)
		}
		files = append(files, found...)
	}
	for _, name := range files {
		b := must(os.ReadFile(filepath.Join(repoTop, name)))(t)
		to := filepath.Join(top, name)
		if err := os.MkdirAll(filepath.Dir(to), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(to, b, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return top
}

// runCheck runs the check, or parts of it, and returns what it printed.
func runCheck(t *testing.T, top string, parts ...string) (string, error) {
	t.Helper()
	out, err := exec.CommandContext(t.Context(), debianPython, append([]string{filepath.Join(top, "docs/check/check.py"), top}, parts...)...).CombinedOutput()
	return string(out), err
}

// A second implementation, which was written from the documents and reads its grammar out of them, opens every vector and refuses each
// with a bit flipped.
func TestASecondImplementationAgrees(t *testing.T) {
	out, err := runCheck(t, checker(t))
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	t.Log(out)
	for _, part := range []string{"tokens: ", "derived: ", "password: ", "frames: ", "challenge: ", "formats: ", "carrier: ", "directory: ", "room: ", "twice: ", "file: ", "audit: ", "template: "} {
		if !strings.Contains(out, part) {
			t.Errorf("it says nothing of %q:\n%s", part, out)
		}
	}
}

// The check would see a document or a vector that is wrong.
func TestTheSecondImplementationIsNoYesMan(t *testing.T) {
	for name, tc := range map[string]struct{ file, is, not, part string }{
		"a field in another place":    {"docs/crypto.md", "template-body = [version: uint, type: tstr, account: id, key: id,", "template-body = [version: uint, type: tstr, key: id, account: id,", "template"},
		"a field too many":            {"docs/protocol.md", "log-follow = [room: id, after: uint]", "log-follow = [room: id, after: uint, more: bool]", "frames"},
		"a context in another order":  {"docs/crypto.md", "message-context = [org: hash, room: id, generation: hash]", "message-context = [room: id, org: hash, generation: hash]", "room"},
		"a message with another text": {"chat/e2e/testdata/v1/room.json", `"Content": "54686520726f6f6d"`, `"Content": "54686520726f6f6e"`, "room"},
		"a chunk in another place":    {"docs/crypto.md", "file-context = [org: hash, file: id]", "file-context = [file: id, org: hash]", "file"},
		"an event that is another":    {"models/audit/testdata/v1/audit.json", `"event 3": "76`, `"event 3": "77`, "audit"},
		"a hash that is another":      {"chat/trust/testdata/v1/derived.json", "visavis/v1/hash/unlock", "visavis/v1/hash/unlocked", "derived"},
	} {
		t.Run(name, func(t *testing.T) {
			top := checker(t)
			file := filepath.Join(top, tc.file)
			b := must(os.ReadFile(file))(t)
			spoilt := bytes.Replace(b, []byte(tc.is), []byte(tc.not), 1)
			if bytes.Equal(b, spoilt) {
				t.Fatalf("%s does not hold %q", tc.file, tc.is)
			}
			if err := os.WriteFile(file, spoilt, 0o600); err != nil {
				t.Fatal(err)
			}
			if out, err := runCheck(t, top, tc.part); err == nil {
				t.Errorf("it agrees:\n%s", out)
			}
		})
	}
}
