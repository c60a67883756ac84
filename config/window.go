package config

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/pelletier/go-toml/v2"
)

// WindowFileName is the window's settings' name in the desk's folder.
const WindowFileName = "window.toml"

// Window is a desk's settings: what its window looks like and which camera it uses. Nothing in it is a person's. Its zero value is not
// valid; start from DefaultWindow.
type Window struct {
	Theme        string   `toml:"theme" comment:"system, light or dark"`
	TextSize     int      `toml:"text_size" comment:"Percent: 90, 100, 115 or 130."`
	Camera       string   `toml:"camera" comment:"The camera that was picked, as the window wrote it; empty for the first one."`
	Away         Duration `toml:"away" comment:"Nobody in view for this time locks the desk: 5s, 10s, 30s or 1m."`
	Calm         bool     `toml:"calm" comment:"No changing light while somebody looks into the camera, unless the organisation asks for it."`
	Onlooker     string   `toml:"onlooker" comment:"When a second face looks at the screen: blur the room, or say so in a notice."`
	Organisation string   `toml:"organisation" comment:"The organisation's name, as the directory had it at the last log-in."`
}

// Bounds of the window's texts.
const (
	maxSource       = 4096
	maxOrganisation = 200
)

// The choices.
var (
	windowThemes = []string{"system", "light", "dark"}
	windowSizes  = []int{90, 100, 115, 130}
	windowLooks  = []string{"blur", "notice"}
	windowAways  = []time.Duration{5 * time.Second, 10 * time.Second, 30 * time.Second, time.Minute} // none of them is never
)

// DefaultWindow returns the settings of a new desk.
func DefaultWindow() Window {
	return Window{Theme: windowThemes[0], TextSize: 100, Away: Duration(windowAways[0]), Onlooker: windowLooks[0]}
}

// LoadWindow reads and validates a file; where there is none, a new desk's settings. What it does not name keeps its default; what it names
// and nobody knows is an error.
func LoadWindow(path string) (Window, error) {
	fi, err := os.Stat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return DefaultWindow(), nil
	case err != nil:
		return Window{}, fmt.Errorf("read the window's settings: %w", err)
	case fi.Size() > maxFile:
		return Window{}, fmt.Errorf("read the window's settings: %w: %s has %d bytes, at most %d fit", ErrInvalid, path, fi.Size(), maxFile)
	}
	b, err := os.ReadFile(path)
	if err != nil {
		return Window{}, fmt.Errorf("read the window's settings: %w", err)
	}
	w, err := ParseWindow(b)
	if err != nil {
		return Window{}, fmt.Errorf("%s: %w", path, err)
	}
	return w, nil
}

// ParseWindow is LoadWindow for bytes.
func ParseWindow(b []byte) (Window, error) {
	if len(b) > maxFile {
		return Window{}, fmt.Errorf("%w: %d bytes, at most %d fit", ErrInvalid, len(b), maxFile)
	}
	w := DefaultWindow()
	if err := toml.NewDecoder(bytes.NewReader(b)).DisallowUnknownFields().Decode(&w); err != nil {
		return Window{}, explain(err)
	}
	if err := w.Validate(); err != nil {
		return Window{}, err
	}
	return w, nil
}

// Validate names every setting that is wrong, one a line: its key, its value, the cure.
func (w Window) Validate() error {
	var errs []error
	refuse := func(key string, value any, cure string) {
		errs = append(errs, fmt.Errorf("%w: %s = %v: %s", ErrInvalid, key, value, cure))
	}
	if !slices.Contains(windowThemes, w.Theme) {
		refuse("theme", strconv.Quote(w.Theme), "choose one of "+strings.Join(windowThemes, ", "))
	}
	if !slices.Contains(windowSizes, w.TextSize) {
		refuse("text_size", w.TextSize, "choose one of 90, 100, 115, 130")
	}
	if !slices.Contains(windowAways, w.Away.Std()) {
		refuse("away", strconv.Quote(w.Away.String()), "choose one of 5s, 10s, 30s, 1m")
	}
	if !slices.Contains(windowLooks, w.Onlooker) {
		refuse("onlooker", strconv.Quote(w.Onlooker), "choose one of "+strings.Join(windowLooks, ", "))
	}
	for _, t := range []struct {
		key, value string
		most       int
	}{{"camera", w.Camera, maxSource}, {"organisation", w.Organisation, maxOrganisation}} {
		if len(t.value) > t.most || !utf8.ValidString(t.value) {
			refuse(t.key, fmt.Sprintf("%d bytes", len(t.value)), fmt.Sprintf("at most %d bytes of UTF-8 fit", t.most))
		}
	}
	return errors.Join(errs...)
}

// Encode writes the settings as a commented TOML file that ParseWindow reads back.
func (w Window) Encode() ([]byte, error) {
	if err := w.Validate(); err != nil {
		return nil, err
	}
	b, err := toml.Marshal(w)
	if err != nil {
		return nil, fmt.Errorf("write the window's settings: %w", err)
	}
	return b, nil
}

// Save replaces a file: the old settings or the new ones stand there, never a part.
func (w Window) Save(path string) error {
	b, err := w.Encode()
	if err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return fmt.Errorf("write the window's settings: %w", err)
	}
	f, err := os.CreateTemp(filepath.Dir(path), filepath.Base(path)+".*") // made with mode 0600
	if err != nil {
		return fmt.Errorf("write the window's settings: %w", err)
	}
	defer os.Remove(f.Name())
	_, err = f.Write(b)
	if cerr := f.Close(); err == nil {
		err = cerr
	}
	if err == nil {
		err = os.Rename(f.Name(), path)
	}
	if err != nil {
		return fmt.Errorf("write the window's settings: %w", err)
	}
	return nil
}
