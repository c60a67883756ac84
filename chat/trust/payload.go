package trust

import (
	"fmt"
	"slices"
	"time"
	"unicode"
	"unicode/utf8"

	"visavis/models"
	"visavis/models/canon"
)

// Ext ends every payload: what later versions add. A reader refuses an even key that it does not know and ignores an odd one.
type Ext map[uint64]canon.Raw

// Check fails with ErrFormat for a value that is not canonical, and else with ErrNewer for an even key that this version does not know here.
func (e Ext) Check(known ...uint64) error {
	var newer error
	for k, v := range e { // in any order: the verdict is the same
		var any any
		if err := canon.Unmarshal(v, &any); err != nil {
			return fmt.Errorf("%w: ext %d: %v", ErrFormat, k, err)
		}
		if k%2 == 0 && !slices.Contains(known, k) {
			newer = fmt.Errorf("%w: ext %d", ErrNewer, k)
		}
	}
	return newer
}

// Header begins every payload.
type Header struct {
	Version uint8
	Type    string
	Suite   uint8
	Org     models.OrgID
}

// NewHeader is the header of a payload of this version.
func NewHeader(l Label, org models.OrgID) Header {
	return Header{Version: Version, Type: l.Type(), Suite: Suite, Org: org}
}

// Check refuses another type with ErrFormat and another version or suite with ErrNewer.
func (h Header) Check(l Label) error {
	if h.Type != l.Type() {
		return fmt.Errorf("%w: a %q, want a %q", ErrFormat, h.Type, l.Type())
	}
	return h.checkVersion()
}

func (h Header) checkVersion() error {
	if h.Version != Version || h.Suite != Suite {
		return fmt.Errorf("%w: version %d, suite %d", ErrNewer, h.Version, h.Suite)
	}
	return nil
}

// Decode reads one canonical value, failing with ErrFormat; at most max bytes are looked at.
func Decode(b []byte, max int, v any) error {
	if len(b) > max {
		return fmt.Errorf("%w: %d bytes, at most %d", ErrFormat, len(b), max)
	}
	if err := canon.Unmarshal(b, v); err != nil {
		return fmt.Errorf("%w: %v", ErrFormat, err)
	}
	return nil
}

// millis and fromMillis keep times as the formats do: Unix milliseconds.
func millis(t time.Time) int64      { return t.UnixMilli() }
func fromMillis(ms int64) time.Time { return time.UnixMilli(ms).UTC() }

// MaxName bounds names of people, desks and organisations, in bytes.
const MaxName = 64

// checkText refuses text that is empty, too long, or could rearrange a window: controls, line breaks, bidirectional marks.
func checkText(what, s string, max int) error {
	if s == "" || len(s) > max || !utf8.ValidString(s) {
		return fmt.Errorf("%w: %s of %d bytes", ErrFormat, what, len(s))
	}
	for _, r := range s {
		if !unicode.IsPrint(r) {
			return fmt.Errorf("%w: %s holds %U", ErrFormat, what, r)
		}
	}
	return nil
}
