package login

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	mathrand "math/rand/v2"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"visavis/biometrics"
	"visavis/biometrics/gate"
	"visavis/biometrics/liveness"
	"visavis/biometrics/match"
	"visavis/biometrics/template"
	"visavis/models"
)

// twin is somebody whose face lies at a distance from another's.
func twin(name string, of *person, distance float64) *person {
	p := newPerson(name)
	var along float64
	for i := range p.face {
		along += p.face[i] * of.face[i]
	}
	var sum float64
	for i := range p.face {
		p.face[i] -= along * of.face[i]
		sum += p.face[i] * p.face[i]
	}
	angle := 2 * math.Asin(distance/2)
	for i := range p.face {
		p.face[i] = math.Cos(angle)*of.face[i] + math.Sin(angle)*p.face[i]/math.Sqrt(sum)
	}
	return p
}

// as shows somebody's face for another's name and password.
func (w *world) as(owner, shown *person) error {
	w.t.Helper()
	a := w.begin(owner).to(challenged)
	a.p = shown
	_, err := a.face()
	return err
}

// bounds are those of an enrolment of one capture.
var bounds = match.OneIn10000.Bounds(5)

// near is a distance that the level lets pass, and a twin's tightened bound does not.
var near = 0.9 * bounds.Fused

// alike is a distance that does not pass, and yet tightens: well within what does.
func alike() float64 {
	reach := bounds.Fused
	for bounds.Tightened(reach).Fused < bounds.Fused {
		reach += 0.001
	}
	return bounds.Fused + 0.4*(reach-bounds.Fused)
}

// Before her twin is approved, alice's bound is the level's. From then on he is told from her, and she still gets in; also after a restart.
func TestTwinIsTold(t *testing.T) {
	w := newWorld(t)
	alice := w.join(newPerson("alice"), true)
	bob := w.join(twin("bob", alice, near), false)
	w.must(w.as(alice, bob))
	if said := w.lastAudit().Detail; strings.Contains(said, "tightened") {
		t.Errorf("nobody else is approved, and the audit says %q", said)
	}
	w.approve(bob)
	told := func(when string) {
		t.Helper()
		w.wantRefusal(when+": bob as alice", w.as(alice, bob), FaceNotAccepted)
		w.must(w.as(alice, alice))
		last := w.lastAudit()
		if !strings.HasSuffix(last.Detail, "; tightened") || strings.Contains(last.Detail, bob.account.String()) || strings.Contains(last.Detail, "bob") {
			t.Errorf("%s: the audit says %q", when, last.Detail)
		}
		w.must(w.as(bob, bob))
		w.wantRefusal(when+": alice as bob", w.as(bob, alice), FaceNotAccepted)
	}
	told("approved")
	w.restart()
	told("after a restart")
}

// Who is revoked or deleted tightens nobody's bound any more, even where nobody told the service.
func TestGoneIsForgotten(t *testing.T) {
	for what, end := range map[string]func(*world, *person){
		"said so":              func(w *world, p *person) { w.Gone(p.account) },
		"revoked":              func(w *world, p *person) { w.admit(p, false) },
		"deleted by operator":  func(w *world, p *person) { w.must(w.store.DeleteUser(w.ctx, p.account)) },
		"disabled by operator": func(w *world, p *person) { w.must(w.store.SetUserStatus(w.ctx, p.account, models.UserDisabled)) },
		"deleted, and swept": func(w *world, p *person) {
			w.must(w.store.DeleteUser(w.ctx, p.account))
			w.Sweep(w.ctx)
			if w.known.Len() != 1 {
				w.t.Errorf("%d faces after the sweep, want 1", w.known.Len())
			}
		},
	} {
		t.Run(what, func(t *testing.T) {
			w := newWorld(t)
			alice := w.join(newPerson("alice"), true)
			bob := w.join(twin("bob", alice, near), true)
			w.wantRefusal("bob as alice", w.as(alice, bob), FaceNotAccepted)
			end(w, bob)
			w.must(w.as(alice, bob))
			if w.known.Len() != 1 {
				t.Errorf("%d faces are kept, want 1", w.known.Len())
			}
		})
	}
}

// A store that does not answer makes nobody's bound wider.
func TestForgetsNobodyInTrouble(t *testing.T) {
	w := newWorld(t)
	alice, bob := w.join(newPerson("alice"), true), w.join(newPerson("bob"), true)
	w.must(w.store.Close())
	for _, p := range []*person{alice, bob} {
		if !w.knows(w.ctx, p.account) {
			t.Errorf("%s is forgotten", p.name)
		}
	}
	w.Sweep(w.ctx)
	if w.known.Len() != 2 {
		t.Errorf("%d faces are kept, want 2", w.known.Len())
	}
}

// deaf is a store that finds nobody while it is closed.
type deaf struct {
	models.Store
	closed atomic.Bool
}

func (d *deaf) UserByID(ctx context.Context, id models.AccountID) (models.User, error) {
	if d.closed.Load() {
		return models.User{}, models.ErrClosed
	}
	return d.Store.UserByID(ctx, id)
}

// A store that does not answer while somebody is approved leaves that face out for a while, and says so; whoever is no more by then stays out.
func TestLeftOutForAWhile(t *testing.T) {
	w := newWorld(t)
	store := &deaf{Store: w.store}
	w.config.Store = store
	w.restart()
	alice := w.join(newPerson("alice"), true)
	bob, eve, gone, revoked := w.join(twin("bob", alice, near), false), w.join(newPerson("eve"), false), w.join(newPerson("gone"), false), w.join(newPerson("carl"), false)
	store.closed.Store(true)
	for _, p := range []*person{bob, eve, gone, revoked} {
		w.admit(p, true)
		if err := w.Approved(w.ctx, p.account); !errors.Is(err, models.ErrClosed) {
			t.Errorf("%s: %v, want the store's trouble", p.name, err)
		}
		if last := w.lastAudit(); last.Event != "faces.add" || last.Outcome != "error" || last.Account != p.account {
			t.Errorf("the audit says %+v", last)
		}
	}
	w.Sweep(w.ctx)
	if w.known.Len() != 1 || len(w.missed.all()) != 4 {
		t.Errorf("%d are compared and %d missed while the store is closed", w.known.Len(), len(w.missed.all()))
	}
	store.closed.Store(false)
	w.must(w.as(alice, bob)) // the store was shut while he was approved
	w.must(w.store.DeleteUser(w.ctx, gone.account))
	w.Gone(revoked.account)
	w.admit(eve, false)
	w.Sweep(w.ctx)
	if w.known.Len() != 2 || len(w.missed.all()) != 0 {
		t.Errorf("%d are compared, want alice and bob; %d are missed", w.known.Len(), len(w.missed.all()))
	}
	w.wantRefusal("bob as alice", w.as(alice, bob), FaceNotAccepted)
}

// What a sign-up and its try are answered does not depend on who is known here: else whoever has a desk could ask with a photograph.
func TestSignupIsNoOracle(t *testing.T) {
	w := newWorld(t)
	alice := w.join(newPerson("alice"), false)
	face := twin("mallory", alice, near)
	var said [2][]string
	for known := range said {
		mallory := *face
		mallory.name = fmt.Sprint("mallory", known)
		u := w.enrol(&mallory).enrolled()
		for _, shown := range []*person{alice, &mallory, twin("eve", face, 1.3*bounds.Fused)} {
			said[known] = append(said[known], fmt.Sprint(u.show(liveness.Entry, shown)))
		}
		said[known] = append(said[known], fmt.Sprint(u.finish(u.made())))
		for _, event := range w.audits() {
			if event.Account == u.reply.Account && strings.Contains(event.Detail, "tightened") {
				t.Errorf("%s says %q", event.Event, event.Detail)
			}
		}
		w.approve(alice)
	}
	if !slices.Equal(said[0], said[1]) {
		t.Errorf("a stranger is answered %q, a lookalike %q", said[0], said[1])
	}
	if said[0][0] != "<nil>" || said[0][2] == "<nil>" {
		t.Errorf("the tries tell nothing: %q", said[0])
	}
}

// A stored face that does not open, or is of other weights, keeps nobody else out: the server starts, and says so.
func TestDamagedFaces(t *testing.T) {
	w := newWorld(t)
	alice := w.join(newPerson("alice"), true)
	w.account("damaged", []byte("no template"), models.UserActive)
	foreign := w.account("foreign", nil, models.UserActive)
	face, err := match.Restore("other weights", w.vectors(newPerson("foreign"))...)
	w.must(err)
	sealed, err := template.Seal(w.templates, foreign, face, w.clock.now())
	w.must(err)
	w.must(w.store.DeleteUser(w.ctx, foreign))
	w.account("foreign", sealed, models.UserActive, foreign)
	w.restart()
	if w.known.Len() != 1 {
		t.Errorf("%d faces are compared, want 1", w.known.Len())
	}
	if last := w.lastAudit(); last.Event != "faces.load" || last.Detail != "2 of 3 faces are not compared" {
		t.Errorf("the audit says %+v", last)
	}
	w.must(w.as(alice, alice))
	if err := w.Approved(w.ctx, foreign); err == nil {
		t.Error("a face of other weights was taken")
	}
	w.must(w.Approved(w.ctx, models.AccountID{1})) // deleted before it was approved
	broken := w.account("broken", []byte("no template"), models.UserWaiting)
	if _, err := w.Lookalikes(w.ctx, broken, 8); err == nil {
		t.Error("lookalikes of a face that does not open")
	}
}

// After Close no face, key or form is left.
func TestCloseWipes(t *testing.T) {
	w := newWorld(t)
	alice := w.join(newPerson("alice"), true)
	a := w.begin(alice).to(proven)
	key := w.logins.rows[a.login].value.key
	u := w.enrol(newPerson("bob")).enrolled()
	views := w.signups.rows[u.reply.Login].value.face.Views
	w.Close()
	if w.known.Len() != 0 || len(w.logins.rows) != 0 || len(w.signups.rows) != 0 {
		t.Error("something is left")
	}
	if *key != [len(*key)]byte{} || slices.ContainsFunc(views, func(v match.Vector) bool { return !v.IsZero() }) {
		t.Error("a key or a face was not overwritten")
	}
	w.wantRefusal("a step after it", a.ask(), NotSignedIn)
}

// Two thousand people, and two admins who list at once while somebody logs in.
func TestTwoThousand(t *testing.T) {
	const count, waiting = 2000, 40
	w := newWorld(t)
	alice := w.join(newPerson("alice"), true)
	random := mathrand.New(mathrand.NewPCG(1, 2))
	var wait []models.AccountID
	for i := range count {
		p := newPerson(fmt.Sprint("person", i))
		status := models.UserActive
		if i < waiting {
			status = models.UserWaiting
			p = twin(p.name, alice, 0.05+0.1*random.Float64())
		}
		var id models.AccountID
		binary.BigEndian.PutUint64(id[:], uint64(i+1))
		sealed, err := template.Seal(w.templates, id, w.face(p), w.clock.now())
		w.must(err)
		if w.account(p.name, sealed, status, id); status == models.UserWaiting {
			w.admit(&person{account: id}, false)
			wait = append(wait, id)
		}
	}
	w.restart()
	if want := count - waiting + 1; w.known.Len() != want {
		t.Fatalf("%d faces are compared, want %d", w.known.Len(), want)
	}
	var both sync.WaitGroup
	for range 2 {
		both.Go(func() {
			for _, id := range wait {
				found, err := w.Lookalikes(w.ctx, id, 8)
				if err != nil || len(found) != 1 || found[0] != (Lookalike{alice.account, SameFace}) {
					t.Errorf("%v looks like %v (%v)", id.Short(), found, err)
				}
			}
		})
	}
	w.must(w.as(alice, alice))
	both.Wait()
}

// vectors are the views of somebody, front first.
func (w *world) vectors(p *person) (views []match.Vector) {
	w.t.Helper()
	for _, g := range []liveness.Gesture{liveness.Neutral, liveness.TurnLeft, liveness.TurnRight} {
		v, err := match.Unit(biometrics.Descriptor(p.descriptor(g)))
		w.must(err)
		views = append(views, v)
	}
	return views
}

func (w *world) face(p *person) match.Template {
	w.t.Helper()
	face, err := match.NewTemplate(testWeights, gate.DefaultPolicy(testWeights).Level, w.vectors(p)...)
	w.must(err)
	return face
}

// account puts an account into the store as it is, and admits it.
func (w *world) account(name string, sealed []byte, status models.UserStatus, ids ...models.AccountID) models.AccountID {
	w.t.Helper()
	var id models.AccountID
	if len(ids) == 1 {
		id = ids[0]
	} else {
		w.must(models.Draw(&id, nil))
	}
	w.must(w.store.AddUser(w.ctx, models.User{ID: id, Name: name, Status: status, Template: sealed, CreatedAt: w.clock.now()},
		models.Vault{Account: id, Version: 1, Body: []byte("sealed")}))
	w.admit(&person{account: id}, true)
	return id
}

func (w *world) lastAudit() models.AuditEvent {
	w.t.Helper()
	events := w.audits()
	return events[len(events)-1]
}
