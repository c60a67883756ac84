package ui

import (
	"slices"
	"strconv"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"

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
	theme   *choice
	size    *choice
	away    *choice
	hint    *fyne.Container
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
	p.hint = newTidy(0, -1, newMuted(say("settings.away.inside"), textCaption))
	picture := container.New(&sized{fyne.NewSize(320, 240)}, container.New(fourThirds{}, p.preview.object()))
	left := container.NewBorder(column(gapS, picture, p.eye.object), nil, nil, nil, container.NewVScroll(p.list))
	right := container.NewVScroll(newTidy(gapL, -1,
		labelled(say("settings.theme"), p.theme.object),
		labelled(say("settings.size"), p.size.object),
		labelled(say("settings.away"), newTidy(gapS, -1, p.away.object, newMuted(say("settings.away.why"), textCaption), p.hint)),
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

func (p *settings) pick(change func(*flow.Prefs)) {
	f := p.prefs
	change(&f)
	p.kit.post(flow.PrefsPicked{Prefs: f})
}

func (p *settings) show(s flow.State) {
	p.frame.show(s)
	p.eye.show(s.Eye)
	p.prefs = s.Prefs
	p.theme.set(slices.Index(themeChoices[:], s.Prefs.Theme))
	p.size.set(slices.Index(textChoices[:], s.Prefs.TextSize))
	p.away.set(slices.Index(flow.AwayChoices(), s.Prefs.Away))
	p.away.allow(s.Page == flow.Inside)
	visible(s.Page != flow.Inside, p.hint)
	if p.cameras == nil || !slices.Equal(p.ports, s.Cameras) {
		p.ports = s.Cameras
		p.listCameras()
	}
	p.cameras.set(p.camera(s))
}

// camera is the index of the one in use: the one that gives pictures, or the one that was picked.
func (p *settings) camera(s flow.State) int {
	port := s.Eye.Port
	if port == "" {
		port = s.Prefs.Camera
	}
	return slices.IndexFunc(p.ports, func(c flow.Camera) bool { return c.Port == port })
}

func (p *settings) listCameras() {
	texts := make([]string, 0, len(p.ports))
	for _, c := range p.ports {
		text := plainLine(c.Name)
		if c.Virtual {
			text = say("settings.virtual", "name", text)
		}
		texts = append(texts, clip(text, 260, inkBody.wideness()))
	}
	p.cameras = newChoice(p.kit, true, texts, func(i int) {
		p.pick(func(f *flow.Prefs) { f.Camera = p.ports[i].Port })
	})
	p.list.Objects = []fyne.CanvasObject{p.cameras.object}
	if len(p.ports) == 0 {
		p.list.Objects = []fyne.CanvasObject{container.NewVBox(newMuted(say("settings.nocamera"), textBody))}
	}
	p.list.Refresh()
}

func (p *settings) leave() {
	p.preview.close()
	p.wipe()
}
