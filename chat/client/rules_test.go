package client_test

import (
	"errors"
	"slices"
	"testing"

	"visavis/chat/trust"
	"visavis/models"
)

// An owner changes roles and rules, and both sides see it; a member does not.
func TestRules(t *testing.T) {
	w, _, admin, ben := people(t)
	ctx := t.Context()
	hour := trust.Policy{History: trust.HistoryNone, Invite: trust.RoleOwner, MaxAge: 3600}
	id, err := admin.CreateRoomUnder(ctx, "Kitchen", hour)
	must(t, err)
	s := w.LogIn(w.Desk(admin, "second"), ben)
	member(t, admin, s, id)
	must(t, admin.Enter(ctx, id)) // up to the end of the log, where ben has joined
	if admin.Rules(id) != hour || s.Rules(id) != hour || s.Rules(models.RoomID{9}) != (trust.Policy{}) {
		t.Fatalf("made under %+v, joined under %+v", admin.Rules(id), s.Rules(id))
	}
	day := hour
	day.MaxAge, day.Invite = 86400, trust.RoleMember
	for name, err := range map[string]error{
		"rules":    s.SetRules(ctx, id, day),
		"a role":   s.SetRole(ctx, id, ben.Account, trust.RoleOwner),
		"an owner": s.SetRole(ctx, id, admin.Account(), trust.RoleMember),
		"a ghost":  admin.SetRole(ctx, id, models.AccountID{9}, trust.RoleOwner),
	} {
		if !errors.Is(err, trust.ErrNotAllowed) && !errors.Is(err, trust.ErrUnknown) {
			t.Errorf("%s: %v", name, err)
		}
	}
	must(t, admin.SetRole(ctx, id, ben.Account, trust.RoleOwner))
	must(t, s.Enter(ctx, id))
	must(t, s.SetRules(ctx, id, day))
	must(t, admin.Enter(ctx, id))
	members, err := admin.Members(id)
	must(t, err)
	if !slices.ContainsFunc(members, func(m trust.Member) bool { return m.Account == ben.Account && m.Role == trust.RoleOwner }) || admin.Rules(id) != day {
		t.Errorf("%+v under %+v", members, admin.Rules(id))
	}
	if err := admin.SetRules(ctx, models.RoomID{9}, day); err == nil {
		t.Error("a room that is not open has other rules")
	}
}
