package kiosk

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"visavis/biometrics"
	"visavis/biometrics/eye"
	"visavis/chat/chattest"
	"visavis/chat/client"
	"visavis/cmd/visavis/internal/flow"
)

// impatient makes a desk wait for answers no longer than a test can.
func (d *desk) impatient() {
	d.stopped(func() { d.k.patience, d.k.looks = 300*time.Millisecond, 300*time.Millisecond })
}

// A server that takes every request and answers none, on a connection that stands: no page waits for it for ever, and the lock closes at once.
func TestAServerThatNeverAnswers(t *testing.T) {
	w := chattest.New(t, nil)
	d, _ := inKitchen(t, w)
	d.impatient()
	d.cable.silent.Store(true)
	d.do(flow.Action{Verb: flow.CreateRoom, Text: "Attic"})
	d.until("an action gives up", func(s flow.State) bool { return s.Busy == flow.Idle && s.Problem.Kind == flow.Unreachable })
	d.k.Post(flow.LockAsked{})
	if s := d.still("the lock", func(s flow.State) bool { return s.Page == flow.Locked }); s.Talk != nil {
		t.Error("what was read is still there")
	}
	d.until("nobody keeps the key", said(flow.LockedOffline))
	d.cable.silent.Store(false)
	d.until("the link is up", linked(flow.LinkUp))
	d.cable.silent.Store(true)
	d.k.Post(flow.LogInAsked{Name: "ada", Password: password("ada")})
	d.until("the log-in gives up", func(s flow.State) bool {
		return s.Page == flow.LogIn && s.Busy == flow.Idle && s.Problem.Kind == flow.Unreachable
	})
}

// An enrolment that nobody answers ends too: there is no way to cancel it.
func TestAnEnrolmentThatNobodyAnswers(t *testing.T) {
	w := chattest.New(t, nil)
	d := newDesk(t, w, "first")
	d.impatient()
	d.cable.silent.Store(true)
	d.until("an invite is asked for", on(flow.Enrol))
	d.k.Post(flow.EnrolAsked{Invite: flow.NewSecret(w.Invite()), Name: "Hall"})
	d.until("it gives up", func(s flow.State) bool { return s.Page == flow.Enrol && s.Busy == flow.Idle && !s.Problem.IsZero() })
}

// What a session tells is held up when nobody folds it, and so is the eye: a flood stays with who floods.
func TestFloodsAreHeldUp(t *testing.T) {
	told := newUpdates()
	for i := range updatesKept {
		if first := told.add(t.Context(), client.Update{News: true}); first != (i == 0) {
			t.Fatalf("update %d: told %v", i, first)
		}
	}
	held := make(chan bool)
	go func() { held <- told.add(t.Context(), client.Update{News: true}) }()
	select {
	case <-held:
		t.Fatal("one more than fits was taken")
	case <-time.After(20 * time.Millisecond):
	}
	if n := len(told.take()); n < updatesKept {
		t.Errorf("%d of %d are folded", n, updatesKept)
	}
	<-held

	w := chattest.New(t, nil)
	d := newDesk(t, w, "first")
	d.until("it runs", on(flow.Enrol))
	stop, stopped := make(chan struct{}), make(chan struct{})
	d.k.mail.put(message{do: func() { close(stopped); <-stop }})
	<-stopped
	taken := 0
	for late := time.After(100 * time.Millisecond); late != nil; {
		select {
		case d.eye.events <- eye.Seen{}:
			taken++
		case <-late:
			late = nil
		}
	}
	close(stop)
	if taken > 2 {
		t.Errorf("%d frames wait for a window that does not use them", taken)
	}
}

// A password that comes when nobody wants one any more is wiped: two presses of Enter, or one as the page changes.
func TestAPasswordThatNobodyTakes(t *testing.T) {
	w := chattest.New(t, nil)
	d := founded(t, w)
	first, second, form := password("ada"), password("ada"), password("ben")
	d.k.Post(flow.LogInAsked{Name: "ada", Password: first})
	d.k.Post(flow.LogInAsked{Name: "ada", Password: second})
	d.k.Post(flow.SignUpAsked{Name: "ben", Password: form})
	d.until("a look", on(flow.Look))
	for _, p := range []flow.Password{second, form} {
		if strings.Trim(string(p), "\x00") != "" {
			t.Errorf("a password of %d bytes is still there", len(p))
		}
	}
}

// The lock's look ends with the lock: the next person's look has the eye for itself.
func TestALookEndsWithItsSession(t *testing.T) {
	w := chattest.New(t, nil)
	d, _ := inKitchen(t, w)
	d.k.Post(flow.LockAsked{})
	d.until("locked", on(flow.Locked))
	d.mu.Lock()
	d.hold = make(chan struct{})
	d.mu.Unlock()
	d.k.Post(flow.Pressed{})
	d.until("a look", func(s flow.State) bool { return s.Page == flow.Look && s.Capture.Gesture != 0 })
	w.Clock.Move(13 * time.Hour)
	d.k.mail.put(message{do: func() { d.k.ended(flow.Problem{Kind: flow.LockedTooLong}) }})
	d.until("the log-in", on(flow.LogIn))
	d.stopped(func() {
		if d.k.entry != nil {
			t.Error("the look goes on")
		}
	})
	var q biometrics.Quality
	d.emit(eye.Seen{Face: biometrics.Face{Quality: q.With(biometrics.NoFace)}})
}

// A server that lets in cameras that are no hardware says so on every connection, and so does the window, whoever is inside or locked.
func TestTheBannerFollowsTheServer(t *testing.T) {
	w := chattest.New(t, nil)
	d, _ := inKitchen(t, w)
	if !d.state().Desk.Virtual {
		t.Fatal("the world's server lets in made-up cameras")
	}
	says := func(virtual bool) {
		d.cable.pull()
		d.until("the link is down", linked(flow.LinkDown))
		w.Server.Config.Camera.AllowVirtual = virtual
		d.cable.mend()
		if s := d.until("the link is up", linked(flow.LinkUp)); s.Desk.Virtual != virtual {
			t.Errorf("%s: the window says %v", brief(s), s.Desk.Virtual)
		}
	}
	says(false)
	says(true)
	d.k.Post(flow.LockAsked{})
	d.until("locked", on(flow.Locked))
	says(false)
	says(true)
}

// The first admin's admission is lost on its way: the waiting page tries again until it is through, and the organisation is not without anybody.
func TestTheFounderIsAdmittedInTheEnd(t *testing.T) {
	w := chattest.New(t, nil)
	d := newDesk(t, w, "first")
	d.until("a desk without keys", on(flow.Enrol))
	d.k.Post(flow.EnrolAsked{Invite: flow.NewSecret(w.Invite()), Name: "counter"})
	d.until("a desk without an organisation", on(flow.Found))
	d.k.Post(flow.FoundAsked{Organisation: "Test"})
	d.until("the root sheet", on(flow.Sheet))
	d.k.Post(flow.SheetKept{})
	d.until("the founder's sign-up", on(flow.SignUp))
	var founder *client.Founder
	d.stopped(func() { founder, d.k.founder = d.k.founder, nil })
	if s := d.signUp("ada", 1); s.Page != flow.Waiting || s.Applicant.Admitted {
		t.Fatal("admitted by nobody")
	}
	d.stopped(func() { d.k.founder = founder })
	if s := d.until("log in now", on(flow.LogIn)); s.Note != flow.NoteApproved || s.Founder {
		t.Errorf("%+v", s)
	}
	d.logIn("ada", 1)
}

// What was not stored when the desk locked is not kept, and that is said to the person who comes back.
func TestTheLockSaysWhatWasNotSent(t *testing.T) {
	w := chattest.New(t, nil)
	d, room := inKitchen(t, w)
	d.do(flow.Action{Verb: flow.SendText, Room: room, Text: "stored"})
	d.until("it is stored", func(s flow.State) bool { return deliveries(s) == "stored:2" })
	d.do(flow.Action{Verb: flow.SendText, Room: room, Text: strings.Repeat("long ", 2000)})
	d.until("too long", func(s flow.State) bool { return s.Problem.Kind == flow.TooLong })
	d.k.Post(flow.LockAsked{})
	d.until("locked", on(flow.Locked))
	d.k.Post(flow.Pressed{})
	if s := d.until("ada is back", on(flow.Inside)); s.Problem != (flow.Problem{Kind: flow.Unsent, Count: 1}) {
		t.Errorf("%s", brief(s))
	}
	d.k.Post(flow.LockAsked{})
	d.until("locked", on(flow.Locked))
	d.k.Post(flow.Pressed{})
	if s := d.until("ada is back", on(flow.Inside)); !s.Problem.IsZero() {
		t.Errorf("%s", brief(s))
	}
}

// A look that is left in the very moment in which its last picture is taken: the server never hears of it, and the connection stays nobody's.
func TestALookThatIsLeftAtItsEnd(t *testing.T) {
	w := chattest.New(t, nil)
	d := founded(t, w)
	for range 3 {
		d.showFace(1)
		d.k.Post(flow.LogInAsked{Name: "ada", Password: password("ada")})
		d.until("a look", on(flow.Look))
		d.mu.Lock()
		d.last = func() { // the frames are there; the person presses Esc
			d.k.Post(flow.Cancelled{})
			d.settle()
		}
		d.mu.Unlock()
		d.k.Post(flow.Pressed{})
		d.until("the log-in", on(flow.LogIn))
	}
	d.mu.Lock()
	d.last = nil
	d.mu.Unlock()
	d.logIn("ada", 1)
}

// TestTheAuditLogIsShown: an admin is told that the server's log is not what this desk has seen of it, or that the desk's memory was spoilt, and can
// work on; nobody else is told.
func TestTheAuditLogIsShown(t *testing.T) {
	w := chattest.New(t, nil)
	d := founded(t, w)
	d.logIn("ada", 1)
	file := filepath.Join(d.dir, "audit.visavis")
	d.until("the desk has seen the log", func(flow.State) bool { _, err := os.Stat(file); return err == nil })
	d.k.Post(flow.LogOutAsked{})
	d.until("the log-in", on(flow.LogIn))
	if err := os.WriteFile(file, []byte("spoilt"), 0o600); err != nil {
		t.Fatal(err)
	}
	d.logIn("ada", 1)
	if s := d.until("it says so", said(flow.AuditUnproven)); s.Page != flow.Inside {
		t.Errorf("at %s", s.Page)
	}
	d.k.Post(flow.PanelOpened{Panel: flow.AuditLog})
	s := d.until("its page says so", func(s flow.State) bool { return s.Audit.Changed == flow.AuditUnproven })
	accept := flow.Action{Verb: flow.AcceptAudit, Head: s.Audit.Shown}
	for _, wrong := range []string{"somebody else's", ""} {
		d.do(accept)
		d.until("who sits there has to prove it", func(s flow.State) bool { return s.Proof.Wanted && s.Proof.Busy == flow.Idle })
		if wrong != "" {
			d.k.Post(flow.ProofGiven{Password: flow.Password(wrong)})
			d.until("another's password", func(s flow.State) bool { return !s.Proof.Problem.IsZero() })
			d.k.Post(flow.ProofLeft{})
			d.until("it is left", on(flow.Inside))
			if b, err := os.ReadFile(file); err != nil || string(b) != "spoilt" {
				t.Fatalf("the log was accepted without a proof: %v", err)
			}
		}
	}
	d.k.Post(flow.ProofGiven{Password: password("ada")})
	d.until("it is right by her word", func(s flow.State) bool {
		return s.Note == flow.NoteAudit && s.Audit.Changed == flow.NoProblem && !s.Audit.Kept.IsZero()
	})
	d.k.Post(flow.PanelOpened{})
	d.do(flow.Action{Verb: flow.CreateRoom, Text: "Kitchen"})
	d.until("a room all the same", func(s flow.State) bool { return s.Talk != nil && s.Talk.Open != nil && s.Talk.Open.Title == "Kitchen" })
}
