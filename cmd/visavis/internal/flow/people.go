package flow

// Other people and the audit log: what is shown of them on their own panels.

func (SomeoneOpened) event() {}
func (PeerIs) event()        {}
func (AuditIs) event()       {}

// someoneOpened shows one person, over whatever panel is open.
func (s State) someoneOpened(e SomeoneOpened) (State, []Effect) {
	if e.Account.IsZero() || e.Account == s.Person.Account || e.Account == s.Peer.Account {
		return s, nil
	}
	next, _ := s.panelOpened(PanelOpened{Someone})
	next.Peer = Peer{Account: e.Account}
	return next, []Effect{DoAct{Action{Verb: LookAtPerson, Account: e.Account}}}
}

// peerIs counts for the person who is shown, and for no other.
func (s State) peerIs(e PeerIs) (State, []Effect) {
	if s.Panel == Someone && e.Peer.Account == s.Peer.Account {
		s.Peer = e.Peer
	}
	return s, nil
}

func (s State) auditIs(e AuditIs) (State, []Effect) {
	if s.Panel == AuditLog {
		s.Audit = e.Audit
	}
	return s, nil
}
