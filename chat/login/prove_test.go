package login

import (
	"errors"
	"testing"
	"time"

	"visavis/chat/trust"
	"visavis/models"
)

// inSession is somebody with an open session, which is someSession.
func inSession(t *testing.T, change ...func(*Config)) (*world, *attempt, Session) {
	t.Helper()
	w := newWorld(t, change...)
	a := w.begin(w.join(newPerson("alice"), true)).to(challenged)
	_, err := a.face()
	w.must(err)
	return w, a, Session{ID: someSession, Account: a.account, Name: a.p.name}
}

// looking begins a proof by the face, asks for its challenge and waits until it is played.
func (a *attempt) looking(of Session) {
	a.w.t.Helper()
	var err error
	a.login, err = a.w.ProveLook(a.w.ctx, a.conn, of)
	a.w.must(err)
	a.challenge, err = a.w.ProveChallenge(a.w.ctx, a.conn, a.login)
	a.w.must(err)
	a.w.clock.move(a.challenge.Duration() + time.Second)
}

func (a *attempt) proofEvidence(of Session) trust.Evidence {
	e := a.evidence()
	e.Purpose, e.Handshake = trust.PurposeProve, trust.ProveHash(of.ID)
	return e
}

// typing begins a proof by a password, and makes the KE3 that follows.
func (a *attempt) typing(of Session, password []byte) error {
	a.w.t.Helper()
	tried, ke1, err := a.w.client().Start(password)
	a.w.must(err)
	reply, err := a.w.ProveStart(a.w.ctx, a.conn, of, ke1)
	if err != nil {
		return err
	}
	a.login, a.account, a.ke1, a.answer = reply.Login, reply.Account, ke1, reply.Answer
	if a.ke3, a.session, _, err = tried.Finish(reply.Answer); err != nil {
		a.ke3 = make([]byte, 64)
	}
	return nil
}

// Each row changes one thing of a face that would prove.
func TestProveFaceRefused(t *testing.T) {
	for what, tt := range map[string]struct {
		change func(*attempt, *trust.Evidence)
		why    error
	}{
		"evidence of a log-in":      {func(_ *attempt, e *trust.Evidence) { e.Purpose = trust.PurposeLogin }, errBinding},
		"evidence of a sign-up":     {func(_ *attempt, e *trust.Evidence) { e.Purpose = trust.PurposeSignup }, errBinding},
		"evidence of an unlocking":  {func(_ *attempt, e *trust.Evidence) { e.Purpose = trust.PurposeUnlock }, errBinding},
		"an unlocking's handshake":  {func(_ *attempt, e *trust.Evidence) { e.Handshake = trust.UnlockHash(someSession) }, errBinding},
		"a log-in's handshake":      {func(a *attempt, e *trust.Evidence) { e.Handshake = a.evidence().Handshake }, errBinding},
		"of another session":        {func(_ *attempt, e *trust.Evidence) { e.Handshake = trust.ProveHash(models.SessionID{6}) }, errBinding},
		"of another connection":     {func(_ *attempt, e *trust.Evidence) { e.Exporter[0] ^= 1 }, errBinding},
		"of another account":        {func(_ *attempt, e *trust.Evidence) { e.Account[0] ^= 1 }, errBinding},
		"of another login":          {func(_ *attempt, e *trust.Evidence) { e.Login[0] ^= 1 }, errBinding},
		"for another challenge":     {func(_ *attempt, e *trust.Evidence) { e.Challenge[0] ^= 1 }, errBinding},
		"a stranger":                {func(a *attempt, e *trust.Evidence) { e.Seen = newPerson("mallory").play(a.challenge) }, errVerdict},
		"a head that does not turn": {func(_ *attempt, e *trust.Evidence) { still(e.Seen.Frames) }, errVerdict},
	} {
		t.Run(what, func(t *testing.T) {
			w, a, of := inSession(t)
			a.looking(of)
			e := a.proofEvidence(of)
			tt.change(a, &e)
			got, err := w.ProveFace(w.ctx, a.conn, a.login, a.sign(e))
			w.wantRefusal(what, err, FaceNotAccepted)
			if !errors.Is(err, tt.why) || got != (Present{}) {
				t.Errorf("%v, for %v; want %v", got, why(err), tt.why)
			}
			_, err = w.ProveFace(w.ctx, a.conn, a.login, a.sign(a.proofEvidence(of)))
			w.wantRefusal("the same login again", err, NotSignedIn)
			a.looking(of)
			got, err = w.ProveFace(w.ctx, a.conn, a.login, a.sign(a.proofEvidence(of)))
			w.must(err)
			if got != (Present{Session: of.ID, Account: of.Account}) {
				t.Errorf("proved %v", got)
			}
		})
	}
}

// Steps of a log-in, an unlocking and a proof do not take each other's: a proof begins no session and opens no lock, and a log-in's password proves
// nothing in a session.
func TestProveStepsAreItsOwn(t *testing.T) {
	w, a, of := inSession(t)
	a.looking(of)
	_, err := w.UnlockFace(w.ctx, a.conn, a.login, a.sign(a.proofEvidence(of)))
	w.wantRefusal("a proof unlocks", err, NotSignedIn)
	a.looking(of)
	proof, err := w.Face(w.ctx, a.conn, a.login, a.sign(a.proofEvidence(of)))
	w.wantRefusal("a proof logs in", err, NotSignedIn)
	if proof != (Proof{}) {
		t.Error("it gave a log-in's proof")
	}
	a.unlocking(of.ID)
	_, err = w.ProveFace(w.ctx, a.conn, a.login, a.sign(a.unlockEvidence(of.ID)))
	w.wantRefusal("an unlocking proves", err, NotSignedIn)

	w.must(a.typing(of, a.p.password))
	w.wantRefusal("a proof's password logs in", w.Password(w.ctx, a.conn, a.login, a.ke3), NotSignedIn)
	w.must(a.typing(of, a.p.password))
	_, err = w.ProveChallenge(w.ctx, a.conn, a.login)
	w.wantRefusal("a face before the password", err, NotSignedIn)
	w.must(a.start(a.p.password))
	ke3, _, _, err := a.pake.Finish(a.answer)
	w.must(err)
	_, err = w.ProvePassword(w.ctx, a.conn, a.login, ke3)
	w.wantRefusal("a log-in's password proves", err, NotSignedIn)

	w.must(a.typing(of, a.p.password))
	_, err = w.ProvePassword(w.ctx, w.connect(), a.login, a.ke3)
	w.wantRefusal("on another connection", err, NotSignedIn)
	got, err := w.ProvePassword(w.ctx, a.conn, a.login, a.ke3)
	w.must(err)
	if got != (Present{Session: of.ID, Account: of.Account}) {
		t.Errorf("proved %v", got)
	}
	_, err = w.ProvePassword(w.ctx, a.conn, a.login, a.ke3)
	w.wantRefusal("twice", err, NotSignedIn)
}

// A password typed into an open session is a try like one at a log-in, and a right one takes it back.
func TestProvePasswordCounts(t *testing.T) {
	w, a, of := inSession(t)
	guesses := func() uint32 {
		seen, err := w.peek(w.ctx, models.AttemptPassword, pairSubject(w.passwords.NameKey(of.Name), w.desk))
		w.must(err)
		return seen.InRow
	}
	for n := range w.limits.PasswordFree {
		w.must(a.typing(of, []byte("a guess at somebody's password")))
		if got := guesses(); got != n+1 {
			t.Fatalf("an answered KE1 counts as %d tries, want %d", got, n+1)
		}
		_, err := w.ProvePassword(w.ctx, a.conn, a.login, a.ke3)
		w.wantRefusal("a guess", err, NotSignedIn)
	}
	w.wantRefusal("one more", a.typing(of, a.p.password), Wait)
	w.clock.move(w.limits.PasswordFirst)
	w.must(a.typing(of, a.p.password))
	_, err := w.ProvePassword(w.ctx, a.conn, a.login, a.ke3)
	w.must(err)
	if got := guesses(); got != 0 {
		t.Errorf("%d tries after the right one", got)
	}
}

// An account that was deleted, and whose name somebody else has now, is proven by nobody's password.
func TestProveForAnotherOfTheName(t *testing.T) {
	w, a, of := inSession(t)
	w.must(w.store.DeleteUser(w.ctx, of.Account))
	w.join(newPerson(of.Name), true)
	err := a.typing(of, a.p.password)
	w.wantRefusal("another account", err, NotSignedIn)
	if !errors.Is(err, errNoAccount) {
		t.Errorf("refused for %v", why(err))
	}
}
