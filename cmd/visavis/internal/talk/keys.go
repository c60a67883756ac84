package talk

import (
	"time"

	"visavis/models"
)

// NewKeys notes in every room that somebody is in that his keys have changed, while it could be read. It stands there as long as the model does: the room's
// log says nothing of it.
func (m *Model) NewKeys(account models.AccountID, followed bool, at time.Time) {
	for _, r := range m.rooms {
		if s, in := r.roster[account]; !in || s.invited || !r.loaded {
			continue
		}
		r.push(Line{ID: m.nextLine(), Kind: NewKeys, At: at.In(m.zone), By: m.name(account), Mine: account == m.me, Followed: followed}, meta{author: account})
	}
}
