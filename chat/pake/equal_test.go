package pake

import (
	"testing"

	"visavis/models"
)

// A name that nobody has is answered by the same work as one that somebody has: the record is read, the password's blinded form evaluated, and the
// answer masked. Counted is what that work allocates, which a forgotten step would change.
func TestNobodyCostsWhatSomebodyDoes(t *testing.T) {
	s, c := newTestServer(t, testOrg), newTestClient()
	user := &models.User{ID: newAccount(t), Name: "alice"}
	r, request, err := c.Register(goodPass)
	if err != nil {
		t.Fatal(err)
	}
	response, err := s.Register("alice", request)
	if err != nil {
		t.Fatal(err)
	}
	if user.Record, _, err = r.Finalize(user.ID, s.Params(), response); err != nil {
		t.Fatal(err)
	}
	_, ke1, err := c.Start(goodPass)
	if err != nil {
		t.Fatal(err)
	}
	noise := make([]byte, KE3Size)
	work := func(name string, u *models.User) float64 {
		return testing.AllocsPerRun(20, func() {
			_, pending, err := s.Answer(name, u, ke1)
			if err != nil {
				t.Fatal(err)
			}
			if _, err := pending.Finish(noise); err == nil {
				t.Fatal("noise finished a log-in")
			}
		})
	}
	known, unknown := work("alice", user), work("nobo9", nil)
	if apart := known - unknown; apart < -poolSlack || apart > poolSlack {
		t.Errorf("%v allocations for a name that somebody has, %v for one that nobody has", known, unknown)
	}
}
