package flow

import (
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"visavis/biometrics"
	"visavis/biometrics/liveness"
	"visavis/chat/e2e"
	"visavis/cmd/visavis/internal/talk"
	"visavis/models"
)

var update = flag.Bool("update", false, "write testdata/table.txt anew")

var pages = []Page{Starting, Enrol, Found, Sheet, LogIn, SignUp, Recover, Bring, ByRoot, Renew, Look, Glasses, Phrase, Recalled, Waiting, Inside, Locked}

// states are all that differ in what may happen next, by name.
func states() []State {
	base := State{Desk: Desk{Name: "counter"}, Link: LinkUp, Prefs: DefaultPrefs()}
	var all []State
	add := func(p Page, edit func(*State), busy ...Busy) {
		for _, b := range busy {
			s := base
			s.Page, s.Busy = p, b
			if edit != nil {
				edit(&s)
			}
			all = append(all, s)
		}
	}
	secret := func(s *State) { s.Secret = NewSecret("only once") }
	add(Starting, nil, Idle)
	add(Enrol, nil, Idle, Enrolling)
	add(Found, nil, Idle, Founding)
	add(Sheet, func(s *State) { secret(s); s.Founder = true }, Idle)
	add(LogIn, nil, Idle, Checking, LoggingOut, Renewing)
	add(SignUp, nil, Idle, Checking)
	add(SignUp, func(s *State) { s.Founder = true }, Idle, Checking)
	add(Recover, nil, Idle, Checking)
	add(Bring, nil, Idle, Checking)
	add(ByRoot, nil, Idle, Checking)
	add(ByRoot, func(s *State) { s.Root.Opened = true }, Idle, Checking)
	add(Renew, nil, Idle, Checking)
	for _, p := range []Purpose{ToLogIn, ToSignUp, ToAgain, ToTry, ToUnlock, ToRecover} {
		add(Look, func(s *State) {
			s.Capture.Purpose = p
			if p == ToUnlock {
				s.Person.Name = "ben"
			}
		}, Idle, Looking, Finishing)
	}
	add(Glasses, nil, Idle)
	add(Glasses, func(s *State) { s.Founder = true }, Idle)
	for _, p := range []Purpose{ToTry, ToRecover} {
		add(Phrase, func(s *State) { secret(s); s.Capture.Purpose = p }, Idle)
		add(Recalled, func(s *State) { s.Capture.Purpose = p }, Idle, Finishing)
	}
	add(Recalled, func(s *State) { s.Capture.Purpose, s.Founder = ToTry, true }, Idle, Finishing)
	add(Waiting, func(s *State) { s.Applicant.Name = "ben" }, Idle)
	add(Waiting, func(s *State) { s.Applicant.Name, s.Founder = "ada", true }, Idle)
	member := func(s *State) { s.Person.Name, s.Talk = "ben", new(talk.View) }
	admin := func(s *State) { member(s); s.Person.Admin = true }
	add(Inside, member, Idle, Acting)
	add(Inside, admin, Idle, Acting)
	add(Inside, func(s *State) { admin(s); s.Doing.Verb, s.Proof.Wanted = ApproveSignup, true }, Acting)
	add(Inside, func(s *State) { admin(s); s.Doing.Verb, s.Proof = ApproveSignup, Proof{Wanted: true, Busy: Checking} }, Acting)
	for _, b := range []Busy{Idle, Looking, Finishing} {
		add(Inside, func(s *State) {
			admin(s)
			s.Doing.Verb, s.Proof, s.Capture.Purpose, s.Eye.Stage = ApproveSignup, Proof{Wanted: true, ByFace: true, Busy: b}, ToProve, EyeOpen
		}, Acting)
	}
	add(Inside, func(s *State) { member(s); s.Onlooker, s.Veiled = true, true }, Idle)
	add(Inside, func(s *State) { admin(s); s.Panel = Desks; secret(s) }, Idle)
	add(Inside, func(s *State) { admin(s); s.Panel = Help; secret(s) }, Idle)
	add(Inside, func(s *State) { admin(s); s.Panel, s.Peppers.All = VaultPepper, 3; secret(s) }, Idle)
	add(Inside, func(s *State) { member(s); s.Panel, s.Proofs = TwiceSaid, Proofs{Looked: true, List: make([]Twice, 1)} }, Idle)
	add(Inside, func(s *State) { admin(s); s.Panel, s.Scans = Approvals, true }, Idle)
	add(Inside, func(s *State) { member(s); s.Talk = &talk.View{Open: new(talk.Open)}; s.Panel = Members }, Idle)
	add(Inside, func(s *State) { admin(s); s.Panel, s.Audit.Changed = AuditLog, AuditCut }, Idle)
	add(Inside, func(s *State) { member(s); s.Panel, s.Peer.Account, s.Scans = Someone, models.AccountID{3}, true }, Idle)
	add(Locked, func(s *State) { s.Person.Name = "ben" }, Idle, Locking, Renewing)
	return all
}

func name(s State) string {
	n := string(s.Page)
	for _, p := range []string{string(s.Busy), string(s.Capture.Purpose), string(s.Panel)} {
		if p != "" {
			n += "/" + p
		}
	}
	for _, f := range []struct {
		is   bool
		mark string
	}{{s.Founder, "founder"}, {s.Root.Opened, "root"}, {s.Person.Admin, "admin"}, {s.Applicant.Admitted, "admitted"}, {s.Scans, "scans"}, {s.Onlooker, "onlooker"}, {s.Veiled, "veiled"}, {s.Proof.Wanted, "proof"}, {s.Proof.Busy != Idle, "proving"}, {s.Proof.Busy == Finishing, "judged"}, {s.Proof.ByFace, "face"}, {!s.Secret.IsZero(), "secret"}} {
		if f.is {
			n += "+" + f.mark
		}
	}
	return n
}

func events() []Event {
	face, offline := Problem{Kind: FaceRefused}, Problem{Kind: Unreachable}
	return []Event{
		EnrolAsked{NewSecret("visavis-invite"), "counter"}, FoundAsked{"Café"}, SheetKept{}, Typing{}, LogInAsked{"ben", Password("pw")},
		SignUpAsked{"ben", "b@example.org", Password("pw"), "I agree", false}, RecoverAsked{"ben", Password("words")}, CodeTyped{Password("code")}, PasswordChosen{Password("pw")}, AgainAsked{}, AgainAsked{Yes: true}, Skipped{},
		PhraseKept{}, PhraseAgain{}, GroupsTyped{}, Pressed{}, Cancelled{}, Cancelled{NoteLeft}, Went{LogIn}, Went{SignUp}, Went{Recover}, Went{Bring}, PepperBrought{Password("pepper")}, PepperTaken{}, Went{ByRoot}, SheetTyped{Password("sheet")}, RootIs{Root: Root{Opened: true}, Note: NoteNamed}, AdminNamed{}, PanelOpened{VaultPepper}, PeppersAre{Peppers{Looked: true, Moved: 1, All: 3}}, PanelOpened{TwiceSaid}, ProofsAre{Proofs{Looked: true, List: make([]Twice, 1)}},
		Went{Inside}, PanelOpened{Settings}, PanelOpened{Approvals}, PanelOpened{Members}, PanelOpened{NewRoom}, PanelOpened{NoPanel},
		PanelOpened{RoomRules}, PanelOpened{People}, PanelOpened{AuditLog}, SomeoneOpened{models.AccountID{2}}, SomeoneOpened{},
		ScanAsked{true}, PrefsPicked{Prefs{Theme: ThemeDark, TextSize: 115}}, Dismissed{},
		Asked{Action{Verb: SendText, Text: "hello"}}, Asked{Action{Verb: CreateRoom, Text: "Kitchen"}}, Asked{Action{Verb: ApproveSignup}},
		ProofWanted{Action{Verb: ApproveSignup}}, ProofWanted{}, ProofGiven{Password("pw")}, ProofLeft{}, ProofLeft{NoteUnproven}, Proven{}, Proven{Problem{Kind: WrongProof}},
		ProofTurned{}, ProofTurned{ByFace: true}, ProofPressed{}, Proven{Problem{Kind: NoGoodPicture}}, Proven{face},
		PasswordAsked{Old: Password("pw"), New: Password("pw")}, PasswordAsked{Known: true}, OwnKeysAre{OwnKeys{Asked: true, Fingerprint: "abcd"}}, PanelOpened{MyKeys},
		Asked{Action{Verb: ApproveKeys}}, Asked{Action{Verb: AcceptPerson, Account: models.AccountID{2}}}, Asked{Action{Verb: AcceptAudit}}, Asked{Action{Verb: WriteTo}},
		LockAsked{}, LogOutAsked{}, ShowAsked{},
		Started{}, Started{Enrolled: true}, Started{Enrolled: true, Founded: true}, Started{Problem: Problem{Kind: DeskFile}},
		EnrolDone{}, EnrolDone{Founded: true}, FoundDone{Sheet: NewSecret("root")}, Ready{},
		Progress{Gesture: liveness.TurnLeft, Fraction: 0.5}, Progress{Finish: true, Reasons: []biometrics.Reason{biometrics.TooDark}},
		Captured{}, Tried{}, Cleared{}, Recovered{}, LoggedIn{Person: Person{Name: "ben"}}, SignedUp{Applicant{Name: "ben"}},
		SignedUp{Applicant{Name: "ada", Admitted: true}}, Approved{},
		PhraseIs{NewSecret("words"), e2e.Recall{1, 4, 7}}, GroupsAre{}, GroupsAre{Wrong: [3]bool{true}},
		Failed{Problem: face}, Failed{Problem: Problem{Kind: WrongPassword}}, Failed{Problem: offline}, Failed{Problem: offline, Anew: true},
		LockDone{}, Unlocked{Person: Person{Name: "ben"}}, Unlocked{Person: Person{Name: "ben"}, Unsent: 2}, LoggedOut{}, Ended{Problem{Kind: SessionEnded}},
		Renewal{}, Renewed{}, Resumed{Page: LogIn, Note: NoteLoggedOut}, Resumed{Page: Locked, Person: Person{Name: "ben"}}, Resumed{Page: Inside},
		LinkIs{Link: LinkDown}, LinkIs{LinkUp, Desk{Name: "counter", Virtual: true}}, EyeIs{Eye{Stage: EyeOpen}}, CamerasAre{},
		Away{}, Stranger{}, OnlookerIs{true}, OnlookerIs{}, TalkIs{new(talk.View)}, AdminIs{Self: true}, AdminIs{},
		PeerIs{Peer{Account: models.AccountID{2}, Name: "cleo"}}, PeerIs{Peer{Account: models.AccountID{3}, Name: "dora"}}, AuditIs{Audit{Changed: AuditRewritten}},
		Done{Action: Action{Verb: WriteTo}},
		Done{Note: NoteInvited}, Done{Problem: Problem{Kind: Gone}}, Done{Action: Action{Verb: CreateRoom}, Secret: NewSecret("invite")},
		Done{Action: Action{Verb: InviteDesk}, Secret: NewSecret("invite")}, Done{Action: Action{Verb: ShowPepper}, Secret: NewSecret("pepper")}, Asked{Action{Verb: ReplacePepper}}, Done{Action: Action{Verb: MakeCode}, Secret: NewSecret("code"), Until: time.Unix(1, 0)},
	}
}

// told is an event without what it carries of people.
func told(e Event) string {
	switch e := e.(type) {
	case Went:
		return fmt.Sprintf("Went(%s)", e.To)
	case PanelOpened:
		return fmt.Sprintf("PanelOpened(%s)", e.Panel)
	case Asked:
		return fmt.Sprintf("Asked(%s)", e.Action.Verb)
	case Started:
		return fmt.Sprintf("Started(%t %t %s)", e.Enrolled, e.Founded, e.Problem.Kind)
	case AgainAsked:
		return fmt.Sprintf("AgainAsked(%t)", e.Yes)
	case OnlookerIs:
		return fmt.Sprintf("OnlookerIs(%t)", e.On)
	case EnrolDone:
		return fmt.Sprintf("EnrolDone(%t)", e.Founded)
	case Failed:
		return fmt.Sprintf("Failed(%s%s)", e.Problem.Kind, map[bool]string{true: " anew"}[e.Anew])
	case SignedUp:
		return fmt.Sprintf("SignedUp(%t)", e.Applicant.Admitted)
	case LinkIs:
		return fmt.Sprintf("LinkIs(%s)", e.Link)
	case AdminIs:
		return fmt.Sprintf("AdminIs(%t)", e.Self)
	case Done:
		return fmt.Sprintf("Done(%s%s)", e.Note, e.Problem.Kind)
	case ProofWanted:
		return fmt.Sprintf("ProofWanted(%s)", e.Action.Verb)
	case ProofTurned:
		return fmt.Sprintf("ProofTurned(%t)", e.ByFace)
	case ProofLeft:
		return fmt.Sprintf("ProofLeft(%s)", e.Why)
	case Proven:
		return fmt.Sprintf("Proven(%s)", e.Problem.Kind)
	case Cancelled:
		return fmt.Sprintf("Cancelled(%s)", e.Why)
	case GroupsAre:
		return fmt.Sprintf("GroupsAre(%t)", e.Wrong[0])
	case Progress:
		return fmt.Sprintf("Progress(%t)", e.Finish)
	}
	return reflect.TypeOf(e).Name()
}

func effectNames(effects []Effect) string {
	var names []string
	for _, e := range effects {
		n := strings.TrimPrefix(reflect.TypeOf(e).Name(), "Do")
		switch e := e.(type) {
		case DoSight:
			n += fmt.Sprintf("(%d)", e.Sight.Rate)
		case DoLook:
			n += fmt.Sprintf("(%s)", e.Purpose)
		case DoAct:
			n += fmt.Sprintf("(%s)", e.Action.Verb)
		}
		names = append(names, n)
	}
	return strings.Join(names, " ")
}

// Every state meets every event; what comes of it stands in testdata/table.txt, which is read in review. What is not there is ignored.
func TestEveryEventInEveryState(t *testing.T) {
	var b strings.Builder
	for _, s := range states() {
		for _, e := range events() {
			next, effects := Step(s, e)
			if reflect.DeepEqual(next, s) && len(effects) == 0 {
				continue
			}
			fmt.Fprintf(&b, "%-32s %-28s -> %-32s %s\n", name(s), told(e), name(next), effectNames(effects))
		}
	}
	got := strings.ReplaceAll(b.String(), " \n", "\n")
	const file = "testdata/table.txt"
	if *update {
		if err := os.WriteFile(file, []byte(got), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if got == string(want) {
		return
	}
	had := strings.Split(string(want), "\n")
	for _, line := range strings.Split(got, "\n") {
		if !slices.Contains(had, line) {
			t.Errorf("not in %s: %s", file, line)
		}
	}
	if !t.Failed() {
		t.Errorf("%s holds what does not happen: run with -update and look at the difference", file)
	}
}

func TestEveryEventHasItsRule(t *testing.T) {
	for _, e := range events() {
		if _, ok := rules[reflect.TypeOf(e)]; !ok {
			t.Errorf("%T counts nowhere", e)
		}
	}
	for typ := range rules {
		if !slices.ContainsFunc(events(), func(e Event) bool { return reflect.TypeOf(e) == typ }) {
			t.Errorf("%v is in no test", typ)
		}
	}
}

// holds are what is true of every state that can be reached.
func holds(t *testing.T, s State) {
	t.Helper()
	for _, h := range []struct {
		what string
		ok   bool
	}{
		{"a page", slices.Contains(pages, s.Page)},
		{"a secret is only where it is shown", s.Secret.IsZero() || s.Page == Sheet || s.Page == Phrase || s.Page == Inside && (s.Panel == Desks || s.Panel == Help || s.Panel == VaultPepper)},
		{"talk is only inside", s.Talk == nil || s.Page == Inside},
		{"an admin's lists are only an admin's, inside", reflect.ValueOf(s.Admin).IsZero() || s.Page == Inside},
		{"a person is only in a session", s.Person == Person{} || s.Page == Inside || s.Page == Locked || s.Capture.Purpose == ToUnlock},
		{"nobody else's name stays", s.Applicant == Applicant{} || s.Page == Waiting},
		{"nothing lies over a look or a lock", s.Panel == NoPanel || s.Page != Look && s.Page != Locked},
		{"the camera rests where nobody looks", s.Sight() == Sight{} || s.Page == Look || s.Page == Inside || s.Page == Glasses || s.Page == Renew || s.Page == Phrase || s.Page == Recalled || s.Panel == Settings},
		{"an admin's panel is an admin's", !adminPanels[s.Panel] || s.Person.Admin},
		{"a proof is something's that is being done", s.Proof == Proof{} || s.Page == Inside && s.Busy == Acting && s.Proof.Wanted},
		{"nothing of a proof outlives it", s.Page != Inside || s.Proof.Wanted || reflect.ValueOf(s.Capture).IsZero()},
		{"a scan is an approval's, or a safety number's", !s.Scans || s.Panel == Approvals || s.Panel == Someone},
		{"somebody is shown where he was asked for", s.Peer == Peer{} || s.Panel == Someone},
		{"who may be made an admin is shown to the sheet's holder", !s.Root.Opened && s.Root.People == nil || s.Page == ByRoot},
		{"so are the peppers'", s.Peppers == Peppers{} || s.Panel == VaultPepper},
		{"and what was said twice", reflect.ValueOf(s.Proofs).IsZero() || s.Panel == TwiceSaid},
		{"the log's state is shown on its own panel", s.Audit == Audit{} || s.Panel == AuditLog},
		{"a veil is over a room that somebody looks at", !s.Veiled || s.Onlooker},
		{"nobody looks over the shoulder of nobody", !s.Onlooker || s.Page == Inside},
		{"what is asked back is asked there, and what it is of is not shown", s.Recall == Recall{} || s.Page == Phrase || s.Page == Recalled && s.Secret.IsZero()},
		{"a light is a challenge's", s.Capture.Tint == 0 || s.Page == Look || s.Proof.ByFace},
	} {
		if !h.ok {
			t.Errorf("%s: not so in %s (person %q)", h.what, name(s), s.Person.Name)
		}
	}
}

// However people, server and camera behave, nothing is shown where it does not belong, and nobody gets inside but by a look that the
// server has judged.
func TestNoWayAround(t *testing.T) {
	all := events()
	for seed := range uint64(400) {
		r := rand.New(rand.NewPCG(seed, 3))
		s := Start()
		for range 300 {
			e := all[r.IntN(len(all))]
			next, _ := Step(s, e)
			if s.Page != Inside && next.Page == Inside {
				_, in := e.(LoggedIn)
				_, back := e.(Unlocked)
				if s.Page != Look || s.Busy == Idle || !(in && s.Capture.Purpose == ToLogIn || back && s.Capture.Purpose == ToUnlock) {
					t.Fatalf("%s let %T in", name(s), e)
				}
			}
			holds(t, next)
			if t.Failed() {
				t.Fatalf("after %T in %s", e, name(s))
			}
			s = next
		}
	}
}

// What is true of every state stays true whatever comes next: also where a random walk seldom gets.
func TestEveryStateHolds(t *testing.T) {
	for _, s := range states() {
		for _, e := range events() {
			if next, _ := Step(s, e); next.Page != s.Page {
				holds(t, next)
			}
		}
	}
}

// A state says nothing of secrets and passwords, however it is printed.
func TestStatesPrintNoSecret(t *testing.T) {
	s := State{Secret: NewSecret("heron"), Talk: nil}
	e := LogInAsked{Name: "ben", Password: Password("heron")}
	for _, verb := range []string{"%v", "%+v", "%#v", "%s"} {
		for _, x := range []any{s, e, ProofGiven{Password("heron")}, DoProveAgain{Password("heron")}, PasswordAsked{Old: Password("heron")}, DoChangePassword{New: Password("heron")}, DoPrepare{SignUpAsked{Password: Password("heron")}},
			RecoverAsked{"ben", Password("heron")}, CodeTyped{Password("heron")}, DoCode{ToLogIn, Password("heron")}, GroupsTyped{[3]Password{Password("heron")}}, DoCompare{[3]Password{Password("heron")}}, PhraseIs{Phrase: NewSecret("heron")}, DoRepassword{Password("heron")}, PepperBrought{Password("heron")}, DoTakePepper{Password("heron")}, SheetTyped{Password("heron")}, DoOpenRoot{Password("heron")}} {
			if got := fmt.Sprintf(verb, x); strings.Contains(got, "heron") || strings.Contains(got, fmt.Sprintf("%#v", []byte("heron"))) {
				t.Errorf("%s prints %s", verb, got)
			}
		}
	}
}

func TestTheLockTakesEverythingAway(t *testing.T) {
	s := State{
		Page: Inside, Person: Person{Account: models.AccountID{1}, Name: "ada", Admin: true}, Prefs: DefaultPrefs(), Link: LinkUp,
		Panel: Desks, Secret: NewSecret("invite"), Talk: &talk.View{Rooms: []talk.Room{{Title: "Kitchen"}}}, Admin: Admin{Desks: []DeskRow{{Name: "x"}}},
		Busy: Acting, Doing: Action{Verb: CreateRoom, Text: "Kitchen"}, Proof: Proof{Wanted: true, ByFace: true, Busy: Looking}, Capture: Capture{Purpose: ToProve}, Problem: Problem{Kind: Unknown, Detail: "Kitchen"},
	}
	for _, e := range []Event{LockAsked{}, Away{}, Stranger{}} {
		next, effects := Step(s, e)
		want := State{Page: Locked, Busy: Locking, Person: s.Person, Prefs: s.Prefs, Link: LinkUp, Note: next.Note}
		if !reflect.DeepEqual(next, want) {
			t.Errorf("%T left %+v", e, next)
		}
		if len(effects) == 0 || effects[0] != (DoLock{}) {
			t.Errorf("%T: effects %v", e, effects)
		}
	}
}

// A passer-by makes the lock of others late, or takes it away, or the veil from before their rooms.
func TestOnlyWhoIsInsideChangesTheLock(t *testing.T) {
	for _, c := range []struct {
		page Page
		pick time.Duration
		want time.Duration
	}{
		{LogIn, time.Minute, 5 * time.Second},
		{Inside, time.Minute, time.Minute},
		{Inside, 0, 5 * time.Second},
		{Inside, time.Hour, 5 * time.Second},
	} {
		s := Start()
		s.Page = c.page
		p := s.Prefs
		p.Away, p.Theme, p.Shield = c.pick, ThemeDark, ShieldNotice
		next, effects := Step(s, PrefsPicked{p})
		if p.Away = c.want; c.page != Inside {
			p.Shield = ShieldBlur
		}
		if next.Prefs != p || len(effects) != 1 || effects[0] != (DoKeep{p}) {
			t.Errorf("%s, %v: %v, %v", c.page, c.pick, next.Prefs, effects)
		}
	}
}

// The first admin is never left at a log-in where nobody can log in, nor at one from which nobody can sign up.
func TestTheFounderIsNotStuck(t *testing.T) {
	s := State{Page: Waiting, Founder: true, Applicant: Applicant{Name: "ada"}}
	for _, e := range []Event{Cancelled{}, Failed{Problem: Problem{Kind: Rejected}}} {
		if next, _ := Step(s, e); next.Page == LogIn {
			t.Errorf("%T: at the log-in of an organisation without anybody", e)
		}
	}
	next, _ := Step(s, Approved{})
	if next, _ = Step(next, Went{To: SignUp}); next.Page != SignUp || next.Founder {
		t.Errorf("nobody else can sign up: %+v", next)
	}
}

// However often a server says another thing of the light, a look stays as it was when somebody pressed: neither its tint nor its ground flickers,
// and the eye is told of the light that is shown.
func TestALooksLightIsSettled(t *testing.T) {
	s := Start()
	s.Page, s.Prefs.Calm = LogIn, true
	s.Busy = Checking
	step := func(e Event) { s, _ = Step(s, e) }
	lamp := func(on bool) { step(LinkIs{LinkUp, Desk{Name: "counter", Lamp: on}}) }
	lit := func(what string, want bool) {
		t.Helper()
		if s.Lit() != want || s.Desk.Lamp != want {
			t.Errorf("%s: lit %t, asked for %t, want %t", what, s.Lit(), s.Desk.Lamp, want)
		}
	}
	step(Ready{})
	for i := range 5 {
		lamp(i%2 == 0)
		lit("before the press", false)
	}
	step(Pressed{})
	lit("pressed", true)
	for i := range 5 {
		lamp(i%2 == 1)
		lit("as it looks", true)
	}
	step(Failed{Problem: Problem{Kind: FaceRefused}})
	lit("refused", true)
	step(Cancelled{})
	lit("left", false)
	lamp(true)
	lit("on another page", true)
}
