package ui

import (
	"fmt"
	"strings"
	"time"

	"visavis/chat/e2e"
	"visavis/chat/trust"
	"visavis/cmd/visavis/internal/flow"
	"visavis/cmd/visavis/internal/talk"
	"visavis/models"
)

// The made-up people, rooms and lines of the tests.

func account(n byte) models.AccountID { return models.AccountID{n, 7, n * 3, 1} }
func roomID(n byte) models.RoomID     { return models.RoomID{n, 1, n} }

const (
	lena   = "Lena Hartmann"
	jose   = "José Álvarez-Ñuñez"
	olga   = "Ольга Крылова"
	long   = "Maximiliane Wolkenstein-Oberhuber von und zu der langen Leiten am See"
	noor   = "نور الهاشمي"
	secret = "Rosebud 1941"
)

var (
	names   = []string{lena, jose, olga, long, noor, "Bo"}
	morning = time.Date(2026, 5, 4, 8, 0, 0, 0, time.UTC)
)

func castPeople() (people []talk.Person) {
	for i, n := range names {
		people = append(people, talk.Person{ID: account(byte(i + 1)), Name: n, Admin: i == 0})
	}
	return append(people, talk.Person{ID: account(40), Name: "Adele Winter"}, talk.Person{ID: account(41), Name: "Zoë Mørk"})
}

func castMembers() (members []talk.Member) {
	for i, p := range castPeople()[:6] {
		members = append(members, talk.Member{Person: p, Owner: i == 0, Invited: i == 5})
	}
	members[2].LeftOut, members[3].LeftOut = e2e.LeftOutDesk, e2e.LeftOutGone
	return members
}

func castRooms() []talk.Room {
	return []talk.Room{
		{ID: roomID(1), Title: "Night shift, ward 4", Member: true, Unread: 3, Last: morning.Add(85 * time.Minute), Said: "The new pump is in. I left the manual at the desk.", By: jose},
		{ID: roomID(2), Title: "Rota", Member: true, Last: morning.Add(-14 * time.Hour), Said: "Ok", By: lena},
		{ID: roomID(3), Title: "Quarterly review of everything that went well and of what did not", Member: true, Unread: 128, Last: morning.Add(-3 * 24 * time.Hour), Said: strings.Repeat("long ", 50), By: long},
		{ID: roomID(4), Title: "", Member: true},
		{ID: roomID(5), Title: "План на май", Member: true, Last: morning.Add(-40 * 24 * time.Hour), Said: "Спасибо!", By: olga},
		{ID: roomID(6), Title: "Garden party", Member: false},
		{ID: roomID(8), Title: long, Peer: account(4), Member: false},
		{ID: roomID(7), Title: "", Member: false},
	}
}

// castLines are one of each kind of line.
func castLines() (lines []talk.Line) {
	at := morning
	add := func(l talk.Line) {
		at = at.Add(2 * time.Minute)
		l.ID, l.At = uint64(len(lines)+1), at
		if l.Kind == talk.Message {
			l.Message = models.MessageID{byte(len(lines))}
			if l.Delivery == 0 {
				l.Delivery = talk.Stored
			}
		}
		lines = append(lines, l)
	}
	say := func(by, text string, first bool) {
		add(talk.Line{Kind: talk.Message, By: by, Text: text, First: first})
	}
	mine := func(text string, first bool, d talk.Delivery) {
		add(talk.Line{Kind: talk.Message, By: lena, Mine: true, Text: text, First: first, Delivery: d})
	}
	at = morning.Add(-24 * time.Hour)
	add(talk.Line{Kind: talk.Day})
	add(talk.Line{Kind: talk.Notice, Change: trust.ChangeCreated, By: lena})
	add(talk.Line{Kind: talk.Notice, Change: trust.ChangeInvited, By: lena, Whom: jose})
	add(talk.Line{Kind: talk.Notice, Change: trust.ChangeJoined, By: jose, Whom: jose})
	add(talk.Line{Kind: talk.Closed, Cause: e2e.CauseNoKey, Count: 3})
	say(jose, "Good evening, everybody.", true)
	say(jose, "The pump in room 12 gives the alarm every twenty minutes. I have called the technician twice; he says that he is on his way, but that he has been on his way since six. Until then I look after it by hand.", false)
	mine("Thank you. Write every alarm down, with the time.", true, talk.Stored)
	at = morning
	add(talk.Line{Kind: talk.Day})
	say(olga, "Доброе утро! Техник был в семь.", true)
	say(noor, "صباح الخير، المضخة الجديدة وصلت", true)
	add(talk.Line{Kind: talk.Unread})
	say(long, "https://example.org/"+strings.Repeat("averylongwordwithoutanyspace", 6), true)
	add(talk.Line{Kind: talk.Message, By: jose, Text: "Somebody's clock is wrong 🙂", First: true, Delivery: talk.Stored, Warn: e2e.WarnClock | e2e.WarnGap})
	mine("Evil: \u202edrowssap\u202c and a bell\a", true, talk.Stored)
	mine("The new pump is in.\nI left the manual at the desk.", false, talk.Sending)
	mine("This one did not get through, since the cable was out.", false, talk.Failed)
	return lines
}

func castView() *talk.View {
	rooms := castRooms()
	return &talk.View{Me: account(1), Rooms: rooms, People: castPeople(),
		Open: &talk.Open{Room: rooms[0], Lines: castLines(), Members: castMembers(), CanAsk: true, Owner: true, Rules: trust.DefaultPolicy()}}
}

func insideState() flow.State {
	s := desk(flow.Inside)
	s.Person = flow.Person{Account: account(1), Name: lena, Admin: true}
	s.Talk = castView()
	s.Admin.Signups = castSignups()
	s.Admin.Desks = castDesks()
	return s
}

func castSignups() []flow.Signup {
	return []flow.Signup{
		{Account: account(50), Name: "Priya Raman", Email: "priya.raman@riverside.example", At: morning.Add(20 * time.Minute), Desk: "Reception"},
		{Account: account(51), Name: long, Email: strings.Repeat("very.", 12) + "long@example.org", At: morning.Add(-26 * time.Hour), Desk: "Ward 4"},
		{Account: account(52), Name: "Mallory", Email: "m@example.org", At: morning.Add(-50 * time.Hour), Desk: "Basement", Blocked: "The workstation it came from has been revoked since."},
	}
}

func castDesks() []flow.DeskRow {
	return []flow.DeskRow{
		{ID: models.DeskID{1, 1}, Name: "Reception", At: morning.Add(-200 * time.Hour), Here: true},
		{ID: models.DeskID{2, 1}, Name: "Ward 4", At: morning.Add(-3 * time.Hour), Pending: true},
		{ID: models.DeskID{3, 1}, Name: "Laboratory on the third floor, by the window that does not close", At: morning.Add(-100 * time.Hour)},
		{ID: models.DeskID{4, 1}, Name: "Basement", At: morning.Add(-999 * time.Hour), Revoked: true},
	}
}

// manyLines are n messages of different heights.
func manyLines(n int) []talk.Line {
	lines := make([]talk.Line, n)
	for i := range lines {
		by := names[i/3%len(names)]
		lines[i] = talk.Line{ID: uint64(i + 1), Kind: talk.Message, At: morning.Add(time.Duration(i) * time.Second), By: by, First: i%3 == 0,
			Text: fmt.Sprintf("line %d", i) + strings.Repeat(" and more of it", i%17), Delivery: talk.Stored}
	}
	return lines
}
