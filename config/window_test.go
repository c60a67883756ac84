package config

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

func TestWindowRefusals(t *testing.T) {
	for _, c := range []struct{ name, text, says string }{
		{"unknown key", "themes = \"dark\"", "themes"},
		{"theme", "theme = \"pink\"", "theme"},
		{"size", "text_size = 99", "text_size"},
		{"size as text", "text_size = \"100\"", "text_size"},
		{"never away", "away = \"0s\"", "away"},
		{"a long time away", "away = \"1h\"", "away"},
		{"not a time", "away = \"soon\"", "away"},
		{"camera", "camera = \"" + strings.Repeat("x", maxSource+1) + "\"", "camera"},
		{"organisation", "organisation = \"" + strings.Repeat("x", maxOrganisation+1) + "\"", "organisation"},
		{"onlooker", "onlooker = \"look away\"", "onlooker"},
		{"not calm", "calm = \"no\"", "calm"},
		{"not TOML", "theme", ""},
		{"too large", strings.Repeat("#", maxFile+1), "bytes"},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := ParseWindow([]byte(c.text))
			if !errors.Is(err, ErrInvalid) || !strings.Contains(err.Error(), c.says) {
				t.Errorf("got %v", err)
			}
		})
	}
	if (Window{}).Validate() == nil {
		t.Error("the zero settings are valid")
	}
	if err := (Window{}).Save(filepath.Join(t.TempDir(), WindowFileName)); !errors.Is(err, ErrInvalid) {
		t.Errorf("invalid settings were saved: %v", err)
	}
}

func TestWindowComesBack(t *testing.T) {
	path := filepath.Join(t.TempDir(), "desk", WindowFileName)
	if w, err := LoadWindow(path); err != nil || w != DefaultWindow() {
		t.Fatalf("a new desk: %+v, %v", w, err)
	}
	want := Window{Theme: "dark", TextSize: 130, Camera: "/dev/video2", Away: Duration(time.Minute), Calm: true, Onlooker: "notice", Organisation: "Café \"Visavis\""}
	for range 2 {
		if err := want.Save(path); err != nil {
			t.Fatal(err)
		}
	}
	got, err := LoadWindow(path)
	if err != nil || got != want {
		t.Errorf("got %+v, %v", got, err)
	}
	fi, err := os.Stat(path)
	if err != nil || fi.Mode().Perm() != 0o600 {
		t.Errorf("mode %v, %v", fi.Mode(), err)
	}
	names, err := os.ReadDir(filepath.Dir(path))
	if err != nil || len(names) != 1 {
		t.Errorf("left over: %v, %v", names, err)
	}
	if w, err := ParseWindow([]byte("theme = \"light\"")); err != nil || w.TextSize != 100 || w.Theme != "light" {
		t.Errorf("defaults: %+v, %v", w, err)
	}
}
