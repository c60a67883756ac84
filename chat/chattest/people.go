package chattest

import (
	"visavis/chat/client"
	"visavis/models"
)

// Person is somebody who signed up.
type Person struct {
	Name     string
	Face     Face
	Password string
	client.SignedUp
}

// Consent is the text that everybody here agrees to.
const Consent = "My face is described by numbers and compared when I log in."

// SignUp signs somebody up at a desk. Everybody's password is different and strong.
func (w *World) SignUp(d *client.Desk, name string, f Face) *Person {
	w.T.Helper()
	p := &Person{Name: name, Face: f, Password: passwordOf(name)}
	c := w.Connect(d)
	up, err := d.SignUp(w.T.Context(), c, client.SignUp{
		Name: name, Email: name + "@example.org", Password: []byte(p.Password), Consent: Consent,
	}, w.Eye(f))
	w.must(err)
	p.SignedUp = up
	w.must(c.Close())
	return p
}

func passwordOf(name string) string { return "umbrella " + name + " 7 quartz lantern" }

// Prove has somebody who is logged in prove by the password to be there, for what wants a proof of just now.
func (w *World) Prove(s *client.Session) {
	w.T.Helper()
	w.must(s.ProvePassword(w.T.Context(), []byte(passwordOf(s.Name()))))
}

// Found makes organisation, first desk and first admin, who is not logged in.
func (w *World) Found(adminName string, f Face) (*client.Desk, *Person) {
	w.T.Helper()
	d := w.Enrol(w.Invite(), "first")
	c := w.Connect(d)
	founder, err := d.Found(w.T.Context(), c, "Test")
	w.must(err)
	defer founder.Wipe()
	admin := w.SignUp(d, adminName, f)
	w.must(founder.Admit(w.T.Context(), c, admin.Bundle))
	w.Sheet, w.First = founder.Sheet(), d
	return d, admin
}

// LogIn logs somebody in; the session ends with the test.
func (w *World) LogIn(d *client.Desk, p *Person) *client.Session {
	w.T.Helper()
	s, err := w.TryLogIn(d, p.Name, p.Password, w.Eye(p.Face))
	w.must(err)
	return s
}

// TryLogIn is LogIn that may fail.
func (w *World) TryLogIn(d *client.Desk, name, password string, eye client.Eye) (*client.Session, error) {
	w.T.Helper()
	c, err := d.Connect(w.T.Context())
	if err != nil {
		return nil, err
	}
	w.T.Cleanup(func() { _ = c.Close() })
	s, err := d.LogIn(w.T.Context(), c, name, []byte(password), eye)
	if err == nil {
		w.T.Cleanup(s.Close)
	}
	return s, err
}

// Approve lets a waiting person in, as an admin who read the fingerprint off the person's screen.
func (w *World) Approve(admin *client.Session, p *Person) {
	w.T.Helper()
	w.Prove(admin)
	list, err := admin.Signups(w.T.Context())
	w.must(err)
	for _, x := range list {
		if x.Account == p.Account {
			w.must(admin.Approve(w.T.Context(), x, string(p.Fingerprint)))
			return
		}
	}
	w.T.Fatalf("%s does not wait for approval", p.Name)
}

// Desk enrols another desk by an admin's invite and lists it in the directory.
func (w *World) Desk(admin *client.Session, name string) *client.Desk {
	w.T.Helper()
	w.Prove(admin)
	invite, err := admin.InviteDesk(w.T.Context())
	w.must(err)
	d := w.Enrol(invite, name)
	desks, err := admin.Desks(w.T.Context())
	w.must(err)
	for _, x := range desks {
		if x.ID == d.ID() && x.Status == models.DeskPending {
			w.must(admin.ApproveDesk(w.T.Context(), x))
			return d
		}
	}
	w.T.Fatalf("desk %s does not wait for approval", name)
	return nil
}

// Audited counts an account's events of one kind and outcome: "session.begin ok".
func (w *World) Audited(what string, account models.AccountID) int {
	w.T.Helper()
	events, err := w.Store.AuditAfter(w.T.Context(), 0, 100_000)
	w.must(err)
	n := 0
	for _, e := range events {
		if e.Event+" "+e.Outcome == what && e.Account == account {
			n++
		}
	}
	return n
}
