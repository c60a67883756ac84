package login

import (
	"crypto/ed25519"
	"crypto/rand"
	"testing"
	"time"

	"visavis/biometrics/liveness"
	"visavis/chat/trust"
	"visavis/models"
	"visavis/models/canon"
)

func newPhrase(t *testing.T) ed25519.PrivateKey {
	t.Helper()
	_, key, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return key
}

// givePhrase puts a vault into the place of p's that a phrase asks for.
func (w *world) givePhrase(p *person) {
	w.t.Helper()
	p.phrase = newPhrase(w.t)
	stored := w.vault(p)
	next := after(stored, "")
	next.Body = canon.MustMarshal(trust.SealedVault{
		Header: trust.NewHeader(trust.LabelVault, w.org), Account: p.account, Number: next.Version, Prev: next.Prev, Body: []byte("token"),
		Clear: trust.VaultClear{Wrapped: []byte("wrapped"), RecoveryKey: make([]byte, trust.BoxKeySize), RecoverySign: p.phrase.Public().(ed25519.PublicKey), RecoveryBox: []byte("box")},
	})
	w.must(w.store.PutVault(w.ctx, stored, next))
}

// recovery is one as the desk sees it.
type recovery struct {
	*attempt
	request []byte // as it was signed
}

// recovery begins one of a name.
func (w *world) recovery(p *person) *recovery {
	w.t.Helper()
	r := &recovery{attempt: w.begin(p)}
	reply, err := w.RecoverStart(w.ctx, r.conn, p.name)
	w.must(err)
	r.login, r.account = reply.Login, reply.Account
	return r
}

// signed is the request, by a key.
func (r *recovery) signed(key ed25519.PrivateKey) []byte {
	r.w.t.Helper()
	exporter, err := r.conn.Exporter(r.login)
	r.w.must(err)
	return trust.NewRecovery(trust.Recovery{Org: r.conn.Org, Server: r.conn.Server, Login: r.login, Account: r.account, Desk: r.conn.Desk, Exporter: exporter}, key)
}

func (r *recovery) prove() error {
	r.request = r.signed(r.p.phrase)
	return r.w.RecoverPhrase(r.w.ctx, r.conn, r.login, r.request)
}

func (r *recovery) ask() error {
	var err error
	r.challenge, err = r.w.RecoverChallenge(r.w.ctx, r.conn, r.login)
	return err
}

// show waits until the challenge is played, and hands in what the camera saw of a person.
func (r *recovery) show(p *person) (models.AccountID, error) {
	r.w.t.Helper()
	r.w.clock.move(r.challenge.Duration() + time.Second)
	e := r.evidence()
	e.Purpose, e.Handshake, e.Seen = trust.PurposeRecover, trust.RecoveryHash(r.request), p.play(r.challenge)
	return r.w.RecoverFace(r.w.ctx, r.conn, r.login, r.sign(e))
}

// A recovery is judged and counted as a log-in is: its face is a try of the account's, at the same challenge.
func TestRecoveryFaceCounts(t *testing.T) {
	w := newWorld(t)
	alice := w.join(newPerson("alice"), true)
	w.givePhrase(alice)
	r := w.recovery(alice)
	w.must(r.prove())
	w.must(r.ask())
	logIn := w.begin(alice).to(proven)
	w.must(logIn.ask())
	if logIn.challenge.ID != r.challenge.ID {
		t.Error("a recovery gives a second look at what a log-in is shown")
	}
	_, err := r.show(newPerson("mallory"))
	w.wantRefusal("a stranger", err, FaceNotAccepted)
	seen, err := w.peek(w.ctx, models.AttemptFace, alice.account.String())
	w.must(err)
	if seen.InRow != 1 || seen.Total != 1 {
		t.Errorf("counted %d in a row and %d in all, want 1", seen.InRow, seen.Total)
	}
	r = w.recovery(alice)
	w.must(r.prove())
	w.must(r.ask())
	account, err := r.show(alice)
	w.must(err)
	if account != alice.account || r.challenge.Kind != liveness.Entry {
		t.Errorf("recovered %s by a challenge of kind %d", account, r.challenge.Kind)
	}
}
