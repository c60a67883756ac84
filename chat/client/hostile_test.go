package client_test

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"errors"
	"slices"
	"sync/atomic"
	"testing"

	"visavis/chat/chattest"
	"visavis/chat/client"
	"visavis/chat/e2e"
	"visavis/chat/pki"
	"visavis/chat/server"
	"visavis/chat/trust"
	"visavis/models"
)

// lies are what a hostile server tells instead of what it has stored. A nil one is the truth.
type lies struct {
	entries func(models.RoomID, []models.Entry) []models.Entry
	users   func([]models.User) []models.User
	desks   func([]models.Desk) []models.Desk
	vault   func(models.Vault) models.Vault
	boxes   func([]models.Box) []models.Box
	anew    func([]models.Renewal) []models.Renewal
	audits  models.Audits // another log of security events
}

// hostileStore is how a server becomes hostile here: its own code is honest, and what it reads is not.
type hostileStore struct {
	models.Store
	lies atomic.Pointer[lies]
}

func (s *hostileStore) Entries(ctx context.Context, room models.RoomID, after uint64, limit int) ([]models.Entry, error) {
	es, err := s.Store.Entries(ctx, room, after, limit)
	if l := s.lies.Load(); l != nil && l.entries != nil {
		es = l.entries(room, es)
	}
	return es, err
}

func (s *hostileStore) BoxFor(ctx context.Context, room models.RoomID, generation models.Hash, account models.AccountID) ([]models.Box, error) {
	bs, err := s.Store.BoxFor(ctx, room, generation, account)
	if l := s.lies.Load(); l != nil && l.boxes != nil {
		bs = l.boxes(bs)
	}
	return bs, err
}

func (s *hostileStore) UsersByStatus(ctx context.Context, st models.UserStatus) ([]models.User, error) {
	us, err := s.Store.UsersByStatus(ctx, st)
	if l := s.lies.Load(); l != nil && l.users != nil {
		us = l.users(us)
	}
	return us, err
}

func (s *hostileStore) Desks(ctx context.Context) ([]models.Desk, error) {
	ds, err := s.Store.Desks(ctx)
	if l := s.lies.Load(); l != nil && l.desks != nil {
		ds = l.desks(ds)
	}
	return ds, err
}

func (s *hostileStore) VaultOf(ctx context.Context, a models.AccountID) (models.Vault, error) {
	v, err := s.Store.VaultOf(ctx, a)
	if l := s.lies.Load(); l != nil && l.vault != nil {
		v = l.vault(v)
	}
	return v, err
}

func (s *hostileStore) Renewals(ctx context.Context) ([]models.Renewal, error) {
	rs, err := s.Store.Renewals(ctx)
	if l := s.lies.Load(); l != nil && l.anew != nil {
		rs = l.anew(rs)
	}
	return rs, err
}

// hostile is people with a server that can be made to lie.
func hostile(t *testing.T) (*chattest.World, *hostileStore, *client.Desk, *client.Session, *chattest.Person) {
	t.Helper()
	var h *hostileStore
	w, first, admin, ben := people(t, func(o *server.Options) {
		h = &hostileStore{Store: o.Store}
		o.Store = h
	})
	return w, h, first, admin, ben
}

// restart makes the server forget what it has in memory; it lies from then on.
func restart(w *chattest.World, h *hostileStore, l *lies) {
	w.Stop()
	h.lies.Store(nil)
	w.Start(nil)
	h.lies.Store(l)
}

// The server adds a person of its own to the directory, to have room keys sealed to it.
func TestGhostIdentity(t *testing.T) {
	w, h, first, admin, ben := hostile(t)
	cleo := w.SignUp(first, "cleo", 3)
	user, err := w.Store.UserByID(t.Context(), cleo.Account)
	must(t, err)
	dir := admin.Directory()
	bundle, err := trust.OpenBundle(user.Bundle, dir)
	must(t, err)
	by := admin.Author()
	good, err := dir.SignIdentity(by.Account, by.Key, bundle, by.At)
	must(t, err)
	payload, err := trust.Payload(good)
	must(t, err)
	ghost, err := pki.NewKey(nil)
	must(t, err)
	last := lastSeq(t, w, models.RoomID{})
	for _, c := range []struct {
		name   string
		signed []byte
		listed bool
	}{
		{"signed by the server's own key", trust.Sign(trust.LabelIdentity, payload, ghost), false},
		{"signed as another statement", trust.Sign(trust.LabelRole, payload, by.Key), false},
		{"signed by the admin", good, true}, // the same statement, so that it is the signature that decides above
	} {
		t.Run(c.name, func(t *testing.T) {
			restart(w, h, &lies{entries: func(room models.RoomID, es []models.Entry) []models.Entry {
				if !room.IsZero() || len(es) == 0 {
					return es
				}
				return append(es, models.Entry{Seq: last + 1, Kind: models.EntryStatement, Author: by.Account, Message: models.MessageID{1}, Body: c.signed, At: by.At})
			}})
			s := w.LogIn(first, ben)
			if _, listed := s.Directory().Identity(cleo.Account); listed != c.listed {
				t.Fatalf("listed: %v", listed)
			}
		})
	}
}

// The server swaps the keys of a person who waits for approval.
func TestSwappedSignup(t *testing.T) {
	w, h, first, admin, _ := hostile(t)
	ctx := t.Context()
	eve, other := w.SignUp(first, "eve", 3), w.SignUp(first, "other", 4)
	evil, err := e2e.NewKeys(rand.Reader)
	must(t, err)
	mine := func(device ed25519.PrivateKey) []byte {
		signing, boxes := evil.Public()
		b, err := trust.NewBundle(trust.Bundle{Org: first.Org(), Account: eve.Account, Name: "eve", Signing: signing, Boxes: boxes,
			Consent: client.ConsentHash(chattest.Consent), Desk: first.ID(), Time: w.Clock.Now()}, evil.Signing(), device)
		must(t, err)
		return b
	}
	noDesk, err := pki.NewKey(nil)
	must(t, err)
	swap := func(b []byte) *lies {
		return &lies{users: func(us []models.User) []models.User {
			for i := range us {
				if us[i].ID == eve.Account {
					us[i].Bundle = b
				}
			}
			return us
		}}
	}
	t.Run("keys of its own", func(t *testing.T) {
		h.lies.Store(swap(mine(noDesk)))
		if _, err := admin.Signups(ctx); !errors.Is(err, client.ErrSignup) {
			t.Fatalf("got %v", err)
		}
	})
	t.Run("the bundle of somebody else", func(t *testing.T) {
		h.lies.Store(swap(other.Bundle))
		if _, err := admin.Signups(ctx); !errors.Is(err, client.ErrSignup) {
			t.Fatalf("got %v", err)
		}
	})
	t.Run("under another account", func(t *testing.T) {
		h.lies.Store(&lies{users: func(us []models.User) []models.User { us[0].ID[0] ^= 1; return us }})
		if _, err := admin.Signups(ctx); !errors.Is(err, client.ErrSignup) {
			t.Fatalf("got %v", err)
		}
	})
	t.Run("keys of its own, with a stolen desk's help", func(t *testing.T) {
		h.lies.Store(swap(mine(first.Device())))
		list, err := admin.Signups(ctx)
		must(t, err)
		i := slices.IndexFunc(list, func(x client.Waiting) bool { return x.Account == eve.Account })
		if err := admin.Approve(ctx, list[i], string(eve.Fingerprint)); !errors.Is(err, client.ErrFingerprint) {
			t.Fatalf("got %v", err) // what stands on the person's screen is not what the server shows
		}
	})
	h.lies.Store(nil)
	w.Approve(admin, eve)
}

// The server, restored from an old backup or hostile, shows less of the directory than this desk has seen: a revocation may be missing.
func TestOldDirectory(t *testing.T) {
	w, h, first, admin, ben := hostile(t)
	w.LogIn(first, ben) // sees all of it
	seen, head := first.Seen()
	if n := admin.Directory().Len(); seen != n {
		t.Fatalf("the desk has seen %d of %d", seen, n)
	}
	w.Stop()
	h.lies.Store(&lies{entries: func(room models.RoomID, es []models.Entry) []models.Entry {
		if room.IsZero() {
			return es[:min(len(es), int(seen)-1)]
		}
		return es
	}})
	w.Start(nil)
	if _, err := first.Connect(t.Context()); !errors.Is(err, client.ErrOldDirectory) {
		t.Fatalf("got %v", err)
	}
	restart(w, h, nil)
	other := head
	other[0] ^= 1
	first.SetSeen(seen, other)
	if _, err := first.Connect(t.Context()); !errors.Is(err, client.ErrOldDirectory) {
		t.Fatalf("as long, with another head: %v", err)
	}
	// Longer, and not what was seen grown on: the hello can not show that, the directory does.
	first.SetSeen(seen-1, other)
	if _, err := w.TryLogIn(first, ben.Name, ben.Password, w.Eye(ben.Face)); !errors.Is(err, client.ErrOldDirectory) {
		t.Fatalf("longer, with another past: %v", err)
	}
	first.SetSeen(seen, head)
	w.LogIn(first, ben)
}

// The server gives out the log of a room other than it is.
func TestTamperedLog(t *testing.T) {
	w, h, first, admin, ben := hostile(t)
	ctx := t.Context()
	s := w.LogIn(first, ben)
	var rooms [2]models.RoomID
	for i := range rooms {
		id, err := admin.CreateRoom(ctx, "Kitchen")
		must(t, err)
		member(t, admin, s, id)
		for _, text := range []string{"one", "two", "three"} {
			_, err := admin.Send(ctx, id, text)
			must(t, err)
		}
		rooms[i] = id
	}
	es, err := w.Store.Entries(ctx, rooms[0], 0, 100)
	must(t, err)
	foreign, err := w.Store.Entries(ctx, rooms[1], 0, 100)
	must(t, err)
	n := len(es)
	two := n - 2
	for _, c := range []struct {
		name  string
		lie   func(es []models.Entry) []models.Entry
		at    int // index of the entry that is judged
		cause e2e.Cause
		warn  e2e.Warning
	}{
		{"the truth", func(es []models.Entry) []models.Entry { return es }, two, e2e.CauseNone, 0},
		{"a token of another room", func(es []models.Entry) []models.Entry { es[two].Body = foreign[two].Body; return es }, two, e2e.CauseGeneration, 0},
		{"a token under another's name", func(es []models.Entry) []models.Entry { es[two].Author = ben.Account; return es }, two, e2e.CauseMoved, 0},
		{"a token under another id", func(es []models.Entry) []models.Entry { es[two].Message[0] ^= 1; return es }, two, e2e.CauseMoved, 0},
		{"a bit of a token", func(es []models.Entry) []models.Entry {
			es[two].Body = bytes.Clone(es[two].Body)
			es[two].Body[len(es[two].Body)-1] ^= 1
			return es
		}, two, e2e.CauseToken, 0},
		{"a message again", func(es []models.Entry) []models.Entry {
			again := es[two]
			again.Seq = es[n-1].Seq
			es[n-1] = again
			return es
		}, n - 1, e2e.CauseReplay, 0},
		{"two messages in each other's place", func(es []models.Entry) []models.Entry {
			a, b := es[two], es[n-1]
			a.Seq, b.Seq = b.Seq, a.Seq
			es[two], es[n-1] = b, a
			return es
		}, n - 1, e2e.CauseOrder, 0},
		{"a message kept back", func(es []models.Entry) []models.Entry {
			last := es[n-1]
			last.Seq = es[two].Seq
			return append(es[:two:two], last)
		}, two, e2e.CauseNone, e2e.WarnGap},
	} {
		t.Run(c.name, func(t *testing.T) {
			restart(w, h, &lies{entries: func(room models.RoomID, es []models.Entry) []models.Entry {
				if room != rooms[0] || len(es) != n {
					return es
				}
				return c.lie(slices.Clone(es))
			}})
			reader := w.LogIn(first, ben)
			enter(t, reader, rooms[0])
			for {
				u, err := reader.Next(ctx)
				must(t, err)
				if u.Event == nil || u.Event.Seq != uint64(c.at+1) {
					continue
				}
				if u.Event.Cause != c.cause || u.Event.Warn.Has(^c.warn&^e2e.WarnFork) || u.Event.Warn&c.warn != c.warn {
					t.Fatalf("cause %q, warnings %q; want %q, %q", u.Event.Cause, u.Event.Warn, c.cause, c.warn)
				}
				return
			}
		})
	}
}

// enter begins to read; a log that is cut short never comes to the end that the server names.
func enter(t *testing.T, s *client.Session, id models.RoomID) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- s.Enter(ctx, id) }()
	t.Cleanup(func() { cancel(); <-done })
}

// The server hands out another person's vault, or one that it made itself, after the right proofs.
func TestForeignVault(t *testing.T) {
	w, h, first, admin, ben := hostile(t)
	hers, err := w.Store.VaultOf(t.Context(), admin.Account())
	must(t, err)
	for name, lie := range map[string]func(models.Vault) models.Vault{
		"an admin's":      func(models.Vault) models.Vault { return hers },
		"her body":        func(v models.Vault) models.Vault { v.Body = hers.Body; return v },
		"another version": func(v models.Vault) models.Vault { v.Version++; return v },
		"one bit":         func(v models.Vault) models.Vault { v.Body = bytes.Clone(v.Body); v.Body[len(v.Body)/2] ^= 1; return v },
		"nothing":         func(v models.Vault) models.Vault { v.Body = nil; return v },
	} {
		h.lies.Store(&lies{vault: lie})
		if _, err := w.TryLogIn(first, ben.Name, ben.Password, w.Eye(ben.Face)); !errors.Is(err, client.ErrVault) {
			t.Errorf("%s: got %v", name, err)
		}
	}
	h.lies.Store(nil)
	w.LogIn(first, ben)
}

// The server puts a desk of its own where an admin expects the one that he has invited.
func TestSwappedDesk(t *testing.T) {
	w, h, _, admin, _ := hostile(t)
	ctx := t.Context()
	invite, err := admin.InviteDesk(ctx)
	must(t, err)
	d := w.Enrol(invite, "new")
	parsed, err := trust.ParseInvite(invite)
	must(t, err)
	device, err := pki.NewKey(nil)
	must(t, err)
	hash, err := pki.PublicKeyHash(device.Public().(ed25519.PublicKey))
	must(t, err)
	request := func(secret trust.Secret) []byte {
		r, err := trust.NewDeskRequest(trust.DeskRequest{Org: d.Org(), Desk: d.ID(), Name: "new", Device: device.Public().(ed25519.PublicKey),
			TLSKey: hash, Code: parsed.Code, Time: w.Clock.Now()}, secret, device)
		must(t, err)
		return r
	}
	guessed, err := trust.NewSecret(rand.Reader)
	must(t, err)
	for name, change := range map[string]func(*models.Desk){
		"keys of its own":              func(x *models.Desk) { x.Request = request(trust.Secret{}) },
		"keys and a secret of its own": func(x *models.Desk) { x.Request = request(guessed) },
		"another invite":               func(x *models.Desk) { x.Invite[0] ^= 1 },
		"another desk's id":            func(x *models.Desk) { x.ID[0] ^= 1 },
		"no request":                   func(x *models.Desk) { x.Request = nil },
	} {
		h.lies.Store(&lies{desks: func(ds []models.Desk) []models.Desk {
			for i := range ds {
				if ds[i].ID == d.ID() {
					change(&ds[i])
				}
			}
			return ds
		}})
		list, err := admin.Desks(ctx)
		must(t, err)
		for _, x := range list {
			if x.Status != models.DeskPending {
				continue
			}
			if err := admin.ApproveDesk(ctx, x); !errors.Is(err, client.ErrDeskRequest) {
				t.Errorf("%s: got %v", name, err)
			}
		}
	}
	h.lies.Store(nil)
	list, err := admin.Desks(ctx)
	must(t, err)
	if list[0].Status != models.DeskPending {
		t.Fatal("who waits does not come first")
	}
	must(t, admin.ApproveDesk(ctx, list[0]))
}
