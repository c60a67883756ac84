package ui

import (
	"strings"
	"testing"
	"time"

	"fyne.io/fyne/v2/theme"
	"github.com/makiuchi-d/gozxing"
	"github.com/makiuchi-d/gozxing/qrcode"

	"visavis/biometrics"
	"visavis/cmd/visavis/internal/flow"
)

// TestCode holds that a reader reads what the code says, and that the quiet zone is there.
func TestCode(t *testing.T) {
	img, err := drawCode(somePrint)
	if err != nil {
		t.Fatal(err)
	}
	size := img.Bounds().Dx()
	for i := range size {
		for edge := range quietZone {
			if img.GrayAt(i, edge).Y == 0 || img.GrayAt(edge, i).Y == 0 || img.GrayAt(i, size-1-edge).Y == 0 || img.GrayAt(size-1-edge, i).Y == 0 {
				t.Fatalf("black in the quiet zone at %d", i)
			}
		}
	}
	bits, err := gozxing.NewBinaryBitmapFromImage(img)
	if err != nil {
		t.Fatal(err)
	}
	pure := map[gozxing.DecodeHintType]any{gozxing.DecodeHintType_PURE_BARCODE: true}
	read, err := qrcode.NewQRCodeReader().Decode(bits, pure)
	if err != nil || read.GetText() != somePrint {
		t.Fatalf("the code reads %v, %v", read, err)
	}
	if newCode("", 100) != nil || newCode(strings.Repeat("x", 8000), 100) != nil {
		t.Error("a text that no code holds has one")
	}
}

// Of one text in some hundreds the smallest code is read by nobody: this is such a one.
func TestEveryCodeIsRead(t *testing.T) {
	const text = "vuyl-fbl2-3vcw-w3pu-s4kg"
	smallest, err := drawCodeAt(text, codeLevels[0])
	if err != nil {
		t.Fatal(err)
	}
	if _, err := readCode(enlarged(smallest)); err == nil {
		t.Error("the smallest code is read: this test looks at the wrong text")
	}
	for _, x := range []string{text, somePrint} {
		img, err := drawCode(x)
		if err != nil {
			t.Fatal(err)
		}
		if read, err := readCode(enlarged(img)); err != nil || read != x {
			t.Errorf("%s reads %q, %v", x, read, err)
		}
	}
}

func TestStrengthWaitsForThePause(t *testing.T) {
	w := newWorld(t, screens[0])
	m := newStrength(w.kit.do, w.kit.after)
	for _, typed := range []string{"c", "co", "correct horse battery staple"} {
		m.typed(typed)
		w.pass(strengthDelay / 2)
	}
	if m.level != -1 {
		t.Fatal("measured while somebody types")
	}
	w.pass(strengthDelay)
	if m.level != 4 || m.word.Text != say("strength.4") {
		t.Fatalf("level %d, %q", m.level, m.word.Text)
	}
	m.typed("")
	if m.level != -1 {
		t.Error("an empty field has a strength")
	}
}

// TestStrengthDropsTheLate holds that a result that comes after more was typed is not shown, and none after the page was left.
func TestStrengthDropsTheLate(t *testing.T) {
	w := newWorld(t, screens[0])
	var late []func()
	m := newStrength(func(f func()) { late = append(late, f) }, w.kit.after)
	m.typed("correct horse battery staple")
	w.pass(strengthDelay)
	m.typed("abc")
	late[0]()
	if m.level != -1 {
		t.Error("the strength of what stood there before is shown")
	}
	m.close()
	w.pass(time.Second)
	if len(late) != 1 {
		t.Error("a password was measured after its page was left")
	}
}

func TestMeasure(t *testing.T) {
	for _, c := range []struct {
		password string
		least    int
		most     int
	}{
		{"", 0, 0}, {"password", 0, 0}, {"Xk9#qLz2", 0, enough - 1}, {"alice2026alice", 0, enough - 1},
		{"correct horse battery staple", enough, 4}, {strings.Repeat("x", longest+1), 0, 0}, {"\xff\xfe\x00", 0, enough - 1},
	} {
		if got := measure(c.password, []string{"alice"}); got < c.least || got > c.most {
			t.Errorf("%q has the level %d, want %d to %d", c.password, got, c.least, c.most)
		}
	}
}

// FuzzMeasure holds that no text that somebody types ends the program.
func FuzzMeasure(f *testing.F) {
	f.Add("correct horse", "alice")
	f.Add("2026-01-01qwertz", "ä\xff")
	f.Fuzz(func(t *testing.T, password, input string) {
		if l := measure(password, []string{input}); l < 0 || l >= levels {
			t.Fatalf("level %d", l)
		}
	})
}

func TestRingTouchesOnlyWhatChanges(t *testing.T) {
	w := newWorld(t, screens[0])
	s := desk(flow.Look)
	s.Busy = flow.Looking
	w.Show(s)
	r := w.page.(*lookPage).ring
	for _, c := range []struct {
		fraction float64
		done     int
	}{{0.5, 30}, {0.25, 15}, {1, 60}, {2, 60}, {-1, 0}} {
		r.set(c.fraction, theme.ColorNamePrimary)
		full := 0
		for _, l := range r.lines {
			if l.StrokeColor == theme.Color(theme.ColorNamePrimary) {
				full++
			}
		}
		if full != c.done {
			t.Errorf("at %v, %d ticks are full, want %d", c.fraction, full, c.done)
		}
	}
}

func TestNotice(t *testing.T) {
	w := newWorld(t, screens[0])
	n := newNotice(w.kit)
	if n.object.Visible() {
		t.Error("nothing went wrong, and a notice is shown")
	}
	n.show(flow.Problem{Kind: flow.ServerTrouble, Detail: "disk\nfull"}, flow.NoNote)
	if !n.object.Visible() || !strings.Contains(n.why.Text, "disk") || strings.Contains(n.why.Text, "\n") {
		t.Errorf("the server's words are shown as %q", n.why.Text)
	}
	n.show(flow.Problem{Kind: flow.NoGoodPicture, Reason: biometrics.TooDark}, flow.NoNote)
	if !strings.Contains(n.why.Text, reasonWords(biometrics.TooDark)) {
		t.Errorf("too dark is cured by %q", n.why.Text)
	}
	n.show(flow.Problem{}, flow.NoteLoggedOut)
	if n.what.Text != say("note.loggedout.what") {
		t.Errorf("the note is %q", n.what.Text)
	}
	n.wipe()
	if n.object.Visible() || n.what.Text+n.why.Text != "" {
		t.Error("a wiped notice still says something")
	}
}

func TestClock(t *testing.T) {
	for d, want := range map[time.Duration]string{time.Second: "0:01", 1: "0:01", 90 * time.Second: "1:30", 15 * time.Minute: "15:00"} {
		if got := clockWords(d); got != want {
			t.Errorf("%v is %q, want %q", d, got, want)
		}
	}
}
