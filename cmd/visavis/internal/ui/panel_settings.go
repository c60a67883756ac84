package ui

import (
	"slices"
	"strconv"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/widget"

	"visavis/cmd/visavis/internal/flow"
)

var (
	themeChoices = [...]flow.Theme{flow.ThemeSystem, flow.ThemeLight, flow.ThemeDark}
	themeKeys    = [...]string{"settings.theme.system", "settings.theme.light", "settings.theme.dark"}
	textChoices  = [...]int{90, 100, 115, 130}
)

// settings are the desk's: the camera, the looks, and how soon an empty chair locks.
type settings struct {
	*frame
	preview *preview
	eye     *eyeHint
	cameras *choice
	list    *fyne.Container
	ports   []flow.Camera
	picked  string // the camera that was picked
	shield  *check
	calm    *check
	why     *widget.Label // of calm
	theme   *choice
	size    *choice
	away    *choice
	hint    *fyne.Container
	keys    fyne.CanvasObject // to the person's own password and keys
	prefs   flow.Prefs
}

func newSettings(k *kit) screen {
	p := &settings{preview: newPreview(k), eye: newEyeHint(), list: container.NewStack()}
	texts := func(n int, text func(int) string) (all []string) {
		for i := range n {
			all = append(all, text(i))
		}
		return all
	}
	p.theme = newChoice(k, false, texts(len(themeChoices), func(i int) string { return say(themeKeys[i]) }), func(i int) {
		p.pick(func(f *flow.Prefs) { f.Theme = themeChoices[i] })
	})
	p.size = newChoice(k, false, texts(len(textChoices), func(i int) string { return strconv.Itoa(textChoices[i]) + " %" }), func(i int) {
		p.pick(func(f *flow.Prefs) { f.TextSize = textChoices[i] })
	})
	waits := flow.AwayChoices()
	p.away = newChoice(k, false, texts(len(waits), func(i int) string { return say("settings.seconds", "count", int(waits[i].Seconds())) }), func(i int) {
		p.pick(func(f *flow.Prefs) { f.Away = waits[i] })
	})
	p.shield = newCheck(k, say("settings.shield"), func(on bool) {
		p.pick(func(f *flow.Prefs) {
			f.Shield = map[bool]flow.Shield{true: flow.ShieldBlur, false: flow.ShieldNotice}[on]
		})
	})
	p.calm = newCheck(k, say("settings.calm"), func(on bool) {
		p.pick(func(f *flow.Prefs) { f.Calm = on })
	})
	p.why = newParagraph("", textCaption)
	p.why.Importance = widget.LowImportance
	p.hint = newTidy(0, -1, newMuted(say("settings.away.inside"), textCaption))
	p.keys = labelled(say("settings.keys"), row(0, newButton(k, say("keys.head"), func() { k.post(flow.PanelOpened{Panel: flow.MyKeys}) })))
	picture := container.New(&sized{fyne.NewSize(260, 195)}, container.New(fourThirds{}, p.preview.object()))
	left := container.NewBorder(column(gapS, picture, p.eye.object), nil, nil, nil, container.NewVScroll(p.list))
	right := container.NewVScroll(newTidy(gapM, -1,
		labelled(say("settings.theme"), p.theme.object),
		labelled(say("settings.size"), p.size.object),
		labelled(say("settings.away"), newTidy(gapXS, -1, p.away.object, newMuted(say("settings.away.why"), textCaption), p.shield, p.hint)),
		labelled(say("settings.light"), newTidy(0, -1, p.calm, flush(p.why))),
		p.keys,
	))
	body := container.New(split{share: 0.42}, left, right)
	p.frame = newFrame(k, wideSize, say("settings.head"), newMuted(say("settings.desk"), textBody), body, nil)
	return p
}

// split lays two halves side by side; share is the left one's part.
type split struct{ share float32 }

func (s split) MinSize(o []fyne.CanvasObject) fyne.Size {
	l, r := o[0].MinSize(), o[1].MinSize()
	return fyne.NewSize(l.Width+gapXL+r.Width, max(l.Height, r.Height))
}

func (s split) Layout(o []fyne.CanvasObject, size fyne.Size) {
	left := max((size.Width-gapXL)*s.share, o[0].MinSize().Width)
	o[0].Resize(fyne.NewSize(left, size.Height))
	o[1].Move(fyne.NewPos(left+gapXL, 0))
	o[1].Resize(fyne.NewSize(size.Width-left-gapXL, size.Height))
}

func (p *settings) content() fyne.CanvasObject { return p.object }

func (p *settings) focus() fyne.Focusable { return p.theme.buttons[0] }

// pick posts what was changed; a check that is only shown as it is changes nothing.
func (p *settings) pick(change func(*flow.Prefs)) {
	f := p.prefs
	if change(&f); f != p.prefs {
		p.kit.post(flow.PrefsPicked{Prefs: f})
	}
}

func (p *settings) show(s flow.State) {
	p.frame.show(s)
	p.eye.show(s.Eye)
	p.prefs = s.Prefs
	p.theme.set(slices.Index(themeChoices[:], s.Prefs.Theme))
	p.size.set(slices.Index(textChoices[:], s.Prefs.TextSize))
	p.away.set(slices.Index(flow.AwayChoices(), s.Prefs.Away))
	p.shield.SetChecked(s.Prefs.Shield == flow.ShieldBlur)
	p.calm.SetChecked(!s.Lit())
	p.away.allow(s.Page == flow.Inside)
	allow(s.Page == flow.Inside, p.shield)
	allow(!s.Desk.Lamp, p.calm)
	why := say("settings.calm.why")
	if s.Desk.Lamp {
		why = say("settings.calm.asked")
	}
	if p.why.Text != why {
		p.why.SetText(why)
	}
	visible(s.Page != flow.Inside, p.hint)
	visible(s.Page == flow.Inside, p.keys)
	if p.cameras == nil || !slices.Equal(p.ports, s.Cameras) || p.picked != s.Prefs.Camera {
		p.ports, p.picked = s.Cameras, s.Prefs.Camera
		p.listCameras()
	}
	p.cameras.set(p.camera(s))
}

// camera is the index of the one in use: the one that gives pictures, or the one that was picked.
func (p *settings) camera(s flow.State) int {
	if i := slices.IndexFunc(p.ports, func(c flow.Camera) bool { return s.Eye.Port != "" && c.Port == s.Eye.Port }); i >= 0 {
		return i
	}
	return slices.IndexFunc(p.ports, func(c flow.Camera) bool { return s.Prefs.Camera != "" && c.Source == s.Prefs.Camera })
}

// listCameras lists what is plugged in, each with what tells it from another of the same name, and says when the one that was picked is not.
func (p *settings) listCameras() {
	texts := make([]string, 0, len(p.ports))
	gone := p.picked != ""
	for _, c := range p.ports {
		text := plainLine(c.Name)
		if c.Virtual {
			text = say("settings.virtual", "name", text)
		}
		texts = append(texts, clip(text, 260, inkBody.wideness()))
		gone = gone && c.Source != p.picked && c.Port != p.picked
	}
	p.cameras = newChoice(p.kit, true, texts, func(i int) {
		p.pick(func(f *flow.Prefs) { f.Camera = p.ports[i].Source })
	})
	rows := newTidy(gapXS, -1)
	if gone {
		rows.Add(newMuted(say("settings.unplugged"), textBody))
	}
	for i, b := range p.cameras.buttons {
		rows.Add(b)
		if c := p.ports[i]; !c.Virtual && c.Port != "" { // a program is plugged in nowhere
			about := newText(clip(say("settings.camera", "kind", plainLine(c.Kind), "port", plainLine(c.Port)), 280, inkNote.wideness()), textCaption)
			about.Importance = widget.LowImportance
			rows.Add(flush(about))
		}
	}
	if len(p.ports) == 0 && !gone {
		rows.Add(newMuted(say("settings.nocamera"), textBody))
	}
	p.list.Objects = []fyne.CanvasObject{rows}
	p.list.Refresh()
}

func (p *settings) leave() {
	p.preview.close()
	p.wipe()
}
