package flow

import (
	"slices"
	"time"
)

// A session: what is done inside, the lock, the log-out, and what happens by itself.

// admins are the verbs and panels that only an admin has.
var (
	adminVerbs = map[Verb]bool{
		ListAdmin: true, ApproveKeys: true, RejectKeys: true, ApproveSignup: true, RejectSignup: true, InviteDesk: true, ApproveDesk: true, RevokeDesk: true, RevokePerson: true,
		LookAtAudit: true, AcceptAudit: true, MakeCode: true, ResetFace: true, AllowRenewal: true,
		LookAtPeppers: true, ReplacePepper: true, ShowPepper: true, DropPeppers: true,
	}
	adminPanels  = map[Panel]bool{Approvals: true, Desks: true, AuditLog: true, Help: true, VaultPepper: true}
	insidePanels = map[Panel]bool{
		Approvals: true, Desks: true, AuditLog: true, Help: true, Invite: true, NewRoom: true, Members: true, RoomRules: true, People: true, Someone: true, MyKeys: true, VaultPepper: true, TwiceSaid: true,
	}
	roomPanels = map[Panel]bool{Invite: true, Members: true, RoomRules: true}
	scanPanels = map[Panel]bool{Approvals: true, Someone: true}
	freePanels = map[Panel]bool{Settings: true, About: true}
)

// mayOpen says where which panel may lie: none over a look, a lock, or a text that is shown only once.
func (s State) mayOpen(p Panel) bool {
	switch {
	case p == NoPanel:
		return true
	case s.Busy == Renewing, s.Page == Starting, s.Page == Look, s.Page == Locked, s.Page == Sheet, s.Noting():
		return false
	case adminPanels[p] && !s.Person.Admin, roomPanels[p] && (s.Talk == nil || s.Talk.Open == nil):
		return false
	}
	return freePanels[p] || insidePanels[p] && s.Page == Inside
}

func (s State) panelOpened(e PanelOpened) (State, []Effect) {
	if !s.mayOpen(e.Panel) || e.Panel == s.Panel || s.Proof.Wanted {
		return s, nil
	}
	if s.Panel != NoPanel && s.Page == Inside {
		s.Secret, s.Until = Secret{}, time.Time{} // a desk's invite is shown once, and a code
	}
	s.Panel, s.Scans, s.Peer, s.Audit, s.Keys, s.Peppers, s.Proofs = e.Panel, false, Peer{}, Audit{}, OwnKeys{}, Peppers{}, Proofs{}
	s.Problem, s.Note = Problem{}, NoNote
	switch {
	case e.Panel == Settings:
		return s, []Effect{DoCameras{}}
	case e.Panel == AuditLog:
		return s, []Effect{DoAct{Action{Verb: LookAtAudit}}}
	case e.Panel == VaultPepper:
		return s, []Effect{DoAct{Action{Verb: LookAtPeppers}}}
	case e.Panel == TwiceSaid:
		return s, []Effect{DoAct{Action{Verb: LookAtTwice}}}
	case e.Panel == MyKeys:
		return s, []Effect{DoAct{Action{Verb: LookAtKeys}}}
	case adminPanels[e.Panel]:
		return s, []Effect{DoAct{Action{Verb: ListAdmin}}}
	}
	return s, nil
}

func (s State) scanAsked(e ScanAsked) (State, []Effect) {
	s.Scans = e.On && scanPanels[s.Panel]
	return s, nil
}

func (s State) prefsPicked(e PrefsPicked) (State, []Effect) {
	if s.Page != Inside || !slices.Contains(AwayChoices(), e.Prefs.Away) {
		e.Prefs.Away = s.Prefs.Away
	}
	if s.Page != Inside {
		e.Prefs.Shield = s.Prefs.Shield
	}
	if e.Prefs == s.Prefs {
		return s, nil
	}
	s.Prefs = e.Prefs
	s.Veiled = s.Veiled && s.Prefs.Shield == ShieldBlur
	return s, []Effect{DoKeep(e)}
}

// onlookerIs hides the room, or says that somebody looks; it locks nothing.
func (s State) onlookerIs(e OnlookerIs) (State, []Effect) {
	if e.On != s.Onlooker {
		s.Onlooker, s.Veiled = e.On, e.On && s.Prefs.Shield == ShieldBlur
	}
	return s, nil
}

func (s State) showAsked(ShowAsked) (State, []Effect) {
	s.Veiled = false
	return s, nil
}

func (s State) dismissed(Dismissed) (State, []Effect) {
	s.Problem, s.Proof.Problem, s.Note = Problem{}, Problem{}, NoNote
	return s, nil
}

func (s State) asked(e Asked) (State, []Effect) {
	a := e.Action
	switch {
	case adminVerbs[a.Verb] && !s.Person.Admin:
		return s, nil
	case quiet[a.Verb]:
		return s, []Effect{DoAct(e)}
	case s.Busy != Idle:
		return s, nil
	}
	s = s.begin(Acting)
	s.Doing = a
	return s, []Effect{DoAct(e)}
}

// closes are the panels that their verb's success closes.
var closes = map[Verb][]Panel{CreateRoom: {NewRoom}, InvitePerson: {Invite}, WriteTo: {People, Someone}, SetRules: {RoomRules}}

// secretPanels are where a verb's secret is shown.
var secretPanels = map[Verb]Panel{InviteDesk: Desks, MakeCode: Help, ReplacePepper: VaultPepper, ShowPepper: VaultPepper}

func (s State) done(e Done) (State, []Effect) {
	if s.Busy == Acting && s.Doing == e.Action {
		s.Busy, s.Doing, s.Proof, s.Capture = Idle, Action{}, Proof{}, Capture{}
	}
	if !e.Problem.IsZero() {
		s.Problem = e.Problem
		return s, nil
	}
	if e.Note != NoNote {
		s.Problem, s.Note = Problem{}, e.Note
	}
	if p, ok := secretPanels[e.Action.Verb]; ok && p == s.Panel {
		s.Secret, s.Until = e.Secret, e.Until
	}
	if slices.Contains(closes[e.Action.Verb], s.Panel) {
		s.Panel, s.Scans, s.Peer = NoPanel, false, Peer{}
	}
	return s, nil
}

// lock takes everything off the screen at once; what is under way is dropped by whoever does it.
func (s State) lock(why Note) (State, []Effect) {
	next := s.turn(Locked)
	next.Busy, next.Note, next.Person = Locking, why, s.Person
	return next, []Effect{DoLock{}}
}

func (s State) lockAsked(LockAsked) (State, []Effect) { return s.lock(NoNote) }
func (s State) away(Away) (State, []Effect)           { return s.lock(NoteAway) }
func (s State) stranger(Stranger) (State, []Effect)   { return s.lock(NoteStranger) }

func (s State) lockDone(LockDone) (State, []Effect) {
	s.Busy = Idle
	return s, nil
}

func (s State) unlocked(e Unlocked) (State, []Effect) {
	if s.Capture.Purpose != ToUnlock {
		return s, nil
	}
	next := s.inside(e.Person)
	if e.Unsent > 0 {
		next.Problem = Problem{Kind: Unsent, Count: e.Unsent}
	}
	return next, nil
}

func (s State) logOutAsked(LogOutAsked) (State, []Effect) {
	if s.Busy == Renewing { // half a second, after which it can be asked again
		return s, nil
	}
	next := s.turn(LogIn)
	next.Busy = LoggingOut
	return next, []Effect{DoLogOut{}}
}

func (s State) loggedOut(LoggedOut) (State, []Effect) {
	next := s.turn(LogIn)
	next.Note = NoteLoggedOut
	return next, nil
}

// ended is a session that is over; a look counts only when it was to unlock one.
func (s State) ended(e Ended) (State, []Effect) {
	if s.Page == Look && s.Capture.Purpose != ToUnlock {
		return s, nil
	}
	next := s.turn(LogIn)
	next.Problem = e.Problem
	return next, nil
}

func (s State) linkIs(e LinkIs) (State, []Effect) {
	s.Link = e.Link
	if e.Link == LinkUp {
		lamp := s.Desk.Lamp
		if s.Desk, s.Asks = e.Desk, e.Desk.Lamp; s.Page == Look || s.Proof.ByFace {
			s.Desk.Lamp = lamp // until the next press: light and dark do not change as often as a server likes
		}
	}
	return s, nil
}

func (s State) eyeIs(e EyeIs) (State, []Effect) {
	s.Eye = e.Eye
	return s.proofSight()
}

func (s State) camerasAre(e CamerasAre) (State, []Effect) {
	s.Cameras = e.Cameras
	return s, nil
}

func (s State) talkIs(e TalkIs) (State, []Effect) {
	s.Talk = e.Talk
	if roomPanels[s.Panel] && (s.Talk == nil || s.Talk.Open == nil) {
		s.Panel = NoPanel
	}
	return s, nil
}

func (s State) adminIs(e AdminIs) (State, []Effect) {
	s.Admin, s.Person.Admin = e.Admin, e.Self
	if adminPanels[s.Panel] && !e.Self {
		s.Panel, s.Secret, s.Until, s.Scans, s.Audit, s.Peppers = NoPanel, Secret{}, time.Time{}, false, Audit{}, Peppers{}
	}
	return s, nil
}
