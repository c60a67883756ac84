package main

import (
	"bytes"
	"crypto/ed25519"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"visavis/chat/trust"
	"visavis/config"
	"visavis/models"
)

// The directory is printed whole, page after page, and read again as what it is.
func TestDirectoryText(t *testing.T) {
	dir, now := filepath.Join(t.TempDir(), "state"), time.Now()
	c := config.Default()
	c.Server.Organisation, c.Server.Addresses = "Example", []string{"chat.example.org:7443"}
	s, err := makeState(t.Context(), dir, c, now)
	if err != nil {
		t.Fatal(err)
	}
	root := ed25519.NewKeyFromSeed(make([]byte, ed25519.SeedSize))
	founding, err := trust.Found("Example", root, now)
	if err != nil {
		t.Fatal(err)
	}
	entries := make([]models.Entry, directoryPage+1)
	for i := range entries {
		entries[i] = models.Entry{Kind: models.EntryStatement, Message: models.MessageID{1, byte(i), byte(i >> 8)}, Body: founding, At: now}
	}
	if _, err := s.store.Append(t.Context(), entries); err != nil {
		t.Fatal(err)
	}
	if err := s.close(); err != nil {
		t.Fatal(err)
	}
	var out, trouble bytes.Buffer
	if code := run(t.Context(), []string{"directory", "--state", dir}, &out, &trouble); code != 0 {
		t.Fatalf("exit %d: %s", code, &trouble)
	}
	if n := strings.Count(out.String(), "\n"); n != len(entries) {
		t.Errorf("%d of %d statements", n, len(entries))
	}
	got, err := trust.ReadDirectory(&out, models.OrgID(trust.StatementHash(founding)))
	if err != nil || got.OrgName() != "Example" || got.Len() != 1 {
		t.Errorf("read again: %v", err)
	}
}
