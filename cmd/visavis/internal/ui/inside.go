package ui

import (
	"slices"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"visavis/cmd/visavis/internal/flow"
	"visavis/cmd/visavis/internal/talk"
	"visavis/models"
)

// inside is the page of who is logged in: oneself and the rooms on the left, the open room on the right.
type inside struct {
	kit     *kit
	rooms   *rooms
	room    *roomPane
	me      *avatar
	name    *widget.Label
	role    *widget.Label
	admin   *fyne.Container
	signups *button
	desks   *button
	audit   *button
	people  *button
	help    *button
	create  *button
	none    *fyne.Container
	object  fyne.CanvasObject
	person  flow.Person
	waiting int
}

func newInside(k *kit) screen {
	p := &inside{kit: k, rooms: newRooms(k), room: newRoomPane(k), waiting: -1}
	p.me = newAvatar("", models.AccountID{}, 44)
	p.name, p.role = newText("", textLead), newText("", textCaption)
	p.name.TextStyle.Bold, p.name.Truncation = true, fyne.TextTruncateEllipsis
	p.role.Importance = widget.LowImportance
	open := func(panel flow.Panel) func() { return func() { k.post(flow.PanelOpened{Panel: panel}) } }
	p.signups = newIconButton(k, "", theme.AccountIcon(), open(flow.Approvals))
	p.desks = newIconButton(k, say("inside.desks"), theme.ComputerIcon(), open(flow.Desks))
	p.audit = newIconButton(k, say("audit.head"), theme.HistoryIcon(), open(flow.AuditLog))
	p.help = newIconButton(k, say("inside.help"), theme.LoginIcon(), open(flow.Help))
	p.people = newIconButton(k, say("people.head"), theme.AccountIcon(), open(flow.People))
	p.create = newIconButton(k, say("inside.create"), theme.ContentAddIcon(), open(flow.NewRoom))
	for _, b := range []*button{p.signups, p.desks, p.help, p.audit} {
		b.Alignment = widget.ButtonAlignLeading
	}
	p.admin = column(0, container.New(&inset{gapS}, column(gapXS, p.signups, p.desks, p.help, p.audit)), widget.NewSeparator())
	none := newParagraph(say("rooms.none"), textBody)
	none.Importance = widget.LowImportance
	p.none = container.NewVBox(none)
	lock := newIconButton(k, say("inside.lock"), drawing("lid", theme.ColorNameForeground), func() { k.post(flow.LockAsked{}) })
	out := newIconButton(k, say("inside.logout"), theme.LogoutIcon(), func() { k.post(flow.LogOutAsked{}) })
	head := newText(say("inside.rooms"), textCaption)
	head.TextStyle.Bold, head.Importance = true, widget.LowImportance
	self := container.NewBorder(nil, nil, container.New(&inset{gapM}, p.me), nil, container.New(upright{}, column(-gapL+gapXS, p.name, p.role)))
	top := column(0, self, widget.NewSeparator(), p.admin, container.New(&inset{gapXS}, container.NewBorder(nil, nil, head, row(0, p.people, p.create))))
	bottom := column(0, widget.NewSeparator(), container.New(&inset{gapXS}, container.NewGridWithColumns(2, lock, out)))
	side := container.NewBorder(top, bottom, nil, nil, container.NewStack(p.rooms.roll, p.none))
	p.object = newBeside(side, p.room.object)
	return p
}

func (p *inside) content() fyne.CanvasObject { return p.object }

func (p *inside) focus() fyne.Focusable {
	if !p.room.composer.text.Disabled() && p.room.composer.object.Visible() {
		return p.room.composer.text
	}
	if p.none.Visible() {
		return p.create
	}
	return p.rooms.roll
}

func (p *inside) show(s flow.State) {
	if s.Person != p.person {
		p.person = s.Person
		p.me.set(s.Person.Name, s.Person.Account)
		p.name.SetText(plainLine(s.Person.Name))
		p.role.SetText(say("inside.member"))
		if s.Person.Admin {
			p.role.SetText(say("inside.admin"))
		}
	}
	visible(s.Person.Admin, p.admin)
	if n := len(s.Admin.Signups); n != p.waiting {
		p.waiting = n
		p.signups.Importance = widget.LowImportance
		if n > 0 {
			p.signups.Importance = widget.HighImportance
		}
		text := say("inside.signups.none")
		if n > 0 {
			text = say("inside.signups", "count", n)
		}
		p.signups.SetText(text)
	}
	p.create.allow(s.Busy == flow.Idle)
	var all []talk.Room
	var open models.RoomID
	if s.Talk != nil {
		all = s.Talk.Rooms
		if s.Talk.Open != nil {
			open = s.Talk.Open.ID
		}
	}
	if s.Veiled {
		all = unsaid(all)
	}
	p.rooms.show(all, open, s.Busy != flow.Idle)
	visible(len(all) == 0, p.none)
	visible(len(all) > 0, p.rooms.roll)
	p.room.show(s)
}

// unsaid are rooms without what was said in them last.
func unsaid(rooms []talk.Room) []talk.Room {
	rooms = slices.Clone(rooms)
	for i := range rooms {
		if rooms[i].Said != "" {
			rooms[i].By, rooms[i].Said = "…", "…"
		}
	}
	return rooms
}

// leave wipes whatever a person wrote or was told; the window empties the clipboard.
func (p *inside) leave() {
	p.room.wipe()
	p.rooms.wipe()
	p.me.set("", models.AccountID{})
	p.name.SetText("")
	p.person = flow.Person{}
}

// upright centres a column in the height it gets, at its full width.
type upright struct{}

func (upright) MinSize(o []fyne.CanvasObject) fyne.Size { return o[0].MinSize() }

func (upright) Layout(o []fyne.CanvasObject, size fyne.Size) {
	high := o[0].MinSize().Height
	o[0].Resize(fyne.NewSize(size.Width, high))
	o[0].Move(fyne.NewPos(0, (size.Height-high)/2))
}

// beside lays a narrow column and a wide one side by side, the narrow one on the surface.
type beside struct {
	widget.BaseWidget
	narrow, wide fyne.CanvasObject
}

func newBeside(narrow, wide fyne.CanvasObject) *beside {
	b := &beside{narrow: narrow, wide: wide}
	b.ExtendBaseWidget(b)
	return b
}

func (b *beside) CreateRenderer() fyne.WidgetRenderer {
	r := &besideRenderer{b, canvas.NewRectangle(rgba(0, 0)), canvas.NewRectangle(nil)}
	r.Refresh()
	return r
}

type besideRenderer struct {
	b            *beside
	ground, edge *canvas.Rectangle
}

func (r *besideRenderer) Destroy() {}

func (r *besideRenderer) MinSize() fyne.Size {
	n, w := r.b.narrow.MinSize(), r.b.wide.MinSize()
	return fyne.NewSize(max(n.Width, narrowest)+w.Width, max(n.Height, w.Height))
}

const narrowest, narrowShare, widest = 248, 0.24, 320

func (r *besideRenderer) Layout(size fyne.Size) {
	left := max(min(max(size.Width*narrowShare, narrowest), widest), r.b.narrow.MinSize().Width)
	r.ground.Resize(fyne.NewSize(left, size.Height))
	r.edge.Move(fyne.NewPos(left, 0))
	r.edge.Resize(fyne.NewSize(1, size.Height))
	r.b.narrow.Resize(fyne.NewSize(left, size.Height))
	r.b.wide.Move(fyne.NewPos(left+1, 0))
	r.b.wide.Resize(fyne.NewSize(size.Width-left-1, size.Height))
}

func (r *besideRenderer) Objects() []fyne.CanvasObject {
	return []fyne.CanvasObject{r.ground, r.edge, r.b.narrow, r.b.wide}
}

func (r *besideRenderer) Refresh() {
	r.ground.FillColor, r.edge.FillColor = theme.Color(colorSurface), theme.Color(theme.ColorNameSeparator)
	r.b.narrow.Refresh()
	r.b.wide.Refresh()
	canvas.Refresh(r.b)
}
