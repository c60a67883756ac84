package login

import (
	"errors"
	"testing"
	"time"

	"visavis/biometrics/liveness"
	"visavis/chat/trust"
	"visavis/models"
)

// unlocking begins an unlocking of somebody's session and asks for its challenge.
func (a *attempt) unlocking(session models.SessionID) {
	a.w.t.Helper()
	var err error
	a.login, err = a.w.UnlockStart(a.w.ctx, a.conn, Session{ID: session, Account: a.account, Name: a.p.name})
	a.w.must(err)
	a.challenge, err = a.w.UnlockChallenge(a.w.ctx, a.conn, a.login)
	a.w.must(err)
}

func (a *attempt) unlockEvidence(session models.SessionID) trust.Evidence {
	e := a.evidence()
	e.Purpose, e.Handshake = trust.PurposeUnlock, trust.UnlockHash(session)
	return e
}

var someSession = models.SessionID{5}

// Each row changes one thing of a face that would unlock.
func TestUnlockRefused(t *testing.T) {
	for what, change := range map[string]func(*attempt, *trust.Evidence){
		"evidence of a log-in":       func(_ *attempt, e *trust.Evidence) { e.Purpose = trust.PurposeLogin },
		"evidence of a sign-up":      func(_ *attempt, e *trust.Evidence) { e.Purpose = trust.PurposeSignup },
		"of another session":         func(_ *attempt, e *trust.Evidence) { e.Handshake = trust.UnlockHash(models.SessionID{6}) },
		"of a log-in's handshake":    func(a *attempt, e *trust.Evidence) { e.Handshake = a.evidence().Handshake },
		"another account":            func(_ *attempt, e *trust.Evidence) { e.Account[0] ^= 1 },
		"another desk":               func(_ *attempt, e *trust.Evidence) { e.Desk[0] ^= 1 },
		"another connection":         func(_ *attempt, e *trust.Evidence) { e.Exporter[0] ^= 1 },
		"another login":              func(_ *attempt, e *trust.Evidence) { e.Login[0] ^= 1 },
		"another challenge":          func(_ *attempt, e *trust.Evidence) { e.Challenge[0] ^= 1 },
		"a stranger":                 func(a *attempt, e *trust.Evidence) { e.Seen = newPerson("mallory").play(a.challenge) },
		"a head that does not turn":  func(_ *attempt, e *trust.Evidence) { still(e.Seen.Frames) },
		"after the challenge's time": func(a *attempt, _ *trust.Evidence) { a.w.clock.move(3 * time.Minute) },
	} {
		t.Run(what, func(t *testing.T) {
			w := newWorld(t)
			a := w.begin(w.join(newPerson("alice"), true)).to(challenged)
			_, err := w.Face(w.ctx, a.conn, a.login, a.sign(a.evidence()))
			w.must(err)
			a.unlocking(someSession)
			w.clock.move(a.challenge.Duration() + time.Second) // else every row is refused for having come too early
			e := a.unlockEvidence(someSession)
			change(a, &e)
			got, err := w.UnlockFace(w.ctx, a.conn, a.login, a.sign(e))
			w.wantRefusal(what, err, FaceNotAccepted)
			if got != (Present{}) {
				t.Error("a refused face unlocked")
			}
			seen, err := w.peek(w.ctx, models.AttemptFace, a.account.String())
			w.must(err)
			if seen.InRow != 1 || seen.Total != 1 {
				t.Errorf("counted %d in a row and %d in all, want 1", seen.InRow, seen.Total)
			}
			_, err = w.UnlockFace(w.ctx, a.conn, a.login, a.sign(a.unlockEvidence(someSession)))
			w.wantRefusal("the same unlocking again", err, NotSignedIn)
		})
	}
}

// A log-in's steps do not take an unlocking, nor the other way round; and nobody's steps take another connection's.
func TestUnlockStepsAreItsOwn(t *testing.T) {
	w := newWorld(t)
	a := w.begin(w.join(newPerson("alice"), true)).to(challenged)
	_, err := w.UnlockFace(w.ctx, a.conn, a.login, a.sign(a.unlockEvidence(someSession)))
	w.wantRefusal("a log-in unlocks", err, NotSignedIn)

	a.unlocking(someSession)
	_, err = w.Challenge(w.ctx, a.conn, a.login)
	w.wantRefusal("a log-in's challenge for an unlocking", err, NotSignedIn)
	a.unlocking(someSession)
	proof, err := w.Face(w.ctx, a.conn, a.login, a.sign(a.evidence()))
	w.wantRefusal("a log-in without a password", err, NotSignedIn)
	if proof != (Proof{}) {
		t.Error("an unlocking gave a log-in's proof")
	}
	a.unlocking(someSession)
	w.wantRefusal("a password for an unlocking", w.Password(w.ctx, a.conn, a.login, a.ke3), NotSignedIn)

	a.unlocking(someSession)
	there := w.connect()
	_, err = w.UnlockFace(w.ctx, there, a.login, a.sign(a.unlockEvidence(someSession)))
	w.wantRefusal("another connection", err, NotSignedIn)
	got, err := w.UnlockFace(w.ctx, a.conn, a.login, a.sign(a.unlockEvidence(someSession)))
	w.must(err)
	if got != (Present{Session: someSession, Account: a.account}) {
		t.Errorf("unlocked %v", got)
	}
}

// What was revoked since does not unlock, and is not resumed.
func TestUnlockRevoked(t *testing.T) {
	for what, tt := range map[string]struct {
		revoke func(*world, *attempt)
		want   Refusal
		why    error
	}{
		"the account, in the directory": {func(w *world, a *attempt) { w.dir.mu.Lock(); delete(w.dir.admitted, a.account); w.dir.mu.Unlock() }, NotAdmitted, errUnadmitted},
		"the account, by the operator":  {func(w *world, a *attempt) { w.must(w.store.SetUserStatus(w.ctx, a.account, models.UserDisabled)) }, NotAdmitted, errDisabled},
		"the account, deleted":          {func(w *world, a *attempt) { w.must(w.store.DeleteUser(w.ctx, a.account)) }, NotSignedIn, errNoAccount},
		"the desk":                      {func(w *world, _ *attempt) { w.dir.mu.Lock(); w.dir.revoked[w.desk] = true; w.dir.mu.Unlock() }, DeskNotAccepted, errDesk},
	} {
		t.Run(what, func(t *testing.T) {
			w := newWorld(t)
			a := w.begin(w.join(newPerson("alice"), true)).to(challenged)
			a.unlocking(someSession)
			w.clock.move(a.challenge.Duration() + time.Second) // this face would unlock
			w.must(w.Standing(w.ctx, a.conn, "session.resume", a.account))
			tt.revoke(w, a)
			_, err := w.UnlockFace(w.ctx, a.conn, a.login, a.sign(a.unlockEvidence(someSession)))
			w.wantRefusal("unlock", err, tt.want)
			resumed := w.Standing(w.ctx, a.conn, "session.resume", a.account)
			w.wantRefusal("resume", resumed, tt.want)
			if !errors.Is(err, tt.why) || !errors.Is(resumed, tt.why) {
				t.Errorf("refused for %v and %v, want %v", why(err), why(resumed), tt.why)
			}
		})
	}
}

// The challenge of an unlocking is the one that stands: asking for it elsewhere gives no second look.
func TestUnlockChallengeIsSticky(t *testing.T) {
	w := newWorld(t)
	a := w.begin(w.join(newPerson("alice"), true)).to(challenged)
	shown := a.challenge
	a.unlocking(someSession)
	if !same(shown, a.challenge) {
		t.Error("an unlocking was shown another challenge than the log-in beside it")
	}
	first := a.login
	a.unlocking(someSession)
	if !same(shown, a.challenge) || first == a.login {
		t.Error("asked again, it was shown another")
	}
}

func same(a, b liveness.Challenge) bool { return a.ID == b.ID }

// A passer-by before a locked desk, day after day, uses up what a lock may be tried with; not what the person logs in with.
func TestUnlockLeavesFacesForLogIns(t *testing.T) {
	for what, limit := range map[string]func(*Limits){
		"of a week":  func(l *Limits) { l.FaceWeek = 6 },
		"since ever": func(l *Limits) { l.FaceTotal = 6 },
	} {
		t.Run(what, func(t *testing.T) {
			w := newWorld(t, func(c *Config) { c.Limits.FaceInRow, c.Limits.ChallengesHour = 1000, 1000; limit(&c.Limits) })
			a := w.begin(w.join(newPerson("alice"), true)).to(challenged)
			_, err := w.Face(w.ctx, a.conn, a.login, a.sign(a.evidence()))
			w.must(err)
			for range 3 {
				a.unlocking(someSession)
				w.clock.move(a.challenge.Duration() + time.Second) // else it is refused for having come too early
				e := a.unlockEvidence(someSession)
				e.Seen = newPerson("mallory").play(a.challenge)
				_, err := w.UnlockFace(w.ctx, a.conn, a.login, a.sign(e))
				w.wantRefusal("a passer-by", err, FaceNotAccepted)
				if !errors.Is(err, errVerdict) {
					t.Fatalf("refused for %v", why(err))
				}
			}
			id, err := w.UnlockStart(w.ctx, a.conn, Session{ID: someSession, Account: a.account, Name: a.p.name})
			w.must(err)
			if _, err := w.UnlockChallenge(w.ctx, a.conn, id); !errors.Is(err, errTooMany) && !errors.Is(err, errReset) {
				t.Errorf("a passer-by may try on: %v", err)
			}
			a = w.begin(a.p).to(challenged)
			_, err = w.Face(w.ctx, a.conn, a.login, a.sign(a.evidence()))
			w.must(err)
		})
	}
}
