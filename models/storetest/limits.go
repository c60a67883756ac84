package storetest

import (
	"errors"
	"testing"
	"time"

	"visavis/models"
)

func testAttempts(t *testing.T, s models.Store) {
	ctx := t.Context()
	nothing := func(*models.Attempts) error { return nil }
	_, err := s.CountAttempt(ctx, 0, "a", nothing)
	refused(t, "no kind", err, models.ErrInvalid)
	_, err = s.CountAttempt(ctx, models.AttemptFace, "", nothing)
	refused(t, "no subject", err, models.ErrInvalid)

	held := errors.New("held")
	a, err := s.CountAttempt(ctx, models.AttemptFace, "a", func(a *models.Attempts) error { a.Total = 99; return held })
	if err != held { //nolint:errorlint // it has to come back as it is
		t.Errorf("error %v, want the very one that change returned", err)
	}
	same(t, "beside an error", a, models.Attempts{})

	zero := models.Attempts{Kind: models.AttemptFace, Subject: "a"}
	want := models.Attempts{Kind: models.AttemptFace, Subject: "a", InRow: 1, Window: 2, Total: 1<<32 - 1, WindowFrom: noon, Last: noon.Add(time.Second)}
	a = must(s.CountAttempt(ctx, models.AttemptFace, "a", func(a *models.Attempts) error {
		same(t, "never counted", *a, zero)
		*a = want
		a.Kind, a.Subject, a.Last = models.AttemptEnrol, "b", a.Last.Add(time.Microsecond).In(time.FixedZone("east", 3600))
		return nil
	}))(t)
	same(t, "written", a, want)
	for _, c := range []struct {
		kind    models.AttemptKind
		subject string
		want    models.Attempts
	}{
		{models.AttemptFace, "a", want},
		{models.AttemptFace, "b", models.Attempts{Kind: models.AttemptFace, Subject: "b"}},
		{models.AttemptEnrol, "b", models.Attempts{Kind: models.AttemptEnrol, Subject: "b"}},
		{models.AttemptPassword, "a", models.Attempts{Kind: models.AttemptPassword, Subject: "a"}},
	} {
		same(t, "read back", must(s.CountAttempt(ctx, c.kind, c.subject, nothing))(t), c.want)
	}

	ok(t, s.ForgetAttempts(ctx, models.AttemptFace, want.Last)) // begun before, counted last just then
	ok(t, s.ForgetAttempts(ctx, models.AttemptPassword, noon.Add(time.Hour)))
	same(t, "what is not that old, or of another kind", must(s.CountAttempt(ctx, models.AttemptFace, "a", nothing))(t), want)
	newer := want
	newer.Subject, newer.Last, newer.WindowFrom = "newer", noon, want.Last.Add(time.Second)
	_ = must(s.CountAttempt(ctx, models.AttemptFace, "newer", func(a *models.Attempts) error { *a = newer; return nil }))(t)
	_ = must(s.CountAttempt(ctx, models.AttemptFace, "old", func(a *models.Attempts) error { *a = want; return nil }))(t)
	ok(t, s.ForgetAttempts(ctx, models.AttemptFace, want.Last.Add(time.Millisecond)))
	same(t, "old", must(s.CountAttempt(ctx, models.AttemptFace, "old", nothing))(t), models.Attempts{Kind: models.AttemptFace, Subject: "old"})
	same(t, "whose window is newer", must(s.CountAttempt(ctx, models.AttemptFace, "newer", nothing))(t), newer)
	_ = must(s.CountAttempt(ctx, models.AttemptFace, "a", func(a *models.Attempts) error { *a = want; return nil }))(t)

	func() {
		defer func() { _ = recover() }()
		_, _ = s.CountAttempt(ctx, models.AttemptFace, "a", func(a *models.Attempts) error { a.Total = 0; panic("change") })
	}()
	same(t, "after a panic", must(s.CountAttempt(ctx, models.AttemptFace, "a", nothing))(t), want)
}

// testAttemptRace: no try goes uncounted, however many come at once.
func testAttemptRace(t *testing.T, s models.Store) {
	const tries, allowed = 40, 5
	held := errors.New("held")
	won := race(t, tries, held, func(int) error {
		_, err := s.CountAttempt(t.Context(), models.AttemptPassword, "a", func(a *models.Attempts) error {
			if a.InRow >= allowed {
				return held
			}
			a.InRow++
			return nil
		})
		return err
	})
	same(t, "tries let through", len(won), allowed)
}

func testChallenges(t *testing.T, s models.Store) {
	ctx := t.Context()
	_, err := s.TakeChallenge(ctx, account(1), desk(1))
	refused(t, "none", err, models.ErrNotFound)
	c := models.Challenge{Account: account(1), Desk: desk(1), Body: []byte("first"), IssuedAt: noon}
	for name, spoil := range map[string]func(*models.Challenge){
		"no account": func(c *models.Challenge) { c.Account = models.AccountID{} },
		"no desk":    func(c *models.Challenge) { c.Desk = models.DeskID{} },
		"no body":    func(c *models.Challenge) { c.Body = nil },
	} {
		bad := c
		spoil(&bad)
		_, err := s.PutChallenge(ctx, bad)
		refused(t, name, err, models.ErrInvalid)
	}
	same(t, "put", must(s.PutChallenge(ctx, c))(t), c)
	second, elsewhere := c, c
	second.Body, second.IssuedAt = []byte("an easier one"), noon.Add(time.Minute)
	elsewhere.Desk = desk(2)
	standing := must(s.PutChallenge(ctx, second))(t)
	same(t, "asked again: the first stands", standing, c)
	standing.Body[0] = 'X'
	same(t, "at another desk", must(s.PutChallenge(ctx, elsewhere))(t), elsewhere)

	won := race(t, 8, models.ErrNotFound, func(int) error {
		_, err := s.TakeChallenge(ctx, c.Account, c.Desk)
		return err
	})
	same(t, "it is taken once", len(won), 1)
	same(t, "then the second", must(s.PutChallenge(ctx, second))(t), second)
	same(t, "taken", must(s.TakeChallenge(ctx, c.Account, c.Desk))(t), second)
	same(t, "the other desk's stands", must(s.TakeChallenge(ctx, c.Account, desk(2)))(t), elsewhere)
}
