package ui

import (
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"visavis/chat/trust"
	"visavis/cmd/visavis/internal/talk"
)

// middleRow is a line that nobody wrote, in the middle: a day, where the unread begins, what happened, lines that do not open.
type middleRow struct {
	widget.BaseWidget
	of      *lines
	line    talk.Line
	ground  *canvas.Rectangle // shows that the keys are at it
	words   string
	ruled   bool // with a line on both sides
	colour  fyne.ThemeColorName
	width   float32
	tall    float32
	objects []fyne.CanvasObject
}

func newMiddleRow(of *lines, line talk.Line) *middleRow {
	r := &middleRow{of: of, line: line, colour: colorMuted, ground: canvas.NewRectangle(rgba(0, 0))}
	r.ground.CornerRadius = gapS
	switch line.Kind {
	case talk.Day:
		r.words, r.ruled = dayText(line.At, of.kit.now()), true
	case talk.Unread:
		r.words, r.ruled, r.colour = say("line.unread"), true, theme.ColorNamePrimary
	case talk.Notice:
		r.words = noticeText(line)
	case talk.NewKeys:
		r.words = say("notice.identity", "by", plainLine(line.By))
		if line.Followed {
			r.words = say("notice.keys", "by", plainLine(line.By))
		}
	case talk.Closed:
		r.words = closedText(line)
		if of.whole[line.ID] {
			r.words += "\n" + closedMore(line.Cause)
		} else {
			r.words += " " + say("closed.why")
		}
	}
	r.ExtendBaseWidget(r)
	return r
}

// mark frames what can be opened.
func (r *middleRow) mark(on bool) {
	r.ground.StrokeWidth = 0
	if on && r.line.Kind == talk.Closed {
		r.ground.StrokeWidth, r.ground.StrokeColor = 2, theme.Color(theme.ColorNamePrimary)
	}
	r.ground.Refresh()
}

// Tapped says why lines are closed, or leaves it.
func (r *middleRow) Tapped(*fyne.PointEvent) {
	if r.line.Kind == talk.Closed {
		r.of.open(r.line)
	}
}

func (r *middleRow) height(width float32) float32 {
	if width == r.width {
		return r.tall
	}
	r.width, r.objects = width, []fyne.CanvasObject{r.ground}
	size := theme.Size(textCaption)
	style := fyne.TextStyle{Bold: r.colour == theme.ColorNamePrimary}
	texts := wrap(r.words, min(width-2*gapXXL, 520), measureText(size, style))
	y, wide := gapS, float32(0)
	if r.ruled {
		y = gapM
	}
	for _, s := range texts {
		t := canvas.NewText(s, theme.Color(r.colour))
		t.TextSize, t.TextStyle = size, style
		min := t.MinSize()
		t.Move(fyne.NewPos((width-min.Width)/2, y))
		t.Resize(min)
		y += min.Height
		wide = max(wide, min.Width)
		r.objects = append(r.objects, t)
	}
	r.tall = y + gapS
	r.ground.Move(fyne.NewPos((width-wide)/2-gapM, 2))
	r.ground.Resize(fyne.NewSize(wide+2*gapM, r.tall-4))
	if r.ruled {
		r.rule(wide)
	}
	return r.tall
}

// rule draws a thin line on both sides of the words.
func (r *middleRow) rule(wide float32) {
	colour := theme.ColorNameSeparator
	if r.colour == theme.ColorNamePrimary {
		colour = theme.ColorNamePrimary
	}
	side := (r.width-wide)/2 - gapM - gapL
	for _, x := range []float32{gapL, r.width - gapL - side} {
		line := canvas.NewRectangle(theme.Color(colour))
		line.Move(fyne.NewPos(x, (r.tall+gapXS)/2))
		line.Resize(fyne.NewSize(max(side, 0), 1))
		r.objects = append(r.objects, line)
	}
}

func (r *middleRow) CreateRenderer() fyne.WidgetRenderer { return &fixed{of: &r.objects} }

// fixed draws objects that were put in their places before.
type fixed struct{ of *[]fyne.CanvasObject }

func (f *fixed) Destroy()                     {}
func (f *fixed) Layout(fyne.Size)             {}
func (f *fixed) MinSize() (none fyne.Size)    { return none }
func (f *fixed) Objects() []fyne.CanvasObject { return *f.of }
func (f *fixed) Refresh()                     {}

var (
	weekdays = [...]string{"weekday.0", "weekday.1", "weekday.2", "weekday.3", "weekday.4", "weekday.5", "weekday.6"}
	months   = [...]string{"month.1", "month.2", "month.3", "month.4", "month.5", "month.6", "month.7", "month.8", "month.9", "month.10", "month.11", "month.12"}
)

func sameDay(a, b time.Time) bool {
	return a.Year() == b.Year() && a.YearDay() == b.YearDay()
}

// dayText is a day in words, as people near it would say it.
func dayText(day, now time.Time) string {
	now = now.In(day.Location())
	switch {
	case sameDay(day, now):
		return say("day.today")
	case sameDay(day, now.AddDate(0, 0, -1)):
		return say("day.yesterday")
	}
	return say("day.long", "weekday", say(weekdays[day.Weekday()]), "day", day.Day(), "month", say(months[day.Month()-1]), "year", day.Year())
}

// clock is a time of the day.
func clock(t time.Time) string { return t.Format("15:04") }

// when is a time in a few letters: the hour of today, else the day.
func when(t, now time.Time) string {
	now = now.In(t.Location())
	switch {
	case t.IsZero():
		return ""
	case sameDay(t, now):
		return clock(t)
	case now.Sub(t) < 6*24*time.Hour && t.Before(now):
		return say(weekdays[t.Weekday()])
	}
	return say("day.short", "day", t.Day(), "month", say(months[t.Month()-1]))
}

// moment is a time of any day, in full.
func moment(t, now time.Time) string {
	return say("day.moment", "day", dayText(t, now), "time", clock(t))
}

var changeKeys = map[trust.ChangeKind]string{
	trust.ChangeCreated: "notice.created", trust.ChangeInvited: "notice.invited", trust.ChangeJoined: "notice.joined", trust.ChangeLeft: "notice.left",
	trust.ChangeRemoved: "notice.removed", trust.ChangeRole: "notice.role", trust.ChangePolicy: "notice.policy", trust.ChangeUnknown: "notice.newer",
}

func noticeText(line talk.Line) string {
	key, ok := changeKeys[line.Change]
	if !ok {
		key = "notice.newer"
	}
	return say(key, "by", plainLine(line.By), "whom", plainLine(line.Whom))
}
