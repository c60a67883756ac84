package client_test

import (
	"crypto/rand"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"visavis/chat/chattest"
	"visavis/chat/client"
	"visavis/chat/e2e"
	"visavis/chat/trust"
	"visavis/chat/wire"
	"visavis/models"
)

const another = "another umbrella 7 quartz lantern"

// waitKeys waits until the session's directory lists other keys of an account than before.
func waitKeys(t *testing.T, s *client.Session, account models.AccountID, before trust.Identity) trust.Identity {
	t.Helper()
	must(t, s.Until(t.Context(), func() bool {
		id, _ := s.Directory().Identity(account)
		return id.Serial > before.Serial
	}))
	id, _ := s.Directory().Identity(account)
	return id
}

func identity(s *client.Session, account models.AccountID) trust.Identity {
	id, _ := s.Directory().Identity(account)
	return id
}

func TestChangePassword(t *testing.T) {
	w, first, admin, ben := people(t)
	second := w.Desk(admin, "second")
	s, elsewhere := w.LogIn(first, ben), w.LogIn(second, ben)
	w.Clock.Move(2 * time.Minute)
	refused(t, s.ChangePassword(t.Context(), []byte(another)), wire.CodeProve)
	w.Prove(s)
	if s.ChangePassword(t.Context(), []byte("password1")) == nil {
		t.Fatal("a weak password is taken")
	}
	must(t, s.ChangePassword(t.Context(), []byte(another)))
	<-elsewhere.Done()
	if _, ok := elsewhere.Suspend(); ok {
		t.Error("a session at another desk can be resumed")
	}
	// This one goes on, locks and comes back, and saves its vault.
	must(t, s.SaveVault(t.Context()))
	l, err := s.Lock(t.Context())
	must(t, err)
	s, err = l.Unlock(t.Context(), w.Eye(ben.Face))
	must(t, err)
	s = resumed(t, sever(t, s))
	must(t, s.LogOut(t.Context()))

	_, err = w.TryLogIn(second, ben.Name, ben.Password, w.Eye(ben.Face))
	refused(t, err, wire.CodeNotSignedIn)
	again, err := w.TryLogIn(second, ben.Name, another, w.Eye(ben.Face))
	must(t, err)
	stored, err := w.Store.VaultOf(t.Context(), ben.Account)
	must(t, err)
	if v, err := e2e.OpenVaultByPhrase(stored, ben.Phrase); err != nil {
		t.Errorf("the phrase opens nothing any more: %v", err)
	} else {
		v.Wipe()
	}
	if n := w.Audited("password.change ok", ben.Account); n != 1 {
		t.Errorf("audited %d times", n)
	}
	if n := w.Audited("session.end password", ben.Account); n != 1 {
		t.Errorf("%d ended sessions are audited", n)
	}
	must(t, again.LogOut(t.Context()))
}

// A log-in that was half-way when the password changed, at whoever's hands, gets no further, and neither does the change of another session.
func TestOldPasswordComesToNothing(t *testing.T) {
	w, first, admin, ben := people(t)
	second := w.Desk(admin, "second")
	s := w.LogIn(first, ben)
	c := w.Connect(second)
	half, err := second.ProvePassword(t.Context(), c, ben.Name, []byte(ben.Password))
	must(t, err)
	defer half.Wipe()
	must(t, s.ChangePassword(t.Context(), []byte(another)))
	challenge, err := half.Challenge(t.Context())
	must(t, err)
	seen, err := w.Eye(ben.Face).Capture(t.Context(), challenge)
	must(t, err)
	signed, err := half.Sign(seen)
	must(t, err)
	_, err = half.Finish(t.Context(), signed)
	refused(t, err, wire.CodeNotSignedIn)
}

// A vault that another desk stored between is merged, and the change goes on.
func TestPasswordAndVaultAreSwappedTogether(t *testing.T) {
	w, first, admin, ben := people(t)
	second := w.Desk(admin, "second")
	s, other := w.LogIn(first, ben), w.LogIn(second, ben)
	must(t, other.SaveVault(t.Context()))
	must(t, other.SaveVault(t.Context()))
	must(t, s.ChangePassword(t.Context(), []byte(another)))
	<-other.Done()
	s.Close()
	again, err := w.TryLogIn(second, ben.Name, another, w.Eye(ben.Face))
	must(t, err)
	must(t, again.LogOut(t.Context()))
}

// Keys that nobody has a reason to look at are signed by an admin's desk, at once or when it comes.
func TestChangeKeys(t *testing.T) {
	w, first, admin, ben := people(t)
	s := w.LogIn(first, ben)
	before := identity(s, ben.Account)
	w.Clock.Move(time.Hour) // the admin has proved nothing for long
	must(t, s.ChangeKeys(t.Context()))
	after := waitKeys(t, s, ben.Account, before)
	if !after.Followed || s.Keys().Asked {
		t.Fatalf("followed %v, asked for still: %v", after.Followed, s.Keys().Asked)
	}
	must(t, s.LogOut(t.Context()))
	must(t, admin.LogOut(t.Context()))
	s = w.LogIn(first, ben)
	must(t, s.ChangeKeys(t.Context()))
	if k := s.Keys(); !k.Asked || k.Compared || !k.Since.Equal(after.NotBefore) {
		t.Fatalf("while no admin is there: %+v", k)
	}
	must(t, s.LogOut(t.Context()))
	s = w.LogIn(first, ben) // what waits survives all of it
	w.LogIn(first, &chattest.Person{Name: "ada", Face: 1, Password: "umbrella ada 7 quartz lantern"})
	waitKeys(t, s, ben.Account, after)
}

// An admin changes the own keys and goes on to sign.
func TestAdminsOwnKeys(t *testing.T) {
	w, first, admin, _ := people(t)
	before := identity(admin, admin.Account())
	must(t, admin.ChangeKeys(t.Context()))
	waitKeys(t, admin, admin.Account(), before)
	eve := w.SignUp(first, "eve", 3)
	w.Approve(admin, eve)
	if !admin.IsAdmin() {
		t.Error("an admin no more")
	}
}

// A person's other desk, which has not heard of the new keys, takes them out of the vault.
func TestKeysAtTwoDesks(t *testing.T) {
	w, first, admin, ben := people(t)
	second := w.Desk(admin, "second")
	s, other := w.LogIn(first, ben), w.LogIn(second, ben)
	id, err := admin.CreateRoom(t.Context(), "Kitchen")
	must(t, err)
	must(t, admin.Invite(t.Context(), id, ben.Account))
	must(t, s.Join(t.Context(), id))
	must(t, other.Enter(t.Context(), id))
	for range 2 {
		before := identity(s, ben.Account)
		must(t, s.ChangeKeys(t.Context()))
		waitKeys(t, s, ben.Account, before)
		now := waitKeys(t, other, ben.Account, before)
		must(t, other.Until(t.Context(), func() bool { return other.HasKeys(now) }))
		for _, x := range []*client.Session{s, other} {
			_, err := x.Send(t.Context(), id, "under the new keys")
			must(t, err)
		}
		must(t, other.SaveVault(t.Context()))
		must(t, s.SaveVault(t.Context()))
	}
}

// The password may be known: everything else of the person ends, and the keys wait until an admin has compared the fingerprint.
func TestMayBeKnown(t *testing.T) {
	w, first, admin, ben := people(t)
	second := w.Desk(admin, "second")
	s, elsewhere := w.LogIn(first, ben), w.LogIn(second, ben)
	before := identity(s, ben.Account)
	must(t, s.MayBeKnown(t.Context(), []byte(another)))
	<-elsewhere.Done()
	k := s.Keys()
	if !k.Asked || !k.Known || !k.Compared {
		t.Fatalf("%+v", k)
	}
	// The thief was in before, and has the keys: he asks for his own. It takes nothing back.
	must(t, s.ChangeKeys(t.Context()))
	k = s.Keys()
	list, err := admin.WaitingKeys(t.Context())
	must(t, err)
	if len(list) != 1 || !list[0].Known || list[0].Blocked != nil {
		t.Fatalf("%+v", list)
	}
	if err := admin.ApproveKeys(t.Context(), list[0], "aaaa-aaaa-aaaa-aaaa-aaaa"); !errors.Is(err, client.ErrFingerprint) {
		t.Fatalf("signed without a comparison: %v", err)
	}
	w.Clock.Move(2 * time.Minute)
	refused(t, admin.ApproveKeys(t.Context(), list[0], string(k.Fingerprint)), wire.CodeProve)
	if identity(admin, ben.Account).Serial != before.Serial {
		t.Fatal("signed by itself")
	}
	w.Prove(admin)
	must(t, admin.ApproveKeys(t.Context(), list[0], string(k.Fingerprint)))
	waitKeys(t, s, ben.Account, before)
}

func TestRejectKeys(t *testing.T) {
	w, first, admin, ben := people(t)
	s := w.LogIn(first, ben)
	must(t, s.MayBeKnown(t.Context(), []byte(another)))
	list, err := admin.WaitingKeys(t.Context())
	must(t, err)
	must(t, admin.RejectKeys(t.Context(), list[0]))
	list, err = admin.WaitingKeys(t.Context())
	must(t, err)
	if len(list) != 0 {
		t.Fatal("it waits still")
	}
	if n := w.Audited("keys.change asked", ben.Account); n == 0 {
		t.Error("not audited")
	}
}

// Keys of 60 days are changed at the next log-in; who does not come is sealed to no more after 90.
func TestKeysChangeWithTime(t *testing.T) {
	w, first, admin, ben := people(t)
	w.Clock.Move(59 * 24 * time.Hour)
	s := w.LogIn(first, ben)
	before := identity(s, ben.Account)
	w.Prove(s) // something that takes a while
	if s.Keys().Asked {
		t.Fatal("changed before the time")
	}
	must(t, s.LogOut(t.Context()))
	must(t, admin.LogOut(t.Context()))
	w.Clock.Move(2 * 24 * time.Hour)
	admin = w.LogIn(first, &chattest.Person{Name: "ada", Face: 1, Password: "umbrella ada 7 quartz lantern"})
	s = w.LogIn(first, ben)
	waitKeys(t, s, ben.Account, before)
	waitKeys(t, admin, admin.Account(), trust.Identity{Serial: 1})
}

// A desk that somebody used is revoked: the keys are changed at the next log-in elsewhere, and an admin compares. Nobody seals to the old ones.
func TestKeysChangeAfterARevokedDesk(t *testing.T) {
	w, first, admin, ben := people(t)
	second := w.Desk(admin, "second")
	room, err := admin.CreateRoom(t.Context(), "Kitchen")
	must(t, err)
	s := w.LogIn(second, ben)
	member(t, admin, s, room)
	_, err = s.Send(t.Context(), room, "from the desk that is stolen")
	must(t, err)
	must(t, s.LogOut(t.Context()))
	must(t, admin.RevokeDesk(t.Context(), second.ID()))
	_, err = admin.Send(t.Context(), room, "not for the old keys")
	must(t, err)
	if why := admin.LeftOut(room); why[ben.Account] != e2e.LeftOutDesk {
		t.Fatalf("left out: %v", why)
	}

	s = w.LogIn(first, ben)
	before := identity(s, ben.Account)
	must(t, s.Until(t.Context(), func() bool { return s.Asked() }))
	var list []client.WaitingKeys
	for len(list) == 0 { // it is asked for behind the log-in
		list, err = admin.WaitingKeys(t.Context())
		must(t, err)
	}
	if !list[0].Exposed || !s.Keys().Compared {
		t.Fatalf("%+v", list[0])
	}
	w.Prove(admin)
	must(t, admin.ApproveKeys(t.Context(), list[0], string(s.Keys().Fingerprint)))
	waitKeys(t, s, ben.Account, before)
	must(t, s.Enter(t.Context(), room))
	_, err = admin.Send(t.Context(), room, "for the new ones")
	must(t, err)
	for readText(t, s, room) != "for the new ones" {
	}
	if why := admin.LeftOut(room); len(why) != 0 {
		t.Fatalf("left out: %v", why)
	}
}

// What a thief of keys, or a server, asks to have signed is refused by the server, and by the admin's desk where the server is the thief's.
func TestKeysOfAThief(t *testing.T) {
	w, first, admin, ben := people(t)
	s := w.LogIn(first, ben)
	account := identity(s, ben.Account)
	forged := func(change func(*trust.Bundle)) []byte {
		keys, err := e2e.NewKeys(rand.Reader)
		must(t, err)
		signing, boxes := keys.Public()
		b := trust.Bundle{Org: first.Org(), Account: ben.Account, Name: ben.Name, Signing: signing, Boxes: boxes, Desk: first.ID(), Time: w.Clock.Now()}
		b.Succession = trust.SignSuccession(b, keys.Signing()) // by the new key itself
		if change != nil {
			change(&b)
		}
		signed, err := trust.NewBundle(b, keys.Signing(), first.Device())
		must(t, err)
		return signed
	}
	for name, bundle := range map[string][]byte{
		"no succession":           forged(func(b *trust.Bundle) { b.Succession = nil }),
		"a succession by himself": forged(nil),
		"a sign-up's":             ben.Bundle[:len(ben.Bundle)-1],
		"nothing":                 {},
	} {
		err := s.Connection().Call(t.Context(), wire.TypeKeysChange, wire.KeysChange{Bundle: bundle}, new(wire.Empty))
		refused(t, err, wire.CodeInvalid)
		if len(bundle) == 0 {
			continue
		}
		must(t, w.Store.PutKeyChange(t.Context(), models.KeyChange{Account: ben.Account, Bundle: bundle, At: w.Clock.Now()}))
		list, err := admin.WaitingKeys(t.Context())
		must(t, err)
		if len(list) != 1 || list[0].Blocked == nil {
			t.Errorf("%s: an admin may sign it", name)
			continue
		}
		if err := admin.ApproveKeys(t.Context(), list[0], string(list[0].Fingerprint())); !errors.Is(err, client.ErrKeys) {
			t.Errorf("%s: signed: %v", name, err)
		}
	}
	if identity(admin, ben.Account).Hash != account.Hash {
		t.Error("the keys have changed")
	}
}

// Everybody changes keys twice while everybody talks: no message is lost, and each is read by everyone.
func TestNothingIsLostWhileKeysChange(t *testing.T) {
	w, first, admin, ben := people(t)
	cleo := w.SignUp(first, "cleo", chattest.Face(77))
	w.Approve(admin, cleo)
	room, err := admin.CreateRoom(t.Context(), "Hall")
	must(t, err)
	all := []*client.Session{admin, w.LogIn(first, ben), w.LogIn(first, cleo)}
	for _, s := range all[1:] {
		member(t, admin, s, room)
	}
	const each = 12
	var busy sync.WaitGroup
	for n, s := range all {
		busy.Go(func() {
			for i := range each {
				if _, err := s.Send(t.Context(), room, fmt.Sprint(n, " says ", i)); err != nil {
					t.Errorf("%d says %d: %v", n, i, err)
				}
				if i == each/3 || i == 2*each/3 {
					before := identity(s, s.Account())
					if err := s.ChangeKeys(t.Context()); err != nil {
						t.Errorf("%d: %v", n, err)
						continue
					}
					waitKeys(t, s, s.Account(), before)
				}
			}
		})
	}
	busy.Wait()
	for n, s := range all {
		heard := map[string]int{}
		for len(heard) < each*len(all) {
			heard[readText(t, s, room)]++
		}
		for text, times := range heard {
			if times != 1 {
				t.Errorf("%d hears %q %d times", n, text, times)
			}
		}
		if got := identity(s, s.Account()).Serial; got != 3 {
			t.Errorf("%d has keys number %d", n, got)
		}
	}
}
