package kiosk

import (
	"strings"
	"testing"

	"visavis/chat/chattest"
	"visavis/cmd/visavis/internal/flow"
	"visavis/cmd/visavis/internal/talk"
)

// founded is a first desk with its first admin ada, who has face 1 and is not logged in.
func founded(t *testing.T, w *chattest.World) *desk {
	t.Helper()
	d := newDesk(t, w, "first")
	d.until("a desk without keys", on(flow.Enrol))
	d.k.Post(flow.EnrolAsked{Invite: flow.NewSecret(w.Invite() + "\n"), Name: "counter"})
	d.until("a desk without an organisation", on(flow.Found))
	d.k.Post(flow.FoundAsked{Organisation: "Café Visavis"})
	s := d.until("the root sheet", on(flow.Sheet))
	if s.Secret.IsZero() || s.Desk.Name != "counter" || s.Desk.Server != w.Address {
		t.Fatalf("sheet: %+v", s)
	}
	d.k.Post(flow.SheetKept{})
	d.until("the founder's sign-up", on(flow.SignUp))
	s = d.signUp("ada", 1)
	if s.Page != flow.LogIn || s.Note != flow.NoteFounder || s.Founder {
		t.Fatalf("%+v", s)
	}
	return d
}

// TestStory is a desk's whole day.
func TestStory(t *testing.T) {
	w := chattest.New(t, nil)
	d := founded(t, w)

	// ben signs up, waits, and is approved by ada at another desk, which she invites from here.
	d.k.Post(flow.Went{To: flow.SignUp})
	d.until("a sign-up", on(flow.SignUp))
	ben := d.signUp("ben", 2).Applicant
	d.k.Post(flow.Cancelled{})
	d.until("the log-in", on(flow.LogIn))
	s := d.logIn("ada", 1)
	if !s.Person.Admin || s.Person.Name != "ada" {
		t.Fatalf("%+v", s.Person)
	}
	d.k.Post(flow.PanelOpened{Panel: flow.Approvals})
	s = d.until("ben in the list", func(s flow.State) bool { return len(s.Admin.Signups) == 1 })
	row := s.Admin.Signups[0]
	if row.Name != "ben" || row.Email != "ben@example.org" || row.Blocked != "" {
		t.Fatalf("%+v", row)
	}
	d.do(flow.Action{Verb: flow.ApproveSignup, Account: row.Account, Text: "AAAA-AAAA-AAAA-AAAA-AAAA"})
	d.until("a wrong fingerprint", said(flow.WrongPrint))
	d.do(flow.Action{Verb: flow.ApproveSignup, Account: row.Account, Text: string(ben.Fingerprint)})
	d.until("ben approved", func(s flow.State) bool { return s.Note == flow.NoteSignup && len(s.Admin.Signups) == 0 })

	second := enrolledBy(t, w, d)
	second.logIn("ben", 2)

	// They talk.
	d.k.Post(flow.PanelOpened{Panel: flow.NewRoom})
	d.do(flow.Action{Verb: flow.CreateRoom, Text: "Kitchen"})
	s = d.until("the room", func(s flow.State) bool {
		return s.Talk.Open != nil && s.Talk.Open.Title == "Kitchen" && s.Panel == flow.NoPanel
	})
	room := s.Talk.Open.ID
	d.do(flow.Action{Verb: flow.InvitePerson, Room: room, Account: row.Account})
	d.until("ben is invited", func(s flow.State) bool { return s.Note == flow.NoteInvited && len(s.Talk.Open.Members) == 2 })
	second.until("the invitation", func(s flow.State) bool { return s.Talk != nil && len(s.Talk.Rooms) == 1 && !s.Talk.Rooms[0].Member })
	second.do(flow.Action{Verb: flow.JoinRoom, Room: room})
	second.until("ben in the room", func(s flow.State) bool { return s.Talk.Open != nil && s.Busy == flow.Idle })
	d.do(flow.Action{Verb: flow.SendText, Room: room, Text: "hello ben"})
	second.until("ada's words", func(s flow.State) bool { return lines(s) == "ada:hello ben" })
	second.do(flow.Action{Verb: flow.SendText, Room: room, Text: "hello ada"})
	s = d.until("ben's words", func(s flow.State) bool { return lines(s) == "ada:hello ben ben:hello ada" })
	for _, l := range s.Talk.Open.Lines {
		if l.Kind == talk.Message && l.Delivery != talk.Stored {
			t.Errorf("%q is not stored", l.Text)
		}
	}

	// ada walks away, and comes back.
	d.sees(1, 20)
	if d.state().Page != flow.Inside {
		t.Fatalf("it locked before her eyes: %s", d.pages())
	}
	d.seesNobody(20)
	s = d.still("locked", on(flow.Locked))
	if s.Note != flow.NoteAway || s.Talk != nil || s.Person.Name != "ada" {
		t.Errorf("%+v", s)
	}
	second.do(flow.Action{Verb: flow.SendText, Room: room, Text: "are you there?"})
	second.until("it is stored", func(s flow.State) bool { return strings.HasSuffix(deliveries(s), "are you there?:2") })
	d.k.Post(flow.Pressed{})
	d.until("ada is back", on(flow.Inside))
	s = d.until("the room, open as it was, and what came meanwhile", func(s flow.State) bool { return lines(s) == "ada:hello ben ben:hello ada ben:are you there?" })
	if !hasLine(s, talk.Unread) {
		t.Error("no unread line")
	}

	// A stranger sits down; his face does not unlock.
	d.sees(9, 3)
	s = d.still("locked", on(flow.Locked))
	if s.Note != flow.NoteStranger {
		t.Errorf("%+v", s.Note)
	}
	d.showFace(9)
	d.k.Post(flow.Pressed{})
	d.until("the stranger's face is refused", func(s flow.State) bool { return s.Page == flow.Locked && s.Problem.Kind == flow.FaceRefused })
	d.k.Post(flow.LogOutAsked{})
	s = d.until("logged out", on(flow.LogIn))
	if s.Note != flow.NoteLoggedOut || s.Person.Name != "" {
		t.Errorf("%+v", s)
	}

	// A stranger with her password.
	d.showFace(9)
	d.k.Post(flow.LogInAsked{Name: "ada", Password: password("ada")})
	d.until("a look", on(flow.Look))
	d.k.Post(flow.Pressed{})
	d.until("a wrong face", func(s flow.State) bool { return s.Page == flow.Look && s.Problem.Kind == flow.FaceRefused })
	d.showFace(1)
	d.k.Post(flow.Pressed{})
	d.until("the right one after it", on(flow.Inside))
}

// enrolledBy makes a second desk with an invite that the admin at d makes and approves.
func enrolledBy(t *testing.T, w *chattest.World, d *desk) *desk {
	t.Helper()
	d.k.Post(flow.PanelOpened{Panel: flow.Desks})
	d.do(flow.Action{Verb: flow.InviteDesk})
	invite := d.until("an invite", func(s flow.State) bool { return !s.Secret.IsZero() }).Secret
	second := newDesk(t, w, "second")
	second.until("a desk without keys", on(flow.Enrol))
	second.k.Post(flow.EnrolAsked{Invite: invite, Name: "window seat"})
	if s := second.until("enrolled", on(flow.LogIn)); s.Note != flow.NoteEnrolled {
		t.Fatalf("%+v", s)
	}
	d.do(flow.Action{Verb: flow.ListAdmin})
	s := d.until("the desk in the list", func(s flow.State) bool { return len(s.Admin.Desks) == 2 })
	for _, row := range s.Admin.Desks {
		if row.Pending {
			d.do(flow.Action{Verb: flow.ApproveDesk, Desk: row.ID})
		}
	}
	d.until("the desk is listed", func(s flow.State) bool { return s.Note == flow.NoteDesk })
	d.k.Post(flow.PanelOpened{})
	return second
}

func hasLine(s flow.State, k talk.LineKind) bool {
	for _, l := range s.Talk.Open.Lines {
		if l.Kind == k {
			return true
		}
	}
	return false
}
