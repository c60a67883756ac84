package chattest

import (
	"os"
	"testing"
)

// Dir is a folder that ends with the test. It lies in memory where the system has a place for that: a server's every acknowledgement waits for the disk, and what
// that is worth is for the store's own tests.
func Dir(t testing.TB) string {
	t.Helper()
	if !roomy(memory) {
		return t.TempDir()
	}
	dir, err := os.MkdirTemp(memory, "visavis-test-")
	if err != nil {
		return t.TempDir()
	}
	t.Cleanup(func() {
		if err := os.RemoveAll(dir); err != nil {
			t.Error(err)
		}
	})
	return dir
}
