package server_test

import (
	"testing"

	"visavis/chat/server"
	"visavis/chat/wire"
	"visavis/models"
)

// Somebody is revoked while an entry of his is on its way to the writer of the logs: nothing of it is stored, and what was stored before stays.
func TestUnderWayAtTheRevocation(t *testing.T) {
	var srv *server.Server
	w, d, admin, ben, room := world(t, func(s *server.Server) { srv = s })
	s := w.LogIn(d, ben)
	must(t, s.Enter(t.Context(), room))
	id, err := s.Send(t.Context(), room, "before")
	must(t, err)
	said, err := w.Store.EntryOf(t.Context(), room, ben.Account, id)
	must(t, err)
	again := said
	again.Message = models.MessageID{7}
	must(t, srv.Submit(t.Context(), again)) // it is his right as long as he is one of them
	must(t, admin.RevokeAccount(t.Context(), ben.Account))
	again.Message = models.MessageID{8}
	refused(t, srv.Submit(t.Context(), again), wire.CodeNotAllowed)
	again.Message = said.Message
	must(t, srv.Submit(t.Context(), again)) // stored before, and acknowledged again
	if _, err := w.Store.EntryOf(t.Context(), room, ben.Account, models.MessageID{8}); err == nil {
		t.Error("what came after the revocation is stored")
	}
}
