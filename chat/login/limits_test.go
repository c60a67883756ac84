package login

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"visavis/models"
)

// fail runs a log-in whose face is a stranger's.
func (w *world) fail(p *person) error {
	w.t.Helper()
	a := w.begin(p)
	w.must(a.start(p.password))
	w.must(a.prove())
	if err := a.ask(); err != nil {
		return err
	}
	w.clock.move(a.challenge.Duration() + 2*time.Second)
	a.p = newPerson("mallory")
	_, err := a.face()
	return err
}

func (w *world) wantWait(what string, err error, least, most time.Duration) {
	w.t.Helper()
	e, ok := errors.AsType[*Error](err)
	if !ok || e.Refusal != Wait {
		w.t.Errorf("%s: %v, want a wait", what, err)
		return
	}
	if e.After < least || e.After > most || e.Seconds() == 0 {
		w.t.Errorf("%s: wait %v, want %v to %v", what, e.After, least, most)
	}
}

func TestPasswordWait(t *testing.T) {
	l := DefaultLimits()
	for wrong, want := range map[uint32]time.Duration{0: 0, 3: 0, 4: 5 * time.Second, 5: 10 * time.Second, 6: 20 * time.Second,
		11: 640 * time.Second, 12: 15 * time.Minute, 13: 15 * time.Minute, 1 << 31: 15 * time.Minute} {
		if got := l.passwordWait(wrong); got != want {
			t.Errorf("after %d wrong passwords: %v, want %v", wrong, got, want)
		}
	}
}

// Wrong passwords slow a name down, known or not, over a restart too, and never for more than the longest wait.
func TestPasswordLimit(t *testing.T) {
	for _, name := range []string{"alice", "nobody"} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			w.join(newPerson("alice"), true)
			p := newPerson(name)
			wrong := []byte("not the password at all")
			for range w.limits.PasswordFree {
				w.must(w.begin(p).start(wrong))
			}
			w.wantWait("the fifth", w.begin(p).start(wrong), time.Second, 5*time.Second)
			w.restart()
			w.wantWait("after a restart", w.begin(p).start(p.password), time.Second, 5*time.Second)
			w.clock.move(5 * time.Second)
			w.must(w.begin(p).start(wrong))
			w.wantWait("doubled", w.begin(p).start(wrong), 6*time.Second, 10*time.Second)
			for range 20 {
				w.clock.move(w.limits.PasswordLongest)
				w.must(w.begin(p).start(wrong))
			}
		})
	}
}

// Sending many KE1s at once buys no more answers than sending them one by one: they are counted before a KE2 leaves.
func TestAnsweredKE1IsATry(t *testing.T) {
	w := newWorld(t)
	alice := w.join(newPerson("alice"), true)
	var open []*attempt
	for range w.limits.PasswordFree {
		a := w.begin(alice)
		w.must(a.start(alice.password))
		open = append(open, a)
	}
	w.wantWait("one more", w.begin(alice).start(alice.password), time.Second, 5*time.Second)
	w.must(open[0].prove())
	w.must(w.begin(alice).start(alice.password)) // its KE3 took them back
	seen, err := w.peek(w.ctx, models.AttemptPassword, nameSubject(w.passwords.NameKey("alice")))
	w.must(err)
	if seen.InRow != 1 {
		t.Errorf("%d in a row after a right password and one more try, want 1", seen.InRow)
	}
}

func TestDeskPasswordLimit(t *testing.T) {
	w := newWorld(t, func(c *Config) { c.Limits.DeskPasswords, c.Limits.DeskAccounts = 6, 100 })
	for i := range 6 {
		w.must(w.begin(newPerson(fmt.Sprintf("nobody%d", i))).start([]byte("some password")))
	}
	alice := newPerson("alice")
	w.wantWait("the seventh of a desk", w.begin(alice).start(alice.password), time.Minute, time.Hour)
	away, device := w.elsewhere()
	other := &attempt{w: w, p: alice, conn: away, device: device}
	w.must(other.start(alice.password))
	w.restart()
	w.wantWait("after a restart", w.begin(alice).start(alice.password), time.Minute, time.Hour)
	w.clock.move(time.Hour)
	w.must(w.begin(alice).start(alice.password))
}

// A desk at which more than five accounts fail within an hour is held; people who mistype and then get in do not count.
func TestDeskIsHeld(t *testing.T) {
	w := newWorld(t)
	wrong := []byte("not the password at all")
	alice := w.join(newPerson("alice"), true)
	for i := range 8 {
		p := w.join(newPerson(fmt.Sprintf("member%d", i)), true)
		w.must(w.begin(p).start(wrong))
		a := w.begin(p).to(challenged)
		_, err := a.face()
		w.must(err)
	}
	for i := range 6 {
		w.must(w.begin(newPerson(fmt.Sprintf("victim%d", i))).start(wrong))
	}
	w.wantWait("the seventh account", w.begin(newPerson("victim9")).start(wrong), time.Minute, time.Hour)
	w.wantWait("an honest one at the held desk", w.begin(alice).start(alice.password), time.Minute, time.Hour)
	w.restart()
	w.wantWait("after a restart", w.begin(alice).start(alice.password), time.Minute, time.Hour)
	held := 0
	for _, e := range w.audits() {
		if e.Event == "desk.held" {
			held++
		}
	}
	if held != 1 {
		t.Errorf("%d audit events say that the desk is held, want 1", held)
	}
	away, device := w.elsewhere()
	elsewhere := &attempt{w: w, p: alice, conn: away, device: device}
	w.must(elsewhere.start(alice.password))
	w.clock.move(time.Hour)
	w.must(w.begin(alice).start(alice.password))
}

// Faces count for holding a desk as passwords do.
func TestDeskIsHeldForFaces(t *testing.T) {
	w := newWorld(t, func(c *Config) { c.Limits.DeskAccounts = 2 })
	for i := range 3 {
		w.wantRefusal("a stranger's face", w.fail(w.join(newPerson(fmt.Sprintf("victim%d", i)), true)), FaceNotAccepted)
	}
	alice := w.join(newPerson("alice"), true)
	w.wantWait("a fourth account", w.begin(alice).start(alice.password), time.Minute, time.Hour)
}

func (w *world) audits() []models.AuditEvent {
	w.t.Helper()
	events, err := w.store.AuditAfter(w.ctx, 0, 10000)
	w.must(err)
	return events
}

func TestFaceLimitInARow(t *testing.T) {
	w := newWorld(t, func(c *Config) { c.Limits.ChallengesHour = 1000 })
	alice := w.join(newPerson("alice"), true)
	for range w.limits.FaceInRow {
		w.wantRefusal("a stranger's face", w.fail(alice), FaceNotAccepted)
	}
	w.restart()
	a := w.begin(alice)
	w.must(a.start(alice.password))
	w.must(a.prove())
	w.wantWait("the sixth", a.ask(), time.Second, w.limits.FaceWait)
	w.clock.move(w.limits.FaceWait)
	w.must(a.ask()) // told to wait, the login stood where it was
	w.clock.move(a.challenge.Duration() + time.Second)
	_, err := a.face()
	w.must(err)
	seen, err := w.peek(w.ctx, models.AttemptFace, alice.account.String())
	w.must(err)
	if seen.InRow != 0 || seen.Total != w.limits.FaceInRow {
		t.Errorf("after a success: %d in a row, %d in all; want 0 and %d", seen.InRow, seen.Total, w.limits.FaceInRow)
	}
}

// A week's failures are not cleared by success, and are forgotten a week later at the earliest.
func TestFaceLimitOfAWeek(t *testing.T) {
	w := newWorld(t, func(c *Config) { c.Limits.FaceWeek, c.Limits.FaceInRow, c.Limits.ChallengesHour = 6, 1000, 1000 })
	alice := w.join(newPerson("alice"), true)
	first := w.clock.now()
	for i := range 6 {
		w.wantRefusal("a stranger's face", w.fail(alice), FaceNotAccepted)
		if i == 2 {
			_, err := w.begin(alice).to(challenged).face()
			w.must(err)
			w.clock.move(3 * day)
		}
	}
	w.restart()
	for w.clock.now().Before(first.Add(7 * day)) {
		w.wantWait("within a week of the first", w.fail(alice), time.Second, 8*day)
		w.clock.move(9 * time.Hour)
	}
	w.clock.move(day) // the first three are forgotten, the later three not
	for range 3 {
		w.wantRefusal("eight days later", w.fail(alice), FaceNotAccepted)
	}
	w.wantWait("the seventh again", w.fail(alice), time.Hour, 8*day)
}

func TestFaceLimitInAll(t *testing.T) {
	w := newWorld(t, func(c *Config) { c.Limits.FaceTotal = 3; c.Limits.ChallengesHour = 1000 })
	alice := w.join(newPerson("alice"), true)
	for range 3 {
		w.wantRefusal("a stranger's face", w.fail(alice), FaceNotAccepted)
		w.clock.move(8 * day)
	}
	w.restart()
	a := w.begin(alice).to(proven)
	w.wantRefusal("until a reset", a.ask(), FaceNotAccepted)
	w.must(w.ResetFace(w.ctx, alice.account, models.AccountID{1}))
	_, err := w.begin(alice).to(challenged).face()
	w.must(err)
}

// The limit holds for the face itself too: who was shown a challenge before it was reached gets no further.
func TestFaceLimitAtTheFace(t *testing.T) {
	for what, limit := range map[string]func(*Config){
		"in a row": func(c *Config) { c.Limits.FaceInRow = 1 },
		"a week":   func(c *Config) { c.Limits.FaceWeek = 1 },
	} {
		t.Run(what, func(t *testing.T) {
			w := newWorld(t, limit)
			alice := w.join(newPerson("alice"), true)
			a := w.begin(alice).to(challenged)
			away, device := w.elsewhere()
			b := (&attempt{w: w, p: alice, conn: away, device: device}).to(challenged)
			b.p = newPerson("mallory")
			_, err := b.face()
			w.wantRefusal("a stranger elsewhere", err, FaceNotAccepted)
			_, err = a.face()
			w.wantWait("the right face, too soon", err, time.Second, 8*day)
			sum, _, err := w.week(w.ctx, alice.account)
			w.must(err)
			if sum != 1 {
				t.Errorf("%d failures of the week, want 1: a face that was not judged is not counted", sum)
			}
		})
	}
}

func TestChallengeLimit(t *testing.T) {
	w := newWorld(t)
	alice := w.join(newPerson("alice"), true)
	for range w.limits.ChallengesHour {
		_, err := w.begin(alice).to(challenged).face()
		w.must(err)
	}
	w.restart()
	a := w.begin(alice).to(proven)
	w.wantWait("the eleventh", a.ask(), time.Minute, time.Hour)
	if _, err := w.store.TakeChallenge(w.ctx, alice.account, w.desk); !errors.Is(err, models.ErrNotFound) {
		t.Errorf("a challenge that was not given stands: %v", err)
	}
	w.clock.move(time.Hour)
	_, err := w.begin(alice).to(challenged).face()
	w.must(err)
}

// Who looks at a challenge and leaves has failed a face: else challenges could be picked until an easy one comes.
func TestLeavingIsAFailure(t *testing.T) {
	w := newWorld(t)
	alice := w.join(newPerson("alice"), true)
	a := w.begin(alice).to(challenged)
	left := a.challenge
	w.restart()
	w.clock.move(2 * time.Minute)
	b := w.begin(alice).to(proven)
	w.must(b.ask())
	if b.challenge.ID == left.ID {
		t.Fatal("an old challenge was shown again")
	}
	seen, err := w.peek(w.ctx, models.AttemptFace, alice.account.String())
	w.must(err)
	if seen.InRow != 1 || seen.Total != 1 {
		t.Errorf("leaving counted %d in a row, %d in all; want 1", seen.InRow, seen.Total)
	}
	sum, _, err := w.week(w.ctx, alice.account)
	w.must(err)
	if sum != 1 {
		t.Errorf("leaving counted %d in the week, want 1", sum)
	}
}

// What is under way is bounded, and what is late is forgotten.
func TestTableIsBounded(t *testing.T) {
	dropped := 0
	tab := newTable(func(int) { dropped++ })
	now := time.Unix(1000, 0)
	for i := range maxDeskRows + 10 {
		w := row[int]{conn: binding{desk: models.DeskID{1}}, until: now.Add(time.Duration(i) * time.Second), value: i}
		if err := tab.put(models.LoginID{byte(i), byte(i >> 8)}, w, now); err != nil {
			t.Fatal(err)
		}
	}
	if len(tab.rows) != maxDeskRows || dropped != 10 {
		t.Errorf("%d rows of one desk, %d dropped; want %d and 10", len(tab.rows), dropped, maxDeskRows)
	}
	if _, err := tab.take(models.LoginID{0}, binding{desk: models.DeskID{1}}, now); !errors.Is(err, errUnknown) {
		t.Errorf("the oldest: %v, want it gone", err)
	}
	if err := tab.put(models.LoginID{0xff, 0xff}, row[int]{until: now.Add(time.Hour)}, now.Add(time.Hour)); err != nil || len(tab.rows) != 1 {
		t.Errorf("%d rows after an hour, want 1 (%v)", len(tab.rows), err)
	}
	var full error
	for i := range maxRows {
		full = tab.put(models.LoginID{byte(i), byte(i >> 8), 1}, row[int]{conn: binding{desk: models.DeskID{byte(i), byte(i >> 8)}}, until: now.Add(time.Hour)}, now)
	}
	if w, ok := errors.AsType[*waitError](full); !ok || w.after <= 0 {
		t.Errorf("a full table: %v, want a wait", full)
	}
	if len(tab.rows) > maxRows {
		t.Errorf("%d rows, want at most %d", len(tab.rows), maxRows)
	}
}
