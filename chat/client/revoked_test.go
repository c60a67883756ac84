package client_test

import (
	"context"
	"testing"

	"visavis/chat/chattest"
	"visavis/chat/client"
	"visavis/chat/server"
	"visavis/chat/wire"
	"visavis/models"
)

// A desk that was stolen is revoked while somebody sits at it.
func TestRevokedDeskIsCut(t *testing.T) {
	for _, how := range []struct {
		name   string
		revoke func(t *testing.T, w *chattest.World, admin *client.Session, d *client.Desk)
	}{
		{"by an admin", func(t *testing.T, _ *chattest.World, admin *client.Session, d *client.Desk) {
			must(t, admin.RevokeDesk(context.Background(), d.ID()))
		}},
		{"by the operator", func(t *testing.T, w *chattest.World, _ *client.Session, d *client.Desk) {
			must(t, w.Store.SetDeskStatus(context.Background(), d.ID(), models.DeskRevoked, w.Clock.Now()))
		}},
	} {
		t.Run(how.name, func(t *testing.T) {
			w, _, admin, ben := people(t)
			stolen := w.Desk(admin, "stolen")
			idle := w.Connect(stolen)
			s := w.LogIn(stolen, ben)
			how.revoke(t, w, admin, stolen)
			<-s.Connection().Done()
			<-idle.Done()
			refused(t, s.Connection().Err(), wire.CodeDesk)
			refused(t, idle.Err(), wire.CodeDesk)
			_, err := stolen.Connect(t.Context())
			refused(t, err, wire.CodeDesk)
			_, err = admin.Rooms(t.Context()) // the others stay
			must(t, err)
			// Nor after the server was started again, whatever it had written down by then.
			w.Stop()
			w.Start(nil)
			_, err = stolen.Connect(t.Context())
			refused(t, err, wire.CodeDesk)
		})
	}
}

// The server stopped between an admin's revocation and the rows that follow from it.
func TestRevocationOutlivesACrash(t *testing.T) {
	var faulty *faultyStore
	w, _, admin, ben := people(t, func(o *server.Options) {
		faulty = &faultyStore{Store: o.Store}
		o.Store = faulty
	})
	stolen := w.Desk(admin, "stolen")
	faulty.status.Store(true) // from now on no row of accounts or desks changes
	must(t, admin.RevokeDesk(t.Context(), stolen.ID()))
	must(t, admin.RevokeAccount(t.Context(), ben.Account))
	_, err := stolen.Connect(t.Context())
	refused(t, err, wire.CodeDesk)
	w.Stop()
	faulty.status.Store(false)
	w.Start(nil)
	desk, err := w.Store.DeskByID(t.Context(), stolen.ID())
	must(t, err)
	user, err := w.Store.UserByID(t.Context(), ben.Account)
	must(t, err)
	if desk.Status != models.DeskRevoked || user.Status != models.UserDisabled {
		t.Fatalf("after the restart the desk is %d and the account %d", desk.Status, user.Status)
	}
}

// A revoked person is put out at once and does not come back.
func TestRevokedPersonIsCut(t *testing.T) {
	w, first, admin, ben := people(t)
	s := w.LogIn(first, ben)
	must(t, admin.RevokeAccount(t.Context(), ben.Account))
	<-s.Connection().Done()
	refused(t, s.Connection().Err(), wire.CodeEnded)
	_, err := w.TryLogIn(first, ben.Name, ben.Password, w.Eye(ben.Face))
	refused(t, err, wire.CodeNotAdmitted)
}

// An admin revokes a person at the very moment at which the server has accepted the face and not yet begun the session.
func TestRevokedWhileLoggingIn(t *testing.T) {
	var h *hostileStore
	w, first, admin, ben := people(t, func(o *server.Options) {
		h = &hostileStore{Store: o.Store}
		o.Store = h
	})
	h.lies.Store(&lies{vault: func(v models.Vault) models.Vault { // fetched after the last proof
		if v.Account == ben.Account {
			if err := admin.RevokeAccount(context.Background(), ben.Account); err != nil {
				t.Error(err)
			}
		}
		return v
	}})
	_, err := w.TryLogIn(first, ben.Name, ben.Password, w.Eye(ben.Face))
	refused(t, err, wire.CodeNotAdmitted)
}
