package client_test

import (
	"testing"
	"time"

	"visavis/chat/chattest"
	"visavis/chat/client"
	"visavis/chat/wire"
	"visavis/models"
)

// deeds are all that wants a proof of just now, as an admin's desk asks for it. The directory's are refused before they are looked at.
var deeds = map[string]func(*testing.T, *client.Session, *chattest.Person) error{
	"invite a desk": func(t *testing.T, s *client.Session, _ *chattest.Person) error {
		_, err := s.InviteDesk(t.Context())
		return err
	},
	"reject": func(t *testing.T, s *client.Session, p *chattest.Person) error {
		return s.Reject(t.Context(), p.Account)
	},
	"approve": func(t *testing.T, s *client.Session, p *chattest.Person) error {
		list, err := s.Signups(t.Context())
		must(t, err)
		for _, x := range list {
			if x.Account == p.Account {
				return s.Approve(t.Context(), x, string(p.Fingerprint))
			}
		}
		t.Fatalf("%s does not wait", p.Name)
		return nil
	},
	"revoke a person": func(t *testing.T, s *client.Session, _ *chattest.Person) error {
		id, _ := s.Directory().ByName("ben")
		return s.RevokeAccount(t.Context(), id.Account)
	},
	"revoke a desk": func(t *testing.T, s *client.Session, _ *chattest.Person) error {
		return s.RevokeDesk(t.Context(), secondOf(t, s))
	},
	"a role": func(t *testing.T, s *client.Session, _ *chattest.Person) error {
		id, _ := s.Directory().ByName("ben")
		by := s.Author()
		signed, err := s.Directory().SignRole(by.Account, by.Key, id.Account, true, by.At)
		must(t, err)
		_, err = s.AppendRaw(wire.LogAppend{Kind: models.EntryStatement, Message: models.MessageID{9}, Body: signed, Boxes: []wire.Box{}})
		return err
	},
	"what is no statement": func(_ *testing.T, s *client.Session, _ *chattest.Person) error {
		_, err := s.AppendRaw(wire.LogAppend{Kind: models.EntryStatement, Message: models.MessageID{9}, Body: []byte{0x80}, Boxes: []wire.Box{}})
		return err
	},
}

func secondOf(t *testing.T, s *client.Session) models.DeskID {
	t.Helper()
	desks, err := s.Desks(t.Context())
	must(t, err)
	for _, d := range desks {
		if d.Name == "second" {
			return d.ID
		}
	}
	t.Fatal("there is no second desk")
	return models.DeskID{}
}

// Somebody sits down at a desk that an admin left open a minute ago, or takes over the connection: nothing that changes who belongs to the organisation
// is done for him. The admin proves by password or face, and it is done.
func TestDeedsWantAProof(t *testing.T) {
	proofs := map[string]func(*testing.T, *chattest.World, *client.Session) error{
		"the password": func(t *testing.T, _ *chattest.World, s *client.Session) error {
			return s.ProvePassword(t.Context(), []byte("umbrella ada 7 quartz lantern"))
		},
		"the face": func(t *testing.T, w *chattest.World, s *client.Session) error {
			return s.ProveFace(t.Context(), w.Eye(1))
		},
	}
	for name, deed := range deeds {
		for by, prove := range proofs {
			t.Run(name+", by "+by, func(t *testing.T) {
				w, first, admin, _ := people(t)
				w.Desk(admin, "second")
				eve := w.SignUp(first, "eve", 3)
				before := admin.Directory().Head()
				w.Clock.Move(time.Minute + time.Millisecond)
				refused(t, deed(t, admin, eve), wire.CodeProve)
				if admin.Directory().Head() != before {
					t.Fatal("the directory has changed")
				}
				must(t, prove(t, w, admin))
				w.Clock.Move(time.Minute)
				if name == "what is no statement" {
					refused(t, deed(t, admin, eve), wire.CodeInvalid)
					return
				}
				must(t, deed(t, admin, eve))
				w.Clock.Move(time.Millisecond)
				_, err := admin.InviteDesk(t.Context())
				refused(t, err, wire.CodeProve)
			})
		}
	}
}

// What the directory does not hold needs no proof: people talk for as long as they like.
func TestTalkWantsNoProof(t *testing.T) {
	w, _, _, _, s, room := talking(t)
	readText(t, s, room)
	w.Clock.Move(20 * time.Minute)
	_, err := s.Send(t.Context(), room, "still here")
	must(t, err)
	_, err = s.CreateRoom(t.Context(), "later")
	must(t, err)
}

// A log-in and an unlocking are proofs. A resumption is none, though a fresh proof went before it: it proves the desk, and not who sits there.
func TestResumptionIsNoProof(t *testing.T) {
	w, _, admin, _ := people(t)
	invites := func(s *client.Session) error { _, err := s.InviteDesk(t.Context()); return err }
	w.Prove(admin)
	must(t, invites(admin))
	s := resumed(t, sever(t, admin))
	refused(t, invites(s), wire.CodeProve)
	w.Prove(s)
	must(t, invites(s))
	w.Clock.Move(2 * time.Minute)
	l := locked(t, s)
	s, err := l.Unlock(t.Context(), w.Eye(1))
	must(t, err)
	t.Cleanup(s.Close)
	must(t, invites(s))
}

// Whoever sits at an open desk guesses the password no faster than at a log-in, and a face that is not the person's proves nothing and counts.
func TestProofsAreCounted(t *testing.T) {
	w, _, admin, _ := people(t)
	w.Clock.Move(2 * time.Minute)
	for range 4 {
		refused(t, admin.ProvePassword(t.Context(), []byte("a guess")), wire.CodeNotSignedIn)
	}
	refused(t, admin.ProvePassword(t.Context(), []byte("umbrella ada 7 quartz lantern")), wire.CodeWait)
	_, err := w.TryLogIn(admin.Desk(), "ada", "umbrella ada 7 quartz lantern", w.Eye(1))
	refused(t, err, wire.CodeWait)
	refused(t, admin.ProveFace(t.Context(), w.Eye(99)), wire.CodeFace)
	_, err = admin.InviteDesk(t.Context())
	refused(t, err, wire.CodeProve)
	if n := w.Audited("prove.face denied", admin.Account()); n != 1 {
		t.Errorf("%d refused faces were audited", n)
	}
	must(t, admin.ProveFace(t.Context(), w.Eye(1)))
	_, err = admin.InviteDesk(t.Context())
	must(t, err)
}

// A member's proof makes him no admin.
func TestProofGivesNoRole(t *testing.T) {
	w, first, _, ben := people(t)
	s := w.LogIn(first, ben)
	w.Prove(s)
	_, err := s.InviteDesk(t.Context())
	refused(t, err, wire.CodeNotAllowed)
}
