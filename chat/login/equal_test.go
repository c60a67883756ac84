package login

import (
	"context"
	"crypto/rand"
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"visavis/biometrics/liveness"
	"visavis/chat/pake"
	"visavis/chat/trust"
	"visavis/models"
)

// ledger is a store that notes what it is asked, without whom it is about.
type ledger struct {
	Store
	asked []string
}

func (l *ledger) note(what string) { l.asked = append(l.asked, what) }

func (l *ledger) UserByName(ctx context.Context, name string) (models.User, error) {
	l.note("a user by name")
	return l.Store.UserByName(ctx, name)
}

func (l *ledger) UserByID(ctx context.Context, id models.AccountID) (models.User, error) {
	l.note("a user by id")
	return l.Store.UserByID(ctx, id)
}

func (l *ledger) UsersByStatus(ctx context.Context, s models.UserStatus) ([]models.User, error) {
	l.note("users by status")
	return l.Store.UsersByStatus(ctx, s)
}

func (l *ledger) AddUser(ctx context.Context, u models.User, v models.Vault) error {
	l.note("a user is added")
	return l.Store.AddUser(ctx, u, v)
}

func (l *ledger) CountAttempt(ctx context.Context, kind models.AttemptKind, subject string, change func(*models.Attempts) error) (models.Attempts, error) {
	what, _, _ := strings.Cut(subject, ":")
	l.note(fmt.Sprintf("attempts %d of a %s", kind, what))
	return l.Store.CountAttempt(ctx, kind, subject, change)
}

func (l *ledger) PutChallenge(ctx context.Context, c models.Challenge) (models.Challenge, error) {
	l.note("a challenge is put")
	return l.Store.PutChallenge(ctx, c)
}

func (l *ledger) TakeChallenge(ctx context.Context, a models.AccountID, d models.DeskID) (models.Challenge, error) {
	l.note("a challenge is taken")
	return l.Store.TakeChallenge(ctx, a, d)
}

func (l *ledger) VaultOf(ctx context.Context, a models.AccountID) (models.Vault, error) {
	l.note("a vault")
	return l.Store.VaultOf(ctx, a)
}

func (l *ledger) TryCode(ctx context.Context, a models.AccountID, d models.DeskID, now time.Time, right func(models.Code) bool) (models.Code, error) {
	l.note("a code is tried")
	return l.Store.TryCode(ctx, a, d, now, right)
}

func (l *ledger) AddAudit(ctx context.Context, e models.AuditEvent) error {
	l.note("audit " + e.Event + " " + e.Outcome)
	return l.Store.AddAudit(ctx, e)
}

// since are the notes of what f does.
func (l *ledger) since(f func()) []string {
	l.asked = nil
	f()
	return slices.Clone(l.asked)
}

func noted(t *testing.T) (*world, *ledger) {
	l := &ledger{}
	w := newWorld(t, func(c *Config) { l.Store = c.Store; c.Store = l })
	return w, l
}

// Whoever tries names, and measures how long an answer takes, learns nothing: a name that somebody has and one that nobody has are asked for,
// counted and written down in the same steps, at the first answer and at the second.
func TestNamesCostTheSame(t *testing.T) {
	w, l := noted(t)
	alice := w.join(newPerson("alice"), true)
	work := map[string][2][]string{}
	for name, p := range map[string]*person{"known": alice, "unknown": newPerson("nobody")} {
		a := w.begin(p)
		var steps [2][]string
		steps[0] = l.since(func() { w.must(a.start([]byte("not the password of anybody"))) })
		noise := make([]byte, pake.KE3Size)
		_, _ = rand.Read(noise)
		steps[1] = l.since(func() { w.wantRefusal(name, w.Password(w.ctx, a.conn, a.login, noise), NotSignedIn) })
		work[name] = steps
	}
	for i, step := range []string{"login.start", "login.password"} {
		if known, unknown := work["known"][i], work["unknown"][i]; len(known) == 0 || !slices.Equal(known, unknown) {
			t.Errorf("%s: %q for a name that somebody has, %q for one that nobody has", step, known, unknown)
		}
	}
}

// The same of recoveries: of a name that nobody has, of somebody's, of somebody's who waits for an admin, and of one whose recovery another desk has brought
// half-way, whatever a desk asks for that lacks the phrase.
func TestRecoveriesCostTheSame(t *testing.T) {
	w, l := noted(t)
	alice, half := w.join(newPerson("alice"), true), w.join(newPerson("half"), true)
	waits := w.join(newPerson("waits"), false)
	for _, p := range []*person{alice, half, waits} {
		w.givePhrase(p)
	}
	other := w.recovery(half)
	w.must(other.prove())
	w.must(other.ask())

	noise := make([]byte, 600)
	_, _ = rand.Read(noise)
	type step struct {
		name string
		do   func(*recovery) error
	}
	steps := []step{
		{"phrase", func(r *recovery) error { return w.RecoverPhrase(w.ctx, r.conn, r.login, r.signed(newPhrase(t))) }},
		{"no phrase", func(r *recovery) error { return w.RecoverPhrase(w.ctx, r.conn, r.login, noise) }},
		{"challenge", func(r *recovery) error { _, err := w.RecoverChallenge(w.ctx, r.conn, r.login); return err }},
		{"face", func(r *recovery) error { _, err := w.RecoverFace(w.ctx, r.conn, r.login, noise); return err }},
		{"code", func(r *recovery) error {
			_, _, err := w.RecoverCode(w.ctx, r.conn, r.login, trust.Secret{1})
			return err
		}},
		{"register", func(r *recovery) error {
			_, _, err := w.RecoverRegister(w.ctx, r.conn, r.login, noise[:32])
			return err
		}},
		{"finish", func(r *recovery) error {
			_, err := w.RecoverFinish(w.ctx, r.conn, r.login, noise, models.Vault{Version: 3, Body: noise})
			return err
		}},
	}
	for _, s := range steps {
		work := map[string][]string{}
		for _, p := range []*person{alice, half, waits, newPerson("nobody")} {
			w.clock.move(time.Hour)
			work[p.name] = l.since(func() { w.wantRefusal(p.name+" "+s.name, s.do(w.recovery(p)), NotSignedIn) })
		}
		for name, did := range work {
			if len(did) == 0 || !slices.Equal(did, work["nobody"]) {
				t.Errorf("%s of %s: %q; of nobody: %q", s.name, name, did, work["nobody"])
			}
		}
	}
}

// A sign-up by somebody who looks like a member takes the same steps as one by somebody who looks like nobody.
func TestSignUpsCostTheSame(t *testing.T) {
	w, l := noted(t)
	alice := w.join(newPerson("alice"), true)
	w.must(w.Approved(w.ctx, alice.account))
	work := map[string][]string{}
	for name, face := range map[string]string{"like somebody": "alice", "like nobody": "zoe"} {
		p := newPerson(strings.ReplaceAll(name, " ", "-"))
		p.face = newPerson(face).face
		work[name] = l.since(func() {
			u := w.enrol(p).enrolled()
			w.must(u.show(liveness.Entry, p))
			w.must(u.finish(u.made()))
		})
	}
	if like, unlike := work["like somebody"], work["like nobody"]; len(like) < 5 || !slices.Equal(like, unlike) {
		t.Errorf("%q, and %q", like, unlike)
	}
}

// BenchmarkNames answers known and unknown names in turn, and reports the ratio of their mean times with the standard error of that ratio: what
// somebody could measure who has nothing between himself and the server. Password is a whole log-in attempt with a wrong KE3.
func BenchmarkNames(b *testing.B) {
	secrets, err := pake.NewSecrets(nil)
	if err != nil {
		b.Fatal(err)
	}
	org := models.OrgID{1}
	s, err := pake.NewServer(org, secrets, pake.SuiteTest, pake.AllowTestSuite())
	if err != nil {
		b.Fatal(err)
	}
	c := pake.NewClient(org, pake.SuiteTest)
	user := models.User{ID: models.AccountID{7}, Name: "alice"}
	r, request, err := c.Register([]byte("correct horse battery"))
	if err == nil {
		var response []byte
		if response, err = s.Register("alice", request); err == nil {
			user.Record, _, err = r.Finalize(user.ID, s.Params(), response)
		}
	}
	if err != nil {
		b.Fatal(err)
	}
	_, ke1, err := c.Start([]byte("a guess"))
	if err != nil {
		b.Fatal(err)
	}
	noise := make([]byte, pake.KE3Size)
	var known, unknown sample
	one := func(to *sample, name string, u *models.User) {
		began := time.Now()
		_, pending, err := s.Answer(name, u, ke1)
		if err != nil {
			b.Fatal(err)
		}
		if _, err := pending.Finish(noise); err == nil {
			b.Fatal("noise finished a log-in")
		}
		to.add(float64(time.Since(began)))
	}
	for b.Loop() {
		one(&known, "alice", &user)
		one(&unknown, "nobody", nil)
	}
	ratio := known.mean() / unknown.mean()
	b.ReportMetric(ratio, "known/unknown")
	b.ReportMetric(ratio*math.Hypot(known.err()/known.mean(), unknown.err()/unknown.mean()), "±")
}

// sample sums numbers up.
type sample struct{ n, sum, squares float64 }

func (s *sample) add(x float64) { s.n, s.sum, s.squares = s.n+1, s.sum+x, s.squares+x*x }
func (s *sample) mean() float64 { return s.sum / s.n }
func (s *sample) err() float64  { return math.Sqrt(max(0, s.squares/s.n-s.mean()*s.mean()) / s.n) }
