package kiosk

import (
	"testing"

	"visavis/chat/chattest"
	"visavis/chat/client"
	"visavis/chat/e2e"
	"visavis/chat/wire"
	"visavis/cmd/visavis/internal/flow"
	"visavis/cmd/visavis/internal/talk"
	"visavis/models"
)

// ok ends the test on an error.
func ok[T any](t *testing.T) func(T, error) T {
	return func(v T, err error) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

// window is a desk with a window in an organisation whose admin, and everybody else, sits at desks without one.
func window(t *testing.T, w *chattest.World, admin *client.Session) *desk {
	t.Helper()
	w.Prove(admin)
	invite := ok[string](t)(admin.InviteDesk(t.Context()))
	d := newDesk(t, w, "window")
	d.until("a desk without keys", on(flow.Enrol))
	d.k.Post(flow.EnrolAsked{Invite: flow.NewSecret(invite), Name: "window seat"})
	d.until("enrolled", on(flow.LogIn))
	for _, x := range ok[[]wire.Desk](t)(admin.Desks(t.Context())) {
		if x.Status == models.DeskPending {
			if err := admin.ApproveDesk(t.Context(), x); err != nil {
				t.Fatal(err)
			}
		}
	}
	return d
}

// anew signs somebody up for his own account with new keys, and has the admin approve them.
func anew(t *testing.T, w *chattest.World, d *client.Desk, admin *client.Session, p *chattest.Person) {
	t.Helper()
	w.Prove(admin)
	if err := admin.AllowRenewal(t.Context(), p.Account); err != nil {
		t.Fatal(err)
	}
	c := w.Connect(d)
	up := ok[client.SignedUp](t)(d.SignUp(t.Context(), c, client.SignUp{
		Name: p.Name, Email: p.Name + "@example.org", Password: []byte(p.Password), Consent: chattest.Consent, Renews: true,
	}, w.Eye(p.Face)))
	_ = c.Close()
	for _, x := range ok[[]client.Waiting](t)(admin.Renewals(t.Context())) {
		if err := admin.ApproveRenewal(t.Context(), x, string(up.Fingerprint)); err != nil {
			t.Fatal(err)
		}
	}
}

// lineOf is the line with a text; zero for none.
func lineOf(s flow.State, text string) talk.Line {
	if s.Talk != nil && s.Talk.Open != nil {
		for _, l := range s.Talk.Open.Lines {
			if l.Text == text {
				return l
			}
		}
	}
	return talk.Line{}
}

// Ben writes to cleo, whose keys are replaced. What he types then waits, word for word, until he has said so of the very keys that he was shown.
func TestANewIdentityIsAskedAbout(t *testing.T) {
	w := chattest.New(t, nil)
	first, ada := w.Found("ada", 1)
	admin := w.LogIn(first, ada)
	ben, cleo := w.SignUp(first, "ben", 2), w.SignUp(first, "cleo", 3)
	w.Approve(admin, ben)
	w.Approve(admin, cleo)
	other := w.Desk(admin, "other")
	d := window(t, w, admin)
	d.logIn("ben", 2)

	d.do(flow.Action{Verb: flow.WriteTo, Account: cleo.Account})
	s := d.until("the room of two", func(s flow.State) bool { return s.Talk != nil && s.Talk.Open != nil && s.Busy == flow.Idle })
	if o := s.Talk.Open; o.Title != "cleo" || o.Peer != cleo.Account || o.CanAsk {
		t.Fatalf("%+v", o.Room)
	}
	room := s.Talk.Open.ID
	guest := w.LogIn(other, cleo)
	if err := guest.Join(t.Context(), room); err != nil {
		t.Fatal(err)
	}
	d.do(flow.Action{Verb: flow.SendText, Room: room, Text: "hello"})
	d.until("it is stored", func(s flow.State) bool { return lineOf(s, "hello").Delivery == talk.Stored })
	d.k.Post(flow.SomeoneOpened{Account: cleo.Account})
	s = d.until("her number", func(s flow.State) bool { return s.Peer.Number != "" })
	if hers, err := guest.SafetyNumber(ben.Account); err != nil || hers != s.Peer.Number || s.Peer.Name != "cleo" {
		t.Fatalf("%s is shown, and %s to her: %v", s.Peer.Number, hers, err)
	}
	before := s.Peer.Identity
	d.do(flow.Action{Verb: flow.VerifyPerson, Account: cleo.Account, Identity: before})
	d.until("she is compared", func(s flow.State) bool {
		return s.Note == flow.NoteVerified && s.Peer.Standing == e2e.StandingVerified
	})

	anew(t, w, other, admin, cleo)
	d.until("the page says so", func(s flow.State) bool { return s.Peer.Standing == e2e.StandingChanged && s.Peer.Identity != before })
	d.until("the room says so", func(s flow.State) bool { return s.Talk != nil && s.Talk.Open != nil && hasLine(s, talk.NewKeys) })
	d.k.Post(flow.PanelOpened{})
	s = d.until("the room asks", func(s flow.State) bool { return s.Talk != nil && s.Talk.Open != nil && len(s.Talk.Open.Changed) == 1 })
	shown := s.Talk.Open.Changed[0]
	for _, text := range []string{"for you alone", "and more"} {
		d.do(flow.Action{Verb: flow.SendText, Room: room, Text: text})
		d.until("it waits", func(s flow.State) bool {
			return lineOf(s, text).Delivery == talk.Held && s.Problem.Kind == flow.NewIdentity
		})
	}
	d.do(flow.Action{Verb: flow.AcceptPerson, Account: cleo.Account, Identity: before})
	d.until("an answer for the keys of before", func(s flow.State) bool { return s.Problem.Kind == flow.NewIdentity })
	if s := d.state(); lineOf(s, "for you alone").Delivery != talk.Held || len(s.Talk.Open.Changed) != 1 {
		t.Fatalf("it let go: %+v", lineOf(s, "for you alone"))
	}
	d.do(flow.Action{Verb: flow.AcceptPerson, Account: cleo.Account, Identity: shown.Identity})
	s = d.until("all of it is stored", func(s flow.State) bool {
		return lineOf(s, "for you alone").Delivery == talk.Stored && lineOf(s, "and more").Delivery == talk.Stored
	})
	if len(s.Talk.Open.Changed) != 0 || lines(s) != "ben:hello ben:for you alone ben:and more" {
		t.Errorf("%s; asks about %v", lines(s), s.Talk.Open.Changed)
	}
	d.logOut()
	d.logIn("ben", 2)
	d.until("the rooms are there", func(s flow.State) bool { return s.Talk != nil && len(s.Talk.Rooms) > 0 })
	d.do(flow.Action{Verb: flow.OpenRoom, Room: room})
	d.until("the room says so at the next log-in", func(s flow.State) bool { return s.Talk != nil && s.Talk.Open != nil && hasLine(s, talk.NewKeys) })
}
