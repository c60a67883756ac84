package ui

import (
	"runtime/debug"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"

	"visavis/cmd/visavis/internal/flow"
)

// about says what this is, what the desk can see, and which keys there are.
type about struct {
	*frame
	roll *roll
	rows []aboutRow
}

// aboutRow is a heading, a paragraph, or a key and what it does.
type aboutRow struct{ head, text, key string }

// aboutKeys are the keys, with what they do.
var aboutKeys = [...][2]string{
	{"about.key.tab", "about.key.tab.does"}, {"about.key.enter", "about.key.enter.does"}, {"about.key.break", "about.key.break.does"},
	{"about.key.page", "about.key.page.does"}, {"about.key.arrows", "about.key.arrows.does"}, {"about.key.esc", "about.key.esc.does"},
	{"about.key.room", "about.key.room.does"}, {"about.key.people", "about.key.people.does"}, {"about.key.twice", "about.key.twice.does"}, {"about.key.keys", "about.key.keys.does"}, {"about.key.admin", "about.key.admin.does"}, {"about.key.show", "about.key.show.does"},
	{"about.key.lock", "about.key.lock.does"}, {"about.key.out", "about.key.out.does"}, {"about.key.settings", "about.key.settings.does"},
	{"about.key.about", "about.key.about.does"},
}

func newAbout(k *kit) screen {
	p := &about{}
	p.rows = []aboutRow{{text: say("about.what")}, {head: say("about.sees")}, {text: say("about.sees.text")}, {text: say("about.keeps.text")}, {head: say("about.keys")}}
	for _, pair := range aboutKeys {
		p.rows = append(p.rows, aboutRow{key: say(pair[0]), text: say(pair[1])})
	}
	p.rows = append(p.rows, aboutRow{head: say("about.licence")}, aboutRow{text: say("about.licence.text")})
	p.roll = newRoll(k, p, false)
	name := newText(say("window.title"), textTitle)
	name.TextStyle.Bold = true
	info, _ := debug.ReadBuildInfo()
	top := container.NewBorder(nil, nil, container.New(&inset{gapS}, newMark(64)), nil,
		container.New(upright{}, column(-gapS, name, newText(say("about.version", "version", versionText(info)), textBody))))
	p.frame = newFrame(k, panelSize, say("about.head"), top, p.roll, nil)
	return p
}

// versionText is the program's version: its tag, or the commit it was built from.
func versionText(info *debug.BuildInfo) string {
	if info == nil {
		return say("about.unknown")
	}
	if v := info.Main.Version; v != "" && v != "(devel)" {
		return v
	}
	for _, s := range info.Settings {
		if s.Key == "vcs.revision" && len(s.Value) >= 8 {
			return s.Value[:8]
		}
	}
	return say("about.unknown")
}

func (p *about) content() fyne.CanvasObject { return p.object }
func (p *about) focus() fyne.Focusable      { return p.roll }
func (p *about) show(s flow.State)          { p.frame.show(s) }
func (p *about) leave()                     { p.wipe() }

func (p *about) count() int                 { return len(p.rows) }
func (p *about) id(i int) uint64            { return uint64(i) + 1 }
func (p *about) guess(int, float32) float32 { return gapXXL }
func (p *about) picks(int) bool             { return false }
func (p *about) act(int)                    {}
func (p *about) copied(int) string          { return "" }

func (p *about) item(i int) item {
	r := p.rows[i]
	return newPickRow(func(s *sketch, width float32) float32 {
		switch {
		case r.head != "":
			return gapL + s.line(inkName, r.head, gapS, gapL, width-gapS).Height + gapXS
		case r.key != "":
			return gapXS + max(s.line(inkName, r.key, gapS, gapXS, keyColumn-gapL).Height, s.block(inkBody, r.text, keyColumn, gapXS, width-keyColumn-gapS))
		}
		return gapXS + s.block(ink{textBody, theme.ColorNameForeground, false}, r.text, gapS, gapXS, width-2*gapS) + gapXS
	}, nil, false)
}

const keyColumn = 180
