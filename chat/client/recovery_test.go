package client_test

import (
	"crypto/ed25519"
	"crypto/rand"
	"errors"
	"testing"
	"time"

	"visavis/chat/chattest"
	"visavis/chat/client"
	"visavis/chat/e2e"
	"visavis/chat/pake"
	"visavis/chat/trust"
	"visavis/chat/wire"
	"visavis/models"
	"visavis/models/canon"
)

const otherPassword = "a new umbrella 9 quartz lantern"

// recovering proves the phrase and the face.
func recovering(t *testing.T, w *chattest.World, d *client.Desk, p *chattest.Person, phrase e2e.Phrase) (*client.Recovery, error) {
	t.Helper()
	r, err := d.ProvePhrase(t.Context(), w.Connect(d), p.Name, phrase)
	if err != nil {
		return nil, err
	}
	return r, r.ShowFace(t.Context(), w.Eye(p.Face))
}

// kitchen is a room of ada's in which ben, at the first desk, has read "before"; and his vault by then.
type kitchen struct {
	admin, at *client.Session
	id        models.RoomID
	vault     models.Vault
}

func inKitchen(t *testing.T) (w *chattest.World, second *client.Desk, ben *chattest.Person, k kitchen) {
	t.Helper()
	w, first, admin, ben := people(t)
	k.admin, k.at = admin, w.LogIn(first, ben)
	var err error
	k.id, err = admin.CreateRoom(t.Context(), "Kitchen")
	must(t, err)
	must(t, admin.Invite(t.Context(), k.id, ben.Account))
	must(t, k.at.Join(t.Context(), k.id))
	_, err = admin.Send(t.Context(), k.id, "before")
	must(t, err)
	if got := readText(t, k.at, k.id); got != "before" {
		t.Fatalf("ben read %q", got)
	}
	k.vault, err = w.Store.VaultOf(t.Context(), ben.Account)
	must(t, err)
	return w, w.Desk(admin, "second"), ben, k
}

// A lost password: with phrase and face, at any desk, a person is back with everything, and what was lost opens nothing any more.
func TestRecovery(t *testing.T) {
	w, second, ben, k := inKitchen(t)
	first, at, id, before := w.First, k.at, k.id, k.vault

	r, err := recovering(t, w, second, ben, ben.Phrase)
	must(t, err)
	select {
	case <-at.Done():
	case <-time.After(time.Minute):
		t.Error("a session of before goes on")
	}
	_, err = finished(t, r, []byte("password"))
	if _, weak := errors.AsType[*pake.WeakPassword](err); !weak {
		t.Errorf("an easy password: %v", err)
	}
	phrase, err := finished(t, r, []byte(otherPassword))
	must(t, err)

	_, err = w.TryLogIn(first, ben.Name, ben.Password, w.Eye(ben.Face))
	refused(t, err, wire.CodeNotSignedIn)
	_, err = second.ProvePhrase(t.Context(), w.Connect(second), ben.Name, ben.Phrase)
	if !errors.Is(err, client.ErrPhrase) {
		t.Errorf("the phrase of before: %v", err)
	}
	stored, err := w.Store.VaultOf(t.Context(), ben.Account)
	must(t, err)
	if _, err := e2e.OpenVaultByPhrase(stored, ben.Phrase); err == nil {
		t.Error("the phrase of before opens what the server hands out")
	}
	if _, err := e2e.OpenVaultByPhrase(before, ben.Phrase); err != nil {
		t.Errorf("the test looks at nothing: %v", err)
	}

	again, err := w.TryLogIn(first, ben.Name, otherPassword, w.Eye(ben.Face))
	must(t, err)
	must(t, again.Enter(t.Context(), id))
	if got := readText(t, again, id); got != "before" {
		t.Errorf("ben read %q after his recovery", got)
	}
	_, err = again.Send(t.Context(), id, "back")
	must(t, err)
	for what, n := range map[string]int{"recover.phrase ok": 1, "recover.face ok": 1, "recover.vault ok": 1, "recover.finish ok": 1} {
		if got := w.Audited(what, ben.Account); got != n {
			t.Errorf("audited %q %d times, want %d", what, got, n)
		}
	}
	again.Close()
	r, err = recovering(t, w, first, ben, phrase)
	must(t, err)
	_, err = finished(t, r, []byte(ben.Password))
	must(t, err)
}

// finished is a recovery whose new phrase is noted at once.
func finished(t *testing.T, r *client.Recovery, password []byte) (e2e.Phrase, error) {
	t.Helper()
	phrase, err := r.Seal(t.Context(), password)
	if err == nil {
		err = r.Finish(t.Context())
	}
	return phrase, err
}

// While the new phrase is being noted nothing has changed: whoever leaves then, or whose desk falls dark, has what he had before.
func TestNothingIsRecoveredUnnoted(t *testing.T) {
	w, first, _, ben := people(t)
	r, err := recovering(t, w, first, ben, ben.Phrase)
	must(t, err)
	unnoted, err := r.Seal(t.Context(), []byte(otherPassword))
	must(t, err)
	w.LogIn(first, ben).Close()
	r.Wipe()
	if err := r.Finish(t.Context()); !errors.Is(err, client.ErrStep) {
		t.Errorf("finished after it was wiped: %v", err)
	}
	if _, err := recovering(t, w, first, ben, unnoted); !errors.Is(err, client.ErrPhrase) {
		t.Errorf("a phrase that nobody noted: %v", err)
	}
	r, err = recovering(t, w, first, ben, ben.Phrase)
	must(t, err)
	noted, err := finished(t, r, []byte(otherPassword))
	must(t, err)
	if noted == unnoted {
		t.Error("a phrase is shown twice")
	}
	if err := r.Finish(t.Context()); !errors.Is(err, client.ErrStep) {
		t.Errorf("finished twice: %v", err)
	}
}

// Whoever lacks one of desk, phrase and face gets nothing, and nothing comes before its proof.
func TestRecoveryRefused(t *testing.T) {
	w, first, _, ben := people(t)
	eve := w.SignUp(first, "eve", 3)
	try := func(name string, phrase e2e.Phrase) error {
		w.Clock.Move(time.Hour) // what was tried before is waited out
		_, err := first.ProvePhrase(t.Context(), w.Connect(first), name, phrase)
		return err
	}
	for what, err := range map[string]error{
		"another's phrase":     try(ben.Name, eve.Phrase),
		"a phrase of nobody's": try(ben.Name, e2e.Phrase{1}),
		"a name nobody has":    try("nobody", ben.Phrase),
		"no name":              try("two words", ben.Phrase),
	} {
		if !errors.Is(err, client.ErrPhrase) {
			t.Errorf("%s: %v", what, err)
		}
	}
	refused(t, try(eve.Name, eve.Phrase), wire.CodeNotAdmitted) // she waits for an admin

	stranger := *ben
	stranger.Face = 99
	_, err := recovering(t, w, first, &stranger, ben.Phrase)
	refused(t, err, wire.CodeFace)
	if n := w.Audited("recover.face denied", ben.Account); n != 1 {
		t.Errorf("%d refused faces in the audit", n)
	}
	faces, err := w.Store.CountAttempt(t.Context(), models.AttemptFace, ben.Account.String(), func(*models.Attempts) error { return nil })
	must(t, err)
	if faces.Total != 1 {
		t.Errorf("%d failed faces are counted, want 1 as in a log-in", faces.Total)
	}
	if _, err := finished(t, new(client.Recovery), []byte(otherPassword)); !errors.Is(err, client.ErrStep) {
		t.Errorf("sealed without a proof: %v", err)
	}
	if err := new(client.Recovery).Finish(t.Context()); !errors.Is(err, client.ErrStep) {
		t.Errorf("finished without a proof: %v", err)
	}
}

// A hostile desk says the steps in the order that it likes: the vault, a password and another's login come to nobody.
func TestRecoveryOutOfOrder(t *testing.T) {
	w, first, _, ben := people(t)
	c := w.Connect(first)
	r, err := first.ProvePhrase(t.Context(), c, ben.Name, ben.Phrase)
	must(t, err)
	login := r.Login()
	asks := func(c *client.Conn, login models.LoginID) map[string]error {
		call := func(typ string, body any) error { return c.Call(t.Context(), typ, body, new(canon.Raw)) }
		return map[string]error{
			"register before the face": call(wire.TypeRecoverRegister, wire.RecoverRegister{Login: login, Request: make([]byte, pake.RequestSize)}),
			"finish before the face":   call(wire.TypeRecoverFinish, wire.RecoverFinish{Login: login, Vault: []byte{1}}),
			"a log-in's face":          call(wire.TypeLoginFace, wire.LoginFace{Login: login, Evidence: []byte{1}}),
			"a log-in's password":      call(wire.TypeLoginPassword, wire.LoginPassword{Login: login, KE3: make([]byte, pake.KE3Size)}),
			"a log-in's challenge":     call(wire.TypeLoginChallenge, wire.ByLogin{Login: login}),
			"a log-in's code":          call(wire.TypeLoginCode, wire.LoginCode{Login: login}),
			"a face without challenge": call(wire.TypeRecoverFace, wire.LoginFace{Login: login, Evidence: []byte{1}}),
		}
	}
	for what, err := range asks(c, login) {
		if codeOf(err) != wire.CodeNotSignedIn {
			t.Errorf("%s: %v", what, err)
		}
	}
	// What was signed for one connection is nothing on another, nor is it a second time.
	thief := w.Connect(first)
	var started wire.RecoverReply
	must(t, thief.Call(t.Context(), wire.TypeRecoverStart, wire.RecoverStart{Name: ben.Name}, &started))
	overheard, err := ben.Phrase.SignRecovery(trust.Recovery{Org: first.Org(), Server: c.Hello().Server, Account: ben.Account, Login: started.Login, Desk: first.ID()})
	must(t, err)
	refused(t, thief.Call(t.Context(), wire.TypeRecoverPhrase, wire.RecoverPhrase{Login: started.Login, Signed: overheard}, new(wire.Empty)), wire.CodeNotSignedIn)
	// A password's login does for no recovery.
	a, err := first.ProvePassword(t.Context(), w.Connect(first), ben.Name, []byte(ben.Password))
	must(t, err)
	refused(t, a.Connection().Call(t.Context(), wire.TypeRecoverChallenge, wire.ByLogin{Login: a.Login()}, new(wire.ChallengeReply)), wire.CodeNotSignedIn)
}

// Who asks for names, known and unknown, is answered in the same way at every step.
func TestRecoveryTellsNoNames(t *testing.T) {
	w, first, _, ben := people(t)
	answer := func(name string) (models.AccountID, error) {
		w.Clock.Move(time.Hour)
		c := w.Connect(first)
		var started wire.RecoverReply
		must(t, c.Call(t.Context(), wire.TypeRecoverStart, wire.RecoverStart{Name: name}, &started))
		signed, err := e2e.Phrase{7}.SignRecovery(trust.Recovery{Org: first.Org(), Account: started.Account, Login: started.Login, Desk: first.ID()})
		must(t, err)
		return started.Account, c.Call(t.Context(), wire.TypeRecoverPhrase, wire.RecoverPhrase{Login: started.Login, Signed: signed}, new(wire.Empty))
	}
	known, refusedKnown := answer(ben.Name)
	unknown, refusedUnknown := answer("nobody")
	again, _ := answer("NOBODY")
	if codeOf(refusedKnown) != codeOf(refusedUnknown) || refusedKnown.Error() != refusedUnknown.Error() {
		t.Errorf("a known name is refused as %v, an unknown one as %v", refusedKnown, refusedUnknown)
	}
	if known != ben.Account || unknown.IsZero() || unknown == known || unknown != again {
		t.Errorf("accounts %v, %v, %v", known, unknown, again)
	}
}

// The tries are counted, over restarts, and slow the phrase down and not the password.
func TestRecoveryIsCounted(t *testing.T) {
	w, first, _, ben := people(t)
	var err error
	for n := 0; n < 10 && codeOf(err) != wire.CodeWait; n++ {
		_, err = first.ProvePhrase(t.Context(), w.Connect(first), ben.Name, e2e.Phrase{1})
	}
	refused(t, err, wire.CodeWait)
	w.Stop()
	w.Start(nil)
	_, err = first.ProvePhrase(t.Context(), w.Connect(first), ben.Name, ben.Phrase)
	refused(t, err, wire.CodeWait)
	w.LogIn(first, ben)
	w.Clock.Move(time.Hour)
	r, err := recovering(t, w, first, ben, ben.Phrase)
	must(t, err)
	r.Wipe()
}

// A thief of the database, or the server, puts a recovery key of his own into ben's vault. With it he asks for the vault, and even a camera that shows
// ben gets him one that he can not open; ben is told.
func TestSwappedRecoveryKey(t *testing.T) {
	w, h, first, _, ben := hostile(t)
	thiefs := e2e.Phrase{66}
	key := phraseKey(t, first.Org(), ben.Account, thiefs)
	h.lies.Store(&lies{vault: func(v models.Vault) models.Vault {
		var sealed trust.SealedVault
		if v.Account != ben.Account || canon.Unmarshal(v.Body, &sealed) != nil {
			return v
		}
		sealed.Clear.RecoverySign = key
		v.Body = canon.MustMarshal(sealed)
		return v
	}})
	_, err := recovering(t, w, first, ben, thiefs)
	if !errors.Is(err, client.ErrVault) {
		t.Errorf("with the thief's own phrase: %v", err)
	}
	_, err = w.TryLogIn(first, ben.Name, ben.Password, w.Eye(ben.Face))
	if !errors.Is(err, client.ErrVault) {
		t.Errorf("ben logs in: %v", err)
	}
}

func someKeys(t *testing.T) *e2e.Keys {
	t.Helper()
	keys, err := e2e.NewKeys(rand.Reader)
	must(t, err)
	return keys
}

// phraseKey is the public key that a phrase signs with.
func phraseKey(t *testing.T, org models.OrgID, account models.AccountID, p e2e.Phrase) ed25519.PublicKey {
	t.Helper()
	v := e2e.NewVault(someKeys(t), org, account, models.Hash{1})
	sealed, err := e2e.SealVault(v, e2e.Unlock{Export: make([]byte, 64), Pepper: trust.Pepper{1}}, p, rand.Reader, time.Unix(1, 0))
	must(t, err)
	s, err := trust.OpenSealedVault(sealed, e2e.MaxVault)
	must(t, err)
	return s.Clear.RecoverySign
}

// A server seals keys of its own to the phrase's public key, which stands in the vault, and hands that out: the person who recovers it finds out at the log-in,
// since the directory lists other keys.
func TestForgedVaultForAPhrase(t *testing.T) {
	w, first, _, ben := people(t)
	stored, err := w.Store.VaultOf(t.Context(), ben.Account)
	must(t, err)
	real, err := e2e.OpenVaultByPhrase(stored, ben.Phrase)
	must(t, err)
	forged := e2e.NewVault(someKeys(t), first.Org(), ben.Account, real.Root)
	forged.Saved(stored)
	next, err := e2e.SealVault(forged, e2e.Unlock{Export: make([]byte, 64), Pepper: trust.Pepper{1}}, ben.Phrase, rand.Reader, w.Clock.Now())
	must(t, err)
	must(t, w.Store.PutVault(t.Context(), stored, next))

	r, err := recovering(t, w, first, ben, ben.Phrase)
	must(t, err)
	_, err = finished(t, r, []byte(otherPassword))
	must(t, err)
	_, err = w.TryLogIn(first, ben.Name, otherPassword, w.Eye(ben.Face))
	if !errors.Is(err, e2e.ErrIdentity) {
		t.Errorf("a person works under keys of the server's: %v", err)
	}
}

// A desk that holds on to the old wraps, so that the phrase of before opens what it stores, is refused; so is a vault from elsewhere.
func TestRecoveryIsSealedAnew(t *testing.T) {
	w, first, _, ben := people(t)
	for what, spoil := range map[string]func(old trust.SealedVault, f *wire.RecoverFinish){
		"the same recovery key": func(old trust.SealedVault, f *wire.RecoverFinish) {
			change(t, f, func(s *trust.SealedVault) { s.Clear.RecoverySign = old.Clear.RecoverySign })
		},
		"the same recovery box": func(old trust.SealedVault, f *wire.RecoverFinish) {
			change(t, f, func(s *trust.SealedVault) { s.Clear.RecoveryBox = old.Clear.RecoveryBox })
		},
		"the same HPKE key": func(old trust.SealedVault, f *wire.RecoverFinish) {
			change(t, f, func(s *trust.SealedVault) { s.Clear.RecoveryKey = old.Clear.RecoveryKey })
		},
		"the same wrap": func(old trust.SealedVault, f *wire.RecoverFinish) {
			change(t, f, func(s *trust.SealedVault) { s.Clear.Wrapped = old.Clear.Wrapped })
		},
		"no recovery key": func(_ trust.SealedVault, f *wire.RecoverFinish) {
			change(t, f, func(s *trust.SealedVault) { s.Clear.RecoverySign = nil })
		},
		"another account's": func(_ trust.SealedVault, f *wire.RecoverFinish) {
			change(t, f, func(s *trust.SealedVault) { s.Account[0] ^= 1 })
		},
		"another past":           func(_ trust.SealedVault, f *wire.RecoverFinish) { f.Prev = models.Hash{1} },
		"a version further on":   func(_ trust.SealedVault, f *wire.RecoverFinish) { f.Version++ },
		"no vault":               func(_ trust.SealedVault, f *wire.RecoverFinish) { f.Vault = []byte("sealed") },
		"no registration record": func(_ trust.SealedVault, f *wire.RecoverFinish) { f.Record = []byte("record") },
	} {
		w.Clock.Move(time.Hour)
		stored, err := w.Store.VaultOf(t.Context(), ben.Account)
		must(t, err)
		old, err := trust.OpenSealedVault(stored, e2e.MaxVault)
		must(t, err)
		r, err := recovering(t, w, first, ben, ben.Phrase)
		must(t, err)
		finish, err := r.Sealed(t.Context(), []byte(otherPassword))
		must(t, err)
		spoil(old, &finish)
		err = r.Connection().Call(t.Context(), wire.TypeRecoverFinish, finish, new(wire.Empty))
		r.Wipe()
		if codeOf(err) != wire.CodeInvalid {
			t.Errorf("%s: %v", what, err)
		}
		if now, err := w.Store.VaultOf(t.Context(), ben.Account); err != nil || now.Version != stored.Version {
			t.Errorf("%s: the stored vault is version %d, %v", what, now.Version, err)
		}
	}
	w.LogIn(first, ben)
}

func change(t *testing.T, f *wire.RecoverFinish, how func(*trust.SealedVault)) {
	t.Helper()
	var s trust.SealedVault
	must(t, canon.Unmarshal(f.Vault, &s))
	how(&s)
	f.Vault = canon.MustMarshal(s)
}

// Somebody has found phrase and face at two desks: what one has proven by the old phrase is worth nothing once the other has finished.
func TestRecoveryOvertaken(t *testing.T) {
	w, first, admin, ben := people(t)
	c := code(t, w, admin, ben, first)
	slow, err := first.ProvePhrase(t.Context(), w.Connect(first), ben.Name, ben.Phrase)
	must(t, err)
	quick, err := recovering(t, w, first, ben, ben.Phrase)
	must(t, err)
	_, err = finished(t, quick, []byte(otherPassword))
	must(t, err)
	refused(t, slow.UseCode(t.Context(), c), wire.CodeNotSignedIn)
}

// A stolen desk with somebody's session puts recovery keys of its own into the vault, to be back when its revocation and the new password are long done.
func TestPlantedPhrase(t *testing.T) {
	w, first, _, ben := people(t)
	s := w.LogIn(first, ben)
	put := func(plant func(*trust.VaultClear)) error {
		stored, err := w.Store.VaultOf(t.Context(), ben.Account)
		must(t, err)
		sealed, err := trust.OpenSealedVault(stored, e2e.MaxVault)
		must(t, err)
		sealed.Number, sealed.Prev = stored.Version+1, e2e.VaultHash(stored.Body)
		plant(&sealed.Clear)
		return s.Connection().Call(t.Context(), wire.TypeVaultPut, wire.VaultPut{Version: sealed.Number, Prev: sealed.Prev, Vault: canon.MustMarshal(sealed)}, new(wire.Empty))
	}
	for what, plant := range map[string]func(*trust.VaultClear){
		"that sign": func(c *trust.VaultClear) { c.RecoverySign = phraseKey(t, first.Org(), ben.Account, e2e.Phrase{66}) },
		"that open": func(c *trust.VaultClear) { c.RecoveryKey = append([]byte{1}, c.RecoveryKey[1:]...) },
	} {
		err := put(plant)
		for codeOf(err) == wire.CodeConflict { // the session has written its own meanwhile
			err = put(plant)
		}
		if codeOf(err) != wire.CodeNotAllowed {
			t.Errorf("keys %s: %v", what, err)
		}
	}
}
