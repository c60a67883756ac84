package ui

import (
	"strings"
	"testing"

	"fyne.io/fyne/v2"

	"visavis/chat/e2e"
	"visavis/chat/trust"
	"visavis/cmd/visavis/internal/flow"
	"visavis/cmd/visavis/internal/talk"
	"visavis/models"
)

// seen is a window on somebody's page.
func seen(t *testing.T, standing e2e.Standing) (*world, *someone, flow.State) {
	t.Helper()
	w := newWorld(t, screens[1])
	s := someoneState(standing, jose)
	w.Show(s)
	w.take()
	return w, w.panel.(*someone), s
}

// What is said of an identity names the very one that was on screen.
func TestJudging(t *testing.T) {
	for _, tt := range []struct {
		standing e2e.Standing
		button   string
		verb     flow.Verb
		shown    bool
	}{
		{e2e.StandingOpen, "someone.same", flow.VerifyPerson, true},
		{e2e.StandingOpen, "someone.accept", flow.AcceptPerson, false},
		{e2e.StandingOpen, "someone.undo", flow.DoubtPerson, false},
		{e2e.StandingChanged, "someone.same", flow.VerifyPerson, true},
		{e2e.StandingChanged, "someone.accept", flow.AcceptPerson, true},
		{e2e.StandingHandedOn, "someone.same", flow.VerifyPerson, true},
		{e2e.StandingHandedOn, "someone.undo", flow.DoubtPerson, true},
		{e2e.StandingVerified, "someone.same", flow.VerifyPerson, false},
		{e2e.StandingVerified, "someone.undo", flow.DoubtPerson, true},
	} {
		w, p, _ := seen(t, tt.standing)
		buttons := map[string]*button{"someone.same": p.same, "someone.accept": p.accept, "someone.undo": p.undo}
		b := buttons[tt.button]
		if b.Visible() != tt.shown {
			t.Errorf("standing %d: %s is shown: %v", tt.standing, tt.button, b.Visible())
			continue
		}
		if tt.shown {
			w.press(say(tt.button))
			if got := w.action(); got != (flow.Action{Verb: tt.verb, Account: account(2), Identity: models.Hash{2}}) {
				t.Errorf("standing %d: it asked for %+v", tt.standing, got)
			}
		}
	}
}

// A scanned code that is the number is the comparison; another one says so loudly, and what is no safety number says nothing.
func TestScannedNumbers(t *testing.T) {
	other := trust.SafetyNumber(strings.Repeat("12345", 12))
	for _, tt := range []struct {
		name, code string
		ends       bool // of the scan
		same       bool
	}{
		{"the number", trust.SafetyNumber(castNumber).Code(), true, true},
		{"somebody else's", other.Code(), true, false},
		{"its digits alone", castNumber, false, false},
		{"a poster's", "https://example.org", false, false},
	} {
		w, p, s := seen(t, e2e.StandingOpen)
		w.press(say("approvals.scan"))
		if got := w.only(); got != (flow.ScanAsked{On: true}) {
			t.Fatalf("got %v", got)
		}
		s.Scans = true
		w.Show(s)
		if !p.sight.on() {
			t.Fatal("it does not look")
		}
		p.found(tt.code)
		events := w.take()
		if (len(events) > 0 && events[0] == flow.Event(flow.ScanAsked{})) != tt.ends {
			t.Errorf("%s: %v", tt.name, events)
		}
		judged := len(events) == 2 && events[1] == flow.Event(flow.Asked{Action: flow.Action{Verb: flow.VerifyPerson, Account: account(2), Identity: models.Hash{2}}})
		if judged != tt.same || p.wrong.card.Visible() != (tt.ends && !tt.same) {
			t.Errorf("%s: judged %v, warned %v", tt.name, judged, p.wrong.card.Visible())
		}
		w.Show(desk(flow.Locked))
		p.found(trust.SafetyNumber(castNumber).Code()) // what was still under way
		if got := w.take(); len(got) != 0 || p.sight.on() {
			t.Errorf("%s: after the lock %v", tt.name, got)
		}
	}
}

// While nobody knows the number yet, nothing can be said of it; and nothing of it stays when the page is left.
func TestNumberComesAndGoes(t *testing.T) {
	w, p, s := seen(t, e2e.StandingVerified)
	all := w.everything()
	for _, want := range []string{"59093", "69043", jose} {
		if !strings.Contains(all, want) {
			t.Errorf("%q is not shown", want)
		}
	}
	digits := texts(p.content())
	s.Panel, s.Peer = flow.NoPanel, flow.Peer{}
	w.Show(s)
	if left := texts(p.content()); !strings.Contains(digits, "59093") || strings.Contains(left, "59093") || strings.Contains(left, jose) {
		t.Errorf("left behind: %s", left)
	}
	s.Panel, s.Peer = flow.Someone, flow.Peer{Account: account(3)}
	w.Show(s)
	if p := w.panel.(*someone); !p.same.Disabled() && p.same.Visible() || !p.write.Disabled() {
		t.Error("something can be said of nobody")
	}
}

// Who writes into a room with a new identity in it is asked about each of those who changed, one after the other, by name.
func TestHoldAsks(t *testing.T) {
	w := newWorld(t, screens[0])
	s := insideState()
	changed := []talk.Newcomer{{Person: talk.Person{ID: account(2), Name: jose}, Identity: models.Hash{1}}, {Person: talk.Person{ID: account(3), Name: olga}, Identity: models.Hash{2}}}
	show := func(who []talk.Newcomer) {
		v := *s.Talk
		o := *v.Open
		o.Changed, v.Open = who, &o
		s.Talk = &v
		w.Show(s)
		w.take()
	}
	show(changed)
	if all := w.everything(); !strings.Contains(all, say("hold.changed", "name", jose)) {
		t.Fatal("nobody asks")
	}
	w.press(say("hold.accept"))
	if got := w.action(); got != (flow.Action{Verb: flow.AcceptPerson, Room: roomID(1), Account: account(2), Identity: models.Hash{1}}) {
		t.Errorf("it asked for %+v", got)
	}
	show(changed[1:])
	w.press(say("people.compare"))
	if got := w.only(); got != (flow.SomeoneOpened{Account: account(3)}) {
		t.Errorf("it asked for %v", got)
	}
	show(nil)
	if w.page.(*inside).room.hold.strip.card.Visible() {
		t.Error("it asks about nobody")
	}
}

func TestPeople(t *testing.T) {
	w, _ := opened(t, flow.People)
	p := w.panel.(*people)
	if n := len(p.book.rows); n != 7 {
		t.Fatalf("%d people beside oneself", n)
	}
	typed(p.search, "MØ")
	press(p.search, fyne.KeyReturn)
	if got := w.action(); got != (flow.Action{Verb: flow.WriteTo, Account: account(41)}) {
		t.Errorf("it asked for %+v", got)
	}
	w.press(say("people.compare"))
	if got := w.only(); got != (flow.SomeoneOpened{Account: account(41)}) {
		t.Errorf("it asked for %v", got)
	}
}

func TestRoomRules(t *testing.T) {
	w, s := opened(t, flow.RoomRules)
	p := w.panel.(*roomRules)
	if !p.save.Disabled() {
		t.Error("nothing was changed, and it can be saved")
	}
	w.press(say("rules.vanish.day"))
	w.press(say("rules.invite.owners"))
	w.press(say("rules.save"))
	want := trust.Policy{History: trust.HistoryNone, Invite: trust.RoleOwner, MaxAge: 86400}
	if got := w.action(); got != (flow.Action{Verb: flow.SetRules, Room: roomID(1), Rules: want}) {
		t.Errorf("it asked for %+v", got)
	}
	o := *s.Talk.Open
	o.Rules.MaxAge = 3600
	s.Talk = &talk.View{Me: s.Talk.Me, Rooms: s.Talk.Rooms, People: s.Talk.People, Open: &o}
	w.Show(s)
	if p.form.rules != o.Rules || !p.save.Disabled() {
		t.Errorf("somebody else changed them, and it would save %+v", p.form.rules)
	}
	if line := rulesLine(o.Rules); !strings.Contains(w.everything(), line) || line == "" {
		t.Error("the room's head does not say that messages vanish")
	}
	o.Owner = false
	s.Talk = &talk.View{Me: s.Talk.Me, Rooms: s.Talk.Rooms, People: s.Talk.People, Open: &o}
	w.Show(s)
	if p.save.Visible() || !p.form.vanish.buttons[0].Disabled() {
		t.Error("a member can change the rules")
	}
	if odd := (trust.Policy{MaxAge: 77}); rulesLine(odd) == "" || vanishChoice(odd) >= 0 {
		t.Error("a time that nobody offers is said as none")
	}
}

// An admin is asked before a changed log is taken as it is; and the answer is for the log that was on screen.
func TestAcceptingALog(t *testing.T) {
	w := newWorld(t, screens[1])
	s := auditState(flow.AuditCut)
	w.Show(s)
	w.take()
	p := w.panel.(*auditLog)
	w.press(say("audit.accept"))
	if len(w.take()) != 0 {
		t.Fatal("taken without a question")
	}
	w.photograph("audit-accept")
	again := s
	again.Audit.Shown.Size++
	w.Show(again)
	if p.asking.Visible() {
		t.Error("the question stays for another log")
	}
	w.press(say("audit.accept"))
	w.press(say("audit.accept.really"))
	if got := w.action(); got != (flow.Action{Verb: flow.AcceptAudit, Head: again.Audit.Shown}) {
		t.Errorf("it asked for %+v", got)
	}
	s = auditState(flow.NoProblem)
	w.Show(s)
	if p.accept.Visible() {
		t.Error("a log that is right can be taken as right")
	}
	s.Audit.Changed = flow.AuditUnproven
	s.Audit.Shown.Size, s.Audit.Shown.Root = 0, models.Hash{}
	w.Show(s)
	if p.accept.Visible() {
		t.Error("no log at all can be taken as right")
	}
}
