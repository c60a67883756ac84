package storetest

import (
	"strings"
	"testing"
	"time"

	"visavis/models"
)

func testInvitesRefused(t *testing.T, s models.Store) {
	ctx := t.Context()
	for _, c := range []struct {
		name  string
		spoil func(*models.Invite)
		want  error
	}{
		{"no code", func(i *models.Invite) { i.Code = models.Hash{} }, models.ErrInvalid},
		{"used already", func(i *models.Invite) { i.UsedBy = desk(1) }, models.ErrInvalid},
		{"never expires", func(i *models.Invite) { i.ExpiresAt = time.Time{} }, models.ErrInvalid},
		{"expires at once", func(i *models.Invite) { i.ExpiresAt = i.CreatedAt }, models.ErrInvalid},
	} {
		_, i := workstation(1)
		c.spoil(&i)
		refused(t, c.name, s.AddInvite(ctx, i), c.want)
	}
	d, i := workstation(1)
	ok(t, s.AddInvite(ctx, i))
	refused(t, "the code again", s.AddInvite(ctx, i), models.ErrExists)
	ok(t, s.EnrolDesk(ctx, d, noon))
	refused(t, "a used code again", s.AddInvite(ctx, i), models.ErrExists)
}

func testDesksRefused(t *testing.T, s models.Store) {
	ctx := t.Context()
	d1, i1 := workstation(1)
	ok(t, s.AddInvite(ctx, i1))
	ok(t, s.EnrolDesk(ctx, d1, noon))
	d2, i2 := workstation(2)
	ok(t, s.AddInvite(ctx, i2))
	for _, c := range []struct {
		name  string
		spoil func(*models.Desk)
		at    time.Time
		want  error
	}{
		{"unknown code", func(d *models.Desk) { d.Invite = hash(9) }, noon, models.ErrNotFound},
		{"no code", func(d *models.Desk) { d.Invite = models.Hash{} }, noon, models.ErrNotFound},
		{"used code", func(d *models.Desk) { d.Invite = i1.Code }, noon, models.ErrNotFound},
		{"expired code", func(*models.Desk) {}, i2.ExpiresAt, models.ErrNotFound},
		{"long expired code", func(*models.Desk) {}, noon.AddDate(1, 0, 0), models.ErrNotFound},
		{"id taken", func(d *models.Desk) { d.ID = d1.ID }, noon, models.ErrExists},
		{"device key taken", func(d *models.Desk) { d.DeviceKey = d1.DeviceKey }, noon, models.ErrExists},
		{"TLS key taken", func(d *models.Desk) { d.TLSKeyHash = d1.TLSKeyHash }, noon, models.ErrExists},
		{"no id", func(d *models.Desk) { d.ID = models.DeskID{} }, noon, models.ErrInvalid},
		{"no name", func(d *models.Desk) { d.Name = "" }, noon, models.ErrInvalid},
		{"no status", func(d *models.Desk) { d.Status = 0 }, noon, models.ErrInvalid},
		{"born revoked", func(d *models.Desk) { d.Status = models.DeskRevoked }, noon, models.ErrInvalid},
		{"no device key", func(d *models.Desk) { d.DeviceKey = nil }, noon, models.ErrInvalid},
		{"short device key", func(d *models.Desk) { d.DeviceKey = d.DeviceKey[:31] }, noon, models.ErrInvalid},
		{"no TLS key", func(d *models.Desk) { d.TLSKeyHash = models.Hash{} }, noon, models.ErrInvalid},
	} {
		d, _ := workstation(2)
		c.spoil(&d)
		refused(t, c.name, s.EnrolDesk(ctx, d, c.at), c.want)
	}
	// None of the refusals used the invite up.
	same(t, "desks", must(s.Desks(ctx))(t), []models.Desk{d1})
	ok(t, s.EnrolDesk(ctx, d2, i2.ExpiresAt.Add(-time.Millisecond)))
}

func testDesksKept(t *testing.T, s models.Store) {
	ctx := t.Context()
	_, err := s.DeskByID(ctx, desk(1))
	refused(t, "unknown id", err, models.ErrNotFound)
	_, err = s.DeskByTLSKey(ctx, hash(1))
	refused(t, "unknown key", err, models.ErrNotFound)
	var want []models.Desk
	for _, n := range []int{1, 2} {
		d, _ := workstation(n)
		want = append(want, d)
	}
	for _, n := range []int{2, 1} {
		d, i := workstation(n)
		ok(t, s.AddInvite(ctx, i))
		ok(t, s.EnrolDesk(ctx, d, noon))
		d.DeviceKey[0] ^= 1
		d.Request[0] ^= 1
	}
	got := must(s.Desks(ctx))(t)
	same(t, "all, oldest first", got, want)
	got[0].DeviceKey[0] ^= 1
	same(t, "by id", must(s.DeskByID(ctx, desk(1)))(t), want[0])
	same(t, "by key", must(s.DeskByTLSKey(ctx, want[1].TLSKeyHash))(t), want[1])
}

func testDeskStatus(t *testing.T, s models.Store) {
	ctx := t.Context()
	refused(t, "unknown desk", s.SetDeskStatus(ctx, desk(1), models.DeskActive, noon), models.ErrNotFound)
	d, i := workstation(1)
	ok(t, s.AddInvite(ctx, i))
	ok(t, s.EnrolDesk(ctx, d, noon))
	refused(t, "no status", s.SetDeskStatus(ctx, d.ID, 0, noon), models.ErrInvalid)
	refused(t, "unknown status", s.SetDeskStatus(ctx, d.ID, 4, noon), models.ErrInvalid)
	refused(t, "revoked at no time", s.SetDeskStatus(ctx, d.ID, models.DeskRevoked, time.Time{}), models.ErrInvalid)

	refused(t, "origin of an unknown desk", s.SetDeskOrigin(ctx, desk(9), "192.0.2.1/32"), models.ErrNotFound)
	refused(t, "no origin", s.SetDeskOrigin(ctx, d.ID, ""), models.ErrInvalid)
	refused(t, "a long origin", s.SetDeskOrigin(ctx, d.ID, strings.Repeat("x", 65)), models.ErrInvalid)
	ok(t, s.SetDeskOrigin(ctx, d.ID, "192.0.2.1/32"))
	ok(t, s.SetDeskOrigin(ctx, d.ID, "192.0.2.2/32"))
	d.Origin = "192.0.2.2/32"
	ok(t, s.SetDeskStatus(ctx, d.ID, models.DeskActive, noon))
	d.Status = models.DeskActive
	same(t, "active", must(s.DeskByID(ctx, d.ID))(t), d)
	ok(t, s.SetDeskStatus(ctx, d.ID, models.DeskRevoked, noon.Add(time.Minute)))
	d.Status, d.RevokedAt = models.DeskRevoked, noon.Add(time.Minute)
	for _, status := range []models.DeskStatus{models.DeskPending, models.DeskActive} {
		refused(t, "revoked is final", s.SetDeskStatus(ctx, d.ID, status, noon), models.ErrConflict)
	}
	ok(t, s.SetDeskStatus(ctx, d.ID, models.DeskRevoked, noon.Add(time.Hour)))
	same(t, "revoked, at the first time", must(s.DeskByID(ctx, d.ID))(t), d)
}

// testInviteRace: one code enrols one desk, however many show it at once.
func testInviteRace(t *testing.T, s models.Store) {
	_, i := workstation(1)
	ok(t, s.AddInvite(t.Context(), i))
	won := race(t, 16, models.ErrNotFound, func(n int) error {
		d, _ := workstation(n + 1)
		d.Invite = i.Code
		return s.EnrolDesk(t.Context(), d, noon)
	})
	same(t, "winners", len(won), 1)
	same(t, "desks", len(must(s.Desks(t.Context()))(t)), 1)
}
