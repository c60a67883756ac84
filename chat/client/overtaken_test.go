package client_test

import (
	"context"
	"crypto/rand"
	"sync"
	"testing"
	"time"

	"visavis/chat/chattest"
	"visavis/chat/client"
	"visavis/chat/e2e"
	"visavis/chat/server"
	"visavis/chat/trust"
	"visavis/chat/wire"
	"visavis/models"
)

// A person, or the desk, is revoked at the very moment at which the server has accepted the face of a recovery: no vault is given out.
func TestRevokedWhileRecovering(t *testing.T) {
	for what, tt := range map[string]struct {
		revoke func(context.Context, *client.Session, *client.Desk, *chattest.Person) error
		want   wire.Code
	}{
		"the person": {func(ctx context.Context, admin *client.Session, _ *client.Desk, ben *chattest.Person) error {
			return admin.RevokeAccount(ctx, ben.Account)
		}, wire.CodeNotAdmitted},
		"the desk": {func(ctx context.Context, admin *client.Session, second *client.Desk, _ *chattest.Person) error {
			return admin.RevokeDesk(ctx, second.ID())
		}, wire.CodeDesk},
	} {
		t.Run(what, func(t *testing.T) {
			w, h, _, admin, ben := hostile(t)
			second := w.Desk(admin, "second")
			r, err := second.ProvePhrase(t.Context(), w.Connect(second), ben.Name, ben.Phrase)
			must(t, err)
			defer r.Wipe()
			var once sync.Once
			revoked := make(chan struct{})
			h.lies.Store(&lies{vault: func(v models.Vault) models.Vault {
				if v.Account == ben.Account && w.Audited("recover.face ok", ben.Account) == 1 {
					once.Do(func() {
						defer close(revoked)
						if err := tt.revoke(context.Background(), admin, second, ben); err != nil {
							t.Error(err)
						}
					})
				}
				return v
			}})
			refused(t, r.ShowFace(t.Context(), w.Eye(ben.Face)), tt.want)
			<-revoked
			w.Stop() // and with it whatever it still does
			if n := w.Audited("recover.vault ok", ben.Account); n != 0 {
				t.Errorf("the vault was given out %d times", n)
			}
		})
	}
}

// Somebody comes with the root sheet, and somebody else logs in on that connection: what the root might read is over, also when he has logged out.
func TestRootEndsWithALogIn(t *testing.T) {
	w, first, _, ben := people(t)
	r := openRoot(t, w, first)
	_, err := r.Waiting(t.Context())
	must(t, err)
	s, err := first.LogIn(t.Context(), r.Connection(), ben.Name, []byte(ben.Password), w.Eye(ben.Face))
	must(t, err)
	must(t, s.Connection().Call(t.Context(), wire.TypeLogout, wire.Empty{}, new(wire.Empty)))
	for _, typ := range []string{wire.TypeSignupList, wire.TypeRootRead} {
		var body any = wire.SignupList{}
		if typ == wire.TypeRootRead {
			body = wire.RootRead{}
		}
		refused(t, r.Connection().Call(t.Context(), typ, body, new(any)), wire.CodeNotAllowed)
	}
}

// A thief has a person's old key and sits at an admin's open desk, which signs without a proof what the person's desk has asked for. What waits is the person's:
// keys of the thief's are not signed in its shadow.
func TestOnlyWhatWaitsIsSignedUnproven(t *testing.T) {
	w, first, admin, ben := people(t)
	person := w.LogIn(first, ben).Author()
	bundle := func() []byte {
		keys, err := e2e.NewKeys(rand.Reader)
		must(t, err)
		signing, boxes := keys.Public()
		b := trust.Bundle{Org: first.Org(), Account: ben.Account, Name: ben.Name, Signing: signing, Boxes: boxes, Desk: first.ID(), Time: w.Clock.Now()}
		b.Succession = trust.SignSuccession(b, person.Key)
		signed, err := trust.NewBundle(b, keys.Signing(), first.Device())
		must(t, err)
		return signed
	}
	sign := func(bundle []byte, alter func(*trust.Bundle)) error {
		b, err := trust.OpenBundle(bundle, admin.Directory())
		must(t, err)
		if alter != nil {
			alter(&b)
		}
		by := admin.Author()
		signed, err := admin.Directory().SignReEnrol(by.Account, by.Key, b, by.At)
		must(t, err)
		_, err = admin.AppendRaw(wire.LogAppend{Kind: models.EntryStatement, Message: models.MessageID{9}, Body: signed, Boxes: []wire.Box{}})
		return err
	}
	waits, thiefs := bundle(), bundle()
	must(t, w.Store.PutKeyChange(t.Context(), models.KeyChange{Account: ben.Account, Bundle: waits, At: w.Clock.Now()}))
	w.Clock.Move(2 * time.Minute)
	refused(t, sign(thiefs, nil), wire.CodeProve)
	refused(t, sign(thiefs, func(b *trust.Bundle) { b.Hash = trust.LabelBundle.Hash(waits) }), wire.CodeProve)
	must(t, sign(waits, nil))
}

// Whoever has read the directory hands in again what the root once said, or keys that are not the root's, to fill the audit log and alarm the admins.
func TestRootIsAuditedInMeasure(t *testing.T) {
	w, first, _, _ := people(t, func(o *server.Options) { o.Config.Limits.DeskConnections = 100 }) // one that has ended counts until it is noticed
	entries, err := w.Store.Entries(t.Context(), models.RoomID{}, 0, 1)
	must(t, err)
	c := w.Connect(first)
	before := auditedOf(t, w, "directory.root ok", first.ID())
	again := wire.RootAppend{Statements: [][]byte{entries[0].Body}}
	must(t, c.Call(t.Context(), wire.TypeRootAppend, again, new(wire.Empty)))
	if n := auditedOf(t, w, "directory.root ok", first.ID()) - before; n != 0 {
		t.Errorf("what was said before is audited %d times more", n)
	}
	const hour = 60
	for range hour + 5 {
		c := w.Connect(first)
		if err := c.Call(t.Context(), wire.TypeRootOpen, wire.RootOpen{Proof: []byte{0x80}}, new(wire.Empty)); err == nil {
			t.Fatal("proved")
		}
		_ = c.Close()
	}
	if n := auditedOf(t, w, "root.open denied", first.ID()); n != hour {
		t.Errorf("%d of %d wrong proofs are audited, want %d", n, hour+5, hour)
	}
}

// Who has a stolen desk's key opens as many connections as a desk may have, before the desk is there: it comes in all the same, from its home.
func TestStolenKeyTakesAllPlaces(t *testing.T) {
	const places = 3
	w, first, admin, ben := people(t, func(o *server.Options) { o.Config.Limits.DeskConnections = places })
	admin.Close()
	w.Stop() // nothing stands any more
	w.Start(nil)
	thief := from(t, w, "first", otherAddress)
	for range places {
		w.Connect(thief)
	}
	_, err := thief.Connect(t.Context())
	refused(t, err, wire.CodeFull)
	for range places - 1 {
		w.Connect(first)
	}
	w.LogIn(first, ben)
}
