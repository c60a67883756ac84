package ui

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
)

// sighting is the camera's picture while a QR code is looked for in it.
type sighting struct {
	kit     *kit
	box     *fyne.Container // empty while nothing is looked for
	preview *preview
	scanner *scanner
	unwatch func()
}

func newSighting(k *kit) *sighting {
	return &sighting{kit: k, box: container.New(fourThirds{}), unwatch: func() {}}
}

// on says whether it looks.
func (s *sighting) on() bool { return s.scanner != nil }

// begin looks for codes, and tells of the text of each on the UI goroutine; what is told after the end does not count any more.
func (s *sighting) begin(found func(text string)) {
	s.end()
	s.preview = newPreview(s.kit)
	s.box.Objects = []fyne.CanvasObject{s.preview.object()}
	var now *scanner
	now = newScanner(func(text string) {
		s.kit.do(func() {
			if s.scanner == now {
				found(text)
			}
		})
	})
	s.scanner, s.unwatch = now, s.kit.pictures.watch(now.look)
}

func (s *sighting) end() {
	s.unwatch()
	s.unwatch = func() {}
	if s.scanner != nil {
		s.scanner.close()
		s.scanner = nil
	}
	if s.preview != nil {
		s.preview.close()
		s.preview = nil
	}
	s.box.Objects = nil
}
