package login

import (
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"math"
	"time"

	"visavis/biometrics/gate"
	"visavis/biometrics/liveness"
	"visavis/biometrics/match"
	"visavis/biometrics/template"
	"visavis/chat/pake"
	"visavis/models"
)

// Conn is what the server knows about the connection that a step came on. It is a value: the server makes it once a connection.
type Conn struct {
	Org        models.OrgID
	Server     models.Hash // the server's id, as its signed hello gives it
	Desk       models.DeskID
	DeviceKey  ed25519.PublicKey // that the directory lists for the desk
	TLSKeyHash models.Hash       // of the client key that this connection proved
	// Exporter returns 32 bytes that only this connection has, for one login (label EXPORTER-visavis-v1, context = login id).
	Exporter func(models.LoginID) ([32]byte, error)
}

// Store is the part of a models.Store that logs people in.
type Store interface {
	models.Users
	models.Vaults
	models.Limits
	models.Audits
	models.Recoveries
}

// Config is what a Service works with. All fields but Random are required.
type Config struct {
	Store     Store
	Passwords *pake.Server
	Templates template.Ring
	Policy    gate.Policy
	Directory Directory
	Limits    Limits
	Now       func() time.Time
	Random    io.Reader // crypto/rand.Reader when nil
}

// Service runs log-ins and sign-ups. It is safe for concurrent use; the zero value is not usable.
type Service struct {
	store     Store
	passwords *pake.Server
	templates template.Ring
	policy    gate.Policy
	directory Directory
	limits    Limits
	clock     func() time.Time
	random    io.Reader

	logins  *table[*signin]
	signups *table[*signup]
	// repasswords are changes of password under way.
	repasswords *table[*repassword]
	known       *match.Gallery // of everybody approved
	missed      missed         // who should be in it

	decoy    models.Vault // of accounts that there are none of
	decoyKey ed25519.PublicKey
}

// How long a login may stand in a state.
const (
	answerLife = 60 * time.Second // ANSWERED: a KE2
	provenLife = 10 * time.Minute // PROVEN and CHALLENGED: finding light and camera; the challenge has its own time
	signupLife = 20 * time.Minute // a sign-up from its start to its end: two captures, a try, and a person who reads
)

// New makes a service. What is under way is kept in memory, and the faces of those approved, of the store's; what was tried is kept in the store.
func New(ctx context.Context, c Config) (*Service, error) {
	switch {
	case c.Store == nil, c.Passwords == nil, c.Directory == nil, c.Now == nil:
		return nil, errors.New("make the login service: a dependency is missing")
	case c.Policy.MaxElapsed < liveness.MaxDuration+startMargin:
		return nil, errors.New("make the login service: the policy leaves no time for a challenge")
	}
	if err := c.Limits.check(); err != nil {
		return nil, fmt.Errorf("make the login service: %w", err)
	}
	if c.Random == nil {
		c.Random = rand.Reader
	}
	s := &Service{
		store: c.Store, passwords: c.Passwords, templates: c.Templates, policy: c.Policy, directory: c.Directory,
		limits: c.Limits, clock: c.Now, random: c.Random,
		logins:      newTable((*signin).wipe),
		signups:     newTable((*signup).wipe),
		repasswords: newTable(func(*repassword) {}),
		known:       match.NewGallery(c.Policy.Weights, maxKnown),
	}
	if err := errors.Join(s.makeDecoy(), s.load(ctx)); err != nil {
		return nil, fmt.Errorf("make the login service: %w", err)
	}
	return s, nil
}

// Left wipes what was under way on a connection that has ended, and says how much it was: nobody can go on with it.
func (s *Service) Left(c Conn) int {
	return s.logins.endOf(c) + s.signups.endOf(c) + s.repasswords.endOf(c)
}

// Sweep forgets what is over without anybody having come to say so: logins that were left, and the faces of accounts that the operator
// deleted beside the running server. It takes what the store could not give when somebody was approved.
func (s *Service) Sweep(ctx context.Context) {
	now := s.now()
	s.logins.endLate(now)
	s.signups.endLate(now)
	s.repasswords.endLate(now)
	s.again(ctx)
	s.forget(ctx)
	for _, id := range s.known.IDs() {
		if ctx.Err() != nil {
			return
		}
		s.knows(ctx, id)
	}
}

// Close wipes what is under way and all faces. It is called when no step runs any more.
func (s *Service) Close() {
	s.logins.end(func(models.LoginID, row[*signin]) bool { return true })
	s.signups.end(func(models.LoginID, row[*signup]) bool { return true })
	s.known.Wipe()
}

// now is the server's clock as the store keeps it.
func (s *Service) now() time.Time { return s.clock().UTC().Truncate(time.Millisecond) }

// checkDesk refuses a connection of a desk that the directory does not list, or lists with another key: a desk may be revoked
// while it is connected.
func (s *Service) checkDesk(ctx context.Context, e entry, c Conn) error {
	key, listed := s.directory.Desk(c.Desk)
	if !listed || len(c.DeviceKey) != ed25519.PublicKeySize || !key.Equal(c.DeviceKey) || c.Exporter == nil {
		return s.deny(ctx, e, DeskNotAccepted, errDesk)
	}
	return nil
}

// What went wrong, for the audit: fixed phrases.
var (
	errDesk        = errors.New("desk not listed")
	errName        = errors.New("not a name")
	errUnknown     = errors.New("no such login under way")
	errConnection  = errors.New("login of another connection")
	errLate        = errors.New("after its time")
	errOrder       = errors.New("step out of order")
	errNoAccount   = errors.New("account is gone")
	errDisabled    = errors.New("account is disabled")
	errUnadmitted  = errors.New("account is not in the directory")
	errRecord      = errors.New("registration record damaged")
	errOldRecord   = errors.New("password was changed meanwhile")
	errProof       = errors.New("password not proven")
	errEvidence    = errors.New("not evidence of this desk")
	errVerdict     = errors.New("denied by the gate")
	errResult      = errors.New("record, bundle or vault not of this sign-up")
	errChallenge   = errors.New("not the challenge that stands")
	errBinding     = errors.New("evidence is bound to something else")
	errCamera      = errors.New("not a camera of this desk")
	errLeft        = errors.New("left the challenge")
	errReset       = errors.New("too many failed faces until an admin's reset")
	errOtherRecord = errors.New("another record than before")
	errHeld        = errors.New("desk failed across too many accounts")
	errTooMany     = errors.New("too many tries")
)

// entry begins an audit event.
type entry struct {
	event   string
	account models.AccountID
	desk    models.DeskID
}

// audit writes down what has happened, though whoever did it may be gone: nobody keeps a line out by dropping the connection.
func (s *Service) audit(ctx context.Context, e entry, outcome, detail string) error {
	err := s.store.AddAudit(context.WithoutCancel(ctx), models.AuditEvent{
		At: s.now(), Event: e.event, Outcome: outcome, Account: e.account, Desk: e.desk, Detail: detail,
	})
	if err != nil {
		return fmt.Errorf("audit %s: %w", e.event, err)
	}
	return nil
}

// deny writes why into the audit and returns the refusal; that the audit could not be written makes it no less of one.
func (s *Service) deny(ctx context.Context, e entry, r Refusal, why error, causes ...error) error {
	return refuse(r, why, append(causes, s.audit(ctx, e, "denied", why.Error()))...)
}

// denyFace is deny with what the gate measured. The numbers stay here: a desk that saw them could climb them like a hill.
func (s *Service) denyFace(ctx context.Context, e entry, v judged) error {
	err := s.audit(ctx, e, "denied", measured(v))
	return refuse(FaceNotAccepted, errVerdict, errors.New(v.Why.String()), err)
}

// measured is what the audit keeps of a verdict: of other people only that they tightened a bound, neither who they are nor how near.
func measured(v judged) string {
	text := fmt.Sprintf("%s; %s; fused %s, worst %s, parallax %s, lamp %s", v.Why, v.Live, rounded(v.Fused), rounded(v.Worst), rounded(v.Parallax),
		rounded(v.Lamp))
	if v.tightened {
		text += "; tightened"
	}
	return text
}

func rounded(x float64) string {
	if math.IsNaN(x) {
		return "-"
	}
	return fmt.Sprintf("%.3f", x)
}

// limited turns what a counter said into what a desk hears. Waits are not audited one by one: the tries that led to them are.
func (s *Service) limited(ctx context.Context, e entry, err error) error {
	if w, waits := errors.AsType[*waitError](err); waits {
		return &Error{Refusal: Wait, After: w.after, why: w.why, cause: err}
	}
	if errors.Is(err, errReset) {
		return s.deny(ctx, e, FaceNotAccepted, errReset)
	}
	return fmt.Errorf("%s: %w", e.event, err)
}
