package talk

import (
	"time"

	"visavis/models"
)

// KeyChange says that somebody's keys became others, as the directory tells.
type KeyChange struct {
	Seq      uint64 // of the directory's statement
	Account  models.AccountID
	Followed bool      // the ones before signed them
	At       time.Time // when the server received it
}

// NewKeys notes a change of keys in every room that its owner and the person were in then, where it took effect: behind what the room's log had until then. The log
// says nothing of it, and the directory tells it at each log-in, so what changed while nobody looked is noted too; told again after a resumption, it counts once.
func (m *Model) NewKeys(c KeyChange) {
	if n := len(m.keys); n > 0 && c.Seq <= m.keys[n-1].Seq {
		return
	}
	m.keys = append(m.keys, c)
	for _, r := range m.rooms {
		if r.loaded && !r.loading {
			m.noteKeys(r, anyTime)
		}
	}
}

func anyTime(KeyChange) bool { return true }

// noteKeys notes in a room the changes of keys that came next, as long as it is their time, of those who are in it as far as it was folded.
func (m *Model) noteKeys(r *room, isTime func(KeyChange) bool) {
	in := func(a models.AccountID) bool {
		s, in := r.roster[a]
		return in && !s.invited
	}
	for ; r.keys < len(m.keys) && isTime(m.keys[r.keys]); r.keys++ {
		c := m.keys[r.keys]
		if in(c.Account) && in(m.me) {
			r.push(Line{ID: m.nextLine(), Kind: NewKeys, At: c.At.In(m.zone), By: m.name(c.Account), Mine: c.Account == m.me, Followed: c.Followed}, meta{author: c.Account})
		}
	}
}
