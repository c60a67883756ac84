package kiosk

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"visavis/chat/chattest"
	"visavis/cmd/visavis/internal/flow"
)

// foundedBySheet is founded with the root sheet, as it was shown.
func foundedBySheet(t *testing.T, w *chattest.World) (*desk, string) {
	t.Helper()
	d := founded(t, w)
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, s := range d.states {
		if s.Page == flow.Sheet {
			return d, s.Secret.Reveal()
		}
	}
	t.Fatal("no sheet was shown")
	return nil, ""
}

// All admins are lost. Who has the sheet lets somebody in as an admin, with the fingerprint on his screen; nothing of the sheet stays, and the new admin
// logs in.
func TestTheRootSheetInTheWindow(t *testing.T) {
	w := chattest.New(t, nil)
	d, sheet := foundedBySheet(t, w)
	d.k.Post(flow.Went{To: flow.SignUp})
	d.until("a sign-up", on(flow.SignUp))
	ben := d.signUp("ben", 2).Applicant
	print := string(ben.Fingerprint)
	d.k.Post(flow.PhraseKept{})
	if s := d.until("waiting", on(flow.Waiting)); print == "" {
		print = string(s.Applicant.Fingerprint)
	}
	d.k.Post(flow.Cancelled{})
	d.until("the log-in", on(flow.LogIn))
	d.k.Post(flow.Went{To: flow.ByRoot})
	lines := strings.Split(strings.TrimSpace(sheet), "\n")
	for name, text := range map[string]string{
		"no sheet": "nothing", "a line is missing": strings.Join(lines[:4], "\n"), "two lines are changed": strings.Join([]string{lines[0], lines[2], lines[1], lines[3], lines[4]}, "\n"),
	} {
		typed := flow.Password(text)
		d.k.Post(flow.SheetTyped{Text: typed})
		d.until(name, func(s flow.State) bool {
			return s.Page == flow.ByRoot && s.Busy == flow.Idle && s.Problem.Kind == flow.BadSheet
		})
		if strings.Trim(string(typed), "\x00") != "" {
			t.Errorf("%s: what was typed is still there", name)
		}
		d.k.Post(flow.Dismissed{})
		d.until("it was read", func(s flow.State) bool { return s.Problem.IsZero() })
	}
	typed := flow.Password(sheet)
	d.k.Post(flow.SheetTyped{Text: typed})
	s := d.until("the organisation", func(s flow.State) bool { return s.Root.Opened && s.Busy == flow.Idle })
	if fmt.Sprint(names(s.Root)) != "[ben waits ada admin]" || s.Root.Desks != 1 || s.Root.Organisation != "Café Visavis" || strings.Trim(string(typed), "\x00") != "" {
		t.Fatalf("%+v", s.Root)
	}
	waits := s.Root.People[0].Account
	d.k.Post(flow.AdminNamed{Account: waits, Print: "AAAA-AAAA-AAAA-AAAA-AAAA"})
	d.until("another's fingerprint", said(flow.WrongPrint))
	d.k.Post(flow.AdminNamed{Account: waits, Print: print})
	s = d.until("ben is an admin", func(s flow.State) bool { return s.Note == flow.NoteNamed })
	if fmt.Sprint(names(s.Root)) != "[ada admin ben admin]" {
		t.Errorf("%+v", s.Root)
	}
	d.k.Post(flow.Cancelled{})
	s = d.until("the log-in", on(flow.LogIn))
	d.stopped(func() {
		if s.Root.Opened || d.k.entry != nil {
			t.Error("something of the sheet stays")
		}
	})
	if s = d.logIn("ben", 2); !s.Person.Admin {
		t.Error("no admin")
	}
}

func names(r flow.Root) (list []string) {
	for _, p := range r.People {
		switch {
		case p.Waits:
			list = append(list, p.Name, "waits")
		case p.Admin:
			list = append(list, p.Name, "admin")
		default:
			list = append(list, p.Name)
		}
	}
	return list
}

// Who typed the sheet has gone, or the network has: what was opened is closed, and has to be typed again.
func TestALeftRootSheet(t *testing.T) {
	w := chattest.New(t, nil)
	d, sheet := foundedBySheet(t, w)
	open := func() {
		t.Helper()
		d.k.Post(flow.Went{To: flow.ByRoot})
		d.k.Post(flow.SheetTyped{Text: flow.Password(sheet)})
		d.still("the organisation", func(s flow.State) bool { return s.Root.Opened && s.Busy == flow.Idle })
	}
	var kept *root
	open()
	d.stopped(func() { kept = d.k.entry.root })
	d.clock.move(choosing - time.Second)
	d.settle()
	if !d.state().Root.Opened {
		t.Fatal("it is forgotten too early")
	}
	d.clock.move(time.Second)
	if s := d.still("it is forgotten", on(flow.LogIn)); s.Note != flow.NoteSheet || s.Root.Opened {
		t.Errorf("%+v", s.Root)
	}
	<-kept.conn.Done()
	open()
	account := d.state().Root.People[0].Account
	d.cable.pull()
	d.k.Post(flow.AdminNamed{Account: account})
	s := d.until("it has to be typed again", func(s flow.State) bool { return s.Page == flow.ByRoot && s.Busy == flow.Idle && !s.Problem.IsZero() })
	if s.Root.Opened {
		t.Errorf("%+v", s.Root)
	}
	d.cable.mend()
	open()
	d.do(flow.Action{Verb: flow.ReplacePepper})
	d.k.Post(flow.LogInAsked{Name: "ada", Password: password("ada")})
	d.settle()
	if s := d.state(); s.Page != flow.ByRoot || !s.Root.Opened {
		t.Errorf("%s", brief(s))
	}
}
