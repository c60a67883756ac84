package ui

import (
	"strings"

	"fyne.io/fyne/v2"

	"visavis/chat/trust"
)

// vanishing are the times after which a room's messages can disappear, in seconds, with the ends of their texts' keys.
var vanishing = []struct {
	after uint32
	key   string
}{
	{0, "never"},
	{60 * 60, "hour"},
	{24 * 60 * 60, "day"},
	{7 * 24 * 60 * 60, "week"},
	{28 * 24 * 60 * 60, "month"},
}

// inviters are who may invite.
var inviters = []struct {
	role trust.RoomRole
	key  string
}{
	{trust.RoleMember, "members"},
	{trust.RoleOwner, "owners"},
}

// histories are what newcomers can open of what was said before them.
var histories = []struct {
	history uint8
	last    uint32
	key     string
}{
	{trust.HistoryNone, 0, "none"},
	{trust.HistoryLast, 100, "last"},
	{trust.HistoryAll, 0, "all"},
}

// rulesForm asks for a room's rules. Rules that none of its buttons stands for stay as they are until one is pressed.
type rulesForm struct {
	vanish, invite, history *choice
	rules                   trust.Policy
	changed                 func()
	object                  *fyne.Container
}

func newRulesForm(k *kit) *rulesForm {
	f := &rulesForm{rules: trust.DefaultPolicy(), changed: func() {}}
	pick := func(change func(int)) func(int) {
		return func(i int) {
			change(i)
			f.put(f.rules)
			f.changed()
		}
	}
	var times, roles, pasts []string
	for _, v := range vanishing {
		times = append(times, say("rules.vanish."+v.key))
	}
	for _, v := range inviters {
		roles = append(roles, say("rules.invite."+v.key))
	}
	for _, v := range histories {
		pasts = append(pasts, say("rules.history."+v.key))
	}
	f.vanish = newChoice(k, false, times, pick(func(i int) { f.rules.MaxAge = vanishing[i].after }))
	f.invite = newChoice(k, false, roles, pick(func(i int) { f.rules.Invite = inviters[i].role }))
	f.history = newChoice(k, false, pasts, pick(func(i int) { f.rules.History, f.rules.Last = histories[i].history, histories[i].last }))
	f.object = newTidy(gapM, -1,
		labelled(say("rules.vanish"), f.vanish.object),
		labelled(say("rules.history"), f.history.object),
		labelled(say("rules.invite"), f.invite.object),
	)
	f.put(f.rules)
	return f
}

// put shows rules.
func (f *rulesForm) put(p trust.Policy) {
	f.rules = p
	f.vanish.set(vanishChoice(p))
	f.invite.set(-1)
	for i, v := range inviters {
		if v.role == p.Invite {
			f.invite.set(i)
		}
	}
	f.history.set(-1)
	for i, v := range histories {
		if v.history == p.History && v.last == p.Last {
			f.history.set(i)
		}
	}
}

func (f *rulesForm) allow(on bool) {
	for _, c := range []*choice{f.vanish, f.invite, f.history} {
		c.allow(on)
	}
}

func vanishChoice(p trust.Policy) int {
	for i, v := range vanishing {
		if v.after == p.MaxAge {
			return i
		}
	}
	return -1
}

// rulesLine says in a room's head what is not as usual; empty for nothing.
func rulesLine(p trust.Policy) string {
	var parts []string
	switch i := vanishChoice(p); {
	case p.MaxAge == 0:
	case i < 0:
		parts = append(parts, say("rules.line.vanish"))
	default:
		parts = append(parts, say("rules.line.vanish."+vanishing[i].key))
	}
	switch p.History {
	case trust.HistoryLast:
		parts = append(parts, say("rules.line.last", "count", p.Last))
	case trust.HistoryAll:
		parts = append(parts, say("rules.line.all"))
	}
	return strings.Join(parts, " · ")
}
