package login

import (
	"math"
	"testing"

	"visavis/biometrics/match"
	"visavis/biometrics/template"
	"visavis/models"
)

func TestLookalikes(t *testing.T) {
	w := newWorld(t)
	alice := w.join(newPerson("alice"), true)
	waiting := w.join(twin("again", alice, 0.05), false)
	w.join(twin("alike", alice, alike()), true)
	w.join(newPerson("stranger"), true)
	w.join(twin("waits", waiting, 0.03), false)
	found, err := w.Lookalikes(w.ctx, waiting.account, 8)
	w.must(err)
	if len(found) != 2 || found[0] != (Lookalike{alice.account, SameFace}) || found[1].Grade != Alike {
		t.Errorf("found %v", found)
	}
	found, err = w.Lookalikes(w.ctx, waiting.account, 1)
	w.must(err)
	if len(found) != 1 || found[0].Account != alice.account {
		t.Errorf("of the nearest one: %v", found)
	}
	w.must(w.store.DeleteUser(w.ctx, alice.account))
	if found, err = w.Lookalikes(w.ctx, waiting.account, 8); err != nil || len(found) != 1 || found[0].Account == alice.account {
		t.Errorf("after the deletion: %v (%v)", found, err)
	}
	for what, id := range map[string]models.AccountID{"nobody": {1}, "no id": {}} {
		if found, err := w.Lookalikes(w.ctx, id, 8); err != nil || found != nil {
			t.Errorf("%s: %v (%v)", what, found, err)
		}
	}
	w.must(w.store.SetUserStatus(w.ctx, waiting.account, models.UserActive))
	if found, err := w.Lookalikes(w.ctx, waiting.account, 8); err != nil || found != nil {
		t.Errorf("of somebody who does not wait: %v (%v)", found, err)
	}
}

// Somebody of more views has a tighter bound of his own, and an admin is told by the looser one of the other all the same.
func TestLookalikesOfMoreViews(t *testing.T) {
	w := newWorld(t)
	alice := w.join(newPerson("alice"), true)
	few, most := match.OneIn10000.Bounds(5), match.OneIn10000.Bounds(match.MaxViews)
	reach := func(b match.Bounds) float64 {
		d := b.Fused
		for b.Tightened(d).Fused < b.Fused {
			d += 0.001
		}
		return d
	}
	if !(most.Fused < few.Fused) {
		t.Skip("more views have no tighter bound")
	}
	for what, test := range map[string]struct {
		distance float64
		want     Grade
	}{
		"passes-for-her":   {(most.Fused + few.Fused) / 2, SameFace},
		"tightens-her-own": {(reach(most) + reach(few)) / 2, Alike},
	} {
		views := w.vectors(twin(what, alice, test.distance))
		for len(views) < match.MaxViews {
			views = append(views, w.vectors(twin(what, alice, test.distance))...)
		}
		face, err := match.NewTemplate(testWeights, w.policy.Level, views[:match.MaxViews]...)
		w.must(err)
		var id models.AccountID
		w.must(models.Draw(&id, nil))
		sealed, err := template.Seal(w.templates, id, face, w.clock.now())
		w.must(err)
		w.account(what, sealed, models.UserWaiting, id)
		w.admit(&person{account: id}, false)
		found, err := w.Lookalikes(w.ctx, id, 8)
		w.must(err)
		if len(found) != 1 || found[0] != (Lookalike{alice.account, test.want}) {
			t.Errorf("%s: found %v, want grade %d", what, found, test.want)
		}
	}
}

// A face of other weights is compared with nobody, and somebody whose approval was cut off half-way does not look like himself.
func TestLookalikesOfNoUse(t *testing.T) {
	w := newWorld(t)
	alice := w.join(newPerson("alice"), true)
	face, err := match.Restore("other weights", w.vectors(alice)...)
	w.must(err)
	var id models.AccountID
	w.must(models.Draw(&id, nil))
	sealed, err := template.Seal(w.templates, id, face, w.clock.now())
	w.must(err)
	w.account("foreign", sealed, models.UserWaiting, id)
	w.admit(&person{account: id}, false)
	for what, account := range map[string]models.AccountID{"of other weights": id, "himself": w.join(newPerson("bob"), true).account} {
		if found, err := w.Lookalikes(w.ctx, account, 8); err != nil || len(found) != 0 {
			t.Errorf("%s: looks like %v (%v)", what, found, err)
		}
	}
}

func TestGrades(t *testing.T) {
	b := bounds
	for _, test := range []struct {
		distance float64
		want     Grade
	}{{0, SameFace}, {b.Fused, SameFace}, {b.Fused + 1e-9, Alike}, {1.2, 0}, {2, 0}, {math.NaN(), Alike}} {
		if got := grade(b, test.distance); got != test.want {
			t.Errorf("at %v: %d, want %d", test.distance, got, test.want)
		}
	}
	if grade(match.Level(0).Bounds(5), 0) != 0 {
		t.Error("a level that accepts nobody grades somebody")
	}
}
