package login

import (
	"crypto/ed25519"
	"errors"
	"fmt"
	"testing"
	"time"

	"visavis/models"
)

// Wrong passwords slow a name down at their desk, known or not, over a restart too, and never for more than the longest wait.
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

// A flood of names leaves no counters for ever: they go when they say no more than none, and not before.
func TestCountersOfNamesAreForgotten(t *testing.T) {
	w := newWorld(t)
	alice := w.join(newPerson("alice"), true)
	_ = w.fail(alice)
	subjects := []string{deskSubject(w.desk), heldSubject(w.desk)}
	for _, p := range []*person{alice, newPerson("nobody"), newPerson("noone")} {
		w.must(w.begin(p).start([]byte("not the password at all")))
		key := w.passwords.NameKey(p.name)
		subjects = append(subjects, nameSubject(key), pairSubject(key, w.desk))
	}
	counted := func(what string, want bool) {
		t.Helper()
		for _, subject := range subjects {
			if a, err := w.peek(w.ctx, models.AttemptPassword, subject); err != nil || a.Last.IsZero() == want {
				t.Errorf("%s: %s: %+v, %v", what, subject, a, err)
			}
		}
	}
	w.clock.move(w.limits.forgets())
	w.Sweep(w.ctx)
	counted("just then", true)
	w.clock.move(time.Millisecond)
	w.Sweep(w.ctx)
	counted("after that", false)
	if a, err := w.peek(w.ctx, models.AttemptFace, alice.account.String()); err != nil || a.Total != 1 {
		t.Errorf("failed faces: %+v, %v", a, err)
	}
	if l := w.limits; l.forgets() != 25*time.Hour { // 100 of a name, one forgotten in a quarter of an hour
		t.Errorf("forgotten after %v", l.forgets())
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
	key := w.passwords.NameKey("alice")
	seen, err := w.peek(w.ctx, models.AttemptPassword, pairSubject(key, w.desk))
	w.must(err)
	if seen.InRow != 1 {
		t.Errorf("%d in a row after a right password and one more try, want 1", seen.InRow)
	}
	// Over all desks a right password takes back its own try alone: it frees no guesses of others.
	seen, err = w.peek(w.ctx, models.AttemptPassword, nameSubject(key))
	w.must(err)
	if want := w.limits.PasswordFree; seen.Window != want {
		t.Errorf("%d of the name, want %d", seen.Window, want)
	}
}

// at is a log-in at another desk.
func (w *world) at(desk away, p *person) *attempt {
	return &attempt{w: w, p: p, conn: desk.conn, device: desk.device}
}

// away is a desk that is not the world's own.
type away struct {
	conn   Conn
	device ed25519.PrivateKey
}

func (w *world) away(n int) []away {
	desks := make([]away, n)
	for i := range desks {
		desks[i].conn, desks[i].device = w.elsewhere()
	}
	return desks
}

// One hostile desk tries a name's password whenever it may. It keeps nobody out anywhere else, and costs them not even a wait.
func TestDeskKeepsNobodyOutElsewhere(t *testing.T) {
	w := newWorld(t)
	alice, nobody, wrong := w.join(newPerson("alice"), true), newPerson("nobody"), []byte("not the password at all")
	hostile := w.away(1)[0]
	for i := range 100 { // a day
		w.must(w.at(hostile, alice).start(wrong))
		w.must(w.at(hostile, nobody).start(wrong))
		if i > 12 && i%10 == 0 {
			w.wantWait("the hostile desk itself", w.at(hostile, alice).start(wrong), time.Second, w.limits.PasswordLongest)
		}
		if i%10 == 0 {
			w.begin(alice).to(proven)
		}
		w.clock.move(w.limits.PasswordLongest)
	}
	w.must(w.begin(nobody).start(wrong))
	seen, err := w.peek(w.ctx, models.AttemptPassword, nameSubject(w.passwords.NameKey("alice")))
	w.must(err)
	if seen.Window >= w.limits.NameFailures/4 {
		t.Errorf("one desk brought the name to %d", seen.Window)
	}
}

// However many desks a thief has, together they try a name that is full once in a NameWait: no more, and a name that nobody has answers
// just as one that somebody has. Nor do the tries that are refused keep its person waiting for longer.
func TestThiefWithManyDesks(t *testing.T) {
	w := newWorld(t, func(c *Config) {
		l := &c.Limits
		l.NameFailures, l.PasswordFree, l.DeskPasswords = 20, 1000, 1000
	})
	alice, nobody, wrong := w.join(newPerson("alice"), true), newPerson("nobody"), []byte("not the password at all")
	desks := w.away(3)
	const step = 20 * time.Second
	began := w.clock.now()
	tried, quiet := 0, time.Duration(0)
	for w.clock.now().Before(began.Add(20 * time.Minute)) {
		quiet += step
		for _, desk := range desks {
			known, unknown := w.at(desk, alice).start(wrong), w.at(desk, nobody).start(wrong)
			if known == nil {
				tried, quiet = tried+1, 0
			} else {
				w.wantWait("a full name", known, time.Millisecond, w.limits.NameWait)
			}
			if fmt.Sprint(known) != fmt.Sprint(unknown) {
				t.Fatalf("a name that somebody has: %v; that nobody has: %v", known, unknown)
			}
		}
		if quiet > w.limits.NameWait {
			t.Fatalf("the name was not answered for %v", quiet)
		}
		w.clock.move(step)
	}
	// 20 at once, one a minute, and one forgotten in a quarter of an hour.
	if most := 20 + 20 + 2; tried > most {
		t.Errorf("%d tries in 20 minutes, want at most %d", tried, most)
	}
	w.restart()
	w.clock.move(w.limits.NameWait)
	w.must(w.begin(alice).to(proven).ask())
}

// The desks that must wait themselves do not keep a full name from its person, however often they ask.
func TestRefusedTriesCostNobody(t *testing.T) {
	w := newWorld(t, func(c *Config) {
		c.Limits.NameFailures, c.Limits.PasswordFirst, c.Limits.PasswordLongest = 4, time.Hour, time.Hour
	})
	alice, wrong := w.join(newPerson("alice"), true), []byte("not the password at all")
	hostile := w.away(1)[0]
	for range w.limits.PasswordFree {
		w.must(w.at(hostile, alice).start(wrong))
	}
	for range w.limits.NameWait / time.Second {
		w.clock.move(time.Second)
		w.wantWait("the hostile desk", w.at(hostile, alice).start(wrong), time.Minute, time.Hour)
	}
	seen, err := w.peek(w.ctx, models.AttemptPassword, pairSubject(w.passwords.NameKey("alice"), hostile.conn.Desk))
	w.must(err)
	if want := w.limits.PasswordFree; seen.InRow != want {
		t.Errorf("%d in a row, want %d: what was refused was no try", seen.InRow, want)
	}
	w.must(w.begin(alice).to(proven).ask())
}

// Whom the name's wait refuses does not wait for longer at the desk for having asked. The one that slips in at the same time as another
// is refused at the counter: here, without the look before it.
func TestRefusedByTheName(t *testing.T) {
	w := newWorld(t, func(c *Config) { c.Limits.NameFailures = 4 })
	alice, wrong := w.join(newPerson("alice"), true), []byte("not the password at all")
	for range w.limits.PasswordFree {
		w.must(w.begin(alice).start(wrong))
	}
	key := w.passwords.NameKey("alice")
	for range 2 {
		w.clock.move(29 * time.Second)
		w.wantWait("the name is full", w.begin(alice).start(wrong), time.Second, w.limits.NameWait)
		var tried tally
		err := w.countGuess(w.ctx, &tried, key, w.desk)
		if _, waits := errors.AsType[*waitError](err); !waits {
			t.Fatalf("%v, want a wait", err)
		}
		w.must(tried.settle(w.ctx, false))
	}
	seen, err := w.peek(w.ctx, models.AttemptPassword, deskSubject(w.desk))
	w.must(err)
	if seen.Window != w.limits.PasswordFree {
		t.Errorf("%d of the desk, want %d", seen.Window, w.limits.PasswordFree)
	}
	w.clock.move(w.limits.NameWait - 58*time.Second)
	w.begin(alice).to(proven)
}

// What a sign-up's start answers could be held against the record that the name gets later. So it is a guess, like a KE1.
func TestSignupIsAGuess(t *testing.T) {
	w := newWorld(t)
	bob := newPerson("bob")
	for range w.limits.PasswordFree {
		w.must(w.enrol(bob).start())
	}
	w.wantWait("the fifth sign-up", w.enrol(bob).start(), time.Second, 5*time.Second)
	w.wantWait("a log-in", w.begin(bob).start(bob.password), time.Second, 5*time.Second)
	w.must(w.at(w.away(1)[0], bob).start(bob.password))
	w.clock.move(5 * time.Second)
	w.join(bob, true)
	seen, err := w.peek(w.ctx, models.AttemptPassword, pairSubject(w.passwords.NameKey("bob"), w.desk))
	w.must(err)
	if seen.InRow != 0 {
		t.Errorf("%d in a row after the sign-up, want 0", seen.InRow)
	}
	for range 10 { // a taken name is not answered, and so not guessed at
		if err := w.enrol(bob).start(); !errors.Is(err, ErrNameTaken) {
			t.Errorf("%v, want ErrNameTaken", err)
		}
	}
	w.must(w.begin(bob).start(bob.password))
}

func TestDeskPasswordLimit(t *testing.T) {
	w := newWorld(t, func(c *Config) { c.Limits.DeskPasswords, c.Limits.DeskAccounts = 6, 100 })
	for i := range 6 {
		w.must(w.begin(newPerson(fmt.Sprintf("nobody%d", i))).start([]byte("some password")))
	}
	alice := newPerson("alice")
	w.wantWait("the seventh of a desk", w.begin(alice).start(alice.password), time.Minute, time.Hour)
	w.must(w.at(w.away(1)[0], alice).start(alice.password))
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
	w.must(w.at(w.away(1)[0], alice).start(alice.password))
	w.clock.move(time.Hour)
	w.must(w.begin(alice).start(alice.password))
}

// Asking once more than one may does not take a name off the list of those that failed: a desk that tries many is held all the same.
func TestRefusedTriesForgiveNothing(t *testing.T) {
	w := newWorld(t)
	wrong := []byte("not the password at all")
	for i := range w.limits.DeskAccounts {
		victim := newPerson(fmt.Sprintf("victim%d", i))
		for range w.limits.PasswordFree {
			w.must(w.begin(victim).start(wrong))
		}
		w.wantWait("the fifth", w.begin(victim).start(wrong), time.Second, 5*time.Second)
		var second tally // as if it came at the same time as the fourth
		w.must(w.countPair(w.ctx, &second, w.passwords.NameKey(victim.name), w.desk))
		w.must(second.settle(w.ctx, false))
	}
	w.must(w.begin(newPerson("victim")).start(wrong))
	w.wantWait("the seventh account", w.begin(newPerson("another")).start(wrong), time.Minute, time.Hour)
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
