package trust

import (
	"bytes"
	"encoding/base64"
	"errors"
	"io"
	"strings"
	"testing"
	"testing/iotest"

	"visavis/models"
)

// directoryLines is the text of an organisation with a few statements in it.
func directoryLines(t testing.TB) (text string, org models.OrgID, head models.Hash) {
	var b strings.Builder
	o := newOrg(t)
	for _, s := range o.log {
		if err := WriteStatement(&b, s); err != nil {
			t.Fatal(err)
		}
	}
	return b.String(), o.dir.Org(), o.dir.Head()
}

func TestReadDirectory(t *testing.T) {
	text, org, head := directoryLines(t)
	lines := strings.SplitAfter(text, "\n")
	for _, c := range []struct {
		name string
		in   io.Reader
		org  models.OrgID
		err  error
	}{
		{"nothing", strings.NewReader(""), org, ErrOrg},
		{"for whatever organisation", strings.NewReader(text), models.OrgID{}, ErrOrg},
		{"another organisation's", strings.NewReader(text), models.OrgID{1}, ErrOrg},
		{"no base64", strings.NewReader("%" + text), org, ErrFormat},
		{"no envelope", strings.NewReader(base64.RawURLEncoding.EncodeToString([]byte("hello")) + "\n"), org, ErrFormat},
		{"an empty line", strings.NewReader(lines[0] + "\n" + lines[1]), org, ErrFormat},
		{"a line without end", strings.NewReader(strings.Repeat("A", 1<<20)), org, ErrFormat},
		{"what can not be read", iotest.ErrReader(io.ErrClosedPipe), org, io.ErrClosedPipe},
		{"a good one", strings.NewReader(text), org, nil},
		{"without its last line's end", strings.NewReader(strings.TrimSuffix(text, "\n")), org, nil},
		{"with one that is refused", strings.NewReader(text + lines[0]), org, nil},
	} {
		d, err := ReadDirectory(c.in, c.org)
		if !errors.Is(err, c.err) || (d == nil) != (err != nil) {
			t.Errorf("%s: %v", c.name, err)
		} else if err == nil && d.Head() != head {
			t.Errorf("%s: another head", c.name)
		}
	}
}

func FuzzReadDirectory(f *testing.F) {
	text, org, head := directoryLines(f)
	f.Add([]byte(text))
	f.Add([]byte("AA\n"))
	f.Fuzz(func(t *testing.T, in []byte) {
		d, err := ReadDirectory(bytes.NewReader(in), org)
		if err == nil && d.Org() != org || err == nil && d.Len() > 0 && !d.Known(models.Hash(org)) {
			t.Fatalf("another organisation than %s", head)
		}
	})
}
