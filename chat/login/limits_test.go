package login

import (
	"errors"
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

// Counters whose clock was set back since make nobody wait for years, nor forget what counts.
func TestRest(t *testing.T) {
	now := time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)
	for what, test := range map[string]struct {
		last time.Time
		want time.Duration
	}{
		"never":                     {time.Time{}, 0},
		"now":                       {now, time.Minute},
		"a while ago":               {now.Add(-20 * time.Second), 40 * time.Second},
		"just over":                 {now.Add(-time.Minute), 0},
		"the clock went back a bit": {now.Add(time.Second), 61 * time.Second},
		"the clock went back years": {now.AddDate(4, 0, 0), 0},
	} {
		err := rest(now, test.last, time.Minute, errTooMany)
		var got time.Duration
		if w, ok := errors.AsType[*waitError](err); ok {
			got = w.after
		}
		if got != test.want {
			t.Errorf("%s: %v, want %v", what, got, test.want)
		}
	}
}

func TestDrain(t *testing.T) {
	from := time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)
	for what, test := range map[string]struct {
		at   time.Time
		left uint32
		from time.Time
	}{
		"nothing forgotten":  {from.Add(899 * time.Second), 3, from},
		"one, exactly":       {from.Add(900 * time.Second), 2, from.Add(900 * time.Second)},
		"one, and a bit":     {from.Add(1000 * time.Second), 2, from.Add(900 * time.Second)},
		"all":                {from.Add(time.Hour), 0, from.Add(time.Hour)},
		"the clock set back": {from.AddDate(-4, 0, 0), 3, from.AddDate(-4, 0, 0)},
	} {
		a := models.Attempts{Window: 3, WindowFrom: from}
		drain(&a, test.at, 15*time.Minute)
		if a.Window != test.left || !a.WindowFrom.Equal(test.from) {
			t.Errorf("%s: %d from %v, want %d from %v", what, a.Window, a.WindowFrom, test.left, test.from)
		}
	}
}

// A server that counted while its clock stood years ahead lets people in once it is right again.
func TestClockSetBack(t *testing.T) {
	w := newWorld(t, func(c *Config) {
		l := &c.Limits
		l.PasswordFree, l.NameFailures, l.DeskPasswords, l.DeskSignups, l.FaceInRow, l.ChallengesHour = 1, 1, 3, 2, 1, 1
	})
	alice := w.join(newPerson("alice"), true)
	w.wantRefusal("a stranger's face", w.fail(alice), FaceNotAccepted)
	w.must(w.begin(alice).start([]byte("not the password at all")))
	w.must(w.begin(newPerson("nobody")).start(alice.password))
	w.must(w.enrol(newPerson("bob")).start())
	w.wantWait("years ahead", w.begin(alice).start(alice.password), time.Second, time.Hour)
	w.clock.move(-4 * 365 * day)
	_, err := w.begin(alice).to(challenged).face()
	w.must(err)
	w.must(w.enrol(newPerson("carol")).start())
	w.must(w.enrol(newPerson("dave")).start())
	w.wantWait("what is counted anew", w.enrol(newPerson("erin")).start(), time.Minute, time.Hour)
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
	for i := range maxRows {
		tab.rows[models.LoginID{byte(i), byte(i >> 8), 1}] = row[int]{conn: binding{desk: models.DeskID{byte(i), byte(i >> 8)}}, until: now.Add(time.Hour)}
	}
	full := tab.put(models.LoginID{2}, row[int]{conn: binding{desk: models.DeskID{0, 0, 1}}, until: now.Add(time.Hour)}, now)
	if w, ok := errors.AsType[*waitError](full); !ok || w.after <= 0 {
		t.Errorf("a full table: %v, want a wait", full)
	}
	if _, stored := tab.rows[models.LoginID{2}]; stored {
		t.Error("a login found a place in a full table")
	}
}
