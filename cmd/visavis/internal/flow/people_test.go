package flow

import (
	"testing"

	"visavis/chat/trust"
	"visavis/models"
)

// What comes late for somebody who is not shown any more is not shown under another's name.
func TestSomeoneElsesNumberIsNotShown(t *testing.T) {
	ben, cleo := models.AccountID{2}, models.AccountID{3}
	inside := State{Page: Inside, Person: Person{Account: models.AccountID{1}}}
	number := PeerIs{Peer{Account: ben, Name: "ben", Number: trust.SafetyNumber("12345")}}
	for _, tt := range []struct {
		name   string
		events []Event
		who    models.AccountID
		number trust.SafetyNumber
	}{
		{"as asked", []Event{SomeoneOpened{ben}, number}, ben, number.Peer.Number},
		{"for another one by now", []Event{SomeoneOpened{ben}, SomeoneOpened{cleo}, number}, cleo, ""},
		{"another one is opened over it", []Event{SomeoneOpened{ben}, number, SomeoneOpened{cleo}}, cleo, ""},
		{"closed by now", []Event{SomeoneOpened{ben}, PanelOpened{NoPanel}, number}, models.AccountID{}, ""},
		{"another panel by now", []Event{SomeoneOpened{ben}, number, PanelOpened{People}}, models.AccountID{}, ""},
		{"nobody asked", []Event{number}, models.AccountID{}, ""},
		{"of oneself", []Event{SomeoneOpened{inside.Person.Account}}, models.AccountID{}, ""},
		{"he was written to", []Event{SomeoneOpened{ben}, number, Done{Action: Action{Verb: WriteTo, Account: ben}}}, models.AccountID{}, ""},
		{"locked", []Event{SomeoneOpened{ben}, number, LockAsked{}}, models.AccountID{}, ""},
	} {
		s := inside
		for _, e := range tt.events {
			s, _ = Step(s, e)
		}
		if s.Peer.Account != tt.who || s.Peer.Number != tt.number || s.Scans || (s.Panel == Someone) == tt.who.IsZero() {
			t.Errorf("%s: %s shows %+v", tt.name, s.Panel, s.Peer)
		}
	}
}

// The log's page is an admin's, and is gone when he is none any more.
func TestAuditIsAnAdminsPage(t *testing.T) {
	s := State{Page: Inside, Person: Person{Account: models.AccountID{1}}}
	for _, e := range []Event{PanelOpened{AuditLog}, Asked{Action{Verb: AcceptAudit}}, Asked{Action{Verb: LookAtAudit}}} {
		if next, effects := Step(s, e); next.Panel != NoPanel || next.Busy != Idle || len(effects) != 0 {
			t.Errorf("%T: %s, %v", e, next.Panel, effects)
		}
	}
	s.Person.Admin = true
	s, effects := Step(s, PanelOpened{AuditLog})
	if s.Panel != AuditLog || len(effects) != 1 || effects[0] != (DoAct{Action{Verb: LookAtAudit}}) {
		t.Fatalf("%s: %v", s.Panel, effects)
	}
	s, _ = Step(s, AuditIs{Audit{Changed: AuditCut}})
	if s.Audit.Changed != AuditCut {
		t.Error("what was found is not shown")
	}
	if s, _ = Step(s, AdminIs{}); s.Panel != NoPanel || s.Audit != (Audit{}) {
		t.Errorf("who is no admin any more sees %+v", s.Audit)
	}
}
